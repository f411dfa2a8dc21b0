"""Are mistakes made as ordered, seen by the oracle where they are, and mended?"""

import random
from collections import Counter, defaultdict
from dataclasses import replace
from fractions import Fraction
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lemma_hf.records import (
    Attempt,
    Dropped,
    DropReason,
    Error,
    Flawed,
    Origin,
    Problem,
    SpanKind,
    Strategy,
    Trajectory,
)
from lemma_hf.taxonomy import INJECTABLE, ErrorType
from lemma_hf.world.stories import STORIES
from lemma_hf.world.stories import _reflections as reflections
from lemma_hf.world.stories._arithmetic import find_exact_equations
from lemma_hf.world.stories._mistakes import known_slips
from lemma_hf.world.stories._names import person_words
from lemma_hf.world.stories._oracle import StoryDiagnosis, diagnose_story
from lemma_hf.world.stories._story import Story, draw_story
from lemma_hf.world.stories._templates import TEMPLATES
from lemma_hf.world.stories._templates.walkers import WALKERS
from lemma_hf.world.stories._world import story_of_id

# Ann walks 70 meters a minute and Bob 50, for 10 minutes: 700 + 500 = 1200 meters apart; or (70 + 50) * 10.
WORDS = person_words("Ann", "she", "A") | person_words("Bob", "he", "B") | WALKERS.scenes[0][0]
WALK = Story(WALKERS, WORDS, {"fast": Fraction(70), "slow": Fraction(50), "minutes": Fraction(10)}, 0)


@cache
def injected() -> list[Flawed | Dropped]:
    """Every type asked of 300 problems."""
    return [
        STORIES.inject(problem, kind, f"{problem.id}/{kind}")
        for problem in STORIES.problems(250, seed=23)
        for kind in STORIES.error_types
    ]


@cache
def flawed_items() -> list[Flawed]:
    return [item for item in injected() if isinstance(item, Flawed)]


@cache
def mended() -> list[tuple[Flawed, Trajectory, Trajectory]]:
    """Each with its Fix & Continue and its Fresh & Restart."""
    return [(item, STORIES.fix(item), STORIES.restart(item)) for item in flawed_items()]


def seen(*steps: str) -> tuple[int, ErrorType] | DropReason:
    found = diagnose_story(WALK, [step + "\n" for step in steps])
    return (found.step, found.type) if isinstance(found, StoryDiagnosis) else found


def test_the_oracle_finds_the_step_and_the_type_of_every_injected_mistake() -> None:
    items = flawed_items()
    assert len(items) > 1500
    for item in items:
        assert STORIES.analyse(item.attempt) == Error(item.error.type, item.error.step, Origin.STUDENT)
        assert item.error.origin is Origin.INJECTED


def test_an_injected_solution_is_wrong_only_in_its_wrong_step() -> None:
    for item in flawed_items():
        for number, text in enumerate(item.attempt.steps[:-1], start=1):
            (equation,) = find_exact_equations(text)
            wrong_sum = number == item.error.step and item.error.type is ErrorType.CALCULATION
            assert equation.holds is not wrong_sum, text
        assert item.attempt.steps[-1].startswith("The answer is: ")
        assert item.attempt.steps[-1] != f"The answer is: {item.problem.reference_answer}"


def test_what_cannot_be_injected_says_why() -> None:
    dropped = Counter(item.reason for item in injected() if isinstance(item, Dropped))
    assert set(dropped) <= {DropReason.CANNOT_INJECT, DropReason.ANSWER_STILL_RIGHT}


def test_each_type_is_possible_on_many_templates() -> None:
    templates = defaultdict(set)
    for item in flawed_items():
        templates[item.error.type].add(story_of_id(item.problem.id).template.name)
    assert len(templates[ErrorType.COUNTING]) >= 10
    for kind in set(INJECTABLE) - {ErrorType.COUNTING}:
        assert len(templates[kind]) >= 18, kind


def test_every_mistake_of_every_template_can_happen() -> None:
    for template in TEMPLATES:
        choice = random.Random(template.name)
        waiting = list(template.mistakes)
        for _ in range(300):
            story = draw_story(template, choice)
            possible = {id(slip.mistake) for slip in known_slips(story)} if waiting else set()
            waiting = [mistake for mistake in waiting if id(mistake) not in possible]
            if not waiting:
                break
        assert not waiting, (template.name, waiting[0].type, waiting[0].at, waiting[0].expr)


def test_the_same_order_brings_the_same_mistake_and_another_id_other_ones() -> None:
    problem = STORIES.problems(1, seed=3)[0]
    once, again = (STORIES.inject(problem, ErrorType.CALCULATION, "a") for _ in range(2))
    assert once == again
    texts = {STORIES.inject(problem, ErrorType.CALCULATION, str(number)).attempt.text for number in range(10)}
    assert len(texts) > 5


