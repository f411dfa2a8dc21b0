"""Spans of a plain text: error, reflection and correction, found by the words of the turn.

The published LEMMA rows carry no spans, only text in which a phrase opens the turn:

    Each box holds 6 pens, so there are 4 * 6 = 24 pens.        REASONING
    After giving away 9 there are 24 - 9 = 16 pens left.        ERROR        the last step before the turn
    Wait, that's not right. Let me subtract again.              REFLECTION   from the cue, while it is about the mistake
    24 - 9 = 15, so 15 pens are left. The answer is: 15         CORRECTION   from where the new reasoning begins

What has no such shape is said to have none. All of it is rules on words: a reading, not knowledge.
"""

import re
from collections.abc import Sequence
from itertools import accumulate

from lemma_hf.grading.claims import with_marks_blank
from lemma_hf.records import Dropped, DropReason, Span, SpanKind
from lemma_hf.solutions.cues import names_mistake, opens_turn, reasons, still_reflects
from lemma_hf.solutions.steps import split_lines, split_sentences, split_steps

__all__ = ["corrects_itself", "segment", "split_steps"]

# "Once more: " of "Once more: He has 24 - 9 = 15."
_INTRODUCTION = re.compile(r"[^:=]{1,80}:\s+(?=[A-Z])")
_LONGEST_ASIDE = 4
"""Sentences behind a cue within which the turn may go on after a remark; what comes later is no part of it."""


def segment(text: str, item_id: str = "") -> tuple[Span, ...] | Dropped:
    """Find the spans of a text that corrects itself; joined they are `text` again.

    A further turn counts as a further error where it names a mistake, and else as part of the correction it stands in:
    "Hmm, let me check: 3 * 5 = 15." doubts no step.

    Args:
        text: a whole solution, prompt not included.
        item_id: the id of the `Dropped` record, where there are no spans.

    Returns:
        The spans, or why there are none: NO_REFLECTION where no cue was found, SPANS_LOST where one was found with
        nothing before it, or nothing behind it.

    Example:
        >>> [span.text for span in segment("2 + 2 = 5. Wait, that is wrong. 2 + 2 = 4. The answer is: 4")]
        ['2 + 2 = 5. ', 'Wait, that is wrong. ', '2 + 2 = 4. The answer is: 4']
    """
    plain = with_marks_blank(text)  # "<think>Wait, …" begins with "Wait"
    sentences = [part for line in split_lines(plain) for sentence in split_sentences(line) for part in _parts(sentence)]
    offsets = [0, *accumulate(map(len, sentences))]
    turns = [(offsets[begin], offsets[end]) for begin, end in _turns(sentences)]
    if not turns:
        return Dropped(item_id, "segment", DropReason.NO_REFLECTION, "no phrase that opens a turn was found")
    if not text[: turns[0][0]].strip():
        return Dropped(item_id, "segment", DropReason.SPANS_LOST, "the text begins with its reflection")
    if not text[turns[-1][1] :].strip():
        return Dropped(item_id, "segment", DropReason.SPANS_LOST, "nothing follows the reflection")
    spans = _cut(text, turns)
    if not all(span.text for span in spans[1:]):
        return Dropped(item_id, "segment", DropReason.SPANS_LOST, "a correction is itself doubted as a whole")
    return spans if spans[0].text else spans[1:]


def corrects_itself(text: str) -> bool:
    """Whether a text shows all of a self-correction: an error, a reflection and a correction, by its English words.

    The strictest of the four answers to "does it turn?", see `lemma_hf.solutions`.

    Example:
        >>> corrects_itself("2 + 2 = 5. Wait, that is wrong. 2 + 2 = 4."), corrects_itself("2 + 2 = 4.")
        (True, False)
    """
    return not isinstance(segment(text), Dropped)


def _turns(sentences: Sequence[str]) -> list[tuple[int, int]]:
    """First sentence of each turn, and the one behind its last."""
    turns: list[tuple[int, int]] = []
    at = 0
    while at < len(sentences):
        if not opens_turn(sentences[at]):
            at += 1
            continue
        end = _end_of_turn(sentences, at)
        if not turns:
            turns.append((at, end))
        elif not any(map(reasons, sentences[turns[-1][1] : at])):
            # Nothing was computed since the last turn: the same turn takes a second run-up.
            turns[-1] = (turns[-1][0], end)
        elif any(map(names_mistake, sentences[at:end])):
            turns.append((at, end))
        at = end
    return turns


def _end_of_turn(sentences: Sequence[str], begin: int) -> int:
    """The end of a turn, which is about the mistake or the plan: at most the next step of reasoning."""
    end = begin + 1
    # A mere halt ("Wait a moment.") takes in the sentence behind it in its line, which says why.
    if not sentences[begin].endswith("\n") and not names_mistake(sentences[begin]) and _may_reflect(sentences, end):
        end += 1
    for at in range(end, min(end + _LONGEST_ASIDE, len(sentences))):
        if not _may_reflect(sentences, at):
            break
        if still_reflects(sentences[at]):
            end = at + 1
    return end


def _may_reflect(sentences: Sequence[str], at: int) -> bool:
    """Whether a sentence may belong to a turn: it is no reasoning, and not the last, to which the turn leads."""
    return at + 1 < len(sentences) and not reasons(sentences[at])


def _parts(sentence: str) -> tuple[str, ...]:
    """The sentence, or two where the turn introduces the new step with a colon: "Once more: He has 24 - 9 = 15."."""
    head = _INTRODUCTION.match(sentence)
    if head is None or not still_reflects(head[0]) or not reasons(sentence):
        return (sentence,)
    return head[0], sentence[head.end() :]


def _cut(text: str, turns: Sequence[tuple[int, int]]) -> tuple[Span, ...]:
    """Cut `text` at the turns, given as offsets; the step before each turn is its error. A span may come out empty."""
    spans: list[Span] = []
    kind, start = SpanKind.REASONING, 0
    for begin, end in turns:
        wrong = split_steps(text[start:begin])[-1]
        spans.append(Span(kind, text[start : begin - len(wrong)]))
        spans.append(Span(SpanKind.ERROR, wrong))
        spans.append(Span(SpanKind.REFLECTION, text[begin:end]))
        kind, start = SpanKind.CORRECTION, end
    return (*spans, Span(kind, text[start:]))
