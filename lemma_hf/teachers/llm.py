"""A language model as the teacher: a chat model behind an endpoint, with the prompts of `lemma_hf.teachers.prompts`.

What has to stay as it is never passes through the model: of a correction it writes the reflection and what follows, and
we put the right steps and the wrong step in front; of a trajectory to be smoothed it writes these two again.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

from lemma_hf.errors import ConfigError
from lemma_hf.inference.endpoint.chat import ChatModel, ChatRequest, ChatResult, Refusal
from lemma_hf.records import (
    Attempt,
    Dropped,
    DropReason,
    Error,
    Flawed,
    Origin,
    Outcome,
    Problem,
    Span,
    Strategy,
    Trajectory,
)
from lemma_hf.solutions.spans import split_steps
from lemma_hf.solutions.step_facts import to_prose
from lemma_hf.taxonomy import INJECTABLE, ErrorType
from lemma_hf.teachers.prompts import (
    FIELDS,
    Turn,
    Unreadable,
    load_prompt,
    parse_analysis,
    parse_correction,
    parse_injection,
    parse_smoothing,
)
from lemma_hf.teachers.protocol import Injection

_T = TypeVar("_T")
_T_co = TypeVar("_T_co", covariant=True)

_MAX_CHARACTERS = 20_000
"""A longer question, solution or attempt is not sent: some thirty times as much as solutions have in the mean."""
_WRITING_TEMPERATURE = 0.7
"""The paper's own for student roll-outs (section 3): warm enough that not all turns begin alike."""
_ASK_AGAIN = frozenset((DropReason.UNREADABLE_REPLY, DropReason.STEP_OUT_OF_RANGE, DropReason.ERROR_NOT_FOUND))
"""Reasons that another sample may remove."""
_LONGEST_ANSWER = 100
"""Characters of an attempt's answer that are said again in the prompt: a number or a formula is shorter."""


@dataclass(frozen=True, slots=True)
class _Question(Generic[_T_co]):
    """One item as the model is asked about it, and the reader of its reply."""

    item_id: str
    stage: str
    fields: Mapping[str, str]
    read: Callable[[str], _T_co | Dropped]
    sample: int = 0
    cold: bool = False
    """Whether it is asked at temperature 0 first: a verdict, not a text."""


