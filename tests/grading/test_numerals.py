"""Numbers in words, with magnitudes, in Chinese signs, in other bases and with a period."""

from fractions import Fraction

import pytest

from lemma_hf.grading import answers_equal
from lemma_hf.grading.quantities._numerals import chinese_number, number_in_words
from lemma_hf.records import Outcome

SAME = [
    (r"2.5 \text{ million}", "2500000"), ("5 million", "5,000,000"), (r"\$2.5 million", "2500000"),
    ("five hundred", "500"),
    ("twelve", "12"), (r"\text{twelve}", "12"), ("Twelve", "12"), ("twelve pens", "12"), ("5 hundred", "500"),
    ("5 halves", r"\frac52"), (r"5 \text{ halves}", "2.5"), ("two thirds", r"\frac23"),
    ("2 thirds", r"\frac23"),
    ("one half", "0.5"), ("half", "0.5"), ("three quarters", "0.75"), ("3 quarters", "3"), ("a dozen", "12"),
    ("5 dozen", "60"), ("5 dozen eggs", "60"), ("two dozen", "24"), ("twenty-one", "21"),
    ("half a million", "500000"),
    ("one hundred and twenty-three", "123"), ("two thousand five hundred", "2500"), ("minus five", "-5"),
    ("two and a half", "2.5"), ("five point two", "5.2"), ("zero", "0"), ("3万", "30000"), ("3万元", "30000"),
    ("十二", "12"), ("十二个", "12"), ("三百二十", "320"), ("两千", "2000"), ("1.2亿", "120000000"),
    ("twelfth", "12th"),
    ("3 thousand dollars", r"\$3000"), ("5 factorial", "120"), (r"5 \text{ factorial}", "5!"),
    ("5 squared", "25"),
    (r"\$5 billion", "5 billion dollars"), ("4 Millionen", "4000000"), ("3 lakh", "300000"),
    ("eleven hours", "11"),
    ("3 tenths", "0.3"), (r"1.5\text{ thousand}", "1500"), ("negative three", "-3"), ("seven", r"\text{Seven}"),
    (r"2\pi \text{ thousand}", r"2000\pi"),
    ("52_{(8)}", "52_8"), ("0x1F", "31"), ("0x1F", "1F_{16}"), ("0b101", "5"), (r"52\text{ (base 8)}", "52_8"),
    (r"52_{\text{eight}}", "52_8"), ("52 base 8", "52_8"), (r"101_{\text{two}}", "101_2"), ("1011_2", "1011"),
    ("2f_{16}", "2F_{16}"), (r"52_{\text{(8)}}", "52_{8}"), (r"52\text{ in base }8", "52_8"),
    ("52 in base eight", "52_8"),
    ("0.(3)", r"\frac13"), ("0.1(6)", r"\frac16"), ("0,(3)", r"\frac13"), ("2.(45)", r"\frac{27}{11}"),
    ("-0.(3)", "-1/3"),
    ("0.(3)", r"0.\overline{3}"), ("0.(9)", "1"), (r"\nicefrac{1}{2}", "0.5"),
    ("He has 3 1/2 pies left.", "3.5"),
]  # fmt: skip
DIFFERENT = [
    (r"5 \text{ million}", "5"), (r"2.5 \text{ million}", "2.5"), ("5 hundred", "5"),
    (r"5 \text{ halves}", "5"),
    ("twelve", "13"), ("five hundred", "5"), ("one two", "12"), ("one two three", "6"), ("two or three", "2"),
    ("two or three", "3"), ("nineteen forty", "59"), ("5 dozen", "5"), ("3万", "3"), ("十二", "2"),
    ("5 factorial", "5"),
    ("5 squared", "5"), ("not twelve", "12"), ("at least twelve", "12"), ("twelve or more", "12"),
    ("2 thirds", "2"),
    ("5 billion", "5 million"), ("one half", "1"), ("none", "1"), ("someone", "1"), ("two thirds", "2"),
    ("52_8", "52_9"), ("0x1F", "32"), ("0x1F", "1"), ("1011_2", "1101_2"), ("0b101", "101"),
    ("52_{(8)}", "53_8"),
    ("0.(3)", "0.3"), ("0.(3)", "0.4"), ("0.1(6)", "0.16"), ("3 (4)", "3.4"), ("101_2", "5"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_these_numbers_are_the_same_both_ways(one: str, other: str) -> None:
    assert answers_equal(one, other).outcome is Outcome.RIGHT
    assert answers_equal(other, one).outcome is Outcome.RIGHT


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_these_numbers_differ_either_way(one: str, other: str) -> None:
    assert answers_equal(one, other).outcome is not Outcome.RIGHT
    assert answers_equal(other, one).outcome is not Outcome.RIGHT


@pytest.mark.parametrize(
    ("text", "value", "rest"),
    [
        ("five hundred", 500, ""), ("two and a half hours", Fraction(5, 2), "hours"),
        ("a dozen eggs", 12, "eggs"),
        ("one million two hundred thousand and five", 1_200_005, ""), ("ninety-nine", 99, ""),
        ("half of it", Fraction(1, 2), "of it"),
    ],
)  # fmt: skip
def test_a_number_in_words_is_read_from_the_front(text: str, value: Fraction, rest: str) -> None:
    assert number_in_words(text) == (Fraction(value), rest)


@pytest.mark.parametrize("text", ["", "pens", "a pen", "one two", "thousand", "two million three billion", "x"])
def test_what_is_no_number_in_words(text: str) -> None:
    found = number_in_words(text)
    assert found is None or found[1]


@pytest.mark.parametrize(
    ("text", "value"), [("十", 10), ("二十一", 21), ("一百零五", 105), ("三万五千", 35_000), ("一亿", 10**8), ("〇", 0)]
)
def test_chinese_numbers(text: str, value: int) -> None:
    assert chinese_number(text) == (Fraction(value), "")
