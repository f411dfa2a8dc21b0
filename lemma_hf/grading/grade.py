"""The grading functions that people call: extract, compare, and measure how long it took."""

from collections.abc import Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from itertools import islice
from os import cpu_count
from time import perf_counter

from lemma_hf.errors import ConfigError
from lemma_hf.grading._compare import SPENT, compare, is_readable
from lemma_hf.grading._work import Verdict
from lemma_hf.grading.claims import UNSAID, Marks, bare_answer, extract_answer, reference_answer
from lemma_hf.grading.formulas._probe import Same
from lemma_hf.grading.formulas._symbolic import worth_asking
from lemma_hf.grading.policy import policy_of
from lemma_hf.grading.pool import shared_pool
from lemma_hf.grading.values import Value, list_of, text_of
from lemma_hf.records import Extraction, Grade, Outcome

DEFAULT_TIMEOUT = 0.9
"""Seconds of processor time that one symbolic comparison may take in a warm worker: nearly all that end at all end in
less, and on a machine with a free core a grade stays below a second."""
_ONCE_WARM = 0.3
"""Seconds that `grade` leaves the comparison for which the worker had to start, which itself takes about 0.6 s."""


_SPENT_DETAIL = "comparing takes more work than one comparison may take: too many parts, each to be compared with each"


class _Default:
    """Settings of this process that `limit_workers` changes."""

    max_workers = 4
    """Each takes some 70 MB, and only a few of a thousand outputs need one."""


def limit_workers(most: int) -> None:
    """Let `grade_many` use at most so many worker processes in this process, where its caller does not say how many.

    For a process that is one of many on its machine, such as a worker of Ray.

    Raises:
        ConfigError: if it is less than one.
    """
    if most < 1:
        raise ConfigError(f"need at least one worker, but got {most}")
    _Default.max_workers = most


def grade(output: Value, reference: Value, *, benchmark: str = "math", thoughts: Sequence[Marks] = ()) -> Grade:
    r"""Grade a whole model output against a reference answer.

    Bounded in time and memory, and usable from any thread: what may take long runs in a worker process and is given up
    after `DEFAULT_TIMEOUT` seconds of processor time, so that other work on the machine changes no verdict. The first
    such comparison starts the worker (about 0.6 s, once; more on a busy machine), waits for it, and has 0.3 s left;
    `grade_many` leaves every comparison its whole time.

    Args:
        output: a text; or a number, which is an answer as it stands, or None, which is none.
        reference: the answer, or a worked solution that ends in it; a text or a number.
        benchmark: sets how answers are read (`talscq_mc` and `aqua` are multiple choice), never which is right; an
            unknown name is read as mathematics.
        thoughts: your own marks of what is only thought, as in `extract_answer`.

    Raises:
        ConfigError: if one of the two is neither text nor a number nor None.

    Example:
        >>> grade(r"It is \boxed{62}. Wait, that is wrong: \boxed{72}", "72").outcome
        <Outcome.RIGHT: 'right'>
    """
    return _decided(_grade_here(text_of(output, "output"), text_of(reference, "reference"), benchmark, thoughts))


def grade_if_cut_off(found: Grade) -> Grade:
    """The grade of an output of which the end is missing: only an answer counts that it says, in a box or in words.

    Its last number is merely where it stood, and a text that is nothing but an answer may be half of it.

    Example:
        >>> grade_if_cut_off(grade("First there are 6 * 7 = 42 of them", "42")).outcome
        <Outcome.NO_ANSWER: 'no_answer'>
        >>> grade_if_cut_off(grade("The answer is 42. To see why", "42")).outcome
        <Outcome.RIGHT: 'right'>
    """
    if found.rule.partition(">")[0] not in UNSAID or found.outcome is Outcome.UNREADABLE_REFERENCE:
        return found
    return replace(found, outcome=Outcome.NO_ANSWER, extracted=None, rule="", detail="cut off before it said an answer")