class LLMTeacher:
    """A [`Teacher`][lemma_hf.teachers.protocol.Teacher] that asks a chat model.

    A reply that cannot be read is asked for again, as the next sample and never at temperature 0, where it would come
    the same; after `tries` the item is dropped as UNREADABLE_REPLY (or STEP_OUT_OF_RANGE). A call without a reply is
    not repeated here: that is the client's business.

    Args:
        client: answers the requests; see `lemma_hf.inference.endpoint`.
        prompts: a folder with prompts of your own (analyse.md, inject.md, fix.md, restart.md, smooth.md), or `small`
            for ours for small models; by default ours.
        max_tokens: of a reply. A model that thinks before it answers needs more than the default.
        temperature: of what is written: injections, corrections, smoothings. Verdicts of `analyse` are asked for at 0.
        tries: how often an item is asked about until its reply can be read.

    Raises:
        ConfigError: if `tries` is below 1, or a prompt is broken.

    Example:
        >>> from lemma_hf.inference.endpoint.chat import Reply
        >>> class Echo:
        ...     def ask(self, requests, title):
        ...         return [Reply("12 + 5 is 17. <step>2</step><type>calculation</type>") for _ in requests]
        >>> problem = Problem("p", "A pen costs $3. What do 4 pens and a $5 pad cost?", "17")
        >>> attempt = Attempt(problem, ("4 pens cost 4*3=12 dollars.\\n", "With the pad it is 12+5=18 dollars.\\n"))
        >>> (error,) = LLMTeacher(Echo()).analyse([attempt])
        >>> error.step, error.type
        (2, <ErrorType.CALCULATION: 'calculation'>)
    """

    batch = 4096
    """Items to hand over in one call: enough to keep any endpoint busy, few enough to hold in memory."""
    shows_progress = True
    """The client shows a bar of its own."""
    error_types: Sequence[ErrorType] = INJECTABLE
    """The types that `inject` can write."""

    def __init__(
        self,
        client: ChatModel,
        prompts: str | Path | None = None,
        *,
        max_tokens: int = 2048,
        temperature: float = _WRITING_TEMPERATURE,
        tries: int = 2,
    ) -> None:
        if tries < 1:
            raise ConfigError(f"`tries` must be at least 1, but is {tries}")
        self.client = client
        self.prompts = {name: load_prompt(name, prompts) for name in FIELDS}
        self.max_tokens = max_tokens
        self.temperature = temperature
        self.tries = tries

    @property
    def prompt_versions(self) -> dict[str, str]:
        """Version and digest of each prompt, such as `1+dabc22dc`; to be kept with the data."""
        return {name: f"{prompt.version}+{prompt.digest}" for name, prompt in self.prompts.items()}

    def analyse(self, attempts: Sequence[Attempt]) -> list[Error | Dropped]:
        """The first wrong step of each attempt, and its type; ALL_STEPS_RIGHT where the model calls them so.

        Of an attempt whose answer is graded wrong the model is told so, and asked again where it finds no wrong step.
        """
        return [verdict for (verdict,) in self.vote(attempts, 1)]

    def vote(self, attempts: Sequence[Attempt], votes: int) -> list[tuple[Error | Dropped, ...]]:
        """The verdicts of several calls for each attempt.

        The first is that of `analyse`, at temperature 0; each further one is a sample of its own, at `temperature`. So
        more votes later ask only for those that are new.

        Args:
            votes: verdicts for each attempt, at least 1.
        """
        # All votes about one attempt follow each other, so that a server can keep what it has read of the prompt.
        questions = [_to_analyse(attempt, vote, self.tries) for attempt in attempts for vote in range(votes)]
        verdicts = self._ask("analyse", "analyse", questions)
        return [tuple(verdicts[start : start + votes]) for start in range(0, len(verdicts), votes)]

    def inject(self, injections: Sequence[Injection]) -> list[Flawed | Dropped]:
        """A new wrong solution for each request; its id decides which sample it is, so that no two are the same."""
        return self._ask("inject", "inject", [_to_inject(wanted) for wanted in injections])

    def fix(self, flawed: Sequence[Flawed]) -> list[Trajectory | Dropped]:
        """Fix & Continue: the model corrects the wrong step and goes on from there."""
        return self._ask("fix", "correct: fix", [_to_correct(item, Strategy.FIX_AND_CONTINUE) for item in flawed])

    def restart(self, flawed: Sequence[Flawed]) -> list[Trajectory | Dropped]:
        """Fresh & Restart: the model solves the problem anew, on the way of the item's target or the reference."""
        return self._ask(
            "restart", "correct: restart", [_to_correct(item, Strategy.FRESH_AND_RESTART) for item in flawed]
        )

    def smooth(self, trajectories: Sequence[Trajectory]) -> list[Trajectory | Dropped]:
        """The last turn of each trajectory in smoother words; one without an error comes back as it is."""
        turning = [_to_smooth(trajectory) for trajectory in trajectories if trajectory.errors]
        smoothed = iter(self._ask("smooth", "smooth", turning))
        return [next(smoothed) if trajectory.errors else trajectory for trajectory in trajectories]

    def _ask(self, name: str, title: str, questions: Sequence[_Question[_T] | Dropped]) -> list[_T | Dropped]:
        """An outcome for each question, in order; what is dropped already is not asked about."""
        found: dict[int, _T | Dropped] = {}
        still_open: dict[int, _Question[_T]] = {}
        for place, question in enumerate(map(_if_short, questions)):
            if isinstance(question, Dropped):
                found[place] = question
            else:
                still_open[place] = question
        for number in range(self.tries):
            if not still_open:
                break
            requests = [self._request(name, question, number) for question in still_open.values()]
            answers = self.client.ask(requests, title if number == 0 else f"{title}, again")
            for (place, question), answer in zip(still_open.items(), answers, strict=True):
                found[place] = _read_answer(question, answer)
            still_open = {place: question for place, question in still_open.items() if _worth_another(found[place])}
        return [found[place] for place in range(len(questions))]

    def _request(self, name: str, question: _Question[_T], number: int) -> ChatRequest:
        warm = 0.0 if question.cold else self.temperature
        prompt = self.prompts[name]
        return ChatRequest(
            prompt.messages(**{field: question.fields[field] for field in prompt.fields}),
            max_tokens=self.max_tokens,
            temperature=warm if number == 0 else max(warm, _WRITING_TEMPERATURE),
            sample=question.sample + number,
        )


