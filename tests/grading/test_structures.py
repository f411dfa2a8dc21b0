"""Vectors, matrices, labels, both signs, systems, cases and congruences: which ways to write them say the same."""

import pytest

from lemma_hf.grading import answers_equal
from lemma_hf.records import Outcome

SAME = [
    ("[[1,2],[3,4]]", r"\begin{pmatrix}1&2\\3&4\end{pmatrix}"), ("[1,2;3,4]", r"\begin{pmatrix}1&2\\3&4\end{pmatrix}"),
    ("(1,2)^T", r"\begin{pmatrix}1\\2\end{pmatrix}"), ("[1,2]^{T}", r"\begin{bmatrix}1\\2\end{bmatrix}"),
    (r"\begin{pmatrix}1&2\end{pmatrix}^\top", r"\begin{pmatrix}1\\2\end{pmatrix}"),
    (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}^T", r"\begin{pmatrix}1&3\\2&4\end{pmatrix}"),
    (r"\langle 1,2\rangle", "(1,2)"), ("⟨1,2⟩", r"\begin{pmatrix}1\\2\end{pmatrix}"),
    (r"\left\langle 1, 2, 3 \right\rangle", r"\langle 1,2,3\rangle"), ("<1,2>", r"\langle 1,2\rangle"),
    (r"\mathbf{i}+2\mathbf{j}", r"\langle 1,2\rangle"), (r"\hat{i}+2\hat{j}", "(1,2)"),
    (r"3\hat i-\hat k", r"\begin{pmatrix}3\\0\\-1\end{pmatrix}"), ("[1,2]", r"\begin{pmatrix}1&2\end{pmatrix}"),
    ("x=1, y=2", "(1,2)"), ("y=2, x=1", "(1,2)"), ("x=1,y=2", "y=2,x=1"), ("(a) 3, (b) 5", "(b) 5, (a) 3"),
    ("(a) 3, (b) 5", "3, 5"), ("(a) 3 (b) 5", "(a) 3, (b) 5"), (r"\text{(a) } 3, \text{(b) } 5", "(a) 3, (b) 5"),
    (r"\text{Alice: } 3, \text{Bob: } 5", r"\text{Alice } 3, \text{ Bob } 5"),
    (r"\text{Alice: } 3, \text{Bob: } 5", "Alice 3, Bob 5"), ("Alice = 3, Bob = 5", "Bob: 5, Alice: 3"),
    ("m=3, 5, 8", "8, 3, 5"), ("m=3,5,8", "m=5,8,3"), (r"\pm 2", r"\mp 2"), (r"\pm 4", "+/- 4"), ("+/-4", "4,-4"),
    (r"\pm 2", "2,-2"), (r"\pm 2", r"\{2,-2\}"), (r"x=\pm 2", "x=2,x=-2"), (r"x=\pm 2", r"\pm 2"),
    (r"\{\pm 2,3\}", r"\{-2,2,3\}"), (r"\{\pm 2\}", r"\{2,-2\}"), (r"\pm 2, 3", "-2,2,3"),
    (r"3\pm\sqrt2", r"3+\sqrt2, 3-\sqrt2"), (r"\frac{1\pm\sqrt5}{2}", r"\frac{1\mp\sqrt5}{2}"), (r"0, \pm 1", "0,1,-1"),
    (r"\pm 1\pm\sqrt2", r"1+\sqrt2, 1-\sqrt2, -1+\sqrt2, -1-\sqrt2"), (r"(\pm 1, 2)", "(1,2),(-1,2)"),
    ("17 und 44", "17,44"), ("17 et 44", "44, 17"), ("17 y 44", "17,44"), ("17 и 44", "17, 44"), ("17和44", "17,44"),
    ("17 和 44", "17,44"), (r"17 \text{ und } 44", "17, 44"),
    (r"\frac{x-1}{2}=\frac{y}{3}=\frac{z+1}{4}", r"\frac{x-1}{4}=\frac{y}{6}=\frac{z+1}{8}"),
    (r"\frac{x-1}{2}=\frac{y}{3}=\frac{z+1}{4}", r"\frac{y}{3}=\frac{x-1}{2}=\frac{z+1}{4}"), (r"6=2\cdot3", "6"),
    (r"2\cdot3=6", "6"), (r"x \equiv 3 \pmod 7", r"x\equiv 3 (\text{mod } 7)"),
    (r"x \equiv 3 \pmod{7}", r"x\equiv 10 \pmod 7"), (r"x \equiv 3 \pmod{7}", r"3 \pmod 7"),
    (r"x \equiv 3 \mod 7", r"x\equiv 3 \pmod 7"), (r"n \equiv 3 (mod 7)", "3"), ("2x+y=5", "4x+2y=10"),
    ("2x+y=5", "y=5-2x"), (r"\begin{cases}x=1\\y=2\end{cases}", "(1,2)"),
    (r"\begin{cases}x=1\\y=2\end{cases}", "x=1,y=2"),
    (r"\begin{cases} x=1 \\ y=2 \end{cases}", r"\begin{cases} y=2 \\ x=1 \end{cases}"),
    (r"\begin{aligned} x&=1 \\ y&=2 \end{aligned}", "x=1,y=2"), (r"\begin{aligned} x&=2+3 \\ &=5 \end{aligned}", "5"),
    (r"\left\{\begin{array}{l}x=1\\y=2\end{array}\right.", "(1,2)"),
    (r"\left\{\begin{aligned}x&=1\\y&=2\end{aligned}\right.", "(1,2)"),
    (r"\begin{cases} x^2 & \text{if } x\ge0 \\ -x & \text{if } x<0 \end{cases}",
     r"\begin{cases} x^2 & x\ge0 \\ -x & x<0 \end{cases}"),
    (r"\begin{cases} -x & x<0 \\ x^2 & x\ge0 \end{cases}", r"\begin{cases} x^2, & x\ge0 \\ -x, & x<0 \end{cases}"),
    (r"\begin{cases} -x & x<0 \\ x^2 & \text{otherwise} \end{cases}",
     r"\begin{cases} x^2 & x\ge0 \\ -x & x<0 \end{cases}"),
    (r"\begin{cases} -x & x<0 \\ x & x\ge0 \end{cases}", "|x|"),
    (r"\begin{cases} x & x>0 \\ 0 & x=0 \\ -x & x<0 \end{cases}", "|x|"),
    (r"\begin{cases} 1 & n \text{ even} \\ 0 & n \text{ odd} \end{cases}",
     r"\begin{cases} 0 & n \text{ odd} \\ 1 & n \text{ even} \end{cases}"),
    (r"\left\{\begin{array}{ll} x^2 & x\ge0 \\ -x & x<0 \end{array}\right.",
     r"\begin{cases} x^2 & x\ge0 \\ -x & x<0 \end{cases}"),
    ("Total: 45", "45"), ("n: 5", "5"),
    (r"f(x)=\begin{cases} x^2 & x\ge0 \\ -x & x<0 \end{cases}", r"\begin{cases} x^2 & x\ge0 \\ -x & x<0 \end{cases}"),
    ("(a) 3 and (b) 5", "3, 5"), ("(1,2),(3,4)", "(3,4) and (1,2)"), (r"x=1 \text{ or } x=2", "x=1, x=2"),
    ("x^2+y^2=1", "2x^2+2y^2=2"), ("(x,y,z)=(1,2,3)", "x=1,y=2,z=3"),
    (r"\begin{cases}x+y=3\\x-y=1\end{cases}", "x-y=1, x+y=3"),
    (r"\left[\begin{array}{cc}1&2\\3&4\end{array}\right]", "[[1,2],[3,4]]"),
    (r"\begin{pmatrix} 1 & 2 \end{pmatrix}", r"\langle 1, 2\rangle"), (r"1\text{ and }-1", r"\pm 1"),
    (r"x=3\pm 2\sqrt{2}", r"3+2\sqrt{2}, 3-2\sqrt{2}"),
    (r"1^\text{st}: 3, 2^\text{nd}: 4", r"1^\text{st}: 3, 2^\text{nd}: 4"),
]  # fmt: skip