def answers_equal(answer: Value, reference: Value, *, benchmark: str = "math") -> Grade:
    r"""Compare a bare answer with a reference answer; nothing is searched for in a longer text, but for a box.

    Example:
        >>> answers_equal(r"\frac{1}{2}", "0.5").outcome, answers_equal("50", "0.5").outcome
        (<Outcome.RIGHT: 'right'>, <Outcome.WRONG: 'wrong'>)
    """
    start = perf_counter()
    found = bare_answer(text_of(answer, "answer"))
    return _decided(_judge(found, text_of(reference, "reference"), benchmark, start))


def grade_many(
    outputs: Iterable[Value],
    references: Iterable[Value],
    *,
    benchmark: str | Iterable[str] = "math",
    thoughts: Sequence[Marks] = (),
    workers: int | None = None,
    timeout: float = DEFAULT_TIMEOUT,
) -> list[Grade]:
    """Grade many outputs; the few that need computer algebra run side by side in warm worker processes.

    Args:
        outputs: what `grade` takes, one each; None is graded as no answer.
        references: what `grade` takes, one for each output.
        benchmark: one name for all, or one for each.
        thoughts: your own marks of what is only thought, as in `extract_answer`.
        workers: how many worker processes at most; by default one for each core, up to four (see `limit_workers`).
        timeout: seconds of processor time that one symbolic comparison may take (by the clock on Windows). One that
            hangs or is killed becomes a TIMEOUT and costs no other.

    Returns:
        One `Grade` for each output, in order.

    Raises:
        ConfigError: before any work, if one text stands in the place of a list, the lengths differ, a number makes no
            sense, or an item is neither text nor a number nor None.
    """
    outputs, references = list_of(outputs, "outputs"), list_of(references, "references")
    benchmarks = [benchmark] * len(outputs) if isinstance(benchmark, str) else list_of(benchmark, "benchmarks")
    if not len(outputs) == len(references) == len(benchmarks):
        raise ConfigError(
            f"need as many references and benchmarks as outputs, but got {len(outputs)} outputs, "
            f"{len(references)} references and {len(benchmarks)} benchmarks"
        )
    if timeout <= 0 or (workers is not None and workers < 1):
        raise ConfigError(f"need timeout > 0 and workers ≥ 1, but got timeout={timeout} and workers={workers}")
    texts = [text_of(output, f"output {place}") for place, output in enumerate(outputs)]
    wanted = [text_of(reference, f"reference {place}") for place, reference in enumerate(references)]
    found = [_grade_here(*item, thoughts) for item in zip(texts, wanted, benchmarks, strict=True)]
    cases = sorted({item.case for item in found if isinstance(item, _Undecided)})
    answers = _ask_all(cases, workers or min(_Default.max_workers, cpu_count() or 1), timeout) if cases else {}
    return [item.decided(*answers[item.case], timeout) if isinstance(item, _Undecided) else item for item in found]


_Case = tuple[str, str, str]
"""Answer, reference and benchmark: what a verdict depends on."""


@dataclass(frozen=True, slots=True)
class _Undecided:
    """A pair of answers that the layers of this process leave to the symbolic layer of a worker."""

    case: _Case
    rule: str
    seconds: float
    """Spent in this process so far."""

    def decided(self, verdict: Verdict | None, seconds: float, timeout: float) -> Grade:
        """The grade by a worker's verdict (None: it did not come in time), which took `seconds`."""
        outcome, detail = _outcome_of(verdict, timeout)
        answer, reference, _ = self.case
        return Grade(outcome, answer, reference, self.rule, detail, self.seconds + seconds)


