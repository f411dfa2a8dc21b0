"""Output into a pipe whose reader may leave before the end, as that of `lemma-hf grade rows.jsonl -o out.jsonl | head`.

Work goes on without the reader, so that files which were asked for are written whole, and a training is not lost to a
line of its log. What is printed from then on is discarded.
"""

import io
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

READER_LEFT = 141
"""The status that a shell gives a command which wrote to a closed pipe: 128 + SIGPIPE."""


@contextmanager
def reader_may_leave() -> Iterator[Callable[[], bool]]:
    """Let `sys.stdout` and `sys.stderr` outlive their readers; other streams than pipes stay as they are.

    Returns:
        From `with`: a function that says whether the reader of the output has left; it is right after the block too.

    Example:
        >>> with reader_may_leave() as has_left:
        ...     print("to whoever reads it")
        to whoever reads it
        >>> has_left()
        False
    """
    before = sys.stdout, sys.stderr
    out, error = (_outliving(stream) for stream in before)
    sys.stdout, sys.stderr = out or sys.stdout, error or sys.stderr
    try:
        yield lambda: out is not None and out.reader_left
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()  # here, where a reader that has left is still noticed
        sys.stdout, sys.stderr = before


class _Pipe(io.FileIO):
    """The end of a pipe to write to; once its reader has left, all goes to where nothing is kept."""

    reader_left = False

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            self.reader_left = True
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())  # for child processes, and for what still stands in a buffer, too
            os.close(nowhere)
            return memoryview(data).nbytes


class _Outliving(io.TextIOWrapper):
    """A text stream into a `_Pipe`, as the one that it stands for."""

    def __init__(self, stream: io.TextIOWrapper) -> None:
        self._pipe = _Pipe(stream.fileno(), "wb", closefd=False)
        buffered = isinstance(stream.buffer, io.BufferedWriter)  # not so with `python -u`
        super().__init__(
            io.BufferedWriter(self._pipe) if buffered else self._pipe,
            stream.encoding,
            stream.errors,
            line_buffering=stream.line_buffering,
            write_through=stream.write_through,
        )

    @property
    def reader_left(self) -> bool:
        return self._pipe.reader_left


def _outliving(stream: TextIO) -> _Outliving | None:
    """The stream to write to in place of another; None where that is no pipe."""
    if not isinstance(stream, io.TextIOWrapper):
        return None
    try:
        kind = os.fstat(stream.fileno()).st_mode
    except (OSError, ValueError):  # closed, or in memory as in a test
        return None
    if not (stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind)):
        return None
    stream.flush()
    return _Outliving(stream)
