"""Rows in a notebook: spans in color, below the cell."""

import html
from collections.abc import Iterable, Mapping, Sized
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.records import SpanKind, Trajectory
from lemma_hf.show.items import WEIGHTS, Item, Part, output_parts, shorten_parts, trajectory_to_item
from lemma_hf.show.reading import OutputColumns, row_to_item
from lemma_hf.show.terminal import facts_of, part_label, terminal_text, verdict_text
from lemma_hf.utils.redaction import escape_invisible

Row = Trajectory | Mapping[str, Any] | str
"""A trajectory, a row of a dataset or of a file, or the text of an output."""

_COLORS = {
    SpanKind.REASONING: ("#e8f1fa", "#0b4a7a"),
    SpanKind.ERROR: ("#fdeae1", "#93380a"),
    SpanKind.REFLECTION: ("#f8e9f3", "#862f66"),
    SpanKind.CORRECTION: ("#e1f3eb", "#0a5c43"),
    None: ("#f5f6f8", "#4b545d"),
}
"""Ground and ink of each kind, those of the page: readable on their own ground, in a dark notebook too."""
_BLOCK = "white-space:pre-wrap;padding:.15em .6em;margin:0;border-left:4px solid {ink};background:{ground};color:{ink}"


@dataclass(frozen=True, slots=True)
class Colored:
    """Rows as a notebook shows them; elsewhere their text is that of the terminal."""

    items: tuple[Item, ...]
    left: int = 0
    """Rows that are not shown."""
    weights: Mapping[SpanKind, float] = field(default_factory=lambda: WEIGHTS)

    def __repr__(self) -> str:
        more = f"\n\n{self.left:,} more rows" if self.left else ""
        return terminal_text(self.items, weights=self.weights) + more

    def _repr_html_(self) -> str:
        rows = "".join(_item(item, self.weights) for item in self.items)
        return rows + (f"<p>{self.left:,} more rows</p>" if self.left else "")


def colored(
    rows: Row | Iterable[Row],
    *,
    limit: int = 5,
    columns: OutputColumns | None = None,
    weights: Mapping[SpanKind, float] = WEIGHTS,
) -> Colored:
    """Show rows in a notebook: as the last expression of a cell, or by IPython's `display`.

    Args:
        rows: one row or many: trajectories, rows of a dataset, rows with an output (its spans are found by its words),
            or the text of an output alone.
        limit: rows that are shown.
        columns: the names of the fields of outputs; trajectories have their own.
        weights: of each kind of span in training.

    Raises:
        ConfigError: if the limit is below 1.
        DataError: if a row can be shown in none of these ways, with its number.

    Example:
        >>> colored("9 * 7 = 62. Wait, that is wrong. 9 * 7 = 63. The answer is: 63")
        output
        error 0         │ 9 * 7 = 62.
        reflection 1    │ Wait, that is wrong.
        correction 1    │ 9 * 7 = 63. The answer is: 63
    """
    if limit < 1:
        raise ConfigError(f"limit is {limit}, but at least one row has to be shown")
    several: Iterable[Row] = [rows] if isinstance(rows, Trajectory | Mapping | str) else rows
    names = asdict(columns or OutputColumns())
    items = tuple(_read(row, number, names) for number, row in enumerate(islice(several, limit), 1))
    left = max(0, len(several) - limit) if isinstance(several, Sized) else 0
    return Colored(items, left, weights)


def _read(row: Row, number: int, names: dict[str, str]) -> Item:
    if isinstance(row, Trajectory):
        return trajectory_to_item(row)
    if isinstance(row, str):
        return Item("output", output_parts(row))
    if not isinstance(row, Mapping):
        raise DataError(f"row {number}: need a trajectory, a row or a text, found {type(row).__name__}")
    try:
        return row_to_item(row, f"row {number}", names)
    except DataError as error:
        raise DataError(f"row {number}: {error}") from None


def _item(item: Item, weights: Mapping[SpanKind, float]) -> str:
    parts = "".join(_part(part, weights) for part in shorten_parts(item.parts))
    question = f"<p style='white-space:pre-wrap'>{_text(item.question)}</p>" if item.question else ""
    verdict = f"<p>{_text(verdict_text(item))}</p>" if item.grade is not None else ""
    heading = f"<b>{_text(item.id)}</b> {_text('; '.join(facts_of(item)))}"
    return f"<div style='margin:0 0 1.2em'>{heading}{question}{parts}{verdict}</div>"


def _part(part: Part, weights: Mapping[SpanKind, float]) -> str:
    ground, ink = _COLORS[part.kind]
    style = _BLOCK.format(ground=ground, ink=ink)
    label = html.escape(part_label(part, weights))
    return f"<div style='{style}'><small>{label}</small>  {_text(part.text.strip())}</div>"


def _text(text: str) -> str:
    """A text that can hold no markup, and no character that is not seen."""
    return html.escape(escape_invisible(text))