def _outcome_of(verdict: Verdict | None, timeout: float) -> tuple[Outcome, str]:
    """The outcome that a worker's verdict gives, and the detail of the grade."""
    if verdict is None:
        return Outcome.TIMEOUT, f"no verdict within {timeout} s of processor time: it was given up"
    if verdict.rule == SPENT:
        return Outcome.TIMEOUT, _SPENT_DETAIL
    if verdict.rule == "memory":
        return Outcome.TIMEOUT, "comparing took more memory than a worker may have"
    if verdict.same is Same.UNKNOWN:
        return Outcome.WRONG, "computer algebra could not decide it"
    return Outcome.RIGHT if verdict.same is Same.YES else Outcome.WRONG, ""


def _decided(found: Grade | _Undecided) -> Grade:
    """The grade of one comparison, for which a worker is asked where this process could not decide."""
    if isinstance(found, Grade):
        return found
    return found.decided(*_ask(found.case, DEFAULT_TIMEOUT, _ONCE_WARM), DEFAULT_TIMEOUT)


def _ask_all(cases: Sequence[_Case], workers: int, timeout: float) -> dict[_Case, tuple[Verdict | None, float]]:
    """Verdicts of the workers with the seconds each took; a case that several outputs share is asked once.

    A thread is given its next case when it has done the one before: a queue would be worked off to its end when the
    program ends, if this is called in a daemon thread.
    """
    answers: dict[_Case, tuple[Verdict | None, float]] = {}
    places, waiting = min(workers, len(cases)), iter(cases)
    with ThreadPoolExecutor(places) as threads:
        running = {threads.submit(_ask, case, timeout): case for case in islice(waiting, places)}
        try:
            while running:
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                answers |= {running.pop(future): future.result() for future in done}
                running |= {threads.submit(_ask, case, timeout): case for case in islice(waiting, len(done))}
        except BaseException:  # Ctrl-C: what has not begun must not begin
            threads.shutdown(wait=False, cancel_futures=True)
            shared_pool().end()
            raise
    return answers


def _ask(case: _Case, timeout: float, once_warm: float | None = None) -> tuple[Verdict | None, float]:
    start = perf_counter()
    verdict = shared_pool().ask(*case, timeout, once_warm)
    return verdict, perf_counter() - start


def _grade_here(output: str, reference: str, benchmark: str, thoughts: Sequence[Marks] = ()) -> Grade | _Undecided:
    start = perf_counter()
    return _judge(extract_answer(output, benchmark=benchmark, thoughts=thoughts), reference, benchmark, start)


def _judge(found: Extraction, reference: str, benchmark: str, start: float) -> Grade | _Undecided:
    """The grade by the layers that need no worker; undecided where only computer algebra can tell."""

    def made(outcome: Outcome, rule: str, detail: str = "") -> Grade:
        return Grade(outcome, found.text, reference, rule, detail, perf_counter() - start)

    reference = bare_reference(reference)
    if not is_readable(reference):
        return made(
            Outcome.UNREADABLE_REFERENCE, "reference", f"the reference {reference[:80]!r} says nothing"
        )  # one line
    if found.text is None:
        return made(Outcome.NO_ANSWER, found.rule)
    open_pairs: list[bool] = []

    def note(answer: str, wanted: str) -> Same:
        open_pairs.append(worth_asking(answer) and worth_asking(wanted))
        return Same.UNKNOWN

    verdict = compare(found.text, reference, policy_of(benchmark), note)
    rule = f"{found.rule}>{verdict.rule}" if found.rule else verdict.rule
    if verdict.rule == SPENT:
        return made(Outcome.TIMEOUT, rule, _SPENT_DETAIL)
    if verdict.same is Same.UNKNOWN and any(open_pairs):
        return _Undecided((found.text, reference, benchmark), rule, perf_counter() - start)
    if verdict.same is Same.UNKNOWN:
        return made(Outcome.WRONG, rule, "the answer cannot be read as an answer of this kind")
    return made(Outcome.RIGHT if verdict.same is Same.YES else Outcome.WRONG, rule)


def bare_reference(reference: str) -> str:
    """The reference without a worked solution around it: what is boxed, stands behind `####`, or is announced."""
    return reference_answer(reference)
