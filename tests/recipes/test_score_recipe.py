"""One command scores a checkpoint on all seven benchmarks; another an endpoint; a third outputs that exist."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lemma_hf.evaluation import BENCHMARKS, read_scored_items
from lemma_hf.testing import LoopbackEndpoint
from lemma_hf.train.scratch import character_tokenizer, small_llama

ROOT = Path(__file__).resolve().parents[2]
PATHS = os.pathsep.join([".", os.environ.get("PYTHONPATH", "")])
BENCH = ROOT.parent / "shared" / "data" / "bench"
SEVEN = [name for name in BENCHMARKS if name != "math500"]


def run(folder: Path, *arguments: object, status: int = 0, **more: str) -> str:
    command = [sys.executable, str(ROOT / "recipes" / "score.py"), *map(str, arguments)]
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"} | more
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def two(tmp_path: Path) -> list[str]:
    """Two benchmarks of one problem each, as the Hub has their rows."""
    (tmp_path / "gsm8k.jsonl").write_text(json.dumps({"question": "What is 2 + 2?", "answer": "2 + 2 = 4\n#### 4"}))
    row = {"problem": "Half of 9?", "solution": r"It is $\boxed{\frac{9}{2}}$.", "type": "Algebra", "level": "Level 1"}
    (tmp_path / "math.jsonl").write_text(json.dumps(row))
    return ["--benchmarks", "gsm8k", "math", "--data", "gsm8k=gsm8k.jsonl", "math=math.jsonl"]


def outputs(tmp_path: Path, name: str, first: str, second: str) -> str:
    rows = [{"question": "What is 2 + 2?", "output": first}, {"question": "Half of 9?", "output": second}]
    (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    return name


def test_with_problems_and_outputs_in_files_no_connection_is_opened(tmp_path: Path, two: list[str]) -> None:
    said = outputs(tmp_path, "outputs.jsonl", "It is 4.", "It is 4.5.")
    # Where Python starts, before anything of ours is imported: each attempt is printed, and fails.
    (tmp_path / "sitecustomize.py").write_text(
        "import socket\ndef none(*_, **__):\n    print('CONNECTION', flush=True)\n    raise OSError('no network')\n"
        "socket.socket.connect = socket.getaddrinfo = none\n"
    )
    for name, problems in (("benchmarks", two), ("file", ["--file", "gsm8k.jsonl"])):
        words = run(tmp_path, *problems, "--outputs", said, "--output_dir", name, PYTHONPATH=PATHS, HF_HUB_OFFLINE="0")
        assert "accuracy" in words and "CONNECTION" not in words


def test_outputs_that_exist_are_scored_and_every_artifact_is_written(tmp_path: Path, two: list[str]) -> None:
    turning = "The answer is: 5. Wait, that is wrong. 2 + 2 = 4. The answer is: 4"
    said = outputs(tmp_path, "outputs.jsonl", turning, "It is 4.")
    words = run(tmp_path, *two, "--outputs", said, "--output_dir", "out")
    assert "wrong → right 1" in words
    out = tmp_path / "out"
    facts = json.loads((out / "scores.json").read_text("utf-8"))["benchmarks"]
    assert facts["gsm8k"]["scores"]["pass@1"]["value"] == 1
    assert facts["math"]["scores"]["pass@1"]["value"] == 0
    assert facts["math"]["scores"]["by_subject"]["Algebra"]["total"] == 1
    assert facts["gsm8k"]["self_correction"]["fixed"]["count"] == 1
    first, second = read_scored_items(out)
    assert (first["change"], first["first_answer"], first["extracted"]) == ("fixed", "5", "4")
    assert (second["benchmark"], second["outcome"], second["reference"]) == ("math", "wrong", r"\frac{9}{2}")
    report = (out / "report.md").read_text("utf-8")
    assert "| gsm8k | 1 | 100.0 %" in report
    assert "| **outputs.jsonl** | 100.0 | 0.0 | – |" in report  # beside the paper's rows
    assert "LEMMA (88.90k) | 79.2" in report
    assert (out / "accuracy.png").read_bytes().startswith(b"\x89PNG")
    assert (out / "first_final.png").is_file()
    assert not (out / ".eval_results").exists()  # a file of one row is not the Hub's dataset


def test_two_runs_are_compared_problem_by_problem(tmp_path: Path, two: list[str]) -> None:
    run(tmp_path, *two, "--outputs", outputs(tmp_path, "a.jsonl", "It is 5.", "4.5"), "--output_dir", "first")
    better = outputs(tmp_path, "b.jsonl", "It is 4.", "4.5")
    words = run(tmp_path, *two, "--outputs", better, "--output_dir", "second", "--compare", "first")
    assert "difference on 1 problems: +100.0 points" in words
    assert "only first 0, only second 1" in words


def test_a_run_that_cannot_be_compared_with_is_refused_before_the_model_is_asked(
    tmp_path: Path, two: list[str]
) -> None:
    with LoopbackEndpoint() as endpoint:
        words = run(tmp_path, *two, "--model", f"m@{endpoint.url}", "--compare", "nowhere", status=1)
        assert "nowhere/scores.json: is no file of scores" in words
        (tmp_path / "nowhere").mkdir()
        (tmp_path / "nowhere" / "scores.json").write_text('{"benchmarks": {"gsm8k": {}}}')
        words = run(tmp_path, *two, "--model", f"m@{endpoint.url}", "--compare", "nowhere", status=1)
        assert "nowhere/items.parquet: is no file of scored items" in words
        assert not endpoint.requests


def test_an_endpoint_is_scored_with_several_samples_and_asked_nothing_twice(tmp_path: Path, two: list[str]) -> None:
    def answer(body: dict) -> str:
        return f"The answer is: {4 if body['seed'] % 2 else 5}"

    with LoopbackEndpoint(answer) as endpoint:
        model = ["--model", f"m@{endpoint.url}", "--samples", 4, "--temperature", 1, "--prompt_style", "boxed"]
        words = run(tmp_path, *two, *model, "--output_dir", "out")
        assert "pass@4" in words and "maj@4" in words
        assert len(endpoint.requests) == 2 * 4
        assert "within \\boxed{}" in endpoint.requests[0].body["messages"][0]["content"]
        run(tmp_path, *two, *model, "--output_dir", "out")
        assert len(endpoint.requests) == 2 * 4
    items = list(read_scored_items(tmp_path / "out"))
    assert len(items) == 8
    assert "127.0.0.1" not in (tmp_path / "out" / "scores.json").read_text("utf-8")


def test_the_mistakes_that_remain_are_named_where_a_teacher_is_asked(tmp_path: Path, two: list[str]) -> None:
    said = outputs(tmp_path, "outputs.jsonl", "2 + 2 = 5.\nThe answer is: 5", "4.5")
    words = run(tmp_path, *two, "--outputs", said, "--output_dir", "out", "--teacher", "reference")
    assert "mistakes              calculation 1" in words
    assert (tmp_path / "out" / "error_types.png").is_file()


def test_the_prompt_is_shown_as_it_is_sent(tmp_path: Path, two: list[str]) -> None:
    words = run(tmp_path, *two, "--show_prompt")
    assert "### Instruction:\nWhat is 2 + 2?\n\n### Response: Let's think step by step.<- the prompt ends here" in words


@pytest.mark.slow
def test_a_checkpoint_is_scored_on_all_seven_benchmarks_from_local_files(tmp_path: Path) -> None:
    if not BENCH.is_dir():
        pytest.skip("the benchmarks are not here: real data lies beside the checkout, in shared/data")
    text = "".join(chr(code) for code in range(32, 127)) + "\n"
    tokenizer = character_tokenizer(text)
    small_llama(tokenizer, hidden_size=32, layers=1, heads=2, max_length=8192).save_pretrained(tmp_path / "model")
    tokenizer.save_pretrained(tmp_path / "model")
    data = [f"{name}={BENCH / f'{name}_test.jsonl.gz'}" for name in SEVEN]
    arguments = ["--benchmarks", "all", "--data", *data, "--model", "model", "--problems", 3, "--max_new_tokens", 8]
    run(tmp_path, *arguments, "--output_dir", "out")
    items = list(read_scored_items(tmp_path / "out"))
    assert {item["benchmark"] for item in items} == set(SEVEN)
    assert len(items) == 21
    assert not (tmp_path / "out" / ".eval_results").exists()  # a sample is no score of the benchmark
    assert {path.name for path in (tmp_path / "out").glob("*.png")} == {"accuracy.png", "first_final.png"}
    assert sum("### Instruction:" in item["prompt"][1:] for item in items) == 9  # three of them with shots
    assert str(tmp_path) not in (tmp_path / "out" / "scores.json").read_text("utf-8").replace(str(BENCH), "")
