"""Make a dataset of self-corrections: wrong solutions that notice their mistake and put it right.

Everything from the made-up world, no input and no network (about half a minute on one core, 2,000 rows):

    python recipes/make_dataset.py --config recipes/configs/world.yaml
    lemma-hf make-dataset --config world        # the same, wherever lemma-hf is installed

Real wrong answers to GSM8K, corrected by its reference solutions, no model and no key (the config says which files):

    python recipes/make_dataset.py --config recipes/configs/gsm8k_reference.yaml --data_dir PATH

The same with a model as the teacher, and with attempts of your own model:

    … --teacher Qwen/Qwen2.5-72B-Instruct@http://localhost:8000/v1
    … --student outputs/sft --samples 4

`--turns each` makes a turn at every mistake, from which the student (or the made-up world) goes on, in place of one at
the first mistake, the paper's method; in our own study it did better (docs/make_dataset.md).

`--dry_run` prints the requests that would be sent and their cost; `--budget_usd 5` stops before more is spent. Stopped
or killed at any moment, the same command continues: every reply is kept in `<folder>.replies.sqlite`.

Writes a folder of Parquet files with a README that `datasets.load_dataset` reads by its path and that can be pushed to
the Hub as it is; in it `funnel.json`, the counts of each stage, and `settings.json`. Next to the folder it writes
`<folder>.rejects.jsonl`, every dropped item with the reason, and `<folder>.report.html`, a page to read. Exit status 0:
every item was processed; 3: the dataset is written, but some calls got no reply; 1: stopped, with the reason.

The dataset inside the package is the one of `world.yaml` (`make dataset`).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from lemma_hf.data.card import Card
from lemma_hf.pipeline import (
    analyse_stage,
    correct_stage,
    error_distribution,
    grade_stage,
    inject_stage,
    injection_count,
    is_right,
    plan_injections,
    right_stage,
    rollouts,
    sample_stage,
    select_stage,
    smooth_stage,
    split_by_problem,
    store,
    take_turns,
    verify_stage,
    with_targets,
    wrong_stage,
)
from lemma_hf.pipeline.inputs import Inputs
from lemma_hf.pipeline.run import (
    EACH,
    FIRST,
    Run,
    estimate_run,
    gather_inputs,
    open_run,
    package_versions,
    read_settings,
    sampling_of,
    student_style,
    turns_of,
)
from lemma_hf.prompts import prompt_style
from lemma_hf.records import Attempt, Flawed, Trajectory
from lemma_hf.settings import run_recipe
from lemma_hf.utils.redaction import escape_invisible, one_line

_LONGEST_NAME = 80
"""Characters of the name of a source that are printed."""


def main(argv: Sequence[str] | None = None) -> int:
    """Make the dataset: problems and attempts in, a Parquet folder out."""
    settings = read_settings("Make a dataset of self-corrections.", argv)
    with open_run(settings) as run:
        inputs = gather_inputs(run)
        if settings.run.dry_run:
            print(estimate_run(run, inputs))
            return 0
        trajectories = make(run, inputs)
        print(f"\n{run.funnel.table()}\n")
        splits = split_by_problem(trajectories, round(settings.made.test_share * len(trajectories)))
        style = prompt_style(settings.made.prompt_style)
        folder = store(splits, settings.run.output_dir, style, card(run), run.funnel)
        tell(folder, splits)
        return run.finish(folder, trajectories)


def make(run: Run, inputs: Inputs) -> list[Trajectory]:
    """Run the stages, in order."""
    made, funnel, teacher = run.settings.made, run.funnel, run.participants.teacher

    # Mistakes that were really made: graded, then traced to the first wrong step.
    graded = funnel.run(grade_stage(made.benchmark), [*inputs.attempts, *sample(run, inputs)])
    right, wrong = part(run, graded)
    flawed = verify(run, funnel.run(analyse_stage(teacher), wrong))

    # Mistakes made on purpose, of the types that were really made.
    distribution = error_distribution(flawed, graded)
    asked = plan_injections(
        inputs.problems,
        injection_count(len(flawed), made.injections, made.injection_share),
        types=run.participants.types,
        distribution=distribution,
        min_hardness=made.min_hardness,
        seed=made.seed,
    )
    injected = funnel.run(inject_stage(teacher, made.benchmark), asked)
    run.note(distribution, injected)

    # Each one corrected and made smooth, once or at each further mistake, and looked over.
    flawed = [*flawed, *injected]
    trajectories = turn_at_each(run, flawed) if made.turns == EACH else turn_once(run, flawed, graded)
    keep = select_stage(
        benchmark=made.benchmark,
        max_characters=made.max_characters,
        max_per_problem=made.max_per_problem,
        max_rows=made.max_rows,
        find_spans=made.find_spans,
    )
    return funnel.run(keep, [*trajectories, *right])


def part(run: Run, graded: list[Attempt]) -> tuple[list[Trajectory], list[Attempt]]:
    """The right attempts as rows without a turn, where such rows are kept, and the wrong attempts."""
    made = run.settings.made
    if made.turns == FIRST or not made.keep_right:
        return [], run.funnel.run(wrong_stage(), graded)
    right = run.funnel.run(right_stage(), [attempt for attempt in graded if is_right(attempt)])
    return right, [attempt for attempt in graded if not is_right(attempt)]


def turn_once(run: Run, flawed: list[Flawed], graded: list[Attempt]) -> list[Trajectory]:
    """One turn a trajectory, at the first mistake of an attempt, by either strategy: the paper's method."""
    made, teacher = run.settings.made, run.participants.teacher
    if made.own_targets:
        flawed = with_targets(flawed, graded, made.seed)
    correct = correct_stage(teacher, made.both_strategies, made.seed, cut=made.cut_at_first_error)
    return run.funnel.run(smooth_stage(teacher), run.funnel.run(correct, flawed))


