"""Which requests would a run make? The teacher and the student themselves say it: asked, with nobody at the other end.

They get a client that writes down what it is asked and sends nothing. So the requests are the very ones of the run,
and the store can be asked which of them it answers.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from lemma_hf.errors import DataError, LemmaError
from lemma_hf.inference import Sampling, Student
from lemma_hf.inference.endpoint.chat import ChatRequest, ChatResult, Refusal
from lemma_hf.inference.endpoint.endpoint import Endpoint
from lemma_hf.inference.endpoint.reply_store import ReplyLookup
from lemma_hf.pipeline.grade import grade_stage, is_right
from lemma_hf.pipeline.run.cost import AGAIN, Asked, CostEstimate, Workload, draw, estimate_stages
from lemma_hf.pipeline.stage import StageCount
from lemma_hf.prompts import PromptStyle
from lemma_hf.records import (
    Attempt,
    DropReason,
    Error,
    Flawed,
    Problem,
    Strategy,
    Trajectory,
)
from lemma_hf.solutions.spans import split_steps
from lemma_hf.taxonomy import INJECTABLE, ErrorType
from lemma_hf.teachers import Injection, Teacher

_Actor = TypeVar("_Actor")

_GRADED = 8
"""Attempts graded for each one that a request is made of: grading is cheap, and the share of wrong ones matters."""
_A_TURN = "Wait, this step does not look right. Let me check it against what the problem says before I go on.\n"


class Recorder:
    """A client that sends nothing: each request is written down, and refused.

    Example:
        >>> recorder = Recorder()
        >>> recorder.ask([ChatRequest(({"role": "user", "content": "2+2?"},))], "sample")[0].detail
        'not sent: this is a dry run'
        >>> len(recorder.requests["sample"])
        1
    """

    def __init__(self) -> None:
        self.requests: dict[str, list[ChatRequest]] = {}
        """By the title of the calls."""

    def ask(self, requests: Sequence[ChatRequest], title: str) -> list[ChatResult]:
        """A refusal for each."""
        self.requests.setdefault(title, []).extend(requests)
        return [Refusal(DropReason.CALL_FAILED, "not sent: this is a dry run") for _ in requests]


@dataclass(frozen=True, slots=True)
class Who(Generic[_Actor]):
    """A student or teacher behind an endpoint."""

    endpoint: Endpoint
    make: Callable[["Recorder"], _Actor]
    """Makes it, given a client; such as `LLMStudent`."""


def estimate_cost(
    problems: Sequence[Problem],
    attempts: Sequence[Attempt] = (),
    *,
    teacher: Who[Teacher] | None = None,
    student: Who[Student] | None = None,
    sampling: Sampling | None = None,
    style: PromptStyle,
    benchmark: str = "math",
    injections: int = 0,
    injection_share: float = 0.0,
    both_strategies: bool = False,
    earlier: Sequence[StageCount] = (),
    store: ReplyLookup | None = None,
    seed: int = 0,
    count: int = 64,
) -> CostEstimate:
    """What a run would cost, from a sample of its problems and attempts. Nothing is sent.

    Args:
        attempts: those that exist already; a sample of them is graded, eight times as large as `count`.
        teacher: None where the teacher is no model behind an endpoint; `student` likewise.
        sampling: how a student writes attempts, here or behind an endpoint; None where none writes any.
        style: how the problem is put to the student.
        earlier: the funnel of an earlier run, see `read_funnel`.
        count: problems, and wrong attempts, that requests are made of.
    """
    some = draw(problems, count, seed) or [attempt.problem for attempt in draw(attempts, count, seed)]
    looked_at = [] if sampling else draw(attempts, _GRADED * count, seed)
    graded = grade_stage(benchmark).work(looked_at) if looked_at else []
    wrong = [item for item in graded if isinstance(item, Attempt) and not is_right(item)]
    asked: list[Asked] = []
    if student and sampling and some:
        prompts, solutions = [style.prompt(p.question) for p in some], [p.reference_solution for p in some]
        asked += ask_student(student.make, student.endpoint, prompts, sampling, solutions=solutions, store=store)
    if teacher and some:
        asked += ask_teacher(teacher.make, teacher.endpoint, some, draw(wrong, count, seed), store)
    work = Workload(
        attempts=len(problems) * sampling.n if sampling else len(attempts),
        wrong=len(wrong),
        graded=len(graded),
        injections=injections,
        injection_share=injection_share,
        both_strategies=both_strategies,
        earlier=earlier,
    )
    return estimate_stages(work, asked, store.totals() if store else ())


def read_funnel(path: str | Path) -> list[StageCount]:
    """The counts of an earlier run, from its `funnel.json`; none where there is no such file.

    Raises:
        DataError: if it is something else.
    """
    path = Path(path)
    if not path.is_file():
        return []
    try:
        return [StageCount(**count) for count in json.loads(path.read_text("utf-8"))]
    except (OSError, ValueError, TypeError, LemmaError) as error:
        raise DataError(f"{path}: is not the funnel of an earlier run ({error}); move it away") from None


def ask_teacher(
    make_teacher: Callable[[Recorder], Teacher],
    endpoint: Endpoint,
    problems: Sequence[Problem],
    wrong: Sequence[Attempt] = (),
    store: ReplyLookup | None = None,
) -> list[Asked]:
    """What a teacher would ask, stage by stage.

    Args:
        make_teacher: such as `lambda client: LLMTeacher(client, prompts)`.
        problems: a sample, see `lemma_hf.pipeline.run.cost.draw`.
        wrong: the wrong attempts of that sample, where there are attempts. Else, and for the stages behind `analyse`,
            whose items only the run can make, stand-ins of the length of the reference solutions are asked about.
        store: looked up for answers that are there already.
    """
    recorder = Recorder()
    teacher = make_teacher(recorder)
    attempts = list(wrong) or [_attempt(problem) for problem in problems]
    flawed = [_flawed(attempt) for attempt in attempts]
    types = [INJECTABLE[number % len(INJECTABLE)] for number in range(len(problems))]
    teacher.analyse(attempts)
    teacher.inject([Injection(p, type_, f"{p.id}/injected") for p, type_ in zip(problems, types, strict=True)])
    teacher.fix(flawed)
    teacher.restart(flawed)
    teacher.smooth([_trajectory(item) for item in flawed])
    return [
        _asked(title, title, endpoint, requests, store, stand_ins=not (wrong and title == "analyse"))
        for title, requests in recorder.requests.items()
        if not title.endswith(AGAIN)
    ]


def ask_student(
    make_student: Callable[[Recorder], Student],
    endpoint: Endpoint,
    prompts: Sequence[str],
    sampling: Sampling,
    *,
    solutions: Sequence[str] = (),
    store: ReplyLookup | None = None,
) -> list[Asked]:
    """What a student at an endpoint would be asked: one entry, or none where it asks nobody.

    Args:
        make_student: such as `LLMStudent`.
        prompts: of a sample of the problems, see `PromptStyle.prompt`.
        solutions: their reference solutions, which say about how long attempts are.
    """
    recorder = Recorder()
    make_student(recorder).complete(prompts, sampling)
    return [
        _asked("sample", title, endpoint, requests, store, solutions=solutions)
        for title, requests in recorder.requests.items()
        if not title.endswith(AGAIN)
    ]


def _asked(
    stage: str,
    title: str,
    endpoint: Endpoint,
    requests: Sequence[ChatRequest],
    store: ReplyLookup | None,
    *,
    stand_ins: bool = False,
    solutions: Sequence[str] = (),
) -> Asked:
    keys = [request.key(endpoint.model, endpoint.extra_body) for request in requests]
    there = store.get_many(keys) if store is not None else {}
    answered = sum(key in there for key in keys)
    return Asked(stage, endpoint, requests, answered, stand_ins, title, solutions)


def _attempt(problem: Problem) -> Attempt:
    """An attempt of about the usual length: the reference solution, or, where there is none, the question."""
    return Attempt(problem, split_steps(problem.reference_solution or problem.question) or ("?",))


def _flawed(attempt: Attempt) -> Flawed:
    """An error half-way."""
    return Flawed(attempt, Error(ErrorType.CALCULATION, (len(attempt.steps) + 1) // 2))


def _trajectory(flawed: Flawed) -> Trajectory:
    """A turn, and a correction of the length of a whole solution."""
    correction = flawed.problem.reference_solution or flawed.attempt.text
    return Trajectory.corrected(flawed, Strategy.FIX_AND_CONTINUE, _A_TURN, correction, id=flawed.problem.id)
