"""Benchmarks: what is declared, every copy's columns, and the real copies where they are at hand."""

import gzip
import json
import re
import socket
from pathlib import Path

import pytest

from lemma_hf.data import load_any
from lemma_hf.errors import ConfigError, DataError
from lemma_hf.evaluation import paper
from lemma_hf.evaluation.benchmarks import BENCHMARKS, count_dropped, get_benchmark, load_benchmark
from lemma_hf.grading import grade_many
from lemma_hf.prompts import PROMPT_STYLES
from lemma_hf.records import Dropped, DropReason, Outcome, Problem

BENCH = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "bench"
needs_copies = pytest.mark.skipif(not BENCH.is_dir(), reason="needs ../shared/data/bench, not part of the project")

FROM_THE_HUB = {
    "gsm8k": {"question": "How many?", "answer": "9 * 2 = <<9*2=18>>18 pens.\n#### 1,800"},
    "math": {"problem": "p?", "level": "Level 5", "type": "Algebra", "solution": "So $1 + 1 = \\boxed{\\frac{4}{2}}.$"},
    "math500": {
        "problem": "p?",
        "solution": "So $\\boxed{2}$.",
        "answer": "2",
        "subject": "Algebra",
        "level": 5,
        "unique_id": "test/algebra/7.json",
    },
    "asdiv": {
        "body": "Seven red apples and two green apples are in the basket.",
        "question": "How many apples are there?",
        "solution_type": "Addition",
        "answer": "9 (apples)",
        "formula": "7+2=9",
    },
    "mawps": {
        "id": "mawps__x1",
        "question": "How many ?",
        "chain": "<gadget>1+1</gadget>",
        "result": "2",
        "result_float": 2.0,
        "expression": "1+1",
    },
    "svamp": {
        "ID": "chal-777",
        "Body": "There are 290 bananas in 2 groups.",
        "Question": "How big is a group?",
        "Equation": "( 290.0 / 2.0 )",
        "Answer": "145",
        "Type": "Common-Division",
        "question_concat": "…",
    },
    "college_math": {
        "data_source": "college_math.Calculus",
        "question_number": "exercise.1.1",
        "question": "Simplify: $-10-4(n-5)$",
        "answer": "$10-4 n$",
        "license": "CC",
        "data_topic": "college_math.algebra",
    },
    "deepmind_math": {"question": "What is 4/2?", "answer": "2", "id": 1},
}
READ = {
    "gsm8k": Problem("gsm8k/1", "How many?", "1,800", "9 * 2 = 18 pens.", "gsm8k"),
    "math": Problem(
        "math/1", "p?", "\\frac{4}{2}", "So $1 + 1 = \\boxed{\\frac{4}{2}}.$", "math", "Algebra", "Level 5"
    ),
    "math500": Problem("math500/test/algebra/7.json", "p?", "2", "So $\\boxed{2}$.", "math500", "Algebra", "Level 5"),
    "asdiv": Problem(
        "asdiv/1",
        "Seven red apples and two green apples are in the basket. How many apples are there?",
        "9",
        "",
        "asdiv",
        "Addition",
    ),
    "mawps": Problem("mawps/mawps__x1", "How many ?", "2", "", "mawps"),
    "svamp": Problem(
        "svamp/chal-777",
        "There are 290 bananas in 2 groups. How big is a group?",
        "145",
        "",
        "svamp",
        "Common-Division",
    ),
    "college_math": Problem("college_math/1", "Simplify: $-10-4(n-5)$", "$10-4 n$", "", "college_math", "algebra"),
    "deepmind_math": Problem("deepmind_math/1", "What is 4/2?", "2", "", "deepmind_math"),
}


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return str(path)


def load(tmp_path, name, *rows):
    return load_benchmark(name, path=write(tmp_path / "rows.jsonl", rows))


# What is declared


