"""A model as the teacher whose verdicts are checked: by more votes, and by the reference teacher.

What a check finds is an abstention with the reason DISAGREEMENT: an attempt whose first wrong step is not certain is
worth less than the space it takes, since a wrong step among the right ones is trained on as right.
"""

from collections import Counter
from collections.abc import Sequence

from lemma_hf.errors import ConfigError
from lemma_hf.records import Attempt, Dropped, DropReason, Error, Flawed, Trajectory
from lemma_hf.taxonomy import ErrorType
from lemma_hf.teachers.llm import LLMTeacher
from lemma_hf.teachers.protocol import Injection, Teacher

_NO_STEP = 0
"""Stands for "no step is wrong" among step numbers, which are counted from 1."""
_SAYS_NONE = frozenset((DropReason.ALL_STEPS_RIGHT, DropReason.ERROR_NOT_FOUND))
"""Reasons of a verdict that calls every step right."""

Verdict = Error | Dropped


class CheckedTeacher:
    """A `Teacher` that is a model, whose verdicts have to win a vote and to agree with another teacher.

    Injections, corrections and smoothings are the model's own.

    Args:
        model: the teacher that is asked.
        votes: how often it is asked about each attempt. The step that more than half of all votes name is taken, with
            the type that most of them give.
        reference: another teacher, such as the reference solutions. Where it names a step, the model has to name the
            same one; where it abstains, the model's verdict stands.

    Raises:
        ConfigError: if `votes` is below 1.

    Example:
        >>> from lemma_hf.inference.endpoint.chat import Reply
        >>> from lemma_hf.records import Problem
        >>> class Wavering:
        ...     def ask(self, requests, title):
        ...         return [Reply(f"<step>{1 + r.sample % 3}</step><type>counting</type>") for r in requests]
        >>> attempt = Attempt(Problem("p", "What is 1 + 1 + 1?", "3"), ("1 + 1 = 2\\n", "2 + 1 = 4\\n", "4"))
        >>> (verdict,) = CheckedTeacher(LLMTeacher(Wavering()), votes=3).analyse([attempt])
        >>> str(verdict.reason), verdict.detail
        ('disagreement', 'votes: step 1, step 3, step 2')
    """

    shows_progress = LLMTeacher.shows_progress

    def __init__(self, model: LLMTeacher, votes: int = 1, reference: Teacher | None = None) -> None:
        if votes < 1:
            raise ConfigError(f"`votes` must be at least 1, but is {votes}")
        self.model = model
        self.votes = votes
        self.reference = reference
        self.batch = max(1, model.batch // votes)

    @property
    def error_types(self) -> Sequence[ErrorType]:
        """The types that `inject` can write."""
        return self.model.error_types

    @property
    def prompt_versions(self) -> dict[str, str]:
        """Version and digest of each prompt of the model."""
        return self.model.prompt_versions

    def analyse(self, attempts: Sequence[Attempt]) -> list[Error | Dropped]:
        """The first wrong step that the votes, and the other teacher where it names one, agree on."""
        verdicts = [
            majority(attempt.name, votes)
            for attempt, votes in zip(attempts, self.model.vote(attempts, self.votes), strict=True)
        ]
        if self.reference is None:
            return verdicts
        others = self.reference.analyse(attempts)
        return [
            hold_against(attempt.name, verdict, other)
            for attempt, verdict, other in zip(attempts, verdicts, others, strict=True)
        ]

    def inject(self, injections: Sequence[Injection]) -> list[Flawed | Dropped]:
        """The model's."""
        return self.model.inject(injections)

    def fix(self, flawed: Sequence[Flawed]) -> list[Trajectory | Dropped]:
        """The model's."""
        return self.model.fix(flawed)

    def restart(self, flawed: Sequence[Flawed]) -> list[Trajectory | Dropped]:
        """The model's."""
        return self.model.restart(flawed)

    def smooth(self, trajectories: Sequence[Trajectory]) -> list[Trajectory | Dropped]:
        """The model's."""
        return self.model.smooth(trajectories)


def majority(item_id: str, votes: Sequence[Verdict]) -> Verdict:
    """The verdict of more than half of all votes, those that could not be read included.

    Args:
        votes: at least one.

    Returns:
        The step that the majority names, with the type that most of these votes give (the first one's where they
        tie); the first of the verdicts that call every step right, where these are the majority. Else what keeps the
        votes from being counted, where a call failed or no vote could be read; else DISAGREEMENT, with all votes.

    Example:
        >>> two, three = Error(ErrorType.COUNTING, 2), Error(ErrorType.CALCULATION, 3)
        >>> majority("p", [two, three, Error(ErrorType.OPERATOR, 2)]).step
        2
        >>> majority("p", [two, three]).detail
        'votes: step 2, step 3'
    """
    named = [_step_of(vote) for vote in votes]
    step, count = Counter(named).most_common(1)[0]
    if step is not None and 2 * count > len(votes):
        return _agreed([vote for vote, name in zip(votes, named, strict=True) if name == step])
    unread = [vote for vote, name in zip(votes, named, strict=True) if name is None and isinstance(vote, Dropped)]
    failed = [vote for vote in unread if vote.reason is DropReason.CALL_FAILED]
    if failed or len(unread) == len(votes):
        return (failed or unread)[0]
    detail = f"votes: {', '.join(_said(vote) for vote in votes)}"
    return Dropped(item_id, "analyse", DropReason.DISAGREEMENT, detail)


def hold_against(item_id: str, verdict: Verdict, other: Verdict) -> Verdict:
    """The verdict, if another teacher that names a step names the same one; else DISAGREEMENT.

    Where either says neither a step nor that there is none, there is nothing to compare, and the verdict stands.

    Args:
        verdict: the model's.
        other: that of the teacher that it is held against.

    Example:
        >>> hold_against("p", Error(None, 3), Error(None, 2, sureness=0.9)).detail
        'the model: step 3; the reference: step 2 (sure to 90 %)'
        >>> hold_against("p", Error(None, 3), Dropped("p", "analyse", DropReason.UNSURE)).step
        3
    """
    if not isinstance(other, Error) or _step_of(verdict) in (None, other.step):
        return verdict
    sure = f" (sure to {100 * other.sureness:.0f} %)" if other.sureness is not None else ""
    detail = f"the model: {_said(verdict)}; the reference: {_said(other)}{sure}"
    return Dropped(item_id, "analyse", DropReason.DISAGREEMENT, detail)


def _step_of(verdict: Verdict) -> int | None:
    """The step that is named, `_NO_STEP` where every step is called right, None where nothing is said."""
    if isinstance(verdict, Error):
        return verdict.step
    return _NO_STEP if verdict.reason in _SAYS_NONE else None


def _agreed(votes: Sequence[Verdict]) -> Verdict:
    """One verdict for several about the same step."""
    first = votes[0]
    if not isinstance(first, Error):
        return first
    types = Counter(vote.type for vote in votes if isinstance(vote, Error))
    return Error(types.most_common(1)[0][0], first.step, first.origin)


def _said(verdict: Verdict) -> str:
    """A verdict in a few words."""
    step = _step_of(verdict)
    if step is None and isinstance(verdict, Dropped):
        return str(verdict.reason)
    return f"step {step}" if step else "none"
