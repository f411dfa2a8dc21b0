"""Train once for every combination of some settings, and compare the results in one table.

    python recipes/sweep.py --config recipes/configs/mask_study.yaml
    lemma-hf sweep --config mask_study          # the same, wherever lemma-hf is installed
    python recipes/sweep.py --config CONFIG --accelerate "ddp --num_processes 4"

The section `sweep:` of the file says what varies, `name: [values]`; `sft:` says the rest. The first file asks whether
masking the wrong step helps: six small models from scratch, about a quarter of an hour on 2 cores, no download.

Each run goes through `accelerate launch recipes/sft.py`, into a folder of its own below the `output_dir` of `sft:`, and
what it prints into `log.txt` there. Options of `sft.py` are passed on to every run. Stopped or
failed, the same command continues: finished runs are not repeated, an interrupted one resumes from its last checkpoint.
At the end it writes `sweep.md` and `sweep.json`; the exit status is 1 if a run failed.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

from lemma_hf.experiments.commands import (
    accelerate_options,
    last_words,
    recipe_words,
    refuse_without_deepspeed,
    run_command,
    stoppable,
    typed_command,
)
from lemma_hf.experiments.sweep import (
    SweepResult,
    SweepRun,
    plan_runs,
    result_of_run,
    sweep_table,
    time_left,
    write_sweep_report,
)
from lemma_hf.settings import read_section, run_recipe
from lemma_hf.train.setting_names import refuse_unknown
from lemma_hf.utils.extras import need
from lemma_hf.utils.lock import folder_lock


def main(argv: Sequence[str] | None = None) -> None:
    """Plan the runs, train those that are not finished, and compare."""
    chosen, given = read_command_line(argv)
    refuse_unknown([*given, "--config", chosen.config])
    base = read_section(chosen.config, "sft")
    folder = Path(chosen.output_dir or base.get("output_dir", "outputs/sweep"))
    runs = plan_runs(read_section(chosen.config, "sweep"), base, folder, given)
    for run in runs:
        run.refuse_other_settings()
    need("torch", "trl", "accelerate", "peft")
    launcher = accelerate_options(chosen.accelerate)
    refuse_without_deepspeed(launcher)
    words = [*launcher, *recipe_words("sft", __file__, __package__)]
    words += ["--config", chosen.config, *given]
    with folder_lock(folder):
        done = {run.folder: "finished" for run in runs if run.finished}
        print(f"{len(runs)} runs in {folder}, {len(done)} of them finished already")
        try:
            train_all([run for run in runs if run.folder not in done], words, done)
        finally:
            results = [result_of_run(run, done.get(run.folder, "not finished")) for run in runs]
            report(results, folder, typed_command("sweep", argv, __package__))
    failed = sum(status == "failed" for status in done.values())
    if failed:
        sys.exit(f"{failed} of {len(runs)} runs failed; run the same command again to try those once more")


def train_all(runs: Sequence[SweepRun], words: Sequence[str], done: dict[Path, str]) -> None:
    """Train each run, one after the other, and write into `done` by its folder what became of it."""
    seconds: list[float] = []
    with stoppable():
        for number, run in enumerate(runs, start=1):
            print(f"[{number}/{len(runs)}] {run.title}; tail -f {run.log}", flush=True)
            start = monotonic()
            done[run.folder] = train(run, words)
            if done[run.folder] == "finished":
                seconds.append(monotonic() - start)
                run.end(seconds[-1])
            took = (monotonic() - start) / 60
            print(f"    {done[run.folder]} after {took:.1f} min; {time_left(seconds, len(runs) - number)}", flush=True)


def read_command_line(argv: Sequence[str] | None = None) -> tuple[argparse.Namespace, list[str]]:
    """Parse the options of this recipe; the others are for the runs."""
    parser = argparse.ArgumentParser(
        description=__doc__, allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--config", required=True, help="a file with sections `sft:` and `sweep:`, or the name of a shipped one"
    )
    parser.add_argument("--output_dir", default="", help="where the runs go, instead of the file's output_dir")
    parser.add_argument(
        "--accelerate",
        default="",
        help="a file for accelerate or one of ddp, fsdp2, zero2, zero3; behind or instead of it options of `accelerate "
        "launch`, all in one pair of quotes",
    )
    return parser.parse_known_args(argv)


def train(run: SweepRun, command: Sequence[str]) -> str:
    """Run one training to its end; return `finished` or, after printing the end of its log, `failed`."""
    run.begin()
    launch = [sys.executable, "-m", "accelerate.commands.launch", "--quiet"]
    code = run_command([*launch, *command, *run.options()], run.log)
    if code:
        print(*(f"    | {line}" for line in last_words(run.log)), sep="\n")
    return "failed" if code else "finished"


def report(results: Sequence[SweepResult], folder: Path, typed: str) -> None:
    """Write and print the results so far."""
    write_sweep_report(results, folder, typed)
    print(f"\n{sweep_table(results)}\n\nwritten: {folder / 'sweep.md'} and {folder / 'sweep.json'}")


if __name__ == "__main__":
    run_recipe(main)