DIFFERENT = [
    ("[[1,2],[3,4]]", r"\begin{pmatrix}1&3\\2&4\end{pmatrix}"),
    ("[[1,2,3,4]]", r"\begin{pmatrix}1&2\\3&4\end{pmatrix}"), ("(1,2)^T", r"\begin{pmatrix}1&2\end{pmatrix}"),
    ("(1,2)^T", r"\begin{pmatrix}2\\1\end{pmatrix}"), (r"\langle 1,2\rangle", "(2,1)"),
    (r"\langle 1,2\rangle", r"\langle 1,2,0\rangle"), ("i+2j", "(2,1)"), ("1+2i", "(1,2)"), ("x=1, y=2", "(2,1)"),
    ("x=1,y=2", "x=2,y=1"), ("(a) 3, (b) 5", "(a) 5, (b) 3"), ("(a) 3, (b) 5", "5, 3"),
    ("(a) 3, (b) 5", "(a) 3, (c) 5"), (r"\text{Alice: } 3, \text{Bob: } 5", r"\text{Alice } 5, \text{ Bob } 3"),
    (r"\text{Alice: } 3, \text{Bob: } 5", r"\text{Alice: } 3, \text{Carol: } 5"), ("m=3, 5, 8", "3, 5"),
    ("m=3, 5, 8", "n=3, 5, 8"), (r"\pm 2", "2"), (r"\pm 2", r"\pm 3"), (r"\{\pm 2,3\}", r"\{2,3\}"),
    (r"3\pm\sqrt2", r"3+\sqrt2"), (r"3\pm\sqrt2", r"2\pm\sqrt3"), ("+/- 4", "4"), ("17 und 44", "17"),
    ("17 und 44", "17, 45"), ("17 y 44", "748y"),
    (r"\frac{x-1}{2}=\frac{y}{3}=\frac{z+1}{4}", r"\frac{x-1}{4}=\frac{y}{6}=\frac{z+1}{4}"),
    (r"\frac{x-1}{2}=\frac{y}{3}=\frac{z+1}{4}", r"\frac{x}{7}=\frac{y}{5}=\frac{z+1}{4}"), (r"6=2\cdot3", "2"),
    (r"6=2\cdot 4", "6"), (r"6=2\cdot 4", "8"), (r"x \equiv 3 \pmod 7", r"x\equiv 3 \pmod 5"),
    (r"x \equiv 3 \pmod 7", r"x\equiv 4 \pmod 7"), (r"x \equiv 3 \pmod 7", r"y\equiv 3 \pmod 7"), ("2x+y=5", "2x+y=6"),
    ("2x+y=5", "4x+2y=5"), (r"\begin{cases}x=1\\y=2\end{cases}", "(2,1)"),
    (r"\begin{cases}x=1\\y=2\end{cases}", r"\begin{cases}x=2\\y=1\end{cases}"),
    (r"\begin{aligned} x&=1 \\ y&=2 \end{aligned}", "x=1"),
    (r"\begin{cases} x^2 & x\ge0 \\ -x & x<0 \end{cases}", r"\begin{cases} -x & x\ge0 \\ x^2 & x<0 \end{cases}"),
    (r"\begin{cases} x^2 & x>1 \\ -x & x\le 1 \end{cases}", r"\begin{cases} x^2 & x\ge1 \\ -x & x<1 \end{cases}"),
    (r"\begin{cases} -x & x<0 \\ x & x>0 \end{cases}", "|x|"),
    (r"\begin{cases} -x & x<0 \\ x & x\ge0 \end{cases}", "x"),
    (r"\begin{cases} -x & x<0 \\ x^2 & \text{otherwise} \end{cases}",
     r"\begin{cases} x^2 & x\ge1 \\ -x & x<0 \end{cases}"),
    ("Total: 45", "46"), ("Not: 5", "5"), ("3:5", "5"), (r"x^2 y \cos y", "x^2"), ("(1,2),(3,4)", "(1,3),(2,4)"),
    (r"x=3\pm 2\sqrt{2}", r"3+2\sqrt{2}"), (r"\begin{cases}x+y=3\\x-y=1\end{cases}", "x-y=1"), ("2 y 3", "6y"),
    ("[1,2]", r"\begin{pmatrix}2&1\end{pmatrix}"), ("[[1,2],[3,4]]", "[1,2,3,4]"), (r"\langle 1,2\rangle", "1,3"),
]  # fmt: skip


def is_right(answer: str, reference: str) -> bool:
    return answers_equal(answer, reference).outcome is Outcome.RIGHT


@pytest.mark.parametrize(("one", "other"), SAME)
def test_answers_that_say_the_same(one: str, other: str) -> None:
    assert is_right(one, other)
    assert is_right(other, one)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_answers_that_do_not(one: str, other: str) -> None:
    assert not is_right(one, other)
    assert not is_right(other, one)
