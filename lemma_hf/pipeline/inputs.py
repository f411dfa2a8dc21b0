"""Inputs of a dataset: problems, and attempts at them that exist already, from the world or from files.

Any teacher can correct any of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lemma_hf.errors import ConfigError
from lemma_hf.pipeline.attempts import (
    ATTEMPT_FIELDS,
    OUTPUT_FIELDS,
    PROBLEM_FIELDS,
    RawRow,
    annotated_stage,
    index_problems,
    output_stage,
    problem_stage,
    read_attempt_rows,
    read_field_columns,
)
from lemma_hf.pipeline.stage import Funnel
from lemma_hf.records import Attempt, Problem
from lemma_hf.world import WORLDS, get_world


@dataclass(frozen=True, slots=True)
class Inputs:
    """The problems and attempts that a dataset begins with."""

    problems: Sequence[Problem] = ()
    """Problems to sample solutions of, and to make mistakes in."""
    attempts: Sequence[Attempt] = ()
    """Solutions that exist already, right and wrong ones; their problems need not be in `problems`."""


@dataclass(frozen=True, slots=True)
class Files:
    """Input files of one kind, with the names of their columns."""

    paths: Sequence[str] = ()
    """Relative to the folder of the data."""
    columns: Sequence[str] = field(default=())
    """`name=column` pairs, see `lemma_hf.pipeline.attempts`."""


NO_FILES = Files()


def world_inputs(world: str, problems: int, seed: int) -> Inputs:
    """The first `problems` problems of a world, without attempts.

    Raises:
        ConfigError: if no world has that name.
    """
    if world not in WORLDS:
        raise ConfigError(f"`world`: no world is called {world!r}; known are {', '.join(WORLDS)}")
    return Inputs(get_world(world).problems(problems, seed))


def file_inputs(
    funnel: Funnel,
    data_dir: Path,
    *,
    attempts: Files = NO_FILES,
    outputs: Files = NO_FILES,
    problems: Files = NO_FILES,
    known: Sequence[Problem] = (),
    need_solutions: bool = True,
    where_from: str = "",
) -> Inputs:
    """Read problems and attempts from files.

    Args:
        attempts: annotated attempts, each with its own reference solution.
        outputs: what models wrote; joined to `problems` and `known` by the question.
        known: problems from elsewhere, such as the world's; those of the files come behind them.
        need_solutions: whether a problem without a reference solution is dropped. A teacher that is a model does
            without; the answer is needed all the same.
        where_from: how to get the files, shown where one is missing.

    Raises:
        ConfigError: if there are no input files, or outputs without problems.
        DataError: naming a file that is missing, or file, line and field of a broken row.
    """
    if not (attempts.paths or outputs.paths or problems.paths):
        raise ConfigError("no input files: set `attempts`, or `outputs` with `problem_files`")
    if outputs.paths and not (problems.paths or known):
        raise ConfigError("`outputs` need `problem_files`: the reference solutions are found there, by the question")
    rows = {
        setting: _rows(files, fields, setting, data_dir, where_from)
        for files, fields, setting in (
            (attempts, ATTEMPT_FIELDS, "attempt_columns"),
            (problems, PROBLEM_FIELDS, "problem_columns"),
            (outputs, OUTPUT_FIELDS, "output_columns"),
        )
    }
    annotated = funnel.run(annotated_stage(need_solutions), rows["attempt_columns"])
    all_problems = [*known, *funnel.run(problem_stage(need_solutions), rows["problem_columns"])]
    by_question: Mapping[str, Problem] = index_problems(all_problems) if outputs.paths else {}
    written = funnel.run(output_stage(by_question), rows["output_columns"])
    return Inputs(all_problems, _distinct([*annotated, *written]))


def _distinct(attempts: Sequence[Attempt]) -> list[Attempt]:
    """The attempts with ids that are all different: two files may have one name, and rows of one file the same id."""
    taken: set[str] = set()
    found = []
    for attempt in attempts:
        name, number = attempt.name, 1
        while name in taken:
            number += 1
            name = f"{attempt.name}#{number}"
        taken.add(name)
        found.append(attempt if number == 1 else replace(attempt, id=name))
    return found


def _rows(files: Files, fields: Sequence[str], setting: str, data_dir: Path, where_from: str) -> list[RawRow]:
    columns = read_field_columns(files.columns, fields, setting)
    return list(read_attempt_rows([data_dir / path for path in files.paths], columns, where_from))
