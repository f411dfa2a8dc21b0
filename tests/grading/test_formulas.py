"""Formulas, kind by kind: pairs that say the same, and near misses that do not."""

import time

import pytest

from lemma_hf.grading import answers_equal
from lemma_hf.grading.formulas._probe import Same
from lemma_hf.grading.formulas._symbolic import symbolic_same, worth_asking
from lemma_hf.grading.spelling._normalize import normalize
from lemma_hf.records import Outcome

DEGREES = [
    (r"\sin 30^\circ", r"\frac12"), (r"\sin 30^\circ", "0.5"), (r"\tan 45^\circ", "1"),
    (r"\sin(30^\circ)", r"\frac12"), (r"\sin{30^\circ}", r"\frac12"), (r"\sin(30)^\circ", r"\frac12"),
    (r"\sin^2 30^\circ", r"\frac14"), (r"\cos 60^\circ", r"\frac12"), (r"2\sin 30^\circ", "1"),
    (r"\operatorname{cis} 30^\circ", r"\frac{\sqrt3}{2}+\frac{i}{2}"),
    (r"2\operatorname{cis} 60^\circ", r"1+\sqrt3 i"), (r"\operatorname{cis} \frac{\pi}{2}", "i"),
    (r"60^\circ", r"\frac{\pi}{3}"), (r"45^\circ", r"\frac{\pi}{4}"), (r"90^\circ", "90"), (r"180^\circ", r"\pi"),
    (r"60^\circ", r"\frac{\pi}{3}\text{ rad}"), (r"45\text{ degrees}", r"\frac{\pi}{4}"),
    (r"(30^\circ, 60^\circ)", r"(\frac{\pi}{6}, \frac{\pi}{3})"), (r"x=60^\circ", r"x=\frac{\pi}{3}"),
    (r"\sin 30°", "1/2"), (r"\tan 60^{\circ}", r"\sqrt3"), (r"\cot 45^\circ", "1"),
    (r"\sin 75^\circ", r"\frac{\sqrt6+\sqrt2}{4}"), (r"\arctan 1", r"45^\circ"),
    (r"\frac{\partial}{\partial x} (x^2y)", "2xy"), (r"\tan(\pi/4)", "1"), (r"\arcctg x", r"\frac{\pi}{2}-\arctan x"),
    (r"\operatorname{arctg} 1", r"\frac{\pi}{4}"), (r"\cos 90^\circ", "0"), (r"\sin 180^\circ", "0"),
    (r"2\cos\frac{\pi}{2}", "0"), (r"\frac{\pi}{4}\text{ radians}", r"45\text{ degrees}"),
    (r"2\pi \text{ rad}", r"360^\circ"), (r"\sin^{-1}(0.5)", r"30^\circ"),
    (r"30^\circ, 150^\circ", r"\frac{\pi}{6}, \frac{5\pi}{6}"), (r"\{30^\circ\}", r"\frac{\pi}{6}"),
]  # fmt: skip
NOT_DEGREES = [
    (r"\cos 60^\circ", r"\cos 60"), (r"\cos 60", r"\frac12"), (r"45^\circ", r"\frac{\pi}{3}"),
    (r"60^\circ", r"60\pi"), (r"\pi", "180"), (r"\sin 30", r"\frac12"), ("45", r"\frac{\pi}{4}"),
    (r"\cos(60^\circ)", r"\cos(60)"),
]  # fmt: skip

