"""What runs in a worker process? `compare` with the symbolic layer, one request a line, until its input ends.

Started by `pool` as `python -P -m lemma_hf.grading.worker`, so that it inherits neither locks nor signals nor models
from its parent, and needs no `if __name__ == "__main__"` in anyone's script. Line by line, as JSON: in `[answer,
reference, benchmark, seconds]`, out `[same, rule]`; the first line out says that it is warm.

Three things end it: the end of its input; `faulthandler`'s watchdog, a thread in C that fires although Python is stuck
in one long multiplication; and its parent, which kills it. So none is left behind, even where the parent died first.
"""

import faulthandler
import json
import os
import sys
from typing import IO

from lemma_hf.grading.compare import Verdict, compare
from lemma_hf.grading.policy import policy_of
from lemma_hf.grading.probe import Same
from lemma_hf.grading.symbolic import symbolic_same

MEMORY_BYTES = 400 * 1024 * 1024
"""Address space of a worker, where the system can cap it (not on Windows, nor on macOS)."""


def main() -> None:
    """Answer requests from standard input on standard output."""
    requests, replies = sys.stdin, os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    sys.stdout = sys.stderr  # a library that prints must not end up between the replies
    _cap_memory()
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - faulthandler needs a file descriptor that stays open
        symbolic_same(r"\sqrt{2}+\frac{1}{x}", "x^{2}")  # loads sympy and the grammar before any deadline runs
        _reply(replies, Verdict(Same.YES, "warm"))
        for line in requests:
            answer, reference, benchmark, seconds = json.loads(line)
            faulthandler.dump_traceback_later(seconds + 1, exit=True, file=nowhere)
            _reply(replies, _compared(answer, reference, benchmark))
            faulthandler.cancel_dump_traceback_later()


def _compared(answer: str, reference: str, benchmark: str) -> Verdict:
    try:
        return compare(answer, reference, policy_of(benchmark), symbolic_same)
    except MemoryError:
        return Verdict(Same.UNKNOWN, "memory")


def _reply(replies: IO[str], verdict: Verdict) -> None:
    replies.write(json.dumps([verdict.same, verdict.rule]) + "\n")
    replies.flush()


def _cap_memory() -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, OSError, ValueError):
        print("lemma-hf: this system cannot cap a worker's memory; its deadline still holds", file=sys.stderr)


if __name__ == "__main__":
    main()