def test_trajectories_keep_the_attempt_up_to_its_error_and_end_in_the_right_answer() -> None:
    for item, *both in mended():
        for trajectory, strategy in zip(both, Strategy, strict=True):
            assert trajectory.text.startswith("".join(item.attempt.steps[: item.error.step]))
            assert trajectory.text.endswith(f"\nThe answer is: {item.problem.reference_answer}")
            assert trajectory.errors == (replace(item.error, strategy=strategy),)
            kinds = [span.kind for span in trajectory.spans]
            assert kinds[-3:] == [SpanKind.ERROR, SpanKind.REFLECTION, SpanKind.CORRECTION]
            assert trajectory.id == f"{item.attempt.id}-{strategy}"


def test_every_equation_of_a_correction_holds() -> None:
    for _, *both in mended():
        for trajectory in both:
            (correction,) = trajectory.of_kind(SpanKind.CORRECTION)
            equations = find_exact_equations(correction.text)
            assert equations and all(equation.holds for equation in equations)


def test_fixing_does_not_repeat_what_was_right_and_starting_over_says_it_in_other_words() -> None:
    for item, fix, restart in mended():
        (fixed,), (fresh,) = fix.of_kind(SpanKind.CORRECTION), restart.of_kind(SpanKind.CORRECTION)
        known = {equation.value for step in item.right_steps for equation in find_exact_equations(step)}
        assert not known & {equation.value for equation in find_exact_equations(fixed.text)}
        assert fresh.text.count("\n") in {len(route) for route in story_of_id(item.problem.id).template.routes}
        assert not set(fresh.text.splitlines()[:-1]) & {step.strip() for step in item.right_steps}


def test_spans_meet_at_a_space_or_a_line_break() -> None:
    for _, *both in mended():
        for trajectory in both:
            for span in trajectory.spans[:-1]:
                end = " " if span.kind is SpanKind.REFLECTION else "\n"
                assert span.text.endswith(end) and not span.text.endswith((" " + end, "\n" + end))
            assert "  " not in trajectory.text and "{" not in trajectory.text


def test_there_are_more_than_twenty_five_ways_to_notice_a_mistake() -> None:
    choice = random.Random(0)
    notices = {reflections.notice(choice, kind, "WHY") for kind in ErrorType for _ in range(300)}
    assert len(notices) >= 40


def test_a_miscalculation_is_named_by_its_numbers() -> None:
    for item in flawed_items():
        if item.error.type is ErrorType.CALCULATION:
            (turn,) = STORIES.fix(item).of_kind(SpanKind.REFLECTION)
            assert find_exact_equations(item.wrong_step)[0].left in turn.text


def test_either_route_is_right() -> None:
    assert seen("70 * 10 = 700", "50 * 10 = 500", "700 + 500 = 1200", "The answer is: 1200") is DropReason.ALREADY_RIGHT
    assert seen("70 + 50 = 120", "120 * 10 = $1,200", "The answer is $1,200.") is DropReason.ALREADY_RIGHT


def test_a_wrong_sum_is_a_miscalculation() -> None:
    assert seen("70 * 10 = 700", "50 * 10 = 550", "700 + 550 = 1250", "The answer is: 1250") == (
        2,
        ErrorType.CALCULATION,
    )


def test_a_mistake_that_the_template_knows_has_its_type() -> None:
    steps = ("70 * 10 = 700", "50 * 10 = 500", "Apart: 700 - 500 = 200", "The answer is: 200")
    assert seen(*steps) == (3, ErrorType.CONFUSING_CONCEPT)


def test_another_sign_between_the_same_numbers_is_a_wrong_operator() -> None:
    assert seen("70 - 50 = 20", "20 * 10 = 200", "The answer is: 200") == (1, ErrorType.OPERATOR)


def test_a_number_copied_wrongly_is_a_context_value() -> None:
    assert seen("70 * 12 = 840", "50 * 10 = 500", "840 + 500 = 1340", "The answer is: 1340") == (
        1,
        ErrorType.CONTEXT_VALUE,
    )


def test_stopping_early_is_a_missing_step_of_the_answer_line() -> None:
    assert seen("70 * 10 = 700", "The answer is: 700") == (2, ErrorType.MISSING_STEP)


def test_an_answer_that_is_not_the_last_result_contradicts_it() -> None:
    assert seen("70 + 50 = 120", "120 * 10 = 1200", "The answer is: 120") == (3, ErrorType.CONTRADICTORY_STEP)


