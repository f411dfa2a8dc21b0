r"""A file that is one JSON array, read one element at a time: `[{"a": 1}, {"a": 2}]`, on one line or on many.

What is held in memory is the element at hand and a piece of the file behind it. `pyarrow` reads no arrays and `pandas`
reads them whole, so the text is cut here, by the decoder of Python's `json`, which says where an element ends.
"""

import codecs
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from lemma_hf.errors import DataError

_PIECE = 64 * 1024
"""Bytes of the first piece that is read for an element; twice as many are read each time that they do not reach."""
_CUT = 12
"""Characters at the end of what was read in which a fault may be the cut alone; `-Infinity` and escapes are shorter."""
_SPACE = re.compile(r"[ \t\n\r]*")  # "\n  "

_decoder = json.JSONDecoder()


def array_items(read: Callable[[int], bytes], name: str, longest: int, line: int = 1) -> Iterator[tuple[int, Any]]:
    r"""The elements of a JSON array, with their numbers, counted from 1.

    Args:
        read: returns up to so many bytes of the file, none at its end. A gzip file that is broken raises `DataError`.
        name: the file's, for messages.
        longest: bytes that one element may have.
        line: the number of the line in which the text begins.

    Raises:
        DataError: if the text is not valid JSON, ends before the array does, or goes on behind it; or if an element is
            too long or nested too deeply. The message says in which row, and where there is a place, in which line and
            column. What stands behind such a place is not read.

    Example:
        >>> import io
        >>> list(array_items(io.BytesIO(b'[{"a": 1},\n 2]').read, "a.json", 100))
        [(1, {'a': 1}), (2, 2)]
        >>> list(array_items(io.BytesIO(b'[{"a": 1}\n {"a": 2}]').read, "a.json", 100))
        Traceback (most recent call last):
            ...
        lemma_hf.errors.DataError: a.json, line 2, column 2: need `,` or `]` behind row 1, found '{"a": 2}]'
    """
    text = _ArrayText(read, name, longest, line)
    text.take("[", 0)
    number = 0
    if text.next_character() != "]":
        while True:
            number += 1
            yield number, text.element(number)
            if text.next_character() != ",":
                break
            text.take(",", number)
    text.take("]", number)
    if text.next_character():
        raise text.fault(f"text behind the end of the array, {text.shown()}; one array a file is read")


