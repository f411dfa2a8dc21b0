"""Numbers, None and lists of one in place of a text: accepted or refused alike by every function that grades."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from lemma_hf.errors import ConfigError
from lemma_hf.grading import answers_equal, grade, grade_many
from lemma_hf.records import Outcome
from lemma_hf.train.rewards import accuracy_reward

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


def test_a_text_in_place_of_a_list_is_refused() -> None:
    with pytest.raises(ConfigError, match="need a list of outputs, but got one text"):
        grade_many("ab", ["a", "b"])


def test_the_item_that_is_refused_is_named() -> None:
    with pytest.raises(ConfigError, match="as reference 1, but got dict"):
        grade_many(["5", "5"], ["5", {}])
