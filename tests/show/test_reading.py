import json
from dataclasses import fields
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from show_samples import OUTPUTS, TURN, write

import lemma_hf
from lemma_hf.errors import DataError
from lemma_hf.records import Outcome, SpanKind, Strategy
from lemma_hf.show import WEIGHTS, OutputColumns, grade_missing, read_items
from lemma_hf.show.items import MAX_CHARACTERS_SHOWN, Part, shorten_parts


def test_the_shipped_dataset_is_read_row_by_row() -> None:
    shown = read_items(lemma_hf.DATASET_DIR)
    assert (shown.rows, len(shown.items), shown.dropped) == (2000, 2000, ())
    first = shown.items[0]
    assert [part.kind for part in first.parts] == list(SpanKind)
    assert first.errors[0].strategy is Strategy.FIX_AND_CONTINUE
    assert {item.groups["split"] for item in shown.items} == {"train", "test"}


def test_an_output_gets_its_spans_from_its_words_and_keeps_its_verdict(tmp_path: Path) -> None:
    turned, plain, *_ = read_items(write(tmp_path / "out.jsonl", OUTPUTS)).items
    assert [(part.kind, part.text) for part in turned.parts] == [
        (SpanKind.ERROR, "9 * 7 = 62. "),
        (SpanKind.REFLECTION, "Wait, that is wrong. "),
        (SpanKind.CORRECTION, "9 * 7 = 63. The answer is: 63"),
    ]
    assert turned.text == TURN
    assert plain.parts == (Part(None, "The answer is: 62"),)
    assert turned.grade is not None and turned.grade.outcome is Outcome.RIGHT
    assert turned.groups == {"subject": "Products"}


def test_the_verdict_that_lemma_hf_grade_wrote_is_read(tmp_path: Path) -> None:
    row = {"said": "#### 4", "grade": {"outcome": "wrong", "extracted": "4", "rule": "####>number"}, "tokens": 7}
    (item,) = read_items(write(tmp_path / "out.jsonl", [row]), OutputColumns(output="said")).items
    assert item.grade is not None
    assert (item.grade.outcome, item.grade.extracted, item.grade.rule) == (Outcome.WRONG, "4", "####>number")
    assert (item.id, item.more) == ("out.jsonl:1", {"tokens": "7"})


def test_rows_without_a_verdict_are_graded_and_the_others_are_left_alone(tmp_path: Path) -> None:
    rows = [
        {"output": "#### 4", "reference": "4"},
        {"output": "#### 4", "reference": "4", "outcome": "wrong"},
        {"output": "x"},
    ]
    items = grade_missing(read_items(write(tmp_path / "out.jsonl", rows)).items)
    verdicts = [None if item.grade is None else str(item.grade.outcome) for item in items]
    assert verdicts == ["right", "wrong", None]


