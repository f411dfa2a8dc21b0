"""Choices, and answers in words that say that there is no answer, or infinitely many."""

import pytest

from lemma_hf.grading import answers_equal, grade
from lemma_hf.records import Outcome

SAME = [
    ("(B)", r"\text{B}"), ("B. 12", r"\text{(B)}"), ("B. 12", "B) 12"),
    (r"\textbf{(B)}\ 12", "B"), (r"\textbf{(B)}\ 12", "12"), (r"\textbf{(C) }12", "12"), (r"\text{(B) }12", "12"),
    ("(B) 12", "12"), ("(B) 12", "(B)"), ("(B) 12", "B"), (r"\textbf{(B)}~12", "(B)"), (r"\text{(B)}", r"\text{B}"),
    (r"\mathrm{(B)}\ 12", "12"), (r"\textbf{(B)}\ \frac{1}{2}", r"\frac12"), (r"\textbf{(B)}\ 12", "(B) 12"),
    ("B. 12", "12"), ("B) 12", "12"), (r"\textbf{(E)}\ 2\sqrt{3}", r"2\sqrt3"), (r"\textbf{B}", "B"),
    (r"(D)\ \text{none of these}", "D"), (r"\textbf{(A)}\ x+1", "x+1"),
]  # fmt: skip
DIFFERENT = [
    ("25°C", "(C)"), (r"25^\circ\text{C}", "(C) 12"), ("A$5", r"\textbf{(A)}\ x+1"), (r"\textbf{(C) }12", "B) 12"),
    ("(B) 13", "12"), (r"\textbf{(B)}\ 12", "(C)"), (r"\textbf{(B)}\ 12", "13"), ("(B) 12", "(C) 12"),
    ("(B) 12", "(B) 13"),
    ("(A) (B)", "B"), ("not (B)", r"\textbf{(B)}\ 12"), (r"\textbf{(B)}\ 12", "2"),
]  # fmt: skip

WORDS_SAME = [
    (r"\text{no solution}", r"\emptyset"), (r"\text{no solutions}", r"\text{no solution}"),
    (r"\text{none}", r"\varnothing"),
    (r"\text{There are no solutions}", r"\text{no solution}"), ("No real solutions", "no solution"),
    ("none exist", "no solution"),
    (r"\text{No such } n \text{ exists}", r"\text{no solution}"), (r"\text{infinite}", r"\infty"),
    ("empty set", r"\emptyset"),
    ("infinitely many", "infinitely many solutions"), ("infinite number of solutions", "infinitely many solutions"),
    ("There are infinitely many solutions", r"\text{infinitely many}"), ("an infinite number", "infinitely many"),
    ("DNE", "does not exist"), (r"\text{undefined}", r"\text{does not exist}"), ("无解", "no solution"),
    ("无穷多", "infinitely many"),
    ("The equation has no solution", "no solution"), (r"\infty", "infinity"),
    ("infinite solutions", "infinitely many"),
    ("no integer solutions", "no solution"), (r"\text{No solution exists}", r"\emptyset"),
    ("no solution", r"\{\}"), ("keine Lösung", "no solution"),
    ("The system has no solution", r"\text{No solution}"),
    ("there are infinitely many triangles", "infinitely many"), (r"\text{none}", r"\text{no solutions}"),
]  # fmt: skip
WORDS_DIFFERENT = [
    ("no solution", "infinitely many"), ("no solution", "0"), ("infinitely many", "5"), (r"\infty", r"-\infty"),
    ("one solution", "no solution"), ("no solution", "x=5"), ("none", "one"), ("does not exist", "infinitely many"),
    (r"\emptyset", "0"), (r"\emptyset", r"\{0\}"), ("not infinite", "infinite"), ("finite", "infinite"),
    ("finitely many", r"\infty"),
    ("no solution", "a solution"), ("two solutions", "no solutions"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME + WORDS_SAME)
def test_these_say_the_same_both_ways(one: str, other: str) -> None:
    assert answers_equal(one, other).outcome is Outcome.RIGHT
    assert answers_equal(other, one).outcome is Outcome.RIGHT


@pytest.mark.parametrize(("one", "other"), DIFFERENT + WORDS_DIFFERENT)
def test_these_differ_either_way(one: str, other: str) -> None:
    assert answers_equal(one, other).outcome is not Outcome.RIGHT
    assert answers_equal(other, one).outcome is not Outcome.RIGHT


@pytest.mark.parametrize(
    "output",
    [
        r"\boxed{B}", "answer: b", r"\boxed{b}", "b)", "(b)", r"\boxed{\textbf{(B)}\ 12}", "The answer is B.",
        "B. A train",
        "B) 12", "The answer is (b).", r"\boxed{\text{b}}",
    ],
)  # fmt: skip
def test_one_letter_answers_a_multiple_choice(output: str) -> None:
    assert grade(output, "B", benchmark="aqua").outcome is Outcome.RIGHT


@pytest.mark.parametrize(
    "output",
    [
        r"\boxed{A B}", r"\boxed{B A}", "A, B, C, D", "Answer: A/B/C/D", r"\boxed{A, B}", r"\boxed{AB}",
        "B, possibly A",
        r"\boxed{B or C}", "B/C", "B; C", "(B) (C)", "B and D", r"\boxed{B \text{ or } C}", "A, B", "B, maybe C",
        "not B",
        "B & C", "b, c", "b or c", "A then B", "A → B", "B as well as C", "C; alternatively D", "A B C D",
        "both A and B", r"\boxed{B, C}", "B (or C)",
    ],
)  # fmt: skip
@pytest.mark.parametrize("reference", ["A", "B", "D"])
def test_several_letters_answer_nothing(output: str, reference: str) -> None:
    assert grade(output, reference, benchmark="aqua").outcome is not Outcome.RIGHT


@pytest.mark.parametrize(
    "output", [r"\boxed{3 \text{, perhaps 4}}", r"\boxed{3 \text{ or } 4}", "$3$ / $4$", "3, possibly 4"]
)
@pytest.mark.parametrize("reference", ["3", "4"])
def test_several_numbers_answer_nothing(output: str, reference: str) -> None:
    assert grade(output, reference).outcome is not Outcome.RIGHT
