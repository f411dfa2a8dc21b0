"""Quantities: units, labels, currencies, percent, decimal commas, thousands marks, times and names, pair by pair."""

import pytest

from lemma_hf.grading import answers_equal
from lemma_hf.grading.quantities._units import read_unit, units_clash
from lemma_hf.records import Outcome

UNITS_SAME = [
    (r"5 \frac{km}{h}", "5"), (r"8.31\ \mathrm{J\,mol^{-1}\,K^{-1}}", "8.31"), ("37.5 ℃", "37.5"),
    ("5 kmph", "5 km/h"),
    (r"5\text{ J/(kg K)}", "5"), ("4 qt", "4 quarts"), (r"5~\mathrm{cm}^2", "5 cm^2"),
    (r"5\text{ cm}^2", "5 square centimeters"), ("5 cm^2", "5 cm²"), (r"5\ \mathrm{m\,s^{-1}}", r"5\text{ m/s}"),
    (r"3\times10^8\ \mathrm{m/s}", "3e8"), (r"6.02\times10^{23}\text{ mol}^{-1}", r"6.02\times10^{23}"),
    (r"5\,\Omega", "5"), (r"5\,\Omega", "5 ohms"), (r"5\text{ k}\Omega", "5"), ("5 mph", "5 miles per hour"),
    (r"5\text{ ft/sec}", r"5 \text{ feet per second}"), (r"9.8\text{ m}/\text{s}^2", "9.8 m/s^2"),
    (r"3\ \frac{\text{m}}{\text{s}}", r"3\text{ m/s}"), (r"7\text{ kg}\cdot\text{m}^2", r"7\text{ kg m}^2"),
    ("60 km/h", "60 kilometers per hour"), ("60 km/h", "60"), (r"12\pi\, cm^3", r"12\pi"), ("64 square feet", "64"),
    ("7 sq. units", "7"), ("7 sq ft", "7 square feet"), (r"\sqrt{2}\text{ m}", r"\sqrt2"), ("72 degrees", "72"),
    ("25°C", "25"), ("25°C", "25 degrees Celsius"), ("25°C", "25°"), (r"25\ ^\circ\mathrm{C}", "25°C"),
    (r"30\text{度}", "30°"), ("10 Hz", "10 hertz"), ("5 m", "5 meters"), ("5 kg m/s^2", "5"), ("5 V", "5 volts"),
    (r"25^\circ\text{C}", "25°C"), ("2.5 kWh", "2.5"), (r"4\text{ m}^3", "4 cubic meters"), ("10 L", "10 liters"),
    ("10 mL", "10 ml"), (r"8\text{ in}^2", "8 square inches"), (r"8\text{ in.}", "8 inches"), ("5 mi/h", "5 mph"),
]  # fmt: skip
UNITS_DIFFERENT = [
    (r"5\text{ cm}^2", r"5\text{ cm}^3"), ("5 cm^2", "5 cm"), ("5 cm", "5 m"), ("5 m/s", "5 m"),
    ("5 m/s", "5 m/s^2"),
    ("25°C", "25°F"), ("25°C", "26°C"), ("60 km/h", "60 mph"), ("5 square feet", "5 cubic feet"),
    ("5 hours", "5 days"),
    (r"5\text{ kg}", r"5\text{ g}"), ("5 km", "5 miles"), (r"5\text{ mol}^{-1}", r"5\text{ mol}"), ("5 s", "5 m"),
    ("5 Hz", "5 V"), (r"5\text{ cm}^2", "25"), ("5 kWh", "6 kWh"), ("$5", "5 cents"), ("5 euros", "5 dollars"),
]  # fmt: skip

MONEY_SAME = [
    ("$5", "5 dollars"), ("USD 5", "5"), ("5 USD", r"\$5"), ("US$5", "5 dollars"), ("Rs 500", "500"),
    ("Rs. 500", "500 rupees"), ("₹500", "500"), ("£5.50", "5.5"), ("£5", "5 pounds"), ("5 EUR", "5 €"),
    ("EUR 5", "5"),
    ("5 元", "5"), ("5元", "5 yuan"), ("¥500", "500円"), ("5$", "5"), ("5 €", "5"), ("-$5", "-5"),
    (r"\$15", "15 dollars per hour"), ("5 руб", "5"), ("CHF 5", "5"), ("A$5", "5"), (r"\$1,234.50", "1234.5"),
]  # fmt: skip
MONEY_DIFFERENT = [("USD 5", "50"), ("Rs 500", "5"), ("$5", "€5"), ("US$5", "6"), ("5 元", "5 €"), ("R 5", "5")]

