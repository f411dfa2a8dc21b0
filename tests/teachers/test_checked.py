"""Verdicts that are checked: the majority of votes, and agreement with a teacher that knows the reference."""

from collections.abc import Sequence

import pytest

from lemma_hf.errors import ConfigError
from lemma_hf.inference.endpoint import ChatClient, Endpoint, ReplyStore
from lemma_hf.records import Attempt, Dropped, DropReason, Error, Grade, Outcome, Problem
from lemma_hf.taxonomy import ErrorType
from lemma_hf.teachers import CheckedTeacher, LLMTeacher, ReferenceTeacher, ScriptedTeacher, Teacher
from lemma_hf.teachers.checked import hold_against, majority
from lemma_hf.teachers.loading import checked, load_teacher
from lemma_hf.testing import LoopbackEndpoint

# 3 * 4 = 12 and 12 + 5 = 17; the attempt computes 12 + 5 = 18.
PENS = Problem(
    "pens", "A pen costs $3. What do 4 pens and a pad for $5 cost?", "17", "The pens cost 3*4=12.\nIt is 12+5=17."
)
STEPS = ("The pens cost 3 * 4 = 12 dollars.\n", "With the pad it is 12 + 5 = 18 dollars.\n", "The answer is: 18")
WRONG = Grade(Outcome.WRONG, "18", "17", "said>number")
ATTEMPT = Attempt(PENS, STEPS, WRONG, id="a")


def step(number: int, type_: ErrorType = ErrorType.CALCULATION) -> Error:
    return Error(type_, number)


def dropped(reason: DropReason, detail: str = "") -> Dropped:
    return Dropped("a", "analyse", reason, detail)


NONE = dropped(DropReason.ALL_STEPS_RIGHT)
TALK = dropped(DropReason.UNREADABLE_REPLY)
DOWN = dropped(DropReason.CALL_FAILED)


def test_the_step_that_more_than_half_of_the_votes_name_is_taken() -> None:
    assert majority("a", [step(2)]) == step(2)
    assert majority("a", [step(2), step(3), step(2)]) == step(2)
    assert majority("a", [TALK, step(2), step(2)]) == step(2)


def test_the_type_is_that_of_most_votes_for_the_step_and_of_the_first_where_they_tie() -> None:
    counting, operator = step(2, ErrorType.COUNTING), step(2, ErrorType.OPERATOR)
    assert majority("a", [step(2), counting, counting]) == counting
    assert majority("a", [operator, counting, step(3)]) == operator
    assert majority("a", [step(3, ErrorType.COUNTING), step(2), step(2)]) == step(2)


@pytest.mark.parametrize(
    ("votes", "detail"),
    [
        ([step(2), step(3)], "votes: step 2, step 3"),
        ([step(2), step(3), NONE], "votes: step 2, step 3, none"),
        ([step(2), TALK], "votes: step 2, unreadable_reply"),
        ([step(2), TALK, step(3), step(2)], "votes: step 2, unreadable_reply, step 3, step 2"),
    ],
)
def test_without_a_majority_the_votes_are_said(votes: Sequence[Error | Dropped], detail: str) -> None:
    assert majority("a", votes) == dropped(DropReason.DISAGREEMENT, detail)


def test_most_votes_may_call_every_step_right() -> None:
    assert majority("a", [NONE, step(1), NONE]) == NONE
    wrong = dropped(DropReason.ERROR_NOT_FOUND, "though the answer is wrong")
    assert majority("a", [step(1), wrong, wrong]) == wrong


def test_a_call_that_failed_leaves_the_vote_open_so_that_it_can_be_asked_again() -> None:
    assert majority("a", [step(2), DOWN, step(3)]) == DOWN
    assert majority("a", [step(2), DOWN, step(2)]) == step(2)


def test_what_keeps_every_vote_from_being_counted_is_the_reason() -> None:
    assert majority("a", [TALK, TALK]) == TALK
    right = dropped(DropReason.ALREADY_RIGHT)
    assert majority("a", [right, right, right]) == right


def test_a_step_that_the_reference_contradicts_is_no_step() -> None:
    detail = "the model: step 3; the reference: step 2 (sure to 91 %)"
    sure = Error(ErrorType.OPERATOR, 2, sureness=0.912)
    assert hold_against("a", step(3), sure) == dropped(DropReason.DISAGREEMENT, detail)
    assert hold_against("a", NONE, step(2)).detail == "the model: none; the reference: step 2"
    assert hold_against("a", step(2), sure) == step(2)


def test_where_one_of_two_teachers_says_nothing_there_is_nothing_to_compare() -> None:
    unsure = dropped(DropReason.UNSURE)
    assert hold_against("a", step(3), unsure) == step(3)
    assert hold_against("a", step(3), dropped(DropReason.NO_REFERENCE_SOLUTION)) == step(3)
    assert hold_against("a", TALK, step(2)) == TALK


def named(numbers: Sequence[int]) -> LoopbackEndpoint:
    """A model whose votes, one after the other, name these steps."""
    left = iter(numbers)
    return LoopbackEndpoint(lambda _: f"<step>{next(left)}</step><type>calculation</type>", slots=1)


def verdict_over_http(numbers: Sequence[int], reference: Teacher | None) -> Error | Dropped:
    with named(numbers) as endpoint, ReplyStore(":memory:") as store:
        client = ChatClient(Endpoint("m", endpoint.url, concurrency=1), store, progress=False)
        teacher = CheckedTeacher(LLMTeacher(client), len(numbers), reference)
        (verdict,) = teacher.analyse([ATTEMPT])
        assert teacher.analyse([ATTEMPT]) == [verdict]  # from the store
        assert len(endpoint.requests) == len(numbers)
    return verdict


def test_votes_are_calls_over_http_and_each_is_stored() -> None:
    assert verdict_over_http([2, 1, 2], None) == step(2)
    assert verdict_over_http([2, 1, 3], None) == dropped(DropReason.DISAGREEMENT, "votes: step 2, step 1, step 3")


def test_a_majority_is_held_against_the_reference() -> None:
    other = ScriptedTeacher(analyse=[step(2), step(2)])
    assert verdict_over_http([3, 1, 3], other).reason is DropReason.DISAGREEMENT
    assert verdict_over_http([2, 1, 2], ReferenceTeacher(trust_annotations=False)) == step(2)


def test_it_is_a_teacher_whose_other_methods_are_the_models() -> None:
    model = LLMTeacher(client=None)  # type: ignore[arg-type]  # nothing is asked
    teacher = CheckedTeacher(model, votes=3)
    assert isinstance(teacher, Teacher)
    assert (teacher.batch, teacher.shows_progress) == (model.batch // 3, True)
    assert (teacher.error_types, teacher.prompt_versions) == (model.error_types, model.prompt_versions)
    assert teacher.inject([]) == teacher.fix([]) == teacher.restart([]) == teacher.smooth([]) == []


def test_checks_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ConfigError, match="`votes` must be at least 1, but is 0"):
        CheckedTeacher(LLMTeacher(client=None), votes=0)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="`votes` checks a teacher that is a model"):
        load_teacher("reference", votes=3)
    with pytest.raises(ConfigError, match=r"`hold_against_reference` checks .* but it is 'world'"):
        load_teacher("world", world="sums", hold_against_reference=True)


def test_without_checks_the_model_itself_is_the_teacher() -> None:
    model = LLMTeacher(client=None)  # type: ignore[arg-type]
    assert checked(model) is model
    assert isinstance(checked(model, hold_against_reference=True), CheckedTeacher)
