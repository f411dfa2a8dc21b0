"""Report of an audit: a table for the terminal, and items for the page of `lemma_hf.show`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import TypeVar

from lemma_hf.audit.figures import Audit, Check
from lemma_hf.audit.rows import Audited, Fault
from lemma_hf.show import Item
from lemma_hf.utils.redaction import one_line

_Key = TypeVar("_Key", bound=StrEnum)
_WIDTH = 80
_LONGEST_ID = 40
"""Columns of an id, so that its reason has half of the line."""


def audit_text(audit: Audit, name: str, tokens: str = "words") -> str:
    """Format the figures as text of 80 columns.

    Args:
        name: of the file.
        tokens: what tokens are: `words`, or the name of a tokenizer.
    """
    return "\n".join(_lines(audit, name, tokens))


def _lines(audit: Audit, name: str, tokens: str) -> Iterator[str]:
    yield f"{one_line(name, _WIDTH)}: {_count(audit.rows, 'row')}, {_count(audit.questions, 'question')}"
    yield ""
    yield _line("rows that turn", audit.turning, audit.rows)
    yield _line("  with error, reflection and correction to train on", audit.by_spans, audit.turning)
    yield _line("turns", audit.turns)
    yield from _counts("behind", audit.behind, audit.turns, "  ")
    yield from _counts("known by", {k: n for k, n in audit.basis.items() if str(k) != "none"}, audit.turns, "    ")
    yield _line(f"{tokens} in reflections", audit.reflection_tokens, audit.tokens)
    yield ""
    yield _line("rows with a reference answer", audit.with_reference, audit.rows)
    yield from _counts("answer", {k: n for k, n in audit.effects.items() if str(k) != "none"}, audit.turning, "  ")
    yield ""
    yield "rows with faults"
    yield from _counts("", audit.faults, audit.rows, "  ")
    yield ""
    yield from map(_check_line, audit.checks)
    failed = [check.name for check in audit.checks if not check.passes]
    yield "passes" if not failed else f"does not pass: {', '.join(failed)}"
    if audit.suspicious:
        yield ""
        yield "most suspicious"
        yield from map(_suspect, audit.suspicious)


def _counts(lead: str, counts: Mapping[_Key, int], total: int, indent: str) -> Iterator[str]:
    for key, number in counts.items():
        yield _line(f"{indent}{lead} {_words(key)}" if lead else f"{indent}{_words(key)}", number, total)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what if number == 1 else what + 's'}"


def _words(label: object) -> str:
    return str(label).replace("_", " ")


def _line(label: str, number: int, of: int | None = None) -> str:
    share = f"{number / of:8.1%}" if of else ""
    return f"{label:<56}{number:>12,}{share}"


def _check_line(check: Check) -> str:
    verdict = "ok" if check.passes else "FAILS"
    return f"{verdict:<6}{check.name:<34}{check.share:>8.2%} of {check.of:,}, at most {check.limit:.2%}"


def _suspect(row: Audited) -> str:
    reasons = "; ".join(
        f"{_words(fault)}: {detail}" if detail else _words(fault) for fault, detail in row.faults.items()
    )
    return f"  {one_line(row.item.id, _LONGEST_ID)}  {one_line(reasons, 200)}"


def audit_items(rows: Sequence[Audited]) -> list[Item]:
    """Items for the page, which filters by finding, by what the turns stand behind, and by what they did."""
    return [_item(row) for row in rows]


def _item(row: Audited) -> Item:
    worst = next(iter(row.faults), None)
    behind = "does not turn" if not row.turns else " and ".join(sorted({f"behind {t.behind}" for t in row.turns}))
    details = [turn.detail for turn in row.turns if turn.detail]
    more = {_words(fault): detail for fault, detail in row.faults.items() if detail}
    return replace(
        row.item,
        groups={
            **row.item.groups,
            "finding": _words(worst) if isinstance(worst, Fault) else "nothing found",
            "doubt": behind,
            "effect": _words(row.effect),
        },
        more={**more, **({"turns": "; ".join(details)} if details else {}), **row.item.more},
    )
