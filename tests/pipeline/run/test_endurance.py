"""The whole recipe with a student and a teacher behind an endpoint: killed, interrupted, refused, cut off and starved.

The endpoint is a real server on loopback, played by the world's oracle; the recipe is a process of its own, as people
run it. A run may be stopped in any way and goes on with the same command: the dataset is the one of a run that nobody
disturbed, byte for byte, and no reply that was stored is asked for again.
"""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from played import PlayedTeacher

from lemma_hf.inference.endpoint import ChatRequest, Endpoint, ReplyStore
from lemma_hf.records import Flawed
from lemma_hf.taxonomy import ErrorType
from lemma_hf.testing import ALL, Fault, Faults, LoopbackEndpoint
from lemma_hf.world.stories import STORIES

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
PROBLEMS = 24
SEED = 5
CONCURRENCY = 6
OPTIONS = [
    "stored_as=here",
    f"concurrency={CONCURRENCY}",
    "timeout=1",
    "backoff=0.02",
    "usd_per_million_in=10",
    "usd_per_million_out=40",
]
FINISHED_WITHOUT_SOME = 3


def server(**options) -> LoopbackEndpoint:
    played = PlayedTeacher(STORIES.problems(PROBLEMS, SEED), wrong=0.7, garbled=0.05)
    return LoopbackEndpoint(played, **options)


def start(folder: Path, endpoint: LoopbackEndpoint, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(ROOT / "recipes" / "make_dataset.py"), "--output_dir", "out"]
    command += ["--world", "stories", "--problems", str(PROBLEMS), "--seed", str(SEED), "--test_share", "0.2"]
    command += ["--student", f"s@{endpoint.url}", "--student_prompt_style", "step_by_step", "--samples", "2"]
    command += ["--teacher", f"t@{endpoint.url}", "--teacher_options", *OPTIONS, "--student_options", *OPTIONS]
    folder.mkdir(exist_ok=True)
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [*command, *arguments], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def run(folder: Path, endpoint: LoopbackEndpoint, *arguments: str, status: int = 0) -> str:
    process = start(folder, endpoint, *arguments)
    output, errors = process.communicate(timeout=200)
    assert process.returncode == status, f"{output}\n{errors}"
    return output + errors


def files_of(folder: Path) -> dict[str, bytes]:
    found = {str(path.relative_to(folder)): path.read_bytes() for path in (folder / "out").rglob("*") if path.is_file()}
    return found | {"rejects": (folder / "out.rejects.jsonl").read_bytes()}


def key_of(body, url: str) -> bytes:
    messages = tuple(body["messages"])
    parameters = {name: body[name] for name in ("max_tokens", "temperature", "top_p")}
    return Endpoint(body["model"], url, stored_as="here").key_of(
        ChatRequest(messages, sample=body["seed"], **parameters)
    )


def wait_for(endpoint: LoopbackEndpoint, requests: int, process: subprocess.Popen[str]) -> None:
    while len(endpoint.requests) < requests and process.poll() is None:
        time.sleep(0.005)