ROOTS_AND_LOGARITHMS = [
    (r"\sqrt{-4}", "2i"), (r"2+\sqrt{-9}", "2+3i"), (r"i\sqrt3", r"\sqrt{-3}"), (r"-\sqrt{-4}", "-2i"),
    (r"\sqrt{-4}", r"\sqrt{4}i"), (r"\sqrt{-16}", "4i"), (r"\sqrt{-2}", r"i\sqrt{2}"), (r"\sqrt{-1}", "i"),
    (r"\pm\sqrt{-4}", r"\pm 2i"), (r"\sqrt[3]{-8}", "-2"), ("(-8)^{1/3}", r"1+\sqrt{3}i"), ("log2(8)", "3"),
    ("sqrt(2)", r"\sqrt{2}"), ("ln|x|", r"\ln|x|"), ("√2.5", r"\sqrt{2.5}"), ("√100", "10"),
    (r"\sqrt{1/n}", r"\frac{1}{\sqrt{n}}"), (r"\sqrt{x^2}", "|x|"), (r"\ln x^2", r"2\ln|x|"),
    (r"\ln\frac1x", r"-\ln x"), (r"\sqrt{\frac{a}{b}}", r"\frac{\sqrt a}{\sqrt b}"),
    (r"\frac{x}{\sqrt{x}}", r"\sqrt{x}"), (r"\log_2 x", r"\frac{\ln x}{\ln 2}"), (r"e^{\ln x}", "x"),
    (r"\sqrt[3]{x^2}", r"(\sqrt[3]{x})^2"), (r"\sqrt{12x^3}", r"2x\sqrt{3x}"),
    (r"\frac{1}{2}\ln(x-1)", r"\ln\sqrt{x-1}"), (r"\sqrt{x^4}", "x^2"), ("x^{2/4}", r"\sqrt{x}"),
    (r"\frac{\sqrt{n}}{n}", r"\frac{1}{\sqrt n}"), (r"\log 100", "2"), ("lnx", r"\ln x"), ("ln2", r"\ln 2"),
    ("xlnx", r"x\ln x"), ("x ln x", r"x\ln x"), (r"\sqrt{2}^2", "2"), (r"\sqrt[3]{27}", "3"),
    (r"\sqrt 2", r"\sqrt{2}"), (r"\sqrt2x", r"\sqrt{2}x"), (r"3\sqrt5", r"\sqrt{45}"), (r"\sqrt 25", "5"),
    (r"\sqrt{2}-\sqrt{2}", "0"), (r"\ln 1", "0"), (r"\sqrt{3-2\sqrt2}", r"\sqrt2-1"), (r"3+\sqrt{-16}", "3+4i"),
    (r"\sqrt{-3}\sqrt{-12}", "-6"), ("log_2 8", "3"), ("log_{2}(8)", "3"), (r"x=2\pm\sqrt{-4}", r"2\pm 2i"),
]  # fmt: skip
NOT_ROOTS_AND_LOGARITHMS = [
    (r"\sqrt{-4}", "-2i"), (r"\sqrt{-16}", "4"), (r"\sqrt{-1}", "-i"), (r"\ln|x|", r"\ln x"), (r"\sqrt{x^2}", "x"),
    (r"\ln x^2", r"2\ln x"), (r"\sqrt{x}", r"-\sqrt{x}"), (r"\sqrt{x}+1", r"\sqrt{x+1}"), (r"\ln x", r"\ln|x|"),
    (r"\sqrt{x-1}", r"\sqrt{1-x}"), (r"\sqrt{-x}", r"\sqrt{x}"), (r"\sqrt{2}\cdot 10^{-12}", "0"),
    (r"\sqrt{-4}", "4i"), (r"3-\sqrt{-16}", "3+4i"), (r"\sqrt{-3}\sqrt{-12}", "6"),
]  # fmt: skip

COMBINATIONS = [
    ("C_5^2", r"\binom52"), ("C_5^2", "10"), (r"\mathrm{C}_{5}^{2}", "10"), ("C_{5}^{2}", "10"), ("_{10}C_3", "120"),
    ("^{10}C_{3}", "120"), ("{}_5C_2", "10"), ("{}^5C_2", "10"), ("P(10,3)", "720"), ("C(5,2)", "10"),
    ("C(n,2)", r"\frac{n(n-1)}{2}"), ("A_5^2", "20"), ("P_5^2", "20"), ("5C2", "10"), ("nCr(5,2)", "10"),
    (r"\frac{(n+1)!}{n!}", "n+1"), ("5!!", "15"), ("6!!", "48"), (r"\frac{5!}{2!3!}", "10"),
    ("C_n^2", r"\frac{n(n-1)}{2}"), ("C_{n+1}^2", r"\frac{n(n+1)}{2}"), (r"{n \choose 2}", r"\binom{n}{2}"),
    (r"\frac{100!}{98!}", "9900"), ("C_5^2+C_5^3", "20"), (r"C_5^2 \cdot C_4^1", "40"),
    (r"\binom{5}{2}\binom{4}{1}", "40"), ("3!", "6"), ("(3!)!", "720"), ("3!!", "3"), ("5 choose 2", "10"),
    ("nC2", r"\frac{n(n-1)}{2}"), ("nC_2", r"\binom n2"), ("C^2_5", "10"), ("C^{2}_{5}", "10"),
    ("n(n-1)(n-2)!", "n!"), ("10!/(3!7!)", "120"),
]  # fmt: skip
NOT_COMBINATIONS = [
    ("C_5^2", "20"), ("C_5^2", "25"), ("3!!", "720"), ("n!", "(n+1)!"), ("P(2,3)", "(2,3)"),
]  # fmt: skip

