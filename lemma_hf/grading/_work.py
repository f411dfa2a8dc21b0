"""One comparison of two answers: what may still be spent on it, and what was read and found so far.

Work is counted and not timed, so that a verdict depends on the two answers alone, never on what else the machine does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, cast

from lemma_hf.grading._structure import ParsedAnswer, read_structure
from lemma_hf.grading.formulas._expression import Node, ParseError, parse
from lemma_hf.grading.formulas._probe import Same, proportion, same_value

MAX_WORK = 250_000
"""Units for one comparison. A unit is one sign that is read once, which takes up to two microseconds, so all of them
take less than half a second. No row of the graded corpus needs a tenth of it."""
_PAIR_COST = 50
"""Units that comparing two texts takes however short they are: some 100 microseconds of looking what they are."""
_NODE_COST = 8
"""Units that probing takes for each node of a formula, at two points exactly and at four in floating point."""
_MAX_HEIGHT = 150
"""Levels of a formula. Each takes two calls in every walk over it, and Python ends at 1,000."""

_T = TypeVar("_T")
Decide = Callable[[str, str], Same]


class WorkSpentError(Exception):
    """A comparison needs more work than it may take."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether two answers are the same, and the rule that decided."""

    same: Same
    rule: str


class Work:
    """What all recursion within one comparison shares.

    Args:
        compare: compares two texts by all layers, with this work.
        decide: decides what the layers leave open.
    """

    __slots__ = ("_compare", "_decide", "_others", "_readings", "_trees", "_verdicts", "left")

    def __init__(self, compare: "Callable[[str, str, Work], Verdict]", decide: Decide) -> None:
        self.left = MAX_WORK
        self._compare = compare
        self._decide = decide
        self._verdicts: dict[tuple[str, str], Verdict] = {}
        self._readings: dict[str, ParsedAnswer] = {}
        self._others: dict[tuple[str, str], object] = {}
        self._trees: dict[str, Node | None] = {}

    def spend(self, units: int) -> None:
        """Take `units` off what is left.

        Raises:
            WorkSpentError: if so much is not left.
        """
        self.left -= units
        if self.left < 0:
            raise WorkSpentError

    def found(self, answer: str, reference: str) -> Verdict:
        """The verdict on two texts, each pair of which is compared once."""
        key = answer, reference
        if (verdict := self._verdicts.get(key)) is None:
            self.spend(_PAIR_COST + len(answer) + len(reference))
            verdict = self._verdicts[key] = self._compare(answer, reference, self)
        else:
            self.spend(1)
        return verdict

    def same(self, answer: str, reference: str) -> Same:
        """What `found` says, without the rule."""
        return self.found(answer, reference).same

    def same_turned(self, reference: str, answer: str) -> Same:
        """What `same` says of a part of the reference and one of the answer, in this order."""
        return self.same(answer, reference)

    def decided(self, answer: str, reference: str) -> Same:
        """What `decide` says about what is left open."""
        self.spend(len(answer) + len(reference))
        return self._decide(answer, reference)

    def structure(self, text: str) -> ParsedAnswer:
        """The text in parts, each text taken apart once."""
        if (reading := self._readings.get(text)) is None:
            self.spend(len(text))
            reading = self._readings[text] = read_structure(text)
        return reading

    def once(self, read: "Callable[[str, Work], _T]", text: str) -> _T:
        """What `read` makes of a text, each text read once."""
        key = read.__name__, text
        if key not in self._others:
            self._others[key] = read(text, self)
        return cast("_T", self._others[key])

    def tree(self, text: str) -> Node | None:
        """The formula that a text writes, each text parsed once; None if it is none, or one with too many levels."""
        if text not in self._trees:
            self.spend(2 * len(text))
            try:
                tree = parse(text)
                _size(tree)
                self._trees[text] = tree
            except (ParseError, RecursionError):
                self._trees[text] = None
        return self._trees[text]

    def same_value(self, answer: Node, reference: Node) -> Same:
        """Whether two formulas agree at random points."""
        self._spend_on(answer, reference)
        return same_value(answer, reference)

    def proportion(self, answer: Node, reference: Node) -> float | None:
        """The constant that `reference` times makes `answer`, if there is one."""
        self._spend_on(answer, reference)
        return proportion(answer, reference)

    def _spend_on(self, *nodes: Node) -> None:
        self.spend(_NODE_COST * sum(_size(node) for node in nodes))


def _size(tree: Node) -> int:
    """How many nodes a formula has.

    Raises:
        ParseError: if it has too many levels.
    """
    count, level, height = 0, [tree], 0
    while level:
        count += len(level)
        height += 1
        if height > _MAX_HEIGHT:
            raise ParseError("too many levels")
        level = [arg for node in level for arg in node.args]
    return count
