"""Warm worker processes for what may never end, each of which can be killed without loss.

No signals and no shared state: requests go out and verdicts come back over pipes, so this works in threads, in the
executors of asyncio, in Jupyter, and in forked or spawned processes (a forked child starts workers of its own). The
deadline of a request is processor time of the comparison itself, which the worker keeps (see `worker`), so that a
verdict does not depend on what else the machine does; a worker that fails to is killed here, much later and by the
clock. A worker that hangs or dies costs its one request.
"""

import atexit
import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from time import monotonic

from lemma_hf.errors import LemmaError
from lemma_hf.grading._compare import LATE
from lemma_hf.grading._work import Verdict
from lemma_hf.grading.formulas._probe import Same

_START_SECONDS = 120.0
"""How long a worker may take to load sympy; on a busy machine a cold start takes many seconds."""

_SILENT_SECONDS = 20.0
"""How long a worker may be silent while it loads: it sends a sign of life a second."""
_STARTS = 3
"""So often a worker is started for one request: one that was killed while it loaded says nothing about the next."""

_FORKS = hasattr(os, "fork")
_BY_THE_CLOCK = 30
"""A comparison may take this many times its seconds of processor time: a machine has to be very busy to need it."""
_GRACE_SECONDS = 5.0
"""A worker that forks ends a comparison by itself; one that fails to is killed this much later."""


class WorkerFailedError(LemmaError):
    """No worker process can be started here; the message says what was tried."""


class Worker:
    """One process that answers one request at a time."""

    def __init__(self) -> None:
        path = os.pathsep.join(entry for entry in sys.path if entry)
        self.process = subprocess.Popen(
            # -P: the current directory, which may hold anyone's sympy.py, is no place to import from.
            [sys.executable, "-P", "-m", "lemma_hf.grading.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
            encoding="utf-8",
            start_new_session=True,  # Ctrl-C belongs to the parent, which then ends its workers
        )
        self.lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._listen, name="lemma-hf grading", daemon=True).start()
        self.warm = False

    def _listen(self) -> None:
        with contextlib.suppress(ValueError, OSError):  # the pipe is closed under us when the worker is ended
            if (stdout := self.process.stdout) is not None:
                with stdout:
                    for line in stdout:
                        self.lines.put(line)
        self.lines.put("")

    def ask(
        self, answer: str, reference: str, benchmark: str, seconds: float, once_warm: float | None = None
    ) -> Verdict | None:
        """The verdict, or None if it did not come in time.

        Args:
            seconds: of processor time; by the clock where the system cannot fork.
            once_warm: the seconds where this worker must start first; None: the same.

        Raises:
            WorkerFailedError: if it does not start.
        """
        if not self.warm:
            self._await_start()
            seconds = seconds if once_warm is None else once_warm
        wall = seconds * _BY_THE_CLOCK if _FORKS else seconds
        try:
            stdin = self.process.stdin
            if stdin is not None:
                stdin.write(json.dumps([answer, reference, benchmark, seconds, wall]) + "\n")
                stdin.flush()
        except OSError:
            self.end()
            return None
        if not (line := self._next_line(wall + (_GRACE_SECONDS if _FORKS else 0))):
            self.end()
            return None
        same, rule = json.loads(line)
        return None if rule == LATE else Verdict(Same(same), rule)

    def _await_start(self) -> None:
        end = monotonic() + _START_SECONDS
        line = "\n"
        while line == "\n" and monotonic() < end:  # an empty line: it is loading
            line = self._next_line(_SILENT_SECONDS)
        self.warm = bool(line.strip())
        if not self.warm:
            self.end()
            raise WorkerFailedError(
                f"the grading worker did not start: `{sys.executable} -m lemma_hf.grading.worker` ended or hung; "
                "run it by hand to see why (is latex2sympy2_extended installed?)"
            )

    def _next_line(self, seconds: float) -> str:
        try:
            return self.lines.get(timeout=seconds)
        except queue.Empty:
            return ""

    def end(self) -> None:
        """Kill the process, with the fork that is at work for it, and let its pipes go."""
        if _FORKS and self.process.poll() is None:
            with contextlib.suppress(OSError):  # gone in this very moment
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=5)  # gone at once after SIGKILL, but for a system that is very busy
        if (stdin := self.process.stdin) is not None:
            with contextlib.suppress(OSError, ValueError):  # what is left to flush went to a dead worker
                stdin.close()

    def forget(self) -> None:
        """In a forked child: let go of the parent's worker without touching it, or the locks of its files.

        The pipes' numbers stay taken, by the null device: their file objects will close them once more.
        """
        null = os.open(os.devnull, os.O_RDWR)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None and not pipe.closed:
                os.dup2(null, pipe.fileno())
        os.close(null)


class Pool:
    """Workers that are lent out one by one; started when first needed, kept warm for the next."""

    def __init__(self) -> None:
        self.idle: list[Worker] = []
        self.all: set[Worker] = set()
        self.lock = threading.Lock()
        # Two at least, so that one comparison that takes its whole time does not stop all other threads.
        self.places = threading.BoundedSemaphore(max(2, os.cpu_count() or 1))

    @contextlib.contextmanager
    def lend(self) -> Iterator[Worker]:
        """A worker for one request; it goes back to the pool, unless it died."""
        with self.places:
            with self.lock:
                worker = self.idle.pop() if self.idle else None
            if worker is None:
                worker = Worker()
                with self.lock:
                    self.all.add(worker)
            healthy = False
            try:
                yield worker
                healthy = worker.process.poll() is None
            finally:
                self._take_back(worker, healthy)

    def _take_back(self, worker: Worker, healthy: bool) -> None:
        if not healthy and worker.process.poll() is None:
            worker.end()  # interrupted between request and reply: its next reply would be for the wrong request
        with self.lock:
            if healthy:
                self.idle.append(worker)
            else:
                self.all.discard(worker)

    def ask(
        self, answer: str, reference: str, benchmark: str, seconds: float, once_warm: float | None = None
    ) -> Verdict | None:
        """The verdict of a worker, or None if it did not come in time; see `Worker.ask`.

        Raises:
            WorkerFailedError: if none starts, however often it is tried.
        """
        for start in range(1, _STARTS + 1):
            try:
                with self.lend() as worker:
                    verdict = worker.ask(answer, reference, benchmark, seconds, once_warm)
                    died = worker.process.poll() is not None
            except WorkerFailedError:
                if start == _STARTS:
                    raise
                continue
            if died:
                self._start_another()
            return verdict
        raise AssertionError("the last start returns or raises")

    def _start_another(self) -> None:
        """In place of one that was killed: it warms up while this process goes on, not when next needed."""
        worker = Worker()
        with self.lock:
            self.all.add(worker)
            self.idle.insert(0, worker)

    def end(self) -> None:
        """Kill all workers."""
        with self.lock:
            workers, self.all, self.idle = list(self.all), set(), []
        for worker in workers:
            worker.end()


class _Shared:
    """This process's pool; a forked child gets a new one."""

    def __init__(self) -> None:
        self.pool = Pool()

    def end(self) -> None:
        self.pool.end()

    def after_fork(self) -> None:
        for worker in self.pool.all:
            worker.forget()
        self.pool = Pool()


_SHARED = _Shared()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_SHARED.after_fork)
atexit.register(_SHARED.end)


def shared_pool() -> Pool:
    """The pool that all of this process's grading shares."""
    return _SHARED.pool
