import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lemma_hf.errors import ConfigError
from lemma_hf.hub.metric import metric_artifact
from lemma_hf.metrics import METRICS, metric_path
from lemma_hf.testing.hub import LoopbackHub

REPOSITORY = Path(__file__).resolve().parents[2]
ADDRESS = "git+https://github.com/me/lemma-hf@v0.1.0"


def texts(name: str, requirement: str = "lemma-hf") -> dict[str, str]:
    artifact = metric_artifact(name, f"me/{name}", requirement)
    return {file.path: file.read().decode() for file in artifact.files} | {"README.md": artifact.card}


@pytest.mark.parametrize("name", METRICS)
def test_a_space_is_the_folder_of_its_metric(name):
    artifact = metric_artifact(name, f"me/{name}")
    assert {file.path for file in artifact.files} == {"__init__.py", "app.py", f"{name}.py", "requirements.txt"}
    assert (artifact.kind, artifact.repo_id, artifact.space_sdk) == ("space", f"me/{name}", "gradio")
    there = texts(name)
    for unchanged in ("app.py", f"{name}.py"):
        assert there[unchanged] == (Path(metric_path(name)) / unchanged).read_text()


def test_what_an_editor_left_in_the_folder_stays_here(tmp_path, monkeypatch):
    folder = tmp_path / "lemma_math"
    shutil.copytree(metric_path("lemma_math"), folder)
    (folder / "__pycache__").mkdir(exist_ok=True)
    for leftover in ("app.py~", ".DS_Store", "lemma_math.pyc"):
        (folder / leftover).write_bytes(b"")
    monkeypatch.setattr("lemma_hf.hub.metric.metric_path", lambda name: str(folder))
    artifact = metric_artifact("lemma_math", "me/lemma_math")
    assert set(artifact.left_out) == {"app.py~", ".DS_Store", "lemma_math.pyc"}
    assert {file.path for file in artifact.files} == {"__init__.py", "app.py", "lemma_math.py", "requirements.txt"}


@pytest.mark.parametrize("name", METRICS)
def test_the_card_loads_the_metric_by_its_name_on_the_hub(name):
    there = texts(name)["README.md"]
    assert f'evaluate.load("me/{name}")' in there and "lemma_hf" not in there.split("```")[1]
    assert "Needs `pip install lemma-hf`." in there


@pytest.mark.parametrize(
    ("requirement", "line", "install"),
    [
        ("lemma-hf", "lemma-hf", "lemma-hf"),
        ("lemma_hf==0.1.0", "lemma_hf==0.1.0", "lemma_hf==0.1.0"),
        ("lemma-hf >= 0.1", "lemma-hf>=0.1", "'lemma-hf>=0.1'"),
        (f"lemma-hf @ {ADDRESS}", f"lemma-hf @ {ADDRESS}", ADDRESS),
    ],
)
def test_the_requirement_is_what_the_space_and_its_readers_install(requirement, line, install):
    there = texts("lemma_math", requirement)
    assert there["requirements.txt"].splitlines()[-1] == line
    assert f"Needs `pip install {install}`." in there["README.md"]
    assert f"# From: {install}\n" in there["lemma_math.py"]


@pytest.mark.parametrize(
    ("requirement", "said"),
    [
        ("numpy", "does not install lemma-hf"),
        (ADDRESS, "pip cannot read it"),
        ("lemma-hf\n--index-url https://evil.org", "pip cannot read it"),
        ("", "pip cannot read it"),
        ("lemma-hf @ file:///srv/lemma-hf", "other machines cannot install"),
        ("lemma-hf @ git+ssh://git@github.com/me/lemma-hf", "other machines cannot install"),
        ("lemma-hf @ git+https://me:secret@github.com/me/lemma-hf", "holds a key or a password"),
        ("lemma-hf @ git+https://me@github.com/me/lemma-hf", "a name or a password"),
        ("lemma-hf @ git+https://github.com/me/lemma-hf?t=hf_abcdefghijklmnop", "holds a key or a password"),
    ],
)
def test_a_requirement_that_would_not_work_elsewhere_is_refused(requirement, said):
    with pytest.raises(ConfigError, match=said) as refused:
        metric_artifact("lemma_math", "me/lemma_math", requirement)
    assert "secret" not in str(refused.value) and "hf_abc" not in str(refused.value)


def test_a_repository_of_another_name_is_refused_for_evaluate_would_find_nothing_there():
    with pytest.raises(ConfigError, match=r"look for grader\.py in it.*call it me/lemma_math"):
        metric_artifact("lemma_math", "me/grader")
    with pytest.raises(ConfigError, match="no metric is called"):
        metric_artifact("lemma_chess", "me/lemma_chess")


LOAD = r"""
import json
import evaluate

outputs = ["It is \\boxed{62}. Wait, that is wrong: \\boxed{72}", "#### 5"]
found = {}
for name in ("lemma_gsm8k", "lemma_math", "lemma_reflection"):
    found[name] = evaluate.load(f"me/{name}").compute(predictions=outputs, references=["72", "5"], details=True)
found["both"] = evaluate.combine(["me/lemma_math", "me/lemma_reflection"]).compute(
    predictions=outputs, references=["72", "5"]
)
print(json.dumps(found))
"""

LOAD_WITHOUT = r"""
import json
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "lemma_hf":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Blocked())
import evaluate

said = {}
for name in ("lemma_gsm8k", "lemma_math", "lemma_reflection"):
    try:
        evaluate.load(f"me/{name}")
    except ImportError as error:
        said[name] = str(error)
print(json.dumps(said))
"""


def run(code: str, hub: LoopbackHub, home: Path, **more: str) -> Any:
    """Run `code` in a fresh process that talks to this Hub; it prints one JSON object last."""
    # -P: the current directory is no place to import from, so lemma_hf is found by PYTHONPATH or not at all
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        env={**hub.environment(home), **more},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def publish(hub: LoopbackHub, requirement: str = "lemma-hf") -> None:
    for name in METRICS:
        files = {path: text.encode() for path, text in texts(name, requirement).items()}
        hub.commit(f"me/{name}", "space", files)


@pytest.mark.slow
def test_evaluate_loads_all_three_metrics_by_their_names_on_the_hub(tmp_path):
    with LoopbackHub() as hub:
        publish(hub)
        found = run(LOAD, hub, tmp_path, PYTHONPATH=str(REPOSITORY))
        asked = [each.line for each in hub.requests]
    assert [found[name]["accuracy"] for name in METRICS] == [1.0, 1.0, 1.0]
    assert found["lemma_reflection"]["fixed"] == 1 and found["both"]["reflected"] == 1
    assert [each["extracted"] for each in found["lemma_math"]["verdicts"]] == ["72", "5"]
    assert any(re.search(r"/spaces/me/lemma_math/resolve/.*lemma_math\.py", line) for line in asked)


@pytest.mark.slow
def test_without_the_package_evaluate_says_how_to_install_it(tmp_path):
    with LoopbackHub() as hub:
        publish(hub, f"lemma-hf @ {ADDRESS}")
        said = run(LOAD_WITHOUT, hub, tmp_path)
    assert list(said) == list(METRICS)
    assert all(f"pip install {ADDRESS}" in message and "['lemma_hf']" in message for message in said.values())
