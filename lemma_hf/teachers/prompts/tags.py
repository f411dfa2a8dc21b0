r"""Tags of a model's reply, and what stands in them.

    <think>Step 1 holds …</think>           taken out
    Here is my verdict:                     passed over
    <step>3</step>                          step: 3
    <TYPE>calculation                       type: calculation; the end of the reply closes it

A small model may write the name of a tag as a heading (`**Reflection:** Wait, …`); that is read where there is no tag
at all, and each heading stands once.

Tags rather than JSON: in JSON the `\f` of `\frac` is a form feed, and no error is raised. A reply is
read as tolerantly as can be done without guessing, in time that grows with its length and no faster.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from lemma_hf.grading.claims import holds_marks, without_thoughts

TAGS = ("step", "type", "solution", "reflection", "correction")
"""All that our prompts ask for. In a text between tags none of them may stand: it would end up in the data."""

# "<step>", "</Step>", "< /type >", "<step/>", "**<step>**"; the asterisks of "**<step>2" are no part of a tag
_TAG = re.compile(
    rf"(?P<bold>\*\*(?=<[ /a-z]{{1,20}}>\*\*))?< ?(?P<end>/?) ?(?P<name>{'|'.join(TAGS)}) ?(?P<self>/?)>(?(bold)\*\*)",
    re.IGNORECASE,
)
# "Reflection: ", "**Step:** ", "## Correction:"
_HEADING = re.compile(rf"^[ \t#>*_]{{0,8}}({'|'.join(TAGS)})[*_]{{0,3}} ?:[*_]{{0,3}}", re.IGNORECASE | re.MULTILINE)
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


def read_tags(reply: str, wanted: Collection[str] = ()) -> tuple[Tagged, ...] | Unreadable:
    r"""Read the known tags of a reply, in order, those without content left out.

    A tag's content runs to its closing tag; where that is missing, to the next known tag or the end. A thought that
    never ends takes out all behind it, and a thought without an opening tag takes out all before it.

    Args:
        wanted: names that are read as headings too, where the reply has no tag at all; what stands behind a heading
            runs to the next one or the end. Where one stands twice, it could be part of the text: that is not read.

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
    if not found and not _TAG.search(text):
        headed = _headed(unfenced(text), wanted)
        if isinstance(headed, Unreadable):
            return headed
        found = headed
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
            yield Tagged(mark["name"].lower(), content)


def _headed(text: str, wanted: Collection[str]) -> tuple[Tagged, ...] | Unreadable:
    """What stands behind the headings of a reply; nothing where there are none."""
    heads = [head for head in _HEADING.finditer(text) if head[1].lower() in wanted]
    names = [head[1].lower() for head in heads]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        return Unreadable(f"it has no tags, and several headings `{twice.capitalize()}:`")
    ends = [*(head.start() for head in heads[1:]), len(text)]
    # Where there is no heading, there is no end of one either: `ends` is then longer.
    contents = [unfenced(text[head.end() : end]) for head, end in zip(heads, ends, strict=False)]
    return tuple(Tagged(name, content) for name, content in zip(names, contents, strict=True) if content)


def _next_of_same_tag(marks: list[re.Match[str]]) -> list[re.Match[str] | None]:
    """For each mark the next one of its tag."""
    found: list[re.Match[str] | None] = []
    latest: dict[str, re.Match[str]] = {}
    for mark in reversed(marks):
        found.append(latest.get(mark["name"].lower()))
        latest[mark["name"].lower()] = mark
    return found[::-1]


def _closes(mark: re.Match[str]) -> bool:
    """Whether a mark closes its tag: `</step>`, and `<step/>`, which some models write for it."""
    return bool(mark["end"] or mark["self"])


def unfenced(text: str) -> str:
    """Return `text` without white space and a Markdown code fence around it."""
    text = text.strip()
    inside = text[3:-3]
    if not (text.startswith("```") and text.endswith("```") and "\n" in inside and "```" not in inside):
        return text
    return inside.partition("\n")[2].strip()
