"""Files and folders that appear whole or not at all.

    write_text(path, text)                      a file
    with whole_file(path) as draft: …           a file that other code writes
    with whole_folder(path) as draft: …         a folder

Nobody who reads `path` ever sees half of it: the text is written under another name in the same folder (which keeps the
last step within one file system) and then moved into place, which replaces an earlier file in one step.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def write_text(path: str | Path, text: str) -> None:
    r"""Write a text as UTF-8, line breaks as they are; an earlier file is replaced.

    Raises:
        OSError: if it cannot be written; an earlier file is then left as it was. The folder has to exist.
        UnicodeEncodeError: if the text holds a lone surrogate such as `\ud800`, which UTF-8 has no bytes for.
    """
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: str | Path, content: bytes) -> None:
    """Write bytes; an earlier file is replaced.

    Raises:
        OSError: as `write_text`.
    """
    with whole_file(path) as draft:
        draft.write_bytes(content)


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """A path to write to, which takes the place of `path` when the block ends without an exception.

    It has the same ending, so that `.gz` or `.parquet` mean the same, and is removed when the block fails.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     with whole_file(f"{folder}/rows.jsonl.gz") as draft:
        ...         _ = draft.write_bytes(b"")
        ...     draft.name, [path.name for path in Path(folder).iterdir()]
        ('.unfinished-rows.jsonl.gz', ['rows.jsonl.gz'])
    """
    path = Path(path)
    draft = path.with_name(f".unfinished-{path.name}")
    try:
        yield draft
        draft.replace(path)
    finally:
        with suppress(OSError):  # it was moved, or could not be written: the exception that says so goes on
            draft.unlink()


@contextmanager
def whole_folder(path: str | Path) -> Iterator[Path]:
    """An empty folder to fill, which takes the place of `path` when the block ends without an exception.

    An earlier folder is replaced as a whole, and removed only when the new one is in its place.

    Raises:
        OSError: if it cannot be written; an earlier folder is then left as it was.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    try:
        draft.chmod(0o755)  # mkdtemp makes it readable for its owner only
        yield draft
        _put_in_place(draft, path)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _put_in_place(draft: Path, path: Path) -> None:
    if not path.exists():
        draft.rename(path)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{path.name}-old-", dir=path.parent))
    path.rename(old / "folder")
    try:
        draft.rename(path)
    except OSError:
        (old / "folder").rename(path)
        old.rmdir()
        raise
    shutil.rmtree(old, ignore_errors=True)
