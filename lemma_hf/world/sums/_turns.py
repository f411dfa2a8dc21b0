"""Turns of a student at each step of a chain, with counts of those that helped and those that did harm.

    825*23=951;!,5*3+0=15|…|825*23=975;975*50=750;750+83=833;####833
    ╰─ wrong ──╯╰────── right ────────╯╰─ right ─╯╰─ right ─╯

A step is one equation. A `!` goes back to the step that the equation behind it does again, usually the one before it; a
`?` starts afresh, and puts the whole attempt before it to the question.
"""

import re
from dataclasses import dataclass, fields
from typing import Any, Self, cast

from lemma_hf.world.sums._chain import Chain, Operation
from lemma_hf.world.sums._oracle import ChainStep, read_chain_step

# "100+11=112;!100+11=111;####111" → "", "100+11=112;" · "!", "100+11=111;" · "", "####111"
_CUE_AND_PIECE = re.compile(r"([!?]*)([^;!?]*;|[^;!?]+)")


class _Counts:
    """Counts that add up with `+`, field by field."""

    __slots__ = ()

    def __add__(self, other: Self) -> Self:
        return type(self)(*(getattr(self, item.name) + getattr(other, item.name) for item in fields(cast(Any, self))))


@dataclass(frozen=True, slots=True)
class Turns(_Counts):
    """Counts over the steps and turns of solutions; they add up with `+`."""

    wrong_to_right: int = 0
    """Repaired: wrong before the cue, right after it."""
    wrong_to_wrong: int = 0
    right_to_right: int = 0
    """A needless turn that did no harm."""
    right_to_wrong: int = 0
    """Over-correction: right before the cue, wrong after it."""
    missed: int = 0
    """Wrong steps that no cue followed, the steps that only pass an earlier mistake on not counted."""
    kept: int = 0
    """Right steps of the last attempt that no `!` came before or after."""

    @property
    def reflections(self) -> int:
        """All turns."""
        return self.wrong_to_right + self.wrong_to_wrong + self.right_to_right + self.right_to_wrong

    @property
    def caught(self) -> int:
        """Turns behind something wrong: of `reflections` their precision, of `caught + missed` their recall."""
        return self.wrong_to_right + self.wrong_to_wrong


@dataclass(frozen=True, slots=True)
class Fates(_Counts):
    """Counts of steps as first written against those in the final solution; they add up with `+`.

    However often a step is turned on in between, it counts once. A step that no longer stands in the end, since a new
    attempt did not come as far, does not count.
    """

    stayed_right: int = 0
    broken: int = 0
    repaired: int = 0
    stayed_wrong: int = 0


def count_turns(chain: Chain, text: str) -> Turns:
    """Count the turns of a solution; an equation is right where it does the operation that is next, without error.

    A step is judged from the value it starts from, so that a wrong result counts once and not again in all that
    follows. One that is out of turn is wrong, and so are those behind a step that was left out. A turn on nothing but
    the claim, or one behind which the next operation is done, takes no step back: it is needless where the last step
    was right, and a wrong → wrong where it was not. A `?` counts by whole attempts: right if all their steps are.
    """
    return _walk(chain, text).end()


def count_fates(chain: Chain, text: str) -> Fates:
    """Count the steps of a solution as first written and in the end, judged as by `count_turns`.

    Example:
        >>> from lemma_hf.world.sums import read_chain
        >>> count_fates(read_chain("100+11"), "100+11=112;!100+11=113;!100+11=111;####111")
        Fates(stayed_right=0, broken=0, repaired=1, stayed_wrong=0)
    """
    walk = _walk(chain, text)
    pairs = [(walk.first[i], each.right) for i, each in enumerate(walk.standing)]
    return Fates(*(pairs.count(pair) for pair in ((True, True), (True, False), (False, True), (False, False))))


def left_out(chain: Chain, text: str) -> tuple[Operation, ...]:
    """The operations of a chain that no step of a solution does, however wrongly.

    Example:
        >>> from lemma_hf.world.sums import read_chain
        >>> [str(operation) for operation in left_out(read_chain("825*23+50"), "825+50=875;####875")]
        ['*23']
    """
    steps = (read_chain_step(piece) for _, piece in _CUE_AND_PIECE.findall(text))
    done = {step.operation for step in steps if step}
    return tuple(operation for operation in chain.operations if operation not in done)


def _walk(chain: Chain, text: str) -> "_Walk":
    walk = _Walk(chain)
    for cue, piece in _CUE_AND_PIECE.findall(text):
        step = read_chain_step(piece)
        if cue.startswith("?") and walk.standing:
            walk.start_afresh()
        if step is None:
            continue
        if cue.startswith("!") and walk.standing:
            walk.redo(step)
        else:
            walk.go_on(step)
    return walk


@dataclass(frozen=True, slots=True)
class _Standing:
    """A step of the solution that no turn has taken back so far."""

    operation: Operation
    right: bool
    again: bool
    """Whether it was done again, behind a cue."""


class _Walk:
    """Walk through a solution, equation by equation."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.counts = Turns()
        self.standing: list[_Standing] = []
        self.first: dict[int, bool] = {}
        """Whether a step was right when it was first written, by its place."""
        self.doubted: bool | None = None
        """Where a `?` started this attempt: whether the one before it was right as far as it went."""

    def go_on(self, step: ChainStep, again: bool = False) -> None:
        place = len(self.standing)
        self.standing.append(_Standing(step.operation, self._is_right(place, step), again))
        self.first.setdefault(place, self.standing[-1].right)

    def redo(self, step: ChainStep) -> None:
        """Take back the last step with the same operation and all behind it.

        Without one it was the next step, of which nothing is taken back, or it is taken for the last step again.
        """
        last = self.standing[-1]
        found = (i for i in reversed(range(len(self.standing))) if self.standing[i].operation == step.operation)
        position = next(found, -1)
        if position < 0 and self._is_next(step):
            self.counts += _turn(last.right, last.right)
            self.go_on(step)
            return
        position = position if position >= 0 else len(self.standing) - 1
        before = all(each.right for each in self.standing[position:])
        del self.standing[position:]
        self.go_on(step, again=True)
        self.counts += _turn(before, self.standing[-1].right)

    def start_afresh(self) -> None:
        right = all(each.right for each in self.standing)
        self._judge_restart(right)
        self.doubted, self.standing = right, []

    def end(self) -> Turns:
        wrong = [each for each in self.standing if not each.right]
        self._judge_restart(not wrong and len(self.standing) == len(self.chain.operations))
        kept = sum(each.right and not each.again for each in self.standing)
        return self.counts + Turns(missed=len(wrong), kept=kept)

    def _judge_restart(self, right: bool) -> None:
        if self.doubted is not None:
            self.counts += _turn(self.doubted, right)

    def _is_next(self, step: ChainStep) -> bool:
        place, operations = len(self.standing), self.chain.operations
        return place < len(operations) and step.operation == operations[place]

    def _is_right(self, position: int, step: ChainStep) -> bool:
        operations = self.chain.operations
        in_turn = position < len(operations) and step.operation == operations[position]
        return in_turn and step.operation(step.value) == step.result


def _turn(before: bool, after: bool) -> Turns:
    if before:
        return Turns(right_to_right=1) if after else Turns(right_to_wrong=1)
    return Turns(wrong_to_right=1) if after else Turns(wrong_to_wrong=1)
