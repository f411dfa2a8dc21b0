"""Items to show: the text of a row in colored parts, with its question, verdict and errors.

A row may be a trajectory, whose spans are known, or an output of a model, whose spans are read from its words:

    reasoning   weight 1   Each box holds 6 pens, so 4 boxes hold 4 * 6 = 24 pens.
    error       weight 0   She gives away 9 of them, so 24 - 9 = 16 pens are left.       calculation, fix and continue
    reflection  weight 1   Wait, that subtraction does not check out.
    correction  weight 1   24 - 9 = 15, so 15 pens are left. The answer is: 15           right: 15 by answer_is>number
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lemma_hf.data import EXCHANGE_COLUMNS, Exchange, RowForm, form_of, read_exchange, rows_within
from lemma_hf.errors import DataError
from lemma_hf.records import Dropped, Error, Grade, Outcome, SpanKind, Trajectory
from lemma_hf.solutions.spans import segment
from lemma_hf.train import DEFAULT_WEIGHTS

WEIGHTS: Mapping[SpanKind, float] = DEFAULT_WEIGHTS
"""The weights by which spans are colored unless others are given: the defaults of `LemmaSFTConfig`."""

MAX_CHARACTERS_SHOWN = 50_000
"""Characters of one text that are shown, about ten times an output of 1,024 tokens; longer ones are cut."""
_LONGEST_FACT, _MOST_FACTS = 300, 24
"""Characters and number of a row's other fields that are shown: they fit below its text on one screen."""

_QUESTIONS = ("question", "problem", "instruction", "prompt")
_GROUPS = ("source", "benchmark", "subject", "level", "change")
"""Columns with few values, as `recipes/score.py` and the dataset write them: they become filters."""
_VERDICT = ("outcome", "extracted", "rule", "detail", "seconds", "version")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of text and its kind; None where the kind is unknown, as in an output that never turns."""

    kind: SpanKind | None
    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """The fields of one row that are shown."""

    id: str
    parts: tuple[Part, ...]
    question: str = ""
    reference: str = ""
    """The right answer; empty where none is known."""
    solution: str = ""
    """A worked reference solution; empty where none is known."""
    prompt: str = ""
    """The model's whole input, where that is more than the question."""
    errors: tuple[Error, ...] = ()
    grade: Grade | None = None
    groups: Mapping[str, str] = field(default_factory=dict)
    """Columns with their values by which items can be filtered, besides errors and verdict."""
    more: Mapping[str, str] = field(default_factory=dict)
    """Other fields of the row."""

    @property
    def text(self) -> str:
        """The whole text of the parts."""
        return "".join(part.text for part in self.parts)

    @property
    def turns(self) -> bool:
        """Whether one of the parts is a reflection."""
        return any(part.kind is SpanKind.REFLECTION for part in self.parts)


def trajectory_to_item(trajectory: Trajectory, group: str = "") -> Item:
    """Make an item from a trajectory and its spans; `group` is the split it comes from."""
    problem = trajectory.problem
    groups = {"source": problem.source, "subject": problem.subject, "level": problem.level, "split": group}
    return Item(
        id=trajectory.id,
        parts=tuple(Part(span.kind, span.text) for span in trajectory.spans),
        question=problem.question,
        reference=problem.reference_answer,
        solution=problem.reference_solution,
        errors=trajectory.errors,
        groups={name: value for name, value in groups.items() if value},
    )


