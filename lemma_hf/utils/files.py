"""Files: written whole or not at all, and rows of JSON read one object at a time.

    write_text(path, text)                      a file
    with whole_file(path) as draft: …           a file that other code writes
    with whole_folder(path) as draft: …         a folder
    for number, row in read_json_lines(path):   the objects of a JSON Lines file, also `.gz`
    for number, row in read_json_rows(path):    the same, or those of a file that is one array of objects
    read_json_object(path, remedy)              the object that a whole file is

A reader of `path` never sees half of it: the text is written into a hidden folder next to it (which keeps the last
step within one file system) and then moved into place, which replaces an earlier file in one step.
"""

import codecs
import gzip
import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from lemma_hf.errors import DataError
from lemma_hf.utils.json_array import array_items
from lemma_hf.utils.workplace import set_aside, workplace

JsonObject = dict[str, Any]

LONGEST_LINE = 16 * 2**20
"""Bytes of a line of JSON: many times the longest row of any published data set. A longer line is no row but a broken
or hostile file (a gzip file of 16 kB can hold one of 16 MB), and is not read into memory. The same holds for an element
of a JSON array."""
_FIRST_LINE = 4096
"""Bytes of the first line that are read to see whether a file is an array."""

_ARRAY_HINT = "; a file that is one array of objects is read if its name ends in .json"
_OBJECT_HINT = "; need one JSON object a line, or one array of objects, `[{…}, {…}]`, and nothing around it"
"""Hints behind the message for a bad first line."""


class RowNumber(int):
    """The number, counted from 1, of a row that is no line of its file: in a JSON array, Parquet, or a dataset."""


