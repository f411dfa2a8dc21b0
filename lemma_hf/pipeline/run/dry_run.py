"""Dry run: the requests that a run would make, recorded and not sent.

The student and the teacher of the run get a client that records what it is asked. So the requests are the very ones of
the run, and the store can be asked which of them it answers. A sample of the items is enough: from it
`lemma_hf.pipeline.run.cost` estimates the requests for all of them, and their price.
"""

import json
import random
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TypeVar

from lemma_hf.errors import DataError, LemmaError
from lemma_hf.inference import LLMStudent
from lemma_hf.inference.endpoint import ChatRequest, ChatResult, Endpoint, Refusal, ReplyLookup
from lemma_hf.inference.endpoint.endpoint import read_options
from lemma_hf.inference.loading import is_endpoint
from lemma_hf.pipeline.analyse import without_steps
from lemma_hf.pipeline.draft import Draft
from lemma_hf.pipeline.go_on import StudentGoesOn
from lemma_hf.pipeline.grade import grade_stage, is_right
from lemma_hf.pipeline.inputs import Inputs
from lemma_hf.pipeline.run.cost import AGAIN, CostEstimate, StageSample, Workload, cost_table, estimate_stages
from lemma_hf.pipeline.run.participants import GO_ON, VERIFY, sampling_of, student_style
from lemma_hf.pipeline.run.run import Run
from lemma_hf.pipeline.run.turns import EACH
from lemma_hf.pipeline.stage import StageCount
from lemma_hf.pipeline.store import FUNNEL_FILE
from lemma_hf.pipeline.verify import rollouts, verify_stage
from lemma_hf.records import Attempt, DropReason, Error, Flawed, Problem, Strategy, Trajectory
from lemma_hf.solutions.spans import split_steps
from lemma_hf.taxonomy import INJECTABLE, ErrorType
from lemma_hf.teachers import Injection, LLMTeacher, Teacher
from lemma_hf.teachers.loading import checked

_Item = TypeVar("_Item")

_SAMPLE = 64
"""Problems, and wrong attempts, that requests are made of: the mean length of a prompt is then known within some %."""
_GRADED = 8 * _SAMPLE
"""Attempts graded: that is cheap, and the share of wrong ones decides most of the cost."""
_REFLECTION = "Wait, this step does not look right. Let me check it against what the problem says before I go on.\n"
"""A stand-in for a reflection, of the usual length."""


def estimate_run(run: Run, inputs: Inputs) -> str:
    """The cost of a run as a table of requests, tokens and prices by stage, with its assumptions below."""
    budget, paid = run.settings.run.budget_usd, sum(total.usd for total in run.paid_before)
    return cost_table(estimate_cost(run, inputs), budget - paid if budget else None)


def estimate_cost(run: Run, inputs: Inputs) -> CostEstimate:
    """The cost of a run from a sample of its problems and attempts. Nothing is sent."""
    who, made, writes = run.settings.participants, run.settings.made, run.participants.writes
    problems = draw(inputs.problems, _SAMPLE, made.seed)
    problems = problems or [attempt.problem for attempt in draw(inputs.attempts, _SAMPLE, made.seed)]
    # A student's own attempts are not there yet: nothing is known of them.
    drawn = [] if writes else draw(inputs.attempts, _GRADED, made.seed)
    graded = grade_stage(made.benchmark).work(drawn) if drawn else []
    # The teacher is not asked about an attempt without steps.
    wrong = [item for item in graded if isinstance(item, Attempt) and not is_right(item) and not without_steps(item)]
    sampling = sampling_of(who, made.seed)
    samples: list[StageSample] = []
    if writes and is_endpoint(who.student) and problems:
        style, recorder = student_style(who, made), Recorder()
        LLMStudent(recorder).complete([style.prompt(problem.question) for problem in problems], sampling)
        endpoint = Endpoint.from_text(who.student, **read_options(who.student_options))
        solutions = [problem.reference_solution for problem in problems]
        samples += stage_samples(recorder, endpoint, run.store, solutions=solutions)
    some = draw(wrong, _SAMPLE, made.seed)
    if who.verify_prefix and is_endpoint(who.student) and problems:
        samples += _verify_samples(run, problems, some)
    goes_on = made.turns == EACH and bool(who.student)
    if goes_on and is_endpoint(who.student) and problems:
        samples += _go_on_samples(run, problems, some)
    if is_endpoint(who.teacher) and problems:
        recorder = Recorder()
        # What the reference teacher says costs nothing: only the votes count.
        model = LLMTeacher(recorder, who.prompts_dir or None, max_tokens=who.teacher_max_tokens)
        ask_teacher(checked(model, who.votes), problems, some)
        endpoint = Endpoint.from_text(who.teacher, **read_options(who.teacher_options))
        made_up = recorder.requests.keys() - ({"analyse"} if some else set())
        samples += stage_samples(recorder, endpoint, run.store, made_up=made_up)
    work = Workload(
        attempts=len(inputs.problems) * sampling.n if writes else len(inputs.attempts),
        wrong=len(wrong),
        graded=len(graded),
        injections=made.injections,
        injection_share=made.injection_share,
        both_strategies=made.both_strategies,
        votes=who.votes,
        verify_prefix=who.verify_prefix,
        turns=made.max_turns if goes_on else 0,
        earlier=read_funnel(Path(run.settings.run.place) / FUNNEL_FILE),
    )
    return estimate_stages(work, samples, run.store.totals() if run.store else ())