def test_the_papers_seven_and_math500_are_there_with_the_papers_shots():
    assert set(BENCHMARKS) == {*paper.PAPER_BENCHMARKS, "math500"}
    assert {name for name, benchmark in BENCHMARKS.items() if benchmark.shots == 4} == {"asdiv", "mawps", "svamp"}
    assert {benchmark.shots for benchmark in BENCHMARKS.values()} == {0, 4}
    for name, benchmark in BENCHMARKS.items():
        assert len(benchmark.few_shots()) == benchmark.shots
        assert benchmark.name == benchmark.policy == name and benchmark.style in PROMPT_STYLES
        assert benchmark.license and benchmark.paper.startswith("https://") and benchmark.size > 0


def test_a_revision_is_a_commit_or_says_that_it_is_none():
    commits = {name: benchmark.revision for name, benchmark in BENCHMARKS.items() if benchmark.hub_id}
    assert {name for name, revision in commits.items() if revision == "main"} == {"college_math"}
    assert all(re.fullmatch("[0-9a-f]{40}", revision) for revision in commits.values() if revision != "main")


def test_a_copy_on_the_hub_of_another_size_has_a_note():
    assert [name for name, b in BENCHMARKS.items() if b.hub_size != b.size] == ["asdiv", "mawps", "deepmind_math"]
    assert all(b.note for b in BENCHMARKS.values() if b.hub_size != b.size)


@pytest.mark.parametrize(
    ("name", "near"), [("gms8k", "'gsm8k'"), ("MATH-500", "'math500'"), ("deepmind", "deepmind_math")]
)
def test_an_unknown_name_is_refused_with_the_nearest(name, near):
    with pytest.raises(ConfigError, match=f"no benchmark is called '{name}'.*{near}"):
        get_benchmark(name)


# Rows


@pytest.mark.parametrize("name", BENCHMARKS)
def test_rows_as_on_the_hub_are_read(tmp_path, name):
    assert load(tmp_path, name, FROM_THE_HUB[name]) == [READ[name]]


@pytest.mark.parametrize("name", BENCHMARKS)
def test_rows_in_our_own_form_are_read(tmp_path, name):
    ours = {
        "id": f"{name}/test/0",
        "question": "A pen? How many?",
        "answer": "18",
        "type": "T",
        "solution": "It is 18.",
    }
    (problem,) = load(tmp_path, name, ours)
    assert (problem.id, problem.question, problem.reference_answer) == (f"{name}/test/0", "A pen? How many?", "18")
    assert (problem.subject, problem.reference_solution, problem.source) == ("T", "It is 18.", name)


def test_maths_last_box_counts_and_a_box_that_is_cut_off_is_no_answer(tmp_path):
    solutions = [
        "$\\boxed{1}$, no: $\\boxed{\\{2, 3\\}}$",
        "$\\boxed{-2}$ and $\\boxed{1}$",
        "$\\fbox{7}$",
        "$\\boxed{1",
        "7",
    ]
    items = load(tmp_path, "math", *({"problem": "p?", "solution": solution} for solution in solutions))
    assert [item.reference_answer for item in items[:3]] == ["\\{2, 3\\}", "1", "7"]
    assert [item.reason for item in items[3:]] == [DropReason.NO_REFERENCE_ANSWER] * 2


@pytest.mark.parametrize(
    ("raw", "answer"),
    [("9 (apples)", "9"), ("2:3", "2:3"), ("1/2 (of a pie)", "1/2"), ("(3, 4)", "(3, 4)"), ("-3.5(miles)", "-3.5")],
)
def test_asdivs_units_are_taken_off(tmp_path, raw, answer):
    assert load(tmp_path, "asdiv", {"question": "q?", "answer": raw})[0].reference_answer == answer


def test_asdivs_rows_with_several_answers_are_dropped_and_counted(tmp_path):
    rows = [{"question": "q?", "answer": "9 (apples)"}, {"question": "q?", "answer": "5 (apples); 7 (pears)"}]
    one, several = load(tmp_path, "asdiv", *rows)
    assert isinstance(one, Problem) and several == Dropped(
        "asdiv/2", "problems", DropReason.NO_REFERENCE_ANSWER, "row 2: asks for several answers, '5 (apples); 7'"
    )
    assert load(tmp_path, "college_math", {"question": "q?", "answer": "5; 7"})[0].reference_answer == "5; 7"


