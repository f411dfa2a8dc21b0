"""Sentences of a text in which a turn may begin: cut at a cue in the middle, and code kept apart.

So far we have 15 + 30 = 45, but wait, maybe there is something wrong.
╰──────── a sentence ──────╯ ╰───────────── another one ─────────────╯
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from lemma_hf.solutions.cues import opens_turn
from lemma_hf.solutions.steps import split_lines, split_sentences

# "but wait, maybe" of "…45, but wait, maybe …"; "wait, no" of "… is 12 — wait, no, …"; a bare "wait, then" may be a
# part of the story, so what follows it has to speak of the work
_INNER_CUE = re.compile(
    r"""(?:(?<=[,;:.!?…)\]–—-]\s)|(?<=[—…]))
    (?:
        (?:(?:but|oh|no|hmm+|um+|uh)\b[,!.…]*\ ){1,2}(?:wait|hold\ on|hang\ on|oops)\b
        (?=\s*[,.!?…:;—–]|\ (?:no|i|that|this)\b)
      | (?:wait|hold\ on|hang\ on|oops)[,.!…:—–]+\ ?(?=(?:no|that|this|it|i|maybe|there|something|let|is|are|did)\b)
      | oops\b(?=\s*[,.!…])
      | but\ (?:that|this|it)(?:['’]s|\ is|\ was)\ (?:not\ (?:quite\ )?(?:right|correct)|wrong|incorrect)\b
      | but\ (?:that|this|it)\ (?:can['’]t|cannot|doesn['’]t|does\ not|isn['’]t)
        \ (?:be|look|seem|make|add)\ (?:right|correct|sense|up)\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)
# "But, " of "But, wait, let's pause": no sentence of its own
_ONLY_FILLERS = re.compile(
    r"""[\s"'(*_]*(?:(?:but|oh|ah|no|okay|ok|well|so|and|hm+|um+|uh)\b[\s,.!?…—–-]*)*""", re.IGNORECASE
)
_LONGEST_FILLERS = 40
"""Characters within which a beginning can be fillers only: "But oh no, hmm, " has 16."""
_LONGEST_BEGINNING = 400
"""Characters of a sentence in which its cue is looked for, as in `lemma_hf.solutions.cues`."""
# "```python"; an answer that is set as JSON or Markdown is text of the solution
_FENCE = re.compile(r"\s*```(?!\s*(?:json|markdown|md|text|latex|tex)\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with the white space behind it, or a line of a block of code."""

    text: str
    code: bool = False
    """Whether it is code or its output, in which no words turn."""

    @property
    def ends_line(self) -> bool:
        """Whether a line ends with it."""
        return self.text.endswith("\n")


def turn_sentences(text: str) -> list[Sentence]:
    """Cut a text into sentences in which a turn can only stand at the beginning; joined they are `text` again.

    Example:
        >>> [sentence.text for sentence in turn_sentences("We have 15 + 30 = 45, but wait, that is wrong. It is 46.")]
        ['We have 15 + 30 = 45, ', 'but wait, that is wrong. ', 'It is 46.']
    """
    return list(_sentences(split_lines(text)))


def _sentences(lines: list[str]) -> Iterator[Sentence]:
    fences = [number for number, line in enumerate(lines) if _FENCE.match(line)]
    # A fence without its partner closes nothing: what follows is text.
    code = {number for begin, end in zip(fences[::2], fences[1::2], strict=False) for number in range(begin, end + 1)}
    for number, line in enumerate(lines):
        if number in code:
            yield Sentence(line, code=True)
            continue
        for sentence in split_sentences(line):
            yield from map(Sentence, _cut_at_cues(sentence))


def _cut_at_cues(sentence: str) -> list[str]:
    starts = [0]
    for cue in _INNER_CUE.finditer(sentence):
        # A cue stands in the first words; the bound keeps a sentence of a thousand cues cheap.
        before = sentence[starts[-1] : min(cue.start(), starts[-1] + _LONGEST_BEGINNING)]
        filler = len(before) <= _LONGEST_FILLERS and _ONLY_FILLERS.fullmatch(before)
        if not filler and not opens_turn(before):
            starts.append(cue.start())
    return [sentence[start:end] for start, end in pairwise([*starts, len(sentence)])]