def _if_short(question: _Question[_T] | Dropped) -> _Question[_T] | Dropped:
    if isinstance(question, Dropped):
        return question
    for field, text in question.fields.items():
        if len(text) > _MAX_CHARACTERS:
            detail = f"{field}: {len(text)} characters, more than {_MAX_CHARACTERS}"
            return Dropped(question.item_id, question.stage, DropReason.TOO_LONG, detail)
    return question


def _read_answer(question: _Question[_T], answer: ChatResult) -> _T | Dropped:
    if isinstance(answer, Refusal):
        return answer.dropped(question.item_id, question.stage)
    return question.read(answer.text)


def _worth_another(outcome: object) -> bool:
    return isinstance(outcome, Dropped) and outcome.reason in _ASK_AGAIN


def _to_analyse(attempt: Attempt, vote: int, tries: int) -> _Question[Error] | Dropped:
    if not attempt.text.strip():
        return Dropped(attempt.name, "analyse", DropReason.EMPTY)
    if attempt.grade is not None and attempt.grade.outcome is Outcome.RIGHT:
        return Dropped(attempt.name, "analyse", DropReason.ALREADY_RIGHT)
    steps = "\n".join(f"[{number}] {step.strip()}" for number, step in enumerate(attempt.steps, 1))
    fields = _about(attempt.problem) | {"steps": steps, "verdict": _verdict(attempt)}
    # A second try of one vote must not be the first try of another: that reply would count twice.
    return _Question(attempt.name, "analyse", fields, partial(_read_analysis, attempt), vote * tries, cold=vote == 0)


def _verdict(attempt: Attempt) -> str:
    """A sentence on the attempt's answer."""
    if not _is_wrong(attempt):
        return "Whether the answer of the attempt is right is not known: every step may be right."
    answer = attempt.grade.extracted if attempt.grade is not None else None
    named = f", {answer.strip()}," if answer and len(answer) <= _LONGEST_ANSWER else ""
    return f"The answer of the attempt{named} is wrong: at least one of its steps is wrong."


def _is_wrong(attempt: Attempt) -> bool:
    return attempt.grade is not None and attempt.grade.outcome is Outcome.WRONG


def _read_analysis(attempt: Attempt, reply: str) -> Error | Dropped:
    said = parse_analysis(reply)
    if isinstance(said, Unreadable):
        return _unreadable(said, attempt.name, "analyse")
    if said.step is None and _is_wrong(attempt):
        detail = "the teacher calls every step right, though the answer is wrong"
        return Dropped(attempt.name, "analyse", DropReason.ERROR_NOT_FOUND, detail)
    if said.step is None:
        return Dropped(attempt.name, "analyse", DropReason.ALL_STEPS_RIGHT, "the teacher calls every step right")
    if said.step > len(attempt.steps):
        return _out_of_range(said.step, len(attempt.steps), attempt.name, "analyse")
    return Error(said.type, said.step)


def _to_inject(wanted: Injection) -> _Question[Flawed]:
    fields = _about(wanted.problem) | {"type": wanted.type.value, "definition": wanted.type.definition}
    # Two requests for the same problem and type are the same but for this, and would get the same stored reply.
    drawn = int.from_bytes(hashlib.sha256(wanted.id.encode()).digest()[:4], "big") >> 2
    return _Question(wanted.id, "inject", fields, partial(_read_injection, wanted), drawn)


