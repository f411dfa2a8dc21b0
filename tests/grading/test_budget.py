"""No pair of answers costs the caller long: the work of a comparison is counted, and TIMEOUT where it is spent."""

import itertools
import random
import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lemma_hf.grading._compare import SPENT, compare
from lemma_hf.grading._work import MAX_WORK, Work, WorkSpentError
from lemma_hf.grading.formulas._probe import Same
from lemma_hf.grading.grade import answers_equal
from lemma_hf.grading.policy import policy_of
from lemma_hf.records import Outcome

MOST_SECONDS = 1.0
"""Of processor, for any pair of texts; the work that is allowed takes half of it."""

LEAVES = [
    "x+{}", "{}+x", r"\sqrt{{x+{}}}", "x={}+y", "y+{}=x", "x<{}+y", r"\int x+{}", r"\text{{word{}}}", r"\pm {}", "{}",
    r"\{{x|x>{}\}}", r"x\equiv {} \pmod 7", r"(-\infty,{}]", "({},y)", r"\frac{{x-{}}}{{2}}=\frac{{y}}{{3}}=z",
    "(a) {}",
]  # fmt: skip
FRAMES = [
    (r"\{", r"\}", ","), ("(", ")", ","), ("[", "]", ","), ("", "", r" \cup "), ("", "", r"\text{ or }"), ("", "", ";"),
    (r"\begin{pmatrix}", r"\end{pmatrix}", r"\\"), (r"\begin{cases}", r"\end{cases}", r"\\"), ("|", "|", "+"),
    (r"\{x : ", r"\}", ", "), ("", "", r" \setminus "), ("", "", "="),
    (r"\begin{aligned}", r"\end{aligned}", r" & x>0 \\ "),
    ("", "^T", ":"), ("]", "[", ","), (r"\langle ", r"\rangle ", "..."), (r"\text{", "}", " and "), ("-", "", "-"),
]  # fmt: skip


def nested(depth: int, width: int, frame: tuple[str, str, str], leaf: Callable[[int], str]) -> str:
    numbers = itertools.count()

    def level(rest: int) -> str:
        if rest == 0:
            return leaf(next(numbers))
        return frame[0] + frame[2].join(level(rest - 1) for _ in range(width)) + frame[1]

    return level(depth)


def cost(answer: str, reference: str) -> float:
    start = time.process_time()
    compare(answer, reference, policy_of("math"))
    return time.process_time() - start


SHAPES = [(1, 24), (1, 400), (2, 20), (3, 6), (5, 3), (7, 2), (30, 1)]


@pytest.mark.parametrize("frame", FRAMES, ids="".join)
def test_nested_and_long_answers_of_any_kind_end_in_time(frame: tuple[str, str, str]) -> None:
    for depth, width in SHAPES:
        texts = [nested(depth, width, frame, leaf.format) for leaf in LEAVES]
        others = [nested(depth, width, frame, leaf.replace("{}", "1{}").format) for leaf in LEAVES]
        rng = random.Random(depth * width)
        for answer in texts:
            assert cost(answer, rng.choice(others)) < MOST_SECONDS, answer[:80]


def test_sets_in_sets_of_turned_sums_are_found_equal() -> None:
    sums = nested(6, 2, FRAMES[0], "x+{}".format), nested(6, 2, FRAMES[0], "{}+x".format)
    assert answers_equal(*sums).outcome is Outcome.RIGHT


def test_what_takes_too_much_work_is_a_timeout_that_says_so() -> None:
    one, other = (nested(7, 2, FRAMES[0], leaf) for leaf in ("x<{}+y".format, "y+{}>x".format))
    found = answers_equal(one, other)
    assert found.outcome is Outcome.TIMEOUT
    assert "more work than one comparison may take" in found.detail
    assert compare(one, other, policy_of("math")).rule == SPENT


def test_work_is_counted_so_that_a_verdict_does_not_depend_on_the_machine() -> None:
    calls: list[str] = []

    def nothing(answer: str, reference: str, work: Work) -> None:
        calls.append(answer)

    work = Work(nothing, lambda answer, reference: Same.UNKNOWN)  # type: ignore[arg-type]
    with pytest.raises(WorkSpentError):
        for number in range(MAX_WORK):
            work.found(str(number), "x")
    assert len(calls) == sum(1 for _ in itertools.takewhile(lambda spent: spent <= MAX_WORK, _spent()))


def _spent() -> "itertools.accumulate[int]":
    """What comparing "0", "1", "2" … with "x" has spent after each: 50 and the signs of both."""
    return itertools.accumulate(50 + len(str(number)) + 1 for number in itertools.count())


def test_a_pair_is_compared_once() -> None:
    seen: list[tuple[str, str]] = []

    def note(answer: str, reference: str) -> Same:
        seen.append((answer, reference))
        return Same.UNKNOWN

    compare(r"\{\int x, \int x, \int y\}", r"\{\int y+0, \int x+0\}", policy_of("math"), note)
    assert len(seen) == len(set(seen)) > 0


def test_a_formula_with_too_many_levels_is_no_error() -> None:
    for text in ("5" + "!" * 900, "x" * 900, "x" + "^2" * 700, "-" * 900 + "x", "(x+1)" * 290):
        assert compare(text, "5", policy_of("math")).same is not Same.YES
        assert compare(text, text + "+0", policy_of("math")).same in Same


SIGNS = [sign for frame in FRAMES for sign in frame if sign]
OTHERS = [r"\mathbb{R}", r"\emptyset", "all reals except ", "x<2", r"\text{otherwise}", "+-", "&", "400!", "^{99}"]
pieces = st.sampled_from([leaf.format(3) for leaf in LEAVES] + SIGNS + OTHERS)
soups = st.lists(st.tuples(pieces, st.integers(1, 60)), min_size=1, max_size=8).map(
    lambda parts: "".join(piece * times for piece, times in parts)
)


@given(soups, soups)
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_no_soup_of_parts_costs_long(answer: str, reference: str) -> None:
    assert cost(answer, reference) < MOST_SECONDS
    assert cost(answer, answer + "+0") < MOST_SECONDS


@pytest.mark.parametrize("sign", [*SIGNS, "x ", "1,", "a:", r"\text{a} "])
def test_a_hundred_thousand_signs_cost_little(sign: str) -> None:
    text = (sign * (100_000 // len(sign)))[:99_000]
    start = time.process_time()
    for answer, reference in ((text, "5"), ("5", text), (text, text + "1"), (f"\\boxed{{{text}}}", "5")):
        answers_equal(answer, reference)
    assert time.process_time() - start < 4 * MOST_SECONDS
