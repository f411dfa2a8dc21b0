import asyncio
import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

import lemma_hf.grading.pool as pool_module
from lemma_hf.errors import ConfigError
from lemma_hf.grading import answers_equal, grade, grade_many, limit_workers
from lemma_hf.grading.pool import Pool, Worker
from lemma_hf.records import Outcome

INTEGRAL = r"\boxed{\int_0^1 x\,dx}"


def test_computer_algebra_decides_what_no_cheaper_layer_can() -> None:
    assert grade(INTEGRAL, r"\frac{1}{2}").outcome is Outcome.RIGHT
    assert grade(INTEGRAL, r"\frac{1}{3}").outcome is Outcome.WRONG
    assert answers_equal(r"\sum_{k=1}^{4} k", "10").outcome is Outcome.RIGHT


def test_what_a_worker_is_asked_carries_the_workers_verdict_and_detail() -> None:
    found = grade_many([INTEGRAL, r"\boxed{x \oplus y}"], ["0.5", r"\int x"], timeout=20)
    assert [item.outcome for item in found] == [Outcome.RIGHT, Outcome.WRONG]
    assert [item.detail for item in found] == ["", "computer algebra could not decide it"]


def test_sympy_is_not_loaded_here_even_when_it_decides() -> None:
    code = (
        "import sys; import lemma_hf.grading as g; "
        r"print(g.answers_equal(r'\int_0^1 x\,dx', '0.5').outcome, 'sympy' in sys.modules, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["right", "False", "False"]


def test_an_integral_that_never_ends_is_a_timeout_at_its_deadline() -> None:
    answers_equal(r"\int_0^1 x\,dx", "0.5")
    endless = r"\int_0^1 e^{x^3}\sin(x^2)\ln(x+\sqrt{x})\,dx"
    start = time.perf_counter()
    found = answers_equal(endless, "0.1")
    assert found.outcome is Outcome.TIMEOUT
    assert found.detail.startswith("no verdict within 0.9 s")
    assert time.perf_counter() - start < 3


def test_a_late_reply_costs_one_timeout_and_no_sibling() -> None:
    # A microsecond: no reply can come in time. The next call gets a fresh worker.
    assert answers_equal(r"\int_0^1 x\,dx", "0.5").outcome is Outcome.RIGHT
    late = grade_many([INTEGRAL, r"\boxed{7}"], ["0.5", "7"], timeout=1e-6)
    assert [item.outcome for item in late] == [Outcome.TIMEOUT, Outcome.RIGHT]
    assert grade(INTEGRAL, "0.5").outcome is Outcome.RIGHT


def test_a_killed_worker_is_none_and_is_replaced() -> None:
    pool = Pool()
    try:
        with pool.lend() as worker:
            assert worker.ask(r"\int_0^1 x\,dx", "0.5", "math", 10) is not None
            worker.process.kill()
            assert worker.ask(r"\int_0^1 x\,dx", "0.5", "math", 10) is None
        assert pool.ask(r"\int_0^1 x\,dx", "0.5", "math", 10) is not None
    finally:
        pool.end()


def test_ending_the_pool_leaves_no_process() -> None:
    pool = Pool()
    with pool.lend() as worker:
        worker.ask("1", "1", "math", 10)
    process = worker.process
    pool.end()
    assert process.poll() is not None


def test_it_works_in_threads() -> None:
    found = []
    threads = [threading.Thread(target=lambda: found.append(grade(INTEGRAL, "0.5").outcome)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [Outcome.RIGHT] * 4


def test_it_works_in_the_executor_of_asyncio() -> None:
    async def both() -> list[Outcome]:
        grades = await asyncio.gather(*(asyncio.to_thread(grade, INTEGRAL, ref) for ref in ("0.5", "0.25")))
        return [item.outcome for item in grades]

    assert asyncio.run(both()) == [Outcome.RIGHT, Outcome.WRONG]


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_it_works_in_processes_however_they_are_started(method: str) -> None:
    grade(INTEGRAL, "0.5")  # a forked child must not use this process's worker
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(method)) as processes:
        assert processes.submit(_outcome_of, INTEGRAL, "0.5").result(60) == "right"
        assert processes.submit(_outcome_of, INTEGRAL, "0.7").result(60) == "wrong"
    assert grade(INTEGRAL, "0.5").outcome is Outcome.RIGHT


def _outcome_of(output: str, reference: str) -> str:
    return str(grade(output, reference).outcome)


def test_a_process_can_be_limited_to_fewer_workers() -> None:
    code = f"""
import lemma_hf.grading as grading
from lemma_hf.grading.pool import shared_pool
grading.limit_workers(1)
grading.grade_many([{INTEGRAL!r}] * 3, ["0.5", "0.25", "0.75"])
print(len(shared_pool().all))
"""
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout == "1\n"
    with pytest.raises(ConfigError, match="at least one worker"):
        limit_workers(0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_child_starts_workers_of_its_own_and_leaves_ours_alone() -> None:
    code = r"""
import os, lemma_hf.grading as g
assert g.answers_equal(r"\int_0^1 x\,dx", "0.5").outcome == "right"
child = os.fork()
good = all(g.answers_equal(rf"\int_0^{n} x\,dx", f"{n * n}/2").outcome == "right" for n in range(2, 5))
if child == 0:
    from lemma_hf.grading.pool import shared_pool
    shared_pool().end()
    os._exit(0 if good else 1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0 and good
assert g.answers_equal(r"\int_0^1 x\,dx", "0.5").outcome == "right"
print("both")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.split() == ["both"], done.stderr


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_no_worker_outlives_a_parent_that_was_killed() -> None:
    code = (
        "import os, lemma_hf.grading as g; from lemma_hf.grading.pool import shared_pool; "
        r"g.answers_equal(r'\int_0^1 x\,dx', '0.5'); "
        "print(*[w.process.pid for w in shared_pool().all], flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    pids = done.stdout.split()
    assert pids
    deadline = time.monotonic() + 10
    while any(_runs(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(_runs(pid) for pid in pids)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_control_c_leaves_no_process_behind() -> None:
    endless = r"\boxed{\int_0^1 e^{x^3}\sin(x^2)\ln(x+\sqrt{x})\,dx}"
    code = (
        "import lemma_hf.grading as g; "
        f"g.grade({INTEGRAL!r}, '0.5'); print('warm', flush=True); "
        f"g.grade_many([{endless!r}] * 4, ['1', '2', '3', '4'], timeout=60)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    with process.stdout as lines:
        assert lines.readline() == "warm\n"
        deadline = time.monotonic() + 20
        while not (pids := _family(str(process.pid))) or not any(_family(pid) for pid in pids):
            assert time.monotonic() < deadline, "no worker was at work"
            time.sleep(0.05)
        time.sleep(1)
        pids |= {fork for pid in pids for fork in _family(pid)}
        process.send_signal(signal.SIGINT)
        process.wait(20)
    assert process.returncode != 0
    deadline = time.monotonic() + 5
    while any(map(_runs, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(_runs, pids))


def _family(parent: str) -> set[str]:
    """The processes whose parent is `parent`."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if stat.read_text().rpartition(")")[2].split()[1] == parent:
                found.add(stat.parent.name)
    return found


@pytest.mark.skipif(not hasattr(os, "fork"), reason="where no worker forks, one that hangs is killed")
def test_a_comparison_that_never_ends_costs_its_worker_nothing() -> None:
    pool = Pool()
    try:
        assert pool.ask(INTEGRAL, "0.5", "math", 10) is not None
        (worker,) = pool.all
        for _ in range(3):
            assert pool.ask(r"\int_0^1 e^{x^3}\sin(x^2)\ln(x+\sqrt{x})\,dx", "0.1", "math", 0.1) is None
        assert pool.all == {worker}
        assert worker.process.poll() is None
    finally:
        pool.end()


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="this system cannot cap the memory of a process")
def test_a_comparison_may_not_take_all_memory() -> None:
    code = (
        "import sys, lemma_hf.grading.worker as w; "
        "w.compare = lambda *_: w.Verdict(w.Same.YES, str(len(bytearray(int(sys.argv[1]))))); "
        "w._cap_memory(); print(w._in_fork(('1', '1', 'math', 5.0, 50.0)).rule)"
    )
    told = [
        subprocess.run([sys.executable, "-c", code, size], capture_output=True, text=True, check=True).stdout.strip()
        for size in ("1000", str(2**30))
    ]
    assert told == ["1000", "memory"]


def _runs(pid: str) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_worker_imports_nothing_from_the_current_directory(tmp_path: Path) -> None:
    (tmp_path / "sympy.py").write_text("raise SystemExit('imported from the current directory')")
    code = r"import lemma_hf.grading as g; print(g.answers_equal(r'\int_0^1 x\,dx', '0.5').outcome)"
    script = tmp_path / "elsewhere" / "script.py"
    script.parent.mkdir()
    script.write_text(code)
    done = subprocess.run([sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["right"], done.stderr


def test_lists_of_unequal_length_raise_before_work_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Worker, "__init__", lambda self: pytest.fail("work was started"))
    with pytest.raises(ConfigError, match="2 outputs, 1 references"):
        grade_many([INTEGRAL, "2"], ["1"])
    with pytest.raises(ConfigError, match="3 benchmarks"):
        grade_many(["1", "2"], ["1", "2"], benchmark=["math"] * 3)
    with pytest.raises(ConfigError, match="timeout"):
        grade_many(["1"], ["1"], timeout=0)


def test_many_are_graded_in_order_with_a_benchmark_each() -> None:
    found = grade_many(["#### C", r"\boxed{3}", "no idea"], ["C", "4", "5"], benchmark=["aqua", "math", "math"])
    assert [item.outcome for item in found] == [Outcome.RIGHT, Outcome.WRONG, Outcome.WRONG]
    assert grade_many([], []) == []


def test_a_worker_that_cannot_start_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false" if Path("/bin/false").exists() else sys.executable)
    if sys.executable != "/bin/false":
        pytest.skip("needs /bin/false")
    pool = Pool()
    with pytest.raises(pool_module.WorkerFailedError, match="did not start"):
        pool.ask("1", "1", "math", 1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="where no worker forks, the deadline is one of the clock")
def test_a_deadline_is_processor_time_so_that_a_worker_that_waits_loses_none() -> None:
    pool = Pool()
    try:
        assert pool.ask(INTEGRAL, "0.5", "math", 10) is not None
        (worker,) = pool.all
        # Stopped for longer than its deadline, as a machine under load stops it again and again.
        os.kill(worker.process.pid, signal.SIGSTOP)
        threading.Timer(1.5, os.kill, (worker.process.pid, signal.SIGCONT)).start()
        start = time.perf_counter()
        assert pool.ask(r"\int_0^1 x^2\,dx", r"\frac{1}{3}", "math", 0.9) is not None
        assert time.perf_counter() - start > 1.4
    finally:
        pool.end()


def test_a_worker_that_uses_no_processor_time_is_given_up_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "_GRACE_SECONDS", 0.5)
    pool = Pool()
    try:
        assert pool.ask(INTEGRAL, "0.5", "math", 10) is not None
        (worker,) = pool.all
        os.kill(worker.process.pid, signal.SIGSTOP)
        assert pool.ask(INTEGRAL, "0.5", "math", 0.05) is None
        assert worker.process.poll() is not None
    finally:
        pool.end()


def test_a_program_that_ignores_its_children_gets_verdicts_too() -> None:
    code = (
        "import signal; signal.signal(signal.SIGCHLD, signal.SIG_IGN); import lemma_hf.grading as g; "
        r"print(g.answers_equal(r'\int_0^1 x\,dx', '0.5').outcome, g.answers_equal(r'\int_0^1 x\,dx', '0.7').outcome)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.split() == ["right", "wrong"], done.stderr


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGSTOP])
def test_a_worker_that_is_lost_while_it_loads_is_replaced(
    sent: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "_SILENT_SECONDS", 8.0)
    lost: list[int] = []

    def start(self: Worker) -> None:
        begin(self)
        if not lost:
            lost.append(self.process.pid)
            os.kill(self.process.pid, sent)

    begin = Worker.__init__
    monkeypatch.setattr(Worker, "__init__", start)
    pool = Pool()
    try:
        assert pool.ask(INTEGRAL, "0.5", "math", 10) is not None
        assert lost
        assert lost[0] not in {worker.process.pid for worker in pool.all}
    finally:
        pool.end()


def test_a_program_ends_although_a_daemon_thread_still_grades() -> None:
    endless = r"\boxed{\int_0^1 e^{x^3}\sin(x^2)\ln(x+\sqrt{x})\,dx}"
    code = (
        "import threading, lemma_hf.grading as g; "
        f"g.grade({INTEGRAL!r}, '0.5'); outputs = [{endless!r}] * 200; "
        "work = lambda: g.grade_many(outputs, [str(n) for n in range(200)], workers=2, timeout=0.5); "
        "threading.Thread(target=work, daemon=True).start(); import time; time.sleep(1)"
    )
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, timeout=60)
    assert time.perf_counter() - start < 30  # 200 comparisons of half a second each, two at a time, take 50
