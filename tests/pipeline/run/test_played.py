"""The played teacher does over HTTP what the world's oracle does in the same process; else it would test nothing."""

from collections.abc import Iterator

import pytest
from played import PlayedTeacher, question_in

from lemma_hf import grade
from lemma_hf.inference import Sampling
from lemma_hf.inference.endpoint import ChatClient, Endpoint, ReplyStore
from lemma_hf.inference.llm import LLMStudent
from lemma_hf.prompts import PROMPT_STYLES, prompt_style
from lemma_hf.records import Attempt, Dropped, DropReason, Error, Flawed, Outcome, Trajectory
from lemma_hf.taxonomy import ErrorType
from lemma_hf.teachers.llm import LLMTeacher
from lemma_hf.teachers.protocol import Injection
from lemma_hf.teachers.world import WorldTeacher
from lemma_hf.testing import LoopbackEndpoint
from lemma_hf.world.stories import STORIES

PROBLEMS = STORIES.problems(40, seed=5)
ORACLE = WorldTeacher(STORIES)


@pytest.fixture
def client() -> Iterator[ChatClient]:
    with LoopbackEndpoint(PlayedTeacher(PROBLEMS)) as endpoint, ReplyStore(":memory:") as store:
        yield ChatClient(Endpoint("m", endpoint.url), store, progress=False)
        assert not endpoint.repeats()


@pytest.fixture
def flawed() -> list[Flawed]:
    wanted = [Injection(problem, ErrorType.CALCULATION, f"i-{problem.id}") for problem in PROBLEMS]
    return [item for item in ORACLE.inject(wanted) if isinstance(item, Flawed)]


def test_its_verdicts_are_the_oracles(client: ChatClient, flawed: list[Flawed]) -> None:
    attempts = [item.attempt for item in flawed]
    assert len(attempts) > 30
    assert LLMTeacher(client).analyse(attempts) == ORACLE.analyse(attempts)
    right = [Attempt(problem, STORIES.split(problem.reference_solution)) for problem in PROBLEMS]
    verdicts = LLMTeacher(client).analyse(right)
    assert all(isinstance(one, Dropped) and one.reason is DropReason.ALL_STEPS_RIGHT for one in verdicts)


def test_its_corrections_reach_the_answer_and_keep_the_prefix(client: ChatClient, flawed: list[Flawed]) -> None:
    teacher = LLMTeacher(client)
    for trajectories in (teacher.fix(flawed), teacher.restart(flawed)):
        for item, trajectory in zip(flawed, trajectories, strict=True):
            assert isinstance(trajectory, Trajectory)
            assert trajectory.text.startswith("".join(item.attempt.steps[: item.error.step]))
            assert grade(trajectory.text, item.problem.reference_answer).outcome is Outcome.RIGHT


def test_its_injections_are_of_the_type_and_in_the_step_that_it_says(client: ChatClient) -> None:
    wanted = [Injection(problem, ErrorType.OPERATOR, f"i-{problem.id}") for problem in PROBLEMS]
    made = [item for item in LLMTeacher(client).inject(wanted) if isinstance(item, Flawed)]
    assert len(made) == len(PROBLEMS)  # like a model, it writes something wherever it is asked
    verdicts = ORACLE.analyse([item.attempt for item in made])
    injected = [(item, seen) for item, seen in zip(made, verdicts, strict=True) if isinstance(seen, Error)]
    assert len(injected) > 20
    assert all((seen.step, seen.type) == (item.error.step, ErrorType.OPERATOR) for item, seen in injected)


def test_its_smoothing_changes_words_and_not_the_solution(client: ChatClient, flawed: list[Flawed]) -> None:
    teacher = LLMTeacher(client)
    rough = [one for one in teacher.fix(flawed) if isinstance(one, Trajectory)]
    smooth = [one for one in teacher.smooth(rough) if isinstance(one, Trajectory)]
    assert len(smooth) == len(rough) and smooth != rough
    assert [one.spans[-1] for one in smooth] == [one.spans[-1] for one in rough]


@pytest.mark.parametrize("style", ["instruction", "question", "step_by_step", "show_steps"])
def test_as_a_student_it_is_wrong_about_as_often_as_it_is_told(client: ChatClient, style: str) -> None:
    prompts = [prompt_style(style).prompt(problem.question) for problem in PROBLEMS]
    written = LLMStudent(client).complete(prompts, Sampling(n=4, temperature=0.7))
    outcomes = [
        grade(completion.text, problem.reference_answer).outcome
        for problem, completions in zip(PROBLEMS, written, strict=True)
        for completion in completions
    ]
    # 160 draws of which 60 % ought to be wrong, and some types of mistakes cannot be made in some problems.
    assert 0.2 < outcomes.count(Outcome.WRONG) / 160 < 0.7
    assert set(outcomes) == {Outcome.WRONG, Outcome.RIGHT}
    assert len({completion.text for completions in written for completion in completions}) > 100


def test_garbled_replies_are_unreadable(flawed: list[Flawed]) -> None:
    teacher = PlayedTeacher(PROBLEMS, garbled=1.0)
    with LoopbackEndpoint(teacher) as endpoint, ReplyStore(":memory:") as store:
        found = LLMTeacher(ChatClient(Endpoint("m", endpoint.url), store, progress=False)).fix(flawed[:3])
    assert [one.reason for one in found if isinstance(one, Dropped)] == [DropReason.UNREADABLE_REPLY] * 3


def test_the_same_body_gets_the_same_answer_and_an_unknown_question_is_an_error() -> None:
    played = PlayedTeacher(PROBLEMS)
    body = {"messages": [{"role": "user", "content": PROBLEMS[0].question}], "seed": 3}
    assert played(body) == PlayedTeacher(PROBLEMS)(dict(body))
    with pytest.raises(KeyError, match="Who"):
        played({"messages": [{"role": "user", "content": "Who?"}]})


def test_the_question_is_found_in_every_style() -> None:
    for name in set(PROMPT_STYLES) - {"sums", "sums_work"}:
        assert question_in(prompt_style(name).prompt("How many?")) == "How many?"
