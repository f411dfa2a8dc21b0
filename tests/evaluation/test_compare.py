"""Two runs as pairs: the table by hand, McNemar's test by tossing every coin, the interval against published ones."""

from itertools import product

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lemma_hf.errors import DataError
from lemma_hf.evaluation import Scored, ScoredRun, Share, compare_runs, read_scored_items
from lemma_hf.evaluation.compare import ContingencyTable
from lemma_hf.grading import grade
from lemma_hf.inference import Completion
from lemma_hf.records import Problem


def every_coin(first, second):
    """Two-sided exact p and mid-p: all ways in which a fair coin parts the problems that tell the runs apart."""
    heads = [sum(tosses) for tosses in product((0, 1), repeat=first + second)]
    seen = abs(first - second)
    gaps = [abs(2 * each - first - second) for each in heads]
    as_far, as_seen = sum(gap >= seen for gap in gaps), sum(gap == seen for gap in gaps)
    return as_far / len(gaps), (as_far - as_seen / 2) / len(gaps)


@pytest.mark.parametrize(("first", "second"), [(0, 1), (1, 1), (0, 5), (2, 7), (7, 2), (4, 4), (3, 10)])
def test_mcnemars_p_is_that_of_tossing_every_coin(first, second):
    table = ContingencyTable(20, first, second, 30)
    assert (table.p_value, table.mid_p) == pytest.approx(every_coin(first, second))


def test_a_published_table_gives_the_published_figures():
    # Fagerland, Lydersen and Laake 2014 (doi:10.1002/sim.6148), airway hyper-responsiveness.
    table = ContingencyTable(1, 1, 7, 12)
    assert (table.p_value, table.mid_p) == pytest.approx((0.0703, 0.0391), abs=5e-5)
    assert table.interval == pytest.approx((0.026, 0.507), abs=5e-4)
    # Newcombe 1998, 36, 12, 2 and 0.
    assert ContingencyTable(36, 2, 12, 0).interval == pytest.approx((0.0569, 0.3404), abs=5e-5)


def test_swapping_the_runs_turns_the_interval_round():
    for cells in product((0, 1, 5, 20), repeat=4):
        both, first, second, neither = cells
        low, high = ContingencyTable(both, first, second, neither).interval
        assert ContingencyTable(both, second, first, neither).interval == pytest.approx((-high, -low))
        assert -1 <= low <= ContingencyTable(*cells).difference <= high <= 1


def test_large_tables_neither_overflow_nor_take_long():
    assert ContingencyTable(0, 5_000, 5_000, 0).p_value == 1.0
    assert 0 < ContingencyTable(50_000, 4_800, 5_200, 0).p_value < 1e-3
    assert ContingencyTable(0, 0, 20_000, 0).p_value == 0.0


def test_runs_that_never_differ_leave_room_for_a_difference():
    low, high = ContingencyTable(5, 0, 0, 5).interval
    table = ContingencyTable(5, 0, 0, 5)
    assert low < 0 < high and table.p_value == table.mid_p == 1.0


def row(key, right, prompt="p", question="q", **more):
    outcome = "right" if right else "wrong"
    return {"id": key, "outcome": outcome, "prompt": prompt, "question": question, "reference": "1", **more}


def test_problems_are_matched_by_id_and_the_rest_is_counted_and_left_out():
    first = ScoredRun.from_rows([row("a", 1), row("b", 0), row("c", 1), row("only", 1)], "base")
    second = ScoredRun.from_rows([row("c", 1), row("b", 1), row("a", 0), row("x", 0), row("y", 0)], "tuned")
    found = compare_runs(first, second)
    assert found.table == ContingencyTable(both=1, only_first=1, only_second=1, neither=0)
    assert (found.problems, found.only_in_first, found.only_in_second) == (3, 1, 2)
    assert found.accuracies == (Share(2, 3), Share(2, 3)) and found.difference == 0
    assert "3 problems are in one run only" in " ".join(found.warnings)


def test_a_clean_comparison_has_no_warning():
    runs = [ScoredRun.from_rows([row("a", 1), row("b", 0)], name, {"benchmark": "math"}) for name in ("base", "tuned")]
    assert compare_runs(*runs).warnings == ()


def test_other_settings_and_other_prompts_are_warned_about():
    first = ScoredRun.from_rows([row("a", 1)], "base", {"benchmark": "math", "grader": "1.0"})
    second = ScoredRun.from_rows(
        [row("a", 1, prompt="other")], "tuned", {"benchmark": "gsm8k", "shots": 4, "grader": "1.0"}
    )
    said = compare_runs(first, second).warnings
    assert said[0] == "`benchmark` differs: 'math' in base, 'gsm8k' in tuned"
    assert said[1] == "`shots` differs: None in base, 4 in tuned"
    assert said[2] == "the prompts of 1 problems differ: a"
    assert len(said) == 3