def test_a_way_round_that_comes_back_is_no_mistake() -> None:
    # 700 found as 35 * 10 * 2; the sum at the end is wrong.
    steps = ("35 * 10 = 350", "350 * 2 = 700", "50 * 10 = 500", "700 + 500 = 1300", "The answer is: 1300")
    assert seen(*steps) == (4, ErrorType.CALCULATION)


def test_numbers_from_nowhere_are_hallucinated() -> None:
    assert seen("33 * 44 = 1452", "The answer is: 1452") == (1, ErrorType.HALLUCINATION)


@pytest.mark.parametrize("text", ["", "I do not know.", "70 * 10 = 700\n50 * 10 = 500\n"])
def test_a_solution_without_an_answer_is_dropped_as_such(text: str) -> None:
    problem = STORIES.problems(1, seed=3)[0]
    attempt = Attempt(problem, STORIES.split("I cannot say.\n"), id="x")
    assert STORIES.analyse(attempt) == Dropped("x", "analyse", DropReason.NO_ANSWER)
    assert diagnose_story(WALK, STORIES.split(text)) is DropReason.NO_ANSWER


def test_an_answer_line_without_its_line_break_gets_one_in_the_trajectory() -> None:
    problem = STORIES.problems(1, seed=3)[0]
    steps = STORIES.split(problem.reference_solution)
    attempt = Attempt(problem, (*steps[:-2], "The answer is: 999999"), id="early")
    error = STORIES.analyse(attempt)
    assert (error.type, error.step) == (ErrorType.CONTRADICTORY_STEP, len(steps) - 1)
    trajectory = STORIES.fix(Flawed(attempt, error))
    assert "The answer is: 999999\n" in trajectory.text
    assert trajectory.text.endswith("".join(steps[-1:]))


def test_an_error_nobody_typed_is_mended_all_the_same() -> None:
    problem = STORIES.problems(1, seed=3)[0]
    attempt = Attempt(problem, ("Well, 1 + 1 = 3.\n", "The answer is: 3"), id="untyped")
    for trajectory in (STORIES.fix(Flawed(attempt, Error(None, 1))), STORIES.restart(Flawed(attempt, Error(None, 1)))):
        assert trajectory.text.endswith(problem.reference_answer)


def test_problems_of_another_world_or_version_are_refused_one_by_one() -> None:
    problem = STORIES.problems(1, seed=3)[0]
    for strange in (replace(problem, id="sums-1-000001"), replace(problem, question="Why?"), Problem("", "", "")):
        attempt = Attempt(strange, ("The answer is: 3",), id="x")
        flawed = Flawed(attempt, Error(ErrorType.CALCULATION, 1))
        for got in (STORIES.analyse(attempt), STORIES.fix(flawed), STORIES.restart(flawed)):
            assert isinstance(got, Dropped) and got.reason is DropReason.BAD_ROW
        assert STORIES.inject(strange, ErrorType.CALCULATION, "x").reason is DropReason.BAD_ROW


def test_a_type_that_no_story_offers_cannot_be_injected() -> None:
    problem = STORIES.problems(1, seed=3)[0]
    assert STORIES.inject(problem, ErrorType.NONSENSICAL, "x").reason is DropReason.CANNOT_INJECT


@given(st.text(alphabet="a1 \n\r\t=+$.", max_size=200))
def test_steps_joined_are_the_text_again(text: str) -> None:
    assert "".join(STORIES.split(text)) == text


@given(st.text(max_size=400))
def test_the_oracle_survives_any_text(text: str) -> None:
    steps = STORIES.split(text)
    diagnosis = diagnose_story(WALK, steps)
    assert isinstance(diagnosis, DropReason) or 1 <= diagnosis.step <= len(steps)


def test_an_endless_solution_is_not_read() -> None:
    assert diagnose_story(WALK, ["70 * 10 = 701\n"] * 1000) is DropReason.TOO_LONG


@pytest.mark.parametrize("kind", [ErrorType.CALCULATION, ErrorType.OPERATOR])
def test_the_place_of_a_slip_is_where_the_line_departs_from_the_right_one(kind: ErrorType) -> None:
    seen = 0
    for problem in STORIES.problems(60, seed=11):
        flawed = STORIES.inject(problem, kind, f"{problem.id}/x")
        if not isinstance(flawed, Flawed) or flawed.error.start is None:
            continue
        before, after = flawed.wrong_step[: flawed.error.start], flawed.wrong_step[flawed.error.start :]
        # A wrong result stands behind its `=`, and a wrong operator behind a number.
        mark = before.rstrip().rstrip("$") if kind is ErrorType.CALCULATION else after
        assert mark.rstrip().endswith("=") if kind is ErrorType.CALCULATION else mark[0] in "+-*/", flawed.wrong_step
        seen += 1
    assert seen > 40
