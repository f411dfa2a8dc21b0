"""Report of on-policy rounds: one table of each round's rows, mistakes and score, read from the files of its steps."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lemma_hf.evaluation.artifacts import read_scored_items, read_scores
from lemma_hf.experiments.rounds import Round, RoundStep
from lemma_hf.utils.files import read_json_object, write_text
from lemma_hf.utils.markdown import markdown_table
from lemma_hf.world.sums import SUMS, Turns, count_turns, read_chain

_NOT_RESTARTS = "; a solution begun afresh (`?`) is counted in neither"


@dataclass(frozen=True)
class Sampled:
    """The sampled solutions of a round, and the rows made from them."""

    solutions: int
    """Completed and graded."""
    wrong: int
    rows: int
    """Of train and test together."""
    errors: Mapping[str, int]
    """First errors of the wrong ones, by type."""


@dataclass(frozen=True)
class Repairs:
    """Counts of turns that corrected or spoiled something, over all answers of a score."""

    repaired: int
    """Wrong before, right after."""
    broken: int
    """Right before, wrong after: over-correction."""
    counted: str = "answers"
    """What is counted: `answers` of problems, or `steps` before and behind a `!`, where the world judges each step by
    itself; its `?`, a restart, goes with no step."""


@dataclass(frozen=True)
class RoundOutcome:
    """The known facts about one round."""

    number: int
    model: str
    sampled: Sampled | None
    score: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The figures of `score.py` by benchmark; empty if there are none yet."""
    repairs: Repairs | None = None


def outcome_of(of: Round, world: str) -> RoundOutcome:
    """The outcome of a round, read from the files of its finished steps.

    Args:
        world: the world that is scored, or empty; `sums` has its own signs for a turn.
    """
    sampled = _sampled(of.data) if of.data and of.data.finished else None
    if not of.score.finished:
        return RoundOutcome(of.number, of.model, sampled)
    scores = read_scores(of.score.folder)["benchmarks"]
    report = {
        name: {
            "accuracy": scored["scores"]["pass@1"],
            "reflected": scored["self_correction"]["reflected"],
            "tokens": scored["scores"]["tokens"],
        }
        for name, scored in scores.items()
    }
    if world == SUMS.name:
        found = repaired_steps(read_scored_items(of.score.folder))
    else:
        changes = [scored["self_correction"] for scored in scores.values()]
        found = Repairs(*(sum(change[name]["count"] for change in changes) for name in ("fixed", "broken")))
    return RoundOutcome(of.number, of.model, sampled, report, found)


def repaired_steps(items: Iterable[Mapping[str, Any]]) -> Repairs:
    """Count the turns in answers to `sums` that corrected a step, and those that spoiled a right one.

    Args:
        items: rows with `question` and `output`.

    Example:
        >>> repaired_steps([{"question": "825*23+83", "output": "825*23=951;!825*23=975;975+83=058;####058"}])
        Repairs(repaired=1, broken=0, counted='steps')
    """
    turns = sum((count_turns(read_chain(row["question"]), row["output"]) for row in items), Turns())
    return Repairs(turns.wrong_to_right, turns.right_to_wrong, "steps")


def rounds_table(outcomes: Sequence[RoundOutcome]) -> str:
    """The table of rounds as Markdown: in each row the latest model's own mistakes, then the next model's score."""
    names = ("round", "solutions", "wrong", "rows", "the student's own mistakes", "accuracy [95 %]")
    more = ("reflects", "repaired", "broken", "tokens")
    text, number = " --- ", " ---: "
    rows = [[*_data_cells(found), *_score_cells(found)] for found in outcomes]
    return markdown_table([*names, *more], rows, [number] * 4 + [text] * 2 + [number] * 4)


def write_rounds_report(outcomes: Sequence[RoundOutcome], folder: Path, command: str) -> None:
    """Write `rounds.md` and `rounds.json` to the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    facts = {"command": command, "rounds": [asdict(found) for found in outcomes]}
    write_text(folder / "rounds.json", json.dumps(facts, indent=2, ensure_ascii=False) + "\n")
    counted = next((found.repairs.counted for found in outcomes if found.repairs), "answers")
    note = (
        "Solutions, wrong ones, rows and mistakes of a round are those of the model above it, which it sampled; "
        "accuracy and what follows are of the model that was then trained, on held-out problems. "
        f"`repaired` and `broken` count {counted}: wrong before a turn and right after it, and the reverse"
        f"{_NOT_RESTARTS if counted == 'steps' else ''}. One run: differences within the intervals are noise."
    )
    write_text(folder / "rounds.md", f"    {command}\n\n{rounds_table(outcomes)}\n\n{note}\n")


def _sampled(data: RoundStep) -> Sampled:
    report = data.folder.with_name(f"{data.folder.name}.report.json")
    facts = read_json_object(report, f"delete {data.mark_path} to make that step again")
    left = {count["stage"]: count["left"] for count in facts["funnel"]}
    right = [count["entered"] for count in facts["funnel"] if count["stage"] == "keep right"]
    graded = left.get("grade", 0)
    # With `turns: each` the right ones are kept apart, and not dropped; those without steps are no rows, but right.
    wrong = graded - right[0] if right else left.get("keep wrong", graded)
    return Sampled(graded, wrong, facts["kept"], facts["error_types"]["student"])


def _data_cells(found: RoundOutcome) -> list[str]:
    sampled = found.sampled
    if sampled is None:
        return [str(found.number), *[""] * 4]
    share = f" ({sampled.wrong / sampled.solutions:.0%})" if sampled.solutions else ""
    errors = ", ".join(f"{name} {count:,}" for name, count in sampled.errors.items()) or "none"
    return [str(found.number), f"{sampled.solutions:,}", f"{sampled.wrong:,}{share}", f"{sampled.rows:,}", errors]


def _score_cells(found: RoundOutcome) -> list[str]:
    if not found.score or found.repairs is None:
        return [""] * 5
    return [
        _of_each(found.score, _accuracy),
        _of_each(found.score, lambda figures: f"{figures['reflected']['value']:.1%}".replace("%", " %")),
        f"{found.repairs.repaired:,}",
        f"{found.repairs.broken:,}",
        _of_each(found.score, lambda figures: f"{figures['tokens']:.0f}"),
    ]


def _of_each(score: Mapping[str, Mapping[str, Any]], show: Callable[[Mapping[str, Any]], str]) -> str:
    """A figure of each benchmark, with its name where there are several."""
    return ", ".join(f"{name} {show(figures)}" if len(score) > 1 else show(figures) for name, figures in score.items())


def _accuracy(figures: Mapping[str, Any]) -> str:
    low, high = figures["accuracy"]["ci95"]
    return f"{figures['accuracy']['value']:.1%} [{low:.1%}, {high:.1%}]".replace("%", " %")