CONSTANTS = [
    (r"\frac{-1+\sqrt{-3}}{2}", r"-\frac12+\frac{\sqrt3}{2}i"), (r"\ln|2x|+C", r"\ln|x|+C"), ("Ce^{2x}", "Ae^{2x}"),
    ("y=Ce^{2x}", "y=Ae^{2x}"), ("C_1e^x+C_2e^{-x}", "Ae^x+Be^{-x}"), ("C_1e^x+C_2e^{-x}", "C_1e^{-x}+C_2e^{x}"),
    (r"c_1\cos x+c_2\sin x", r"A\cos x+B\sin x"), ("x^2+C", "x^2+c"), ("x^2+C", "x^2+K"),
    (r"\frac{x^2}{2}+C", r"\frac{x^2+1}{2}+C"), (r"\sin^2x+C", r"-\cos^2x+C"), (r"x^{\frac32}", r"x\sqrt{x}"),
    (r"\sin x \cos x", r"\frac12 \sin 2x"), (r"x\ln x-x+C", r"x(\ln x-1)+C"), ("2^{-1}", r"\frac12"),
    (r"\frac{2\pm\sqrt{-4}}{2}", r"1\pm i"), ("y=ke^{2x}", "y=Ce^{2x}"), ("C_1e^{x}+C_2xe^{x}", "(A+Bx)e^x"),
    ("C_1e^{x}+C_2xe^{x}", "(C_1+C_2x)e^x"), (r"-\cos x+C", r"C-\cos x"), (r"\tan^{-1}x+C", r"\arctan x+K"),
    (r"\frac{x^3}{3}+C", r"\frac13x^3+c"), (r"\frac{2^{100}}{2^{98}}", "4"), ("Kx", "Cx"),
]  # fmt: skip
NOT_CONSTANTS = [
    ("x^2+C", "x^2"), ("x^2+C", "2x^2+C"), ("a+b+c", "a+b-c"), ("a+b+c", "a+b+c+1"), ("A+B+C", "A+B+C+1"),
    ("AB", "CB"), ("Ax", "Bx"), ("ax", "bx"), ("Ce^{2x}", "Ce^{3x}"), ("Ce^{2x}", "De^{2x}"), ("e^x+C", "e^x"),
    ("e^x+C", "e^x+1"), (r"\frac95C+32", r"\frac95C+30"), (r"\frac95c+32", r"\frac95c+30"),
    ("a^2+b^2-c^2", "a^2+b^2-C^2"), ("k+x+5", "k+x+3"), ("mx+b", "mx+c"),
]  # fmt: skip

