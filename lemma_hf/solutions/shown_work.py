r"""Shown work: whether a solution shows how it comes to its answer, or only states the answer.

    "The answer is: 600"                          states the answer
    "Let's think step by step.\n#### 600"         announces steps, and states the answer
    "She has 600 pens left."                      states the answer in a sentence
    "24 - 9 = 15, so the answer is 15"            shows a calculation
    "f is odd, because f(-x) = -f(x).\n0"         gives a reason

Small instruct models often reply in the first two ways. Such a text holds no step that could be wrong or right: the
first wrong step in it would be its answer. Where it is not clear, a text is taken to show its work.
"""

import re
from collections.abc import Sequence
from fractions import Fraction

from lemma_hf.solutions.equations import find_expressions
from lemma_hf.solutions.line_tokens import without_latex
from lemma_hf.solutions.step_facts import MAX_STEP_CHARACTERS, StepFacts, read_step

_MARKUP = re.compile(r"[_`#>{}\"$]+|\*\*+|\\boxed|\\text|\\[()\[\]]")
"""What stands around an answer and says nothing: `**\boxed{600}**`, `{"answer": 600}`, `#### 600`."""
# "Step 1: The answer is 600", "1. 600", "2) 600"; not "1.5"
_ITEM = re.compile(r"\s*(?:step\s{0,3}\d{1,2}\s{0,3}[.:)]|\d{1,2}[.)](?=\s))\s*", re.IGNORECASE)
# "So, the final answer is 600.", "Answer: 600", "final_answer: 600", "The answer to the problem is 600", "A: 600"
_CLAIM = re.compile(
    r"\s*(?:(?:so|thus|therefore|hence|and|finally|in conclusion)\b,?\s*)?(?:the |my |our )?"
    r"(?:final[ _]?|correct |right )?(?:answer\b|A:)",
    re.IGNORECASE,
)
# "x =" of "x = 5"
_UNKNOWN = re.compile(r"\s*[a-z]\s{0,3}=(?!=)")
_WORD = re.compile(r"[A-Za-z]{2,}")
_WORDS_OF_A_UNIT = 2
"""As "15 square meters" has; a value with more words is a sentence."""
_REASON = re.compile(
    r"\b(?:because|since|due to|so that|implies|if|divided by|multipl\w{1,9}|times|subtract\w{0,9}|plus|minus)\b",
    re.IGNORECASE,
)
"""Words that give a reason or say a calculation."""
# "Let's solve this step by step:", "Sure!", "To find the total, we need to add them up."
_ANNOUNCES = re.compile(
    r"\s*(?:let'?s|let us|let me|we (?:need|have|are|can|will)|i (?:will|need|can)|to (?:find|solve|answer|determine)|"
    r"here (?:is|are)|sure|okay|ok|certainly|of course|step by step|first\b|solution\b)",
    re.IGNORECASE,
)
_WORDS_OF_A_STEP = 5
"""A line without a number and with fewer words is a heading or a greeting, such as "Final result"."""


def shows_work(steps: Sequence[str]) -> bool:
    r"""Whether any step does more than to state the answer, or to announce that steps will follow.

    Args:
        steps: as the solution is cut; a solution of one line may be one step.

    Example:
        >>> shows_work(["The answer is: 600"]), shows_work(["Let's think step by step.\n", "#### 600"])
        (False, False)
        >>> shows_work(["24 - 9 = 15, so the answer is 15"]), shows_work(["3 boxes of 200 are 600."])
        (True, True)
    """
    lines = [line for step in steps for line in step[:MAX_STEP_CHARACTERS].splitlines()]
    facts = [read_step(text) for line in lines if (text := _plain(line))]
    if facts and not any(re.search(r"\w", one.text) for one in facts):
        return True  # "+++;" is nonsense, and no answer
    answers = _answers(facts)
    return any(_works(one, answers) for one in facts)


def _plain(line: str) -> str:
    return _ITEM.sub("", _MARKUP.sub(" ", without_latex(line)), count=1).strip(" :.")


def _answers(facts: Sequence[StepFacts]) -> set[Fraction]:
    """The numbers of the lines that only state an answer; where there are none, the last number of the text."""
    stated = [one for one in facts if _only_states(one)]
    if stated:
        return {number for one in stated for number in one.mentioned}
    last = next((one for one in reversed(facts) if one.numbers), None)
    return {last.numbers[-1]} if last else set()


def _only_states(step: StepFacts) -> bool:
    return bool(_CLAIM.match(step.text)) or _is_value(step.text)


def _is_value(text: str) -> bool:
    """Whether a line is a value and no sentence: `600`, `x = 5`, `2x+3`, `15 square meters`."""
    value = _UNKNOWN.sub("", text, count=1)
    words = [found.start() for found in _WORD.finditer(value)]
    digit = re.search(r"\d", value)
    if digit is None or "=" in value or len(words) > _WORDS_OF_A_UNIT:
        return False
    return not words or digit.start() < words[0]


def _works(step: StepFacts, answers: set[Fraction]) -> bool:
    """Whether a line is more than an answer or an announcement."""
    if any(len(equation.operands) > 1 for equation in step.equations) or _REASON.search(step.text):
        return True
    if _only_states(step):
        # "The answer is 3 * 200" and "The answer is C(4, 2) = 6" are work; 3/4 is a value, and so are 2x+3 and x = 5.
        return ("=" in step.text and len(step.mentioned) > 1) or any(
            expression.sign in ("+", "-", "*") for expression in find_expressions(step.text)
        )
    if step.mentioned or "=" in step.text:
        return bool(step.mentioned - answers) or "=" in step.text
    return len(step.text.split()) >= _WORDS_OF_A_STEP and not _ANNOUNCES.match(step.text)
