"""The recipe, run as people run it: a command in an empty folder."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT.parent / "shared" / "data"
CONFIGS = ROOT / "recipes" / "configs"


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "recipes" / "make_dataset.py"), *arguments]
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(folder / "hf"), "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=500
    )


def rows_of(folder: Path) -> dict[str, list[dict[str, object]]]:
    import pyarrow.parquet as pq

    return {
        split: [row for path in sorted(folder.rglob(f"{split}-*.parquet")) for row in pq.read_table(path).to_pylist()]
        for split in ("train", "test")
    }


@pytest.mark.slow
def test_the_world_makes_a_dataset_and_makes_it_again(tmp_path: Path) -> None:
    small = ("--config", str(CONFIGS / "world.yaml"), "--problems", "40", "--injections", "60")
    done = make(tmp_path, *small)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "outputs" / "world"
    rows = rows_of(folder)
    assert rows["train"] and rows["test"]
    assert not {r["problem"] for r in rows["train"]} & {r["problem"] for r in rows["test"]}
    assert all(str(r["completion"]).endswith(f"The answer is: {r['reference_answer']}") for r in rows["train"])
    funnel = json.loads((folder / "funnel.json").read_text("utf-8"))
    assert funnel[-1]["left"] == sum(map(len, rows.values()))
    assert all(c["entered"] * c["fan_out"] == c["left"] + sum(c["dropped"].values()) for c in funnel)
    rejects = (tmp_path / "outputs" / "world.rejects.jsonl").read_text("utf-8").splitlines()
    assert len(rejects) == sum(sum(c["dropped"].values()) for c in funnel)
    card = (folder / "README.md").read_text("utf-8")
    assert f"| select | {funnel[-1]['entered']} | {funnel[-1]['left']} |" in card
    assert "| teacher | world |\n| packages | lemma-hf " in card
    assert "| apache-2.0, made by lemma-hf |" in card

    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert make(tmp_path, *small).returncode == 0
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.slow
def test_the_world_makes_several_mistakes_in_one_solution(tmp_path: Path) -> None:
    small = ("--config", str(CONFIGS / "world.yaml"), "--problems", "50", "--max_problems", "40", "--injections", "60")
    done = make(tmp_path, *small, "--turns", "each", "--max_turns", "3")
    assert done.returncode == 0, done.stderr
    rows = [row for split in rows_of(tmp_path / "outputs" / "world").values() for row in split]
    assert {len(row["error_steps"]) for row in rows} == {1, 2, 3}  # type: ignore[arg-type]
    assert all(str(row["completion"]).endswith(f"The answer is: {row['reference_answer']}") for row in rows)
    funnel = json.loads((tmp_path / "outputs" / "world" / "funnel.json").read_text("utf-8"))
    stages = ["first problems", "inject", "turn 1", "turn 2", "turn 3", "select"]
    assert [count["stage"] for count in funnel] == stages
    assert funnel[0]["dropped"] == {"over_cap": 10}


@pytest.mark.slow
def test_real_annotated_rows_become_a_dataset(tmp_path: Path) -> None:
    if not (DATA / "eic_gsm8k.jsonl").is_file():
        pytest.skip("EIC is not here: real data lies beside the checkout, in shared/data")
    config = tmp_path / "eic.yaml"
    config.write_text(
        "make_dataset: {output_dir: out, attempts: [eic_gsm8k.jsonl], attempt_columns: [solution=wrong_solution]}\n",
        "utf-8",
    )
    done = make(tmp_path, "--config", str(config), "--data_dir", str(DATA))
    assert done.returncode == 0, done.stderr
    assert "read attempts  986  986" in done.stdout
    assert sum(map(len, rows_of(tmp_path / "out").values())) > 900


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--config", "nowhere.yaml"), "nowhere.yaml: cannot be read"),
        (("--config", str(CONFIGS / "gsm8k_reference.yaml")), "eic_gsm8k.jsonl: no such file\nGet it, or put"),
        (("--output_dir", "out", "--world", "songs"), "is called 'songs'"),
        (("--output_dir", "out"), "nothing to begin with"),
        (("--output_dir", "out", "--world", "sums", "--prompt_style", "boxed"), "rows hold plain text"),
        (("--output_dir", "out", "--world", "sums", "--problems", "3"), "no trajectories to write"),
        (("--output_dir", "out", "--world", "sums", "--turns", "twice"), "need `first` or `each`, found 'twice'"),
        (("--output_dir", "out", "--world", "sums", "--max_turns", "0"), "`max_turns`: need 1 or more"),
        (("--output_dir", "out", "--problem_files", "none.jsonl", "--turns", "each"), "needs a `student`"),
        (
            ("--output_dir", "out", "--outputs", "none.jsonl", "--sample", "from_file", "--turns", "each"),
            "a file of attempts holds only the first part of a row",
        ),
        (
            ("--output_dir", "out", "--world", "sums", "--turns", "each", "--both_strategies", "true"),
            "so `both_strategies: true` has no meaning with it",
        ),
    ],
)
def test_a_mistake_is_a_message_and_no_traceback(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    done = make(tmp_path, *arguments)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_key_of_the_config_is_named(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("make_dataset: {output_dir: out, wordl: sums}\n", "utf-8")
    done = make(tmp_path, "--config", "c.yaml")
    assert (done.returncode, "did you mean `world`?" in done.stderr) == (1, True)
