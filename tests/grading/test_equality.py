"""What is equal, and what is not: each pair is one a person can decide by eye."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lemma_hf.grading import answers_equal
from lemma_hf.grading.quantities._exact import read_number
from lemma_hf.grading.spelling._normalize import normalize
from lemma_hf.records import Grade, Outcome

SAME = [
    ("5", "5.0"), ("1,234", "1234"), ("118 000", "118000"), ("10{,}000", "10000"), (r"11,\! 111,\! 100", "11111100"),
    (r"\frac{1}{2}", "0.5"), (r"\frac12", "1/2"), (r"3\frac{1}{2}", "3.5"), ("1 1/2", "1.5"), ("½", r"\frac{1}{2}"),
    ("-5", "−5"), ("１２", "12"), (r"2\pi", "2π"), ("3.54e-7", r"3.54\times 10^{-7}"), ("10^{-5}", "0.00001"),
    (r"\$18.90", "18.9"), ("$15,400", "15400"), (r"25\%", "25"), (r"10\%", "0.1"), ("10 weeks", "10"),
    (r"5\text{ cm}", "5"), (r"15\mbox{ cm}^2", "15"), (r"90^\circ", "90"), ("80 + 150 = 230 miles", "230"),
    (r"\textbf{3}", "3"), (r"\text{(b) } 0.3", "0.3"),
    (r"\{1,2\}", r"\{2,1\}"), (r"\{1,1,2\}", r"\{1,2\}"), ("1,2", "2,1"), ("[2, 3]", "2,3"), ("[21]", "21"),
    (r"3 \pm \sqrt{2}", r"3-\sqrt{2}, 3+\sqrt{2}"), ("7 and 11", "11, 7"), ("(3; 4)", "(3,4)"),
    ("(1, 4.5)", r"(1,\frac{9}{2})"), (r"x \in [-2,7]", "[-2,7]"), (r"-2 \le x \le 7", "[-2,7]"), ("x>5", "5<x"),
    ("x<1", "-x>-1"), ("x=5", "5"), ("y=2x+1", "2x+1"), ("2x+4y-3=0", r"y=-\frac{1}{2}x+\frac{3}{4}"),
    ("x^2-1", "(x-1)(x+1)"), ("2^6 3^5 5^4", "2^6*3^5*5^4"), (r"\sin^2 x+\cos^2 x", "1"), (r"\sqrt{12}", r"2\sqrt3"),
    (r"\frac{1}{\sqrt{2}}", r"\frac{\sqrt{2}}{2}"), ("i(2-i)", "1+2i"), (r"\binom{5}{2}", "10"), ("5!", "120"),
    (r"\frac{1}{3}", "0.333333333"), (r"\sqrt{17}", "4.123105625617661"), (r"\log_2 8", "3"), ("664_7", "664_{7}"),
    (r"\begin{pmatrix}1\\2\end{pmatrix}", r"\begin{bmatrix} 1 \\ 2 \end{bmatrix}"), (r"\text{Evelyn}", "Evelyn"),
    (r"\text{(C)}", "C"), (r"(-\infty,2)\cup(3,\infty)", r"(3,\infty) \cup (-\infty, 2)"), ("white", "White"),
    ("1.500,00", "1500"), ("1000,99", "1000.99"), ("1.000,99", "1000.99"), ("0,5", r"\frac{1}{2}"),
    ("2,74 €", "2.74"), ("6{hours}", "6"),
    ("(1,2),(3,4),(1,2)", "(3,4),(1,2)"), (r"n \equiv 5 \pmod{17}", "5"), ("74{kg}", "74"),
    (r"-2 \le x \le 7", r"x \in [-2,7]"), ("|x|<3", "(-3,3)"), (r"1\le |x|\le 2", r"[-2,-1]\cup[1,2]"),
    ("(b)0.3", "0.3"), (r"|x|>2", r"(-\infty,-2)\cup(2,\infty)"),
    (r"\begin{pmatrix}1&2\3&4\end{pmatrix}", r"\begin{pmatrix}1&2\\3&4\end{pmatrix}"), (r"$\$10$", "10"),
    (r"0.\overline{3}", "1/3"), (r"0.1\overline{6}", r"\frac{1}{6}"), (r"3.\overline{45}", r"\frac{38}{11}"),
    ("5 m", "5"), ("1.000.000", "1000000"), ("10.5 m²", "10.5"), ("3 s", "3.0"),
]  # fmt: skip

DIFFERENT = [
    ("50", "0.5"), ("500", "5"), ("0.12", "12"), ("100005", "100000"), ("9007199254740993", "9007199254740992"),
    ("1e500", "1e400"), ("10^{401}", "10^{400}"), ("1,2", "12"), ("2x+1", "2(x+1)"), ("x+1^2", "(x+1)^2"),
    (r"\frac{1}{2x}", r"\frac{1}{2}x"), ("(1,2]", "[1,2)"), ("(1,2)", "[1,2]"), ("(1,2)", "(2,1)"), ("15", "5"),
    ("-5", "5"), ("5!", "5"), (r"3\text{ or }5", "5"), (r"x=5\text{ or }x=-5", "5"), (r"\pm 5", "5"), ("5.3", "5"),
    (r"\approx 5.3", "5"), (r"x\ge 5", "x>5"), ("x<5", "x>5"), ("y=6", "x=5"), ("x+1", "y+1"), ("²", "2"),
    (r"2\text{ hours}", r"2\text{ minutes}"), (r"5\text{ km}", r"5\text{ m}"), (r"\text{no}", r"\text{yes}"),
    ("ABCD", "D"), (r"\text{not C}", r"\text{(C)}"), (r"\frac{1}{0}", r"\frac{2}{0}"), ("True", "1"),
    ("0", "0.00001"), ("1011_2", "1011_3"), (r"\begin{pmatrix}1\\2\end{pmatrix}", r"\begin{pmatrix}1&2\end{pmatrix}"),
    ("4:30", r"\frac{4}{30}"),
    ("0.33", r"\frac{1}{3}"), ("0.334", r"\frac{1}{3}"), ("a^2+b=0", "0"), ("7 = 11a+c", "11a+c"), ("12:00", "1:00"),
    ("It is not 5 pens", "5"), (r"\{3,4,5\}", "5"), ("1,1,2", "1,2"), ("[0,1]", "[0,3)"), ("f", "5"), ("", "5"),
    ("1,2", "12.0"), ("2,5", "25"), ("1,25", "125"), ("2,5", "2.51"), ("0,1", "1"), ("1,2", "3"),
    (r"|x|\le 3", "(-3,3)"), (r"0.\overline{3}", "0.3"), ("5 m", "5n"), ("5 m", "6"),
    ("It is A or B", "A"), ("It is surely not D, my friend", "D"), (r"n \equiv 5 \pmod{17}", "6"),
    ("6{hours}", r"6\text{ days}"),
]  # fmt: skip


def outcome(answer: str, reference: str) -> Outcome:
    return answers_equal(answer, reference).outcome


@pytest.mark.parametrize(("one", "other"), SAME)
def test_these_say_the_same_both_ways(one: str, other: str) -> None:
    assert outcome(one, other) is Outcome.RIGHT
    assert outcome(other, one) is Outcome.RIGHT


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_these_do_not_say_the_same_either_way(one: str, other: str) -> None:
    assert outcome(one, other) is not Outcome.RIGHT
    assert outcome(other, one) is not Outcome.RIGHT


@pytest.mark.parametrize("reference", ["", "  ", "None", "nan", "$$", "[]", "null"])
def test_a_reference_that_says_nothing_is_counted_apart_and_never_right(reference: str) -> None:
    assert outcome(reference, reference) is Outcome.UNREADABLE_REFERENCE
    assert outcome("5", reference) is Outcome.UNREADABLE_REFERENCE


def test_a_sentence_that_states_one_number_answers_with_it() -> None:
    assert outcome("Sarah has 27 pens.", "27") is Outcome.RIGHT
    assert outcome("Sarah has 27 of 30 pens.", "27") is Outcome.WRONG


def test_letters_are_choices_only_in_multiple_choice() -> None:
    assert answers_equal("C. 24", "C", benchmark="aqua").outcome is Outcome.RIGHT
    assert answers_equal("A or B", "A", benchmark="aqua").outcome is Outcome.WRONG
    assert answers_equal("It is a mess", "A", benchmark="aqua").outcome is Outcome.WRONG


def test_a_sentence_beside_a_letter_answers_with_the_choice_it_names() -> None:
    assert outcome("The answer is for sure D, it can't be A or B", "D") is Outcome.RIGHT
    assert outcome("It can't be D, it must be A", "D") is Outcome.WRONG


def test_a_verdict_is_not_a_truth_value() -> None:
    with pytest.raises(TypeError, match="outcome is Outcome"):
        bool(answers_equal("1", "1"))


def test_the_rule_says_how_the_verdict_was_reached() -> None:
    assert answers_equal("0.5", "1/2").rule == "number"
    assert isinstance(answers_equal("0.5", "1/2"), Grade)


@given(st.fractions(max_denominator=10**6))
def test_every_way_to_write_a_fraction_is_read_exactly(value: Fraction) -> None:
    plain = str(value)  # "-3/7": an independent writer
    latex = f"{'-' if value < 0 else ''}\\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"
    for text in (plain, latex, f" {latex} "):
        number = read_number(normalize(text))
        assert number is not None and number.value == value


@given(st.integers(0, 10**15), st.integers(0, 10**6))
def test_integers_are_equal_only_to_themselves(value: int, gap: int) -> None:
    assert outcome(f"{value:,}", str(value)) is Outcome.RIGHT
    assert (outcome(str(value + gap), str(value)) is Outcome.RIGHT) == (gap == 0)


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=5), st.randoms())
def test_a_polynomial_is_itself_in_any_order_of_its_terms(coefficients: list[int], rng: object) -> None:
    terms = [f"({value})x^{{{power}}}" for power, value in enumerate(coefficients)]
    shuffled = list(reversed(terms))
    assert outcome("+".join(shuffled), "+".join(terms)) is Outcome.RIGHT
    assert outcome("+".join([*shuffled, "1"]), "+".join(terms)) is Outcome.WRONG


@given(st.text(max_size=200), st.text(max_size=30))
def test_no_text_raises(answer: str, reference: str) -> None:
    from lemma_hf.grading._compare import compare
    from lemma_hf.grading.policy import policy_of

    compare(answer, reference, policy_of("math"))
    compare(answer, reference, policy_of("aqua"))


@given(st.text(alphabet="{}()[]\\$^_,=+-*/!|.: 12ax%&\n", max_size=60))
def test_no_soup_of_signs_raises_and_each_equals_itself(soup: str) -> None:
    assert outcome(soup, soup) in (Outcome.RIGHT, Outcome.UNREADABLE_REFERENCE, Outcome.NO_ANSWER)


NAMED = [
    ("f(t)=2t+3", "f(x)=2x+3"), ("y(x)=x^2+1", "y=x^2+1"), (r"\sigma^2=4", "4"), ("P(X>2)=0.25", "0.25"),
    (r"\frac{1}{3}\approx 0.33", r"\frac13"), ("52_8", "42_{10}"), ("2 and 1/2", "2.5"), ("2 and 1/2", "2, 1/2"),
    ("She earned 5 million dollars.", "5000000"), (r"\sqrt{2} m", r"\sqrt2"), ("A(1,2)", "(1,2)"),
    ("L: y=2x+3", "y=2x+3"), (r"25\ ^\circ\mathrm{C}", "25"), (r"2\pi\mathrm{r}", r"2\pi r"), (r"\text{偶数}", "偶数"),
]  # fmt: skip
NOT_NAMED = [
    ("5 more than x", "5"),
    ("f(t)=2t+3", "f(x)=2x+4"), ("g(x)=2x", "f(x)=2x"), ("f(t)=t+x", "f(x)=x+t"), ("x^2=4", "4"), (r"3 \approx 4", "3"),
    ("52_8", "43_{10}"), ("9_8", "9_{10}"), ("She earned 5 million dollars.", "5"), (r"\sqrt{2} m", r"\sqrt2 x"),
    ("A(1,2)", "(2,1)"), ("n: 5", "m=5"), (r"\text{偶数}", "奇数"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), NAMED)
def test_names_bases_and_units_are_read_for_what_they_mean(one: str, other: str) -> None:
    assert outcome(one, other) is Outcome.RIGHT
    assert outcome(other, one) is Outcome.RIGHT


@pytest.mark.parametrize(("one", "other"), NOT_NAMED)
def test_and_what_looks_like_them_is_not(one: str, other: str) -> None:
    assert outcome(one, other) is not Outcome.RIGHT
    assert outcome(other, one) is not Outcome.RIGHT
