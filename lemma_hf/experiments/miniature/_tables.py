"""Tables of the report, each as the lines of a Markdown table, from the figures of all seeds."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from lemma_hf.experiments.miniature._arms import ARMS
from lemma_hf.experiments.miniature._over_seeds import SeedResults
from lemma_hf.records import SpanKind
from lemma_hf.utils.intervals import Over, share_text
from lemma_hf.utils.markdown import markdown_table

_COMPARISONS = (
    *(("sft", "lemma"), ("rft", "lemma"), ("careful", "lemma"), ("sft", "rft"), ("sft", "careful")),
    *(("student_work", "careful"), ("student_work", "lemma"), ("lemma", "spot"), ("careful", "spot")),
    *(("lemma", "lemma_e03"), ("lemma", "lemma_e0"), ("lemma", "lemma_mistake_e0"), ("lemma_e0", "lemma_mistake_e0")),
    *(("lemma", "lemma_r2"), ("lemma", "lemma_r4"), ("both", "lemma"), ("both", "injected"), ("both", "uncut")),
    *(("both", "fix"), ("both", "restart"), ("fix", "lemma"), ("sft", "step_dpo"), ("step_dpo", "lemma")),
    *(("sft", "sft_grpo"), ("lemma", "lemma_grpo"), ("sft_grpo", "lemma_grpo"), ("lemma", "lemma_more")),
    *(("lemma_more", "lemma_grpo"), ("lemma", "share_10"), ("lemma", "share_30"), ("lemma", "share_60")),
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
    """The table of arms: training data, accuracy and cost."""
    rows = []
    for name in results.arms:
        tokens, turned = results.over(name, mean_tokens).mean, results.over(name, _turned).mean
        accuracy = share(results.accuracy(name))
        rows.append([ARMS[name].title, ARMS[name].about, accuracy, f"{tokens:.0f}", f"{100 * turned:.0f} %"])
        if vote := results.vote(name):
            over, spent, samples = vote
            about = f"Majority of {samples} samples at temperature 0.7."
            rows.append([f"{ARMS[name].title}, votes", about, share(over), f"{spent:.0f}", ""])
    head = ("arm", "what it learns from", "accuracy", "tokens a problem", "problems with a turn")
    # The empty cell of a vote takes one space: the published page stays the same to the byte.
    yield markdown_table(head, rows, ("---", "---", "--:")).replace("|  |", "| |")


def comparisons(results: SeedResults) -> Iterator[str]:
    """The table of comparisons between two arms."""
    yield "Difference in accuracy, in points, on the same problems and seeds, and in tokens a problem. The last"
    yield "columns count the seeds in which McNemar's exact test says p < 0.05; nothing is corrected for the number of"
    yield "comparisons."
    yield ""
    rows = []
    for first, second in _COMPARISONS:
        found = results.difference(first, second)
        if found:
            counts = map(str, (found.seeds, found.better, found.worse))
            tokens = results.over(second, mean_tokens).mean - results.over(first, mean_tokens).mean
            rows.append([ARMS[first].title, ARMS[second].title, points(found.accuracy), f"{tokens:+.0f}", *counts])
    for name in ("lemma", "careful"):
        gap, voted = results.beyond_vote("sft", name), results.vote("sft")
        if gap and voted:
            tokens = results.over(name, mean_tokens).mean - voted[1]
            titles = (f"{ARMS['sft'].title}, votes", ARMS[name].title)
            rows.append([*titles, points(gap), f"{tokens:+.0f}", str(len(gap.values)), "–", "–"])
    head = ("first", "second", "second − first", "tokens", "seeds", "second better", "second worse")
    yield markdown_table(head, rows, ("---", "---", "--:"))


def turns(results: SeedResults) -> Iterator[str]:
    """The table of steps and turns."""
    yield "All seeds together. *Right at first*: of the steps that stand in the end, those that were right when they"
    yield "were first written. *Precision*: of the turns, those behind something wrong. *Recall*: of the wrong steps,"
    yield "those that were turned on. *Missed*: wrong steps that were not. *Left out*: answers in which some operation"
    yield "of the question is never done. A restart (`?`) puts a whole attempt to the question and counts once, as"
    yield "right or wrong as all of it: figures of arms that restart are of attempts."
    yield ""
    changes = ("wrong → right", "wrong → wrong", "right → right", "right → wrong")
    rows = []
    for name in results.arms:
        t, fates = results.turns(name), results.fates(name)
        right = fates.stayed_right + fates.broken
        steps = right + fates.repaired + fates.stayed_wrong
        found = [_ratio(right, steps), f"{t.reflections:,}", _ratio(t.caught, t.reflections)]
        found.append(_ratio(t.caught, t.caught + t.missed))
        cells = (t.wrong_to_right, t.wrong_to_wrong, t.right_to_right, t.right_to_wrong, t.missed)
        counts = [f"{cell:,}" for cell in cells]
        skipped = results.over(name, lambda run: run["held_out"]["left_out"]["value"]).mean
        rows.append([ARMS[name].title, *found, *counts, f"{100 * skipped:.1f} %"])
    head = ("arm", "right at first", "turns", "precision", "recall", *changes, "missed", "left out")
    yield markdown_table(head, rows)


def parts(results: SeedResults) -> Iterator[str]:
    """The table of accuracy by the number of steps, including those that no arm was trained on."""
    known, longer = results.any_run["held_out"]["by_steps"], results.any_run["longer"]["by_steps"]
    largest = results.settings["largest"]
    yield f"*{', '.join(map(_steps, longer))}*: the student read such solutions, but no arm was trained on any."
    yield f"*Larger*: at least one number above {largest}, which no student has read; mean steps of these problems:"
    yield f"{_mean_steps(results)}."
    yield ""
    rows = []
    for name in results.arms:
        overs = [results.accuracy(name, "held_out", steps) for steps in known]
        overs += [results.accuracy(name, "longer", steps) for steps in longer] + [results.accuracy(name, "larger")]
        rows.append([ARMS[name].title, *map(share, overs)])
    yield markdown_table(["arm", *(_steps(steps) for steps in (*known, *longer)), "larger"], rows)


def rows(results: SeedResults) -> Iterator[str]:
    """The table of the rows of each arm."""
    yield "Means over seeds. *Passes*: how often a row is seen, since all arms take the same number of tokens."
    yield ""
    trained = [name for name in results.arms if ARMS[name].trained and ARMS[name].method == "sft"]
    lines = []
    keys = ("rows", "problems", "with_error", "errors", "tokens")
    for name in trained:
        mean = {key: _mean(results, name, "rows", key) for key in keys}
        seen, seconds = (_mean(results, name, "training", key) for key in ("tokens", "seconds"))
        counts = [f"{value:,.0f}" for value in mean.values()]
        lines.append([ARMS[name].title, *counts, f"{seen / mean['tokens']:.1f}", f"{seconds:.0f}"])
    head = ("arm", "rows", "problems", "with a mistake", "mistakes", "tokens", "passes", "seconds")
    yield markdown_table(head, lines)


def further_trainings(results: SeedResults) -> Iterator[str]:
    """The table of the arms that are trained on pairs or by reward; nothing where there are none."""
    names = [name for name in results.arms if ARMS[name].method != "sft"]
    if not names:
        return
    yield "These arms begin with the model of another one. *Samples*: pairs of steps, or own answers; *tokens*: of"
    yield "these with what stands before them."
    yield ""
    lines = []
    for name in names:
        counts = [
            f"{_mean(results, name, 'training', key):,.0f}" for key in ("updates", "samples", "tokens", "seconds")
        ]
        lines.append([ARMS[name].title, ARMS[ARMS[name].start].title, ARMS[name].method.upper(), *counts])
    head = ("arm", "begins with", "trained by", "updates", "samples", "tokens", "seconds")
    yield markdown_table(head, lines, ("---", "---", "---", "--:"))


def losses(results: SeedResults) -> Iterator[str]:
    """The table of the loss on each kind of span."""
    yield "Mean negative log-likelihood in nats a token, on trajectories of held-out problems with the mistakes of the"
    yield "seed's student."
    yield ""
    kinds = [str(kind) for kind in SpanKind]
    known = [name for name in results.arms if all(run["nll"] for run in results.of(name))]
    rows = [[ARMS[name].title, *(_loss(results, name, kind) for kind in kinds)] for name in known]
    yield markdown_table(["arm", *kinds], rows)


def _steps(steps: str) -> str:
    return f"{steps} step" if steps == "1" else f"{steps} steps"


def _mean_steps(results: SeedResults) -> str:
    """Mean number of steps of larger problems and of held-out ones, for the larger problems have more."""
    means = []
    for problems in ("larger", "held_out"):
        shares = results.any_run[problems]["by_steps"]
        total = sum(share["total"] for share in shares.values())
        means.append(sum(int(steps) * share["total"] for steps, share in shares.items()) / total)
    return f"{means[0]:.1f} (held-out ones {means[1]:.1f})"


def _loss(results: SeedResults, arm: str, kind: str) -> str:
    """The mean loss on a kind of span; a dash where a seed's trajectories have no such span."""
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
