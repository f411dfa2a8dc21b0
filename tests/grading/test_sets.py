"""Sets: of real numbers in every notation, finite ones, builders, and those that have a name of their own."""

import pytest

from lemma_hf.grading import answers_equal
from lemma_hf.records import Outcome

SAME = [
    (r"\mathbb{R}", r"(-\infty,\infty)"), (r"\mathbb R", r"\text{all real numbers}"), ("ℝ", r"x\in\mathbb{R}"),
    (r"\text{all reals}", r"(-\infty,+\infty)"), (r"\text{All real numbers}", r"\mathbb{R}"),
    ("all real numbers x", r"x\in\mathbb{R}"), (r"x \text{ is any real number}", r"\mathbb{R}"),
    (r"\{x \mid x>3\}", "x>3"), (r"\{x : x\ne 3\}", r"x\neq 3"), (r"\{x \in \mathbb{R} : x > 3\}", r"(3,\infty)"),
    (r"\{x | -2<x<2\}", "(-2,2)"), (r"\{x : |x| < 2\}", "-2<x<2"),
    (r"\{ x \mid x<2 \text{ or } x>5 \}", r"(-\infty,2)\cup(5,\infty)"), (r"\{t \mid t>3\}", r"(3, \infty)"),
    (r"\text{all real numbers except } 3", r"x\ne 3"),
    (r"\text{all real numbers except } x=3", r"\mathbb{R}\setminus\{3\}"),
    ("all real numbers except 2 and 3", r"x\ne 2, 3"), (r"\text{all } x \text{ except } 3", r"x \ne 3"),
    (r"\text{all real numbers greater than } 3", "x>3"),
    (r"\text{all real numbers } x \text{ such that } x \ge 3", r"[3,\infty)"),
    (r"\mathbb{R}\setminus\{3\}", r"(-\infty,3)\cup(3,\infty)"), (r"\mathbb{R}-\{3\}", r"x\ne 3"),
    (r"\mathbb{R} \backslash \{-1, 1\}", r"(-\infty,-1)\cup(-1,1)\cup(1,\infty)"),
    (r"x\ne\pm 1", r"\mathbb{R} \setminus \{-1, 1\}"), (r"x \ne 1, x\ne -1", r"\mathbb{R} \setminus \{\pm 1\}"),
    (r"\mathbb{R}^+", r"(0,\infty)"), (r"\text{all positive real numbers}", "x>0"), ("-2<x<2", "|x|<2"),
    ("|x-1|<2", "(-1,3)"), (r"|x-1|\ge 2", r"x\le -1 \text{ or } x\ge 3"), ("0<|x-2|<1", r"(1,2)\cup(2,3)"),
    ("]2,5[", "(2,5)"), ("]2,5]", r"2<x\le5"), ("[2;5[", r"2\le x<5"),
    (r"]-\infty,2[\cup]3,+\infty[", r"(-\infty,2)\cup(3,\infty)"), (r"[1,2]\cup[2,3]", "[1,3]"),
    (r"x\in[1,2]\cup[2,3]", "[1,3]"), (r"(0,2)\cup(1,3)", "(0,3)"), (r"(0,1)\cup\{1\}", "(0,1]"),
    (r"(0,5)\cap[3,8]", "[3,5)"), (r"(-5,5)\setminus\{0\}", r"(-5,0)\cup(0,5)"),
    (r"x<2 \text{ or } x>5", r"(-\infty,2)\cup(5,\infty)"), ("x<2, x>5", r"(-\infty,2)\cup(5,\infty)"),
    ("x<2 or x>5", "x>5 or x<2"), ("x>2, x<5", "(2,5)"), (r"x>2 \text{ and } x<5", "2<x<5"),
    (r"x \le 2 \lor x \ge 5", r"(-\infty,2]\cup[5,\infty)"), (r"(-\infty,2), (5,\infty)", r"(-\infty,2)\cup(5,\infty)"),
    ("(0,1) U (2,3)", r"(0,1)\cup(2,3)"), ("(0,1)U(2,3)", r"(2,3)\cup(0,1)"), ("(-infinity, 5)", r"(-\infty,5)"),
    ("(-inf,5)", "x<5"), ("(-oo, 5)", r"(-\infty,5)"), ("[2, oo)", r"x\ge 2"),
    (r"(-\infty,\frac{1}{2}]", r"(-\infty,0.5]"), (r"(-\sqrt{2},\sqrt{2})", r"-\sqrt2<x<\sqrt2"),
    (r"[\frac{\sqrt{8}}{2},3)", r"[\sqrt{2},3)"), (r"(-\infty, 5)", r"-\infty<x<5"), ("5>x", r"(-\infty,5)"),
    (r"\emptyset", r"\{\}"), (r"\{\}", r"\varnothing"), (r"\{ \}", "∅"), (r"\{1,2\}\cup\{3\}", r"\{1,2,3\}"),
    (r"\{1,3\} \cup \{2,4\}", r"\{1,2,3,4\}"), (r"\{a\}\cup\{b\}", r"\{b,a\}"),
    (r"\{1,2,\ldots,10\}", r"\{1,2,3,\ldots,10\}"), (r"\{1,2,\dots,6\}", r"\{1,2,3,4,5,6\}"),
    (r"\{2,4,\ldots,20\}", r"\{2,4,6,\ldots,20\}"), (r"\{1,\ldots,5\}", r"\{1,2,3,4,5\}"),
    (r"\{2,4,6,\ldots\}", r"\{2,4,6,8,\ldots\}"), (r"\mathbb{Z}", "ℤ"), (r"\text{all integers}", r"\mathbb{Z}"),
    (r"x\in\mathbb{N}", r"\mathbb{N}"), (r"\mathbb{Z}_5", "Z_5"),
    (r"\{2k+1 \mid k\in\mathbb{Z}\}", r"\{2k+1 : k\in\mathbb{Z}\}"),
    (r"\{n \in \mathbb{Z} \mid n > 3\}", r"\{n : n\in\mathbb{Z}, n>3\}"), (r"\mathbb{R}", "R"), ("a<x<b", "(a,b)"),
    ("x>a", r"(a,\infty)"), ("(x,y)=(1,2)", "(1,2)"),
    (r"\{x \in \mathbb{R} \mid x \neq 0\}", r"(-\infty,0)\cup(0,\infty)"),
    (r"x\in (-\infty,2)\cup(2,\infty)", r"\mathbb{R}\setminus\{2\}"), (r"\{x \mid x < -1 \text{ or } x > 1\}", "|x|>1"),
    (r"x \geq 1 \text{ or } x \leq -1", r"|x|\ge 1"), (r"(-\infty, -1) \cup (-1, 1) \cup (1, \infty)", r"x \neq \pm 1"),
    (r"\mathbb{R} \setminus \left\{ \frac12 \right\}", r"x \ne 0.5"),
    (r"[0,\pi/2)\cup(\pi/2,\pi]", r"[0,\pi]\setminus\{\pi/2\}"), (r"-3 < x \text{ and } x < 3", "(-3, 3)"),
    (r"x \ge 2", r"2 \le x < \infty"), (r"x\in(2,5)", "2<x<5"), (r"y \in [0, \infty)", r"[0,\infty)"),
    (r"\{3\} \cup [5,7]", r"[5,7]\cup\{3\}"), (r"[5,7]\cup\{3, 9\}", r"\{3\}\cup[5,7]\cup\{9\}"),
    (r"\text{all real numbers less than or equal to } 5", r"(-\infty,5]"),
    (r"\text{all real numbers except } 0 \text{ and } 1", r"x\ne 0,1"),
    (r"\text{All real numbers except }-3\text{ and }4", r"(-\infty,-3)\cup(-3,4)\cup(4,\infty)"),
    (r"\text{nonnegative real numbers}", r"[0,\infty)"), ("x > 0", r"\mathbb{R}^{+}"),
    (r"\mathbb{R}_{>0}", r"(0,\infty)"), (r"\Bbb{R}", r"\mathbf{R}"), (r"x\in\R", r"\mathbb R"),
    ("[1,3]", r"\{x\mid 1\le x\le 3\}"), (r"\{x\in\mathbb{R}:1\le x\le 3\}", "[1,3]"),
    (r"(-\infty,\infty)", r"-\infty < x < \infty"), (r"3 \le x", r"[3, +\infty)"), ("(2,5)", r"\{x : 2<x<5\}"),
    (r"(-\infty, 0] \cup [0, \infty)", r"\mathbb{R}"), (r"\emptyset", r"\{\,\}"), (r"\varnothing", r"\emptyset"),
    (r"\{(x,y) \mid x>0\}", r"\{(x,y) : x>0\}"), (r"\{1, 2, 3, 4\} \setminus \{2\}", r"\{1,3,4\}"),
    (r"\{1,2,3\}\cap\{2,3,4\}", r"\{2,3\}"), (r"\{1, 2, 3, ..., 20\}", r"\{1,2,\dots,20\}"),
]  # fmt: skip

