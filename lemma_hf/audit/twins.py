"""Twins: rows that say what an earlier row of the same question says, or nearly so.

Two texts are nearly the same where they share at least 80 % of their phrases, which are five words in a row, whatever
the punctuation. Rows without a question are compared as wholes only: texts about different problems may look alike.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from lemma_hf.pipeline.decontaminate import words_of
from lemma_hf.records import question_key
from lemma_hf.show import Item

_PHRASE = 5
"""Words: shorter phrases are common to all solutions of a problem."""
_NEARLY = 0.8
"""Share of the phrases of both texts that stand in each."""
_LONGEST_READ = 20_000
"""Characters of a text that are read for phrases."""
_MOST_COMPARED = 20
"""Earlier rows of one question with which a row is compared, so that a thousand samples of it stay cheap."""


@dataclass(frozen=True, slots=True)
class Twin:
    """An earlier row that says the same."""

    id: str
    same: bool
    """Whether the texts are the same up to white space and case."""
    shared: float = 1.0
    """The share of phrases in common."""


def find_twins(items: Sequence[Item]) -> list[Twin | None]:
    """Find for each row the earlier row that says the same, or nearly so; None where there is none.

    Example:
        >>> from lemma_hf.show import Part
        >>> rows = [Item(name, (Part(None, "24 - 9 = 15"),), question="How many?") for name in "ab"]
        >>> find_twins(rows)
        [None, Twin(id='a', same=True, shared=1.0)]
    """
    first_of: dict[tuple[str, str], str] = {}
    earlier: defaultdict[str, list[tuple[str, frozenset[int]]]] = defaultdict(list)
    counts: defaultdict[str, int] = defaultdict(int)
    for item in items:
        counts[question_key(item.question)] += 1
    found: list[Twin | None] = []
    for item in items:
        question = question_key(item.question)
        said = question, question_key(item.text.lower())
        known = first_of.setdefault(said, item.id)
        if known != item.id:
            found.append(Twin(known, same=True))
        elif not question or counts[question] == 1:
            found.append(None)
        else:
            phrases = _phrases(item.text)
            found.append(_nearest(phrases, earlier[question]))
            if len(earlier[question]) < _MOST_COMPARED:
                earlier[question].append((item.id, phrases))
    return found


def _nearest(phrases: frozenset[int], others: Sequence[tuple[str, frozenset[int]]]) -> Twin | None:
    shares = [(len(phrases & other) / max(1, len(phrases | other)), name) for name, other in others]
    share, name = max(shares, default=(0.0, ""), key=lambda each: each[0])
    return Twin(name, same=False, shared=share) if share >= _NEARLY else None


def _phrases(text: str) -> frozenset[int]:
    # Python's own hashes: they are compared within one process, and only for being equal.
    words = words_of(text[:_LONGEST_READ])
    return frozenset(hash(tuple(words[at : at + _PHRASE])) for at in range(max(1, len(words) - _PHRASE + 1)))
