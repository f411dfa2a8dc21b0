"""Stage `sample`: the student writes several attempts at each problem."""

from collections.abc import Callable, Sequence

from lemma_hf.inference import Completion, Sampling, Student, own_completion
from lemma_hf.pipeline.engine import Stage, stage_hints
from lemma_hf.prompts import PromptStyle
from lemma_hf.records import Attempt, Dropped, DropReason, Problem

Split = Callable[[str], tuple[str, ...]]
"""A function that cuts the text of a solution into steps."""


def sample_stage(
    student: Student,
    sampling: Sampling,
    style: PromptStyle,
    split: Split,
) -> Stage[Problem, Attempt]:
    """Sample `sampling.n` attempts at each problem; truncated, empty and refused ones are dropped.

    Args:
        style: how the problem is put to the student.
        split: text to steps, as the teacher counts them.
    """

    def work(problems: Sequence[Problem]) -> list[Attempt | Dropped]:
        written = student.complete([style.prompt(problem.question) for problem in problems], sampling)
        return [
            _attempt(problem, number, completion, style, split)
            for problem, completions in zip(problems, written, strict=True)
            for number, completion in enumerate(completions)
        ]

    return Stage("sample", work, fan_out=sampling.n, **stage_hints(student))


def _attempt(
    problem: Problem, number: int, completion: Completion, style: PromptStyle, split: Split
) -> Attempt | Dropped:
    name, completion = f"{problem.id}/sample-{number}", own_completion(completion, style)
    if completion.refused is not None:
        return Dropped(name, "sample", completion.refused, completion.detail)
    if not completion.finished:
        return Dropped(name, "sample", DropReason.TRUNCATED, f"{completion.tokens} tokens")
    text = completion.text.removeprefix(style.lead)
    if not text.strip():
        return Dropped(name, "sample", DropReason.EMPTY)
    return Attempt(problem, split(text), id=name)