def output_to_item(row: Mapping[str, Any], name: str, columns: Mapping[str, str], group: str = "") -> Item:
    """Make an item from an output and its verdict, if the row has one; its spans are found by its words.

    Args:
        row: as `lemma-hf grade` or `recipes/score.py` writes it.
        name: the item's id if the row has none.
        columns: the names of the columns `output`, `reference`, `question`, `id` and `benchmark`; an empty name for
            the question takes the first present of question, problem, instruction and prompt.

    A row without the column of outputs may be in one of the forms of `lemma_hf.data.conversations`; a question column
    that is named comes before the question in it.

    Raises:
        DataError: if there is no output, or the verdict has an unknown outcome.
    """
    exchange = _exchange_of(row, columns["output"])
    output = row.get(columns["output"]) if exchange is None else exchange.output
    if not isinstance(output, str):
        have = type(output).__name__ if columns["output"] in row else f"only {', '.join(map(str, row))}"[:300]
        more = "".join(f"; {found}" for found in (rows_within(row),) if found)
        raise DataError(f"need text in the field {columns['output']!r}, found {have}{more}")
    question = columns["question"] or next((key for key in _QUESTIONS if isinstance(row.get(key), str)), "")
    asked = exchange.asked if exchange is not None and not columns["question"] else _plain(row.get(question))
    groups = {key: row.get(columns.get(key, key)) for key in _GROUPS} | {"split": group}
    prompt = "" if question == "prompt" else _plain(row.get("prompt"))
    shown = {"prompt", *columns.values(), question, "grade", *_GROUPS, *_VERDICT}
    shown |= set() if exchange is None else EXCHANGE_COLUMNS
    return Item(
        id=_plain(row.get(columns["id"])) or name,
        parts=output_parts(output),
        question=asked,
        prompt=prompt,
        reference=_plain(row.get(columns["reference"])),
        grade=_grade_of(row, _plain(row.get(columns["reference"]))),
        groups={key: _plain(value)[:100] for key, value in groups.items() if _plain(value)},
        more=_facts({key: value for key, value in row.items() if key not in shown}),
    )


def _exchange_of(row: Mapping[str, Any], output: str) -> Exchange | None:
    """The question and answer in a row; None if it has a column of outputs and is not in LEMMA's own form."""
    form = form_of(row)
    if form is None or (output in row and (form is not RowForm.ALPACA or output != "output")):
        return None
    exchange = read_exchange(row)
    if exchange.gap and not exchange.output:
        raise DataError(exchange.gap)
    return exchange


def output_parts(output: str) -> tuple[Part, ...]:
    """Find the spans of an output; one that does not turn is one part of no kind."""
    spans = segment(output) if len(output) <= MAX_CHARACTERS_SHOWN else None
    if spans is None or isinstance(spans, Dropped):
        return (Part(None, output),)
    return tuple(Part(span.kind, span.text) for span in spans)


def shorten_parts(parts: Sequence[Part], limit: int = MAX_CHARACTERS_SHOWN) -> tuple[Part, ...]:
    """Cut the parts to `limit` characters in all; the last one says how many are left out.

    Example:
        >>> shorten_parts([Part(None, "abc"), Part(None, "def"), Part(None, "ghi")], 5)[1].text
        'de … 4 more characters are not shown'
    """
    kept, left = list[Part](), limit
    more = sum(len(part.text) for part in parts) - limit
    for part in parts:
        if left > 0:
            note = f" … {more:,} more characters are not shown" if more > 0 and len(part.text) >= left else ""
            kept.append(Part(part.kind, part.text[:left] + note))
        left -= len(part.text)
    return tuple(kept)


def _grade_of(row: Mapping[str, Any], reference: str) -> Grade | None:
    nested = row.get("grade")
    said = nested if isinstance(nested, Mapping) else row
    outcome = said.get("outcome")
    if outcome in (None, ""):
        return None
    if outcome not in list(Outcome):
        raise DataError(f"no outcome is called {outcome!r:.80}; known are {', '.join(Outcome)}")
    extracted = said.get("extracted")
    return Grade(
        outcome=Outcome(outcome),
        extracted=None if extracted is None else _plain(extracted),
        reference=reference,
        rule=_plain(said.get("rule")),
        detail=_plain(said.get("detail")),
    )


def _facts(values: Mapping[str, Any]) -> dict[str, str]:
    """Format the fields that hold one value as short texts; lists and records are left out."""
    texts = {str(key)[:60]: _plain(value) for key, value in values.items()}
    short = {key: f"{text[:_LONGEST_FACT]}…" if len(text) > _LONGEST_FACT else text for key, text in texts.items()}
    return dict([(key, text) for key, text in short.items() if text][:_MOST_FACTS])


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        # Above 256 bits as hexadecimal: Python refuses to write very long integers as decimals.
        return str(value) if value.bit_length() <= 256 else hex(value)
    if isinstance(value, float):
        return f"{value:.6g}"
    return value if isinstance(value, str) else ""
