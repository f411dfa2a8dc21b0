"""Records over the wire: what comes back is what was sent, and a broken row is named."""

import json
from dataclasses import is_dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lemma_hf import records
from lemma_hf.errors import DataError
from lemma_hf.pipeline.attempts import RawRow
from lemma_hf.pipeline.draft import Draft
from lemma_hf.pipeline.ray._serialization import RECORDS, from_bytes, to_bytes
from lemma_hf.records import (
    Attempt,
    Dropped,
    DropReason,
    Error,
    Extraction,
    Flawed,
    Grade,
    Origin,
    Outcome,
    Problem,
    Span,
    SpanKind,
    Strategy,
    Trajectory,
)
from lemma_hf.taxonomy import ErrorType
from lemma_hf.teachers import Injection

texts = st.text(st.characters(exclude_categories=()), max_size=20)
"""Any text that Python can hold, lone surrogates and pairs of them included."""
seconds = st.floats(0, 1e6)
problems = st.builds(Problem, texts, texts, texts, texts, texts)
grades = st.builds(Grade, st.sampled_from(Outcome), st.none() | texts, texts, texts, texts, seconds)
errors = st.builds(
    Error,
    st.none() | st.sampled_from(ErrorType),
    st.integers(1, 3),
    st.none() | st.sampled_from(Origin),
    st.none() | st.sampled_from(Strategy),
)
steps = st.lists(texts, min_size=3, max_size=5).map(tuple)
attempts = st.builds(Attempt, problems, steps, st.none() | grades, st.none() | errors, texts)
filled = texts.filter(bool)
spans = st.builds(Span, st.sampled_from(SpanKind), texts)


@st.composite
def trajectories(draw: st.DrawFn) -> Trajectory:
    turns = draw(st.integers(0, 2))
    kinds = [SpanKind.ERROR, SpanKind.REFLECTION, SpanKind.CORRECTION] * turns
    kinds = [SpanKind.REASONING, *kinds] if not turns or draw(st.booleans()) else kinds
    found = tuple(Span(kind, draw(filled)) for kind in kinds)
    return Trajectory(draw(problems), found, tuple(draw(errors) for _ in range(turns)), draw(texts))


STRATEGIES: dict[type, st.SearchStrategy[Any]] = {
    Attempt: attempts,
    Draft: st.builds(
        Draft,
        texts,
        problems,
        st.lists(spans, max_size=3).map(tuple),
        steps,
        st.lists(errors, max_size=2).map(tuple),
        steps,
        st.booleans(),
    ),
    Dropped: st.builds(Dropped, texts, texts, st.sampled_from(DropReason), texts),
    Error: errors,
    Extraction: st.builds(Extraction, st.none() | texts, texts),
    Flawed: st.builds(Flawed, attempts, errors, texts),
    Grade: grades,
    Injection: st.builds(Injection, problems, st.sampled_from(ErrorType), texts),
    Problem: problems,
    Span: spans,
    Trajectory: trajectories(),
}


def test_every_record_can_travel_and_is_tried_here() -> None:
    declared = {kind for kind in vars(records).values() if isinstance(kind, type) and is_dataclass(kind)}
    assert set(RECORDS.values()) == set(STRATEGIES) == declared | {Draft, Injection}


@pytest.mark.parametrize("kind", STRATEGIES, ids=lambda kind: kind.__name__)
def test_what_comes_back_is_what_was_sent(kind: type) -> None:
    @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(STRATEGIES[kind])
    def check(record: Any) -> None:
        again = from_bytes(to_bytes(record))
        assert (type(again), again) == (kind, record)
        assert repr(again) == repr(record)  # also what does not count as equal, such as the seconds of a grade

    check()


def test_halves_of_a_surrogate_pair_stay_two_characters() -> None:
    odd = Span(SpanKind.ERROR, "\ud83d\ude00 😀 \udc00 \x00")
    assert from_bytes(to_bytes(odd)).text == "\ud83d\ude00 😀 \udc00 \x00"


_ERROR = b'{"Error": {"type": null, %s, "origin": null, "strategy": null, "sureness": null, "start": null}}'


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (b"{", "a record is no JSON"),
        (b"\xff\xfe", "a record is no JSON"),
        (b"[" * 100_000, "a record is no JSON"),
        (b'{"Span": ' + b"9" * 5000 + b"}", "a record is no JSON"),
        (b"[1]", "need one record"),
        (b"{}", "need one record"),
        (b'{"Path": {}}', "no record is called 'Path'; known are"),
        (b'{"Span": null}', "record `Span`: need a record, found NoneType"),
        (b'{"Span": {"kind": "error"}}', "record `Span`, field `text`: missing"),
        (b'{"Span": {"kind": "error", "text": "", "end": 1}}', "field `end`: not known"),
        (b'{"Span": {"kind": "mistake", "text": ""}}', "field `kind`: need one of reasoning, error"),
        (b'{"Span": {"kind": ["error"], "text": ""}}', "field `kind`: need one of reasoning"),
        (_ERROR % b'"step": true', "`step`: need int, found bool"),
        (_ERROR % b'"step": 0', "steps are counted from 1"),
    ],
)
def test_a_broken_row_is_named(row: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        from_bytes(row)


def test_a_broken_field_deep_inside_is_named_with_its_way() -> None:
    attempt = Attempt(Problem("p", "?", "1"), ("a",), Grade(Outcome.WRONG, "2", "1", "number"))
    row = json.loads(to_bytes(attempt))
    row["Attempt"]["grade"]["outcome"] = "perfect"
    with pytest.raises(DataError, match="record `Attempt`, field `grade`, field `outcome`: need one of right, wrong"):
        from_bytes(json.dumps(row).encode())
    row["Attempt"] |= {"grade": None, "steps": "ab"}
    with pytest.raises(DataError, match="field `steps`: need a list, found str"):
        from_bytes(json.dumps(row).encode())


def test_what_is_no_record_is_refused() -> None:
    with pytest.raises(DataError, match="int: cannot be sent to another machine"):
        to_bytes(3)
    # A row of an input file holds whatever its file holds, dates and bytes included: its stages run where it was read.
    assert RawRow.__name__ not in RECORDS
