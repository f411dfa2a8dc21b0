"""The command `lemma-hf`: data, training, scores, publishing, and grading and viewing of files."""

import argparse
import io
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from lemma_hf import __version__
from lemma_hf.cli.doors import DOORS, Door
from lemma_hf.settings import exit_status

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command, and return its exit status.

    0: done; 1: refused or failed, with a message; 3: done, but some calls got no reply; 130: Ctrl-C; 141: done, but the
    reader of the output left before its end, as `| head` does. An error in the command line itself exits with 2, as
    argparse does.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # an answer may hold what the terminal cannot show
    arguments = list(sys.argv[1:] if argv is None else argv)
    return exit_status(lambda: _run(arguments))


def _run(arguments: Sequence[str]) -> int:
    # Only the name is read here: all that follows belongs to the command.
    door = DOORS[_parser().parse_args(arguments[:1]).command]
    rest = door.arguments(arguments[1:])
    with _called(door, rest):
        return door.main()(rest) or 0


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
