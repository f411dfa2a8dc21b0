"""Recipes run as commands by other recipes: one at a time, with a log, and stopped with all that they started.

with stoppable():
    code = run_command(["python", "recipes/sft.py", …], Path("outputs/log.txt"))
"""

import ctypes
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from time import monotonic, sleep
from types import FrameType

from lemma_hf.settings import find_config
from lemma_hf.utils.extras import need

_PATIENCE = 45
"""Seconds that a command gets to stop by itself; torchrun alone takes up to 30."""

_STOPPING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_PARENT_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of prctl(2)."""

_asked_to_stop: list[int] = []


def recipe_words(name: str, caller: str, package: str | None) -> list[str]:
    """The arguments of `python` or `accelerate launch` that run a recipe: its module in a package, else its file.

    Args:
        name: such as `sft`.
        caller: the file of the recipe that asks, which lies in the same folder.
        package: the `__package__` of that recipe: empty where its file was run.

    Example:
        >>> recipe_words("sft", "site-packages/lemma_hf/recipes/rounds.py", "lemma_hf.recipes")
        ['-m', 'lemma_hf.recipes.sft']
        >>> recipe_words("sft", "recipes/rounds.py", None)
        ['recipes/sft.py']
    """
    if package:
        return ["-m", f"{package}.{name}"]
    file = Path(caller).resolve().with_name(f"{name}.py")
    return [min(str(file), os.path.relpath(file), key=len)]  # the shorter one, since commands are to be read


def typed_command(name: str, argv: Sequence[str] | None, package: str | None) -> str:
    """The command that ran a recipe, in a form that can be typed again.

    Args:
        name: such as `rounds`.
        argv: what its `main` was given; None for this process's own command line.
        package: see `recipe_words`.

    Example:
        >>> typed_command("rounds", ["--config", "rounds_world"], "lemma_hf.recipes")
        'lemma-hf rounds --config rounds_world'
    """
    words = ["lemma-hf", name] if package else ["python", sys.argv[0]]
    return shlex.join([*words, *(sys.argv[1:] if argv is None else argv)])


def accelerate_options(text: str) -> list[str]:
    """The options for `accelerate launch` in a text, of which the first word may be a config's file or name.

    Example:
        >>> accelerate_options("--cpu --num_machines 1")
        ['--cpu', '--num_machines', '1']
        >>> [Path(word).name for word in accelerate_options("ddp --num_processes 4")]
        ['--config_file', 'ddp.yaml', '--num_processes', '4']
    """
    words = shlex.split(text)
    if not words or words[0].startswith("-"):
        return words
    return ["--config_file", str(find_config(words[0], "accelerate")), *words[1:]]


def refuse_without_deepspeed(options: Sequence[str]) -> None:
    """Refuse options of `accelerate launch` that ask for DeepSpeed where it is not installed.

    Args:
        options: such as `["--config_file", "zero2.yaml"]`; a file that cannot be read is left to the launcher.

    Raises:
        MissingDependencyError: with the command that installs it.
    """
    import yaml

    files = [value for name, value in pairwise(options) if name == "--config_file"]
    try:
        found = yaml.safe_load(Path(files[-1]).read_text("utf-8")) if files else {}
    except (OSError, ValueError, yaml.YAMLError):
        return
    asked = isinstance(found, dict) and found.get("distributed_type") == "DEEPSPEED"
    if asked or "--use_deepspeed" in options:
        need("deepspeed")


@contextmanager
def stoppable() -> Iterator[None]:
    """End the running command, and then the block, on Ctrl-C, SIGTERM (of batch systems) and SIGHUP (of terminals)."""

    def note(number: int, frame: FrameType | None) -> None:
        # An exception out of the blue could come between a command's start and the line that remembers it.
        _asked_to_stop.append(number)

    before = {number: signal.signal(number, note) for number in _STOPPING}
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
        process = subprocess.Popen(
            command,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_end_with_parent(),  # noqa: PLW1509 - no threads here, and it calls nothing but the system
        )
        while (code := process.poll()) is None:
            if _asked_to_stop:
                _stop(process)
                raise KeyboardInterrupt
            sleep(0.2)
    return code


def _end_with_parent() -> Callable[[], None] | None:
    """What has the system end the new process when this one is gone, even by SIGKILL; None where it cannot.

    Else it would go on writing at the same time as the next run. Only Linux can.
    """
    if not sys.platform.startswith("linux"):
        return None
    system, parent = ctypes.CDLL(None), os.getpid()

    def ask() -> None:
        system.prctl(_PARENT_DEATH_SIGNAL, signal.SIGTERM)
        if os.getppid() != parent:  # it died in between
            os._exit(1)

    return ask


def last_words(log: Path) -> list[str]:
    """The reason why the last command in a log failed: its error message, or its last lines where it printed none."""
    lines = log.read_text("utf-8", errors="replace").rpartition("\n$ ")[2].splitlines()
    messages = [line for line in lines if line.startswith("error: ")]
    return [line[:1000] for line in messages[-1:] or lines[-8:]]


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """End a command: SIGINT first, then SIGTERM, then SIGKILL.

    A launcher ends before the training that it launched, so the signals go to the whole process group.
    """
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
    """Send a signal to a command and all that it started (0 sends none); False where no process is left."""
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True