LABELS_SAME = [
    (r"11^{\text{th}}\text{ term}", "11"), ("the 12th", "12"), ("12th place", "12"), ("5 मीटर", "5"), ("5개", "5"),
    ("5 and a half", "5.5"), (r"\text{5 apples}", "5"), ("12 días", "12"), ("12个。", "12"),
    ("5 Äpfel", "5"), ("12个", "12"), ("12個", "12"), ("12 яблок", "12"), ("5 Stunden", "5"),
    (r"5\text{ élèves}", "5"),
    ("5 apples", "5 oranges"), ("10 red marbles", "10"), ("25% of them", "25%"), ("5 pens", "5"), ("3 men", "3"),
    (r"5\text{ years old}", "5"), ("5 more apples", "5"), (r"5\text{ (in meters)}", "5"), ("5 (cm)", "5"),
    ("#12", "12"), (r"\#12", "12"), ("No. 12", "12"), ("12^{th}", "12"), (r"12^{\text{th}}", "12"), ("12th", "12"),
    ("21st", "21"), (r"2^\text{nd}", "2"), ("3rd", "3"), (r"1 \text{ (multiplicity 2)}", "1"), ("5 人", "5"),
]  # fmt: skip
LABELS_DIFFERENT = [
    (r"5 \text{ too few}", "5"), ("5 too small", "5"), ("more than 5", "5"), ("at most 5", "5"),
    ("half of 10", "10"),
    ("square root of 5", "5"), ("5th root", "5"), ("5 degrees below zero", "5"), (r"5 \text{ fails}", "5"),
    (r"5 \text{ (I think)}", "5"), ("5 and a half", "5"), (r"5 \text{ choose 2}", "5"), ("twice 5", "5"),
    (r"\text{at least } 5", "5"), ("5+", "5"), ("fewer than 5", "5"), (r"5 \text{ but not 6}", "5"),
    (r"5 \text{ (wrong)}", "5"), (r"5 \text{ or more}", "5"), (r"5 \text{ is a lower bound}", "5"),
    ("5 or more", "5"),
    (r"3 \text{, perhaps 4}", "3"), (r"5 \text{ to } 6", "5"), (r"5 \text{ 6 7 8}", "5"), ("5 is wrong", "5"),
    (r"5 \text{ less than } x", "5"), (r"5 \text{ or } 6 \text{ apples}", "5"), (r"5 \text{ at most}", "5"),
    ("5 at least", "5"), (r"5 \text{ is definitely false; } 6", "5"), (r"5\text{ (not correct)}", "5"),
    ("5 or so", "5"),
    (r"5 \text{ maybe}", "5"), ("5, maybe 6", "5"), (r"5 \text{ else } 6", "5"), (r"5\text{ and up}", "5"),
    (r"5\text{ plus } x", "5"), ("5 以上", "5"), ("5 oder mehr", "5"), (r"5\text{ (incorrect)}", "5"),
    ("n^{th}", "n"),
    (r"5 \text{ is the wrong answer}", "5"), (r"5 \text{ minimum}", "5"), ("12th", "13"), ("12^{th}", "12^2"),
    (r"5 \text{ out of 6}", "5"), (r"5 \text{ never}", "5"), (r"5\text{ minus one}", "5"), ("5 higher than 4", "5"),
]  # fmt: skip

FORMULAS_SAME = [
    (r"\pi hr^2", r"\pi r^2 h"), ("3 mk", "3km"), ("2 am", "2ma"), (r"\frac12 ha", r"\frac{ah}{2}"),
    (r"\frac12 mv^2", r"\frac{mv^2}{2}"), (r"\frac{1}{2} bh", r"\frac{bh}{2}"), (r"2 rh \pi", r"2\pi rh"),
    ("3 ab", "3ab"), ("2 xyz", "2zyx"), ("-2 ab", "-2ba"), ("3 ab^2", "3b^2 a"), ("(x+1) xy", "xy(x+1)"),
    ("2 lw", "2wl"), ("5 mgh", "5ghm"), (r"\frac{1}{3} abh", r"\frac{abh}{3}"), ("4 PQ", "4QP"),
    ("2 ac + bd", "bd+2ca"), (r"3 \pi rs", r"3\pi sr"),
]  # fmt: skip
FORMULAS_DIFFERENT = [
    ("2 (xy)", "2"), ("4 rs", "4"), ("2 yz^2", "2"), (r"\sqrt{2} xy", r"\sqrt2"), ("0.5 xy", "0.5"), ("3 bh", "3"),
    ("2 xy", "2"), (r"\frac12 mv^2", r"\frac12 gt^2"), ("(x+1) xy", "x+1"), ("x^2 + 2 xy", "x^2+2"), ("3 ab", "3"),
    ("2 xyz", "2"), ("2 abc", "2"), (r"\frac{1}{2} bh", r"\frac12"), ("3 ab^2", "3"), ("5 mgh", "5"), ("2 lw", "2"),
    (r"2 rh \pi", r"2\pi"), ("2 mx", "2"), ("4 PQ", "4"), ("3 abcd", "3"), ("2 m + n", "2"),
    (r"\frac12 gt^2", "0.5"),
]  # fmt: skip

