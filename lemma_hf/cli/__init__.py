"""The command `lemma-hf`: data, training, scores, publishing, and grading and viewing of files."""

import argparse
import io
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from lemma_hf import __version__
from lemma_hf.cli.doors import DOORS, Door
from lemma_hf.errors import LemmaError
from lemma_hf.utils.extras import extras_explained
from lemma_hf.utils.pipes import READER_LEFT, reader_may_leave
from lemma_hf.utils.redaction import escape_invisible
from lemma_hf.utils.storage import storage_explained

__all__ = ["main"]

_INTERRUPTED = 130
"""The status that a shell gives a command which Ctrl-C ended: 128 + SIGINT."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command, and return its exit status.

    0: done; 1: refused or failed, with a message; 3: done, but some calls got no reply; 130: Ctrl-C; 141: done, but the
    reader of the output left before its end, as `| head` does. An error in the command line itself exits with 2, as
    argparse does.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # an answer may hold what the terminal cannot show
    arguments = list(sys.argv[1:] if argv is None else argv)
    with reader_may_leave() as has_left:
        status = _run(arguments)
    return status or (READER_LEFT if has_left() else 0)


def _run(arguments: Sequence[str]) -> int:
    # Only the name is read here: all that follows belongs to the command.
    door = DOORS[_parser().parse_args(arguments[:1]).command]
    rest = door.arguments(arguments[1:])
    try:
        with _called(door, rest), extras_explained(), storage_explained():
            return door.main()(rest) or 0
    except LemmaError as error:
        print(escape_invisible(f"error: {error}"), file=sys.stderr)  # it may quote what a file holds
    except KeyboardInterrupt:
        print("stopped: run the same command again to go on", file=sys.stderr)
        return _INTERRUPTED
    return 1


def _parser() -> argparse.ArgumentParser:
    commands = "\n".join(f"  {door.name:<14}{door.about}" for door in DOORS.values())
    parser = argparse.ArgumentParser(
        prog="lemma-hf",
        usage="lemma-hf COMMAND [options]",
        description="Teach a language model to catch its own mistakes, and see whether it does.",
        epilog=f"commands (lemma-hf COMMAND --help: its options):\n{commands}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"lemma-hf {__version__}")
    parser.add_argument("command", choices=DOORS, metavar="COMMAND", help=argparse.SUPPRESS)
    return parser


@contextmanager
def _called(door: Door, rest: Sequence[str]) -> Iterator[None]:
    """Set `sys.argv` to the command's own line, from which argparse takes the name in its help."""
    before = sys.argv
    sys.argv = [f"lemma-hf {door.name}", *rest]
    try:
        yield
    finally:
        sys.argv = before
