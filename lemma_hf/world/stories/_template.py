"""Parts of a story: the records in which the templates are written.

A template holds the words of a story, the quantities given in it, and its steps. A step finds one quantity from earlier
ones; a mistake finds it wrongly. In all texts `{name}` stands for a word or a quantity, `{eq}` for the step's equation:

    step("left", "made - kept", "{She} keeps {kept}, so {eq} {items} are left.")
    ->   "She keeps 12, so 72 - 12 = 60 muffins are left."

Quantities may be spelled in other ways: `{n:w}` "three", `{n:times}` "twice", `{n:part}` "a third".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from lemma_hf.taxonomy import ErrorType
from lemma_hf.world.stories._arithmetic import number_text

COUNTING = ErrorType.COUNTING
MISSING = ErrorType.MISSING_STEP
CONCEPT = ErrorType.CONFUSING_CONCEPT
MISREADING = ErrorType.QUESTION_MISINTERPRETATION
FORMULA = ErrorType.FORMULA_CONFUSION
UNITS = ErrorType.UNIT_CONVERSION

_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_PARTS = {2: "half", 3: "a third", 4: "a quarter", 5: "a fifth", 6: "a sixth", 8: "an eighth", 10: "a tenth"}
_TIMES = {2: "twice"}

Scene = Mapping[str, "str | Sequence[int | str]"]
"""Words, and sets of values that a given quantity may take, which belong together."""


@dataclass(frozen=True, slots=True)
class TemplateStep:
    """A step that finds the quantity `name` by an expression over given quantities and those of earlier steps."""

    name: str
    expr: str
    texts: tuple[str, ...]
    """Ways to say it; each is one sentence or two on one line."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake in the step `at`; the steps after it go on with its wrong value."""

    type: ErrorType
    at: str
    why: str
    """What is wrong, as a clause about the right values; those of `misread` are `{meant}` and `{misread}`."""
    expr: str = ""
    """The wrong expression; empty: that of the step."""
    texts: tuple[str, ...] = ()
    """The wrong sentence; empty: those of the step."""
    without: frozenset[str] = frozenset()
    """Steps that are left out, before or after."""
    misread: tuple[str, str] | None = None
    """A given quantity and the expression that takes its place from this step on."""
    result: Fraction | None = None
    """The wrong result of the right expression."""


@dataclass(frozen=True, slots=True)
class Template:
    """A family of stories."""

    name: str
    scenes: tuple[tuple[Scene, ...], ...]
    """Groups of scenes; a story takes one scene of each group."""
    given: Mapping[str, Sequence[int | str]]
    """The values that each given quantity may take, unless a scene says otherwise."""
    questions: tuple[str, ...]
    routes: tuple[tuple[TemplateStep, ...], ...]
    """Ways to the answer, the usual one first; the last step of each finds the answer."""
    mistakes: tuple[Mistake, ...]
    money: frozenset[str] = frozenset()
    """Quantities that are written with `$`."""
    decimals: frozenset[str] = frozenset()
    """Quantities that need not be whole."""
    bounds: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Least and greatest sensible values of quantities that are found."""


@dataclass(frozen=True, slots=True)
class StoryQuantity:
    """A value as it is written in a text."""

    value: Fraction
    money: bool = False

    def __str__(self) -> str:
        return ("$" if self.money else "") + number_text(self.value, money=self.money)

    def __format__(self, spec: str) -> str:
        number = int(self.value)
        if spec in ("w", "W"):
            word = _WORDS[number] if number < len(_WORDS) and number == self.value else str(self)
            return word.capitalize() if spec == "W" else word
        if spec == "times":
            return _TIMES.get(number, f"{self:w} times")
        if spec == "part":
            return _PARTS[number]
        return str(self)


def step(name: str, expr: str, *texts: str) -> TemplateStep:
    """A step, written compactly."""
    return TemplateStep(name, expr, texts)


def mistake(type: ErrorType, at: str, expr: str, why: str, *texts: str, without: str = "") -> Mistake:
    """A mistake that finds `at` by another expression; `without` names steps left out, with spaces between."""
    return Mistake(type, at, why, expr, texts, frozenset(without.split()))


def miscount(at: str, name: str, why: str, *, by: str = "- 1") -> Mistake:
    """A mistake in which the counted quantity `name` is off in step `at` and after."""
    return Mistake(ErrorType.COUNTING, at, why, misread=(name, f"{name} {by}"))
