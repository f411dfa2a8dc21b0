"""How many requests each stage sends: from the attempts, the share of wrong ones, and what earlier runs kept."""

from collections.abc import Sequence
from dataclasses import dataclass

from lemma_hf.pipeline.run.cost.ranges import NONE, Range, amount, percent, share_of
from lemma_hf.pipeline.stage import StageCount

_UNKNOWN_WRONG = Range(0.2, 0.8)
"""Share of wrong attempts where none is graded: a wide guess."""
_UNKNOWN_YIELD = Range(0.5, 1.0)
"""Share of a stage's items that it keeps where no earlier run was counted: a guess."""
_UNKNOWN_FURTHER = Range(0.5, 1.0)
"""How often a student makes a mistake behind a corrected step, as a share of how often it does in a whole solution:
part of the solution is done by then. A guess."""


@dataclass(frozen=True, slots=True)
class Workload:
    """The amount of work of a run."""

    attempts: int
    """In all: problems times samples each, or the attempts of the files."""
    wrong: int = 0
    """Wrong ones among the graded attempts."""
    graded: int = 0
    """Attempts graded for this estimate; 0 where there are none yet. They are a random sample of all attempts: several
    at one problem would be less representative."""
    injections: int = 0
    injection_share: float = 0.0
    """In the place of a number: the share of all errors that injected ones are to make."""
    both_strategies: bool = False
    votes: int = 1
    """Verdicts that `analyse` asks for about each attempt."""
    verify_prefix: int = 0
    """Roll-outs that `verify` asks for about each attempt; 0 where there is no such stage."""
    turns: int = 0
    """Most turns of a row where the student writes on behind each corrected step; 0 where each row has one turn."""
    earlier: Sequence[StageCount] = ()
    """The funnel of an earlier run with such data: which share of its items each stage kept."""


def requests_due(work: Workload, notes: list[str]) -> dict[str, Range]:
    """Items that each stage asks about, before second tries and before what the store answers.

    Args:
        notes: gets the assumptions behind the figures, in words.
    """
    share = _wrong_share(work, notes)
    wrong = share * work.attempts
    flawed = wrong * _yield("analyse", work, notes)
    verified = flawed * work.verify_prefix
    if work.verify_prefix:
        flawed *= _yield("verify", work, notes)
    inject = Range(work.injections, work.injections)
    if work.injection_share:
        inject = flawed * (work.injection_share / (1 - work.injection_share))
    if inject.high:
        flawed += inject * _yield("inject", work, notes)
    before = {
        "sample": Range(work.attempts, work.attempts),
        "analyse": wrong * work.votes,
        "verify": verified,
        "inject": inject,
    }
    if work.turns:
        return before | _due_in_turns(work, before["analyse"], flawed, share, notes)
    each_way = flawed if work.both_strategies else flawed * 0.5
    return before | {
        "correct: fix": each_way,
        "correct: restart": each_way,
        "smooth": (each_way + each_way) * _yield("correct", work, notes),
        "go on": NONE,
    }


def _due_in_turns(work: Workload, analysed: Range, flawed: Range, wrong: Range, notes: list[str]) -> dict[str, Range]:
    """Items of the stages that turns ask for, and a note on each turn.

    Args:
        analysed: what the first mistakes take, votes included.
        flawed: first mistakes.
        wrong: share of wrong attempts.
    """
    further = wrong * _UNKNOWN_FURTHER
    notes.append(f"turns: behind a corrected step a further mistake is made in {percent(further)} of the solutions")
    notes.append(f"turn 1: the teacher corrects {amount(flawed)} first mistakes")
    fixed, written, still_open = flawed, NONE, flawed * (_goes_on(1, work, notes) or _UNKNOWN_YIELD)
    for number in range(2, work.turns + 1):
        wrong_again = still_open * (_goes_on(number, work, notes) or further)
        notes.append(
            f"turn {number}: the student writes on behind {amount(still_open)} steps put right; "
            f"{amount(wrong_again)} of these solutions are analysed and corrected"
        )
        analysed += wrong_again * work.votes
        written, fixed, still_open = written + still_open, fixed + wrong_again, wrong_again
    smoothed = fixed * _yield("turn 1", work, notes)
    return {
        "analyse": analysed,
        "correct: fix": fixed,
        "correct: restart": NONE,
        "smooth": smoothed,
        "go on": written,
    }


def _goes_on(number: int, work: Workload, notes: list[str]) -> Range | None:
    """The share of the drafts of a turn that came to the next one in an earlier run; None where that is not known."""
    entered = {count.stage: count.entered for count in work.earlier}
    here, there = entered.get(f"turn {number}", 0), entered.get(f"turn {number + 1}", 0)
    if not here or number >= work.turns:
        return None
    share = share_of(there, here)
    notes.append(f"turn {number}: {100 * there / here:.0f} % of {here:,} in an earlier run went on: {percent(share)}")
    return share


def _wrong_share(work: Workload, notes: list[str]) -> Range:
    if not work.graded:
        notes.append(f"share of wrong attempts: unknown, taken as {percent(_UNKNOWN_WRONG)}")
        return _UNKNOWN_WRONG
    everything = work.graded >= work.attempts
    share = share_of(work.wrong, work.graded, everything)
    of = f"all {work.graded:,}" if everything else f"{work.graded:,} graded: {percent(share)}"
    notes.append(f"share of wrong attempts with steps: {100 * work.wrong / work.graded:.0f} % of {of}")
    return share


def _yield(stage: str, work: Workload, notes: list[str]) -> Range:
    """The share of a stage's items that it keeps."""
    counts = [count for count in work.earlier if count.stage == stage and count.entered]
    if not counts:
        notes.append(f"`{stage}`: how many items go on is unknown, taken as {percent(_UNKNOWN_YIELD)}")
        return _UNKNOWN_YIELD
    left, due = sum(count.left for count in counts), sum(count.entered * count.fan_out for count in counts)
    share = share_of(left, due)
    notes.append(f"`{stage}`: {100 * left / due:.0f} % of {due:,} items of an earlier run went on: {percent(share)}")
    return share
