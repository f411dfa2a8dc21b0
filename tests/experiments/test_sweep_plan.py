"""What a sweep plans, reuses and tells, without any training."""

import json

import pytest

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.experiments.sweep import SweepRun, plan_runs, result_of_run, sweep_table, time_left, write_sweep_report

BASE = {"error_weight": 0.0, "reflection_weight": 1.0, "packing": False, "output_dir": "elsewhere"}
VARY = {"error_weight": [0, 0.3, 1], "reflection_weight": [1, 2]}


def figures_in(run: SweepRun, **figures: float) -> None:
    run.end(60.0)
    (run.folder / "all_results.json").write_text(json.dumps(figures), "utf-8")


def test_every_combination_is_a_run_in_its_own_folder(tmp_path):
    runs = plan_runs(VARY, BASE, tmp_path)
    assert [tuple(run.values.values()) for run in runs] == [(0, 1), (0, 2), (0.3, 1), (0.3, 2), (1, 1), (1, 2)]
    assert runs[3].folder == tmp_path / "error_weight-0.3_reflection_weight-2"
    assert runs[3].title == "error_weight 0.3, reflection_weight 2"
    assert runs[3].options() == [
        *("--error_weight", "0.3", "--reflection_weight", "2", "--output_dir", str(runs[3].folder))
    ]


def test_a_value_that_is_a_path_or_a_truth_value_makes_a_folder_and_an_option_too(tmp_path):
    base = BASE | {"model": ""}
    run = plan_runs({"model": ["a/b"], "packing": [True]}, base, tmp_path)[0]
    assert run.folder.name == "model-a-b_packing-true"
    assert run.options()[:4] == ["--model", "a/b", "--packing", "true"]


@pytest.mark.parametrize(
    ("vary", "given", "message"),
    [
        ({}, [], "`sweep:` is empty"),
        ({"error_wieght": [0]}, [], "`error_wieght`, which does not stand under `sft:`: did you mean `error_weight`?"),
        ({"zzz": [0]}, [], "write it there with its usual value"),
        ({"error_weight": 0.3}, [], "needs a list of numbers or names for `error_weight`, found 0.3"),
        ({"error_weight": []}, [], "needs a list"),
        ({"error_weight": [[0]]}, [], "needs a list"),
        ({"error_weight": [0, 0]}, [], "name each value once"),
        ({"output_dir": ["a"]}, [], "leave it out"),
        (VARY, ["--error_weight", "1"], "--error_weight is given, but `sweep:` varies it"),
        (VARY, ["--reflection_weight=1"], "--reflection_weight is given"),
    ],
)
def test_a_sweep_that_makes_no_sense_is_refused_before_anything_runs(tmp_path, vary, given, message):
    with pytest.raises(ConfigError) as caught:
        plan_runs(vary, BASE, tmp_path, given)
    assert message in str(caught.value)


def test_a_run_is_finished_when_it_says_so_with_the_same_settings(tmp_path):
    (run,) = plan_runs({"error_weight": [1]}, BASE, tmp_path, ["--max_steps", "3"])
    assert not run.finished
    run.begin()
    assert not run.finished
    run.end(12.0)
    assert run.finished
    run.refuse_other_settings()


@pytest.mark.parametrize(
    ("base", "given", "message"),
    [
        (BASE | {"packing": True}, [], r"other settings \(packing; packing was false, now is true\)"),
        (BASE | {"seed": 1}, [], r"\(seed; seed was not given, now is 1\)"),
        (BASE, ["--max_steps", "3"], r"\(command line; command line was not given, now is --max_steps 3\)"),
    ],
)
def test_what_was_trained_with_other_settings_is_never_reused(tmp_path, base, given, message):
    (before,) = plan_runs({"error_weight": [1]}, BASE, tmp_path)
    (after,) = plan_runs({"error_weight": [1]}, base, tmp_path, given)
    before.begin()
    after.refuse_other_settings()  # it only began, so it begins again
    checkpoint = before.folder / "checkpoint-5"
    checkpoint.mkdir()
    (checkpoint / "trainer_state.json").write_text("{}")
    with pytest.raises(ConfigError, match=message):
        after.refuse_other_settings()
    before.end(60.0)
    with pytest.raises(ConfigError, match=message):
        after.refuse_other_settings()


