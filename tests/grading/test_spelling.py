r"""Other spellings of one answer: Unicode mathematics, and the dress that LaTeX, HTML and Markdown put around it."""

import pytest

from lemma_hf.grading import answers_equal
from lemma_hf.grading.spelling._dress import undress
from lemma_hf.grading.spelling._unicode_maths import to_latex
from lemma_hf.records import Outcome

UNICODE = [
    ("𝑥+1", "x+1"), ("𝟏𝟐", "12"), ("2𝜋", r"2\pi"), ("ｘ＋１", "x+1"), ("⅙", r"\frac{1}{6}"), ("3½", "3.5"),
    ("³⁄₄", "0.75"),
    ("‒5", "-5"), ("—5", "-5"), ("√12", r"2\sqrt{3}"), ("√2.5", r"\sqrt{2.5}"), ("3√10", r"3\sqrt{10}"), ("∛8", "2"),
    ("x¹⁰", "x^{10}"), ("xⁿ", "x^n"), ("x₁₂", "x_{12}"), ("1.5×10⁻³", "0.0015"), ("log₂8", "3"), ("٣٤", "34"),
    ("४२", "42"),
    ("٣٫٥", "3.5"), ("2 ≤ x ≤ 5", "[2,5]"), ("｛1，2｝", r"\{1,2\}"), ("［1，2］", "[1,2]"), ("3\u200b4", "34"),
    ("\u202a12\u202c", "12"), ("5\u00a0000", "5000"), ("Δ", r"\Delta"), ("12 ✓", "12"), ("90º", "90"),
    ("25℃", r"25^\circ C"),
]  # fmt: skip
NOT_UNICODE = [
    ("x²", "x2"), ("3²", "32"), ("x₁₂", "12"), ("√12", "12"), ("⅙", "16"), ("3½", "31/2"), ("√2.5", "1.58"),
    ("∛8", "8"),
]  # fmt: skip
DRESSED = [
    r"\color{red}{12}", r"{\color{red}12}", r"\textcolor{red}{12}", r"\!=\!12", "12\\\\",
    r"\begin{array}{c}12\end{array}",
    r"\underline{\underline{12}}", r"\large 12", r"\Large{12}", r"{\bf 12}", r"\hspace{1cm}12", r"12\tag{1}",
    r"12\label{eq}",
    r"12\nonumber", r"\ensuremath{12}", r"\displaystyle{12}", r"\text{$12$}", "{{12}}", r"\therefore 12",
    r"\implies x=12",
    r"12\checkmark", "__12__", "*12*", "<b>12</b>", "12<br>", r"\phantom{0}12",
    r"\begin{aligned} x &= 12 \end{aligned}",
    r"\begin{equation*}x=12\end{equation*}", r"\\[2pt]12", r"\Huge\boxed{12}", r"=\mkern3mu 12",
    r"\text{Therefore, } 12",
    r"\begin{pmatrix}12\end{pmatrix}", r"\frac{24}{2}\ ", r"{24 \over 2}", r"\nicefrac{24}{2}",
    r"\mathbf{\frac{24}{2}}",
]  # fmt: skip


def outcome(answer: str, reference: str) -> Outcome:
    return answers_equal(answer, reference).outcome


@pytest.mark.parametrize(("one", "other"), UNICODE)
def test_unicode_says_what_its_latex_says(one: str, other: str) -> None:
    assert outcome(one, other) is Outcome.RIGHT
    assert outcome(other, one) is Outcome.RIGHT


@pytest.mark.parametrize(("one", "other"), NOT_UNICODE)
def test_a_raised_or_lowered_sign_is_not_the_plain_one(one: str, other: str) -> None:
    assert outcome(one, other) is not Outcome.RIGHT
    assert outcome(other, one) is not Outcome.RIGHT


@pytest.mark.parametrize("dressed", DRESSED)
def test_dress_changes_no_value(dressed: str) -> None:
    assert outcome(dressed, "12") is Outcome.RIGHT
    assert outcome("12", dressed) is Outcome.RIGHT
    assert outcome(dressed, "13") is not Outcome.RIGHT


def test_a_matrix_of_one_row_stays_a_matrix() -> None:
    assert outcome(r"\begin{pmatrix}1 & 2\end{pmatrix}", "12") is not Outcome.RIGHT
    assert undress(r"\begin{array}{cc}1 & 2\end{array}") == r"\begin{array}{cc}1 & 2\end{array}"


def test_html_that_is_mathematics_stays() -> None:
    assert undress("a<b and c>d") == "a<b and c>d"
    assert undress("x&lt;3") == "x<3"


def test_styled_letters_and_digits_of_any_script_become_plain() -> None:
    styled = "".join(map(chr, (*range(0x1D400, 0x1D455), *range(0x1D456, 0x1D49D), *range(0x1D7CE, 0x1D800))))
    assert to_latex(styled).isascii()
    assert to_latex(styled).isalnum()
    assert [to_latex(digit) for digit in "٠١٢٣٤٥٦٧٨٩"] == list("0123456789")
