"""`recipes/publish.py` as a person runs it: what it prints, its exit status, and that one failure costs no other."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lemma_hf.testing import LoopbackHub

RECIPE = Path(__file__).resolve().parents[2] / "recipes" / "publish.py"


@pytest.fixture
def publish(loopback_hub: LoopbackHub, tmp_path: Path):
    """Runs the recipe in an empty folder."""

    def run(*arguments: str, token: str | None = None, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(RECIPE), *arguments],
            cwd=tmp_path,
            env=loopback_hub.environment(tmp_path / "home", token) | more,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def test_everything_is_shown_then_pushed_then_found_there_and_a_failure_costs_no_other(publish, loopback_hub, tmp_path):
    (tmp_path / "model").mkdir()
    everything = ("all", "--dataset", "lemma", "--model", "model", "--metrics", "lemma_math")
    shown = publish(*everything)
    assert shown.returncode == 1
    assert "dataset me/lemma (new, as visible" in shown.stdout  # the owner is whose token it is
    assert "space me/lemma_math (new, as visible" in shown.stdout
    assert "nothing was sent" in shown.stdout
    assert "error: model" in shown.stderr and "Traceback" not in shown.stderr
    assert loopback_hub.repos == []

    pushed = publish(*everything, "--push", "--private", "--tag", "v1")
    assert pushed.returncode == 1 and "error: model" in pushed.stderr
    assert f"pushed, tagged v1: {loopback_hub.url}/datasets/me/lemma/commit/" in pushed.stdout
    assert {repo.id for repo in loopback_hub.repos} == {"me/lemma", "me/lemma_math"}
    assert all(repo.private and repo.tags["v1"] == repo.head() for repo in loopback_hub.repos)

    again = publish("all", "--dataset", "lemma", "--metrics", "lemma_math", "--push")
    assert again.returncode == 0 and again.stdout.count("nothing to do: ") == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "what to publish is missing"),
        (("datasets",), "what to publish is missing"),
        (("dataset",), "no dataset is named"),
        (("model",), "no model is named"),
        (("metric", "--owner", "me", "--metrics", "lemma_maths"), "no metric is called 'lemma_maths'"),
        (("dataset", "--dataset", "nowhere", "--owner", "me"), "no such folder"),
        (("dataset", "--dataset", "lemma", "--owner", "m e"), "need OWNER/NAME"),
        (("dataset", "--dataset", "lemma", "--token=hf_abcdefghijklmnop"), "unknown option '--token'"),
        (("dataset", "--dataset", "lemma", "--config", "missing.yaml"), "cannot be read"),
    ],
)
def test_what_is_asked_wrongly_is_told(publish, loopback_hub, arguments, said):
    done = publish(*arguments)
    assert done.returncode == 1
    assert said in done.stderr and "Traceback" not in done.stderr
    assert "hf_abcdefghijklmnop" not in done.stdout + done.stderr
    assert loopback_hub.repos == []


def test_without_a_token_one_may_look_and_not_push(publish, loopback_hub):
    ask = ("dataset", "--dataset", "lemma", "--owner", "me")
    assert publish(*ask, token="").returncode == 0
    done = publish(*ask, "--push", token="")
    assert done.returncode == 1 and "there is no token" in done.stderr
    nobody = publish("dataset", "--dataset", "lemma", token="")
    assert nobody.returncode == 1 and "give --owner NAME" in nobody.stderr


def test_offline_one_may_look_and_not_push(publish, loopback_hub):
    ask = ("dataset", "--dataset", "lemma", "--owner", "me")
    shown = publish(*ask, HF_HUB_OFFLINE="1")
    assert shown.returncode == 0 and "what is there is not known" in shown.stdout
    done = publish(*ask, "--push", HF_HUB_OFFLINE="1")
    assert done.returncode == 1 and "HF_HUB_OFFLINE" in done.stderr
    assert loopback_hub.requests == []


def test_a_revoked_token_is_told_and_never_printed(publish, loopback_hub):
    loopback_hub.revoke()
    done = publish("dataset", "--dataset", "lemma", "--owner", "me", "--push")
    assert done.returncode == 1 and "hf auth login" in done.stderr and "Traceback" not in done.stderr
    assert loopback_hub.token not in done.stdout + done.stderr


def test_a_run_that_is_killed_at_the_commit_leaves_nothing_and_the_next_finishes(publish, loopback_hub, tmp_path):
    killed: list[int] = []
    loopback_hub.break_connection("/commit/", times=1)

    def kill(request):
        if "/commit/" in request.path and not killed:
            killed.append(int((tmp_path / "pid").read_text()))
            os.kill(killed[0], 9)

    loopback_hub.on_request(kill)
    code = f"import os, runpy, sys; open('pid', 'w').write(str(os.getpid())); sys.argv = {json.dumps(ARGV)}; "
    code += f"runpy.run_path({str(RECIPE)!r}, run_name='__main__')"
    environment = loopback_hub.environment(tmp_path / "home")
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert done.returncode == -9
    assert [commit.title for commit in loopback_hub.repo("me/lemma", "dataset").commits] == ["initial commit"]
    assert publish(*ARGV[1:]).returncode == 0
    assert len(loopback_hub.repo("me/lemma", "dataset").commits) == 2


ARGV = ["publish.py", "dataset", "--dataset", "lemma", "--owner", "me", "--push"]
