"""What holds for every answer: equality of itself, both ways, whatever stands around it, and always in time."""

import gzip
import json
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lemma_hf.grading import answers_equal, extract_answer, grade
from lemma_hf.records import Outcome

BENCH = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "bench"

numbers = st.one_of(
    st.integers(-10_000, 10_000).map(str),
    st.decimals(-1000, 1000, places=3).map(str),
    st.tuples(st.integers(-99, 99), st.integers(1, 99)).map(lambda pair: f"\\frac{{{pair[0]}}}{{{pair[1]}}}"),
)
formulas = st.recursive(
    st.one_of(numbers, st.sampled_from(["x", "y", r"\pi", r"\sqrt{2}"])),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-"), inner).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]})({pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"\\frac{{{pair[0]}}}{{{pair[1]}}}"),
        st.tuples(inner, st.integers(2, 4)).map(lambda pair: f"({pair[0]})^{{{pair[1]}}}"),
    ),
    max_leaves=5,
)
answers = st.one_of(
    formulas,
    st.lists(formulas, min_size=2, max_size=3).map(lambda parts: f"({', '.join(parts)})"),
    st.lists(numbers, min_size=1, max_size=3).map(lambda parts: f"\\{{{', '.join(parts)}\\}}"),
    st.tuples(numbers, numbers).map(lambda ends: f"[{ends[0]}, {ends[1]})"),
    st.tuples(st.sampled_from([r"x = ", r"x \le ", "y > "]), numbers).map("".join),
)
around = st.text(alphabet=st.characters(codec="utf-8", exclude_characters='\\{}$#"'), max_size=80)


def is_right(answer: str, reference: str) -> bool:
    return answers_equal(answer, reference).outcome is Outcome.RIGHT


@given(answers)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_an_answer_equals_itself(answer: str) -> None:
    # 1/(1-1) has no value, and what has no value is equal to nothing; but the same text is the same answer.
    assert is_right(answer, answer)


@given(answers, answers)
@settings(deadline=None, max_examples=200)
def test_who_is_the_reference_makes_no_difference(one: str, other: str) -> None:
    assert is_right(one, other) == is_right(other, one)


@given(formulas, formulas)
@settings(deadline=None)
def test_a_sum_and_a_product_may_be_written_in_either_order(one: str, other: str) -> None:
    value = f"({one})({other})"
    if answers_equal(f"{value}+0", value).outcome is Outcome.RIGHT:  # it has a value
        assert is_right(f"({one})+({other})", f"({other})+({one})")
        assert is_right(value, f"({other})({one})")


@given(around, answers, around)
def test_prose_around_a_box_changes_nothing(before: str, answer: str, after: str) -> None:
    output = f"{before}\nSo it is $\\boxed{{{answer}}}$.\n{after}"
    assert extract_answer(output).text == answer
    assert grade(output, answer).outcome is Outcome.RIGHT


@given(answers, st.sampled_from([" {} ", "${}$", "$$ {} $$", r"\({}\)", r"\[ {} \]", "{}.", "**{}**", "\n{}\n"]))
def test_what_a_typesetter_adds_changes_nothing(answer: str, frame: str) -> None:
    assert is_right(frame.format(answer), answer)
    assert is_right(answer.replace(", ", ",").replace("+", " + "), answer)


@pytest.mark.parametrize("name", ["math_test", "college_math_test"])
def test_every_reference_of_a_benchmark_equals_itself(name: str) -> None:
    path = BENCH / f"{name}.jsonl.gz"
    if not path.is_file():
        pytest.skip(f"needs ../shared/data/bench/{path.name}, which is not part of the project")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        references = {json.loads(line)["answer"] for line in lines}
    missed = [text for text in references if not is_right(text, text) or not is_right(f"$ {text} $", text)]
    assert missed == []


MEGABYTE = 1_000_000
HOSTILE = {
    "braces": "{" * MEGABYTE,
    "boxes": "\\boxed{" * (MEGABYTE // 7),
    "closed boxes": "\\boxed{1}" * (MEGABYTE // 9),
    "brackets": "(" * 500_000 + "1" + ")" * 500_000,
    "fractions": "\\frac{1}{" * 100_000,
    "roots": "\\sqrt{" * 300 + "2" + "}" * 300,
    "signs": "-" * MEGABYTE + "1",
    "digits": "9" * MEGABYTE,
    "spaces": " " * MEGABYTE + "5",
    "newlines": "\n" * MEGABYTE,
    "words": "answer " * 140_000,
    "claims": "the answer is 5, " * 60_000,
    "dollars": "$" * MEGABYTE,
    "odd dollars": "$x" * 300_000,
    "candidates": "1, " * 300_000,
    "JSON fields": '"answer": "' * 90_000,
    "backslashes": "\\" * MEGABYTE,
    "not A": "not A, " * 140_000,
    "NUL": "\x00" * MEGABYTE,
    "surrogates": "\ud800" * 100_000 + r"\boxed{\udc00}",
    "list": ",".join(map(str, range(150_000))),
    "units": "5" + " cm" * 300_000,
    "tower": "9^" * 1_000 + "9",
    "factorials": "9" + "!" * 2_000,
    "matrix": r"\begin{pmatrix}" + "1 & " * 200_000 + r"1\end{pmatrix}",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("frame", ["{}", "\\boxed{{{}}}", "The answer is {}", '{{"answer": "{}"}}', "<think>{}"])
def test_what_no_person_would_write_comes_back_within_a_second(name: str, frame: str) -> None:
    output = frame.format(HOSTILE[name])
    start = time.process_time()
    found = grade(output, "5")
    assert time.process_time() - start < 1
    assert found.outcome is not Outcome.RIGHT or name in ("spaces", "claims")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_reference_comes_back_within_a_second(name: str) -> None:
    start = time.process_time()
    answers_equal("5", HOSTILE[name])
    answers_equal(HOSTILE[name], HOSTILE[name])
    assert time.process_time() - start < 2


@given(
    st.lists(
        st.sampled_from(["{", "}", "\\boxed", "\\frac", "(", ")", "[", "]", "\\{", "\\}", "^", "_", "$", "1", ","])
    )
)
@settings(deadline=2_000)
def test_soup_of_brackets_and_boxes_comes_back(parts: list[str]) -> None:
    text = "".join(parts)
    assert grade(text, "1").reference == "1"
    assert grade(r"\boxed{1}", text).extracted in ("1", None)
