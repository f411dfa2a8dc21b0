"""Reflections in varied words, which name the mistake where it is known.

The choice is drawn from the item's id, so the same item always gets the same words.
"""

import random

from lemma_hf.records import Strategy
from lemma_hf.solutions.arithmetic import decimal_text
from lemma_hf.solutions.equations import Equation
from lemma_hf.taxonomy import ErrorType
from lemma_hf.teachers.error_type import ErrorDiagnosis

_OPENINGS = (
    "Wait, {}",
    "Hold on, {}",
    "Hmm, {}",
    "Wait a moment: {}",
    "Let me check that: {}",
    "No, {}",
    "Actually, {}",
    "Looking at this step again, {}",
)
_TURNS = {
    Strategy.FIX_AND_CONTINUE: (
        "Let me redo this step.",
        "Here is the step put right.",
        "I will correct it and go on from there.",
        "Let me fix that and carry on.",
        "The step should go like this.",
        "Correcting it:",
    ),
    Strategy.FRESH_AND_RESTART: (
        "Let me start again from the beginning.",
        "It is safer to solve this afresh.",
        "I will put this attempt aside and begin anew.",
        "Let me go back to the question and work through it again.",
        "Starting over:",
        "Let me think it through once more from the start.",
    ),
}
_CAUSES = {
    ErrorType.CALCULATION: ("that calculation does not check out.", "I made a slip in that arithmetic."),
    ErrorType.COUNTING: ("I miscounted there.", "that count is not right."),
    ErrorType.CONTEXT_VALUE: ("I took down a wrong value there.", "that number is not the one I need here."),
    ErrorType.HALLUCINATION: ("the question never says that.", "I have brought in something that is not given."),
    ErrorType.UNIT_CONVERSION: ("I converted the units wrongly.", "that conversion of units is off."),
    ErrorType.OPERATOR: ("that is the wrong operation here.", "these numbers belong together in another way."),
    ErrorType.FORMULA_CONFUSION: ("that is not the formula for this quantity.", "I have used the wrong formula."),
    ErrorType.MISSING_STEP: ("I have left out a step.", "something has to be worked out before this."),
    ErrorType.CONTRADICTORY_STEP: ("that contradicts what I know already.", "this does not fit with what came before."),
    ErrorType.QUESTION_MISINTERPRETATION: (
        "that is not what the question says.",
        "I have misread the question.",
        "this does not follow from the question.",
    ),
    ErrorType.CONFUSING_CONCEPT: ("I am mixing up two different things.", "that is not the quantity meant here."),
    ErrorType.NONSENSICAL: ("that makes no sense.", "this step does not say anything."),
}
_NAMED = {
    ErrorType.COUNTING: ("the count should be {right}, not {wrong}.", "I counted {wrong}, but there are {right}."),
    ErrorType.CONTEXT_VALUE: ("the value to use is {right}, not {wrong}.", "I wrote {wrong} where {right} belongs."),
    ErrorType.UNIT_CONVERSION: ("the units convert with {right}, not {wrong}.",),
}


def reflect(diagnosis: ErrorDiagnosis, broken: Equation | None, strategy: Strategy, item_id: str) -> str:
    """Write a reflection of two sentences: what is wrong, and what to do about it."""
    dice = random.Random(f"reflect/{strategy}/{item_id}")
    opening, turn = dice.choice(_OPENINGS), dice.choice(_TURNS[strategy])
    causes = _named_causes(diagnosis, broken) or _CAUSES[diagnosis.type]
    return f"{opening.format(dice.choice(causes))} {turn} "


def _named_causes(diagnosis: ErrorDiagnosis, broken: Equation | None) -> tuple[str, ...]:
    right = decimal_text(diagnosis.right) if diagnosis.right is not None else None
    wrong = decimal_text(diagnosis.wrong) if diagnosis.wrong is not None else None
    if right is None or wrong is None or right == wrong:
        return ()
    # A longer sum is hard to read inside a sentence.
    if diagnosis.type is ErrorType.CALCULATION and broken is not None and len(broken.text) <= 60:
        sum_ = " ".join(broken.text.split())
        return (f"{sum_} is {right}, not {wrong}.", f"{sum_} does not make {wrong} but {right}.")
    return tuple(cause.format(right=right, wrong=wrong) for cause in _NAMED.get(diagnosis.type, ()))
