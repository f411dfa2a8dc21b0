"""The program of a worker process: `compare` with the symbolic layer, one request a line, until its input ends.

Started by `pool` as `python -P -m lemma_hf.grading.worker`, so that it inherits neither locks nor signals nor models
from its parent, and needs no `if __name__ == "__main__"` in the caller's script. Line by line, as JSON: in `[answer,
reference, benchmark, seconds, wall]`, out `[same, rule]`. While it loads, an empty line a second says that it lives;
the first line with a verdict says that it is warm.

Where the system can fork, each request is answered by a fork of the warm process, which the system kills when it has
used up its `seconds` of processor time: what never ends costs a few milliseconds, not a new start of sympy, and what a
machine does besides takes no time from a comparison. `wall` seconds after its start it is killed in any case. Elsewhere
the parent kills the whole worker, by the clock.

None is left behind, even where the parent died first: the worker ends with its input, its forks with their deadline,
and `faulthandler`'s watchdog, a thread in C that fires although Python is stuck in one long multiplication, ends what
no other process is left to kill.
"""

import faulthandler
import json
import os
import select
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from lemma_hf.grading._compare import LATE, compare
from lemma_hf.grading._work import Verdict
from lemma_hf.grading.formulas._probe import Same
from lemma_hf.grading.formulas._symbolic import symbolic_same
from lemma_hf.grading.policy import policy_of

_HEADROOM_BYTES = 240 * 1024 * 1024
"""Address space that a comparison may take beyond that of the warm worker (some 70 MB resident).

Plenty for answers; a formula that wants gigabytes ends with a `MemoryError` and not with the machine."""
_MATRICES = r"\begin{pmatrix}1\\2\end{pmatrix}+\begin{pmatrix}1\\2\end{pmatrix}"

_Request = tuple[str, str, str, float, float]
"""Answer, reference, benchmark, seconds of processor time, and seconds by the clock."""


def main() -> None:
    """Answer requests from standard input on standard output."""
    requests, replies = sys.stdin, os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    sys.stdout = sys.stderr  # a library that prints must not end up between the replies
    answer = _in_fork if hasattr(os, "fork") else _watched
    if hasattr(signal, "SIGCHLD"):
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # a parent that ignores it hands that down: forks were lost
    with _signs_of_life(replies):
        symbolic_same(r"\sqrt{2}+\frac{1}{x}", "x^{2}")  # loads sympy and the grammar before any deadline runs
    _cap_memory()
    _reply(replies, Verdict(Same.YES, "warm"))
    for number, line in enumerate(requests):
        _reply(replies, answer(json.loads(line)))
        if number == 0:  # once, and after the first reply, so that no request waits for it
            _warm_further()


@contextmanager
def _signs_of_life(replies: IO[str]) -> Iterator[None]:
    """An empty line a second, so that the parent can tell a worker that loads slowly from one that hangs."""
    loaded = threading.Event()

    def write() -> None:
        while not loaded.wait(1):
            replies.write("\n")
            replies.flush()

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    try:
        yield
    finally:
        loaded.set()
        thread.join()  # before the first fork, which would copy its locks


def _warm_further() -> None:
    """Load what sympy loads late, so that the forks to come share it."""
    for formula in (r"\int_0^1 x\,dx", r"\sum_{k=1}^{4} k", r"\lim_{x\to 0}\frac{\sin x}{x}", _MATRICES):
        symbolic_same(formula, "1")


def _in_fork(request: _Request) -> Verdict:
    """The verdict of a fork of this process, which is gone before this returns."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGPROF, signal.SIG_DFL)  # which ends the process, whatever Python is doing
        signal.setitimer(signal.ITIMER_PROF, request[3])
        verdict = _watched(request)
        os.write(writing, json.dumps([verdict.same, verdict.rule]).encode())
        os._exit(0)
    os.close(writing)
    ready, _, _ = select.select([reading], [], [], request[4])  # a fork that was killed closes the pipe
    # 4,096 bytes are written to a pipe in one piece (POSIX), and a reply has about 20.
    reply = os.read(reading, 4_096) if ready else b""
    os.close(reading)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    if not reply:
        return Verdict(Same.UNKNOWN, LATE)
    same, rule = json.loads(reply)
    return Verdict(Same(same), rule)


def _watched(request: _Request) -> Verdict:
    answer, reference, benchmark, _, wall = request
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - faulthandler needs a file descriptor that stays open
        # One second later than the parent kills, so that it fires only where no parent is left to do so.
        faulthandler.dump_traceback_later(wall + 1, exit=True, file=nowhere)
        try:
            return compare(answer, reference, policy_of(benchmark), symbolic_same)
        except MemoryError:
            return Verdict(Same.UNKNOWN, "memory")
        finally:
            faulthandler.cancel_dump_traceback_later()


def _reply(replies: IO[str], verdict: Verdict) -> None:
    replies.write(json.dumps([verdict.same, verdict.rule]) + "\n")
    replies.flush()


def _cap_memory() -> None:
    """Bound the address space, where the system tells and caps it: not on Windows, nor on macOS."""
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + _HEADROOM_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, OSError, ValueError):
        print("lemma-hf: this system cannot cap a worker's memory; its deadline still holds", file=sys.stderr)


if __name__ == "__main__":
    main()