PIECES = [
    (r"\begin{dcases} x & x\ge0 \\ -x & x<0 \end{dcases}", "|x|"),
    (r"\begin{cases} x & x\in[0,\infty) \\ -x & x\in(-\infty,0) \end{cases}", "|x|"),
    ("|x|", r"\begin{cases} x & x\ge0 \\ -x & x<0 \end{cases}"),
    ("|x|", r"\begin{cases} x, & \text{if } x\ge0 \\ -x, & \text{otherwise} \end{cases}"),
    (
        r"\begin{cases} x^2 & \text{if } x\ge0 \\ -x & \text{if } x<0 \end{cases}",
        r"\begin{cases} x^2 & x\ge0 \\ -x & x<0 \end{cases}",
    ),
    (r"\begin{cases} -x & x<0 \\ x^2 & x\ge0 \end{cases}", r"\begin{cases} x^2 & x\ge0 \\ -x & x<0 \end{cases}"),
    (r"\begin{cases} x^2 & x>0 \\ -x & x\le0 \end{cases}", r"\begin{cases} x^2 & x\ge0 \\ -x & x<0 \end{cases}"),
    (
        r"f(x)=\begin{cases} x^2, & x\ge0, \\ -x, & x<0. \end{cases}",
        r"\begin{cases} x^2 & x\ge0 \\ -x & x<0 \end{cases}",
    ),
    (r"\left\{\begin{array}{ll} x & x\ge 0 \\ -x & x<0\end{array}\right.", "|x|"),
    (
        r"\begin{cases} 1 & n \text{ even} \\ 0 & n \text{ odd} \end{cases}",
        r"\begin{cases} 1 & n \text{ even} \\ 0 & n \text{ odd} \end{cases}",
    ),
    (r"\begin{cases} 1, & x>0 \\ 0, & x=0 \\ -1, & x<0 \end{cases}", r"\operatorname{sgn}(x)"),
    ("|x-1|", r"\begin{cases} x-1 & x\ge1 \\ 1-x & x<1 \end{cases}"),
    (r"\max(x,0)", r"\begin{cases} x & x\ge0 \\ 0 & x<0 \end{cases}"),
]  # fmt: skip
NOT_PIECES = [
    (r"\begin{cases} x & x\in[0,\infty) \\ -x & x\in(-\infty,-1) \end{cases}", "|x|"),
    (r"\begin{cases} x+1 & x>0 \\ -x & x\le0 \end{cases}", r"\begin{cases} x+1 & x\ge0 \\ -x & x<0 \end{cases}"),
    (r"\begin{cases} x^2 & x\ge0 \\ -x & x<0 \end{cases}", r"\begin{cases} x^2 & x\ge1 \\ -x & x<1 \end{cases}"),
    (
        r"\begin{cases} 1 & 0\le x<1 \\ 2 & 1\le x \le 2 \end{cases}",
        r"\begin{cases} 1 & 0\le x\le 1 \\ 2 & 1<x \le 2 \end{cases}",
    ),
    ("|x-1|", r"\begin{cases} x-1 & x\ge1 \\ x+1 & x<1 \end{cases}"),
]  # fmt: skip