def place_of(number: int) -> str:
    """The place of a row in its file, for messages.

    Example:
        >>> place_of(3), place_of(RowNumber(3))
        ('line 3', 'row 3')
    """
    return f"{'row' if isinstance(number, RowNumber) else 'line'} {number}"


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

    It has the same name, so that `.gz` or `.parquet` mean the same, and is removed when the block fails. A link stays a
    link: what it points to is replaced.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     with whole_file(f"{folder}/rows.jsonl.gz") as draft:
        ...         _ = draft.write_bytes(b"")
        ...     draft.name, [path.name for path in Path(folder).iterdir()]
        ('rows.jsonl.gz', ['rows.jsonl.gz'])
    """
    path = Path(path).resolve()
    with workplace(path.parent) as place:
        draft = place / path.name
        yield draft
        draft.replace(path)


@contextmanager
def whole_folder(path: str | Path) -> Iterator[Path]:
    """An empty folder to fill, which takes the place of `path` when the block ends without an exception.

    An earlier folder is replaced as a whole, and removed only when the new one is in its place. A link stays a link:
    the folder that it points to is replaced.

    Raises:
        OSError: if it cannot be written; an earlier folder is then left as it was.
    """
    path = Path(path).resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    with workplace(path.parent) as place:
        draft = place / path.name
        draft.mkdir()
        yield draft
        _put_in_place(draft, path, place)


def _put_in_place(draft: Path, path: Path, place: Path) -> None:
    if not path.exists():
        draft.rename(path)
        return
    earlier = set_aside(path, place)
    try:
        draft.rename(path)
    except OSError:
        earlier.rename(path)
        raise


def open_packed(path: str | Path, mode: str) -> IO[bytes]:
    """Open a file for its bytes, unpacked or packed on the way if its name ends in `.gz`.

    Args:
        mode: `rb` or `wb`.
    """
    path = Path(path)
    return cast("IO[bytes]", gzip.open(path, mode) if path.suffix.lower() == ".gz" else path.open(mode))


def read_json_object(path: str | Path, remedy: str) -> JsonObject:
    """Read a file that is one JSON object.

    Args:
        remedy: what to do where it is none, for the message.

    Raises:
        DataError: if it cannot be read, or is something else, such as half a file.
    """
    try:
        found = json.loads(Path(path).read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{path}: is no JSON file ({error}): {remedy}") from None
    if not isinstance(found, dict):
        raise DataError(f"{path}: need a JSON object, found {_kind(found)}: {remedy}")
    return found


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


def read_json_rows(path: str | Path) -> Iterator[tuple[int, JsonObject]]:
    """Read the objects of a JSON Lines file or of a JSON array, both also `.gz`, as `json_rows` does.

    Raises:
        DataError: if the file cannot be read, or a row is no JSON object.
    """
    try:
        with open_packed(path, "rb") as file:
            yield from whole_rows(json_rows(file, str(path)), str(path))
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from None


def whole_rows(rows: Iterable[tuple[int, JsonObject | str]], name: str) -> Iterator[tuple[int, JsonObject]]:
    """The rows of `json_lines` or `json_rows`, of which none may be bad.

    Raises:
        DataError: for the first bad row, with its place in the file called `name`.
    """
    for number, found in rows:
        if isinstance(found, str):
            raise DataError(f"{name}, {place_of(number)}: {found}")
        yield number, found


def json_rows(file: IO[bytes], name: str) -> Iterator[tuple[int, JsonObject | str]]:
    r"""Read the objects of an open file: lines as `json_lines` does, or the elements of one array.

    A file is an array if its first character is `[` and its name ends in `.json` or `.json.gz`. The numbers of its rows
    are of the type `RowNumber`; an element that is no object has a message in its place.

    Raises:
        DataError: if a gzip file is broken, or an array is no valid JSON; what stands behind that place is not read.

    Example:
        >>> import io
        >>> list(json_rows(io.BytesIO(b'[{"a": 1},\n 2]'), "a.json"))
        [(1, {'a': 1}), (2, 'need a JSON object, found an int')]
        >>> list(json_rows(io.BytesIO(b'{"a": 1}'), "a.json"))
        [(1, {'a': 1})]
    """
    before, first = _first_line(file, name)
    is_array = first.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"[")
    if is_array and is_json_name(name):
        for number, found in array_items(_reader(file, name, first), name, LONGEST_LINE, before + 1):
            yield RowNumber(number), found if isinstance(found, dict) else f"need a JSON object, found {_kind(found)}"
        return
    hint = _ARRAY_HINT if is_array else _OBJECT_HINT if is_json_name(name) else ""
    for number, row in _lines(file, name, before, first):
        yield number, row + hint if number == before + 1 and isinstance(row, str) else row


def is_json_name(name: str | Path) -> bool:
    """Whether a path or URL ends in `.json` or `.json.gz`: the names of files that may be one array.

    Example:
        >>> is_json_name("https://host/a.JSON.gz?download=true"), is_json_name("a.jsonl")
        (True, False)
    """
    return str(name).partition("?")[0].lower().removesuffix(".gz").endswith(".json")


def json_objects(file: IO[bytes], name: str) -> Iterator[tuple[int, JsonObject]]:
    """Read the objects of an open JSON Lines file with their line numbers, counted from 1; blank lines are skipped.

    Args:
        name: the file's, for messages.

    Raises:
        DataError: if a line is no JSON object, or longer than `LONGEST_LINE`, or a gzip file is broken.
    """
    yield from whole_rows(json_lines(file, name), name)


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
    yield from _lines(file, name, 0, _next_line(file, name, 1))


def _lines(file: IO[bytes], name: str, before: int, raw: bytes) -> Iterator[tuple[int, JsonObject | str]]:
    """The lines from `raw` on, which stands behind `before` others and may be the beginning of a line."""
    if raw and not raw.endswith(b"\n"):
        raw += _next_line(file, name, before + 1, LONGEST_LINE + 1 - len(raw))
    number, whole = before, True
    while raw:
        number += whole
        if whole and raw.strip():
            yield number, _json_object(raw)
        whole = raw.endswith(b"\n")  # else what comes next is the rest of a line that is too long
        raw = _next_line(file, name, number + whole)


def _first_line(file: IO[bytes], name: str) -> tuple[int, bytes]:
    """The beginning of the first line that is not blank, and how many lines stand before it."""
    limit = min(_FIRST_LINE, LONGEST_LINE + 1)
    before, first = 0, _next_line(file, name, 1, limit)
    while first and not first.strip():
        before += first.endswith(b"\n")
        first = _next_line(file, name, before + 1, limit)
    return before, first


def _next_line(file: IO[bytes], name: str, number: int, limit: int | None = None) -> bytes:
    with gzip_faults(f"{name}, line {number}"):
        return file.readline(LONGEST_LINE + 1 if limit is None else limit)


def _reader(file: IO[bytes], name: str, begin: bytes) -> Callable[[int], bytes]:
    """A function that reads a file of which the first bytes are read already."""
    first = [begin]

    def read(size: int) -> bytes:
        if first:
            return first.pop()
        with gzip_faults(name):
            return file.read(size)

    return read


@contextmanager
def gzip_faults(where: str) -> Iterator[None]:
    """A broken gzip file as a `DataError`, with the place where it was read."""
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{where}: the gzip file is broken ({error})") from None


def _json_object(raw: bytes) -> JsonObject | str:
    if len(raw) > LONGEST_LINE:
        return f"longer than {LONGEST_LINE} bytes; need one JSON object a line"
    try:
        found = json.loads(raw.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:  # ValueError: also a number of more digits than Python reads
        return f"is not valid JSON: {error}"
    return found if isinstance(found, dict) else f"need a JSON object, found {_kind(found)}; one object a line"


def _kind(value: object) -> str:
    """The type of a value, as a noun: `a list`, `an int`."""
    name = type(value).__name__
    return f"{'an' if name == 'int' else 'a'} {name}"
