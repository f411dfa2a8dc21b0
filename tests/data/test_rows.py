"""Rows and trajectories are two forms of the same thing."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lemma_hf.data.rows import COLUMNS, features, row_to_trajectory, trajectory_to_row
from lemma_hf.errors import DataError
from lemma_hf.prompts import PROMPT_STYLES, prompt_style
from lemma_hf.records import Error, Origin, Problem, Span, SpanKind, Strategy, Trajectory
from lemma_hf.taxonomy import ErrorType

PENS = Trajectory(
    Problem("pens", "4 boxes of 6 pens, 9 given away. How many are left?", "15", "4 * 6 = 24\n24 - 9 = 15", "hand"),
    (
        Span(SpanKind.REASONING, "4 * 6 = 24\n"),
        Span(SpanKind.ERROR, "24 - 9 = 16\n"),
        Span(SpanKind.REFLECTION, "Wait, that is off. "),
        Span(SpanKind.CORRECTION, "24 - 9 = 15\nThe answer is: 15"),
    ),
    (Error(ErrorType.CALCULATION, 2, Origin.INJECTED, Strategy.FIX_AND_CONTINUE, start=9),),
    "pens/fix",
)

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
errors = st.builds(
    Error,
    st.sampled_from([None, *ErrorType]),
    st.integers(1, 2**31 - 1),
    st.sampled_from([None, *Origin]),
    st.sampled_from([None, *Strategy]),
    start=st.sampled_from([None, 0]),
)
problems = st.builds(Problem, texts, texts, texts, texts, texts)


@st.composite
def trajectories(draw):
    records = tuple(draw(st.lists(errors, max_size=3)))
    kinds = [SpanKind.ERROR, SpanKind.REFLECTION, SpanKind.CORRECTION] * len(records)
    if not records or draw(st.booleans()):
        kinds.insert(0, SpanKind.REASONING)
    return Trajectory(draw(problems), tuple(Span(kind, draw(texts)) for kind in kinds), records, draw(texts))


def test_span_ends_count_the_characters_of_the_completion_with_its_lead():
    row = trajectory_to_row(PENS, prompt_style("instruction"))
    # The lead is one space: 1 + 11 + 12 + 19 + 29.
    assert row["completion"] == " " + PENS.text
    assert row["span_ends"] == [12, 24, 43, 72]
    assert row["span_ends"][-1] == len(row["completion"])
    assert (row["error_types"], row["error_steps"]) == (["calculation"], [2])
    # 1 + 11 characters before the error, and 9 of it before the "16"
    assert row["error_starts"] == [21] and row["completion"][21:].startswith("16")


@pytest.mark.parametrize("old", [{}, {"error_starts": None}, {"error_starts": [-1]}, {"error_starts": [None]}])
def test_a_row_without_the_place_of_its_mistake_is_read_as_one_in_which_it_is_not_known(old):
    row = trajectory_to_row(PENS, prompt_style("question"))
    del row["error_starts"]
    assert row_to_trajectory(row | old).errors[0].start is None


@given(trajectories(), st.sampled_from(sorted(PROMPT_STYLES)))
def test_a_trajectory_survives_being_a_row(trajectory, style):
    assert row_to_trajectory(trajectory_to_row(trajectory, prompt_style(style))) == trajectory


@settings(max_examples=30, deadline=None)
@given(trajectories(), st.sampled_from(sorted(PROMPT_STYLES)))
def test_a_trajectory_survives_json_and_the_class_indices_of_datasets(trajectory, style):
    row = trajectory_to_row(trajectory, prompt_style(style))
    assert row_to_trajectory(json.loads(json.dumps(row))) == trajectory
    assert row_to_trajectory(features().encode_example(row)) == trajectory


def test_class_names_stand_in_the_order_of_the_enums():
    assert tuple(features()) == COLUMNS
    assert features()["span_kinds"].feature.names == [str(kind) for kind in SpanKind]
    assert features()["error_types"].feature.names == [str(kind) for kind in ErrorType]


def test_minus_one_is_a_label_nobody_gave():
    row = trajectory_to_row(PENS, prompt_style("question")) | {"error_types": [-1]}
    assert row_to_trajectory(row).errors[0].type is None


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("completion", None, "field `completion`: need a text, found None"),
        ("completion", " shorter", "field `span_ends`: has to rise"),
        ("completion", "no lead" + PENS.text, "field `completion`: has to begin with ' '"),
        ("prompt", "Solve!", "field `prompt`: is not what"),
        ("prompt_style", "riddle", "field `prompt_style`: no prompt style is called 'riddle'"),
        ("span_ends", [12, 24, 43], "field `span_ends`: has 3 entries, but `span_kinds` has 4"),
        ("span_ends", [12, 12, 43, 72], "field `span_ends`: has to rise"),
        ("span_ends", [12, 24, 43, "72"], "field `span_ends`: need whole numbers, found '72'"),
        ("span_ends", "12", "field `span_ends`: need a list"),
        ("span_kinds", ["reasoning", "error", "doubt", "correction"], "field `span_kinds`: no label 'doubt'"),
        ("span_kinds", [0, 1, 2, 9], "field `span_kinds`: no label 9"),
        ("span_kinds", [0, 1, None, 3], "field `span_kinds`: a span without a kind"),
        ("span_kinds", [0, 1, 3, 3], "a correction span follows a error span"),
        ("error_types", [], "field `error_types`: has 0 entries, but `error_steps` has 1"),
        ("error_steps", [0], "steps are counted from 1"),
        ("error_starts", [11], "field `error_starts`: 11 lies outside of its error span, characters 12 to 23"),
        ("error_starts", [24], "field `error_starts`: 24 lies outside"),
        ("error_starts", [], "field `error_starts`: has 0 entries, but there are 1 error spans"),
        ("error_starts", [True], "field `error_starts`: need whole numbers, found True"),
        ("error_starts", 21, "field `error_starts`: need a list"),
    ],
)
def test_a_broken_row_is_refused_and_the_field_named(field, value, said):
    row = trajectory_to_row(PENS, prompt_style("question")) | {field: value}
    with pytest.raises(DataError) as caught:
        row_to_trajectory(row)
    assert said in str(caught.value)


def test_a_missing_field_is_named_with_the_fields_that_are_there():
    with pytest.raises(DataError, match="field `id`: missing; the row has text, label"):
        row_to_trajectory({"text": "a", "label": 1})
