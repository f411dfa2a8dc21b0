"""Error types, read in the spellings of all who name them."""

import pytest

from lemma_hf.errors import DataError
from lemma_hf.taxonomy import INJECTABLE, ErrorType


@pytest.mark.parametrize("error_type", ErrorType)
def test_every_type_has_a_definition_and_reads_its_own_name(error_type):
    assert error_type.definition.endswith(".")
    assert ErrorType.from_text(error_type) is error_type
    assert ErrorType.from_text(error_type.replace("_", " ").title() + " Error") is error_type


@pytest.mark.parametrize(
    ("text", "error_type"),
    [
        ("calculation error", ErrorType.CALCULATION),
        ("calculation_error_fixed_addition", ErrorType.CALCULATION),
        ("confusing_formula_error", ErrorType.FORMULA_CONFUSION),
        ("referencing_previous_step_value_error", ErrorType.CONTEXT_VALUE),
        ("referencing_context_value_error", ErrorType.CONTEXT_VALUE),
        ("adding_irrelevant_information", ErrorType.HALLUCINATION),
        ("Misinterpreting the Question", ErrorType.QUESTION_MISINTERPRETATION),
    ],
)
def test_other_spellings_are_folded(text, error_type):
    assert ErrorType.from_text(text) is error_type


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(DataError, match=r"'typo'.*calculation, counting"):
        ErrorType.from_text("typo")


def test_lemma_injects_six_types():
    assert len(INJECTABLE) == 6
    assert [item for item in ErrorType if item.injectable] == sorted(INJECTABLE, key=list(ErrorType).index)