class _ArrayText:
    """The text of a file, read in pieces, with the place of what comes next."""

    def __init__(self, read: Callable[[int], bytes], name: str, longest: int, line: int) -> None:
        self._read, self._name, self._longest = read, name, longest
        self._text, self._at = "", 0
        self._rest = b""
        """Bytes that were read and may be the beginning of a character."""
        self._line, self._column = line, 1
        """The place of the first character of `_text`."""
        self._begun = self._ended = False

    def next_character(self) -> str:
        """The next character that is no space; empty at the end of the file."""
        while True:
            self._at = self._skip(self._at)
            if self._at < len(self._text) or self._ended:
                return self._text[self._at : self._at + 1]
            self._more(_PIECE)

    def take(self, mark: str, number: int) -> None:
        """Pass over a mark that has to come next, behind the row `number`."""
        found = self.next_character()
        if found == mark:
            self._at += 1
            return
        if not found:
            raise self.fault(f"the file ends behind row {number}, before the array's `]`: it is cut off")
        wanted = "`[`" if mark == "[" else "`,` or `]`"
        raise self.fault(f"need {wanted} behind row {number}, found {self.shown()}")

    def element(self, number: int) -> Any:
        """The element that comes next."""
        found = self.next_character()
        if not found:
            raise self.fault(f"the file ends before row {number}: it is cut off")
        if found == "]":
            raise self.fault(f"need row {number} behind a comma, found `]`: take the comma out")
        self._drop_read()
        size = _PIECE
        while True:
            try:
                value, end = _decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if not self._may_go_on(error):
                    raise self._broken(number, error) from None
            except (ValueError, RecursionError) as error:  # more digits than Python reads; nested too deeply
                raise self.fault(f"row {number} is not valid JSON: {error}") from None
            else:
                # A number may go on behind the cut: `-2.` and `5`.
                if self._ended or isinstance(value, dict | list | str) or end < len(self._text) - _CUT:
                    self._check_length(end, number)
                    self._at = end
                    return value
            self._check_length(len(self._text), number)
            self._more(size)
            size *= 2

    def shown(self) -> str:
        """The beginning of what comes next, for messages."""
        return repr(self._text[self._at : self._at + 20])  # 20 characters: enough to find the place

    def fault(self, said: str, at: int | None = None) -> DataError:
        """An error that names the file, and the line and the column of the place `at` in the text."""
        line, column = self._place(self._at if at is None else at)
        return DataError(f"{self._name}, line {line}, column {column}: {said}")

    def _broken(self, number: int, error: json.JSONDecodeError) -> DataError:
        if self._ended and self._is_at_end(error):
            line, column = self._place(len(self._text))
            begun = self._place(self._at)
            return DataError(
                f"{self._name}, line {line}, column {column}: the file ends within row {number}, which begins in line "
                f"{begun[0]}: it is cut off, or a quotation mark or a bracket is missing"
            )
        return self.fault(f"row {number} is not valid JSON: {error.msg}", error.pos)

    def _may_go_on(self, error: json.JSONDecodeError) -> bool:
        return not self._ended and self._is_at_end(error)

    def _is_at_end(self, error: json.JSONDecodeError) -> bool:
        """Whether a fault may come from the end of the text alone; a string without an end is named by its begin."""
        cut = 0 if self._ended else _CUT
        return error.msg.startswith("Unterminated string") or error.pos >= len(self._text) - cut

    def _check_length(self, end: int, number: int) -> None:
        if end - self._at > self._longest or (
            # A character has 4 bytes at most; most elements are far below, and are not encoded once more.
            4 * (end - self._at) > self._longest
            and len(self._text[self._at : end].encode("utf-8", "surrogatepass")) > self._longest
        ):
            raise self.fault(f"row {number} is longer than {self._longest} bytes, or a quotation mark is missing")

    def _skip(self, at: int) -> int:
        found = _SPACE.match(self._text, at)
        return at if found is None else found.end()

    def _place(self, at: int) -> tuple[int, int]:
        """The line and the column of a place in the text, both counted from 1."""
        breaks = self._text.count("\n", 0, at)
        if not breaks:
            return self._line, self._column + at
        return self._line + breaks, at - self._text.rindex("\n", 0, at)

    def _drop_read(self) -> None:
        """Forget what was read, once it is more than half of the text: so each character is moved once on average."""
        if 2 * self._at > len(self._text):
            self._line, self._column = self._place(self._at)
            self._text, self._at = self._text[self._at :], 0

    def _more(self, size: int) -> None:
        """Read on; bytes that are not UTF-8 are a fault, but for a lone surrogate, see `json_lines`."""
        self._drop_read()
        raw = self._rest + self._read(size)
        self._ended = len(raw) == len(self._rest)
        cut = len(raw) if self._ended else len(raw) - _begun(raw)
        raw, self._rest = raw[:cut], raw[cut:]
        if not self._begun:
            raw = raw.removeprefix(codecs.BOM_UTF8)
        self._begun = True
        try:
            self._text += raw.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            self._text += raw[: error.start].decode("utf-8", "surrogatepass")
            raise self.fault(f"a byte that is not UTF-8 ({error.reason})", len(self._text)) from None


def _begun(raw: bytes) -> int:
    """How many bytes at the end may be the beginning of a character.

    Example:
        >>> _begun("3 €".encode()[:-1]), _begun(b"3 x")
        (2, 0)
    """
    for back in (1, 2, 3):  # a character has 4 bytes at most; its first is 0xC0 or more, the others below
        if raw[-back:][:1] >= b"\xc0":
            return back
        if raw[-back:][:1] < b"\x80":
            return 0
    return 0
