"""Numbers, None and lists of one in place of a text: accepted or refused alike by every function that grades."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from lemma_hf.errors import ConfigError
from lemma_hf.grading import answers_equal, grade, grade_many
from lemma_hf.metrics.lemma_math.lemma_math import LemmaMath
from lemma_hf.metrics.lemma_reflection.lemma_reflection import LemmaReflection
from lemma_hf.records import Outcome
from lemma_hf.solutions.reflection import reflect_many
from lemma_hf.train.rewards import accuracy_reward, self_correction_reward

FIVE = ["5", 5, 5.0, np.int64(5), np.float64(5), Fraction(5), Decimal(5), [5], ("5",), np.array([5])]


@pytest.mark.parametrize("five", FIVE, ids=repr)
def test_a_number_is_an_answer_and_a_reference(five: object) -> None:
    assert grade("It is 5.", five).outcome is Outcome.RIGHT
    assert grade(five, "5").outcome is Outcome.RIGHT
    assert answers_equal(five, "5").outcome is Outcome.RIGHT
    assert answers_equal("6", five).outcome is Outcome.WRONG
    assert grade_many(["#### 5"], [five])[0].outcome is Outcome.RIGHT
    assert accuracy_reward(["#### 5"], [five]) == [1.0]


def test_none_is_no_answer_and_no_reference() -> None:
    assert grade(None, "5").outcome is Outcome.NO_ANSWER
    assert grade("5", None).outcome is Outcome.UNREADABLE_REFERENCE
    assert accuracy_reward(["#### 5"], [None]) == [None]


@pytest.mark.parametrize("what", [{"answer": 5}, [1, 2], b"5", object()], ids=lambda what: type(what).__name__)
def test_what_is_no_value_is_refused_with_its_type(what: object) -> None:
    for attempt in (lambda: grade("5", what), lambda: answers_equal(what, "5"), lambda: grade_many(["5"], [what])):
        with pytest.raises(ConfigError, match=f"need a text, a number or None as .* but got {type(what).__name__}"):
            attempt()


MANY = {
    "grade_many": grade_many,
    "reflect_many": reflect_many,
    "accuracy_reward": accuracy_reward,
    "self_correction_reward": self_correction_reward,
    "metric": lambda outputs, references: LemmaMath().compute(predictions=outputs, references=references),
    "metric of turns": lambda outputs, references: LemmaReflection().compute(
        predictions=outputs, references=references
    ),
}


@pytest.mark.parametrize("many", MANY)
def test_a_text_in_place_of_a_list_is_not_taken_for_its_characters(many: str) -> None:
    for outputs, references in (("ab", ["a", "b"]), (["a", "b"], "ab"), ("ab", "ab")):
        with pytest.raises(ConfigError, match=r"need a list of \w+, but got one text: 'ab'; write \['ab'\] for one"):
            MANY[many](outputs, references)


@pytest.mark.parametrize("what", [{"a": 1}, {"1"}, b"1", None, 5, np.array("1")], ids=lambda what: type(what).__name__)
def test_what_is_no_list_of_outputs_is_refused_with_its_type(what: object) -> None:
    with pytest.raises(ConfigError, match="need a list of outputs, but got"):
        grade_many(what, ["1"])


def test_arrays_columns_and_iterators_are_lists() -> None:
    for five in (np.array(["5"]), iter("5"), ("5",)):
        assert grade_many(five, ["5"])[0].outcome is Outcome.RIGHT


def test_the_item_that_is_refused_is_named() -> None:
    with pytest.raises(ConfigError, match="as reference 1, but got dict"):
        grade_many(["5", "5"], ["5", {}])
