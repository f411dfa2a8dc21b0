"""The problems that a model is scored on: which rows are used, what is said of the others, and what they are called."""

import json
from pathlib import Path

import pytest

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.evaluation import BENCHMARKS
from lemma_hf.evaluation.problem_sets import (
    ProblemSet,
    _dataset_on_hub,
    _wanted,
    benchmark_sets,
    file_set,
    recorded_student,
    world_set,
)
from lemma_hf.inference import Sampling
from lemma_hf.prompts import prompt_style
from lemma_hf.records import DropReason, Problem

COLUMNS = {"question": "question", "answer": "answer", "identity": "id"}


def write(path: Path, *rows: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def test_only_a_whole_benchmark_is_named_on_the_hub() -> None:
    gsm8k, nothing = BENCHMARKS["gsm8k"], ("", "", "")
    assert _dataset_on_hub(gsm8k, 1319, from_file=False, sampled=False) == ("openai/gsm8k", "main", gsm8k.revision)
    assert _dataset_on_hub(gsm8k, 1319, from_file=True, sampled=False) == ("openai/gsm8k", "main", "")
    assert _dataset_on_hub(gsm8k, 1318, from_file=True, sampled=False) == nothing
    assert _dataset_on_hub(gsm8k, 1319, from_file=False, sampled=True) == nothing


def test_all_is_the_papers_seven_and_a_name_counts_once() -> None:
    assert _wanted(["math500", "all", "gsm8k"]) == ["math500", *(name for name in BENCHMARKS if name != "math500")]


def test_a_benchmark_from_a_file_has_its_shots_and_its_dropped_rows(tmp_path: Path) -> None:
    good = {"Body": "Ann has 3 pens.", "Question": "How many?", "Answer": 3, "Type": "Addition", "ID": "a"}
    path, said = write(tmp_path / "svamp.jsonl", good, good | {"Answer": "", "ID": "b"}), []
    (found,) = benchmark_sets(["svamp"], [f"svamp={path}"], tell=said.append)
    assert (found.name, found.policy, len(found.problems), found.dropped, len(found.shots)) == (
        "svamp",
        "svamp",
        1,
        1,
        4,
    )
    assert found.dataset == ("", "", "")
    assert said == [f"svamp: 1 rows left out, {DropReason.NO_REFERENCE_ANSWER}"]
    (plain,) = benchmark_sets(["svamp"], [f"svamp={path}"], shots=0, tell=said.append)
    assert plain.shots == ()


def test_a_file_for_a_benchmark_that_there_is_not_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"`data`: need NAME=FILE with a name of gsm8k, .*, found 'gsm9k'"):
        benchmark_sets(["gsm8k"], ["gsm9k=here.jsonl"])


def test_the_sums_of_the_world_turn_with_signs_and_its_stories_with_words() -> None:
    sums, stories = (world_set(name, 3, seed=1, policy="gsm8k") for name in ("sums", "stories"))
    assert list(sums.turns("2+2=5;!!2+2=4;####4")) == [6]
    assert list(stories.turns("2 + 2 = 5. Wait, that is wrong. 2 + 2 = 4.")) == [11]
    assert world_set("sums", 2, seed=1, policy="gsm8k").problems == sums.problems[:2]


def test_rows_of_a_file_that_cannot_be_used_are_said_and_counted(tmp_path: Path) -> None:
    rows = [{"id": n, "question": f"What is {n} + 1?", "answer": "" if n < 7 else n + 1} for n in range(9)]
    path, said = write(tmp_path / "mine.jsonl", *rows), []
    found = file_set(path, COLUMNS, "math", limit=1, tell=said.append)
    assert (found.name, [problem.id for problem in found.problems], found.dropped) == ("mine.jsonl", ["7"], 7)
    assert len(said) == 6 and said[0].startswith("left out: 0: ") and said[-1].startswith("2 problems in ")
    with pytest.raises(ConfigError, match="no row could be used"):
        file_set(write(path, *rows[:2]), COLUMNS, "math", tell=said.append)


def test_recorded_outputs_are_matched_to_the_problems_of_their_benchmark(tmp_path: Path) -> None:
    problems = ProblemSet("gsm8k", [Problem("1", "2+2?", "4"), Problem("2", "3+3?", "6")], "gsm8k")
    rows = [
        {"id": "1", "output": "4", "benchmark": "gsm8k"},
        {"id": "2", "output": "7", "benchmark": "math"},  # of another benchmark
        {"id": "9", "output": "1"},  # of no problem
    ]
    style, said = prompt_style("instruction"), []
    student = recorded_student(write(tmp_path / "out.jsonl", *rows), problems, style, tell=said.append)
    assert said == ["gsm8k: 1 outputs, 1 of other problems, 1 problems without"]
    first, second = student.complete([style.prompt(p.question) for p in problems.problems], Sampling())
    assert first[0].text == "4" and second[0].refused


@pytest.mark.parametrize("rows", [[], [{"question": "Another?", "output": "4"}]])
def test_outputs_of_none_of_the_problems_are_refused_and_no_score_of_0(tmp_path: Path, rows: list) -> None:
    problems = ProblemSet("gsm8k", [Problem("1", "2+2?", "4")], "gsm8k")
    path, said = write(tmp_path / "out.jsonl", *rows), []
    with pytest.raises(DataError, match=r"out\.jsonl: no row is an output for gsm8k"):
        recorded_student(path, problems, prompt_style("instruction"), tell=said.append)
    assert said
