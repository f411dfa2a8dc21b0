"""The program of a worker process: `compare` with the symbolic layer, one request a line, until its input ends.

Started by `pool` as `python -P -m lemma_hf.grading.worker`, so that it inherits neither locks nor signals nor models
from its parent, and needs no `if __name__ == "__main__"` in the caller's script. Line by line, as JSON: in `[answer,
reference, benchmark, seconds]`, out `[same, rule]`; the first line out says that it is warm.

Where the system can fork, each request is answered by a fork of the warm process, which is killed at its deadline: what
never ends costs a few milliseconds, not a new start of sympy. Elsewhere the parent kills the whole worker.

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

_Request = tuple[str, str, str, float]


def main() -> None:
    """Answer requests from standard input on standard output."""
    requests, replies = sys.stdin, os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    sys.stdout = sys.stderr  # a library that prints must not end up between the replies
    answer = _in_fork if hasattr(os, "fork") else _watched
    symbolic_same(r"\sqrt{2}+\frac{1}{x}", "x^{2}")  # loads sympy and the grammar before any deadline runs
    _cap_memory()
    _reply(replies, Verdict(Same.YES, "warm"))
    for number, line in enumerate(requests):
        _reply(replies, answer(json.loads(line)))
        if number == 0:  # once, and after the first reply, so that no request waits for it
            _warm_further()


def _warm_further() -> None:
    """Load what sympy loads late, so that the forks to come share it."""
    for formula in (r"\int_0^1 x\,dx", r"\sum_{k=1}^{4} k", r"\lim_{x\to 0}\frac{\sin x}{x}", _MATRICES):
        symbolic_same(formula, "1")


def _in_fork(request: _Request) -> Verdict:
    """The verdict of a fork of this process, which is gone before this returns."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        verdict = _watched(request)
        os.write(writing, json.dumps([verdict.same, verdict.rule]).encode())
        os._exit(0)
    os.close(writing)
    ready, _, _ = select.select([reading], [], [], request[3])
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
    answer, reference, benchmark, seconds = request
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - faulthandler needs a file descriptor that stays open
        # One second later than the parent kills, so that it fires only where no parent is left to do so.
        faulthandler.dump_traceback_later(seconds + 1, exit=True, file=nowhere)
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