SPELLINGS = [
    (r"\operatorname{ctg} x", r"\cot x"), (r"\tg x", r"\tan x"), (r"\arctg x", r"\arctan x"), ("cosx", r"\cos x"),
    ("sinx/x", r"\frac{\sin x}{x}"), (r"\mathrm{sin} x", r"\sin x"), (r"\max\{1,2\}", "2"), (r"\max(1,2)", "2"),
    (r"\min\{3,5\}", "3"), (r"\nicefrac{1}{2}", "0.5"), (r"\lfloor 3.7 \rfloor", "3"), ("sin^{-1}x", r"\arcsin x"),
    (r"\sin^{-1} x", r"\arcsin x"), ("x*y", "yx"), ("2(x+1)", "2x+2"), ("(x-1)(x+1)", "(x+1)(x-1)"),
    ("3^{-77}", r"\frac{1}{3^{77}}"), ("2^{1000}", "4^{500}"), ("(-1)^n", "-(-1)^{n-1}"), ("2 cosx", r"2\cos x"),
    (r"\sin(x)\cos(x)", r"\frac{\sin(2x)}{2}"), ("sin2x", "2sinxcosx"), (r"\sin 2x", r"2\sin x\cos x"),
    (r"\sin^2 x", r"1-\cos^2 x"), ("cos^2x", "1-sin^2x"), (r"e^{i\pi}+1", "0"), (r"\lg 2+\lg 5", "1"),
    ("xe^x", r"x\cdot e^{x}"), (r"\exp(2x)", "e^{2x}"), ("ab", "ba"), ("tg", "gt"), ("x/2y", r"\frac{x}{2}y"),
    ("1/2x", r"\frac{x}{2}"), (r"\frac{1}{2}x", "x/2"), ("a/b/c", r"\frac{a}{bc}"), ("a/b*c", r"\frac{ac}{b}"),
    ("-2^2", "-4"), ("(-2)^2", "4"), ("2^3^2", "512"), (r"17 \bmod 5", "2"), (r"\lceil 2.1 \rceil", "3"),
    (r"\gcd(12,18)", "6"), (r"\operatorname{lcm}(4,6)", "12"), (r"{1 \over 2}", "0.5"),
    (r"\cosec x", r"\frac{1}{\sin x}"), (r"\sh x", r"\frac{e^x-e^{-x}}{2}"), (r"\sin\pi", "0"), (r"\tan \pi", "0"),
    ("(-1)^{1/2}", "i"), (r"\text{sin}(x)", r"\sin x"), (r"\mathrm{tg}\,x", r"\tan x"), ("e^(x)", "e^x"),
    ("x^(2/3)", "x^{2/3}"), ("sin(x)^2", r"\sin^2 x"), (r"\text{sgn}(x)", r"\operatorname{sgn}(x)"),
    (r"\min(a,b)", r"\min(b,a)"), (r"\left\lfloor \frac{7}{2}\right\rfloor", "3"),
    (r"\sin x cos x", r"\frac{\sin 2x}{2}"), ("2^{100}", "1267650600228229401496703205376"),
]  # fmt: skip
NOT_SPELLINGS = [
    ("sin^{-1}x", r"\frac{1}{\sin x}"), ("x+1", "y+1"), (r"\frac{1}{3^{77}}", r"\frac{1}{3^{78}}"),
    ("2^{100}", "2^{100}+1"), ("2^{1000}", "2^{1001}"), (r"1-\frac{1}{3^{77}}", r"1-\frac{1}{3^{78}}"),
    ("(-1)^n", "(-1)^{n+1}"), ("(x^2)^{1/2}", "x"), (r"\arcsin x", r"\arccos x"), ("e^{-50}", "0"), ("10^{-30}", "0"),
    (r"10^{-20}\pi", "0"), (r"\min(a,b)", r"\max(a,b)"), ("2^{5468}", "2^{39}"), ("2^{100}", "2^{39}"),
    ("3^{77}", "3^{78}"), ("x^{100}", "x^{101}"), (r"(\frac{1}{2})^{1000}", r"(\frac{1}{2})^{1001}"),
    ("7^{-50}", "7^{-51}"), ("10^{100}+1", "10^{100}"),
]  # fmt: skip

RESULTS = [
    (r"\log_2 8=3", "3"), (r"\sin 30^\circ=\frac12", r"\frac12"), (r"\binom{5}{2}=10", "10"), ("C_5^2=10", "10"),
    (r"\sqrt{16}=4", "4"), (r"\frac{d}{dx}x^2=2x", "2x"), (r"\int_0^1 x\,dx=\frac12", r"\frac12"),
    (r"\sum_{k=1}^n k=\frac{n(n+1)}{2}", r"\frac{n(n+1)}{2}"), (r"C_n^2 = \frac{n(n-1)}{2}", r"\binom{n}{2}"),
    ("(x+1)^2=x^2+2x+1", "x^2+2x+1"),
]  # fmt: skip
NOT_RESULTS = [
    (r"\sin 30^\circ=\frac12", r"\frac13"), ("C_5^2=11", "11"), ("x^2+1=5", "5"),
    (r"\sum_{k=1}^n k=\frac{n(n-1)}{2}", r"\frac{n(n-1)}{2}"), ("x^2+1=2x", "2x"), ("2x+3=7", "7"),
]  # fmt: skip

