"""Rows of the published LEMMA format made into ours, by reading the spans from the text.

    {"instruction": "A box holds 6 pens. …", "input": "", "output": "Each box … Wait, … The answer is: 15"}

The format (panzs19/LEMMA on the Hub) says neither type nor origin of the error, nor how it was corrected: those stay
unknown. The answer is taken from the output, whose publishers kept only rows that agree with the reference.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lemma_hf.data.rows import trajectory_to_row
from lemma_hf.data.sources import field_of
from lemma_hf.prompts import prompt_style
from lemma_hf.records import Dropped, DropReason, Error, Problem, Span, SpanKind, Trajectory
from lemma_hf.solutions.spans import segment, split_steps

_SOURCE = "published"
# "The answer is: 15"  "the final answer is 15."
_ANSWER = re.compile(r"[Tt]he (?:final )?answer is:?[ \t]*([^\n]*)")


def is_published(record: Mapping[str, Any]) -> bool:
    """Whether a record has the columns of the published format."""
    return "instruction" in record and "output" in record


def published_to_row(record: Mapping[str, Any], path: str | Path, line: int) -> dict[str, Any] | Dropped:
    """One of our rows, or why the text of this one cannot be used: NO_ANSWER, NO_REFLECTION or SPANS_LOST.

    Raises:
        DataError: if `instruction`, `input` (where there is one) or `output` is no text.
    """
    item = f"{Path(path).name}:{line}"
    question = field_of(record, "instruction", path, line)
    if record.get("input") is not None and (more := field_of(record, "input", path, line)):
        question = f"{question}\n{more}"
    output = field_of(record, "output", path, line)
    answer = _answer(output)
    if not answer:
        return Dropped(item, "segment", DropReason.NO_ANSWER, "the output has no `The answer is: X`")
    spans = segment(output, item)
    if isinstance(spans, Dropped):
        return spans
    problem = Problem(item, question, answer, source=_SOURCE)
    # The published prompt is this style's, whose lead opens the completion.
    return trajectory_to_row(Trajectory(problem, spans, _errors(spans), item), prompt_style("instruction"))


def _answer(output: str) -> str:
    found = _ANSWER.findall(output)
    return found[-1].strip().rstrip(".").strip() if found else ""


def _errors(spans: tuple[Span, ...]) -> tuple[Error, ...]:
    """An error of unknown type for each ERROR span, at the step that ends with it."""
    errors, written = [], ""
    for span in spans:
        written += span.text
        if span.kind is SpanKind.ERROR:
            errors.append(Error(None, len(split_steps(written)), origin=None))
    return tuple(errors)
