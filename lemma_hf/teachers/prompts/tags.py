r"""Tags of a model's reply, and what stands in them.

    <think>Step 1 holds …</think>           taken out
    Here is my verdict:                     passed over
    <step>3</step>                          step: 3
    <TYPE>calculation                       type: calculation; the end of the reply closes it

Tags rather than JSON: in JSON the `\f` of `\frac` is a form feed, and no error is raised. A reply is
read as tolerantly as can be done without guessing, in time that grows with its length and no faster.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lemma_hf.grading.claims import holds_marks, without_thoughts

TAGS = ("step", "type", "solution", "reflection", "correction")
"""All that our prompts ask for. In a text between tags none of them may stand: it would end up in the data."""

# "<step>", "</Step>", "< /type >", "<step/>"
_TAG = re.compile(rf"< ?(/?) ?({'|'.join(TAGS)}) ?(/?)>", re.IGNORECASE)
# a form feed, a lone surrogate
_NO_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
"""What a broken encoding leaves: `\\frac` read as JSON begins with a form feed, half an emoji is a lone surrogate."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A reply that is not in the form that was asked for."""

    why: str


@dataclass(frozen=True, slots=True)
class Tagged:
    """A tag with what stands in it, never empty: stripped, and without a code fence around it."""

    tag: str
    text: str


def read_tags(reply: str) -> tuple[Tagged, ...] | Unreadable:
    r"""Read the known tags of a reply, in order, those without content left out.

    A tag's content runs to its closing tag; where that is missing, to the next known tag or the end. A thought that
    never ends takes out all behind it, and a thought without an opening tag takes out all before it.

    Example:
        >>> read_tags("Step 2 adds wrongly.\n<step>2</step> <type>calculation")
        (Tagged(tag='step', text='2'), Tagged(tag='type', text='calculation'))
        >>> read_tags("<think>2 or 3? <step>2</step>")
        Unreadable(why='it has no tags, only a thought that does not end')
    """
    text = without_thoughts(reply.replace("\r\n", "\n").replace("\r", "\n"))
    if odd := _NO_TEXT.search(text):
        return Unreadable(f"it holds the character U+{ord(odd[0]):04X}, which stands in no text")
    found = tuple(_tagged(text))
    if found:
        return found
    if holds_marks(reply) and not text.strip():
        return Unreadable("it has no tags, only a thought that does not end")
    return Unreadable("it has no tags with anything in them, only talk" if text.strip() else "it is empty")


def stray_tag(text: str) -> str | None:
    """Find a known tag that stands in `text`, as written."""
    found = _TAG.search(text)
    return found[0] if found else None


def _tagged(text: str) -> Iterator[Tagged]:
    marks = list(_TAG.finditer(text))
    for place, (mark, same) in enumerate(zip(marks, _next_of_same_tag(marks), strict=True)):
        if _closes(mark):
            continue
        ends = [same] if same is not None and _closes(same) else marks[place + 1 : place + 2]
        if content := unfenced(text[mark.end() : ends[0].start() if ends else len(text)]):
            yield Tagged(mark[2].lower(), content)


def _next_of_same_tag(marks: list[re.Match[str]]) -> list[re.Match[str] | None]:
    """For each mark the next one of its tag."""
    found: list[re.Match[str] | None] = []
    latest: dict[str, re.Match[str]] = {}
    for mark in reversed(marks):
        found.append(latest.get(mark[2].lower()))
        latest[mark[2].lower()] = mark
    return found[::-1]


def _closes(mark: re.Match[str]) -> bool:
    """Whether a mark closes its tag: `</step>`, and `<step/>`, which some models write for it."""
    return bool(mark[1] or mark[3])


def unfenced(text: str) -> str:
    """Return `text` without white space and a Markdown code fence around it."""
    text = text.strip()
    inside = text[3:-3]
    if not (text.startswith("```") and text.endswith("```") and "\n" in inside and "```" not in inside):
        return text
    return inside.partition("\n")[2].strip()