@pytest.mark.parametrize("turns", ["first", "each"])
def test_killed_at_random_moments_it_makes_the_same_dataset_and_asks_nothing_again(tmp_path, turns):
    options = ("--injections", "12", "--turns", turns)
    with server(latency=0.02) as endpoint:
        run(tmp_path / "whole", endpoint, *options)
        needed = len(endpoint.requests)
    assert not (tmp_path / "whole" / "out").joinpath("replies").exists()

    dice = random.Random(7)
    with server(latency=0.02) as endpoint:
        for _ in range(5):
            process = start(tmp_path / "killed", endpoint, *options)
            wait_for(endpoint, len(endpoint.requests) + dice.randrange(10, needed // 6), process)
            time.sleep(dice.random() / 50)
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed_at = time.time()
            with ReplyStore(tmp_path / "killed" / "out.replies.sqlite") as store:
                keys = {key_of(exchange.body, endpoint.url): exchange for exchange in endpoint.requests}
                stored = store.get_many(list(keys))
            # Only what was on its way, to us or to the disk, is not stored; so much, and no more, is asked again.
            assert len(keys) - len(stored) <= 2 * CONCURRENCY
        before = len(endpoint.requests)
        run(tmp_path / "killed", endpoint, *options)
        asked_again = [e for e in endpoint.requests[before:] if key_of(e.body, endpoint.url) in stored]
        assert not asked_again
        assert len(endpoint.repeats()) <= 5 * 2 * CONCURRENCY
        assert killed_at < endpoint.requests[-1].asked
        assert needed <= len(endpoint.requests) <= needed + 5 * 2 * CONCURRENCY
    assert files_of(tmp_path / "killed") == files_of(tmp_path / "whole")

    # And once more, with nothing left to ask: no request at all.
    with server() as endpoint:
        words = run(tmp_path / "killed", endpoint, *options)
        assert len(endpoint.requests) == 0
    said = re.search(r"replies: 0 new \(\$0\.0000\), (\d+) from out.replies.sqlite", words)
    assert said and int(said[1]) >= needed
    assert files_of(tmp_path / "killed") == files_of(tmp_path / "whole")


def test_how_many_calls_run_side_by_side_changes_nothing(tmp_path):
    with server() as endpoint:
        run(tmp_path / "six", endpoint, "--injections", "12")
        alone = ["concurrency=1", *OPTIONS[1:]]
        run(tmp_path / "one", endpoint, "--injections", "12", "--teacher_options", *alone, "--student_options", *alone)
    assert files_of(tmp_path / "six") == files_of(tmp_path / "one")


def rows_of(folder: Path) -> dict[str, str]:
    import pyarrow.parquet as pq

    paths = (folder / "out").rglob("*.parquet")
    return {row["id"]: row["completion"] for path in paths for row in pq.read_table(path).to_pylist()}


def test_with_faults_in_a_fifth_of_all_calls_it_ends_and_no_item_loses_its_siblings(tmp_path):
    many = ("--samples", "6", "--max_per_problem", "100")
    with server() as endpoint:
        run(tmp_path / "clean", endpoint, *many)
    with server(faults=Faults(share=0.2, seed=3, kinds=ALL, retry_after=1)) as endpoint:
        words = run(tmp_path / "faulty", endpoint, *many)
        met = {exchange.fault for exchange in endpoint.requests if exchange.fault}
        assert len(met) > len(ALL) * 0.8
    clean, faulty = rows_of(tmp_path / "clean"), rows_of(tmp_path / "faulty")
    assert len(faulty) > len(clean) / 2
    # What got through is what would have come without faults, word for word.
    assert {name: clean[name] for name in faulty} == faulty
    funnel = json.loads((tmp_path / "faulty" / "out" / "funnel.json").read_text())
    for count in funnel:
        assert count["entered"] * count["fan_out"] == count["left"] + sum(count["dropped"].values())
    reasons = {reason for count in funnel for reason in count["dropped"]}
    assert {"truncated", "empty", "refused"} & reasons
    rejects = (tmp_path / "faulty" / "out.rejects.jsonl").read_text().splitlines()
    assert len(rejects) == sum(sum(count["dropped"].values()) for count in funnel)
    assert "truncated" in words or "empty" in words or "refused" in words


def test_items_that_never_get_a_reply_are_counted_and_the_exit_status_says_so(tmp_path):
    faults = Faults(share=0.15, seed=1, kinds=(Fault.SERVER_ERROR, Fault.HTML), permanent=True)
    few = [*OPTIONS, "tries=2"]
    with server(faults=faults) as endpoint:
        few_tries = ("--teacher_options", *few, "--student_options", *few)
        words = run(tmp_path / "some", endpoint, *few_tries, status=FINISHED_WITHOUT_SOME)
        sent = len(endpoint.requests)
        assert "call_failed" in words and "--retry_failed" in words
        run(tmp_path / "some", endpoint, *few_tries, status=FINISHED_WITHOUT_SOME)
        assert len(endpoint.requests) == sent  # rejected items are remembered
    with server() as mended:
        run(tmp_path / "some", mended, *few_tries, "--retry_failed")
        run(tmp_path / "whole", mended, *few_tries)
    assert rows_of(tmp_path / "some") == rows_of(tmp_path / "whole")


def test_ctrl_c_stops_it_within_two_seconds_and_the_same_command_goes_on(tmp_path):
    with server(latency=0.05) as endpoint:
        run(tmp_path / "whole", endpoint)
    with server(latency=0.05) as endpoint:
        process = start(tmp_path / "stopped", endpoint)
        wait_for(endpoint, 40, process)
        process.send_signal(signal.SIGINT)
        stopped = time.monotonic()
        output, errors = process.communicate(timeout=60)
        assert time.monotonic() - stopped < 2
        with ReplyStore(tmp_path / "stopped" / "out.replies.sqlite") as store:
            new = sum(int(number) for number in re.findall(r"^replies: (\d+) new \(", output, re.MULTILINE))
            assert new == store.count() > 0
        assert process.returncode == 130
        assert "run the same command again" in errors and "Traceback" not in errors
        run(tmp_path / "stopped", endpoint)
        assert len(endpoint.repeats()) <= 2 * CONCURRENCY
    assert files_of(tmp_path / "stopped") == files_of(tmp_path / "whole")


def test_with_turns_at_each_mistake_the_student_goes_on_and_every_stage_says_what_became_of_its_items(tmp_path):
    with server() as endpoint:
        words = run(tmp_path, endpoint, "--turns", "each")
    import pyarrow.parquet as pq

    rows = [row for path in (tmp_path / "out").rglob("*.parquet") for row in pq.read_table(path).to_pylist()]
    turns = Counter(len(row["error_steps"]) for row in rows)
    assert {0, 1, 2} <= set(turns)
    facts = json.loads((tmp_path / "out.report.json").read_text())
    assert facts["turns"] == {str(count): number for count, number in sorted(turns.items())}
    stages = [count["stage"] for count in facts["funnel"]]
    assert stages[:6] == ["sample", "grade", "keep right", "analyse", "turn 1", "turn 2"]
    assert {cost["stage"] for cost in facts["costs"]} >= {"sample", "analyse", "correct: fix", "smooth", "go on"}
    assert "turns a row: " in words and "How many turns a row has" in (tmp_path / "out.report.html").read_text()
    assert json.loads((tmp_path / "out" / "settings.json").read_text())["settings"]["turns"] == "each"
    assert "turns: each" in (tmp_path / "out" / "README.md").read_text()


def test_an_attempt_from_a_file_is_the_first_part_and_the_student_writes_on(tmp_path):
    problem = STORIES.problems(PROBLEMS, SEED)[0]
    (wrong,) = [item for item in [STORIES.inject(problem, ErrorType.CALCULATION, "file")] if isinstance(item, Flawed)]
    (tmp_path / "o.jsonl").write_text(
        json.dumps({"question": problem.question, "output": wrong.attempt.text}) + "\n", "utf-8"
    )
    files = ("--outputs", "o.jsonl", "--data_dir", ".", "--sample", "from_file")
    with server() as endpoint:
        run(tmp_path, endpoint, *files, "--turns", "each", "--test_share", "0")
        titles = Counter(
            "write only what comes next" in exchange.body["messages"][-1]["content"]
            for exchange in endpoint.requests
            if len(exchange.body["messages"]) == 1
        )
    assert titles[True] >= 1 and titles[False] == 0
    (row,) = rows_of(tmp_path).values()
    assert row.lstrip().startswith("".join(wrong.right_steps) + wrong.wrong_step)


def test_a_budget_stops_it_and_a_larger_one_takes_it_to_its_end(tmp_path):
    with server() as endpoint:
        run(tmp_path / "whole", endpoint)
        report = json.loads((tmp_path / "whole" / "out.report.json").read_text())
        price = report["usd"]
        assert price > 0
        words = run(tmp_path / "poor", endpoint, "--budget_usd", str(price / 2), status=1)
        assert "the budget of" in words and "Traceback" not in words
        with ReplyStore(tmp_path / "poor" / "out.replies.sqlite") as store:
            assert price / 4 < sum(total.usd for total in store.totals()) <= price / 2
        report = json.loads((tmp_path / "poor" / "out.report.json").read_text())
        assert "stopped" in report["outcome"]
        run(tmp_path / "poor", endpoint, "--budget_usd", str(price * 1.5))
    assert files_of(tmp_path / "poor") == files_of(tmp_path / "whole")


@pytest.mark.parametrize("turns", ["first", "each"])
def test_a_dry_run_sends_nothing_and_its_range_holds_what_the_run_then_takes(tmp_path, turns):
    options = ("--injections", "12", "--turns", turns)
    with server() as endpoint:
        words = run(tmp_path / "run", endpoint, *options, "--dry_run")
        assert len(endpoint.requests) == 0
        assert not (tmp_path / "run" / "out").exists()
        run(tmp_path / "run", endpoint, *options)
        sent = len(endpoint.requests)
    low, high = (int(part.replace(",", "")) for part in words.split("\nsum")[1].split()[0].split("–"))
    assert low <= sent <= high


def test_an_endpoint_that_is_not_there_is_said_at_once_and_leaves_nothing_half_made(tmp_path):
    with server() as endpoint:
        pass
    few = [*OPTIONS, "tries=2"]
    words = run(tmp_path, endpoint, "--teacher_options", *few, "--student_options", *few, status=1)
    assert "cannot connect" in words and "Traceback" not in words
    assert not (tmp_path / "out").exists()
