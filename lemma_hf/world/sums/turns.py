"""What did a student do at each step of a chain, and did its second thoughts help?

    825*23=951;!,5*3+0=15|…|825*23=975;975*50=750;750+83=833;####833
    ╰─ wrong ──╯╰────── right ────────╯╰─ right ─╯╰─ right ─╯

A step is one equation; a turn is a `!` with the equation before it and the one after it. A `?` starts afresh.
"""

import re
from dataclasses import dataclass, fields

from lemma_hf.world.sums.chain import Chain
from lemma_hf.world.sums.oracle import Step, read_step, split

_FIX, _RESTART = re.compile(r"!+"), re.compile(r"\?+")


@dataclass(frozen=True, slots=True)
class Turns:
    """Counts over the steps and turns of solutions; they add up with `+`."""

    wrong_to_right: int = 0
    """Repaired: a wrong step, and a right one after the cue."""
    wrong_to_wrong: int = 0
    right_to_right: int = 0
    """A needless turn that did no harm."""
    right_to_wrong: int = 0
    """Over-correction: a right step, and a wrong one after the cue."""
    missed: int = 0
    """Wrong steps that no cue followed, the steps that only pass an earlier mistake on not counted."""

    def __add__(self, other: "Turns") -> "Turns":
        return Turns(*(getattr(self, item.name) + getattr(other, item.name) for item in fields(self)))

    @property
    def reflections(self) -> int:
        """All turns."""
        return self.wrong_to_right + self.wrong_to_wrong + self.right_to_right + self.right_to_wrong


def count_turns(chain: Chain, text: str) -> Turns:
    """The turns of a solution, each equation judged by itself: does it do the operation whose turn it is, rightly?

    A step is judged from the value it starts from, so that a mistake counts once and not again in all that follows.
    """
    counts, position, before = Turns(), 0, None
    for piece in split(text):
        if _RESTART.match(piece):
            position, before = 0, None
        step, fixes = read_step(piece), bool(_FIX.match(piece)) and before is not None
        position -= fixes
        right = step is not None and _is_right(chain, position, step)
        if fixes:
            counts += _turn(bool(before), right)
        elif before is False:
            counts += Turns(missed=1)
        before = right if step else None
        position += step is not None
    return counts + Turns(missed=int(before is False))


def _is_right(chain: Chain, position: int, step: Step) -> bool:
    in_turn = position < len(chain.operations) and step.operation == chain.operations[position]
    return in_turn and step.operation(step.value) == step.result


def _turn(before: bool, after: bool) -> Turns:
    if before:
        return Turns(right_to_right=1) if after else Turns(right_to_wrong=1)
    return Turns(wrong_to_right=1) if after else Turns(wrong_to_wrong=1)
