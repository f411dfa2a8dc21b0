"""Scoring of a student on a set of problems: its completions, graded item by item and summed up."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lemma_hf.grading import grade_if_cut_off, grade_many
from lemma_hf.inference import Completion, Sampling, Student, own_completion
from lemma_hf.prompts import PromptStyle, Shot
from lemma_hf.records import DropReason, Grade, Outcome, Problem
from lemma_hf.solutions.spans import corrects_itself
from lemma_hf.utils.intervals import Share


@dataclass(frozen=True, slots=True)
class Scored:
    """One completion with its verdict."""

    problem: Problem
    prompt: str
    completion: Completion
    grade: Grade
    own: str | None = None
    """The beginning of the completion that answers this question, where the model went on to another one."""

    @property
    def text(self) -> str:
        """The text that was graded."""
        return self.completion.text if self.own is None else self.own

    @property
    def right(self) -> bool:
        """Whether the answer is right."""
        return self.grade.outcome is Outcome.RIGHT

    @property
    def cut_off(self) -> bool:
        """Whether the length limit ended the completion."""
        return not self.completion.finished and self.completion.refused in (None, DropReason.TRUNCATED)

    @property
    def call_failed(self) -> bool:
        """Whether no completion came, which says nothing about the model: such an item counts in no other figure."""
        return self.completion.refused is DropReason.CALL_FAILED

    @property
    def counts(self) -> bool:
        """Whether the item says something about the model: a completion came, and its reference can be read."""
        return not self.call_failed and self.grade.outcome is not Outcome.UNREADABLE_REFERENCE

    def as_row(self) -> dict[str, Any]:
        """Everything about the item, flat, for a file."""
        return {
            "id": self.problem.id,
            "question": self.problem.question,
            "reference": self.problem.reference_answer,
            "subject": self.problem.subject,
            "level": self.problem.level,
            "prompt": self.prompt,
            "output": self.completion.text,
            "finished": self.completion.finished,
            "tokens": self.completion.tokens,
            "refused": str(self.completion.refused or ""),
            "outcome": str(self.grade.outcome),
            "extracted": self.grade.extracted,
            "rule": self.grade.rule,
            "detail": self.grade.detail,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """A summary of scored items."""

    accuracy: Share
    """Right items of all whose reference can be read."""
    outcomes: Mapping[str, int]
    unfinished: int
    """Completions cut off at the length limit."""
    refused: int
    """Completions that an endpoint never gave; those whose call failed count in nothing else."""
    tokens: float
    """Mean tokens a completion."""
    reflected: Share
    """Items in whose text a reflection was found."""
    right_when_reflected: Share

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        plain = asdict(self)
        for name in ("accuracy", "reflected", "right_when_reflected"):
            share: Share = getattr(self, name)
            plain[name] = share.as_dict()
        return plain


def score(
    student: Student,
    problems: Sequence[Problem],
    style: PromptStyle,
    sampling: Sampling,
    benchmark: str = "math",
    *,
    shots: Sequence[Shot] = (),
) -> list[Scored]:
    """Let the student solve each problem `sampling.n` times, and grade what it wrote.

    Only what answers the question is graded (see `PromptStyle.own_part`); the item keeps the whole text. Of a text that
    was cut off only an answer counts that it says (see `grade_if_cut_off`).

    Args:
        benchmark: the grading policy, see `lemma_hf.grade`.
        shots: worked examples before each question.
    """
    prompts = [style.prompt(problem.question, shots) for problem in problems]
    answers = student.complete(prompts, sampling)
    flat = [(i, completion) for i, several in enumerate(answers) for completion in several]
    references = [problems[i].reference_answer for i, _ in flat]
    own = [own_completion(each, style) for _, each in flat]
    grades = grade_many([part.text for part in own], references, benchmark=benchmark)
    return [
        Scored(
            problems[i],
            prompts[i],
            completion,
            verdict if part.finished else grade_if_cut_off(verdict),
            None if part.text == completion.text else part.text,
        )
        for (i, completion), verdict, part in zip(flat, grades, own, strict=True)
    ]


def summarize(items: Sequence[Scored], reflects: Callable[[str], bool] = corrects_itself) -> Report:
    """Sum up scored items; those whose *reference* is unreadable count in `outcomes`, but not in the accuracy.

    Args:
        reflects: whether an output turns on a mistake of its own; by default as its English words show.
    """
    answered = [item for item in items if not item.call_failed]
    readable = [item for item in answered if item.counts]
    turned = [item for item in readable if reflects(item.text)]
    return Report(
        accuracy=Share(sum(item.right for item in readable), len(readable)),
        outcomes=dict(Counter(str(item.grade.outcome) for item in answered)),
        unfinished=sum(item.cut_off for item in answered),
        refused=sum(item.completion.refused not in (None, DropReason.TRUNCATED) for item in items),
        tokens=sum(item.completion.tokens for item in answered) / max(1, len(answered)),
        reflected=Share(len(turned), len(readable)),
        right_when_reflected=Share(sum(item.right for item in turned), len(turned)),
    )
