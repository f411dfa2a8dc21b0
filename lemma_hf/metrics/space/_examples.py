r"""Example texts of the page, one click each: plain answers, self-corrections, and outputs without a clear answer."""

from collections.abc import Mapping
from typing import NamedTuple


class Example(NamedTuple):
    """An output with its reference answer, and the label of its button."""

    label: str
    output: str
    reference: str
    choices: bool = False
    """Whether the question is multiple choice."""


_CORRECTS = Example(
    "Corrects itself",
    "Each box holds 9 pens, so 8 boxes hold 9 * 8 = 62 pens. That makes \\boxed{62} pens.\n"
    "Wait, that is wrong. Let me multiply again.\n"
    "9 * 8 = 72, so the answer is \\boxed{72}.",
    "72",
)
_HOSTILE = Example(
    "Hostile text",
    "<script>alert('this text is code')</script> <img src=x onerror=alert(1)> ${7*7} {{7*7}}\n"
    "__import__('os').system('rm -rf /')\n"
    "The answer is \\boxed{9^{9^{9^{9^{9}}}}}.",
    "387420489",
)
_UNREADABLE = Example("Unreadable reference", "4 + 3 = 7, so the answer is \\boxed{7}.", "None")
_CUT_OFF = Example(
    "Cut off",
    "First I thought of 18. Then I found that x = 20, so the answer is \\boxed{20",
    "18",
)
_CHOICE = Example("Multiple choice", "Only the third can be right.\nThe answer is (C).", "C", choices=True)

_GSM8K = (
    Example("Right", "She buys 8 boxes at 9 dollars each.\n8 * 9 = 72 dollars.\n#### 72", "72"),
    Example("A unit and a comma", "It comes to 1,360 - 142 = 1,218 dollars. The answer is $1,218.", "1218"),
    Example("Wrong", "8 + 9 = 17, so she pays 17 dollars.\nThe answer is: 17", "72"),
)
_MATH = (
    Example("Another form", "The roots of $2x^2 - 3x + 1$ are \\boxed{1, \\frac{1}{2}}.", "\\{0.5, 1\\}"),
    Example("A formula", "Expanding gives \\boxed{x^2 + 2x + 1}.", "(x+1)^2"),
    Example("Wrong end", "So $x$ lies in \\boxed{(0, 5)}.", "(0, 5]"),
)
_REFLECTION = (
    Example(
        "Breaks a right answer",
        "8 * 9 = 72. The answer is 72.\nWait, let me check that again.\n8 * 9 = 62. The answer is 62.",
        "72",
    ),
    Example(
        "Turns before it answers",
        "Each box holds 6 pens, so there are 4 * 6 = 24 pens.\n"
        "After giving away 9 there are 24 - 9 = 16 pens left.\n"
        "Wait, that's not right. Let me subtract again.\n"
        "24 - 9 = 15, so 15 pens are left. The answer is: 15",
        "15",
    ),
    Example("Never turns", "9 * 8 = 72, so it is \\boxed{72}.", "72"),
)

EXAMPLES: Mapping[str, tuple[Example, ...]] = {
    "lemma_gsm8k": (*_GSM8K[:2], _CORRECTS, _GSM8K[2], _CUT_OFF, _UNREADABLE, _HOSTILE),
    "lemma_math": (*_MATH[:2], _CORRECTS, _MATH[2], _CHOICE, _CUT_OFF, _UNREADABLE, _HOSTILE),
    "lemma_reflection": (_CORRECTS, *_REFLECTION, _UNREADABLE, _HOSTILE),
}
"""By the name of the metric; the first is shown when the page opens."""
