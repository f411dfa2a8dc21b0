"""HTML for texts of visitors: escaped, with invisible characters made visible."""

from collections.abc import Iterable
from html import escape

from lemma_hf.metrics.space._rules import rule_parts
from lemma_hf.records import Grade, Outcome
from lemma_hf.utils.redaction import escape_html

_BEFORE, _AFTER = 2_000, 800
"""Characters that are shown before and after a claim: its reasoning stands before it."""
_LONGEST_VALUE = 300
"""Characters of an answer or a reason in the list of facts, where it should take a few lines at most."""

OUTCOMES = {
    Outcome.RIGHT: ("✓", "Right"),
    Outcome.WRONG: ("✗", "Wrong"),
    Outcome.NO_ANSWER: ("–", "No answer"),
    Outcome.UNREADABLE_REFERENCE: ("?", "Unreadable reference"),
    Outcome.TIMEOUT: ("⏱", "No verdict in time"),
}
"""Sign and name of each outcome: many readers cannot tell outcomes by color alone."""


def value(text: str | None) -> str:
    """Format an answer as a short `<code>`; None becomes the word "nothing"."""
    if text is None:
        return '<span class="quiet">nothing</span>'
    shown = text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
    return f"<code>{escape_html(shown)}</code>"


def _facts(rows: Iterable[tuple[str, str]]) -> str:
    """Format a list of names (plain text) and values (HTML); those without a value are left out."""
    pairs = "".join(f"<div><dt>{escape(name)}</dt><dd>{html}</dd></div>" for name, html in rows if html)
    return f"<dl>{pairs}</dl>"


def grade_facts(grade: Grade) -> str:
    """List the facts behind a verdict: both answers, the rules, the reason and the time."""
    rules = "".join(
        f"<li><code>{escape_html(part)}</code> {escape_html(meaning)}</li>"
        for part, meaning in rule_parts(grade.rule[:_LONGEST_VALUE])
    )
    return _facts(
        (
            ("Extracted answer", value(grade.extracted)),
            ("Reference answer", value(grade.reference)),
            ("Rules", f"<ul>{rules}</ul>" if rules else ""),
            ("Reason", escape_html(grade.detail[:_LONGEST_VALUE])),
            ("Time", _duration(grade.seconds)),
        )
    )


def marked(text: str, span: tuple[int, int] | None) -> str:
    """Mark a stretch of a text, and leave out the text far from it."""
    start, end = span or (len(text), len(text))
    end = min(end, start + _BEFORE)
    first, last = max(0, start - _BEFORE), min(len(text), end + _AFTER)
    middle = f"<mark>{escape_html(text[start:end])}</mark>" if start < end else ""
    before = f"{_left_out(first)}{escape_html(text[first:start])}"
    return f"{before}{middle}{escape_html(text[end:last])}{_left_out(len(text) - last)}"


def panel(kind: str, sign: str, title: str, inside: str) -> str:
    """Frame a whole verdict, in a region that screen readers announce.

    Args:
        kind: a class of the style sheet.
        sign: shown before the title, for eyes only.
        title: plain text.
        inside: HTML.
    """
    head = f'<h2><span aria-hidden="true">{escape(sign)}</span> {escape(title)}</h2>'
    return f'<section class="lemma-verdict {escape(kind)}" role="status">{head}{inside}</section>'


def text_box(title: str, html: str) -> str:
    """Frame a text (as HTML) under a title, in a box that the keyboard can scroll."""
    return f'<h3>{escape(title)}</h3><pre tabindex="0" aria-label="{escape(title)}">{html}</pre>'


def _left_out(count: int) -> str:
    return f'<span class="quiet">… {count:,} characters …</span>' if count > 0 else ""


def _duration(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"
