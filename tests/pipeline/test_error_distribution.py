"""Which errors were found, and what further ones are drawn from them."""

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lemma_hf.errors import ConfigError
from lemma_hf.pipeline import ErrorDistribution, error_distribution, injection_count, plan_injections
from lemma_hf.records import Attempt, Error, Flawed, Grade, Outcome, Problem
from lemma_hf.taxonomy import INJECTABLE, ErrorType

COUNTING, CALCULATION, NONSENSICAL = ErrorType.COUNTING, ErrorType.CALCULATION, ErrorType.NONSENSICAL
PROBLEM = Problem("p", "What is 2 + 3 + 4?", "9")
OTHER = Problem("q", "What is 1 + 1?", "2")


def found(*types: ErrorType | None, problem: Problem = PROBLEM) -> list[Flawed]:
    return [Flawed(Attempt(problem, ("2 + 3 = 6\n",)), Error(type_, 1)) for type_ in types]


def graded(problem: Problem, right: int, wrong: int) -> list[Attempt]:
    outcomes = [Outcome.RIGHT] * right + [Outcome.WRONG] * wrong
    return [Attempt(problem, ("?",), Grade(outcome, None, "", "")) for outcome in outcomes]


def test_errors_are_counted_in_all_and_by_question() -> None:
    again = Problem("another id", "What is  2 + 3\n+ 4?", "9")
    distribution = error_distribution(
        found(COUNTING, None) + found(COUNTING, problem=again) + found(NONSENSICAL, problem=OTHER)
    )
    assert distribution.overall == Counter({COUNTING: 2, NONSENSICAL: 1})
    assert distribution.by_problem["What is 2 + 3 + 4?"] == Counter({COUNTING: 2})
    assert distribution.untyped == 1


def test_a_problems_own_errors_weigh_more_and_all_others_share_one() -> None:
    distribution = error_distribution(
        found(COUNTING, COUNTING, NONSENSICAL) + found(CALCULATION, CALCULATION, problem=OTHER)
    )
    # Counting and calculation were found twice each; nonsense cannot be asked for. So each is half of the one to share.
    assert distribution.weights(PROBLEM, [COUNTING, CALCULATION]) == [2.5, 0.5]
    assert distribution.weights(Problem("new", "What?", "1"), [COUNTING, CALCULATION]) == [0.5, 0.5]
    assert distribution.weights(PROBLEM, [ErrorType.MISSING_STEP]) == [1.0]


def test_hardness_is_the_share_of_wrong_attempts() -> None:
    bare = Attempt(PROBLEM, ("?",))
    distribution = error_distribution([], [*graded(PROBLEM, 1, 3), bare, *graded(OTHER, 2, 0)])
    assert (distribution.hardness(PROBLEM), distribution.hardness(OTHER)) == (0.75, 0.0)
    assert distribution.hardness(Problem("new", "What?", "1")) is None


def test_the_distribution_can_be_written_down() -> None:
    distribution = error_distribution(found(COUNTING, NONSENSICAL, None), graded(PROBLEM, 1, 1))
    plain = json.loads(json.dumps(distribution.to_json()))
    assert plain["overall"] == {"counting": 1, "nonsensical": 1}
    assert plain["not_injectable"] == {"nonsensical": 1}
    assert plain["untyped"] == 1
    ((name, problem),) = plain["by_problem"].items()
    assert name.startswith("q-")
    assert problem == {"errors": {"counting": 1, "nonsensical": 1}, "right": 1, "wrong": 1, "hardness": 0.5}


def test_types_are_drawn_as_often_as_the_problem_shows_them() -> None:
    errors = found(COUNTING, COUNTING, NONSENSICAL, None) + found(CALCULATION, CALCULATION, problem=OTHER)
    distribution = error_distribution(errors)
    plan = plan_injections([PROBLEM, OTHER], 8000, distribution=distribution)
    drawn = Counter((wanted.problem.id, wanted.type) for wanted in plan)
    assert set(drawn) == {(p, t) for p in "pq" for t in (COUNTING, CALCULATION)}
    # 2.5 of 3 at the problem where they were found; four standard deviations are 0.024.
    assert abs(drawn["p", COUNTING] / 4000 - 2.5 / 3) < 0.03
    assert abs(drawn["q", COUNTING] / 4000 - 0.5 / 3) < 0.03
    assert len({wanted.id for wanted in plan}) == 8000


@given(st.permutations(range(12)), st.integers(0, 3))
def test_the_plan_hangs_on_the_inputs_alone(order: list[int], seed: int) -> None:
    errors = found(*[COUNTING] * 5, *[CALCULATION] * 4) + found(*[ErrorType.MISSING_STEP] * 3, problem=OTHER)
    plans = [
        plan_injections([PROBLEM, OTHER], 20, distribution=error_distribution(items), seed=seed)
        for items in (errors, [errors[place] for place in order])
    ]
    assert plans[0] == plans[1]


def test_without_a_distribution_every_type_is_as_likely() -> None:
    problems = [Problem(str(n), f"{n}?", "1") for n in range(7)]
    nonsense = error_distribution(found(NONSENSICAL))
    plan = plan_injections(problems, 700, distribution=nonsense)
    assert set(Counter(wanted.type for wanted in plan)) == set(INJECTABLE)
    assert set(Counter(wanted.problem.id for wanted in plan).values()) == {100}
    assert plan == plan_injections(problems, 700)
    assert plan_injections([], 0) == []
    with pytest.raises(ConfigError, match="0 problems"):
        plan_injections([], 1)


def test_only_problems_that_are_hard_enough_take_part() -> None:
    distribution = error_distribution([], graded(PROBLEM, 1, 1) + graded(OTHER, 3, 1))
    problems = [PROBLEM, OTHER, Problem("new", "What?", "1")]

    def asked(min_hardness: float) -> set[str]:
        plan = plan_injections(problems, 30, distribution=distribution, min_hardness=min_hardness)
        return {wanted.problem.id for wanted in plan}

    assert [asked(bound) for bound in (0.0, 0.25, 0.5)] == [{"p", "q", "new"}, {"p", "q"}, {"p"}]
    with pytest.raises(ConfigError, match=r"3 problems and 6 types, and 0 problems have a hardness of at least 0\.6"):
        asked(0.6)


def test_a_share_says_how_many_errors_to_inject() -> None:
    # 100 of 400 errors are a quarter.
    assert [injection_count(300, share=0.25), injection_count(300, 7), injection_count(300)] == [100, 7, 0]
    for wrong in ({"share": 1.0}, {"share": -0.1}, {"injections": -1}, {"injections": 1, "share": 0.5}):
        with pytest.raises(ConfigError, match="injection"):
            injection_count(300, **wrong)  # type: ignore[arg-type]


def test_an_empty_distribution_is_one() -> None:
    assert ErrorDistribution().weights(PROBLEM, INJECTABLE) == [1.0] * 6
