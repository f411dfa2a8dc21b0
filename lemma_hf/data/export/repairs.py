r"""The mistakes of a trajectory, each with the right steps before it and what was put in its place.

A trajectory with two mistakes, and its two repairs:

    REASONING   "a\n"                     repair 1: prefix "a\n",     wrong "x\n",  correction "b\n"
    ERROR       "x\n"
    REFLECTION  "Wait, no. "
    CORRECTION  "b\n"
    ERROR       "y\n"                     repair 2: prefix "a\nb\n",  wrong "y\n",  correction "c"
    REFLECTION  "That is wrong. "
    CORRECTION  "c"

The prefix is *clean*: mistakes that were made before, and the words that noticed them, are not in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lemma_hf.records import SpanKind, Strategy, Trajectory


@dataclass(frozen=True, slots=True)
class Repair:
    """A wrong step, the clean text before it, and the right steps that the trajectory puts in its place."""

    prefix: str
    """All right steps before the wrong one; empty where the first step is the wrong one."""
    wrong: str
    """The wrong step, as written."""
    correction: str
    """Right steps up to the next mistake or the end. They go on from `prefix`, or begin anew where `strategy` is Fresh
    & Restart. They begin with the white space with which the wrong step begins."""
    strategy: Strategy | None
    """FIX_AND_CONTINUE where `prefix + correction` is a right text. FRESH_AND_RESTART where `correction` alone is one.
    None where it is not known which."""

    @property
    def clean(self) -> str | None:
        """The right text up to the end of the correction; None where the strategy is not known."""
        match self.strategy:
            case Strategy.FIX_AND_CONTINUE:
                return self.prefix + self.correction
            case Strategy.FRESH_AND_RESTART:
                return self.correction.lstrip()
            case None:
                return None


def read_repairs(trajectory: Trajectory, assume: Strategy | None = None) -> tuple[Repair, ...]:
    r"""The repairs of a trajectory, one for each error, in order; none for a right solution.

    Two cases are decided by the text, whatever strategy is noted. Where the first step is the wrong one, a correction
    of it and a new start are the same. Where a correction that is not Fix & Continue repeats the clean prefix word for
    word, it goes on from it: `correction` is then what follows the repeated steps.

    Args:
        trajectory: any.
        assume: the strategy of errors that have none noted and that the text does not decide, as in published rows,
            whose spans were found by words. None: such an error is the last that is read, since the clean text
            behind it is not known.

    Example:
        >>> from lemma_hf.records import Error, Problem, Span
        >>> spans = Span(SpanKind.REASONING, "4 * 6 = 24\n"), Span(SpanKind.ERROR, "24 - 9 = 16\n")
        >>> spans += Span(SpanKind.REFLECTION, "Wait, no. "), Span(SpanKind.CORRECTION, "24 - 9 = 15")
        >>> error = Error(None, 2, strategy=Strategy.FIX_AND_CONTINUE)
        >>> read_repairs(Trajectory(Problem("p", "?", "15"), spans, (error,)))[0].clean
        '4 * 6 = 24\n24 - 9 = 15'
    """
    return tuple(_read(trajectory, assume))


def _read(trajectory: Trajectory, assume: Strategy | None) -> Iterator[Repair]:
    clean, wrong = "", ""
    errors = iter(trajectory.errors)
    for span in trajectory.spans:
        if span.kind is SpanKind.REASONING:
            clean = span.text
        elif span.kind is SpanKind.ERROR:
            wrong = span.text
        elif span.kind is SpanKind.CORRECTION:
            repair = _repair(clean, wrong, span.text, next(errors).strategy, assume)
            yield repair
            if repair.clean is None:
                return
            clean = repair.clean


def _repair(prefix: str, wrong: str, correction: str, noted: Strategy | None, assume: Strategy | None) -> Repair:
    rest = None if noted is Strategy.FIX_AND_CONTINUE else _after(prefix, correction)
    if rest is None:
        rest, strategy = correction, noted or assume
    else:
        strategy = Strategy.FIX_AND_CONTINUE
    # The white space before a correction belongs to the reflection, which is left out: "Wait, no." + " 24 - 9 = 15".
    return Repair(prefix, wrong, _leading_space(wrong) + rest.lstrip(), strategy)


def _after(prefix: str, correction: str) -> str | None:
    r"""What follows the prefix in a correction that repeats it word for word; None if it does not, or ends there.

    Example:
        >>> _after("4 * 6 = 24\n", "4 * 6 = 24\n24 - 9 = 15"), _after("4 * 6 = 2", "4 * 6 = 24"), _after("", "15")
        ('\n24 - 9 = 15', None, '15')
    """
    due, found = prefix.strip(), correction.lstrip()
    if not found.startswith(due):
        return None
    rest = found[len(due) :]
    cuts_a_word = due[-1:].isalnum() and rest[:1].isalnum()
    return rest if rest.strip() and not cuts_a_word else None


def _leading_space(text: str) -> str:
    return text[: len(text) - len(text.lstrip())]
