"""`recipes/rounds.py` as a person runs it, in small: whole, killed and started again."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from lemma_hf.errors import DataError
from lemma_hf.inference import LocalStudent, Sampling
from lemma_hf.inference.cached import fingerprint
from lemma_hf.inference.endpoint import ReplyStore
from lemma_hf.world.sums import SUMS

ROOT = Path(__file__).resolve().parents[2]
SAMPLING = {"samples": 2, "temperature": 0.7, "max_new_tokens": 48, "batch_size": 64}
PROBLEMS = 280
MINIATURE = {
    "rounds": {"output_dir": "out", "rounds": 2, "right": 1200, "mix_share": 0.3, "seed": 5},
    "start": {"scratch": True, "max_steps": 60, "per_device_train_batch_size": 8, "learning_rate": 1.0e-2},
    "make_dataset": {
        "output_dir": "out/data",
        "world": "sums",
        "problems": PROBLEMS,
        "prompt_style": "sums",
        "find_spans": False,
        "max_rows": 60,
        **SAMPLING,
    },
    "sft": {
        "output_dir": "out/model",
        "hidden_size": 32,
        "layers": 1,
        "heads": 2,
        "vocabulary_size": 259,
        "packing": True,
        "max_length": 320,
        "max_steps": 10,
        "per_device_train_batch_size": 2,
        "learning_rate": 3.0e-3,
        "bf16": False,
        "use_cpu": True,
        "save_strategy": "no",
        "report_to": "none",
    },
    "score": {"world": "sums", "problems": 20, "prompt_style": "sums", "benchmark": "gsm8k", "max_new_tokens": 48},
}


def start(folder: Path, *options: str, sections=MINIATURE) -> "subprocess.Popen[str]":
    (folder / "small.yaml").write_text(yaml.safe_dump(sections), "utf-8")
    environment = os.environ | {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, str(ROOT / "recipes" / "rounds.py"), "--config", "small.yaml", *options]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=pipe, stderr=pipe, text=True)


def ended(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    printed, errors = process.communicate(timeout=400)
    return process.returncode, printed, errors


@pytest.mark.parametrize(
    ("section", "near"),
    [("score", "benchmark"), ("sft", "max_steps"), ("start", "learning_rate"), ("make_dataset", "temperature")],
)
def test_a_misspelled_setting_of_any_step_is_refused_before_the_first_one(tmp_path, section, near):
    misspelled = near[:-1]
    sections = MINIATURE | {section: MINIATURE[section] | {misspelled: 1}}
    code, printed, errors = ended(start(tmp_path, sections=sections))
    assert code == 1 and not printed
    assert errors == f"error: small.yaml: `{section}` has no setting `{misspelled}`: did you mean `{near}`?\n"
    assert not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def went_round(tmp_path_factory) -> tuple[Path, str]:
    """A folder in which two rounds were gone, and what was printed."""
    folder = tmp_path_factory.mktemp("rounds")
    code, printed, errors = ended(start(folder))
    assert code == 0, errors + printed
    return folder, printed


def rows_of(data: Path) -> list[dict[str, object]]:
    import pyarrow.parquet as pq

    return [row for path in sorted(data.rglob("*.parquet")) for row in pq.read_table(path).to_pylist()]


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def processes(folder: Path) -> list[int]:
    """Those that work in this folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").resolve() == folder.resolve():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def stored(replies: Path, peek: Path) -> int:
    """How many completions are in a store that another process holds: counted in a copy."""
    peek.mkdir(exist_ok=True)
    try:
        for path in replies.parent.glob(f"{replies.name}*"):
            shutil.copy2(path, peek)
        with ReplyStore(peek / replies.name) as store:
            return store.count()
    except (DataError, OSError):
        return 0  # copied while it was being made


def until(condition, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.002)