CALCULUS = [
    (r"\int_0^1 x\,dx", r"\frac12"), (r"\int_0^1 x^2\,dx", r"\frac13"), (r"\int_1^e \frac{dx}{x}", "1"),
    (r"\int_{0}^{1} x \mathrm{d}x", "0.5"), (r"\int_0^1 x \, \mathrm{d} x", "0.5"), (r"\int_0^1 xdx", r"\frac12"),
    (r"\int\limits_0^1 x\,dx", r"\frac{1}{2}"), (r"\int_0^\pi \sin x\,dx", "2"), (r"\int_0^{\infty} e^{-x} dx", "1"),
    (r"\int_0^\infty e^{-x^2}\,dx", r"\frac{\sqrt{\pi}}{2}"), (r"\int_0^1 x dx+1", r"\frac32"),
    (r"2\int_0^1 x dx", "1"), (r"\int_0^1\int_0^1 xy\,dx\,dy", r"\frac14"), (r"\int 2x\,dx", "x^2+C"),
    (r"\int \cos x\,dx", r"\sin x+C"), (r"\sum_{k=1}^n k", r"\frac{n(n+1)}{2}"),
    (r"\sum_{k=1}^{n} k^2", r"\frac{n(n+1)(2n+1)}{6}"), (r"\sum_{k=1}^{10} k", "55"),
    (r"\sum_{k=0}^{\infty} \frac{1}{2^k}", "2"), (r"\sum_{n=1}^{\infty}\frac{1}{n^2}", r"\frac{\pi^2}{6}"),
    (r"\sum_{i=1}^{n} i", r"\sum_{k=1}^{n} k"), (r"\prod_{k=1}^{5} k", "120"), (r"\prod_{k=1}^{n} k", "n!"),
    (r"\lim_{x\to 0}\frac{\sin x}{x}", "1"), (r"\lim_{n\to\infty}(1+\frac1n)^n", "e"),
    (r"\lim_{n\to\infty}\left(1+\frac1n\right)^{n}", "e"), (r"\lim_{x\rightarrow 2} x^2", "4"),
    (r"\frac{d}{dx}x^2", "2x"), (r"\frac{d}{dx}(x^3)", "3x^2"), (r"\frac{d^2}{dx^2} x^3", "6x"),
    (r"\frac{d}{dx}\sin x", r"\cos x"), (r"\sum_{k=1}^{n} \binom{n}{k}", "2^n-1"), (r"\int_{-1}^{1} |x|\,dx", "1"),
    (r"\int_1^2 x^3\,dx", "3.75"), (r"\int_0^{2\pi} \sin^2\theta\,d\theta", r"\pi"),
    (r"\int_a^b f(x)\,dx", r"\int_a^b f(t)\,dt"), (r"\int_0^1 \sqrt{1-x^2}\,dx", r"\frac{\pi}{4}"),
    (r"\int \frac{1}{x}\,dx", r"\ln|x|+C"), (r"\lim_{x\to0^+}\frac1x", r"\infty"),
    (r"\int_1^2 x^2+1\,dx", r"\frac{10}{3}"), (r"\lim_{h\to0}\frac{(x+h)^2-x^2}{h}", "2x"),
    (r"\sum_{n=0}^\infty \frac{x^n}{n!}", "e^x"), (r"\sum_{k=0}^{n-1} r^k", r"\frac{1-r^n}{1-r}"),
    (r"\int_0^x t\,dt", r"\frac{x^2}{2}"), (r"\int \frac{dx}{x^2+1}", r"\arctan x+C"),
]  # fmt: skip
NOT_CALCULUS = [
    (r"\int \cos x\,dx", r"-\sin x+C"), (r"\int_0^1 x\,dx", "1"), (r"\int_0^1 x\,dx", "x"),
    (r"\sum_{k=1}^n k", r"\frac{n(n-1)}{2}"), (r"\lim_{x \to 0^+} \ln x", "0"), (r"\frac{d}{dx}x^2", "x"),
    (r"\sum_{k=0}^{n} \binom{n}{k}", "2^n-1"), (r"\lim_{x\to0^-}\frac1x", r"\infty"),
    (r"\int_0^1 x^2\,dx", r"\int_0^1 x\,dx"),
]  # fmt: skip

