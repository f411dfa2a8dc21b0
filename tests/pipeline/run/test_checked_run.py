"""The whole recipe with a model as the teacher that votes, and a student that verifies, over HTTP."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from played import PlayedTeacher

from lemma_hf.pipeline.continuation import GO_ON
from lemma_hf.testing import LoopbackEndpoint
from lemma_hf.world.stories import STORIES

ROOT = Path(__file__).resolve().parents[3]
PROBLEMS = STORIES.problems(12, 5)
VOTES = ("--votes", "3")
VERIFY = ("--verify_prefix", "2")


class Wavering:
    """The played teacher and student; of every other problem each vote names another step."""

    def __init__(self) -> None:
        self.played = PlayedTeacher(PROBLEMS, wrong=0.7)
        self.rollouts = 0

    def __call__(self, body: dict[str, Any]) -> str:
        first, last = body["messages"][0]["content"], body["messages"][-1]
        if GO_ON in last["content"]:
            self.rollouts += 1
            asked = last["content"].partition(GO_ON)[0]
            # Of one problem in three the student never gets it right.
            if self._place(asked) % 3 == 0:
                return "The answer is: nothing at all"
            return "The answer is: " + PROBLEMS[self._place(asked)].reference_answer
        if first.startswith("You are a careful teacher") and body["seed"] and self._place(last["content"]) % 2:
            return f"<step>{body['seed']}</step><type>counting</type>"
        return self.played(body)

    def _place(self, text: str) -> int:
        return next(n for n, problem in enumerate(PROBLEMS) if problem.question.strip() in text)


def run(folder: Path, endpoint: LoopbackEndpoint, *arguments: str) -> str:
    command = [sys.executable, str(ROOT / "recipes" / "make_dataset.py"), "--output_dir", "out", "--world", "stories"]
    command += ["--problems", str(len(PROBLEMS)), "--seed", "5", "--test_share", "0.2", "--samples", "2"]
    command += ["--student", f"s@{endpoint.url}", "--student_prompt_style", "step_by_step"]
    command += ["--teacher", f"t@{endpoint.url}"]
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*command, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=200
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def funnel(folder: Path) -> dict[str, Any]:
    return {count["stage"]: count for count in json.loads((folder / "out" / "funnel.json").read_text("utf-8"))}


@pytest.mark.slow
def test_disagreement_and_a_prefix_that_fails_are_counted_and_told(tmp_path: Path) -> None:
    with LoopbackEndpoint(Wavering()) as endpoint:
        planned = run(tmp_path, endpoint, *VOTES, *VERIFY, "--dry_run", "true")
        assert not endpoint.requests
        assert "- `analyse`: 3 votes about each attempt" in planned and "\nverify " in planned
        run(tmp_path, endpoint, *VOTES, *VERIFY)
    counts = funnel(tmp_path)
    assert counts["analyse"]["dropped"]["disagreement"] > 0
    assert counts["verify"]["entered"] == counts["analyse"]["left"]
    assert counts["verify"]["dropped"]["prefix_fails"] > 0
    assert counts["verify"]["left"] > 0
    rejects = [json.loads(line) for line in (tmp_path / "out.rejects.jsonl").read_text("utf-8").splitlines()]
    details = [each["detail"] for each in rejects if each["reason"] == "disagreement"]
    assert all(detail.startswith("votes: step ") for detail in details)
    settings = json.loads((tmp_path / "out" / "settings.json").read_text("utf-8"))["settings"]
    assert (settings["votes"], settings["verify_prefix"], settings["hold_against_reference"]) == (3, 2, False)


@pytest.mark.slow
def test_a_student_that_only_verifies_samples_nothing(tmp_path: Path) -> None:
    problem = PROBLEMS[1]
    lines = problem.reference_solution.splitlines()
    wrong = "\n".join([*lines[:-1], "The answer is: 999999"])
    row = {"question": problem.question, "reference_solution": problem.reference_solution, "solution": wrong}
    row["error_step"] = len(lines)
    (tmp_path / "a.jsonl").write_text(json.dumps(row | {"reference_answer": problem.reference_answer}) + "\n", "utf-8")
    teacher = Wavering()
    with LoopbackEndpoint(teacher) as endpoint:
        command = [sys.executable, str(ROOT / "recipes" / "make_dataset.py"), "--output_dir", "out"]
        command += [
            "--attempts",
            "a.jsonl",
            "--sample",
            "from_file",
            "--test_share",
            "0",
            "--min_sureness",
            "0",
            *VERIFY,
        ]
        command += ["--student", f"s@{endpoint.url}", "--student_prompt_style", "step_by_step"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=200)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        assert teacher.rollouts == len(endpoint.requests) == 2
    assert funnel(tmp_path)["verify"]["left"] == 1


def test_roll_outs_need_a_student(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "recipes" / "make_dataset.py"), "--output_dir", "out", "--world", "sums"]
    done = subprocess.run([*command, *VERIFY], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 1
    assert "`verify_prefix: 2` needs" in done.stderr and "Traceback" not in done.stderr