@pytest.mark.slow
def test_two_rounds_end_in_a_table_and_each_step_is_a_command(went_round):
    folder, printed = went_round
    commands = [line.split("$ ")[1] for line in printed.splitlines() if line.startswith("    $ ")]
    recipes = [Path(command.split()[1]).name for command in commands]
    assert recipes == ["sft.py", "score.py", *["make_dataset.py", "sft.py", "score.py"] * 2]
    assert "--student out/round-0/model --seed 6 --output_dir out/round-1/data" in commands[2]
    rows = "--dataset_name out/round-1/data --mix_dataset out/right.jsonl"
    assert f"--model_name_or_path out/round-0/model {rows}" in commands[3]
    assert "--student out/round-1/model --seed 7 --output_dir out/round-2/data" in commands[5]

    facts = json.loads((folder / "out" / "rounds.json").read_text("utf-8"))["rounds"]
    assert [found["number"] for found in facts] == [0, 1, 2]
    assert [figures["accuracy"]["total"] for found in facts for figures in found["score"].values()] == [20, 20, 20]
    for found in facts[1:]:
        sampled = found["sampled"]
        assert sampled["rows"] == len(rows_of(folder / "out" / f"round-{found['number']}" / "data")) > 0
        # Every wrong one has its first error, but for those that only state an answer.
        report = json.loads((folder / "out" / f"round-{found['number']}" / "data.report.json").read_text("utf-8"))
        (analysed,) = (count for count in report["funnel"] if count["stage"] == "analyse")
        bare = analysed["dropped"].get("no_steps", 0)
        assert sum(sampled["errors"].values()) + bare == sampled["wrong"] <= sampled["solutions"] <= 2 * PROBLEMS
    assert (folder / "out" / "rounds.md").read_text("utf-8").count("\n| ") == 5 and "| 2 | " in printed
    log = (folder / "out" / "round-1" / "model.log.txt").read_text("utf-8")
    assert "mixture: 53 trajectories and 23 right solutions (30.3%), drawn from 1,200" in log


@pytest.mark.slow
def test_finished_steps_are_not_run_again_and_a_setting_that_changed_is_refused(went_round):
    folder, _ = went_round
    before = bytes_of(folder / "out")
    code, printed, errors = ended(start(folder))
    assert (code, printed.count("finished earlier")) == (0, 8), errors
    assert bytes_of(folder / "out") == before

    code, _, errors = ended(start(folder, "--mix_share", "0.4"))
    assert code == 1 and "out/round-1/model was made with other settings (mix_share; mix_share was 0.3, now" in errors
    assert "Traceback" not in errors


@pytest.mark.slow
def test_the_mistakes_of_the_second_round_are_the_second_students_own(went_round):
    """Each row begins with what the model of round 1 writes of that problem, and the first model does not write it."""
    folder, _ = went_round
    out = folder / "out"
    names = {}
    for number in (1, 2):
        with ReplyStore(out / f"round-{number}" / "data.replies.sqlite") as store:
            (total,) = store.totals()
        names[number] = total.model
        assert total.replies + total.refusals == 2 * PROBLEMS
    assert names == {1: fingerprint(str(out / "round-0" / "model")), 2: fingerprint(str(out / "round-1" / "model"))}
    assert names[1] != names[2]

    problems = SUMS.problems(PROBLEMS, seed=7)
    rows = rows_of(out / "round-2" / "data")
    own, first = (written_by(out / f"round-{number}" / "model", problems) for number in (1, 0))
    assert rows and all(begins_as(row, own) for row in rows)
    assert not all(begins_as(row, first) for row in rows)


def written_by(model: Path, problems) -> dict[str, list[str]]:
    """What the recipe draws: calls of 128 problems, each with the same seed."""
    student = LocalStudent.from_pretrained(str(model), SAMPLING["batch_size"], progress=None)
    sampling = Sampling(2, 0.7, 1.0, 48, seed=7)
    found = {}
    for at in range(0, len(problems), 128):
        some = problems[at : at + 128]
        written = student.complete([f"{problem.question}:" for problem in some], sampling)
        found |= {p.question: [c.text for c in several] for p, several in zip(some, written, strict=True)}
    return found


def begins_as(row: dict[str, object], written: dict[str, list[str]]) -> bool:
    """Whether the row goes with a completion up to its wrong step and with it."""
    reflection = row["span_kinds"].index(2)  # reasoning, error, reflection, correction
    prefix = row["completion"][: row["span_ends"][reflection - 1]]
    return any(text.startswith(prefix) for text in written[row["problem"]])


