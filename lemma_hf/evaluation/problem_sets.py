"""The problems that a model is scored on: benchmarks, a made-up world, or a file of one's own.

Rows that cannot be used are left out, and counted aloud: by `print`, or by whatever takes the place of `tell`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lemma_hf.data.sources import read_problems, read_records
from lemma_hf.errors import ConfigError, DataError
from lemma_hf.evaluation.benchmarks import BENCHMARKS, Benchmark, count_dropped, get_benchmark, load_benchmark
from lemma_hf.evaluation.correction import marked_turns
from lemma_hf.inference.from_file import FileStudent, match_outputs
from lemma_hf.prompts import PromptStyle, Shot
from lemma_hf.records import Dropped, Problem
from lemma_hf.solutions.reflection import FindTurns, turn_offsets
from lemma_hf.solutions.spans import split_steps
from lemma_hf.world import get_world

__all__ = ["ProblemSet", "benchmark_set", "benchmark_sets", "file_set", "recorded_student", "world_set"]

_NAMED_ROWS = 5
"""Rows that are left out and named one by one; of more there is the count."""


@dataclass(frozen=True)
class ProblemSet:
    """One set of problems, and how they are asked and read."""

    name: str
    problems: Sequence[Problem]
    policy: str
    """The benchmark whose answers are read in this way, see `lemma_hf.grade`."""
    shots: tuple[Shot, ...] = ()
    """Worked examples before each question."""
    dropped: int = 0
    """Rows that could not be used."""
    dataset: tuple[str, str, str] = ("", "", "")
    """Id on the Hub, config and revision, where a score may be published for them; else empty."""
    split: Callable[[str], tuple[str, ...]] = split_steps
    """Text to steps."""
    turns: FindTurns = turn_offsets
    """Where in a text its author turns on a mistake."""


def benchmark_sets(
    names: Sequence[str],
    files: Sequence[str] = (),
    *,
    limit: int = 0,
    seed: int = 0,
    shots: int = -1,
    tell: Callable[[str], None] = print,
) -> list[ProblemSet]:
    """Benchmarks by their names, each once.

    Args:
        names: of `BENCHMARKS`; `all` is the paper's seven.
        files: `NAME=FILE` for a benchmark that is read from a file in place of the Hub.
        limit: problems of each at most, drawn by `seed`; 0 for all.
        shots: worked examples before each question; -1 for as many as in the paper.
        tell: gets a line for each benchmark of which rows were left out.

    Raises:
        ConfigError: on a name that is none, or more shots than there are.
        DataError: if a benchmark cannot be read.
    """
    paths = dict(pair.partition("=")[::2] for pair in files)
    if strange := [key for key in paths if key not in BENCHMARKS]:
        raise ConfigError(f"`data`: need NAME=FILE with a name of {', '.join(BENCHMARKS)}, found {strange[0]!r}")
    return [
        benchmark_set(name, paths.get(name, ""), limit=limit, seed=seed, shots=shots, tell=tell)
        for name in _wanted(names)
    ]


def benchmark_set(
    name: str,
    path: str = "",
    *,
    limit: int = 0,
    seed: int = 0,
    shots: int = -1,
    tell: Callable[[str], None] = print,
) -> ProblemSet:
    """One benchmark; the arguments and errors are those of `benchmark_sets`."""
    benchmark = get_benchmark(name)
    rows = load_benchmark(name, path=path, limit=limit or None, seed=seed)
    dropped = count_dropped(rows)
    if dropped:
        tell(f"{name}: {', '.join(f'{count} rows left out, {reason}' for reason, count in dropped.items())}")
    return ProblemSet(
        name,
        [row for row in rows if isinstance(row, Problem)],
        benchmark.policy,
        benchmark.few_shots(None if shots < 0 else shots),
        sum(dropped.values()),
        _dataset_on_hub(benchmark, len(rows), from_file=bool(path), sampled=bool(limit)),
    )


def world_set(world: str, count: int, seed: int, policy: str) -> ProblemSet:
    """Fresh problems of a made-up world.

    Raises:
        ConfigError: if there is no such world.

    Example:
        >>> sums = world_set("sums", 2, seed=1, policy="gsm8k")
        >>> sums.name, len(sums.problems)
        ('world/sums', 2)
    """
    made = get_world(world)
    turns = marked_turns("!?") if made.name == "sums" else turn_offsets  # sums have signs in place of words
    return ProblemSet(f"world/{world}", made.problems(count, seed), policy, split=made.split, turns=turns)


def file_set(
    path: str | Path,
    columns: Mapping[str, str],
    policy: str,
    *,
    limit: int = 0,
    tell: Callable[[str], None] = print,
) -> ProblemSet:
    """The problems of a file.

    Args:
        path: JSON Lines or Parquet.
        columns: the names of its fields, for `question`, `answer` and `identity`; see `read_problems`.
        limit: problems at most, from the beginning; 0 for all.
        tell: gets a line for each of the first rows that were left out, and one with the counts.

    Raises:
        ConfigError: if no row can be used.
        DataError: if it cannot be read.
    """
    rows = list(read_problems(path, **columns))
    dropped = [row for row in rows if isinstance(row, Dropped)]
    for row in dropped[:_NAMED_ROWS]:
        tell(f"left out: {row.id}: {row.reason} {row.detail}")
    tell(f"{len(rows) - len(dropped):,} problems in {path}, {len(dropped):,} rows left out")
    problems = [row for row in rows if isinstance(row, Problem)][: limit or None]
    if not problems:
        raise ConfigError(f"{path}: no row could be used")
    return ProblemSet(Path(path).name, problems, policy, dropped=len(dropped))


def recorded_student(
    outputs: str | Path,
    problems: ProblemSet,
    style: PromptStyle,
    *,
    output: str = "output",
    tell: Callable[[str], None] = print,
) -> FileStudent:
    """Outputs that exist already, as a student that writes them again.

    Args:
        outputs: JSON Lines or Parquet, with an id or a question, and the output. A row that names a benchmark counts
            for that one alone.
        output: the column of the output.
        tell: gets a line with the counts: outputs, those of other problems, and problems without any.

    Raises:
        DataError: if the file cannot be read, a row cannot be matched, or none belongs to these problems.
    """
    prompts = [style.prompt(problem.question, problems.shots) for problem in problems.problems]
    here = (None, problems.name, problems.policy)
    rows = [row for _, row in read_records(outputs) if row.get("benchmark") in here]
    found, strangers = match_outputs(rows, problems.problems, prompts, output=output, path=outputs)
    missing = sum(prompt not in found for prompt in prompts)
    tell(
        f"{problems.name}: {len(rows) - strangers:,} outputs, {strangers:,} of other problems, "
        f"{missing:,} problems without"
    )
    if not found:
        raise DataError(
            f"{outputs}: no row is an output for {problems.name}, so every problem would count as wrong: need "
            "`question` or `id` as the problems have it, and `benchmark`, if it is there, with this name"
        )
    return FileStudent(found)


def _wanted(names: Sequence[str]) -> list[str]:
    every = [name for name in BENCHMARKS if name != "math500"]
    return list(dict.fromkeys(one for name in names for one in (every if name == "all" else [name])))


def _dataset_on_hub(benchmark: Benchmark, rows: int, *, from_file: bool, sampled: bool) -> tuple[str, str, str]:
    """The dataset that a score may be published for: whole benchmarks only.

    A file with as many rows is taken for a copy of it, though of no known revision; one with fewer or more is none.
    """
    if sampled or (from_file and rows != benchmark.hub_size):
        return ("", "", "")
    return (benchmark.hub_id, benchmark.hub_config, "") if from_file else benchmark.dataset
