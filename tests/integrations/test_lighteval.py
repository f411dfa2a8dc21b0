"""lighteval's bridge: what it hands over, shown by a stand-in; and lighteval itself, where it is installed.

lighteval does not install beside lemma-hf (see `lemma_hf.integrations.lighteval_tasks`), and cannot be started without
a network: importing its tasks asks the Hub and GitHub. So the last test runs only where somebody made room for it.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from memorised import EXPECTED, SAID, save_model

from lemma_hf.integrations import bridge_path, lighteval_tasks
from lemma_hf.integrations.figures import HIGHER_IS_BETTER


class SampleLevelComputation:
    """lighteval's base class."""


STAND_IN = {
    "lighteval.metrics.metrics_sample": {"SampleLevelComputation": SampleLevelComputation},
    "lighteval.metrics.utils.metric_utils": {"SampleLevelMetricGrouping": SimpleNamespace},
    "lighteval.tasks.lighteval_task": {"LightevalTaskConfig": SimpleNamespace},
    "lighteval.tasks.requests": {"Doc": SimpleNamespace, "SamplingMethod": SimpleNamespace(GENERATIVE="generative")},
}


@pytest.fixture
def lighteval(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The names that we use of lighteval 0.13.0, which keep what they are given."""
    for name, values in STAND_IN.items():
        parts = name.split(".")
        for end in range(1, len(parts) + 1):
            monkeypatch.setitem(sys.modules, ".".join(parts[:end]), ModuleType(".".join(parts[:end])))
        vars(sys.modules[name]).update(values)
    yield


@pytest.mark.usefixtures("lighteval")
def test_the_tasks_are_the_three_benchmarks_and_math_is_a_group_of_its_subjects() -> None:
    table = lighteval_tasks.TASKS_TABLE
    assert [task.name for task in table[:2]] == ["lemma_gsm8k", "lemma_math500"]
    assert len({task.name for task in table}) == 9
    assert all(task.name == f"lemma_math:{task.hf_subset}" for task in table[2:])  # `lemma_math` names all of them
    assert all((task.evaluation_splits, task.generation_size) == (["test"], 1024) for task in table)


@pytest.mark.usefixtures("lighteval")
def test_a_document_holds_the_prompt_and_the_bare_reference_and_its_output_comes_to_our_figures() -> None:
    task = lighteval_tasks.lemma_task("mine", "a/folder")
    document = task.prompt_function({"question": "Nine pairs?", "answer": "9 * 2 = 18\n#### 18"}, "mine")
    assert (document.task_name, document.choices, document.gold_index) == ("mine", ["18"], 0)
    assert document.query == "### Instruction:\nNine pairs?\n\n### Response: Let's think step by step."
    (metric,) = task.metrics
    assert metric.metric_name == list(HIGHER_IS_BETTER) == list(metric.corpus_level_fn)
    assert isinstance(metric.sample_level_fn, SampleLevelComputation)
    document.get_golds = lambda: ["18"]
    found = metric.sample_level_fn.compute(doc=document, model_response=SimpleNamespace(final_text=["#### 18"]))
    assert found["accuracy"] == 1.0 and metric.corpus_level_fn["accuracy"]([1.0, 0.0]) == 0.5


def test_the_file_can_be_imported_without_lighteval(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AttributeError, match="no attribute 'TASKS'"):
        _ = lighteval_tasks.TASKS
    monkeypatch.setitem(sys.modules, "lighteval", None)
    with pytest.raises(ImportError, match="lighteval"):
        _ = lighteval_tasks.TASKS_TABLE


@pytest.mark.slow
@pytest.mark.skipif(find_spec("lighteval") is None, reason="lighteval is not installed: it cannot be beside lemma-hf")
def test_lighteval_gives_the_figures_of_the_outputs_that_the_model_knows_by_heart(tmp_path: Path) -> None:
    save_model(tmp_path / "model")
    (tmp_path / "rows").mkdir()
    rows = [{"question": question, "answer": answer} for question, (answer, _) in SAID.items()]
    (tmp_path / "rows" / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    own = (
        "from lemma_hf.integrations.lighteval_tasks import lemma_task\n"
        f"TASKS_TABLE = [lemma_task('mine', {str(tmp_path / 'rows')!r})]\n"
    )
    (tmp_path / "own.py").write_text(own, "utf-8")
    model = f"model_name={tmp_path / 'model'},dtype=float32,batch_size=4,max_length=512"
    command = [sys.executable, "-m", "lighteval", "accelerate", f"{model},generation_parameters={{max_new_tokens:80}}"]
    command += ["mine", "--custom-tasks", str(tmp_path / "own.py"), "--output-dir", str(tmp_path / "out")]
    environment = {**os.environ, "HF_HOME": str(tmp_path / "home"), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False, env=environment)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    (results,) = (tmp_path / "out").rglob("results_*.json")
    found = json.loads(results.read_text("utf-8"))["results"]["mine|0"]
    assert {name: found[name] for name in EXPECTED} == EXPECTED
    assert Path(bridge_path("lighteval")).is_file()
