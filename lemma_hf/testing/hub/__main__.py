"""A Hub on this machine for trying a publication by hand, and the variables that point clients to it.

    python -m lemma_hf.testing.hub --port 8377

It prints what a shell has to set (the token is made up, and worth nothing elsewhere), serves until SIGTERM or Ctrl-C,
prints what was put there, and forgets it.
"""

import argparse
import shlex
import signal
import tempfile
from contextlib import suppress
from types import FrameType

from lemma_hf.testing.hub._hub import LoopbackHub

_NAMES = (
    "HF_ENDPOINT",
    "HF_TOKEN",
    "HF_HOME",
    "HF_HUB_DISABLE_XET",
    "HF_HUB_OFFLINE",
    "HF_UPDATE_DOWNLOAD_COUNTS",
    "NO_PROXY",
)


def main(arguments: list[str] | None = None) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    options = _options(arguments)
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, _stop)
    with tempfile.TemporaryDirectory(prefix="lemma-hf-") as home, LoopbackHub(options.user, port=options.port) as hub:
        with suppress(_StoppedError):
            environment = hub.environment(home)
            print(*(f"export {name}={shlex.quote(environment[name])}" for name in _NAMES), sep="\n", flush=True)
            signal.pause()
        for repo in hub.repos:
            print(f"{repo.kind} {repo.id}: {len(repo.commits)} commits, {len(repo.files())} files")


class _StoppedError(Exception):
    """The signal SIGTERM arrived."""


def _stop(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise _StoppedError


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m lemma_hf.testing.hub",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=0, help="0: any that is free")
    parser.add_argument("--user", default="me", help="who may write, and whose the repositories are")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