@pytest.mark.parametrize(
    ("value", "answer"), [(145, "145"), (145.0, "145"), (0.75, "0.75"), (1e16, "10000000000000000"), ("145.0", "145.0")]
)
def test_numbers_may_be_numbers(tmp_path, value, answer):
    assert load(tmp_path, "svamp", {"question": "q?", "answer": value})[0].reference_answer == answer


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"question": "q?"}, DropReason.NO_REFERENCE_ANSWER),
        ({"question": "q?", "answer": None}, DropReason.NO_REFERENCE_ANSWER),
        ({"question": "q?", "answer": " "}, DropReason.NO_REFERENCE_ANSWER),
        ({"question": "q?", "answer": True}, DropReason.NO_REFERENCE_ANSWER),
        ({"question": "q?", "answer": [1, 2]}, DropReason.NO_REFERENCE_ANSWER),
        ({"question": "q?", "answer": "Nobody knows.\n####"}, DropReason.NO_REFERENCE_ANSWER),
        ({"question": "", "answer": "1"}, DropReason.BAD_ROW),
        ({"frage": "q?", "answer": "1"}, DropReason.BAD_ROW),
    ],
    ids=str,
)
def test_a_row_without_question_or_answer_is_dropped_and_counted(tmp_path, row, reason):
    good, bad = load(tmp_path, "gsm8k", {"question": "q?", "answer": "1"}, row)
    assert isinstance(good, Problem) and bad.reason is reason and bad.id == "gsm8k/2"
    assert count_dropped([good, bad]) == {str(reason): 1}


def test_where_no_row_can_be_used_the_columns_are_named(tmp_path):
    with pytest.raises(
        DataError, match=r"none of 1 rows of 'svamp' can be used; .*`Body` \+ `Question`; the row has `frage`"
    ):
        load(tmp_path, "svamp", {"frage": "q?", "antwort": "1"})


def test_rows_with_the_same_id_stay_different_problems(tmp_path):
    rows = [{"id": "a", "question": "q?", "answer": str(answer)} for answer in (1, 2, 3)]
    assert [item.id for item in load(tmp_path, "gsm8k", *rows)] == ["gsm8k/a", "gsm8k/a~2", "gsm8k/a~3"]


# Where rows are


def test_a_limit_draws_by_the_seed_in_the_benchmarks_order_and_keeps_what_was_dropped(tmp_path):
    rows = [{"question": f"{n}?", "answer": "" if n == 5 else str(n)} for n in range(40)]
    path = write(tmp_path / "rows.jsonl", rows)

    def drawn(limit, seed=0):
        items = load_benchmark("gsm8k", path=path, limit=limit, seed=seed)
        assert [item.id for item in items if isinstance(item, Dropped)] == ["gsm8k/6"]
        return [int(item.reference_answer) for item in items if isinstance(item, Problem)]

    assert drawn(10) == sorted(drawn(10)) == drawn(10) and len(set(drawn(10))) == 10
    assert drawn(10) != drawn(10, seed=1) and drawn(10) != list(range(11))[:10]
    assert set(drawn(10)) < set(drawn(20)) < set(drawn(1000)) == set(range(40)) - {5}
    with pytest.raises(ConfigError, match="limit has to be at least 1, but is 0"):
        load_benchmark("gsm8k", path=path, limit=0)


@pytest.mark.parametrize(
    "place", ["math_test.jsonl", "math-test.jsonl", "math.jsonl", "math/test.jsonl", "test.jsonl", "math_test.jsonl.gz"]
)
def test_the_file_is_found_in_a_folder_and_no_other_benchmarks(tmp_path, place):
    write(tmp_path / "math500_test.jsonl", [{"problem": "wrong one", "answer": "1"}])
    (tmp_path / "math").mkdir()
    path = tmp_path / place
    write(path, [{"problem": "p?", "answer": "1"}])
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(path.read_bytes()))
    assert [item.question for item in load_benchmark("math", path=str(tmp_path))] == ["p?"]


def test_a_parquet_file_is_read(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist([FROM_THE_HUB["math500"]]), tmp_path / "math500.parquet")
    assert load_benchmark("math500", path=str(tmp_path)) == [READ["math500"]]


