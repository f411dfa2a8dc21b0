"""Problems of a test set are found by the words they share with it."""

import gzip
import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.pipeline import Funnel, decontaminate
from lemma_hf.records import Attempt, Problem

QUESTION = "Tom has 3 boxes of 12 pens each and gives 7 pens to his sister. How many are left?"
BENCH = Path(__file__).resolve().parents[3] / "shared" / "data" / "bench"


def index(*questions: str, n: int = 13) -> decontaminate.TestSetIndex:
    return decontaminate.TestSetIndex.from_questions({"mine": questions}, n)


def test_thirteen_words_in_a_row_are_an_overlap_and_twelve_are_none() -> None:
    words = QUESTION.split()
    assert len(words) == 19
    inside = "Once upon a time: " + " ".join(words[2:15]) + " and so on?"
    short = "Once upon a time: " + " ".join(words[2:14]) + " and so on?"
    assert index(QUESTION).overlap(inside) == "mine"
    assert index(QUESTION).overlap(short) is None


def test_case_punctuation_latex_and_commas_of_thousands_make_no_difference() -> None:
    test_set = index("Let $f(x) = \\frac{1}{2}x + 1,000$; what is $f(4)$ and what is $f(10)$?")
    assert test_set.overlap("let f(x)=\\frac12 x+1000.") is None
    assert test_set.overlap("LET \\(f(x)=\\frac{ 1 }{ 2 } x+1000\\): what is f(4), and what is f(10)?") == "mine"
    assert test_set.overlap("Let $f(x) = \\frac{1}{2}x + 2,000$; what is $f(4)$ and what is $f(10)$?") is None


def test_a_short_question_matches_as_a_whole() -> None:
    assert index("What is 2 + 3?").overlap("what is 2+3") == "mine"
    assert index("What is 2 + 3?").overlap("What is 2 + 3 + 4?") is None
    assert index("What is 2 + 3?").overlap(QUESTION + " What is 2 + 3?") is None
    assert index("", "?!").overlap("") is None


def test_the_first_named_test_set_is_said() -> None:
    both = decontaminate.TestSetIndex.from_questions({"one": ["a b c"], "two": ["a b c", "c d e"]}, 3)
    assert (both.overlap("a b c"), both.overlap("b c d e"), both.overlap("b c d")) == ("one", "two", None)
    with pytest.raises(ConfigError, match="at least 1 word, found n = 0"):
        index("?", n=0)


def test_another_process_finds_the_same() -> None:
    code = "import pickle, sys; index, question = pickle.load(sys.stdin.buffer); print(index.overlap(question), end='')"
    told = pickle.dumps((index(QUESTION), QUESTION))
    done = subprocess.run([sys.executable, "-c", code], input=told, capture_output=True, check=True, timeout=60)
    assert done.stdout == b"mine"


def test_problems_and_attempts_are_left_out_with_the_test_sets_name() -> None:
    problems = [Problem("in", QUESTION, "29"), Problem("out", "What is 1 + 1?", "2")]
    funnel = Funnel(progress=False)
    assert funnel.run(decontaminate.decontaminate_stage(index(QUESTION)), problems) == problems[1:]
    attempts = [Attempt(problem, ("?",), id=f"try-{problem.id}") for problem in problems]
    (dropped, kept) = decontaminate.decontaminate_attempts_stage(index(QUESTION)).work(attempts)
    assert (kept, getattr(dropped, "id", ""), getattr(dropped, "detail", "")) == (attempts[1], "try-in", "mine")
    assert funnel.counts[0].dropped == {"overlaps_test_set": 1}


def test_test_sets_are_read_by_file_and_column(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl.gz").write_bytes(gzip.compress(json.dumps({"question": "q?", "problem": "p?"}).encode()))
    assert decontaminate.read_test_set("t.jsonl.gz", tmp_path) == ["q?"]
    assert decontaminate.read_test_set("t.jsonl.gz:problem", tmp_path) == ["p?"]
    names = ["t.jsonl.gz", "t.jsonl.gz:problem"]
    assert decontaminate.read_test_sets(names, tmp_path, n=1).names == tuple(names)
    with pytest.raises(DataError, match=r"t\.jsonl\.gz, line 1, field `text`: missing"):
        decontaminate.read_test_set("t.jsonl.gz:text", tmp_path)
    with pytest.raises(DataError, match=r"none\.jsonl: cannot be read"):
        decontaminate.read_test_set("none.jsonl", tmp_path)
    (tmp_path / "empty.jsonl").write_text('{"question": "?"}\n', "utf-8")
    with pytest.raises(DataError, match="holds no questions"):
        decontaminate.read_test_set("empty.jsonl", tmp_path)


def test_test_sets_are_read_as_datasets(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"question": ["q?"], "text": ["t?"]}), tmp_path / "test-00000.parquet")
    folder = str(tmp_path)
    assert decontaminate.read_test_set(folder) == ["q?"]
    assert decontaminate.read_test_set(f"{folder}::test:text") == ["t?"]
    with pytest.raises(DataError, match="has no column `problem`, but `question`, `text`"):
        decontaminate.read_test_set(f"{folder}:::problem")
    with pytest.raises(ConfigError, match="too many parts"):
        decontaminate.read_test_set("a:b:c:d:e")
    with pytest.raises(DataError, match="dataset 'nobody/nothing'"):
        decontaminate.read_test_set("nobody/nothing")


def test_real_test_sets_find_their_own() -> None:
    if not (BENCH / "math500_test.jsonl.gz").is_file():
        pytest.skip("the benchmarks are not here: real data lies beside the checkout, in shared/data")
    math500 = decontaminate.read_test_set("math500_test.jsonl.gz", BENCH)
    math = decontaminate.read_test_sets(["math_test.jsonl.gz"], BENCH)
    assert sum(math.overlap(question) is not None for question in math500) == 500
    gsm8k = decontaminate.read_test_sets(["gsm8k_test.jsonl.gz"], BENCH)
    train = decontaminate.read_test_set("gsm8k_train.jsonl.gz", BENCH)
    assert sum(gsm8k.overlap(question) is not None for question in train) == 4
