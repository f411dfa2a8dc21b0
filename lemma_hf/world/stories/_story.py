"""Stories made of templates, with their solutions, right and wrong."""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from lemma_hf.errors import DataError
from lemma_hf.world.stories._arithmetic import evaluate, number_text
from lemma_hf.world.stories._names import PEOPLE, person_words
from lemma_hf.world.stories._template import Mistake, StoryQuantity, Template, TemplateStep

_NAME = re.compile(r"[a-z_][a-z_0-9]*")  # in "eggs * price_2": "eggs", "price_2"
_LARGEST = 1_000_000
"""The largest value in a story: grade-school problems have no larger ones."""
_DRAWS = 5000
"""Draws of values before a template counts as faulty; a sound one needs up to some forty on average."""


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One step carried out: its equation, and all values known after it."""

    step: TemplateStep
    left: str
    value: Fraction
    known: Mapping[str, Fraction]
    texts: tuple[str, ...]
    wrong: bool = False


@dataclass(frozen=True, eq=False)
class Story:
    """A template with its words and given values; two stories are equal only where they are the same object."""

    template: Template
    words: Mapping[str, str]
    given: Mapping[str, Fraction]
    phrasing: int
    """Which of the template's questions is asked."""

    @cached_property
    def question(self) -> str:
        """The text of the problem."""
        return self.fill(self.template.questions[self.phrasing], self.given)

    @cached_property
    def values(self) -> dict[str, Fraction]:
        """The right value of every quantity that some route finds."""
        found: dict[str, Fraction] = {}
        for route in self.template.routes:
            found |= {line.step.name: line.value for line in self.work(route) or ()}
        return found

    @cached_property
    def answer(self) -> Fraction:
        """The right answer."""
        return self.values[self.template.routes[0][-1].name]

    def show(self, name: str, value: Fraction) -> StoryQuantity:
        """`value` in the format of the quantity `name`."""
        return StoryQuantity(value, name in self.template.money)

    def fill(self, text: str, known: Mapping[str, Fraction], **more: object) -> str:
        """`text` with words and quantities put in."""
        shown = {name: self.show(name, value) for name, value in known.items()}
        return text.format_map({**self.words, **shown, **more})

    def work(self, steps: Sequence[TemplateStep], mistake: Mistake | None = None) -> list[StoryLine] | None:
        """Carry out the steps, with a mistake or without; None where some value comes out unreasonable."""
        known, lines, gone_wrong = dict(self.given), [], False
        for step in steps:
            if mistake and step.name in mistake.without:
                continue
            here = mistake if mistake and step.name == mistake.at else None
            gone_wrong = gone_wrong or here is not None
            line = self._carry_out(step, here, known)
            if line is None or not self._reasonable(step.name, line.value, gone_wrong):
                return None
            lines.append(line)
        return lines

    def write(self, line: StoryLine, choice: random.Random, avoid: Sequence[str] = ()) -> str:
        """The line as a sentence with its line break, in a wording that is not in `avoid` where there is one."""
        wordings = self.wordings(line)
        return choice.choice([text for text in wordings if text not in avoid] or wordings)

    def wordings(self, line: StoryLine) -> list[str]:
        """All sentences for the line."""
        equation = f"{line.left} = {self.show(line.step.name, line.value)}"
        return [self.fill(text, line.known, eq=equation) + "\n" for text in line.texts]

    def answer_line(self, value: Fraction) -> str:
        """The last line of every solution."""
        return f"The answer is: {self.answer_text(value)}"

    def answer_text(self, value: Fraction) -> str:
        """A value as a bare answer, without its unit."""
        return number_text(value, money=self.template.routes[0][-1].name in self.template.money)

    def _carry_out(self, step: TemplateStep, mistake: Mistake | None, known: dict[str, Fraction]) -> StoryLine | None:
        """Do one step, adding what it finds to `known`."""
        if mistake and mistake.misread:
            name, expr = mistake.misread
            misread = evaluate(self.expression(expr, known))
            if misread is None or not self._reasonable(name, misread, gone_wrong=False):
                return None
            known[name] = misread
        left = self.expression(mistake.expr if mistake and mistake.expr else step.expr, known)
        value = mistake.result if mistake and mistake.result is not None else evaluate(left)
        if value is None:
            return None
        known[step.name] = value
        texts = mistake.texts if mistake and mistake.texts else step.texts
        return StoryLine(step, left, value, dict(known), texts, wrong=mistake is not None)

    def expression(self, expr: str, known: Mapping[str, Fraction]) -> str:
        """An expression with the values of its quantities put in."""
        return _NAME.sub(lambda match: str(self.show(match[0], known[match[0]])), expr)

    def _reasonable(self, name: str, value: Fraction, gone_wrong: bool) -> bool:
        """Whether a value is positive, not 1 (for the plurals), not huge, and whole where it has to be."""
        if not 0 < value <= _LARGEST or value == 1:
            return False
        if name in self.template.decimals:
            return (value * 100).denominator == 1
        return value.denominator == 1 or (gone_wrong and value > 1 and (value * 100).denominator == 1)


def draw_story(template: Template, choice: random.Random) -> Story:
    """A story of the template in which every value is reasonable and no two found values are the same.

    Raises:
        DataError: if the template's values hardly ever fit together (a fault of the template).
    """
    for _ in range(_DRAWS):
        story = _draw(template, choice)
        if _fits(story):
            return story
    raise DataError(f"template {template.name}: no fitting values in {_DRAWS} draws; widen what is given")


def _draw(template: Template, choice: random.Random) -> Story:
    words: dict[str, str] = {}
    people = choice.sample(PEOPLE, 3)
    for letter, (name, pronoun) in zip("ABC", people, strict=True):
        words |= person_words(name, pronoun, letter)
    options = dict(template.given)
    for group in template.scenes:
        for key, value in choice.choice(group).items():
            if isinstance(value, str):
                words[key] = value
            else:
                options[key] = value
    given = {name: Fraction(choice.choice(values)) for name, values in options.items()}
    return Story(template, words, given, choice.randrange(len(template.questions)))


def _fits(story: Story) -> bool:
    if any(story.work(route) is None for route in story.template.routes):
        return False
    values = story.values
    if any(not low <= values[name] <= high for name, (low, high) in story.template.bounds.items()):
        return False
    everything = [*values.values(), *story.given.values()]
    answers = {values[route[-1].name] for route in story.template.routes}
    return len(set(everything)) == len(everything) and len(answers) == 1