SPACES_SAME = [("118 000", "118000"), ("1 1/2", "3/2"), ("2 x", "2x"), ("x + 1", "x+1"), ("1 000 000", "1000000")]
SPACES_DIFFERENT = [
    ("1 1/2", "11/2"), ("2 3/4", "23/4"), ("1 2", "12"), ("1 2 3", "123"), ("(1 2, 3)", "(12,3)"),
    ("12 34", "1234"),
    ("1, 2 3", "1,23"), ("1 2x", "12x"), ("1 .5", "1.5"), (r"\{1 2, 3\}", r"\{12,3\}"), ("x^1 2", "x^{12}"),
    ("x=1 2", "x=12"), (r"1 2\pi", r"12\pi"),
]  # fmt: skip

COMMAS_SAME = [
    ("x = 0,25", r"\frac14"), (r"2,5 \cdot 10^3", "2500"), (r"\{1,000, 2,000\}", r"\{1000,2000\}"),
    ("₹1,00,000", "100000"),
    ("(1,000, 2,000)", "(1000, 2000)"),
    (r"12{,}5", "12.5"), (r"1\,234{,}5", "1234.5"), ("x=2,5", "2.5"), ("x=2,5", "x=2.5"), (r"2,5\pi", r"2.5\pi"),
    (r"2{,}5\pi", r"2.5\pi"), ("-0,5", "-0.5"), (r"2,5\text{ cm}", "2.5"), ("1.234,56 €", "1234.56"),
    ("12,5 %", "12.5%"),
    ("1,5; 2,5", "1.5, 2.5"), ("3,14x+2,5", "3.14x+2.5"), (r"1,500\pi", r"1500\pi"), (r"9{,}500", "9500"),
    ("1,500 cm, 2,500 cm", "1500, 2500"), ("x = 1,500", "1500"), (r"12 500\pi", r"12500\pi"),
    ("1,500x+2", "1500x+2"),
    (r"\frac{2,5}{3}", r"\frac{2.5}{3}"), ("1,234,567x", "1234567x"), ("f(x)=1,200x", "f(x)=1200x"),
    ("2,5x", "2.5x"),
    ("1,500, 2,500", "2500, 1500"),
]  # fmt: skip
COMMAS_DIFFERENT = [
    ("(1,5)", "1.5"), (r"2,5\pi", r"25\pi"), ("x=2,5", "25"), ("1,500", "1.5"), (r"1,500\pi", r"1.5\pi"),
    ("0,1", "01"),
    ("x=2,5", "x=2.6"), (r"\{1,500\}", "1500"), ("(1,500)", "1500"), (r"12{,}5", "125"), ("1,2", "12"),
    ("1,500, 2,500", "1500"),
    ("x=2,5", "2"), (r"1,50\pi", r"150\pi"),
]  # fmt: skip

PERCENT_SAME = [
    (r"72\%", "72"), (r"72\%", "0.72"), (r"50\%", r"\frac{1}{2}"), (r"150\%", "1.5"), (r"-20\%", "-0.2"),
    (r"20\%, 30\%", "0.2,0.3"), (r"33\frac{1}{3}\%", r"\frac13"), (r"0.5\%", "0.005"), (r"\frac{1}{2}\%", r"0.5\%"),
    (r"100\%", "1"), (r"100\%", "100"), ("5‰", "0.005"), ("5‰", r"0.5\%"), ("12.5 %", "12.5"),
    ("72 percent", "72%"),
    (r"(1+5\%)", "1.05"), (r"0\%", "0"),
]  # fmt: skip
PERCENT_DIFFERENT = [
    (r"0.72\%", "0.72"), (r"0.5\%", "50"), (r"\frac{1}{2}\%", r"\frac12"), (r"72\%", "7.2"), (r"72\%", "7200"),
    ("50", "0.5"), (r"0.5\%", "0.5"), ("5‰", "5"), ("5‰", "0.05"), (r"72\%", r"0.72\%"),
]  # fmt: skip

