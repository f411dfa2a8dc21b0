"""What second thoughts did is read from claims before and behind a turn, and from nothing else."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lemma_hf.errors import ConfigError
from lemma_hf.records import Dropped, Grade, Outcome, SpanKind, Trajectory
from lemma_hf.solutions.reflection import Change, Reflected, reflect_many
from lemma_hf.solutions.spans import corrects_itself
from lemma_hf.world.stories import STORIES


def of(text: str, reference: str = "72") -> Reflected:
    return reflect_many([text], [reference])[0]


RIGHT, WRONG, TURN = "The answer is: 72\n", "The answer is: 62\n", "Wait, that can't be right. Let me check again.\n"


@pytest.mark.parametrize(
    ("text", "change"),
    [
        (RIGHT, Change.NONE),
        (WRONG, Change.NONE),
        ("", Change.NONE),
        (WRONG + TURN + RIGHT, Change.FIXED),
        (RIGHT + TURN + WRONG, Change.BROKEN),
        (RIGHT + TURN + RIGHT, Change.KEPT_RIGHT),
        (WRONG + TURN + "The answer is: 61\n", Change.KEPT_WRONG),
        ("9 * 7 = 62.\n" + TURN + RIGHT, Change.UNCLEAR),
        # Nothing comes of the doubt: the answer stands.
        (RIGHT + TURN, Change.KEPT_RIGHT),
        (WRONG + "Wait,", Change.KEPT_WRONG),
        # There is no thought before the first that this could be the second of.
        (TURN + RIGHT, Change.NONE),
        ("\n \n" + TURN + RIGHT, Change.NONE),
        # The right answer is given up for one that is cut off.
        (RIGHT + TURN + r"So it is \boxed{7", Change.BROKEN),
    ],
)
def test_the_change_is_from_the_claim_before_the_turn_to_the_final_one(text: str, change: Change) -> None:
    assert of(text).change is change


@pytest.mark.parametrize(
    "claim",
    [r"So it is $\boxed{%}$.", "#### %", '{"answer": "%"}', "Answer: %", "A: %", "The answer is % pens."],
)
def test_every_explicit_form_of_a_claim_counts(claim: str) -> None:
    wrong, right = (f"9 * 8 = {value}.\n{claim.replace('%', value)}\n" for value in ("62", "72"))
    assert of(wrong + TURN + right).change is Change.FIXED
    assert of(right + TURN + wrong).change is Change.BROKEN


def test_the_final_answer_is_the_one_that_the_grader_reads() -> None:
    # What is claimed behind the turn counts, in whatever form.
    found = of(rf"It is \boxed{{62}}. {TURN}{RIGHT}")
    assert found.final.extracted == "72" and found.change is Change.FIXED
    assert of(r"\boxed{9}. Wait, that is wrong. The correct answer is 5.", "5").change is Change.FIXED
    assert of(r"\boxed{5}. Wait, that is wrong. The correct answer is 9.", "5").change is Change.BROKEN
    # A denial that leads to nothing leaves no answer.
    assert of(r"\boxed{5}. Wait, that is wrong.", "5").change is Change.BROKEN


@pytest.mark.parametrize(
    ("opening", "closing"), [("<think>", "</think>"), ("[THINK]", "[/THINK]"), ("◁think▷", "◁/think▷")]
)
def test_a_turn_within_a_thought_counts_but_a_thought_is_no_final_answer(opening: str, closing: str) -> None:
    thought = f"{opening}{WRONG}{TURN}{RIGHT}"
    assert of(f"{thought}{closing}{RIGHT}").change is Change.FIXED
    assert of(thought).final.outcome is Outcome.NO_ANSWER
    # The mark is no text that the cue could doubt.
    assert of(f"{opening}{TURN}{RIGHT}{closing}{RIGHT}").change is Change.NONE


@pytest.mark.parametrize(
    "step",
    [
        "9 * 7 = 62",
        "62",  # a whole output of its own, but here a step
        "#### 2. Add them up\n9 * 7 = 62",  # a heading in Markdown
        "So 9 * 7 = 62.\nBut wait. The answer is wrong.",
        r"So it is \boxed{}",
        "Now we look for the answer.",
    ],
)
def test_a_number_a_heading_and_talk_of_an_answer_are_no_claims(step: str) -> None:
    found = of(f"{step}\n{TURN}{RIGHT}")
    assert found.reflects and found.first is None and found.change is Change.UNCLEAR


def test_an_answer_claimed_between_two_turns_is_the_first() -> None:
    # The usual LEMMA turn at a step, then an answer, then a doubt of that answer.
    assert of(f"9 * 7 = 62.\n{TURN}9 * 8 = 72.\n{RIGHT}{TURN}{WRONG}").change is Change.BROKEN


def test_of_several_answers_the_first_and_the_last_count() -> None:
    assert of(f"{WRONG}{TURN}{RIGHT}{TURN}{WRONG}").change is Change.KEPT_WRONG
    assert of(f"{RIGHT}{TURN}{WRONG}{TURN}{RIGHT}").change is Change.KEPT_RIGHT
    # Within one go, the last claim holds: "62" was taken back without a cue.
    assert of(f"{WRONG}{RIGHT}{TURN}{WRONG}").change is Change.BROKEN


def test_the_correction_may_stand_in_the_sentence_of_the_cue() -> None:
    text = r"It is \boxed{62}. Wait, no: \boxed{72}"
    assert not corrects_itself(text)  # no span is left to be trained on as correction
    assert of(text).change is Change.FIXED


def test_what_cannot_be_checked_is_unclear() -> None:
    assert of(WRONG + TURN + RIGHT, reference="").change is Change.UNCLEAR
    right, late = (Grade(outcome, "1", "1", "") for outcome in (Outcome.RIGHT, Outcome.TIMEOUT))
    assert Reflected(right, late, True).change is Reflected(late, right, True).change is Change.UNCLEAR
    assert Reflected(right, right, True).change is Change.KEPT_RIGHT


def test_each_output_meets_its_own_reference_and_benchmark() -> None:
    # "option B" is the letter B in multiple choice only.
    texts = [RIGHT, f"The answer is option B\n{TURN}The answer is option A", WRONG + TURN + RIGHT, "I do not know."]
    found = reflect_many(texts, ["72", "B", "62", "1"], benchmark=["math", "aqua", "math", "math"])
    assert [item.change for item in found] == [Change.NONE, Change.BROKEN, Change.BROKEN, Change.NONE]
    assert [item.final.outcome for item in found] == [Outcome.RIGHT, Outcome.WRONG, Outcome.WRONG, Outcome.NO_ANSWER]
    assert reflect_many([], []) == []
    with pytest.raises(ConfigError, match="1 outputs, 2 references"):
        reflect_many([RIGHT], ["72", "72"])


def stories(count: int) -> list[Trajectory]:
    """Trajectories whose spans were written as such by the world, not found by rules on words."""
    kinds = STORIES.error_types
    flawed = [
        STORIES.inject(problem, kinds[number % len(kinds)], str(number))
        for number, problem in enumerate(STORIES.problems(count, seed=7))
    ]
    made = [STORIES.fix(each) for each in flawed if not isinstance(each, Dropped)]
    return [each for each in made if isinstance(each, Trajectory)]


def test_a_story_fixes_the_wrong_answer_that_is_put_behind_its_error() -> None:
    trajectories = stories(60)
    references = [each.problem.reference_answer for each in trajectories]
    as_they_are = reflect_many([each.text for each in trajectories], references)
    # Cut at the first wrong step, nothing is claimed yet.
    assert {item.change for item in as_they_are} == {Change.UNCLEAR}
    assert {item.final.outcome for item in as_they_are} == {Outcome.RIGHT}

    def claiming(each: Trajectory, answer: str) -> str:
        claim = f"The answer is: {answer}\n"
        return "".join(span.text + claim * (span.kind is SpanKind.ERROR) for span in each.spans)

    wrong = reflect_many([claiming(each, "-9876") for each in trajectories], references)
    right = reflect_many(
        [claiming(each, answer) for each, answer in zip(trajectories, references, strict=True)], references
    )
    assert len(trajectories) > 30
    assert {item.change for item in wrong} == {Change.FIXED}
    assert {item.change for item in right} == {Change.KEPT_RIGHT}


SENTENCES = [
    RIGHT,
    WRONG,
    TURN,
    "Wait, ",
    "Hmm. ",
    "2 + 2 = 5. ",
    "#### 72\n",
    r"\boxed{",
    "}",
    "<think>",
    "</think>",
    "\n",
]


@given(st.lists(st.sampled_from(SENTENCES) | st.text(max_size=8), max_size=10).map("".join))
def test_a_text_with_spans_reflects_and_any_text_has_a_change(text: str) -> None:
    found = of(text)
    assert found.reflects or not corrects_itself(text)
    assert (found.change is Change.NONE) == (not found.reflects)
    if found.change in (Change.FIXED, Change.KEPT_RIGHT):
        assert found.final.outcome is Outcome.RIGHT
    if found.first is not None:
        assert found.reflects and found.first.extracted


@pytest.mark.parametrize(
    "text",
    [
        "Wait.\n" * 100_000,
        r"\boxed{4}. Wait, no. " * 40_000,
        r"\boxed{" * 100_000,
        "the answer is not it. Wait, no.\n" * 20_000,
        "#### a\nb\nWait, no.\n" * 20_000,
        r"Wait, no. \boxed" + "{" * 200_000,
        "\0\ud800Wait, no.\n" * 1_000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_a_long_hostile_text_costs_no_more_than_its_length(text: str) -> None:
    start = time.perf_counter()
    assert of("a = 1\n" + text).change in (Change.NONE, Change.UNCLEAR, Change.KEPT_WRONG)
    assert time.perf_counter() - start < 5
