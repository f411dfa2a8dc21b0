"""Reflections: the sentences that notice a mistake."""

import random

from lemma_hf.taxonomy import ErrorType
from lemma_hf.world.stories._arithmetic import StoryEquation, number_text

_LEADS = (
    "Wait, {why}. ",
    "Hmm, {why}. ",
    "Hold on, {why}. ",
    "But wait, {why}. ",
    "No, {why}. ",
    "Let me check that again. {Why}. ",
    "Let me double-check this. {Why}. ",
    "Wait a moment. {Why}. ",
    "No, that is not right: {why}. ",
    "Something is off here: {why}. ",
    "Hmm, that cannot be right, because {why}. ",
    "Looking at this again, I see a mistake: {why}. ",
    "Oh, I made a mistake here: {why}. ",
    "Not so fast: {why}. ",
    "Actually, {why}. ",
    "Hold on, this step is wrong: {why}. ",
)
"""What can be said of any mistake."""

_LEADS_OF_TYPE = {
    ErrorType.CALCULATION: (
        "Wait, that calculation is off: {why}. ",
        "Hmm, I slipped in the arithmetic: {why}. ",
        "Let me recompute that. {Why}. ",
        "Hold on, the arithmetic is wrong: {why}. ",
    ),
    ErrorType.COUNTING: (
        "Wait, I miscounted: {why}. ",
        "Let me count again. {Why}. ",
        "Hmm, my count is off: {why}. ",
    ),
    ErrorType.MISSING_STEP: (
        "Wait, I skipped a step: {why}. ",
        "Hold on, I left something out: {why}. ",
        "Hmm, a step is missing here: {why}. ",
    ),
    ErrorType.CONFUSING_CONCEPT: (
        "Wait, I mixed two things up: {why}. ",
        "Hmm, I confused two ideas here: {why}. ",
        "Hold on, I am thinking of the wrong thing: {why}. ",
    ),
    ErrorType.QUESTION_MISINTERPRETATION: (
        "Wait, I misread the question: {why}. ",
        "Let me read the question again. {Why}. ",
        "Hmm, that is not what the question says: {why}. ",
    ),
    ErrorType.FORMULA_CONFUSION: (
        "Wait, that is the wrong formula: {why}. ",
        "Hmm, I used the wrong formula: {why}. ",
        "Hold on, this formula does not fit here: {why}. ",
    ),
    ErrorType.UNIT_CONVERSION: ("Wait, I converted the units wrongly: {why}. ", "Hmm, the conversion is off: {why}. "),
    ErrorType.OPERATOR: ("Wait, that is the wrong operation: {why}. ", "Hmm, I used the wrong operation: {why}. "),
    ErrorType.CONTEXT_VALUE: ("Wait, I copied a number wrongly: {why}. ", "Hmm, I took a wrong number: {why}. "),
}
"""What names the kind of mistake."""

_VAGUE = (
    "Hmm, that does not look right. ",
    "Wait, this cannot be correct. ",
    "Hold on, I do not trust this step. ",
    "No, this is not going the right way. ",
    "Wait, something went wrong there. ",
    "Hmm, I think I am on the wrong track. ",
)

_REDO = (
    "",
    "",
    "",
    "Let me redo this step. ",
    "Let me correct that. ",
    "Let me fix this step. ",
    "I have to redo this step. ",
    "Here is the corrected step: ",
    "Let me do this step again. ",
)

_START_OVER = (
    "Let me start over. ",
    "Let me start again from the beginning. ",
    "I will solve the problem afresh. ",
    "I had better start from scratch. ",
    "Let me go back and work through it again. ",
    "I will begin again. ",
    "Let me rethink the whole problem. ",
    "Let me set this up again from the start. ",
)
_OTHER_WAY = (
    "Let me try another way. ",
    "I will start over and go about it differently. ",
    "Let me take another route. ",
)

_UNNAMED = {
    ErrorType.CALCULATION: "the result of this calculation is wrong",
    ErrorType.COUNTING: "the count is not right",
    ErrorType.CONTEXT_VALUE: "one of these numbers is not the one in the question",
    ErrorType.HALLUCINATION: "the question never gives that number",
    ErrorType.UNIT_CONVERSION: "the units do not fit together like this",
    ErrorType.OPERATOR: "these numbers have to be combined in another way",
    ErrorType.FORMULA_CONFUSION: "this formula belongs to another quantity",
    ErrorType.MISSING_STEP: "something that is needed here has not been worked out yet",
    ErrorType.CONTRADICTORY_STEP: "this does not agree with the steps before",
    ErrorType.QUESTION_MISINTERPRETATION: "this is not what the question describes",
    ErrorType.CONFUSING_CONCEPT: "two different things have been confused here",
    ErrorType.NONSENSICAL: "this step does not make sense",
}


def notice(choice: random.Random, kind: ErrorType | None, why: str | None) -> str:
    """The turn: names a mistake of this type, and why it is one, where that is known."""
    if why is None:
        return _say(choice.choice(_LEADS), _UNNAMED[kind] if kind else "this step is not right")
    named = _LEADS_OF_TYPE.get(kind, ()) if kind else ()
    return _say(choice.choice(named if named and choice.random() < 0.5 else _LEADS), why)


def notice_vaguely(choice: random.Random) -> str:
    """The turn, without naming the mistake."""
    return choice.choice(_VAGUE)


def redo(choice: random.Random) -> str:
    """Announce the corrected step; often nothing."""
    return choice.choice(_REDO)


def start_over(choice: random.Random, *, other_way: bool) -> str:
    """Announce a new solution, by another route or by the same."""
    return choice.choice(_START_OVER + _OTHER_WAY if other_way else _START_OVER)


def wrong_sum(choice: random.Random, equation: StoryEquation) -> str:
    """A clause that says why an equation that does not hold is wrong."""
    sign = "$" if equation.money else ""
    claimed = sign + number_text(equation.claimed, money=equation.money)
    clauses = [f"{equation.left} is not {claimed}", f"{equation.left} does not make {claimed}"]
    if (equation.value * 100).denominator == 1 and equation.value >= 0:
        value = sign + number_text(equation.value, money=equation.money)
        clauses += [f"{equation.left} is {value}, not {claimed}", f"{equation.left} makes {value} and not {claimed}"]
    return choice.choice(clauses)


def _say(lead: str, why: str) -> str:
    return lead.format(why=why, Why=why[:1].upper() + why[1:])