def test_one_id_for_two_problems_is_no_pair_between_runs_and_an_error_within_one():
    first, second = (
        ScoredRun.from_rows([row("1", 1), row("2", 1)], "base"),
        ScoredRun.from_rows([row("1", 1, question="other")], "tuned"),
    )
    found = compare_runs(first, second)
    assert (found.problems, found.differing) == (0, 1)
    assert any("another question" in warning for warning in found.warnings)
    third = ScoredRun.from_rows([row("1", 1) | {"reference": "2"}, row("2", 0)], "other")
    assert (compare_runs(first, third).problems, compare_runs(first, third).differing) == (1, 1)
    with pytest.raises(DataError, match="'1' stands for two problems"):
        ScoredRun.from_rows([row("1", 1), row("1", 1, question="other")], "base")


def test_runs_without_a_common_problem_say_nothing():
    found = compare_runs(ScoredRun.from_rows([row("a", 1)], "base"), ScoredRun.from_rows([], "tuned"))
    assert (found.problems, found.difference, found.interval) == (0, 0.0, (-1.0, 1.0))
    assert "the runs share no problem: nothing is compared" in found.warnings


def test_several_samples_are_compared_by_their_means_over_problems():
    first = ScoredRun.from_rows([row(key, i < 1) for key in "abcdefgh" for i in range(4)], "base")  # 1 of 4 everywhere
    rows = [row(key, i < (3 if key in "abcd" else 1)) for key in "abcdefgh" for i in range(4)]  # 3 of 4 in half
    found = compare_runs(first, ScoredRun.from_rows(rows, "tuned"), seed=1)
    assert found.difference == pytest.approx(0.25) and found.method == "bootstrap" and found.table is None
    # Half the problems gain 1/2, the others nothing: of eight draws, 1 to 7 gain with 95 %.
    assert found.interval == pytest.approx((1 / 16, 7 / 16), abs=1 / 15)
    assert found.accuracies[0].value == 0.25


def test_a_bootstrap_without_spread_is_warned_about():
    run = ScoredRun.from_rows([row(key, i < 1) for key in "abc" for i in range(2)], "base")
    found = compare_runs(run, run)
    assert found.interval == (0.0, 0.0) and "resampling shows no spread" in found.warnings[0]


def test_unequal_numbers_of_samples_are_warned_about():
    runs = ScoredRun.from_rows([row("a", 1), row("a", 0)], "base"), ScoredRun.from_rows([row("a", 1)], "tuned")
    found = compare_runs(*runs)
    assert found.difference == 0.5 and any("1 to 2" in warning for warning in found.warnings)


def test_failed_calls_and_unreadable_references_are_left_out_and_said():
    rows = [row("a", 0, refused="call_failed"), row("b", 1) | {"outcome": "unreadable_reference"}, row("c", 1)]
    run = ScoredRun.from_rows(rows, "base")
    assert (list(run.problems), run.left_out) == (["c"], 2)
    assert "2 completions of base" in " ".join(compare_runs(run, run).warnings)


def test_scored_items_make_the_same_run_as_their_rows():
    problem = Problem("a", "6 * 7?", "42")
    item = Scored(problem, "p", Completion("#### 42", True, 3), grade("#### 42", "42"))
    assert ScoredRun.from_items([item], "x") == ScoredRun.from_rows([item.as_row()], "x")
    assert ScoredRun.from_items([item], "x").problems["a"].right == (True,)


def test_a_comparison_prints_and_is_plain_values():
    import json

    first = ScoredRun.from_rows([row(str(i), i % 2) for i in range(40)], "base")
    second = ScoredRun.from_rows([row(str(i), i % 2 or i < 12) for i in range(40)], "tuned", {"shots": 4})
    found = compare_runs(first, second)
    plain = json.loads(json.dumps(found.as_dict()))
    assert plain["table"]["only_second"] == 6 and plain["table"]["mcnemar_p"] == pytest.approx(2 / 2**6)
    assert plain["difference"] == pytest.approx(0.15) and plain["ci95"][0] > 0
    assert "difference on 40 problems: +15.0 points" in str(found) and "warning: `shots` differs" in str(found)


def test_a_row_without_id_or_outcome_is_no_scored_row():
    with pytest.raises(DataError, match="base: a scored row needs `id` and `outcome`, found question, output"):
        ScoredRun.from_rows([{"question": "2+2?", "output": "4"}], "base")
    with pytest.raises(DataError, match="found nothing"):
        ScoredRun.from_rows([{}], "base")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"question": ["2+2?"], "id": ["1"]}, "lacks benchmark, outcome, found question, id; need the folder of a run"),
        ({}, "lacks benchmark, id, outcome, found no columns"),
        (None, "is no file of scored items"),
    ],
)
def test_a_file_with_other_columns_is_no_run_to_compare_with(tmp_path, content, message):
    path = tmp_path / "items.parquet"
    path.write_bytes(b"PAR1 torn") if content is None else pq.write_table(pa.table(content), path)
    with pytest.raises(DataError, match=message):
        list(read_scored_items(tmp_path))
