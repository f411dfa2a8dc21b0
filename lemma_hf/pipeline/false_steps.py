"""False steps: what is marked or read as a wrong step, but states nothing that could be wrong.

    "Okay, so Ann has 4 boxes of 6 pens and gives 9 away."     the problem, said again
    "Let me set up the equation."                              a plan
    "What is a box here?"                                      a question
    "Probably a typo."                                         a remark on a mistake, and not the mistake
    "She keeps the small ones."                                a step, unless it is the first thing that is said

A step with a sum, an equals sign, code, or a number that the question does not name states something, whatever else
it says. Data whose errors are such texts teach a model to doubt where nothing was said.
"""

import re

from lemma_hf.pipeline.decontaminate import words_of
from lemma_hf.records import question_key
from lemma_hf.solutions import claims_answer, find_numbers

_LONGEST_READ = 4000
"""Characters of a step that are read."""
_SHORTEST_RESTATED = 5
"""Words: fewer may stand in any question by chance."""
_RESTATED = 0.8
"""Share of a step's words that stand in the question, from which on it says the question again."""
# "1. ", "Step 2: ", "- ", at the beginning of a line
_MARKERS = re.compile(r"^\s*(?:[-*•]\s+)?(?:(?:step\s*)?\d{1,2}[.):]\s+)?", re.IGNORECASE)
# "Let's see", "Okay, let me set up the equation", "First, we need to find", "To verify, let's calculate"
_PLANS = re.compile(
    r"[\s\W]*(?:(?:okay|ok|alright|so|now|first|next|then|to \w+)\b[ ,]*){0,3}"
    r"(?:let(?:'s|’s| us| me)|(?:i|we)(?:'ll|’ll| need to| have to| want to)|i'm going to)\b",
    re.IGNORECASE,
)
# "Calculate the total.", "Step 1: Determine how many are left": what will be found, and not what it is
_TASKS = re.compile(
    r"(?:calculate|compute|determine|figure out|work out|find|identify|count|set up|add|sum|subtract|multiply|divide"
    r"|convert)\b(?!.*\b(?:is|are|was|were|equals?|gives?|makes?)\W+\d)",
    re.IGNORECASE | re.DOTALL,
)
# "That seems like a mistake.", "It doesn't make sense here."
_REMARKS = re.compile(
    r"\b(?:mistakes?|errors?|typo|oversight|wrong|incorrect"
    r"|(?:doesn't|does not|don't|do not) (?:make sense|satisfy|add up))\b",
    re.IGNORECASE,
)


def false_step(text: str, question: str, *, is_first: bool = False) -> str:
    """Say why an error is no step, in a few words; empty where it is one.

    Args:
        is_first: whether nothing stands before it. Then any text that states no sum and no new number is none: nothing
            has been worked out yet.

    Example:
        >>> false_step("Let me set up the equation.", "How many pens are left?")
        'a plan'
        >>> false_step("So 24 - 9 = 16 are left.", "How many pens are left?")
        ''
    """
    text = text[:_LONGEST_READ].strip()
    if _states_something(text, question):
        return ""
    if why := _announces(text):
        return why
    if not find_numbers(text) and _REMARKS.search(text.replace("’", "'")):
        return "a remark on a mistake"
    words, asked = words_of(text), set(words_of(question[:_LONGEST_READ]))
    shared = sum(word in asked for word in words)
    if len(words) >= _SHORTEST_RESTATED and shared >= _RESTATED * len(words):
        return "the question, said again"
    return "nothing was worked out before it, nor in it" if is_first else ""


def announcement(text: str, question: str) -> str:
    """Say how a step only announces others, as a plan or a question; empty where it may be wrong in itself.

    The question said again is none: it may be said wrongly, with one number in the place of another.

    Example:
        >>> announcement("Step 1: Calculate the number of pens that are left.", "How many pens are left?")
        'a plan'
    """
    text = text[:_LONGEST_READ].strip()
    return "" if _states_something(text, question) else _announces(text)


def _announces(text: str) -> str:
    if text.rstrip("\"'”’)*_ ").endswith("?"):
        return "a question"
    return "a plan" if text.endswith(":") or _PLANS.match(text) or _TASKS.match(_MARKERS.sub("", text)) else ""


def said_again(step: str, correction: str) -> bool:
    """Whether a correction has the wrong step among its own lines, so that it was not wrong, or is wrong still.

    Numbers of lists, white space, case and the period do not count.

    Example:
        >>> said_again("1. Leah earned $28.", "Leah earned $28.\\nShe spent 28 / 7 = $4 on a milkshake.")
        True
    """
    return _bare(step) in {_bare(line) for line in correction.splitlines()} - {""}


def _bare(line: str) -> str:
    return question_key(_MARKERS.sub("", line[:_LONGEST_READ]).lower()).rstrip(". ")


def _states_something(text: str, question: str) -> bool:
    if any(sign in text for sign in ("=", "≈", "\\approx", "```")) or claims_answer(text):
        return True
    return not set(find_numbers(text)) <= set(find_numbers(question[:_LONGEST_READ]))
