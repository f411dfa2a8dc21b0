import pytest

from lemma_hf.errors import DataError
from lemma_hf.inference import Sampling
from lemma_hf.inference.from_file import FileStudent, match_outputs
from lemma_hf.records import DropReason, Problem

PROBLEMS = [Problem("a", "2 + 2?", "4"), Problem("b", "2 +\n3?", "5"), Problem("c", "2 + 4?", "6")]
PROMPTS = ["Q: 2 + 2?", "Q: 2 + 3?", "Q: 2 + 4?"]


def test_outputs_are_matched_by_id_or_by_question_and_strangers_are_counted():
    rows = [
        {"id": "a", "output": "4"},
        {"question": "2 + 3?", "output": "6"},
        {"id": "a", "output": "five"},
        {"id": "z", "question": "9?", "output": "9"},
    ]
    outputs, strangers = match_outputs(rows, PROBLEMS, PROMPTS)
    assert outputs == {"Q: 2 + 2?": ["4", "five"], "Q: 2 + 3?": ["6"]}
    assert strangers == 1


def test_a_problem_without_an_output_is_refused_and_not_wrong():
    found = FileStudent({"Q: 2 + 2?": ["4", "five", "six"]}).complete(PROMPTS, Sampling(n=2, temperature=1.0))
    assert [completion.text for completion in found[0]] == ["4", "five"]
    assert [completion.refused for completion in found[1]] == [DropReason.EMPTY] * 2


@pytest.mark.parametrize("row", [{"id": "a"}, {"id": "a", "output": 4}, {"output": "4"}])
def test_a_row_that_cannot_be_used_is_named(row):
    with pytest.raises(DataError, match="row 1"):
        match_outputs([row], PROBLEMS, PROMPTS)


def test_where_id_and_question_contradict_each_other_the_question_counts():
    rows = [{"id": "a", "question": "2 + 3?", "output": "5"}, {"id": "b", "question": "9 + 9?", "output": "18"}]
    assert match_outputs(rows, PROBLEMS, PROMPTS) == ({"Q: 2 + 3?": ["5"]}, 1)


def test_an_id_counts_where_the_row_holds_the_whole_prompt():
    rows = [{"id": "b", "question": "Solve: 2 + 3? Answer:", "output": "5"}]
    assert match_outputs(rows, PROBLEMS, PROMPTS) == ({"Q: 2 + 3?": ["5"]}, 0)


def test_an_id_tells_problems_with_the_same_question_apart_and_one_that_all_have_says_nothing():
    twins = [Problem("a", "2 + 2?", "4"), Problem("b", "2 + 2?", "22")]
    rows = [{"id": "b", "question": "2 + 2?", "output": "22"}]
    assert match_outputs(rows, twins, ["first", "second"]) == ({"second": ["22"]}, 0)
    same = [Problem("x", problem.question, "") for problem in PROBLEMS]
    rows = [{"id": "x", "output": "4"}, {"id": "x", "question": "2 + 2?", "output": "4"}]
    assert match_outputs(rows, same, PROMPTS) == ({"Q: 2 + 2?": ["4"]}, 1)
