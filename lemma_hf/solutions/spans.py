"""Spans of a plain text: error, reflection and correction, found by the words of the turn.

The published LEMMA rows carry no spans, only text in which a phrase opens the turn:

    Each box holds 6 pens, so there are 4 * 6 = 24 pens.        REASONING
    After giving away 9 there are 24 - 9 = 16 pens left.        ERROR        the last step before the turn
    Wait, that's not right. Let me subtract again.              REFLECTION   from the cue, while it is about the mistake
    24 - 9 = 15, so 15 pens are left. The answer is: 15         CORRECTION   from where the new reasoning begins

What has no such shape is said to have none. All of it is rules on words: a reading, not knowledge. A thinking trace
halts at every other step and mostly finds nothing, so it is read only where it says that something is wrong.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, takewhile

from lemma_hf.grading.claims import holds_marks, with_marks_blank
from lemma_hf.records import Dropped, DropReason, Span, SpanKind
from lemma_hf.solutions._sentences import Sentence, turn_sentences
from lemma_hf.solutions.cues import (
    asks,
    denies_what_it_quotes,
    muses,
    names_mistake,
    opens_turn,
    reasons,
    refutes,
    restates,
    sets_right,
    starts_anew,
    still_reflects,
)
from lemma_hf.solutions.steps import split_sentences, split_steps

__all__ = ["corrects_itself", "segment", "split_steps"]

# "Once more: " of "Once more: He has 24 - 9 = 15."
_INTRODUCTION = re.compile(r"[^:=]{1,80}:\s+(?=[A-Z\d$(])")
# ", and " of "4 * 6 = 24, and 24 - 9 = 16.": two steps in one sentence
_CLAUSE_END = re.compile(r"[,;]\s+(?=(?:and|so|then|thus|hence|therefore|which)\b)")
# "\boxed{62}", "putting it together, the final answer is 62"
_CLAIM = re.compile(r"\\boxed\b|\banswer is\b")
# "3600", "1,350", "7.50"
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_LONGEST_ASIDE = 4
"""Sentences behind a cue within which the turn may go on after a remark; what comes later is no part of it."""
_LONGEST_LEAD = 3
"""Questions and restatements before a cue that still belong to it; more of them are a passage of its own."""
_FIRST_WORDS = 3
"""Sentences within which a thinking trace shows that it is one: "Okay. So the problem is this. Where do I start?"."""
_MANY_HALTS = 5
"""Cues that name no mistake, from which on a text is a thinking trace: a solution corrects a mistake or two."""


@dataclass(frozen=True, slots=True)
class _Turn:
    """A turn as offsets in the text: its error, its reflection, and the end of the reflection."""

    error: int
    begin: int
    end: int


def segment(text: str, item_id: str = "") -> tuple[Span, ...] | Dropped:
    """Find the spans of a text that corrects itself; joined they are `text` again.

    A further turn counts as a further error where it says that something else is wrong, and else as part of the
    correction it stands in: "Hmm, let me check: 3 * 5 = 15." doubts no step. The last step of the doubted correction is
    then the further error. A correction of a single step that is doubted as a whole corrects nothing: with the
    reflection that led to it, it is a part of the error, which the next reflection notices. So a step that the text
    takes back is never called right.

    Args:
        text: a whole solution, prompt not included.
        item_id: the id of the `Dropped` record, where there are no spans.

    Returns:
        The spans, or why there are none: NO_REFLECTION where no cue was found, or in a thinking trace none that says
        that something is wrong; SPANS_LOST where one was found with nothing before it, or nothing behind it.

    Example:
        >>> [span.text for span in segment("2 + 2 = 5. Wait, that is wrong. 2 + 2 = 4. The answer is: 4")]
        ['2 + 2 = 5. ', 'Wait, that is wrong. ', '2 + 2 = 4. The answer is: 4']
    """
    plain = with_marks_blank(text)  # "<think>Wait, …" begins with "Wait"
    sentences = [part for sentence in turn_sentences(plain) for part in _parts(sentence)]
    opening = [number for number, sentence in enumerate(sentences) if _opens(sentence)]
    if not opening:
        return Dropped(item_id, "segment", DropReason.NO_REFLECTION, "no phrase that opens a turn was found")
    thinking = holds_marks(text) or _is_trace(sentences, opening)
    turns = _turns(sentences, thinking)
    if not turns and thinking:
        detail = "a thinking trace that says of no step that it is wrong"
        return Dropped(item_id, "segment", DropReason.NO_REFLECTION, detail)
    if not turns:
        return Dropped(item_id, "segment", DropReason.SPANS_LOST, "the text begins with its reflection")
    offsets = [0, *accumulate(len(sentence.text) for sentence in sentences)]
    cuts = [(offsets[begin], offsets[end]) for begin, end in turns]
    if not text[cuts[-1][1] :].strip():
        return Dropped(item_id, "segment", DropReason.SPANS_LOST, "nothing follows the reflection")
    return tuple(span for span in _cut(text, cuts, thinking) if span.text)


def corrects_itself(text: str) -> bool:
    """Whether a text shows all of a self-correction: an error, a reflection and a correction, by its English words.

    The strictest of the four answers to "does it turn?", see `lemma_hf.solutions`.

    Example:
        >>> corrects_itself("2 + 2 = 5. Wait, that is wrong. 2 + 2 = 4."), corrects_itself("2 + 2 = 4.")
        (True, False)
    """
    return not isinstance(segment(text), Dropped)


def _is_trace(sentences: Sequence[Sentence], opening: Sequence[int]) -> bool:
    """Whether a text thinks aloud: it begins by speaking to itself, or halts again and again."""
    first = takewhile(lambda sentence: not _reasons(sentence), sentences[:_FIRST_WORDS])
    return (
        any(muses(sentence.text) for sentence in first)
        or sum(not names_mistake(sentences[at].text) for at in opening) >= _MANY_HALTS
    )


def _turns(sentences: Sequence[Sentence], thinking: bool) -> list[tuple[int, int]]:
    """First sentence of each turn, and the one behind its last.

    Args:
        thinking: whether only a turn counts that says that something is wrong.
    """
    turns: list[tuple[int, int]] = []
    wrong = ""  # the result of the last error
    since: set[str] = set()  # the numbers computed behind the last turn
    worked = False  # whether anything stands behind the last turn that can be doubted
    at = 0
    while at < len(sentences):
        opens = _opens(sentences[at]) and not (turns and not worked and sets_right(sentences[at].text))
        end = _end_of_turn(sentences, at) if opens else at + 1
        passage = sentences[at:end]
        begin = _begin_of_turn(sentences, at, turns[-1][1] if turns else 0, thinking) if opens else at
        doubts = opens and any(refutes(sentences[i].text, sentences[i - 1].text if i else "") for i in range(at, end))
        if opens and turns and not worked and (doubts or end < len(sentences)):
            # Nothing was computed since the last turn: the same turn takes a second run-up.
            turns[-1] = (turns[-1][0], end)
        elif (
            opens
            and worked
            and (doubts or not (turns or thinking))
            and not _recalls(sentences, begin, end, wrong, since)
        ):
            turns.append((begin, end))
            wrong, since, worked = _result(sentences[begin - 1]), set(), False
        else:
            worked = worked or any(_can_be_doubted(each, thinking or bool(turns)) for each in passage)
            since.update(number for each in passage if reasons(each.text) for number in _numbers(each))
        at = end
    return turns


def _recalls(sentences: Sequence[Sentence], begin: int, end: int, wrong: str, since: set[str]) -> bool:
    """Whether a turn speaks of the last error again: "But why did I write 3600? That was a mistake."."""
    spoken = (each for each in sentences[max(0, begin - 1) : end] if not reasons(each.text))
    return bool(wrong) and wrong not in since and any(wrong in _numbers(each) for each in spoken)


def _result(sentence: Sentence) -> str:
    """The last number of a sentence, or nothing: of a claim or an equation it is the result."""
    return next(reversed(_numbers(sentence)), "")


def _opens(sentence: Sentence) -> bool:
    return not sentence.code and opens_turn(sentence.text)


def _reasons(sentence: Sentence) -> bool:
    return sentence.code or reasons(sentence.text)


def _can_be_doubted(sentence: Sentence, strictly: bool) -> bool:
    """Whether a turn may be about the sentence: a step or, where not `strictly`, any statement."""
    if _reasons(sentence) or _CLAIM.search(sentence.text):
        return True
    return not strictly and bool(sentence.text.strip()) and not _is_talk(sentence)


def _is_talk(sentence: Sentence) -> bool:
    return asks(sentence.text) or opens_turn(sentence.text)


def _numbers(sentence: Sentence) -> list[str]:
    return [number.rstrip(",").replace(",", "") for number in _NUMBER.findall(sentence.text)]


def _begin_of_turn(sentences: Sequence[Sentence], cue: int, floor: int, thinking: bool) -> int:
    """The beginning of a turn: its cue, or the questions and doubts before it, in a trace also the problem restated."""
    begin = cue
    while begin > max(floor + 1, cue - _LONGEST_LEAD) and _leads_to_turn(sentences[begin - 1], thinking):
        begin -= 1
    return begin


def _leads_to_turn(sentence: Sentence, thinking: bool) -> bool:
    if sentence.code or reasons(sentence.text):
        return False
    return asks(sentence.text) or refutes(sentence.text) or (thinking and restates(sentence.text))


def _end_of_turn(sentences: Sequence[Sentence], begin: int) -> int:
    """The end of a turn, which is about the mistake or the plan: at most the next step of reasoning."""
    end = begin + 1
    # A mere halt ("Wait a moment.") takes in the sentence behind it in its line, which says why.
    if not sentences[begin].ends_line and not names_mistake(sentences[begin].text) and _may_reflect(sentences, end):
        end += 1
    for at in range(end, min(end + _LONGEST_ASIDE, len(sentences))):
        if not _may_reflect(sentences, at):
            break
        if still_reflects(sentences[at].text):
            end = at + 1
    return _end_at_new_start(sentences, end)


def _end_at_new_start(sentences: Sequence[Sentence], end: int) -> int:
    """The end of the line where it closes with "Let's rethink this.": what stands before is why, not a new step."""
    if sentences[end - 1].ends_line:
        return end
    for at in range(end, min(end + _LONGEST_ASIDE, len(sentences) - 1)):
        if sentences[at].ends_line:
            return at + 1 if starts_anew(sentences[at].text) else end
    return end


def _may_reflect(sentences: Sequence[Sentence], at: int) -> bool:
    """Whether a sentence may belong to a turn: it takes no step, and is not the last, to which the turn leads."""
    if at + 1 >= len(sentences) or sentences[at].code:
        return False
    return not reasons(sentences[at].text) or denies_what_it_quotes(sentences[at].text)


def _parts(sentence: Sentence) -> tuple[Sentence, ...]:
    """The sentence, or two where the turn introduces the new step with a colon: "Once more: He has 24 - 9 = 15."."""
    text = sentence.text
    head = None if sentence.code else _INTRODUCTION.match(text)
    if head is None or not still_reflects(head[0]) or not reasons(text):
        return (sentence,)
    return Sentence(head[0]), Sentence(text[head.end() :])


def _cut(text: str, cuts: Sequence[tuple[int, int]], thinking: bool) -> Iterator[Span]:
    """Cut `text` at the turns, given as offsets; the step before a turn is its error. The first span may be empty."""
    kind, start = SpanKind.REASONING, 0
    for turn in _with_errors(text, cuts, thinking):
        yield Span(kind, text[start : turn.error])
        yield Span(SpanKind.ERROR, text[turn.error : turn.begin])
        yield Span(SpanKind.REFLECTION, text[turn.begin : turn.end])
        kind, start = SpanKind.CORRECTION, turn.end
    yield Span(kind, text[start:])


def _with_errors(text: str, cuts: Sequence[tuple[int, int]], thinking: bool) -> list[_Turn]:
    """The turns with the step that each of them doubts, see `segment` for a correction that is doubted as a whole."""
    turns: list[_Turn] = []
    for begin, end in cuts:
        start = turns[-1].end if turns else 0
        error = begin - len(_last_step(text[start:begin], thinking, split=bool(turns)))
        if turns and not text[start:error].strip():
            turns[-1] = _Turn(turns[-1].error, begin, end)
        else:
            turns.append(_Turn(error, begin, end))
    return turns


def _last_step(text: str, thinking: bool, split: bool) -> str:
    """The last step of `text`: a line, or a sentence where the line goes on behind it or holds a train of thought.

    Args:
        split: whether a step that is all of `text` is cut into its sentences or clauses, if it has several.
    """
    step = split_steps(text)[-1]
    if "```" in step:
        return step
    if thinking or not step.endswith("\n") or (split and len(step) == len(text)):
        step = split_sentences(step)[-1]
    return _last_clause(step) if split and len(step) == len(text) else step


def _last_clause(step: str) -> str:
    """The last of several clauses that each take a step, else all: "and 24 - 9 = 16." of "4 * 6 = 24, and …"."""
    starts = [clause.end() for clause in _CLAUSE_END.finditer(step)]
    last = starts[-1] if starts else 0
    return step[last:] if reasons(step[:last]) and reasons(step[last:]) else step
