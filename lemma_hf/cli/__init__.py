"""What can be done from the shell? Grade a file, look at its rows, see what is installed."""

import argparse
import io
import os
import sys
from collections.abc import Sequence

from lemma_hf import __version__
from lemma_hf.cli import doctor, grade, show
from lemma_hf.errors import LemmaError

_READER_LEFT = 141
"""The status that a shell gives a command which wrote to a closed pipe: 128 + SIGPIPE."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 0 done, 1 refused or failed with a message."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # an answer may hold what the terminal cannot show
    try:
        return _run(argv)
    except LemmaError as error:
        print(f"error: {error}", file=sys.stderr)
    except BrokenPipeError:
        _let_go_of_stdout()
        return _READER_LEFT
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
    return 1


def _run(argv: Sequence[str] | None) -> int:
    try:
        options = _parser().parse_args(argv)
        return int(options.run(options))
    finally:
        sys.stdout.flush()  # here, where a reader that has left can still be noticed


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lemma-hf", description=__doc__)
    parser.add_argument("--version", action="version", version=f"lemma-hf {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    grade.add_to(commands)
    show.add_to(commands)
    doctor.add_to(commands)
    return parser


def _let_go_of_stdout() -> None:
    """`lemma-hf … | head` is over: what is still buffered goes nowhere, or Python would complain at its exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
