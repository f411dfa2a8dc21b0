"""HTML page of many items: data, style and script in one file that opens from a disk, with no network.

All text from rows goes into one gzipped and base64-coded block, whose alphabet can close no tag, and the script puts
it on the page as text, never as HTML. The policy in the page's head allows that one script and style, by their
hashes, and no request at all; Trusted Types forbid the script to make HTML from text.

So 10,000 trajectories make a page of 3 MB, and it opens as fast as an uncompressed one would (`benchmarks/show.py`).
"""

import base64
import gzip
import hashlib
import html
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.resources import files
from string import Template
from typing import Any

from lemma_hf import __version__
from lemma_hf.records import Dropped, Grade, SpanKind
from lemma_hf.show.items import MAX_CHARACTERS_SHOWN, WEIGHTS, Item, Part, shorten_parts
from lemma_hf.utils.redaction import escape_invisible

_KINDS = [*SpanKind, None]
_LONGEST_CLAIM = 300
"""Characters of an extracted answer, rule or detail, which stand in one line of the list; the output has them whole."""
_MOST_DROPPED = 50
"""Rows left out that the page names one by one: they tell the causes, and the page has the full count."""


def html_page(
    items: Sequence[Item],
    title: str,
    *,
    weights: Mapping[SpanKind, float] = WEIGHTS,
    note: str = "",
    dropped: Sequence[Dropped] = (),
) -> str:
    """Write the whole page; the same items give the same bytes.

    Args:
        weights: of each kind of span in training.
        note: text below the title, such as how the items were drawn.
        dropped: rows that could not be shown; the page has their count, and names the first of them.
    """
    style, script = _file("page.css"), _file("page.js")
    return Template(_file("page.html")).substitute(
        policy=_policy(script, style),
        title=html.escape(escape_invisible(title)),
        note=html.escape(escape_invisible(note)),
        version=html.escape(__version__),
        style=style,
        script=script,
        data=_packed(_data(items, weights, dropped)),
    )


def _file(name: str) -> str:
    return files("lemma_hf.show").joinpath(name).read_text("utf-8")


def _policy(script: str, style: str) -> str:
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src '{_sha256(script)}'",
            f"style-src '{_sha256(style)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ]
    )


def _sha256(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}"


def _packed(data: Any) -> str:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode("utf-8"), 9, mtime=0)).decode("ascii")


def _data(items: Sequence[Item], weights: Mapping[SpanKind, float], dropped: Sequence[Dropped]) -> dict[str, Any]:
    facets = [(name, _indexed([values(item) for item in items])) for name, values in _FACETS.items()]
    shown = [(name, values, codes) for name, (values, codes) in facets if len(values) > 1]
    return {
        "weights": [weights[kind] for kind in SpanKind],
        "facets": [{"name": name, "values": values} for name, values, _ in shown],
        "dropped": [
            [escape_invisible(each.id), escape_invisible(each.detail[:500])] for each in dropped[:_MOST_DROPPED]
        ],
        "left_out": len(dropped),
        "rows": [_row(item, [codes[index] for *_, codes in shown]) for index, item in enumerate(items)],
    }


def _row(item: Item, codes: list[list[int]]) -> list[Any]:
    """List an item's fields in the order in which the script reads them."""
    grade = item.grade
    return [
        escape_invisible(item.id),
        _cut(item.question),
        [[_KINDS.index(part.kind), escape_invisible(part.text)] for part in shorten_parts(item.parts)],
        [[error.step, _words(error.type), _words(error.strategy), _words(error.origin)] for error in item.errors],
        _verdict(grade) if grade is not None else 0,
        _cut(item.reference),
        _cut(item.solution),
        [
            [escape_invisible(name), escape_invisible(value)]
            for name, value in [*item.groups.items(), *item.more.items()]
        ],
        codes,
        _cut(item.prompt),
    ]


def _verdict(grade: Grade) -> list[str]:
    """List outcome, claim, rule and detail; a long claim is cut, since the output has it in full."""
    said = (grade.extracted or "", grade.rule, grade.detail)
    return [_words(grade.outcome), *(_cut(text, _LONGEST_CLAIM) for text in said)]


def _cut(text: str, limit: int = MAX_CHARACTERS_SHOWN) -> str:
    return escape_invisible("".join(part.text for part in shorten_parts([Part(None, text)], limit)))


def _words(label: object) -> str:
    return "" if label is None else str(label).replace("_", " ")


def _indexed(found: Sequence[Sequence[str]]) -> tuple[list[str], list[list[int]]]:
    """Collect all values in alphabetical order, and for each item the indices of its own."""
    values = sorted({value for several in found for value in several})
    index = {value: at for at, value in enumerate(values)}
    return values, [[index[value] for value in several] for several in found]


def _group(name: str) -> Callable[[Item], list[str]]:
    return lambda item: [escape_invisible(item.groups[name])] if name in item.groups else []


def _of_errors(name: str) -> Callable[[Item], list[str]]:
    return lambda item: _distinct(_words(getattr(error, name)) or "unknown" for error in item.errors) or ["none"]


def _distinct(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


_FACETS: dict[str, Callable[[Item], list[str]]] = {
    "Verdict": lambda item: ["not graded"] if item.grade is None else [_words(item.grade.outcome)],
    "Error type": _of_errors("type"),
    "Strategy": _of_errors("strategy"),
    "Origin": _of_errors("origin"),
    "Reflection": lambda item: ["turns" if item.turns else "does not turn"],
    "Change": lambda item: [_words(value) for value in _group("change")(item)],
    "Finding": _group("finding"),
    "Turns": _group("doubt"),
    "Effect": _group("effect"),
    "Source": _group("source"),
    "Benchmark": _group("benchmark"),
    "Subject": _group("subject"),
    "Level": _group("level"),
    "Split": _group("split"),
}
"""Filters of the page, each with its values of an item; one with fewer than two values is not shown."""
