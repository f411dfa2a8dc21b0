"""Train once for every combination of some settings, and put the results side by side.

    python recipes/sweep.py --config recipes/configs/mask_study.yaml
    python recipes/sweep.py --config CONFIG --accelerate "--config_file recipes/accelerate/ddp.yaml"

The section `sweep:` of the file says what varies, `name: [values]`; `sft:` says the rest. The first file asks whether
masking the wrong step helps: six small models from scratch, about a quarter of an hour on 2 cores, no download.

Each run goes through `accelerate launch recipes/sft.py`, into a folder of its own below the `output_dir` of `sft:`, and
what it prints into `log.txt` there. Options that this recipe does not know are passed on to every run. Stopped or
failed? The same command goes on: finished runs are left alone, an interrupted one starts from its last checkpoint. At
the end stand `sweep.md` and `sweep.json`; the exit status is 1 if a run failed.
"""

import argparse
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from time import monotonic, sleep
from types import FrameType

from lemma_hf.settings import read_section, run_recipe
from lemma_hf.train.sweep import Result, Run, plan, result, table, time_left, write

ASKED_TO_STOP: list[int] = []
"""The signals that came."""
SFT = Path(__file__).with_name("sft.py")
PATIENCE = 45
"""Seconds that a run gets to stop by itself; torchrun alone takes up to 30."""


def main() -> None:
    """Plan, run what is left, compare."""
    for wish in (signal.SIGINT, signal.SIGTERM):  # Ctrl-C, and a batch system's way to stop
        signal.signal(wish, ask_to_stop)
    chosen, given = read_command_line()
    base = read_section(chosen.config, "sft")
    folder = Path(chosen.output_dir or base.get("output_dir", "outputs/sweep"))
    runs = plan(read_section(chosen.config, "sweep"), base, folder, given)
    for run in runs:
        run.refuse_other_settings()
    done = {run.folder: "finished" for run in runs if run.finished}
    print(f"{len(runs)} runs in {folder}, {len(done)} of them finished already")

    seconds: list[float] = []
    left = [run for run in runs if run.folder not in done]
    try:
        for number, run in enumerate(left, start=1):
            print(f"[{number}/{len(left)}] {run.title}; tail -f {run.folder / 'log.txt'}", flush=True)
            start = monotonic()
            done[run.folder] = train(
                run, [*shlex.split(chosen.accelerate), str(SFT), "--config", chosen.config, *given]
            )
            if done[run.folder] == "finished":
                seconds.append(monotonic() - start)
                run.mark(seconds[-1])
            took = (monotonic() - start) / 60
            print(f"    {done[run.folder]} after {took:.1f} min; {time_left(seconds, len(left) - number)}", flush=True)
    finally:
        report([result(run, done.get(run.folder, "not finished")) for run in runs], folder)
    failed = sum(status == "failed" for status in done.values())
    if failed:
        sys.exit(f"{failed} of {len(runs)} runs failed; run the same command again to try those once more")


def read_command_line() -> tuple[argparse.Namespace, list[str]]:
    """The options of this recipe, and those for the runs."""
    parser = argparse.ArgumentParser(
        description=__doc__, allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--config", required=True, help="a YAML file with sections `sft:` and `sweep:`")
    parser.add_argument("--output_dir", default="", help="where the runs go, instead of the file's output_dir")
    parser.add_argument("--accelerate", default="", help="options for `accelerate launch`, in one pair of quotes")
    return parser.parse_known_args()


def train(run: Run, command: Sequence[str]) -> str:
    """Run one training to its end; `finished` or `failed`, with the end of its log."""
    run.mark(None)
    command = [sys.executable, "-m", "accelerate.commands.launch", "--quiet", *command, *run.options()]
    with (run.folder / "log.txt").open("a", encoding="utf-8") as log:
        print("$", shlex.join(command), file=log, flush=True)
        # A session of its own, so that Ctrl-C reaches only this process, which then stops all of the run in order.
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        while (code := process.poll()) is None:
            if ASKED_TO_STOP:
                stop(process)
                raise KeyboardInterrupt
            sleep(0.2)
    if code:
        print_end(run.folder / "log.txt")
    return "failed" if code else "finished"


def stop(process: "subprocess.Popen[bytes]") -> None:
    """End a run and what it started: first asked, then told. The launcher ends before the training that it launched."""
    for how in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        send(process, how)
        end = monotonic() + PATIENCE
        while send(process, 0):
            if monotonic() > end:
                break
            process.poll()
            sleep(0.2)
        else:
            return


def send(process: "subprocess.Popen[bytes]", number: int) -> bool:
    """Send a signal to a run and all that it started; 0 only looks. Whether anyone was left to get it."""
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def ask_to_stop(number: int, frame: FrameType | None) -> None:
    """Note the wish. An exception out of the blue could come between a run's start and the line that remembers it."""
    ASKED_TO_STOP.append(number)


def print_end(log: Path) -> None:
    """Why a run failed: its message where it left one, else the last lines of its log."""
    lines = log.read_text("utf-8", errors="replace").rpartition("\n$ ")[2].splitlines()
    told = [line for line in lines if line.startswith("error: ")]
    print(*(f"    | {line[:1000]}" for line in told[-1:] or lines[-8:]), sep="\n")


def report(results: Sequence[Result], folder: Path) -> None:
    """What came out so far."""
    write(results, folder, shlex.join(["python", *sys.argv]))
    print(f"\n{table(results)}\n\nwritten: {folder / 'sweep.md'} and {folder / 'sweep.json'}")


if __name__ == "__main__":
    run_recipe(main)
