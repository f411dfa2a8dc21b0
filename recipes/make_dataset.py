"""Make a dataset of self-corrections: wrong solutions that notice their mistake and put it right.

Everything from the made-up world, no input and no network (about half a minute on one core, 2,000 rows):

    python recipes/make_dataset.py --config recipes/configs/world.yaml

Real wrong answers to GSM8K, corrected by its reference solutions, no model and no key (the config says which files):

    python recipes/make_dataset.py --config recipes/configs/gsm8k_reference.yaml --data_dir PATH

Writes a folder of Parquet files with a README that `datasets.load_dataset` reads by its path and that can be pushed to
the Hub as it is; in it `funnel.json`, the counts of each stage, and beside it `<folder>.rejects.jsonl`, every item that
was dropped and why. Each setting of the config can be overridden: `--output_dir PLACE --seed 7`.

The dataset inside the package is the same one: `--config recipes/configs/world.yaml --output_dir lemma_hf/data/lemma`.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from lemma_hf.data.card import Card
from lemma_hf.pipeline import (
    Funnel,
    analyse_stage,
    correct_stage,
    error_distribution,
    grade_stage,
    inject_stage,
    plan_injections,
    select_stage,
    smooth_stage,
    split_by_problem,
    store,
)
from lemma_hf.pipeline.inputs import Files, Inputs, reference_inputs, world_inputs
from lemma_hf.prompts import prompt_style
from lemma_hf.records import Trajectory
from lemma_hf.settings import parse_settings, run_recipe


@dataclass
class MakeDatasetSettings:
    """What the dataset is made of, and where it goes."""

    output_dir: str = field(metadata={"help": "the folder to write; an earlier dataset there is replaced"})
    world: str = field(default="", metadata={"help": "dialect of the world (stories, sums); empty: read files instead"})
    problems: int = field(default=2000, metadata={"help": "how many problems the world makes"})
    data_dir: str = field(default=".", metadata={"help": "where the input files are"})
    attempts: list[str] = field(default_factory=list, metadata={"help": "files of wrong solutions beside right ones"})
    attempt_columns: list[str] = field(default_factory=list, metadata={"help": "name=column pairs, where they differ"})
    outputs: list[str] = field(default_factory=list, metadata={"help": "files of what models wrote"})
    output_columns: list[str] = field(default_factory=list, metadata={"help": "name=column pairs, where they differ"})
    problem_files: list[str] = field(default_factory=list, metadata={"help": "files of problems with their solutions"})
    problem_columns: list[str] = field(default_factory=list, metadata={"help": "name=column pairs, where they differ"})
    where_from: str = field(default="", metadata={"help": "what to say where an input file is missing"})
    trust_annotations: bool = field(default=True, metadata={"help": "believe the files on which step is wrong"})
    injections: int = field(default=0, metadata={"help": "mistakes to make on purpose, beside those that were found"})
    both_strategies: bool = field(
        default=False, metadata={"help": "correct each mistake both ways, not one of the two"}
    )
    benchmark: str = field(default="gsm8k", metadata={"help": "how answers are read when they are graded"})
    max_characters: int = field(default=4000, metadata={"help": "longest solution kept"})
    max_per_problem: int = field(default=8, metadata={"help": "most trajectories of one problem"})
    max_rows: int = field(default=1_000_000, metadata={"help": "most trajectories in all"})
    test_share: float = field(default=0.1, metadata={"help": "share of the rows held out, by problem"})
    prompt_style: str = field(default="instruction", metadata={"help": "how the question is put to the model"})
    seed: int = 0
    title: str = "LEMMA trajectories"
    about: str = ""
    license: str = "apache-2.0"
    limits: list[str] = field(default_factory=list, metadata={"help": "known limits, for the card"})
    command: str = field(default="", metadata={"help": "the command that makes it again, for the card"})


def main() -> None:
    """Problems and attempts in, a Parquet folder out."""
    (settings,) = parse_settings((MakeDatasetSettings,), "make_dataset", "Make a dataset of self-corrections.")
    style = prompt_style(settings.prompt_style)
    funnel = Funnel(rejects=f"{settings.output_dir.rstrip('/')}.rejects.jsonl")

    inputs = gather(settings, funnel)

    # Mistakes that were really made: graded, then traced to the first wrong step.
    wrong = funnel.run(grade_stage(settings.benchmark), inputs.attempts)
    flawed = funnel.run(analyse_stage(inputs.teacher), wrong)

    # Mistakes made on purpose, of the types that were really made.
    asked = plan_injections(
        inputs.problems,
        settings.injections,
        types=inputs.types,
        distribution=error_distribution(flawed),
        seed=settings.seed,
    )
    flawed = flawed + funnel.run(inject_stage(inputs.teacher), asked)

    # Each one corrected, made smooth, and looked over.
    trajectories = funnel.run(correct_stage(inputs.teacher, settings.both_strategies, settings.seed), flawed)
    trajectories = funnel.run(smooth_stage(inputs.teacher), trajectories)
    trajectories = funnel.run(
        select_stage(
            benchmark=settings.benchmark,
            max_characters=settings.max_characters,
            max_per_problem=settings.max_per_problem,
            max_rows=settings.max_rows,
        ),
        trajectories,
    )

    print(f"\n{funnel.table()}\n")
    splits = split_by_problem(trajectories, round(settings.test_share * len(trajectories)))
    folder = store(splits, settings.output_dir, style, card(settings, funnel), funnel)
    tell(folder, splits)


def gather(settings: MakeDatasetSettings, funnel: Funnel) -> Inputs:
    """The world, or files."""
    if settings.world:
        return world_inputs(settings.world, settings.problems, settings.seed)
    return reference_inputs(
        funnel,
        Path(settings.data_dir),
        attempts=Files(settings.attempts, settings.attempt_columns),
        outputs=Files(settings.outputs, settings.output_columns),
        problems=Files(settings.problem_files, settings.problem_columns),
        trust_annotations=settings.trust_annotations,
        where_from=settings.where_from,
    )


def card(settings: MakeDatasetSettings, funnel: Funnel) -> Card:
    """What the README of the dataset says."""
    return Card(
        title=settings.title,
        about=settings.about,
        license=settings.license,
        command=settings.command,
        funnel=funnel.summary(),
        limits=tuple(settings.limits),
    )


def tell(folder: Path, splits: dict[str, list[Trajectory]]) -> None:
    """Say what was made, and show one."""
    rows = [trajectory for split in splits.values() for trajectory in split]
    sizes = ", ".join(f"{name} {len(split):,}" for name, split in splits.items())
    size = sum(path.stat().st_size for path in folder.rglob("*.parquet"))
    print(f"{folder}: {len(rows):,} trajectories ({sizes}), {size / 2**20:.2f} MB of Parquet")
    print(f"sources: {counted(row.problem.source for row in rows)}")
    print(f"error types: {counted(str(error.type or 'not given') for row in rows for error in row.errors)}")
    print(f"strategies: {counted(str(error.strategy) for row in rows for error in row.errors)}")
    print(f"\none of them:\n\n{rows[0].problem.question}\n")
    for span in rows[0].spans:
        print(f"[{span.kind}] {span.text.strip()}")


def counted(names: Iterable[str]) -> str:
    """Names with their counts, the most frequent first."""
    return ", ".join(f"{name} {count:,}" for name, count in Counter(names).most_common())


if __name__ == "__main__":
    run_recipe(main)
