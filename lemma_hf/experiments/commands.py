"""Commands that a recipe runs: one at a time, its output in a log; stopped with all that it started.

with stoppable():
    code = run_command(["python", "recipes/sft.py", …], Path("outputs/log.txt"))
"""

import os
import shlex
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from types import FrameType

_PATIENCE = 45
"""Seconds that a command gets to stop by itself; torchrun alone takes up to 30."""

_asked_to_stop: list[int] = []


@contextmanager
def stoppable() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM (a batch system's way to stop) end the command that runs, and then the block."""

    def note(number: int, frame: FrameType | None) -> None:
        # An exception out of the blue could come between a command's start and the line that remembers it.
        _asked_to_stop.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        _asked_to_stop.clear()
        for number, handler in before.items():
            signal.signal(number, handler)


def run_command(command: Sequence[str], log: Path) -> int:
    """Run a command to its end; what it prints is added to `log`, behind a line with the command.

    Returns:
        Its exit status; negative if a signal ended it.

    Raises:
        KeyboardInterrupt: if this process was asked to stop, within `stoppable`; the command is stopped first.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as file:
        print("$", shlex.join(command), file=file, flush=True)
        # A session of its own, so that Ctrl-C reaches only this process, which then stops all of the command in order.
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, start_new_session=True)
        while (code := process.poll()) is None:
            if _asked_to_stop:
                _stop(process)
                raise KeyboardInterrupt
            sleep(0.2)
    return code


def last_words(log: Path) -> list[str]:
    """Why the last command in a log failed: its message where it left one, else its last lines."""
    lines = log.read_text("utf-8", errors="replace").rpartition("\n$ ")[2].splitlines()
    told = [line for line in lines if line.startswith("error: ")]
    return [line[:1000] for line in told[-1:] or lines[-8:]]


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """First asked, then told. A launcher ends before the training that it launched, so the whole group is looked at."""
    for how in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        _send(process, how)
        end = monotonic() + _PATIENCE
        while _send(process, 0):
            if monotonic() > end:
                break
            process.poll()
            sleep(0.2)
        else:
            return


def _send(process: "subprocess.Popen[bytes]", number: int) -> bool:
    """Send a signal to a command and all that it started; 0 only looks. Whether anyone was left to get it."""
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True