def _read_injection(wanted: Injection, reply: str) -> Flawed | Dropped:
    said = parse_injection(reply)
    if isinstance(said, Unreadable):
        return _unreadable(said, wanted.id, "inject")
    steps = split_steps(said.solution)
    if said.step > len(steps):
        return _out_of_range(said.step, len(steps), wanted.id, "inject")
    return Flawed(Attempt(wanted.problem, steps, id=wanted.id), Error(wanted.type, said.step, Origin.INJECTED))


def _to_correct(flawed: Flawed, strategy: Strategy) -> _Question[Trajectory] | Dropped:
    item_id, kind = flawed.corrected_id(strategy), flawed.error.type
    if not flawed.wrong_step.strip():
        return Dropped(item_id, "correct", DropReason.EMPTY, "the wrong step holds nothing but white space")
    fields = _about(flawed.problem, flawed.target if strategy is Strategy.FRESH_AND_RESTART else "")
    fields |= {
        "right_steps": "".join(flawed.right_steps).strip() or "(none: the first step is the wrong one)",
        "wrong_step": flawed.wrong_step.strip(),
        "type": kind.value if kind is not None else "not known",
        "definition": kind.definition if kind is not None else "Nobody said what kind of mistake it is.",
    }
    return _Question(item_id, "correct", fields, partial(_read_correction, flawed, strategy, item_id))


def _read_correction(flawed: Flawed, strategy: Strategy, item_id: str, reply: str) -> Trajectory | Dropped:
    said = parse_correction(reply)
    if isinstance(said, Unreadable):
        return _unreadable(said, item_id, "correct")
    ahead = "" if flawed.wrong_step[-1].isspace() else "\n"
    return Trajectory.corrected(flawed, strategy, f"{ahead}{said.reflection}\n", said.correction)


def _to_smooth(trajectory: Trajectory) -> _Question[Trajectory]:
    *before, reflection, correction = trajectory.spans
    fields = {
        "question": trajectory.problem.question,
        "steps": "".join(span.text for span in before).strip(),
        "reflection": reflection.text.strip(),
        "correction": correction.text.strip(),
    }
    item_id = trajectory.id or trajectory.problem.id
    return _Question(item_id, "smooth", fields, partial(_read_smoothing, trajectory, item_id))


def _read_smoothing(trajectory: Trajectory, item_id: str, reply: str) -> Trajectory | Dropped:
    said = parse_smoothing(reply)
    if isinstance(said, Unreadable):
        return _unreadable(said, item_id, "smooth")
    return replace(trajectory, spans=(*trajectory.spans[:-2], *_rejoined(trajectory.spans[-2:], said)))


def _rejoined(old: Sequence[Span], said: Turn) -> tuple[Span, Span]:
    """New words between the old white space, so that the joints stay as they were."""
    reflection, correction = old
    before, after = _margins(reflection.text)
    ahead, behind = _margins(correction.text)
    joint = after if after or ahead else "\n"
    return (
        replace(reflection, text=f"{before}{said.reflection}{joint}"),
        replace(correction, text=f"{ahead}{said.correction}{behind}"),
    )


def _margins(text: str) -> tuple[str, str]:
    """The white space at both ends of a text."""
    if not text.strip():
        return "", text
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]


def _about(problem: Problem, target: str = "") -> dict[str, str]:
    """The fields that describe the problem, without file marks such as `<<6*2=12>>`, which a model would copy."""
    prose = (target or problem.reference_solution).strip()
    if len(prose) <= _MAX_CHARACTERS:
        prose = "".join(to_prose(step) for step in split_steps(prose))
    return {
        "question": problem.question.strip(),
        "answer": problem.reference_answer.strip() or "(not known)",
        "solution": prose or "(not known)",
    }


def _unreadable(said: Unreadable, item_id: str, stage: str) -> Dropped:
    return Dropped(item_id, stage, DropReason.UNREADABLE_REPLY, f"the teacher's reply: {said.why}")


def _out_of_range(step: int, steps: int, item_id: str, stage: str) -> Dropped:
    return Dropped(item_id, stage, DropReason.STEP_OUT_OF_RANGE, f"said to be step {step} of {steps}")