def test_bad_rows_are_named_and_the_others_shown(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    lines = ['{"output": "fine"}', '{"output": 7}', '{"output": "cut', "[1]", '{"output": "x", "outcome": "splendid"}']
    path.write_text("\n".join(lines) + "\n")
    shown = read_items(path)
    assert [item.text for item in shown.items] == ["fine"]
    said = {each.id: each.detail for each in shown.dropped}
    assert list(said) == ["out.jsonl:2", "out.jsonl:3", "out.jsonl:4", "out.jsonl:5"]
    assert "need text in the field 'output', found int" in said["out.jsonl:2"]
    assert "no outcome is called 'splendid'" in said["out.jsonl:5"]
    assert shown.summary() == "5 rows in out.jsonl, 4 cannot be shown"


def test_a_trajectory_whose_spans_do_not_fit_is_named(tmp_path: Path) -> None:
    good = next(iter(pq.read_table(next(Path(lemma_hf.DATASET_DIR).rglob("*.parquet"))).slice(0, 1).to_pylist()))
    table = pa.Table.from_pylist([good, good | {"span_ends": [1, 2, 3, 4]}])
    pq.write_table(table, tmp_path / "rows.parquet")
    shown = read_items(tmp_path / "rows.parquet")
    assert (len(shown.items), [each.id for each in shown.dropped]) == (1, ["rows.parquet:2"])
    assert "span_ends" in shown.dropped[0].detail


@pytest.mark.parametrize("content", ["", '{"text": "x"}\n', "[]\n"])
def test_nothing_to_show_is_an_error_that_says_why(tmp_path: Path, content: str) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text(content)
    with pytest.raises(DataError, match="holds no row that can be shown"):
        read_items(path)


def test_what_is_not_there_or_has_no_rows_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.jsonl: cannot be read"):
        read_items(tmp_path / "none.jsonl")
    with pytest.raises(DataError, match=r"holds no \.parquet, \.jsonl or \.csv files"):
        read_items(tmp_path)


def test_a_draw_is_the_same_for_the_same_seed_and_as_likely_for_each_row(tmp_path: Path) -> None:
    path = write(tmp_path / "out.jsonl", [{"id": n, "output": "x"} for n in range(10)])
    draws = [[item.id for item in read_items(path, limit=3, seed=seed).items] for seed in range(600)]
    assert draws[5] == [item.id for item in read_items(path, limit=3, seed=5).items]
    assert all(draw == sorted(draw, key=int) for draw in draws)
    counts = [sum(str(n) in draw for draw in draws) for n in range(10)]
    # 600 draws of 3 of 10: 180 each, with a standard deviation of 11; five of these either way.
    assert all(125 < count < 235 for count in counts), counts


def test_several_outputs_of_one_problem_can_each_be_linked_to(tmp_path: Path) -> None:
    rows = [{"id": name, "output": "x"} for name in ("p", "p", "p~2", "p", "y" * 500)]
    ids = [item.id for item in read_items(write(tmp_path / "out.jsonl", rows)).items]
    assert ids[:4] == ["p", "p~2", "p~2~2", "p~3"]
    assert len(ids[4]) == 200 and len(set(ids)) == 5


def test_a_text_beyond_all_measure_is_cut_and_says_so() -> None:
    parts = (
        Part(SpanKind.ERROR, "e" * (MAX_CHARACTERS_SHOWN - 2)),
        Part(SpanKind.REFLECTION, "rrr"),
        Part(None, "x" * 10),
    )
    assert [part.text[:60] for part in shorten_parts(parts)][1:] == ["rr … 11 more characters are not shown"]
    assert shorten_parts(parts[:1]) == parts[:1]


def test_the_weights_are_those_of_training() -> None:
    from lemma_hf.train import LemmaSFTConfig

    trained = {field.name: field.default for field in fields(LemmaSFTConfig)}
    assert {kind: trained[f"{kind}_weight"] for kind in SpanKind} == dict(WEIGHTS)


def test_a_folder_of_scores_shows_the_items_and_not_the_figures(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(json.dumps({"accuracy": 1}))
    write(tmp_path / "items.jsonl", OUTPUTS)
    assert [item.id for item in read_items(tmp_path).items] == [row["id"] for row in OUTPUTS]


TEXT = "9 * 7 = 62.\nWait, that is wrong. 9 * 7 = 63.\nThe answer is: 63"
CONVERSATIONS = {
    "instruction and output": {"instruction": "9 *", "input": "7?", "output": TEXT},
    "conversations": {"conversations": [{"from": "human", "value": "9 *\n7?"}, {"from": "gpt", "value": TEXT}]},
    "messages": {"messages": [{"role": "user", "content": "9 *\n7?"}, {"role": "assistant", "content": TEXT}]},
    "prompt and completion": {"prompt": "9 *\n7?", "completion": f" {TEXT}"},
}


@pytest.mark.parametrize("form", CONVERSATIONS)
def test_an_array_of_conversations_is_shown(tmp_path: Path, form: str) -> None:
    (tmp_path / "rows.json").write_text(json.dumps([CONVERSATIONS[form] | {"reference": "63"}], indent=2))
    shown = read_items(tmp_path / "rows.json")
    (item,) = shown.items
    assert (item.question, item.text, item.reference, item.id) == ("9 *\n7?", TEXT, "63", "rows.json:1")
    assert item.turns and not item.more
    said = f", question and output read from {form}" if form != "instruction and output" else ""
    assert shown.summary() == f"1 row in rows.json{said}"


def test_a_bad_row_of_an_array_is_named_and_the_others_shown(tmp_path: Path) -> None:
    bad = {"messages": [{"role": "bob", "content": "x"}]}
    (tmp_path / "rows.json").write_text(json.dumps([CONVERSATIONS["messages"], 2, bad, CONVERSATIONS["conversations"]]))
    shown = read_items(tmp_path / "rows.json")
    assert [item.id for item in shown.items] == ["rows.json:1", "rows.json:4"]
    assert [(each.id, each.detail[:60]) for each in shown.dropped] == [
        ("rows.json:2", "need a JSON object, found an int"),
        ("rows.json:3", "field `messages`, turn 1: need `role` as one of system, deve"),
    ]
    assert shown.summary().endswith("question and output read from messages or conversations")
