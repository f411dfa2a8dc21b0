"""Scope of errors: whether a wrong step counts as wrong as a whole, or from the place of the mistake on.

reasoning "4 * 6 = 24\\n" | error "24 - 9 = 16\\n"        | reflection … | correction …      scope `step`
reasoning "4 * 6 = 24\\n24 - 9 = "  | error "16\\n"     | reflection … | correction …      scope `mistake`
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

from lemma_hf.data.rows import read_error_labels, read_starts
from lemma_hf.records import SpanKind
from lemma_hf.solutions.departure import mistake_at, wrong_and_right


class ErrorScope(StrEnum):
    """The part of a wrong step that is an error span in training."""

    STEP = "step"
    """The whole step."""
    MISTAKE = "mistake"
    """From the place of the mistake on, where it is known; what stands before it counts as reasoning."""


DEFAULT_ERROR_SCOPE = ErrorScope.MISTAKE
"""The scope where none is given. In the miniature, over five seeds, masks on whole wrong steps cost 31.7 points of
accuracy [20.3, 43.1], masks from the mistake on none (+0.1 [-2.7, +3.0]); see docs/results/miniature.md."""


@dataclass(frozen=True, slots=True)
class Scoped:
    """Spans of a row under a scope."""

    spans: tuple[tuple[SpanKind, int], ...]
    """The kind of each span and the character at which it ends."""
    narrow: int = 0
    """Errors that begin at the place of the mistake."""
    whole: int = 0
    """Errors that are whole steps."""


def scope_errors(row: Mapping[str, Any], text: str, spans: Sequence[tuple[SpanKind, int]], scope: ErrorScope) -> Scoped:
    """The spans of a row with its errors as narrow as the scope says.

    The place of a mistake comes from the column `error_starts` or, where that says nothing, from `mistake_at`.

    Args:
        row: perhaps with `error_starts`, `error_types` and `error_strategies`.
        text: the completion.
        spans: of the completion, as `lemma_hf.data.rows.read_spans` gives them.

    Raises:
        DataError: if these columns do not fit the spans; the message names the field.

    Example:
        >>> text = "24 - 9 = 16. Wait. 24 - 9 = 15."
        >>> spans = [(SpanKind.ERROR, 13), (SpanKind.REFLECTION, 19), (SpanKind.CORRECTION, 31)]
        >>> [(str(kind), end) for kind, end in scope_errors({}, text, spans, ErrorScope.MISTAKE).spans]
        [('reasoning', 9), ('error', 13), ('reflection', 19), ('correction', 31)]
    """
    count = sum(kind is SpanKind.ERROR for kind, _ in spans)
    if scope is ErrorScope.STEP or not count:
        return Scoped(tuple(spans), whole=count)
    places = _places(row, text, spans)
    narrow = sum(place is not None for place in places)
    return Scoped(tuple(_narrowed(spans, places)), narrow, count - narrow)


def _places(row: Mapping[str, Any], text: str, spans: Sequence[tuple[SpanKind, int]]) -> list[int | None]:
    """The character of each error's text at which its mistake begins."""
    known = read_starts(row, spans)
    labels = read_error_labels(row, len(known))
    bounds = pairwise([0, *(end for _, end in spans)])
    parts = ((kind, text[start:end]) for (kind, _), (start, end) in zip(spans, bounds, strict=True))
    pairs = zip(known, labels, wrong_and_right(parts), strict=True)
    return [
        mistake_at(wrong, right, kind, strategy) if place is None else place
        for place, (kind, strategy), (wrong, right) in pairs
    ]


def _narrowed(spans: Sequence[tuple[SpanKind, int]], places: Sequence[int | None]) -> Iterator[tuple[SpanKind, int]]:
    """The spans, each error with a place cut in two; what stands before it is reasoning."""
    following, begin = iter(places), 0
    for kind, end in spans:
        place = next(following) if kind is SpanKind.ERROR else None
        if place:
            yield SpanKind.REASONING, begin + place
        yield kind, end
        begin = end
