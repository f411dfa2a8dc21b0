"""Mistakes in a story: those that its template lists, and those that are possible in any story."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from lemma_hf.taxonomy import ErrorType
from lemma_hf.world.stories._arithmetic import StoryEquation, as_number, find_exact_equations, number_text
from lemma_hf.world.stories._story import Story, StoryLine
from lemma_hf.world.stories._template import Mistake, TemplateStep

_SWAPS = {"*": "+", "+": "-", "-": "+", "/": "-"}
_DONE = {"*": "multiplied", "+": "added", "-": "subtracted", "/": "divided"}
# Slips of a digit or a carry in the units (1 to 6, 8), the tens (10 to 50) and the hundreds.
_DELTAS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 20, 30, 50, 100)


@dataclass(frozen=True, slots=True)
class StorySlip:
    """A mistake carried out in a story: the whole wrong working, with one wrong line in it."""

    mistake: Mistake
    lines: tuple[StoryLine, ...]

    @property
    def place(self) -> int:
        """The index of the wrong line, counted from 0."""
        return next(place for place, line in enumerate(self.lines) if line.wrong)

    @property
    def wrong(self) -> StoryLine:
        """The wrong line."""
        return self.lines[self.place]

    @property
    def answer(self) -> Fraction:
        """The wrong final answer."""
        return self.lines[-1].value


def line_equation(line: StoryLine) -> StoryEquation:
    """The equation of a line, read back from its text."""
    return find_exact_equations(f"{line.left} = {number_text(line.value)}")[0]


@lru_cache(maxsize=256)
def right_equations(story: Story) -> dict[str, tuple[StoryEquation, ...]]:
    """For each quantity, the equations by which the routes of the story find it."""
    found: dict[str, tuple[StoryEquation, ...]] = {}
    for route in story.template.routes:
        for line in story.work(route) or ():
            found[line.step.name] = (*found.get(line.step.name, ()), line_equation(line))
    return found


@lru_cache(maxsize=256)
def known_slips(story: Story) -> tuple[StorySlip, ...]:
    """Every mistake that this story allows, miscalculations apart; no two of a type have the same equation."""
    slips: list[StorySlip] = []
    seen = set()
    for mistake in (*story.template.mistakes, *_copied_wrongly(story), *_wrong_operations(story)):
        slip = carry_out(story, mistake)
        if slip is None or slip.answer == story.answer:
            continue
        signature = (slip.mistake.at, line_equation(slip.wrong).signature)
        if signature not in seen:
            seen.add(signature)
            slips.append(slip)
    return tuple(slips)


def miscalculations(story: Story, choice: random.Random) -> Iterator[StorySlip]:
    """Right operations with plausible wrong results, in a random order."""
    lines = story.work(story.template.routes[0]) or []
    options = [(line, wrong) for line in lines for wrong in _wrong_results(line_equation(line))]
    choice.shuffle(options)
    for line, wrong in options:
        slip = carry_out(story, Mistake(ErrorType.CALCULATION, line.step.name, "", result=wrong))
        if slip is not None and slip.answer != story.answer:
            yield slip


def carry_out(story: Story, mistake: Mistake) -> StorySlip | None:
    """The story's usual route with the mistake in it; None where it leads to unreasonable or by chance right values."""
    lines = story.work(story.template.routes[0], mistake)
    if lines is None or not any(line.wrong for line in lines):
        return None
    slip = StorySlip(mistake, tuple(lines))
    if slip.wrong.value in {*story.values.values(), *story.given.values()}:
        return None
    signature = line_equation(slip.wrong).signature if mistake.result is None else None
    right = {equation.signature for equations in right_equations(story).values() for equation in equations}
    return None if signature in right else slip


def _wrong_results(equation: StoryEquation) -> list[Fraction]:
    """Results of careless work: a lost carry, a digit off, two digits swapped."""
    right = equation.value
    scale = 1 if right.denominator == 1 else Fraction(1, 10)
    found = {right + sign * delta * scale for delta in _DELTAS for sign in (1, -1) if delta * scale * 3 <= right}
    if equation.operators == ("*",):
        one, two = equation.operands
        found |= {one * (two + 1), one * (two - 1), (one + 1) * two, (one - 1) * two}
    found.add(_swap_digits(right))
    return sorted(found - {right})


def reason(story: Story, mistake: Mistake) -> str:
    """A clause that says why the mistake is one."""
    if not mistake.misread:
        return story.fill(mistake.why, {**story.given, **story.values})
    name, expr = mistake.misread
    misread = find_exact_equations(f"{story.expression(expr, story.given)} = 0")
    wrong = misread[0].value if misread else as_number(expr) or Fraction(0)
    pair = {"meant": story.show(name, story.given[name]), "misread": story.show(name, wrong)}
    return story.fill(mistake.why, {**story.given, **story.values}, **pair)


def _copied_wrongly(story: Story) -> Iterator[Mistake]:
    """Numbers of the question with two digits swapped, or with ten too much, where a step first uses them."""
    for name, value in story.given.items():
        # For the quantity `eggs`: "{eggs}" or "{eggs:word}" in the question.
        asked = re.search(rf"{{{name}[}}:]", story.template.questions[story.phrasing])
        place = _first_use(story, name)
        if not asked or place is None or value < 12 or value.denominator != 1:
            continue
        why = "the question says {meant}, not {misread}"
        for wrong in {_swap_digits(value), value + 10} - {value}:
            yield Mistake(ErrorType.CONTEXT_VALUE, place, why, misread=(name, str(wrong)))


def _first_use(story: Story, name: str) -> str | None:
    steps = (step.name for step in story.template.routes[0] if name in step.expr.replace("(", " ").split())
    return next(steps, None)


def _wrong_operations(story: Story) -> Iterator[Mistake]:
    """Another operation between the same two quantities."""
    for step in story.template.routes[0]:
        parts = step.expr.split()
        if len(parts) == 3 and parts[1] in _SWAPS:
            yield _wrong_operation(step, *parts)


def _wrong_operation(step: TemplateStep, left: str, operator: str, right: str) -> Mistake:
    wrong = _SWAPS[operator]
    why = f"these two numbers have to be {_DONE[operator]}, not {_DONE[wrong]}"
    return Mistake(ErrorType.OPERATOR, step.name, why, f"{left} {wrong} {right}")


def _swap_digits(value: Fraction) -> Fraction:
    """The value with its last two digits swapped: 72 becomes 27."""
    if value.denominator != 1 or value < 12:
        return value
    head, tens, ones = value.numerator // 100, value.numerator // 10 % 10, value.numerator % 10
    return Fraction(head * 100 + ones * 10 + tens)
