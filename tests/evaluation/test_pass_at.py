"""pass@k and votes, against every way to draw k samples and every pair of answers."""

from itertools import combinations
from math import prod

import pytest

from lemma_hf.errors import ConfigError
from lemma_hf.evaluation import pass_at
from lemma_hf.evaluation.pass_at import Groups, group_answers, pass_at_k
from lemma_hf.grading import answers_equal
from lemma_hf.records import Grade, Outcome


@pytest.mark.parametrize("total", range(1, 8))
def test_pass_at_k_is_the_share_of_all_draws_that_hold_a_right_sample(total):
    for right in range(total + 1):
        samples = [True] * right + [False] * (total - right)
        for k in range(1, total + 1):
            draws = list(combinations(samples, k))
            assert pass_at_k(right, total, k) == pytest.approx(sum(map(any, draws)) / len(draws))


def test_pass_at_1_is_the_share_of_right_samples():
    assert [pass_at_k(right, 32, 1) for right in (0, 8, 32)] == [0.0, 0.25, 1.0]


def test_large_numbers_neither_overflow_nor_lose_digits():
    # One right sample of n: some draw of k holds it with a chance of exactly k / n.
    assert pass_at_k(1, 100_000, 10) == 1e-4
    assert pass_at_k(3, 2_000, 1_000) == pytest.approx(1 - prod((1000 - i) / (2000 - i) for i in range(3)))


@pytest.mark.parametrize(("right", "total", "k"), [(1, 4, 5), (1, 4, 0), (5, 4, 1), (-1, 4, 1)])
def test_a_draw_that_cannot_be_is_refused(right, total, k):
    with pytest.raises(ConfigError, match=f"k={k}, total={total}, right={right}"):
        pass_at_k(right, total, k)


ANSWERS = [r"\frac{1}{2}", "0.5", "3", None, " 3.0 ", "1/2", "x+1", "1+x", "", r"2\sqrt{2}", r"\sqrt{8}", "50"]


def test_answers_are_grouped_as_mathematics():
    assert group_answers(ANSWERS).of == (0, 0, 1, None, 1, 0, 2, 2, None, 3, 3, 4)


def test_the_groups_are_those_of_comparing_each_pair():
    groups = group_answers(ANSWERS).of
    for (i, one), (j, other) in combinations(enumerate(ANSWERS), 2):
        if one and other and groups[i] is not None and groups[j] is not None:
            same = answers_equal(other, one).outcome is Outcome.RIGHT
            assert same == (groups[i] == groups[j]), (one, other)


def test_most_votes_win_and_a_tie_goes_to_whoever_came_first():
    of = (0, 1, 1, 0, 2, 2, 2)
    assert [Groups(of).winner(k) for k in range(1, 8)] == [0, 0, 1, 0, 0, 0, 4]


def test_a_sample_without_an_answer_has_no_vote_and_none_makes_no_winner():
    assert Groups((None, None, 0)).winner(3) == 2
    assert Groups((None, None, 0)).winner(2) is None
    assert group_answers([None, " ", ""]) == Groups((None, None, None))


def test_a_benchmark_says_how_answers_are_read():
    assert group_answers(["B", "option B"], "aqua").of == (0, 0)


def test_many_hard_answers_are_compared_in_bounded_time(monkeypatch):
    asked = []

    def slow(answer, reference, *, benchmark):
        asked.append(answer)
        return Grade(Outcome.TIMEOUT, answer, reference, "symbolic", seconds=0.9)

    monkeypatch.setattr(pass_at, "answers_equal", slow)
    found = group_answers([f"f({i})" for i in range(200)])
    assert len(asked) == 12  # 11 take 9.9 s, the twelfth goes beyond 10
    assert not found.settled and found.of == tuple(range(200))


def test_comparisons_are_bounded_and_32_different_answers_are_not_too_many(monkeypatch):
    asked = []

    def different(answer, reference, *, benchmark):
        asked.append(answer)
        return Grade(Outcome.WRONG, answer, reference, "number")

    monkeypatch.setattr(pass_at, "answers_equal", different)
    assert group_answers([str(i) for i in range(32)]).settled and len(asked) == 496
    assert not group_answers([str(i) for i in range(100)]).settled and len(asked) == 996


def test_hostile_answers_are_grouped_by_what_they_write():
    hostile = ["9" * 100_000, "(" * 50_000, "__import__('os')", "9" * 100_000, r"9^{9^{9^{9}}}"]
    assert group_answers(hostile).of == (0, 1, 2, 0, 3)


def test_answers_too_long_to_be_read_are_the_same_only_if_spelled_so():
    long = "9" * 4_000
    assert group_answers([long, f"${long}$", long + " ", "$99$", "99"]).of == (0, 1, 0, 2, 2)
