"""Text of items for a terminal: spans with their labels and weights, in color if wanted."""

import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping

from lemma_hf.records import Outcome, SpanKind
from lemma_hf.show.items import WEIGHTS, Item, Part, shorten_parts
from lemma_hf.utils.redaction import escape_invisible, one_line

_Paint = Callable[[str, str], str]

_COLORS = {
    SpanKind.REASONING: "36",
    SpanKind.ERROR: "31",
    SpanKind.REFLECTION: "35",
    SpanKind.CORRECTION: "32",
    None: "39",
}
_BOLD, _FAINT = "1", "2"
_LABEL = 16
"""Columns for kind and weight: as many as "reflection 0.25" takes, and one."""
_LONGEST = 4_000
"""Characters of one text: about one screen of a terminal, and `-o` writes a page for longer ones."""
_LONGEST_FACT = 200
"""Characters of an id or a fact in the heading, which should stay within two lines of a terminal."""


def terminal_text(
    items: Iterable[Item], *, weights: Mapping[SpanKind, float] = WEIGHTS, color: bool = False, width: int = 100
) -> str:
    """Format the items as text: each span with its kind and the weight of this kind in training.

    Args:
        color: whether to use ANSI colors; the text itself can hold none, since invisible characters are escaped.
        width: of the terminal, in characters.
    """
    paint = _ansi if color else _unpainted
    narrowest = _LABEL + 20  # columns: words still fit, and the text would have no room in a narrower terminal
    return "\n\n".join("\n".join(_lines(item, weights, paint, max(width, narrowest))) for item in items)


def _lines(item: Item, weights: Mapping[SpanKind, float], paint: _Paint, width: int) -> Iterator[str]:
    yield paint(_BOLD, one_line(item.id, _LONGEST_FACT)) + "".join(
        f"   {one_line(fact, _LONGEST_FACT)}" for fact in facts_of(item)
    )
    if item.question:
        yield from _block("problem", item.question, paint, _FAINT, width)
    for part in shorten_parts(item.parts, _LONGEST):
        yield from _block(part_label(part, weights), part.text, paint, _COLORS[part.kind], width)
    if item.grade is not None:
        yield from _block("verdict", verdict_text(item), paint, _BOLD, width)


def verdict_text(item: Item) -> str:
    """Format the verdict as a sentence: the answer read, the rule, and the reference it was compared with."""
    grade = item.grade
    if grade is None:
        return "not graded"
    read = "no answer was found" if grade.extracted is None else f"reads {grade.extracted}"
    against = f", reference {item.reference}" if item.reference else ""
    detail = f" ({grade.detail})" if grade.detail and grade.outcome is not Outcome.RIGHT else ""
    rule = f", by {grade.rule}" if grade.rule else ""
    return f"{str(grade.outcome).replace('_', ' ')}: {read}{rule}{against}{detail}"


def facts_of(item: Item) -> Iterator[str]:
    """What is known of the errors, and the columns by which items are grouped."""
    for error in item.errors:
        known = [error.type, error.strategy, error.origin]
        yield ", ".join(str(each).replace("_", " ") for each in known if each) or "error of unknown type"
    yield from item.groups.values()


def part_label(part: Part, weights: Mapping[SpanKind, float]) -> str:
    """The kind of a part and its weight in training."""
    return "output" if part.kind is None else f"{part.kind} {weights[part.kind]:g}"


def _block(label: str, text: str, paint: _Paint, color: str, width: int) -> Iterator[str]:
    lines = [
        piece
        for line in escape_invisible(text).strip("\n").split("\n")
        for piece in textwrap.wrap(line.expandtabs(4), width - _LABEL - 2, replace_whitespace=False) or [""]
    ]
    for number, line in enumerate(lines):
        margin = f"{label if number == 0 else '':<{_LABEL}}"
        yield f"{paint(color, f'{margin}│ {line}')}".rstrip()


def _ansi(code: str, text: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m"


def _unpainted(code: str, text: str) -> str:
    return text