def test_a_file_that_is_one_list_is_read_as_the_authors_of_svamp_publish_it(tmp_path):
    (tmp_path / "SVAMP.json").write_text(json.dumps([FROM_THE_HUB["svamp"]], indent=2), "utf-8-sig")
    assert load_benchmark("svamp", path=str(tmp_path / "SVAMP.json")) == [READ["svamp"]]


@pytest.mark.parametrize(
    ("text", "why"), [("[1]", "row 1: need a JSON object, found an int"), ("[{", "the file ends within row 1")]
)
def test_a_broken_list_is_named(tmp_path, text, why):
    (tmp_path / "svamp.json").write_text(text, "utf-8")
    with pytest.raises(DataError, match=f"svamp.json.*{why}"):
        load_benchmark("svamp", path=str(tmp_path))


def test_a_copy_of_a_dataset_is_read_with_its_splits(tmp_path):
    from datasets import Dataset, DatasetDict

    parts = {split: Dataset.from_list([FROM_THE_HUB["svamp"] | {"ID": split}]) for split in ("test", "train")}
    DatasetDict(parts).save_to_disk(str(tmp_path / "svamp"))
    assert [item.id for item in load_benchmark("svamp", path=str(tmp_path))] == ["svamp/train", "svamp/test"]


@pytest.mark.parametrize("path", ["", "nothing.jsonl"])
def test_where_there_is_nothing_it_says_what_was_looked_for(tmp_path, path):
    with pytest.raises(DataError, match=r"no such file or folder|neither gsm8k_test\.jsonl"):
        load_benchmark("gsm8k", path=str(tmp_path / path))


# The Hub


@pytest.mark.parametrize("name", [name for name, benchmark in BENCHMARKS.items() if benchmark.hub_id])
def test_the_hub_is_asked_for_what_is_declared(monkeypatch, name):
    import datasets

    asked = []

    def load_dataset(*names, **options):
        asked.append((*names, options))
        return [FROM_THE_HUB[name]]

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    assert load_benchmark(name) == [READ[name]]
    declared = BENCHMARKS[name]
    options = {"split": declared.split, "revision": declared.revision}
    assert asked == [(declared.hub_id, declared.hub_config or None, options)]


def cache(folder, benchmark, rows):
    """The cache as `datasets` leaves it after a download."""
    from datasets import load_dataset

    name = benchmark.hub_id.split("/")[1]
    file = write(folder / "rows.jsonl", rows)
    load_dataset("json", data_files={"test": file}, cache_dir=str(folder / "made"))
    (made,) = (path.parent for path in (folder / "made").rglob("dataset_info.json"))
    place = (
        folder / "cache" / benchmark.hub_id.replace("/", "___") / benchmark.hub_config / "0.0.0" / benchmark.revision
    )
    place.mkdir(parents=True)
    info = json.loads((made / "dataset_info.json").read_text("utf-8"))
    info |= {"dataset_name": name, "config_name": benchmark.hub_config, "builder_name": "parquet"}
    info["splits"]["test"]["dataset_name"] = name
    (place / "dataset_info.json").write_text(json.dumps(info), "utf-8")
    (made / "json-test.arrow").rename(place / f"{name}-test.arrow")
    return str(folder / "cache")


def test_offline_the_cache_is_enough(tmp_path, monkeypatch):
    import datasets

    assert datasets.config.HF_HUB_OFFLINE  # as in `conftest`
    monkeypatch.setattr(
        datasets.config, "HF_DATASETS_CACHE", cache(tmp_path, BENCHMARKS["gsm8k"], [FROM_THE_HUB["gsm8k"]])
    )
    assert load_benchmark("gsm8k") == [READ["gsm8k"]]


def test_offline_without_a_cache_both_ways_are_named(tmp_path, monkeypatch):
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(tmp_path))
    with pytest.raises(DataError, match=r"'gsm8k' cannot be had from the Hub .*HF_HUB_OFFLINE=1; or .*`path`"):
        load_benchmark("gsm8k")


