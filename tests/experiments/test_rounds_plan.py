"""Rounds: their plan, step by step, when a step is done anew, and the report of what came out."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lemma_hf.cli import main
from lemma_hf.errors import ConfigError, DataError
from lemma_hf.experiments.rounds import Round, RoundSettings, RoundStep, plan_rounds, right_solutions, write_right
from lemma_hf.experiments.rounds_report import Repairs, RoundOutcome, Sampled, outcome_of, rounds_table

SECTIONS = {"make_dataset": {"world": "stories", "seed": 3}, "sft": {"learning_rate": 1e-5}, "score": {}}


@pytest.fixture
def rounds(tmp_path) -> list[Round]:
    return plan_rounds(RoundSettings(str(tmp_path), rounds=2, model="a-model"), SECTIONS)


def steps_of(rounds: list[Round]) -> Iterator[RoundStep]:
    return (step for each in rounds for step in each.steps)


def do(step: RoundStep, seconds: float = 1.0) -> None:
    step.begin()
    step.folder.mkdir(parents=True, exist_ok=True)
    step.end(seconds)


def test_each_round_samples_the_newest_model_and_trains_it_or_the_first_one(rounds, tmp_path):
    assert [each.model for each in rounds] == ["a-model", f"{tmp_path}/round-1/model", f"{tmp_path}/round-2/model"]
    assert rounds[0].steps == [rounds[0].score]
    assert rounds[2].data.options[:2] == ("--student", f"{tmp_path}/round-1/model")
    assert rounds[2].training.options[:2] == ("--model_name_or_path", f"{tmp_path}/round-1/model")

    settings = RoundSettings(str(tmp_path), rounds=2, model="a-model", train_from="first")
    again = plan_rounds(settings, SECTIONS)[2]
    assert again.data.options == rounds[2].data.options
    assert again.training.options[:2] == ("--model_name_or_path", "a-model")


def test_the_first_model_is_asked_in_its_own_way_and_the_trained_ones_as_they_were_trained(tmp_path):
    made = {**SECTIONS["make_dataset"], "student_prompt_style": "show_steps", "prompt_style": "question"}
    settings = RoundSettings(str(tmp_path), rounds=2, model="a-model")
    first, one, two = plan_rounds(settings, {**SECTIONS, "make_dataset": made, "score": {"prompt_style": "question"}})
    assert [each.score.settings["prompt_style"] for each in (first, one, two)] == ["show_steps", "question", "question"]
    assert [each.data.settings["student_prompt_style"] for each in (one, two)] == ["show_steps", "question"]


def test_models_that_are_trained_in_a_chat_are_sampled_and_scored_in_one(tmp_path):
    made = {**SECTIONS["make_dataset"], "student_prompt_style": "show_steps"}
    sections = {**SECTIONS, "make_dataset": made, "sft": {"chat": True}}
    first, one, two = plan_rounds(RoundSettings(str(tmp_path), rounds=2, model="a-model"), sections)
    assert [each.score.settings.get("prompt_style") for each in (first, one, two)] == ["show_steps", "chat", "chat"]
    assert [each.data.settings["student_prompt_style"] for each in (one, two)] == ["show_steps", "chat"]


@pytest.mark.parametrize("more", [{"start": {}}, {"mix": True}], ids=["from scratch", "right solutions"])
def test_what_is_plain_text_is_not_trained_in_a_chat(more, tmp_path):
    model, share = ("", 0.0) if "start" in more else ("a-model", 0.5)
    settings = RoundSettings(str(tmp_path), model=model, right=10, mix_share=share)
    with pytest.raises(ConfigError, match="`chat` under `sft:` needs a model with a chat template"):
        plan_rounds(settings, {**SECTIONS, "sft": {"chat": True}, **more})


def test_the_seed_of_the_rounds_overrides_that_of_the_section(rounds):
    assert [each.data.settings["seed"] for each in rounds[1:]] == ["1", "2"]


def test_what_was_built_on_a_step_is_done_anew_when_that_is(rounds):
    for step in steps_of(rounds):
        do(step)
    assert all(step.finished for step in steps_of(rounds))

    do(rounds[1].data, seconds=2.0)
    assert [step.finished for step in steps_of(rounds)] == [True, True, *[False] * 5]
    do(rounds[1].training, seconds=2.0)
    assert [step.finished for step in steps_of(rounds)] == [True, True, True, *[False] * 4]


def test_a_folder_that_is_gone_is_made_again(rounds):
    do(rounds[0].score)
    rounds[0].score.folder.rmdir()
    assert not rounds[0].score.finished


def test_a_torn_mark_of_a_step_is_named_with_what_to_delete(rounds):
    do(rounds[0].score)
    rounds[0].score.mark_path.write_text('{"settings": {')
    with pytest.raises(DataError, match=r"\.step\.json: is no JSON file .*: delete it and .* to make that folder"):
        rounds[0].score.refuse_other_settings()


def test_one_more_round_leaves_the_others_alone(rounds, tmp_path):
    for step in steps_of(rounds):
        do(step)
    more = plan_rounds(RoundSettings(str(tmp_path), rounds=3, model="a-model"), SECTIONS)
    assert [step.finished for step in steps_of(more)] == [True] * 7 + [False] * 3
    for step in steps_of(more):
        step.refuse_other_settings()


def test_other_settings_are_refused_where_a_step_was_finished_and_taken_where_it_was_not(rounds):
    step = rounds[1].data
    other = replace(step, settings={**step.settings, "samples": "8"})
    other.refuse_other_settings()
    step.begin()
    other.refuse_other_settings()
    do(step)
    with pytest.raises(ConfigError, match=r"round-1/data was made .* \(samples; samples was not given, now is 8\)"):
        other.refuse_other_settings()


def test_a_training_that_was_marked_under_the_old_names_of_its_settings_is_the_same(rounds):
    data, training = rounds[1].data, rounds[1].training
    do(data)
    names = {"model_name_or_path": "model", "dataset_name": "dataset"}
    old = {names.get(name, name): value for name, value in training.settings.items()}
    do(replace(training, settings=old))
    training.refuse_other_settings()
    with pytest.raises(ConfigError, match=r"\(model_name_or_path; model_name_or_path was a-model, now is b\)"):
        replace(training, settings={**training.settings, "model_name_or_path": "b"}).refuse_other_settings()


def test_a_training_goes_on_from_its_checkpoint_unless_its_data_were_made_anew(rounds):
    data, training = rounds[1].data, rounds[1].training
    do(data)
    training.begin()
    checkpoint = training.folder / "checkpoint-50"
    checkpoint.mkdir(parents=True)
    (checkpoint / "trainer_state.json").write_text("{}", "utf-8")
    assert training.resume == ("--resume_from_checkpoint", str(checkpoint))
    training.begin()
    assert checkpoint.exists()

    do(data, seconds=2.0)
    training.begin()
    assert training.resume == () and not checkpoint.exists()


def test_right_solutions_are_written_once_and_show_their_work_in_sums(tmp_path):
    settings = RoundSettings(str(tmp_path), right=40, seed=5)
    path = write_right(settings, {"world": "sums", "prompt_style": "sums"})
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert {row["prompt"][-1] for row in rows} == {":", ">"} and len(rows) == 40
    written = path.stat().st_mtime_ns
    write_right(settings, {"world": "sums", "prompt_style": "sums"})
    assert path.stat().st_mtime_ns == written

    told = right_solutions(settings, {"world": "stories"})
    assert all("### Response" in row["prompt"] and "The answer is: " in row["completion"] for row in told)


def test_the_outcome_of_a_round_adds_up_what_its_score_found_on_each_benchmark(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    turn = r"It is \boxed{%d}. Wait, that is wrong. So it is \boxed{%d}."
    mended, spoiled = turn % (62, 72), turn % (72, 63)
    for name, written in (("gsm8k", [mended, r"\boxed{72}"]), ("svamp", [mended, spoiled])):
        problems = [{"question": f"{name} {number}?", "answer": "72"} for number in range(2)]
        Path(f"{name}.jsonl").write_text("".join(json.dumps(problem) + "\n" for problem in problems), "utf-8")
        rows = [
            {"question": problem["question"], "output": output}
            for problem, output in zip(problems, written, strict=True)
        ]
        with Path("outputs.jsonl").open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
    (of,) = plan_rounds(RoundSettings("out", rounds=1, model="a-model"), SECTIONS)[:1]
    of.score.begin()
    words = ["--data", "gsm8k=gsm8k.jsonl", "svamp=svamp.jsonl", "--outputs", "outputs.jsonl"]
    assert main(["score", "--benchmarks", "gsm8k", "svamp", *words, "--output_dir", str(of.score.folder)]) == 0
    of.score.end(1.0)
    found = outcome_of(of, "")
    assert {name: figures["accuracy"]["value"] for name, figures in found.score.items()} == {"gsm8k": 1.0, "svamp": 0.5}
    assert found.repairs == Repairs(repaired=2, broken=1, counted="answers")


def test_the_table_shows_a_round_that_is_not_there_yet():
    figures = {"accuracy": {"value": 0.5, "ci95": [0.25, 0.75]}, "reflected": {"value": 0.125}, "tokens": 41.4}
    score = {"gsm8k": figures}
    lines = rounds_table(
        [
            RoundOutcome(0, "a", None, score, Repairs(0, 0)),
            RoundOutcome(1, "b", Sampled(8, 6, 5, {"calculation": 4, "operator": 2}), score, Repairs(3, 1)),
            RoundOutcome(2, "c", None),
        ]
    ).splitlines()[2:]
    assert lines[0] == "| 0 |  |  |  |  | 50.0 % [25.0 %, 75.0 %] | 12.5 % | 0 | 0 | 41 |"
    assert lines[1].startswith(
        "| 1 | 8 | 6 (75%) | 5 | calculation 4, operator 2 | 50.0 % [25.0 %, 75.0 %] | 12.5 % | 3"
    )
    assert lines[2] == "| 2 |  |  |  |  |  |  |  |  |  |"
    several = rounds_table([RoundOutcome(0, "a", None, {**score, "svamp": figures | {"tokens": 7}}, Repairs(0, 0))])
    assert "| gsm8k 50.0 % [25.0 %, 75.0 %], svamp 50.0 % [25.0 %, 75.0 %] | gsm8k 12.5 %" in several
    assert several.endswith("| 0 | 0 | gsm8k 41, svamp 7 |")
