"""Files: written whole or not at all, and JSON Lines read one object at a time.

    write_text(path, text)                      a file
    with whole_file(path) as draft: …           a file that other code writes
    with whole_folder(path) as draft: …         a folder
    for number, row in read_json_lines(path):   the objects of a JSON Lines file, also `.gz`

A reader of `path` never sees half of it: the text is written under another name in the same folder (which keeps the
last step within one file system) and then moved into place, which replaces an earlier file in one step.
"""

import codecs
import gzip
import json
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, cast

from lemma_hf.errors import DataError

JsonObject = dict[str, Any]

LONGEST_LINE = 16 * 2**20
"""Bytes of a line of JSON: many times the longest row of any published data set. A longer line is no row but a broken
or hostile file (a gzip file of 16 kB can hold one of 16 MB), and is not read into memory."""


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


def open_packed(path: str | Path, mode: str) -> IO[bytes]:
    """Open a file for its bytes, unpacked or packed on the way if its name ends in `.gz`.

    Args:
        mode: `rb` or `wb`.
    """
    path = Path(path)
    return cast("IO[bytes]", gzip.open(path, mode) if path.suffix.lower() == ".gz" else path.open(mode))


def read_json_lines(path: str | Path) -> Iterator[tuple[int, JsonObject]]:
    """Read the objects of a JSON Lines file, also `.gz`, with their line numbers, as `json_objects` does.

    Raises:
        DataError: also if the file cannot be read.
    """
    try:
        with open_packed(path, "rb") as file:
            yield from json_objects(file, str(path))
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from None


def json_objects(file: IO[bytes], name: str) -> Iterator[tuple[int, JsonObject]]:
    """Read the objects of an open JSON Lines file with their line numbers, counted from 1; blank lines are skipped.

    Args:
        name: the file's, for messages.

    Raises:
        DataError: if a line is no JSON object, or longer than `LONGEST_LINE`, or a gzip file is broken.
    """
    for number, found in json_lines(file, name):
        if isinstance(found, str):
            raise DataError(f"{name}, line {number}: {found}")
        yield number, found


def json_lines(file: IO[bytes], name: str) -> Iterator[tuple[int, JsonObject | str]]:
    r"""Read the lines of a JSON Lines file, with a message in place of the object for a bad line.

    The one policy on lone surrogates (half of a UTF-16 pair, which Python's text can hold and UTF-8 cannot): they are
    read, whether a program spelled them (`\ud800`) or wrote them as three bytes of their own, so that a reader can show
    or grade such a text. Who passes a text on to a format of UTF-8 refuses or escapes them there. All other bytes that
    are not UTF-8 make a bad line. A byte order mark before a line is passed over.

    Raises:
        DataError: if a gzip file is broken; what stands behind that place cannot be read.

    Example:
        >>> import io
        >>> list(json_lines(io.BytesIO(b'{"a": 1}\n\n[2]\n'), "a.jsonl"))
        [(1, {'a': 1}), (3, 'need a JSON object, found a list; one object a line')]
    """
    number, whole = 0, True
    while raw := _next_line(file, name, number + whole):
        number += whole
        if whole and raw.strip():
            yield number, _json_object(raw)
        whole = raw.endswith(b"\n")  # else what comes next is the rest of a line that is too long


def _next_line(file: IO[bytes], name: str, number: int) -> bytes:
    try:
        return file.readline(LONGEST_LINE + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{name}, line {number}: the gzip file is broken ({error})") from None


def _json_object(raw: bytes) -> JsonObject | str:
    if len(raw) > LONGEST_LINE:
        return f"longer than {LONGEST_LINE} bytes; need one JSON object a line"
    try:
        found = json.loads(raw.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:  # ValueError: also a number of more digits than Python reads
        return f"is not valid JSON: {error}"
    return (
        found if isinstance(found, dict) else f"need a JSON object, found a {type(found).__name__}; one object a line"
    )