DIFFERENT = [
    (r"\mathbb{R}", r"(0,\infty)"), (r"\mathbb{R}", r"\mathbb{Z}"), (r"\mathbb{N}", r"\mathbb{Z}"),
    (r"\text{all integers}", r"\mathbb{R}"), (r"x\in\mathbb{R}", r"y\in\mathbb{R}"),
    (r"\text{all real numbers except } 3", r"x\ne 4"), (r"\text{all real numbers except } 3", "x=3"),
    (r"\text{all real numbers except } 3", r"\mathbb{R}"), (r"\mathbb{R}\setminus\{3\}", r"(-\infty,3)\cup[3,\infty)"),
    (r"\{x \mid x>3\}", r"x\ge 3"), (r"\{x \mid x>3\}", "x<3"), ("-2<x<2", r"|x|\le 2"), ("-2<x<2", "|x|<3"),
    ("|x|>2", "(-2,2)"), ("]2,5[", "[2,5]"), ("]2,5]", "[2,5)"), (r"[1,2)\cup(2,3]", "[1,3]"),
    (r"[1,2]\cup[3,4]", "[1,4]"), (r"x<2 \text{ or } x>5", "(2,5)"), ("x<2, x>5", "(2,5)"), ("x>2, x<5", r"\mathbb{R}"),
    ("x<2 or y>5", r"(-\infty,2)\cup(5,\infty)"), ("(-infinity, 5)", r"(-\infty,5]"),
    (r"(-\infty,\frac{1}{2}]", r"(-\infty,0.51]"), ("(0,1) U (2,3)", r"(0,1)\cup(2,4)"),
    (r"(0,1)\cap(2,3)", r"(0,1)\cup(2,3)"), (r"\emptyset", r"\{0\}"), (r"\{\}", r"\{\emptyset\}"),
    (r"\{1,2\}\cup\{3\}", r"\{1,2,4\}"), (r"\{1,2,\ldots,10\}", r"\{1,2,3,\ldots,11\}"),
    (r"\{2,4,\ldots,20\}", r"\{1,2,\ldots,20\}"), (r"\{1,2,\ldots,10\}", r"\{1,2,10\}"),
    (r"\{2k+1 \mid k\in\mathbb{Z}\}", r"\{2k : k\in\mathbb{Z}\}"), (r"\{n \in \mathbb{Z} \mid n > 3\}", "n>3"),
    ("x>3", "y>3"), ("x^2<4", "(-2,2)"), ("x^2-5x+6>0", "x<2 or x>3"), ("x>3", "3"), ("(2,5)", r"2\le x\le5"),
    (r"x \ge 2", r"(2,\infty)"), (r"x \ne \pm 1", r"x\ne 1"), (r"[0,\pi/2)\cup(\pi/2,\pi]", r"[0,\pi]"),
    (r"\text{all real numbers except } 0 \text{ and } 1", r"x\ne 0"),
    (r"\text{all real numbers less than } 5", r"(-\infty,5]"), (r"x\in(2,5)", r"x\in(2,6)"),
    (r"\{3\}\cup[5,7]", "[5,7]"), (r"\mathbb{R}^+", r"\mathbb{R}"), (r"\mathbb{R}^+", r"[0,\infty)"),
    (r"\mathbb{R}^2", r"\mathbb{R}"), (r"\text{positive integers}", r"\mathbb{R}^+"),
    (r"\{1, 2, 3, 4\} \setminus \{2\}", r"\{1,3\}"), (r"\{x\mid x>3\}", r"\{3\}"), (r"\{x\mid x=3\}", "x>3"),
    (r"\{(x,y) \mid x>0\}", r"\{(x,y) : x<0\}"), ("(3,5)", r"3<x\le 5"), (r"\emptyset", r"\mathbb{R}"), ("5", "x>5"),
    ("x<5", "5"), ("-2", r"x=\pm 2"), (r"(-\infty,2)", "x<2, x>5"),
]  # fmt: skip


def is_right(answer: str, reference: str) -> bool:
    return answers_equal(answer, reference).outcome is Outcome.RIGHT


@pytest.mark.parametrize(("one", "other"), SAME)
def test_sets_that_say_the_same(one: str, other: str) -> None:
    assert is_right(one, other)
    assert is_right(other, one)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_sets_that_do_not(one: str, other: str) -> None:
    assert not is_right(one, other)
    assert not is_right(other, one)