@pytest.mark.slow
def test_killed_while_it_samples_it_goes_on_and_makes_the_same_dataset(went_round, tmp_path):
    folder, _ = went_round
    shutil.copytree(folder / "out" / "round-0", tmp_path / "out" / "round-0")
    shutil.copy2(folder / "out" / "right.jsonl", tmp_path / "out")
    replies = tmp_path / "out" / "round-1" / "data.replies.sqlite"

    process = start(tmp_path, "--rounds", "1")
    until(lambda: stored(replies, tmp_path / "peek") or process.poll() is not None)
    for number in processes(tmp_path):
        os.kill(number, signal.SIGKILL)
    assert ended(process)[0] == -signal.SIGKILL
    until(lambda: not processes(tmp_path))
    assert not (tmp_path / "out" / "round-1" / "data").exists()
    kept = stored(replies, tmp_path / "peek")
    assert 0 < kept < 2 * PROBLEMS and kept % 256 == 0, "killed between two calls of 128 problems"

    code, printed, errors = ended(start(tmp_path, "--rounds", "1"))
    assert code == 0, errors + printed
    assert printed.count("finished earlier") == 2
    assert bytes_of(tmp_path / "out" / "round-1" / "data") == bytes_of(folder / "out" / "round-1" / "data")
    assert (tmp_path / "out" / "round-1" / "data.rejects.jsonl").read_bytes() == (
        folder / "out" / "round-1" / "data.rejects.jsonl"
    ).read_bytes()


@pytest.mark.slow
def test_a_local_model_goes_on_behind_each_of_its_mistakes_also_when_it_was_killed(went_round, tmp_path):
    config = MINIATURE | {"make_dataset": MINIATURE["make_dataset"] | {"turns": "each", "max_turns": 3}}
    (tmp_path / "each.yaml").write_text(yaml.safe_dump(config), "utf-8")
    model = str(went_round[0] / "out" / "round-0" / "model")
    environment = os.environ | {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": ""}

    def make(folder: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, str(ROOT / "recipes" / "make_dataset.py"), "--config", "each.yaml"]
        return subprocess.Popen([*command, "--student", model, "--output_dir", folder], cwd=tmp_path, env=environment)

    assert make("whole").wait(400) == 0
    replies = tmp_path / "killed.replies.sqlite"
    process = make("killed")
    until(lambda: stored(replies, tmp_path / "peek") > 2 * PROBLEMS or process.poll() is not None)
    process.kill()
    process.wait()
    assert stored(replies, tmp_path / "peek") > 2 * PROBLEMS, "killed where it writes on"
    assert make("killed").wait(400) == 0
    assert bytes_of(tmp_path / "killed") == bytes_of(tmp_path / "whole")
    funnel = json.loads((tmp_path / "whole" / "funnel.json").read_text("utf-8"))
    assert [count["stage"] for count in funnel][-4:] == ["turn 1", "turn 2", "turn 3", "select"]
    rows = rows_of(tmp_path / "whole")
    assert max(len(row["error_steps"]) for row in rows) == 3
    assert all(row["completion"].endswith(f"####{row['reference_answer']}") for row in rows)


def test_asked_to_stop_it_leaves_nothing_running(tmp_path):
    process = start(tmp_path)
    until((tmp_path / "out" / "round-0" / "model.log.txt").exists)
    process.send_signal(signal.SIGTERM)
    code, printed, errors = ended(process)
    assert code == 130 and "stopped: run the same command again to go on" in errors
    assert "Traceback" not in errors and "| 0 | " in printed
    assert not processes(tmp_path)


def test_a_step_that_fails_says_why_and_ends_the_rounds(tmp_path):
    code, _, errors = ended(start(tmp_path, "--launch", f"{sys.executable} -c 'raise SystemExit(\"error: no\")'"))
    assert code == 1 and "Traceback" not in errors
    assert "[1/8] round 0: train a first model failed; run the same command again to go on\n    | error: no" in errors
    assert not (tmp_path / "out" / "round-1").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--train_from", "middle"], "`train_from`: need `last` or `first`, found 'middle'"),
        (["--rounds", "0"], "`rounds` is 0"),
        (["--model", "a-model"], "Say either `model: FOLDER_OR_NAME` under `rounds:`, or"),
        (["--right", "0"], "`right` is 0"),
        (["--mix_shar", "0.5"], "unknown option '--mix_shar'"),
    ],
)
def test_what_makes_no_sense_is_said_before_anything_runs(tmp_path, options, message):
    code, _, errors = ended(start(tmp_path, *options))
    assert code == 1 and message in errors and "Traceback" not in errors
    assert not (tmp_path / "out").exists()