@pytest.fixture
def no_way_to_the_hub(monkeypatch):
    """The Hub at a port that takes no connections, and no setting that says so."""
    import datasets

    with socket.socket() as bound:  # and not listening
        bound.bind(("127.0.0.1", 0))
        monkeypatch.setattr(datasets.config, "HF_ENDPOINT", f"http://127.0.0.1:{bound.getsockname()[1]}")
        monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", False)
        yield
        assert not datasets.config.HF_HUB_OFFLINE  # left as it was


def test_where_the_hub_cannot_be_reached_the_cache_is_enough(no_way_to_the_hub, tmp_path, monkeypatch):
    import datasets

    monkeypatch.setattr(
        datasets.config, "HF_DATASETS_CACHE", cache(tmp_path, BENCHMARKS["gsm8k"], [FROM_THE_HUB["gsm8k"]])
    )
    assert load_benchmark("gsm8k") == [READ["gsm8k"]]


def test_where_the_hub_cannot_be_reached_it_is_tried_once_and_both_ways_are_named(
    no_way_to_the_hub, tmp_path, monkeypatch
):
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(tmp_path))
    said = r"http://127\.0\.0\.1:\d+ cannot be reached from here, and no copy is in the cache"
    with pytest.raises(DataError, match=said + r".*HF_HUB_OFFLINE=1; or .*`path` \(of score\.py: --data gsm8k=PATH;"):
        load_benchmark("gsm8k")
    with pytest.raises(DataError, match=said):
        load_any("someone/rows")


def test_what_is_not_on_the_hub_says_where_it_is():
    with pytest.raises(DataError, match=r"'deepmind_math' is not on the Hub: give `path`.*deepmind\.json"):
        load_benchmark("deepmind_math")


# The real copies


@needs_copies
@pytest.mark.parametrize("name", BENCHMARKS)
def test_the_real_copy_is_read_whole_and_its_references_are_right_of_themselves(name):
    items = load_benchmark(name, path=str(BENCH))
    assert len(items) == BENCHMARKS[name].size and count_dropped(items) == {}
    assert len({problem.id for problem in items}) == len(items)
    references = [problem.reference_answer for problem in items]
    boxed = [f"\\boxed{{{reference}}}" for reference in references]
    outcomes = [grade.outcome for grade in grade_many(boxed, references, benchmark=BENCHMARKS[name].policy)]
    # ASDiv's row 1313 has the answer "-", which says nothing.
    unreadable = [
        problem.id for problem, outcome in zip(items, outcomes, strict=True) if outcome is Outcome.UNREADABLE_REFERENCE
    ]
    assert unreadable == (["asdiv/test/1313"] if name == "asdiv" else [])
    assert outcomes.count(Outcome.RIGHT) == len(items) - len(unreadable)


@needs_copies
@pytest.mark.parametrize("name", ["math", "math500"])
def test_the_box_of_every_real_solution_is_its_answer(tmp_path, name):
    rows = [json.loads(line) for line in gzip.decompress((BENCH / f"{name}_test.jsonl.gz").read_bytes()).splitlines()]
    path = write(tmp_path / "rows.jsonl", [{key: row[key] for key in row if key != "answer"} for row in rows])
    assert [item.reference_answer for item in load_benchmark(name, path=path)] == [
        row["answer"].strip() for row in rows
    ]


@needs_copies
def test_every_real_answer_of_asdiv_loses_its_unit_and_nothing_else(tmp_path):
    rows = [json.loads(line) for line in gzip.decompress((BENCH / "asdiv_test.jsonl.gz").read_bytes()).splitlines()]
    raw = [{"body": "b", "question": row["question"], "answer": row["answer_raw"]} for row in rows]
    items = load_benchmark("asdiv", path=write(tmp_path / "rows.jsonl", raw))
    assert [item.reference_answer for item in items] == [row["answer"] for row in rows]


@needs_copies
def test_math_comes_with_seven_subjects_and_five_levels():
    items = load_benchmark("math500", path=str(BENCH)) + load_benchmark("math", path=str(BENCH))
    assert len({problem.subject for problem in items}) == 7
    assert {problem.level for problem in items} == {f"Level {n}" for n in range(1, 6)}
