"""lm-evaluation-harness itself runs our tasks, on a model whose outputs are known and on local rows."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from memorised import EXPECTED, SAID, save_model

from lemma_hf import grade
from lemma_hf.integrations import bridge_path
from lemma_hf.records import Outcome

pytest.importorskip("lm_eval", reason="lm-evaluation-harness is not installed: pip install 'lemma-hf[lm_eval]'")

LOCAL = """
include: {path}/{name}.yaml
{kind}: my_{name}
dataset_path: json
dataset_kwargs: {{data_files: {{train: {rows}, test: {rows}}}}}
"""


def test_the_harness_finds_the_three_tasks() -> None:
    from lm_eval.tasks import TaskManager

    found = TaskManager(include_path=bridge_path("lm_eval"), include_defaults=False)
    assert {"lemma_gsm8k", "lemma_math", "lemma_math500"} == set(found.all_tasks)
    assert found.all_groups == ["lemma_math"]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, dict[str, object]], Path]:
    """The figures of a run of the command over all three tasks, and the folder with its samples."""
    folder = tmp_path_factory.mktemp("lm_eval")
    save_model(folder / "model")
    gsm8k = [{"question": question, "answer": f"It is so.\n#### {answer}"} for question, (answer, _) in SAID.items()]
    math = [{"problem": question, "solution": rf"$\boxed{{{answer}}}$"} for question, (answer, _) in SAID.items()]
    for name, rows in {"gsm8k": gsm8k, "math": math}.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    (folder / "tasks").mkdir()
    for name, kind, file in (
        ("lemma_gsm8k", "task", "gsm8k"),
        ("lemma_math", "group", "math"),
        ("lemma_math500", "task", "math"),
    ):
        text = LOCAL.format(path=bridge_path("lm_eval"), name=name, kind=kind, rows=folder / f"{file}.jsonl")
        (folder / "tasks" / f"{name}.yaml").write_text(text, "utf-8")
    command = [
        sys.executable,
        "-m",
        "lm_eval",
        "run",
        "--model",
        "hf",
        "--model_args",
        f"pretrained={folder / 'model'}",
    ]
    command += ["--device", "cpu", "--batch_size", "4", "--include_path", str(folder / "tasks")]
    command += ["--tasks", "my_lemma_gsm8k,my_lemma_math,my_lemma_math500", "--gen_kwargs", "max_gen_toks=80"]
    command += ["--log_samples", "--output_path", str(folder / "out")]
    environment = {**os.environ, "HF_HOME": str(folder / "home"), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]
    (results,) = (folder / "out").rglob("results_*.json")
    return json.loads(results.read_text("utf-8"))["results"], results.parent


def figures_of(result: dict[str, object]) -> dict[str, object]:
    return {
        name.removesuffix(",none"): value for name, value in result.items() if name.removesuffix(",none") in EXPECTED
    }


@pytest.mark.slow
def test_the_figures_are_those_of_the_outputs_that_the_model_knows_by_heart(ran) -> None:
    results, _ = ran
    assert figures_of(results["my_lemma_gsm8k"]) == EXPECTED
    assert figures_of(results["my_lemma_math500"]) == EXPECTED


@pytest.mark.slow
def test_math_is_seven_subjects_and_their_mean(ran) -> None:
    results, _ = ran
    subjects = [name for name in results if "lemma_math_" in name]
    assert len(subjects) == 7 and all(figures_of(results[name]) == EXPECTED for name in subjects)
    whole = {name: value for name, value in EXPECTED.items() if name != "unreadable_reference"}
    assert figures_of(results["my_lemma_math"]) == whole


@pytest.mark.slow
def test_the_score_is_ours_on_the_same_outputs_and_the_prompts_are_ours(ran) -> None:
    results, folder = ran
    (path,) = folder.glob("samples_my_lemma_gsm8k_*.jsonl")
    samples = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    outputs = {sample["doc"]["question"]: sample["filtered_resps"][0] for sample in samples}
    assert outputs == {question: text for question, (_, text) in SAID.items()}
    right = [grade(outputs[question], answer).outcome is Outcome.RIGHT for question, (answer, _) in SAID.items()]
    assert results["my_lemma_gsm8k"]["accuracy,none"] == sum(right) / len(right)
    prompts = {sample["doc"]["question"]: sample["arguments"]["gen_args_0"]["arg_0"] for sample in samples}
    assert prompts["1 + 1?"] == "### Instruction:\n1 + 1?\n\n### Response: Let's think step by step."
