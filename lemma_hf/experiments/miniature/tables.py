"""Which tables does the report have? Each as the lines of a Markdown table, from the figures of all seeds."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lemma_hf.experiments.miniature.arms import ARMS
from lemma_hf.experiments.miniature.over_seeds import Over, SeedResults
from lemma_hf.records import SpanKind
from lemma_hf.utils.intervals import share_text

_COMPARISONS = (
    *(("sft", "lemma"), ("rft", "lemma"), ("careful", "lemma"), ("sft", "rft"), ("sft", "careful")),
    *(("lemma", "lemma_e03"), ("lemma", "lemma_e0"), ("lemma", "lemma_result_e0"), ("lemma", "lemma_r2")),
    *(("lemma", "lemma_r4"), ("both", "lemma"), ("both", "injected"), ("both", "uncut"), ("both", "fix")),
    *(("both", "restart"), ("fix", "lemma"), ("lemma", "share_10"), ("lemma", "share_30"), ("lemma", "share_60")),
)
"""Pairs that are asked about; those of two arms with one turn differ in that one thing alone."""


def share(over: Over) -> str:
    """`60.0 % [58.1, 61.9]`, or the mean alone where nothing is known about its interval."""
    return share_text(over.mean, (over.low, over.high)) if math.isfinite(over.low) else f"{100 * over.mean:.1f} %"


def points(over: Over) -> str:
    """`+4.2 [+1.0, +7.4]`, a difference in points."""
    ends = f" [{100 * over.low:+.1f}, {100 * over.high:+.1f}]" if math.isfinite(over.low) else ""
    return f"{100 * over.mean:+.1f}{ends}"


def arms(results: SeedResults) -> Iterator[str]:
    """What each arm learns from, how often it is right, and at what cost."""
    yield "| arm | what it learns from | accuracy | tokens a problem | problems with a turn |"
    yield "|---|---|--:|--:|--:|"
    for name in results.arms:
        tokens, turned = results.over(name, mean_tokens).mean, results.over(name, _turned).mean
        accuracy = share(results.accuracy(name))
        yield f"| {ARMS[name].title} | {ARMS[name].about} | {accuracy} | {tokens:.0f} | {100 * turned:.0f} % |"
        if vote := results.vote(name):
            over, spent, samples = vote
            about = f"| {ARMS[name].title}, votes | Majority of {samples} samples at temperature 0.7. "
            yield f"{about}| {share(over)} | {spent:.0f} | |"


def comparisons(results: SeedResults) -> Iterator[str]:
    """One arm against the other."""
    yield "Difference in accuracy, in points, on the same problems and seeds. The last columns count the seeds in which"
    yield "McNemar's exact test says p < 0.05; nothing is corrected for the number of comparisons."
    yield ""
    yield "| first | second | second − first | seeds | second better | second worse |"
    yield "|---|---|--:|--:|--:|--:|"
    for first, second in _COMPARISONS:
        found = results.difference(first, second)
        if found:
            titles = f"| {ARMS[first].title} | {ARMS[second].title} "
            yield f"{titles}| {points(found.accuracy)} | {found.seeds} | {found.better} | {found.worse} |"
    if gap := results.beyond_vote("sft", "lemma"):
        titles = f"| {ARMS['sft'].title}, votes | {ARMS['lemma'].title} "
        yield f"{titles}| {points(gap)} | {len(gap.values)} | – | – |"


def turns(results: SeedResults) -> Iterator[str]:
    """What became of steps and turns."""
    yield "All seeds together. *Precision*: of the turns, those behind something wrong. *Recall*: of the wrong steps,"
    yield "those that were turned on. *Missed*: wrong steps that were not. *Left out*: answers in which some"
    yield "operation of the question is never done. A restart (`?`) puts a whole attempt to the question and counts"
    yield "once, as right or wrong as all of it: figures of arms that restart are of attempts."
    yield ""
    changes = ("wrong → right", "wrong → wrong", "right → right", "right → wrong")
    yield from _heads(("turns", "precision", "recall", *changes, "missed", "left out"))
    for name in results.arms:
        t = results.turns(name)
        precision, recall = _ratio(t.caught, t.reflections), _ratio(t.caught, t.caught + t.missed)
        cells = (t.wrong_to_right, t.wrong_to_wrong, t.right_to_right, t.right_to_wrong, t.missed)
        counts = " | ".join(f"{cell:,}" for cell in cells)
        skipped = results.over(name, lambda run: run["held_out"]["left_out"]["value"]).mean
        yield f"| {ARMS[name].title} | {t.reflections:,} | {precision} | {recall} | {counts} | {100 * skipped:.1f} % |"


def parts(results: SeedResults) -> Iterator[str]:
    """Accuracy by the number of steps, and where no arm was trained."""
    known, longer = results.any_run["held_out"]["by_steps"], results.any_run["longer"]["by_steps"]
    largest = results.settings["largest"]
    yield f"*{', '.join(map(_steps, longer))}*: the student read such solutions, but no arm was trained on any."
    yield f"*Larger*: at least one number above {largest}, which nobody ever read; steps of these problems, on average:"
    yield f"{_mean_steps(results)}."
    yield ""
    yield from _heads([*(_steps(steps) for steps in (*known, *longer)), "larger"])
    for name in results.arms:
        overs = [results.accuracy(name, "held_out", steps) for steps in known]
        overs += [results.accuracy(name, "longer", steps) for steps in longer] + [results.accuracy(name, "larger")]
        yield f"| {ARMS[name].title} | {' | '.join(map(share, overs))} |"


def rows(results: SeedResults) -> Iterator[str]:
    """How much each arm had to learn from."""
    yield "Means over seeds. *Passes*: how often a row is seen, since all arms take the same number of tokens."
    yield ""
    yield from _heads(("rows", "problems", "with a mistake", "mistakes", "tokens", "passes", "seconds"))
    keys = ("rows", "problems", "with_error", "errors", "tokens")
    for name in results.arms:
        if not ARMS[name].trained:
            continue
        mean = {key: _mean(results, name, "rows", key) for key in keys}
        seen, seconds = (_mean(results, name, "training", key) for key in ("tokens", "seconds"))
        counts = " | ".join(f"{value:,.0f}" for value in mean.values())
        yield f"| {ARMS[name].title} | {counts} | {seen / mean['tokens']:.1f} | {seconds:.0f} |"


def losses(results: SeedResults) -> Iterator[str]:
    """How likely each kind of span is."""
    yield "Mean negative log-likelihood in nats a token, on trajectories of held-out problems with the mistakes of the"
    yield "seed's student."
    yield ""
    kinds = [str(kind) for kind in SpanKind]
    yield from _heads(kinds)
    for name in results.arms:
        if all(run["nll"] for run in results.of(name)):
            yield f"| {ARMS[name].title} | {' | '.join(_loss(results, name, kind) for kind in kinds)} |"


def _steps(steps: str) -> str:
    return f"{steps} step" if steps == "1" else f"{steps} steps"


def _mean_steps(results: SeedResults) -> str:
    """Of larger problems and of those held out, since the former have more."""
    means = []
    for problems in ("larger", "held_out"):
        shares = results.any_run[problems]["by_steps"]
        total = sum(share["total"] for share in shares.values())
        means.append(sum(int(steps) * share["total"] for steps, share in shares.items()) / total)
    return f"{means[0]:.1f} (held-out ones {means[1]:.1f})"


def _heads(columns: Sequence[str]) -> Iterator[str]:
    """The head of a table of numbers by arm."""
    yield f"| arm | {' | '.join(columns)} |"
    yield "|---|" + "--:|" * len(columns)


def _loss(results: SeedResults, arm: str, kind: str) -> str:
    """A dash where a seed's trajectories have no span of that kind."""
    known = all(kind in run["nll"] for run in results.of(arm))
    return f"{_mean(results, arm, 'nll', kind):.3f}" if known else "–"


def _mean(results: SeedResults, arm: str, group: str, key: str) -> float:
    return results.over(arm, lambda run: float(run[group][key])).mean


def mean_tokens(run: Mapping[str, Any]) -> float:
    """Mean tokens of an answer to a held-out problem."""
    return float(run["held_out"]["tokens"])


def _turned(run: Mapping[str, Any]) -> float:
    return float(run["held_out"]["reflected"]["value"])


def _ratio(count: int, total: int) -> str:
    return f"{100 * count / total:.1f} %" if total else "–"
