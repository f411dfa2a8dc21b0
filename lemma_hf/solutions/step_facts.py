"""Facts of a step of a solution: its equations, its numbers, its result and its wording.

Also here: how the marks of a file format (GSM8K's calculator notes and its
`#### 42`) are taken out, so that what is written is plain prose.
"""

import re
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from fractions import Fraction
from functools import lru_cache

from lemma_hf.solutions.equations import Equation, find_claims, find_equations
from lemma_hf.solutions.line_tokens import Token, TokenKind, find_numbers, tokenize_line, without_latex
from lemma_hf.solutions.steps import has_blocks, split_line_steps, split_steps

MAX_STEPS = 50
"""A solution with more steps is not searched: GSM8K's problems take 2 to 8."""
MAX_STEP_CHARACTERS = 4000
"""The rest of a longer step is not read, so that hostile texts stay cheap."""

# "<<48/2=24>>"
_CALCULATOR_NOTE = re.compile(r"<<[^<>\n]{0,200}>>")
# "#### 12", "A: 12", "So the final answer is: 12"
_CLAIM = re.compile(
    r"^\s*(?:####|A:|(?:so |thus |therefore |hence )?,?\s*the (?:final )?answer(?: is)?:?)\s*(?P<answer>.*?)\s*$",
    re.IGNORECASE,
)
# "```python", '"answer": 12'
_CODE_OR_JSON = re.compile(r"```|\"\w{1,40}\"\s?:")
# " #### 12" of "He has 12 pens. #### 12"
_MARK_BEHIND = re.compile(r"(?<=\S)\s*####[^\n]{0,80}$")


def has_code_or_json(text: str) -> bool:
    """Whether a solution is written as a program or as JSON, at least in part, and not in steps of prose.

    (`lemma_hf.grading._words.is_sentence` is about one answer: whether it is a sentence and no formula.)

    Example:
        >>> has_code_or_json("```python\\nprint(4 * 6)\\n```"), has_code_or_json("4 * 6 = 24 pens.")
        (True, False)
    """
    return bool(_CODE_OR_JSON.search(text))


def without_notes(text: str) -> str:
    """Return `text` without GSM8K's calculator notes such as `<<48/2=24>>`."""
    return _CALCULATOR_NOTE.sub("", text)


def claimed_answer(step: str) -> str | None:
    """Return what follows `####`, `A:` or `The answer is` in a step that only claims; None for any other step."""
    match = _CLAIM.match(step)
    return match["answer"].removesuffix(".") if match else None


def to_prose(step: str) -> str:
    """Rewrite a step as prose: without calculator notes, and with a sentence in place of a claim mark.

    Example:
        >>> to_prose("He has 6*2=<<6*2=12>>12 pens.\\n"), to_prose("#### 12")
        ('He has 6*2=12 pens.\\n', 'So the answer is 12.')
    """
    end = step[len(step.rstrip()) :]
    body = without_notes(step).strip()
    if re.match(r"####|A:", body):  # "#### 12", "A: 12"
        return f"So the answer is {claimed_answer(body)}.{end}"
    # Some models put the mark behind their last sentence, where it only says the same again.
    return _MARK_BEHIND.sub("", body) + end


def split_prose_steps(text: str) -> tuple[str, ...]:
    """Cut a solution into steps, and rewrite each as prose.

    A formula on lines of its own stays with the line that introduces it, so that no turn begins within one.
    """
    split = split_steps if has_blocks(text) else split_line_steps
    return tuple(to_prose(step) for step in split(text))


