"""What does a dataset begin with? A teacher, problems to make mistakes in, and attempts that exist already."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lemma_hf.errors import ConfigError
from lemma_hf.pipeline.attempts import (
    ATTEMPT_FIELDS,
    OUTPUT_FIELDS,
    PROBLEM_FIELDS,
    annotated_stage,
    index_problems,
    output_stage,
    problem_stage,
    read_columns,
    read_rows,
)
from lemma_hf.pipeline.stage import Funnel
from lemma_hf.records import Attempt, Problem
from lemma_hf.taxonomy import INJECTABLE, ErrorType
from lemma_hf.teacher import ReferenceTeacher, Teacher, WorldTeacher


@dataclass(frozen=True, slots=True)
class Inputs:
    """The beginning of a dataset."""

    teacher: Teacher
    types: Sequence[ErrorType]
    """Types of mistakes to make on purpose."""
    problems: Sequence[Problem] = ()
    """Problems to make mistakes in."""
    attempts: Sequence[Attempt] = ()
    """Solutions that somebody wrote, right and wrong ones."""


@dataclass(frozen=True, slots=True)
class Files:
    """Input files of one kind, with the names of their columns."""

    paths: Sequence[str] = ()
    """Relative to the folder of the data."""
    columns: Sequence[str] = field(default=())
    """`name=column` pairs, see `lemma_hf.pipeline.attempts`."""


NO_FILES = Files()


def world_inputs(dialect: str, problems: int, seed: int) -> Inputs:
    """Problems of a dialect of the world, which is its own teacher.

    Raises:
        ConfigError: if no dialect has that name.
    """
    from lemma_hf.world.stories import STORIES
    from lemma_hf.world.sums import SUMS

    dialects = {one.name: one for one in (STORIES, SUMS)}
    if dialect not in dialects:
        raise ConfigError(f"`world`: no dialect is called {dialect!r}; known are {', '.join(dialects)}")
    chosen = dialects[dialect]
    types = [type_ for type_ in INJECTABLE if type_ in chosen.error_types]
    return Inputs(WorldTeacher(chosen), types, chosen.problems(problems, seed))


def reference_inputs(
    funnel: Funnel,
    data_dir: Path,
    *,
    attempts: Files = NO_FILES,
    outputs: Files = NO_FILES,
    problems: Files = NO_FILES,
    trust_annotations: bool = True,
    where_from: str = "",
) -> Inputs:
    """Attempts from files, with their reference solutions as the teacher.

    Args:
        attempts: annotated attempts, each with its own reference solution.
        outputs: what models wrote; joined to `problems` by the question.
        where_from: how to get the files, shown where one is missing.

    Raises:
        ConfigError: if there are no input files, or outputs without problems.
        DataError: naming a file that is missing, or file, line and field of a broken row.
    """
    if not (attempts.paths or outputs.paths or problems.paths):
        raise ConfigError("no input files: set `attempts`, or `outputs` with `problem_files`")
    if outputs.paths and not problems.paths:
        raise ConfigError("`outputs` need `problem_files`: the reference solutions are found there, by the question")
    rows = [
        list(
            read_rows([data_dir / path for path in files.paths], read_columns(files.columns, fields, name), where_from)
        )
        for files, fields, name in (
            (attempts, ATTEMPT_FIELDS, "attempt_columns"),
            (problems, PROBLEM_FIELDS, "problem_columns"),
            (outputs, OUTPUT_FIELDS, "output_columns"),
        )
    ]
    annotated = funnel.run(annotated_stage(), rows[0]) if rows[0] else []
    known = funnel.run(problem_stage(), rows[1]) if rows[1] else []
    written = funnel.run(output_stage(index_problems(known)), rows[2]) if rows[2] else []
    teacher = ReferenceTeacher(trust_annotations)
    return Inputs(teacher, teacher.error_types, known, [*annotated, *written])