def turn_at_each(run: Run, flawed: list[Flawed]) -> list[Trajectory]:
    """A turn at each mistake: the wrong step is put right, the student goes on, its next mistake is the next turn."""
    settings = run.settings
    turns = turns_of(settings.inputs, settings.participants, settings.made, run.participants)
    return take_turns(run.funnel, turns, flawed)


def verify(run: Run, flawed: list[Flawed]) -> list[Flawed]:
    """Keep those whose right steps still lead the student to the answer, where this is asked for."""
    student, who, made = run.participants.verifier, run.settings.participants, run.settings.made
    if not who.verify_prefix or student is None:
        return flawed
    style = student_style(who, made)
    sampling = rollouts(sampling_of(who, made.seed), who.verify_prefix)
    return run.funnel.run(verify_stage(student, sampling, style, made.benchmark), flawed)


def sample(run: Run, inputs: Inputs) -> list[Attempt]:
    """Sample attempts from the student, if it writes any."""
    student = run.participants.student
    if student is None or not run.participants.writes:
        return []
    who, made = run.settings.participants, run.settings.made
    stage = sample_stage(student, sampling_of(who, made.seed), student_style(who, made), run.participants.split)
    return run.funnel.run(stage, inputs.problems)


def card(run: Run) -> Card:
    """Facts for the README of the dataset."""
    about = run.settings.card
    packages = ", ".join(f"{name} {version}" for name, version in package_versions().items())
    return Card(
        title=about.title,
        about=about.about,
        license=about.license,
        command=about.command,
        made_by=run.participants.named() | turns_named(run) | {"packages": packages},
        funnel=run.funnel.to_json(),
        licenses=dict(pair.partition("=")[::2] for pair in about.licenses),
        limits=tuple(about.limits),
    )


def turns_named(run: Run) -> dict[str, str]:
    """The setting `turns`, for the card, where it is not that of the paper."""
    made = run.settings.made
    return {"turns": f"`turns: {made.turns}`, at most {made.max_turns} a row"} if made.turns == EACH else {}


def tell(folder: Path, splits: dict[str, list[Trajectory]]) -> None:
    """Print counts of the dataset, and one of its trajectories."""
    rows = [trajectory for split in splits.values() for trajectory in split]
    sizes = ", ".join(f"{name} {len(split):,}" for name, split in splits.items())
    size = sum(path.stat().st_size for path in folder.rglob("*.parquet"))
    print(f"{folder}: {len(rows):,} trajectories ({sizes}), {size / 2**20:.2f} MB of Parquet")
    print(f"turns a row: {counted(str(len(row.errors)) for row in rows)}")
    print(f"sources: {counted(row.problem.source for row in rows)}")
    print(f"error types: {counted(str(error.type or 'not given') for row in rows for error in row.errors)}")
    print(f"strategies: {counted(str(error.strategy) for row in rows for error in row.errors)}")
    print(f"origins: {counted(str(error.origin) for row in rows for error in row.errors)}")
    print(f"\none of them:\n\n{escape_invisible(rows[0].problem.question)}\n")
    for span in rows[0].spans:
        print(f"[{span.kind}] {escape_invisible(span.text.strip())}")


def counted(names: Iterable[str]) -> str:
    """Names with their counts, the most frequent first."""
    return ", ".join(f"{one_line(name, _LONGEST_NAME)} {count:,}" for name, count in Counter(names).most_common())


if __name__ == "__main__":
    run_recipe(main)