def _verify_samples(run: Run, problems: Sequence[Problem], wrong: Sequence[Attempt]) -> list[StageSample]:
    """The requests of roll-outs from the first half of attempts, or of stand-ins for them."""
    who, made, recorder = run.settings.participants, run.settings.made, Recorder()
    style = student_style(who, made)
    stage = verify_stage(
        LLMStudent(recorder, VERIFY),
        rollouts(sampling_of(who, made.seed), who.verify_prefix),
        style,
        made.benchmark,
    )
    stage.work([item for item in _half_way(_stand_ins(problems, wrong)) if item.right_steps])
    endpoint = Endpoint.from_text(who.student, **read_options(who.student_options))
    solutions = [problem.reference_solution for problem in problems]
    return stage_samples(recorder, endpoint, run.store, made_up={VERIFY}, solutions=solutions)


def _go_on_samples(run: Run, problems: Sequence[Problem], wrong: Sequence[Attempt]) -> list[StageSample]:
    """The requests to write on behind the first half of attempts, or of stand-ins for them."""
    who, made, recorder = run.settings.participants, run.settings.made, Recorder()
    student = LLMStudent(recorder, GO_ON)
    go_on = StudentGoesOn(student, student_style(who, made), run.participants.split, sampling_of(who, made.seed))
    halves = _half_way(_stand_ins(problems, wrong))
    go_on([Draft(half.attempt.name, half.problem, steps=(*half.right_steps, half.wrong_step)) for half in halves], 2)
    endpoint = Endpoint.from_text(who.student, **read_options(who.student_options))
    solutions = [problem.reference_solution for problem in problems]
    return stage_samples(recorder, endpoint, run.store, made_up={GO_ON}, solutions=solutions)


class Recorder:
    """A client that sends nothing: each request is recorded and refused.

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


def ask_teacher(teacher: Teacher, problems: Sequence[Problem], wrong: Sequence[Attempt] = ()) -> None:
    """Have a teacher do all that a run asks of it.

    Args:
        wrong: wrong attempts. Where there are none, and for the stages after `analyse`, whose items only the run can
            make, stand-ins of the length of the reference solutions are asked about.
    """
    attempts = _stand_ins(problems, wrong)
    flawed = _half_way(attempts)
    types = [INJECTABLE[number % len(INJECTABLE)] for number in range(len(problems))]
    teacher.analyse(attempts)
    teacher.inject([Injection(p, type_, f"{p.id}/injected") for p, type_ in zip(problems, types, strict=True)])
    teacher.fix(flawed)
    teacher.restart(flawed)
    teacher.smooth([_corrected(item) for item in flawed])


def _stand_ins(problems: Sequence[Problem], wrong: Sequence[Attempt]) -> list[Attempt]:
    """The wrong attempts, or where there are none, stand-ins of the length of the reference solutions."""
    return list(wrong) or [
        Attempt(problem, split_steps(problem.reference_solution or problem.question) or ("?",)) for problem in problems
    ]


def _half_way(attempts: Sequence[Attempt]) -> list[Flawed]:
    """Each attempt with an error in its middle step."""
    errors = [Error(ErrorType.CALCULATION, (len(attempt.steps) + 1) // 2) for attempt in attempts]
    return [Flawed(attempt, error) for attempt, error in zip(attempts, errors, strict=True)]


def stage_samples(
    recorder: Recorder,
    endpoint: Endpoint,
    store: ReplyLookup | None = None,
    *,
    made_up: Collection[str] = (),
    solutions: Sequence[str] = (),
) -> list[StageSample]:
    """The recorded requests by stage, without second tries.

    Args:
        store: looked up for replies that are there already.
        made_up: stages whose items are stand-ins.
        solutions: texts of about the length of the replies.
    """
    samples = []
    for stage, requests in recorder.requests.items():
        if not stage.endswith(AGAIN):
            keys = [endpoint.key_of(request) for request in requests]
            stored = store.get_many(keys) if store is not None else {}
            answered = sum(key in stored for key in keys)
            samples.append(StageSample(stage, endpoint, requests, answered, stage in made_up, solutions))
    return samples


def draw(items: Sequence[_Item], count: int, seed: int = 0) -> list[_Item]:
    """A sample, in the order of the items; the same one for the same seed."""
    places = random.Random(f"plan/{seed}").sample(range(len(items)), min(count, len(items)))
    return [items[place] for place in sorted(places)]


def read_funnel(path: Path) -> list[StageCount]:
    """The counts of an earlier run, from its `funnel.json`; none where there is no such file.

    Raises:
        DataError: if it is something else.
    """
    if not path.is_file():
        return []
    try:
        return [StageCount(**count) for count in json.loads(path.read_text("utf-8"))]
    except (OSError, ValueError, TypeError, LemmaError) as error:
        raise DataError(f"{path}: is not the funnel of an earlier run ({error}); move it away") from None


def _corrected(flawed: Flawed) -> Trajectory:
    """A stand-in with a turn, and a correction of the length of a whole solution."""
    correction = flawed.problem.reference_solution or flawed.attempt.text
    return Trajectory.corrected(flawed, Strategy.FIX_AND_CONTINUE, _REFLECTION, correction, id=flawed.problem.id)