def test_a_setting_under_its_old_name_is_the_same_setting(tmp_path):
    (run,) = plan_runs({"error_weight": [1]}, BASE | {"dataset": "rows", "train_split": "train"}, tmp_path)
    run.end(1.0)
    names = {"dataset_name": "rows", "dataset_train_split": "train"}
    (again,) = plan_runs({"error_weight": [1]}, BASE | names, tmp_path)
    again.refuse_other_settings()
    (other,) = plan_runs({"error_weight": [1]}, BASE | names | {"dataset_name": "others"}, tmp_path)
    with pytest.raises(ConfigError, match="dataset_name was rows, now is others"):
        other.refuse_other_settings()


def test_the_folder_itself_is_no_setting(tmp_path):
    (run,) = plan_runs({"error_weight": [1]}, BASE, tmp_path)
    run.end(1.0)
    (again,) = plan_runs({"error_weight": [1]}, BASE | {"output_dir": "moved"}, tmp_path)
    again.refuse_other_settings()
    assert again.finished


def test_an_interrupted_run_goes_on_from_its_last_whole_checkpoint(tmp_path):
    (run,) = plan_runs({"error_weight": [1]}, BASE, tmp_path)
    for name, whole in (("checkpoint-9", True), ("checkpoint-10", True), ("checkpoint-11", False), ("x", True)):
        (run.folder / name).mkdir(parents=True)
        if whole:
            (run.folder / name / "trainer_state.json").write_text("{}")
    assert run.options()[-2:] == ["--resume_from_checkpoint", str(run.folder / "checkpoint-10")]


def test_the_table_holds_what_was_measured_and_leaves_the_rest_empty(tmp_path):
    one, two, three = plan_runs({"error_weight": [0, 0.3, 1]}, BASE, tmp_path)
    figures_in(one, eval_loss=1.5, eval_error_loss=2.25, solve_accuracy=0.5, eval_runtime=9.0)
    figures_in(two, eval_loss=1.0)
    results = [result_of_run(one, "finished"), result_of_run(two, "failed"), result_of_run(three, "not finished")]
    assert sweep_table(results).splitlines() == [
        "| error_weight | status | eval_loss | eval_error_loss | solve_accuracy |",
        "| --- | --- | ---: | ---: | ---: |",
        "| 0 | finished | 1.5000 | 2.2500 | 0.5000 |",
        "| 0.3 | failed |  |  |  |",
        "| 1 | not finished |  |  |  |",
    ]
    write_sweep_report(results, tmp_path / "out", "python sweep.py")
    facts = json.loads((tmp_path / "out" / "sweep.json").read_text("utf-8"))
    assert [run["status"] for run in facts["runs"]] == ["finished", "failed", "not finished"]
    assert facts["runs"][0]["figures"]["eval_runtime"] == 9.0 and facts["runs"][0]["values"] == {"error_weight": 0}
    assert sweep_table(results) in (tmp_path / "out" / "sweep.md").read_text("utf-8")


def test_the_time_left_goes_by_the_runs_that_were_finished():
    assert time_left([], 3) == time_left([60.0], 0) == ""
    assert time_left([60.0, 180.0], 4) == "about 8 min left"
    assert time_left([3600.0], 5) == "about 5.0 h left"


@pytest.mark.parametrize("torn", ["", '{"settings": {"seed": "1"}, "sec', "[1]", '{"settings": [1], "seconds": 2.0}'])
def test_a_torn_mark_of_a_run_is_named_with_what_to_delete(tmp_path, torn):
    (run,) = plan_runs({"error_weight": [1]}, BASE, tmp_path)
    run.begin()
    run.mark_path.write_text(torn)
    with pytest.raises(DataError, match=r"run\.json: .*: delete it and .*error_weight-1 to make that folder again"):
        _ = run.finished
    (run.folder / "all_results.json").write_text(torn[:3] or "{")
    with pytest.raises(DataError, match=r"all_results\.json: .*: delete .*error_weight-1 to train it again"):
        result_of_run(run, "finished")
