import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lemma_hf.errors import ConfigError
from lemma_hf.metrics import METRICS, metric_path
from lemma_hf.metrics.lemma_gsm8k.lemma_gsm8k import LemmaGsm8k
from lemma_hf.metrics.lemma_math.lemma_math import LemmaMath
from lemma_hf.metrics.lemma_reflection.lemma_reflection import LemmaReflection
from lemma_hf.metrics.summary import rates_of
from lemma_hf.records import Grade, Outcome
from lemma_hf.solutions.reflection import reflection_rates


def run_offline(code: str, home: Path, cwd: Path) -> dict[str, object]:
    """Run `code` in a fresh process with no network and an empty cache; it prints one JSON object last."""
    environment = {**os.environ, "HF_HOME": str(home), "HF_EVALUATE_OFFLINE": "1", "HF_HUB_OFFLINE": "1"}
    environment["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=cwd, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


EVERYTHING = r"""
import json
import evaluate
import lemma_hf

path = lemma_hf.metric_path("lemma_math")
metric = evaluate.load(path)
outputs = [r"\boxed{62}. Wait, no: \boxed{72}", r"\boxed{3", r"\boxed{5}", r"\boxed{0.5}"]
references = ["72", "3", "None", r"\frac{1}{2}"]
result = {"whole": metric.compute(predictions=outputs, references=references, details=True)}
for start in (0, 2):
    metric.add_batch(predictions=outputs[start : start + 2], references=references[start : start + 2])
result["batches"] = metric.compute()
both = evaluate.combine([path, lemma_hf.metric_path("lemma_gsm8k")])
result["both"] = both.compute(predictions=["#### 4"], references=["4"])
print(json.dumps(result))
"""


@pytest.mark.slow
def test_the_metric_loads_by_path_offline_and_counts_each_outcome(tmp_path: Path) -> None:
    result = run_offline(EVERYTHING, tmp_path / "home", tmp_path)
    whole = result["whole"]
    assert isinstance(whole, dict)
    # Four rows, one unreadable reference: of three, two are right and one claims nothing complete.
    assert whole["accuracy"] == pytest.approx(2 / 3)
    assert whole["no_answer_rate"] == pytest.approx(1 / 3)
    assert (whole["right"], whole["total"], whole["unreadable_references"]) == (2, 4, 1)
    verdicts = whole.pop("verdicts")
    assert [item["outcome"] for item in verdicts] == ["right", "no_answer", "unreadable_reference", "right"]
    assert verdicts[0]["extracted"] == "72"
    assert result["batches"] == whole
    assert isinstance(result["both"], dict) and 1.0 in result["both"].values()


SELF_CORRECTION = r"""
import json
import evaluate
import lemma_hf

path = lemma_hf.metric_path("lemma_reflection")
metric = evaluate.load(path)
fixed, broken = r"\boxed{62}. Wait, no: \boxed{72}", r"\boxed{72}. Wait, no: \boxed{62}"
unclear, unreadable = "9 * 8 = 71. Wait, no. The answer is 72", r"\boxed{1}. Wait, no: \boxed{2}"
outputs = [fixed, fixed, broken, r"\boxed{72}", unclear, unreadable]
references = ["72"] * 5 + ["None"]
result = {"whole": metric.compute(predictions=outputs, references=references, details=True)}
for start in (0, 2, 4):
    metric.add_batch(predictions=outputs[start : start + 2], references=references[start : start + 2])
result["batches"] = metric.compute()
both = evaluate.combine([path, lemma_hf.metric_path("lemma_math")])
result["both"] = both.compute(predictions=outputs[:2], references=references[:2])
print(json.dumps(result))
"""


@pytest.mark.slow
def test_the_metric_of_self_correction_loads_by_path_offline(tmp_path: Path) -> None:
    result = run_offline(SELF_CORRECTION, tmp_path / "home", tmp_path)
    whole = result["whole"]
    assert isinstance(whole, dict)
    verdicts = whole.pop("verdicts")
    # Six rows, one unreadable reference: of five, two are fixed, one broken, one unclear, and one never turns.
    assert [item["change"] for item in verdicts] == ["fixed", "fixed", "broken", "none", "unclear", "unclear"]
    assert (verdicts[0]["first"], verdicts[0]["final"], verdicts[0]["turns"]) == ("62", "72", [12])
    assert (whole["fixed"], whole["broken"], whole["unclear"], whole["reflected"], whole["right"]) == (2, 1, 1, 4, 4)
    assert (whole["total"], whole["unreadable_references"]) == (6, 1)
    assert (whole["fixed_rate"], whole["broken_rate"], whole["reflected_rate"]) == (0.4, 0.2, 0.8)
    assert (whole["accuracy_before"], whole["accuracy_after"]) == (pytest.approx(1 / 3), pytest.approx(2 / 3))
    assert (whole["right_when_reflected"], whole["accuracy"], whole["turns"]) == (0.75, 0.8, 1.0)
    assert result["batches"] == whole
    both = result["both"]
    assert isinstance(both, dict) and both["fixed"] == 2 and both["no_answer_rate"] == 0.0


PROCESS = r"""
import json
import sys
import evaluate
import lemma_hf

rank = int(sys.argv[1]) if len(sys.argv) > 1 else RANK
metric = evaluate.load(
    lemma_hf.metric_path("NAME"), num_process=2, process_id=rank, experiment_id="two", cache_dir="CACHE"
)
for index in range(rank, 10, 2):  # evaluate hands rows on in the order of ranks; the verdicts do not mind
    metric.add(prediction=f"#### {index}", reference=str(index if index < 7 else 0))
print(json.dumps(metric.compute() or {}))
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lemma_gsm8k", "lemma_reflection"])
def test_two_processes_grade_once(tmp_path: Path, name: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def process(rank: int) -> dict[str, object]:
        code = PROCESS.replace("RANK", str(rank)).replace("CACHE", str(tmp_path / "cache")).replace("NAME", name)
        return run_offline(code, tmp_path / "home", tmp_path)

    process_of_one = f"import lemma_hf, evaluate; evaluate.load(lemma_hf.metric_path('{name}')); print('{{}}')"
    run_offline(process_of_one, tmp_path / "home", tmp_path)  # the module cache is filled once, not in a race
    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(process, (0, 1))
    assert second == {}
    assert (first["right"], first["total"]) == (7, 10)


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_folder_is_also_a_space(name: str) -> None:
    folder = Path(metric_path(name))
    assert (folder / f"{name}.py").is_file()
    assert (folder / "requirements.txt").read_text().split() == ["lemma-hf"]
    import yaml

    head = (folder / "README.md").read_text(encoding="utf-8").split("---")[1]
    card = yaml.safe_load(head)
    assert card["license"] == "apache-2.0" and "metric" in card["tags"]


def test_the_docstring_example_gives_what_it_says(tmp_path: Path) -> None:
    code = (
        "import doctest, json, evaluate, lemma_hf\n"
        "failed = 0\n"
        f"for name in {METRICS!r}:\n"
        "    text = evaluate.load(lemma_hf.metric_path(name)).inputs_description\n"
        "    test = doctest.DocTestParser().get_doctest(text, {}, name, None, 0)\n"
        "    assert test.examples\n"
        "    failed += doctest.DocTestRunner().run(test).failed\n"
        "print(json.dumps({'failed': failed}))"
    )
    assert run_offline(code, tmp_path / "home", tmp_path) == {"failed": 0}


def test_a_space_without_the_package_says_what_to_install(tmp_path: Path) -> None:
    for name in METRICS:
        shutil.copytree(metric_path(name), tmp_path / name)
    code = (
        "import json, sys\n"
        "sys.modules['lemma_hf'] = None\n"  # as where it is not installed
        "import evaluate\n"
        "said = {}\n"
        f"for name in {METRICS!r}:\n"
        "    try:\n"
        "        evaluate.load('./' + name)\n"
        "    except ImportError as error:\n"
        "        said[name] = str(error)\n"
        "print(json.dumps(said))"
    )
    said = run_offline(code, tmp_path / "home", tmp_path)
    assert list(said) == list(METRICS)
    assert all("pip install lemma-hf" in str(message) for message in said.values())


def test_a_metric_takes_one_benchmark_for_each_row() -> None:
    metric = LemmaMath()
    texts, references = ["The answer is (B)", "#### 4"], ["B", "4"]
    result = metric.compute(predictions=texts, references=references, benchmark=["aqua", "gsm8k"], details=True)
    assert result["accuracy"] == 1.0
    assert (LemmaMath.BENCHMARK, LemmaGsm8k.BENCHMARK) == ("math", "gsm8k")
    with pytest.raises(ConfigError, match="as many"):
        metric.compute(predictions=texts, references=references, benchmark=["math"])


def test_self_correction_takes_one_benchmark_for_each_row_and_no_rows() -> None:
    metric = LemmaReflection()
    texts = ["The answer is option B\nWait, that is wrong.\nThe answer is option A", "#### 4"]
    result = metric.compute(predictions=texts, references=["B", "4"], benchmark=["aqua", "gsm8k"])
    assert (result["broken"], result["accuracy"], result["reflected"]) == (1, 0.5, 1)
    assert LemmaReflection.BENCHMARK == "math"
    empty = reflection_rates([], [])
    assert (empty["accuracy"], empty["turns"], empty["reflection_share"], empty["total"]) == (0.0, 0.0, 0.0, 0)


def test_an_unknown_metric_is_refused_with_the_known_names() -> None:
    with pytest.raises(ConfigError, match="lemma_gsm8k, lemma_math, lemma_reflection"):
        metric_path("lemma_chess")


def test_no_rows_and_only_bad_references_give_zero_not_an_error() -> None:
    assert rates_of([])["accuracy"] == 0.0
    assert rates_of([Grade(Outcome.UNREADABLE_REFERENCE, "1", "", "reference")])["accuracy"] == 0.0
