r"""Rows of the published LEMMA format made into ours, by reading the spans from the text.

    {"instruction": "A box holds 6 pens. …", "input": "", "output": "Each box … Wait, … The answer is: 15"}

Rows in the other forms of `conversations` are read in the same way. None says the type or the origin of the error, nor
how it was corrected: those stay unknown. The answer is what the output claims ("The answer is: 15", `\boxed{15}`); the
publishers of panzs19/LEMMA kept only rows that agree with the reference.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lemma_hf.data.conversations import Exchange, RowForm, form_of, read_exchange
from lemma_hf.data.rows import trajectory_to_row
from lemma_hf.errors import DataError
from lemma_hf.grading import extract_answer
from lemma_hf.prompts import prompt_style
from lemma_hf.records import Dropped, DropReason, Error, Problem, Span, SpanKind, Trajectory
from lemma_hf.solutions.spans import segment, split_steps
from lemma_hf.utils.files import place_of

_SOURCE = "published"
# "The answer is: 15"  "the final answer is 15."
_CLAIM = re.compile(r"[Tt]he (?:final )?answer is\b")
_GUESSES = ("whole", "last_maths", "last_number", "last_letter")
"""The grader's rules for outputs that claim nothing: what stands last in the text need not be its answer."""


def is_published(record: Mapping[str, Any]) -> bool:
    """Whether a record has the columns of the published format."""
    return form_of(record) is RowForm.ALPACA


def published_to_row(record: Mapping[str, Any], path: str | Path, line: int) -> dict[str, Any] | Dropped:
    """One of our rows from a record in any form of `conversations`, or why its text cannot be used.

    The reasons are EMPTY (no question), NO_ANSWER, NO_REFLECTION and SPANS_LOST.

    Raises:
        DataError: if the record is in no known form, or a field holds no text; the message names file, row and field.
    """
    try:
        exchange = read_exchange(record)
    except DataError as error:
        raise DataError(f"{path}, {place_of(line)}, {error}") from None
    return exchange_to_row(exchange, f"{Path(path).name}:{line}")


def exchange_to_row(exchange: Exchange, item: str) -> dict[str, Any] | Dropped:
    """One of our rows, named `item`, or why the text cannot be used, as `published_to_row`."""
    output = exchange.output
    if not output.strip():
        return Dropped(item, "segment", DropReason.NO_ANSWER, exchange.gap or "the output is empty")
    if not exchange.question.strip():
        return Dropped(item, "segment", DropReason.EMPTY, exchange.gap or "the question is empty")
    answer = _answer(output)
    if not answer:
        detail = "the output claims no answer, such as `The answer is: X` or `\\boxed{X}`"
        return Dropped(item, "segment", DropReason.NO_ANSWER, detail)
    spans = segment(output, item)
    if isinstance(spans, Dropped):
        return spans
    problem = Problem(item, exchange.asked, answer, source=_SOURCE)
    # The published prompt is this style's, whose lead opens the completion.
    return trajectory_to_row(Trajectory(problem, spans, _errors(spans), item), prompt_style("instruction"))


def _answer(output: str) -> str:
    r"""What the output claims; the last line is the format's own, and comes before any box.

    Example:
        >>> _answer("It is \\boxed{5}. Wait, no.\nThe answer is: 4"), _answer("so \\boxed{4}"), _answer("2 + 2 = 4")
        ('4', '4', '')
    """
    last = output.rstrip().rpartition("\n")[2]
    closing = _CLAIM.search(last)
    found = extract_answer(output if closing is None else last[closing.start() :])
    return "" if found.text is None or found.rule.startswith(_GUESSES) else found.text.strip()


def _errors(spans: tuple[Span, ...]) -> tuple[Error, ...]:
    """An error of unknown type for each ERROR span, at the step that ends with it."""
    errors, written = [], ""
    for span in spans:
        written += span.text
        if span.kind is SpanKind.ERROR:
            errors.append(Error(None, len(split_steps(written)), origin=None))
    return tuple(errors)
