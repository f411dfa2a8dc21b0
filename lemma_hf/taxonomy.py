"""Error types: the kinds of mistakes in a step of a solution.

The taxonomy of LEMMA (arXiv 2503.17439, table 12), which follows Li et al. 2024 ("Evaluating Mathematical Reasoning of
Large Language Models: A Focus on Error Identification and Correction", EIC). Wire names are the values; the names that
EIC and other papers use for the same thing are folded in by `ErrorType.from_text`.
"""

import re
from enum import StrEnum

from lemma_hf.errors import DataError


class ErrorType(StrEnum):
    """A kind of mistake in one step of a solution; the value is the name in files.

    A new type goes to the end, since stored rows number the types in this order; `teachers/prompts/analyse.md` lists
    them for a model.

    Example:
        >>> ErrorType.from_text("Referencing Context Value Error")
        <ErrorType.CONTEXT_VALUE: 'context_value'>
        >>> ErrorType.CALCULATION.injectable
        True
    """

    CALCULATION = "calculation"
    COUNTING = "counting"
    CONTEXT_VALUE = "context_value"
    HALLUCINATION = "hallucination"
    UNIT_CONVERSION = "unit_conversion"
    OPERATOR = "operator"
    FORMULA_CONFUSION = "formula_confusion"
    MISSING_STEP = "missing_step"
    CONTRADICTORY_STEP = "contradictory_step"
    QUESTION_MISINTERPRETATION = "question_misinterpretation"
    CONFUSING_CONCEPT = "confusing_concept"
    NONSENSICAL = "nonsensical"

    @property
    def definition(self) -> str:
        """One sentence that tells this type from the others."""
        return _DEFINITIONS[self]

    @property
    def injectable(self) -> bool:
        """Whether LEMMA writes further mistakes of this type on purpose."""
        return self in INJECTABLE

    @classmethod
    def from_text(cls, text: str) -> "ErrorType":
        """Read the type that `text` names, in any of the spellings of LEMMA, EIC or this package.

        Raises:
            DataError: if no type goes by that name.
        """
        # "Referencing Context Value Error" becomes "referencing_context_value".
        name = re.sub(r"[^a-z]+", "_", text.lower()).strip("_").removesuffix("_error").removesuffix("_errors")
        name = _ALIASES.get(name, name)
        try:
            return cls(name)
        except ValueError:
            known = ", ".join(cls)
            raise DataError(f"no error type is called {text[:80]!r}; known are {known}, and their aliases") from None


INJECTABLE = (
    ErrorType.CALCULATION,
    ErrorType.MISSING_STEP,
    ErrorType.CONFUSING_CONCEPT,
    ErrorType.QUESTION_MISINTERPRETATION,
    ErrorType.FORMULA_CONFUSION,
    ErrorType.COUNTING,
)
"""The six types that LEMMA injects (paper, section 3.2)."""

_DEFINITIONS = {
    ErrorType.CALCULATION: "The operation is the right one, but its result is computed wrongly.",
    ErrorType.COUNTING: "The number of items or repetitions is counted wrongly, often by one.",
    ErrorType.CONTEXT_VALUE: "A value is taken from the question or an earlier step, but copied wrongly.",
    ErrorType.HALLUCINATION: "A fact or value is used that the question never gives.",
    ErrorType.UNIT_CONVERSION: "A quantity is converted between units with a wrong factor, or not at all.",
    ErrorType.OPERATOR: "The right values meet the wrong operation, such as a sum in place of a product.",
    ErrorType.FORMULA_CONFUSION: "A formula of another quantity is applied, such as area in place of perimeter.",
    ErrorType.MISSING_STEP: "A step that the answer needs is left out.",
    ErrorType.CONTRADICTORY_STEP: "The step contradicts the question or an earlier step.",
    ErrorType.QUESTION_MISINTERPRETATION: "A condition of the question is overlooked or read as another.",
    ErrorType.CONFUSING_CONCEPT: "One concept is taken for another, such as a share of the rest for a share of all.",
    ErrorType.NONSENSICAL: "The step has no meaning that could be right or wrong.",
}

_ALIASES = {
    "adding_irrelevant_information": "hallucination",
    "calc": "calculation",
    "calculation_error_fixed_addition": "calculation",
    "confusing_formula": "formula_confusion",
    "context": "context_value",
    "contradiction": "contradictory_step",
    "formula": "formula_confusion",
    "misinterpretation": "question_misinterpretation",
    "misinterpreting_the_question": "question_misinterpretation",
    "misunderstanding_the_question": "question_misinterpretation",
    "nonsensical_output": "nonsensical",
    "reference_context_value": "context_value",
    "referencing_context_value": "context_value",
    "referencing_previous_step_value": "context_value",
    "skipped_step": "missing_step",
    "unit": "unit_conversion",
    "wrong_operator": "operator",
}