@dataclass(frozen=True, slots=True)
class StepFacts:
    """The facts of one step."""

    text: str
    """As plain prose, in one line."""
    equations: tuple[Equation, ...]
    claims: tuple[Fraction, ...]
    """Numbers directly behind an equals sign."""
    numbers: tuple[Fraction, ...]
    """All numbers in digits, from left to right, percentages as shares."""
    wording: str
    """The words in lower case, with `#` for each number and no other signs."""
    algebra: str
    """Signs, unknowns and numbers without the words, where the step has an unknown; else empty."""
    is_claim: bool
    """Whether the step does nothing but claim an answer."""

    @property
    def result(self) -> Fraction | None:
        """The result of the step: its last equation's result, else its last claim, else its last number."""
        if self.equations and (not self.claims or self.equations[-1].result < 0):
            return self.equations[-1].result
        return self.claims[-1] if self.claims else self.numbers[-1] if self.numbers else None

    @property
    def results(self) -> tuple[Fraction, ...]:
        """All values that the step states as results."""
        return tuple(dict.fromkeys((*(equation.result for equation in self.equations), *self.claims)))

    @property
    def mentioned(self) -> set[Fraction]:
        """Every number the step names, in digits or in words."""
        return {*self.numbers, *find_numbers(self.text)}


@lru_cache(maxsize=4096)
def read_step(raw: str) -> StepFacts:
    """Read the facts of one step."""
    text = without_latex(without_notes(raw[:MAX_STEP_CHARACTERS]).strip())
    is_claim = claimed_answer(text) is not None
    if text.startswith("####"):
        text = text.removeprefix("####").strip()
    tokens = tokenize_line(text)
    return StepFacts(
        text=text,
        equations=tuple(find_equations(text)),
        claims=tuple(token.value for token in find_claims(text)),
        numbers=tuple(token.value for token in tokens if token.kind is TokenKind.NUMBER),
        wording=" ".join("#" if t.kind is TokenKind.NUMBER else t.text.lower() for t in tokens if t.kind in _WORDED),
        algebra="".join(t.text for t in tokens if t.kind in _SYMBOLS) if _has_unknown(tokens) else "",
        is_claim=is_claim,
    )


_WORDED = (TokenKind.NUMBER, TokenKind.WORD, TokenKind.UNKNOWN)
_SYMBOLS = (
    TokenKind.NUMBER,
    TokenKind.UNKNOWN,
    TokenKind.SIGN,
    TokenKind.EQUALS,
    TokenKind.OPEN,
    TokenKind.CLOSE,
)


def _has_unknown(tokens: list[Token]) -> bool:
    return any(token.kind is TokenKind.UNKNOWN for token in tokens)


def likeness(left: StepFacts, right: StepFacts) -> float:
    """Measure how alike two steps are worded, from 0 to 1; numbers and signs do not count, and `left` may say more."""
    if left.wording == right.wording:
        return 1.0
    # 120 words: comparing takes quadratic time, and steps are shorter.
    words, others = left.wording.split()[:120], right.wording.split()[:120]
    # Words in any order bound what can match in order, and are counted far faster.
    if 3 * sum((Counter(words) & Counter(others)).values()) < len(others):
        return 0.0
    shared = sum(block.size for block in SequenceMatcher(None, words, others, autojunk=False).get_matching_blocks())
    # A step with something added in front still is that step: then most of the other's words are in it, in order. Fewer
    # than 8 words may be in any step by chance; 0.9, so that an equal step without additions is always more alike.
    within = 0.9 * shared / len(others) if len(others) >= 8 else 0.0
    return max(2 * shared / max(1, len(words) + len(others)), within)


def parse_amount(text: str) -> Fraction | None:
    """Read the last number in a short text such as `$1,200` or `12 %`; None where there is none.

    It finds a number among words, for comparing steps. `lemma_hf.grading.read_number` is for verdicts: there the
    whole text has to be one number, and how it is written counts.

    Example:
        >>> parse_amount("about $1,200 in all"), parse_amount("12 %"), parse_amount("none")
        (Fraction(1200, 1), Fraction(12, 1), None)
    """
    numbers = [token for token in tokenize_line(without_latex(text[:200])) if token.kind is TokenKind.NUMBER]
    if not numbers:
        return None
    # "-$5" is negative; in "5 - 3" the last number is not.
    sign = -1 if re.match(r"\s*[-−]\s*[$€£]?\s*\d", text) and len(numbers) == 1 else 1
    return sign * (numbers[-1].value * 100 if numbers[-1].percent else numbers[-1].value)