TIMES_SAME = [
    (r"3{:}4", "3:4"), (r"\text{1:2}", "1 : 2"), (r"1\text{ to }2", "1:2"), ("Jan 1, 2020", "January 1st, 2020"),
    ("3 pm", "3:00 PM"), ("3 pm", "15:00"), ("3:00 p.m.", "15:00"), (r"3:30\text{ PM}", "3:30 pm"),
    ("3 pm", "3:00"),
    ("12 am", "0:00"), ("noon", "12:00 PM"), ("March 5", "5 March"), ("5th of March", "March 5th"),
    ("3PM", "3 p.m."),
    ("March 5, 2020", "5 March 2020"), ("Mar 5", "March 5"), ("March 5, 2020", "March 5"), ("2 : 3", "2:3"),
    ("midnight", "12 AM"), ("3 to 4", "3:4"), ("12:30 pm", "12:30"),
]  # fmt: skip
TIMES_DIFFERENT = [
    ("3 pm", "3 am"), ("3 pm", "4 pm"), ("11:00 AM", "11:00 PM"), ("March 5", "March 6"), ("March 5", "5 May"),
    ("12 am", "12:00 PM"), ("3 pm", "3:30 PM"), ("15:00", "3:00 AM"), ("March 5, 2020", "March 5, 2021"),
    ("3:4", "4:3"),
    ("3:00", "15:00"), ("11:00", "1:00"), ("3 pm", "30"),
]  # fmt: skip

NAMES_SAME = [
    (r"\text{Total: 45}", "45"), ("n: 5", "n=5"), (r"f(x)=cx \text{, where } c \text{ is a constant}", "f(x)=cx"),
    ("Total: 45", "45"), ("n: 5", "5"), (r"Total cost: \$45", "45"), (r"\text{Total: } 45", "45"),
    (r"\text{Alice: } 3, \text{Bob: } 5", r"\text{Alice } 3, \text{ Bob } 5"),
    (r"\text{Bob: } 5, \text{Alice: } 3", r"\text{Alice: } 3, \text{Bob: } 5"), ("Total cost: 45", "Total: 45"),
    (r"f(x)=cx \text{ for any constant } c", "f(x)=cx"), ("f(x)=x^2 for all x", "f(x)=x^2"),
    ("Roots: 3, 4", "3, 4"),
    (r"2x \text{ for all real } x", "2x"), ("x: 5", "x=5"), ("Answer: 12 cm", "12"),
]  # fmt: skip
NAMES_DIFFERENT = [
    ("a: 3, b: 5", "a=5, b=3"), ("n: 5", "m=5"), (r"\text{square root of } 5", "5"),
    (r"\text{Alice: } 5, \text{Bob: } 3", r"\text{Alice: } 3, \text{Bob: } 5"), ("Total: 45", "54"),
    ("n: 5", "n: 6"),
    ("Alice: 5", "Bob: 5"), (r"\text{not } 5", "5"), (r"\text{Not } 5", "5"), (r"\text{at least } 5", "5"),
    (r"f(x)=cx \text{ for any constant } c", "f(x)=c"), (r"\text{log } 5", "5"), ("5: 3", "3"),
    (r"x=2k \text{ for any odd } k", r"x=2k \text{ for any even } k"),
]  # fmt: skip

SAME = (
    UNITS_SAME
    + MONEY_SAME
    + LABELS_SAME
    + FORMULAS_SAME
    + SPACES_SAME
    + COMMAS_SAME
    + PERCENT_SAME
    + TIMES_SAME
    + NAMES_SAME
)
DIFFERENT = (
    UNITS_DIFFERENT + MONEY_DIFFERENT + LABELS_DIFFERENT + FORMULAS_DIFFERENT + SPACES_DIFFERENT + COMMAS_DIFFERENT
    + PERCENT_DIFFERENT + TIMES_DIFFERENT + NAMES_DIFFERENT
)  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_these_quantities_are_the_same_both_ways(one: str, other: str) -> None:
    assert answers_equal(one, other).outcome is Outcome.RIGHT
    assert answers_equal(other, one).outcome is Outcome.RIGHT


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_these_quantities_differ_either_way(one: str, other: str) -> None:
    assert answers_equal(one, other).outcome is not Outcome.RIGHT
    assert answers_equal(other, one).outcome is not Outcome.RIGHT


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("cm", "cm"), ("square feet", "ft^2"), ("feet squared", "ft^2"), ("m s^{-1}", "m s^-1"),
        ("m/s^2", "m s^-2"),
        ("miles per hour", "h^-1 mi"), ("kWh", "h kW"), ("pens", None), ("xy", None), ("", None), ("^2", None),
        ("degrees Celsius", "degree C"), ("dollars per hour", "dollar h^-1"), ("units", None),
    ],
)  # fmt: skip
def test_a_unit_is_read_as_base_units_with_exponents(text: str, unit: str | None) -> None:
    assert read_unit(text) == unit


def test_a_unit_may_be_left_out_and_two_that_differ_clash() -> None:
    assert units_clash("cm", "m") and units_clash("cm^2", "cm^3")
    assert not units_clash("cm", None) and not units_clash("degree", "degree C") and not units_clash("lb", "sterling")
