"""Doubts: where a row turns, the step that each turn doubts, and what follows it.

since     "4 * 6 = 24 pens. 24 - 9 = 16 are left. "             from the turn before, or from the beginning
before    "24 - 9 = 16 are left. "                              the last step of it: what the turn doubts
after     "Wait, that is not right. 24 - 9 = 15."               to the next turn, or to the end
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

from lemma_hf.grading.claims import with_marks_blank
from lemma_hf.records import SpanKind
from lemma_hf.show import Item
from lemma_hf.solutions import split_steps, turn_offsets

MAX_CHARACTERS = 4000
"""Read of each stretch, as of a step of a solution; what stands further from the turn says little about it."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A turn, by the stretches of text around it."""

    before: str
    """The doubted step."""
    after: str
    """From the turn to the next one, or to the end; of a row with spans without the error that follows."""
    since: str = ""
    """All from the turn before, or from the beginning; the doubted step is its end."""


def find_doubts(item: Item) -> tuple[Doubt, ...]:
    """The turns of a row: by its spans where it has some, else by its words.

    Example:
        >>> from lemma_hf.show import Part
        >>> (doubt,) = find_doubts(Item("a", (Part(None, "4 * 6 = 24. 24 - 9 = 16. Wait, no. 24 - 9 = 15."),)))
        >>> doubt.before, doubt.after
        ('24 - 9 = 16. ', 'Wait, no. 24 - 9 = 15.')
    """
    text = with_marks_blank(item.text)
    if not item.turns:
        places = (0, *turn_offsets(text), len(text))
        stretches = [text[begin:end] for begin, end in pairwise(places)]
        return tuple(Doubt(_last_step(since), after, since) for since, after in pairwise(stretches))
    ends = (0, *accumulate(len(part.text) for part in item.parts))
    turns = [at for at, part in enumerate(item.parts) if part.kind is SpanKind.REFLECTION]
    return tuple(
        Doubt(
            item.parts[at - 1].text if at else "",
            "".join(_until_next_error(item, at)),
            text[ends[last] : ends[at]],
        )
        for last, at in pairwise((0, *turns))
    )


def _last_step(text: str) -> str:
    steps = split_steps(text[-MAX_CHARACTERS:])
    return steps[-1] if steps else ""


def _until_next_error(item: Item, at: int) -> Iterator[str]:
    for part in item.parts[at:]:
        if part.kind is SpanKind.ERROR:
            return
        yield part.text


__all__ = ["MAX_CHARACTERS", "Doubt", "find_doubts"]