SAME = [*DEGREES, *ROOTS_AND_LOGARITHMS, *COMBINATIONS, *CONSTANTS, *PIECES, *SPELLINGS, *RESULTS]
DIFFERENT = [
    *NOT_DEGREES, *NOT_ROOTS_AND_LOGARITHMS, *NOT_COMBINATIONS, *NOT_CONSTANTS, *NOT_PIECES, *NOT_SPELLINGS,
    *NOT_RESULTS,
]  # fmt: skip


CARRIED_OUT = [(*pair, Same.YES) for pair in CALCULUS] + [(*pair, Same.NO) for pair in NOT_CALCULUS]


def is_right(one: str, other: str) -> bool:
    return answers_equal(one, other).outcome is Outcome.RIGHT


@pytest.mark.parametrize(("one", "other"), SAME)
def test_these_formulas_say_the_same_both_ways(one: str, other: str) -> None:
    assert is_right(one, other)
    assert is_right(other, one)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_these_formulas_do_not_say_the_same_either_way(one: str, other: str) -> None:
    assert not is_right(one, other)
    assert not is_right(other, one)


@pytest.mark.parametrize(("one", "other", "same"), CARRIED_OUT)
def test_computer_algebra_carries_out_integrals_sums_limits_and_derivatives(one: str, other: str, same: Same) -> None:
    assert symbolic_same(normalize(one), normalize(other)) is same
    assert symbolic_same(normalize(other), normalize(one)) is same


def test_an_integral_reaches_the_worker_with_its_differential() -> None:
    answers_equal(r"\int_0^1 x\,dx", "1")  # a cold start is no pair's fault
    assert is_right(r"\int_0^1 x^2\,dx", r"\frac13")
    assert is_right(r"\frac{n(n+1)}{2}", r"\sum_{k=1}^n k")


def test_a_sum_of_very_many_terms_is_not_worth_asking() -> None:
    assert worth_asking(r"\sum_{k=1}^{999} k")
    assert not worth_asking(r"\sum_{k=1}^{100000} k")
    assert not worth_asking(r"\prod_{k=1}^{100000} k")


LONG = {
    "brackets": "(" * 38 + "x" + ")^2" * 38,
    "fractions": r"\frac{1}{1+" * 35 + "x" + "}" * 35,
    "quotients": "x" + "/y" * 700,
    "products": "xy" * 700,
    "sums": "x+" * 700 + "1",
    "factorials": "9" + "!" * 1_400,
    "towers": "x^" * 700 + "x",
    "roots": r"\sqrt" * 280 + "2",
    "functions": r"\sin" * 300 + "x",
    "percent": "5" + r"\%" * 600,
    "powers": "x" + "^2" * 700,
    "combinations": "C(" * 38 + "5" + ",2)" * 38,
    "letters": "C" * 1_400,
    "bars": "|" * 1_400,
    "integrals": r"\int" * 300 + "x" + "dx" * 300,
    "sums of sums": r"\sum_{k=1}^{n}" * 60 + "k",
    "cases": r"\begin{cases}" + r"x & x>1 \\" * 90 + r"0 & x<1\end{cases}",
    "deep cases": r"\begin{cases}" * 19 + "x" + r"& x>1\end{cases}" * 19,
    "breaks": r"\begin{cases}" + "".join(rf"x & x_{{{at}}}>{at} \\" for at in range(70)) + r"0 & x<1\end{cases}",
    "names": "+".join(f"x_{{{number}}}" for number in range(200)),
    "constants": "+".join(f"C_{number}x" for number in range(200)),
    "mixed": r"\sqrt{\frac{\ln(x+1)}{\sin^2(2x)}}+" * 35 + "1",
}


@pytest.mark.parametrize("name", LONG)
@pytest.mark.parametrize("other", ["x+1", "5", r"\frac{\pi}{3}", "Cx+1", r"\begin{cases}1 & x>0\\0 & x<0\end{cases}"])
def test_no_formula_takes_long_here_nor_raises(name: str, other: str) -> None:
    from lemma_hf.grading._compare import compare
    from lemma_hf.grading.policy import policy_of

    start = time.process_time()
    compare(LONG[name], other, policy_of("math"))
    compare(LONG[name], LONG[name] + "+1", policy_of("math"))
    assert time.process_time() - start < 1
