"""The paper's tables: complete, consistent with their own averages, and beside a run."""

import pytest

from lemma_hf.errors import ConfigError
from lemma_hf.evaluation import compare_with_paper
from lemma_hf.evaluation.paper import MAJ_AT_32, PAPER_BENCHMARKS, PAPER_MODELS, PASS_AT_1

SEVEN = dict.fromkeys(PAPER_BENCHMARKS, 0.5)


@pytest.mark.parametrize("row", PASS_AT_1, ids=lambda row: f"{row.model} {row.method}")
def test_a_printed_average_is_that_of_its_seven_columns(row):
    assert tuple(row.scores) == PAPER_BENCHMARKS
    # Each figure is rounded to 0.1, so the mean of seven is known to 0.05, and so is the printed one.
    assert row.average == pytest.approx(sum(row.scores.values()) / 7, abs=0.1001)


def test_every_model_has_its_rows_and_lemma_beats_sft():
    assert PAPER_MODELS == ("LLaMA3-8B", "DeepSeekMath-7B", "Mistral-7B-v0.1", "Qwen2-Math-7B")
    rows = {(row.model, row.method): row for row in PASS_AT_1}
    assert len(rows) == len(PASS_AT_1) == 24
    for model in PAPER_MODELS:
        assert rows[model, "LEMMA"].average > rows[model, "SFT"].average
    assert rows["LLaMA3-8B", "LEMMA"].scores["math"] == 38.3
    assert {row.method for row in MAJ_AT_32 if row.model == "LLaMA3-8B"} == {"SFT", "LEMMA"}


def cells(line):
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_table_has_the_papers_columns_in_its_order_and_the_run_last():
    lines = compare_with_paper(SEVEN | {"math": 0.4325}, name="mine").splitlines()
    head = ["GSM8K", "MATH", "ASDiv", "Mathematics", "MAWPS", "SVAMP", "CollegeMath", "average"]
    assert cells(lines[0]) == ["LLaMA3-8B, tables 2 and 9", *head]
    assert len({len(cells(line)) for line in lines}) == 1
    lemma = next(cells(line) for line in lines if line.startswith("| LEMMA (88.90k)"))
    assert lemma[1:] == ["79.2", "38.3", "84.2", "39.2", "88.8", "82.6", "24.7", "62.4"]
    # (6 * 50 + 43.25) / 7 = 49.04
    assert cells(lines[-1]) == ["**mine**", "50.0", "43.2", *["50.0"] * 5, "49.0"]


def test_a_benchmark_that_was_not_scored_is_a_dash_and_then_there_is_no_average():
    six = {key: value for key, value in SEVEN.items() if key != "svamp"}
    own = cells(compare_with_paper(six).splitlines()[-1])
    assert own[6] == "–" and own[-1] == "–" and own.count("50.0") == 6
    assert cells(compare_with_paper({}).splitlines()[-1])[1:] == ["–"] * 8


def test_a_benchmark_beyond_the_paper_is_named_and_counts_in_no_average():
    table = compare_with_paper(SEVEN | {"math500": 0.9})
    assert table.splitlines()[-1] == "Not in the paper's table: math500."
    assert cells(table.splitlines()[-3])[-1] == "50.0"


def test_majority_votes_stand_beside_table_10():
    lines = compare_with_paper({"gsm8k": 0.9}, maj_at_32=True).splitlines()
    assert "table 10" in lines[0] and cells(lines[3])[:3] == ["LEMMA", "90.3", "53.1"]
    assert cells(lines[3])[5:7] == ["–", "–"] and cells(lines[3])[-1] == "–"


def test_percent_and_unknown_models_are_refused():
    with pytest.raises(ConfigError, match="not percent, but got gsm8k: 79"):
        compare_with_paper({"gsm8k": 79.2})
    with pytest.raises(ConfigError, match=r"no rows of a model 'GPT'; it has LLaMA3-8B, DeepSeekMath-7B"):
        compare_with_paper({}, "GPT")
    with pytest.raises(ConfigError, match=r"it has LLaMA3-8B, DeepSeekMath-7B$"):
        compare_with_paper({}, "Qwen2-Math-7B", maj_at_32=True)


def test_a_name_cannot_break_out_of_its_cell():
    lines = compare_with_paper({"gsm8k": 0.9}, name="a|b\n| c |").splitlines()
    assert lines[-1].startswith(r"| **a\|b \| c \|** | 90.0 |")
