"""Report of an audit: a table for the terminal, and items for the page of `lemma_hf.show`."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import TypeVar

from lemma_hf.audit.figures import Audit, Check
from lemma_hf.audit.rows import Audited, Fault
from lemma_hf.audit.turns import Turn
from lemma_hf.show import Item
from lemma_hf.utils.redaction import one_line

_Key = TypeVar("_Key", bound=StrEnum)
_WIDTH = 80
_BEHIND = {"wrong": "behind something wrong", "right": "behind a right step", "unknown": "not known behind what"}
_DID = {
    "mended": "mended it",
    "spoiled": "spoiled it",
    "left": "left it as it was",
    "unknown": "not known what they did",
}
_LABEL = 56
"""Columns of a label, so that count and share fit behind it."""
_MOST_TOLD = 20
"""Turns of a row that the page names one by one."""
_LONGEST_REASON = 220
"""Characters: three lines; the page has the whole row."""
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
    counted = f"{_count(audit.rows, 'row')}, {_count(audit.questions, 'question')}"
    yield one_line(f"{name}: {counted}", _WIDTH - 2)
    yield ""
    yield _line("rows that turn", audit.turning, audit.rows)
    yield _line("  with error, reflection and correction to train on", audit.by_spans, audit.turning)
    yield _line(f"turns, at most {audit.most_turns:,} in one row", audit.turns)
    yield from _counts("", audit.behind, audit.turns, "  ", _BEHIND)
    yield from _counts("known by", {k: n for k, n in audit.basis.items() if str(k) != "none"}, audit.turns, "    ")
    yield from _counts("not known:", {k: n for k, n in audit.unknown.items() if n}, audit.turns, "    ")
    yield from _counts("", audit.did, audit.turns, "  ", _DID)
    yield _line(one_line(f"{tokens} in reflections", _LABEL - 1), audit.reflection_tokens, audit.tokens)
    yield ""
    yield _line("rows with a reference answer", audit.with_reference, audit.rows)
    yield from _counts("answer", {k: n for k, n in audit.outcomes.items() if n}, audit.with_reference, "  ")
    yield "answers of rows that turn, from the first one claimed to the last"
    yield from _counts("", {k: n for k, n in audit.effects.items() if str(k) != "none"}, audit.turning, "  ")
    yield ""
    yield "rows with faults"
    yield from _counts("", audit.faults, audit.rows, "  ")
    yield ""
    yield from map(_check_line, audit.checks)
    yield from _verdict(audit)
    if audit.suspicious:
        yield ""
        yield "most suspicious"
        for row in audit.suspicious:
            yield from _suspect(row)


def _verdict(audit: Audit) -> Iterator[str]:
    if audit.unchecked:
        yield f"{len(audit.unchecked)} of {len(audit.checks)} checks had nothing to check"
    failed = [check.name for check in audit.checks if not check.passes]
    said = f"does not pass: {', '.join(failed)}" if failed else "passes"
    yield from textwrap.wrap(said, _WIDTH - 1, subsequent_indent="  ")


def _counts(
    lead: str, counts: Mapping[_Key, int], total: int, indent: str, names: Mapping[str, str] | None = None
) -> Iterator[str]:
    for key, number in counts.items():
        label = (names or {}).get(str(key)) or f"{lead} {_words(key)}".strip()
        yield _line(f"{indent}{label}", number, total)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what if number == 1 else what + 's'}"


def _words(label: object) -> str:
    return str(label).replace("_", " ")


def _line(label: str, number: int, of: int | None = None) -> str:
    share = f"{number / of:8.1%}" if of else ""
    return f"{label:<{_LABEL}}{number:>12,}{share}"


def _check_line(check: Check) -> str:
    if not check.checked:
        return f"{'–':<6}{check.name:<34}nothing to check"
    verdict = "ok" if check.passes else "FAILS"
    return f"{verdict:<6}{check.name:<34}{check.share:>8.2%} of {check.of:,}, at most {check.limit:.2%}"


def _suspect(row: Audited) -> Iterator[str]:
    reasons = "; ".join(
        f"{_words(fault)}: {detail}" if detail else _words(fault) for fault, detail in row.faults.items()
    )
    said = f"  {one_line(row.item.id, _LONGEST_ID)}  {one_line(reasons, _LONGEST_REASON)}"
    yield from textwrap.wrap(said, _WIDTH - 1, subsequent_indent="    ", break_on_hyphens=False)


def audit_items(rows: Sequence[Audited]) -> list[Item]:
    """Items for the page, which filters by finding, by what the turns stand behind, and by what they did."""
    return [_item(row) for row in rows]


def _item(row: Audited) -> Item:
    worst = next(iter(row.faults), None)
    behind = "does not turn" if not row.turns else " and ".join(sorted({f"behind {t.behind}" for t in row.turns}))
    details = [_of_turn(number, turn) for number, turn in enumerate(row.turns[:_MOST_TOLD], 1)]
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


def _of_turn(number: int, turn: Turn) -> str:
    if turn.unknown is not None:
        return f"turn {number}: not known ({_words(turn.unknown)})"
    return f"turn {number}: behind {turn.behind}, by {_words(turn.basis)} ({turn.detail}), {turn.did}"
