"""Pictures of the experiment: accuracy against tokens, effect of each weight, first against final steps."""

import math
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from lemma_hf.experiments.miniature._arms import ARMS
from lemma_hf.experiments.miniature._over_seeds import SeedResults
from lemma_hf.utils.extras import how_to_install
from lemma_hf.utils.intervals import Over
from lemma_hf.world.sums import Fates

_COLORS = {
    "base": "#0072b2",
    "mask": "#d55e00",
    "reflection": "#cc79a7",
    "share": "#e69f00",
    "strategy": "#009e73",
    "trainer": "#56b4e9",
}
"""By group; distinguishable with any kind of color vision (Okabe and Ito's palette)."""
_LINES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""The same for lines, of which each has a mark of its own as well."""
_MARKS = "osD^vP"
_AROUND = tuple(
    (radius * math.cos(math.pi * turn / 8), radius * math.sin(math.pi * turn / 8))
    for radius in (11, 20, 30, 42)
    for turn in (0, 8, 2, 6, 14, 10, 1, 7, 15, 9, 3, 5, 13, 11, 4, 12)  # sixteenths of a circle, left and right first
)
"""Where a number may go, in typographic points from its point; intervals lie above and below."""
_ENOUGH = 10.0
"""Typographic points between a number and the nearest taken place: more distance makes it no easier to read."""
_WEIGHTS = ("lemma_e03", "lemma_e0", "lemma_mistake_e0", "lemma_r2", "lemma_r4")
_CONFUSION = ("lemma", "lemma_e0", "lemma_mistake_e0", "lemma_grpo")
_BY_STEPS = ("sft", "careful", "lemma", "lemma_e0", "lemma_grpo", "both")


def draw_pictures(results: SeedResults, folder: Path) -> list[str]:
    """The pictures for which there are figures, as PNG files.

    Returns:
        The names of the files; none, with a word, where matplotlib is missing.
    """
    try:
        import_module("matplotlib").use("Agg")
    except ImportError:
        print(f"no pictures, for which matplotlib is missing: {how_to_install('matplotlib')}")
        return []
    folder.mkdir(parents=True, exist_ok=True)
    drawings = {
        "tokens.png": _tokens,
        "weights.png": _weights,
        "confusion.png": _confusion,
        "share.png": _share,
        "steps.png": _steps,
    }
    written = []
    for name, draw in drawings.items():
        figure = draw(results)
        if figure is not None:
            figure.savefig(folder / name, dpi=130)
            import_module("matplotlib.pyplot").close(figure)
            written.append(name)
    return written


def _tokens(results: SeedResults) -> Any:
    """Draw every arm as a numbered point, with the names in a list."""
    figure, (axes,) = _figure(8.6, 5.0)
    found = list(_points(results))
    for number, (title, color, accuracy, tokens) in enumerate(found, start=1):
        axes.errorbar(tokens, 100 * accuracy.mean, _bars(accuracy), fmt="none", ecolor=color, capsize=3)
        axes.scatter(tokens, 100 * accuracy.mean, s=28, color=color, label=f"{number}  {title}", zorder=3)
    axes.set(xlabel="tokens spent on a problem", ylabel="right answers, %", ylim=(-2, 102))
    axes.margins(x=0.08)
    axes.grid(alpha=0.3)
    figure.legend(loc="outside right center", fontsize=8, frameon=False)
    figure.draw_without_rendering()  # the layout decides where points lie, and so where there is room
    _number(axes, [(tokens, 100 * accuracy.mean, color) for _, color, accuracy, tokens in found])
    return figure


def _number(axes: Any, points: Sequence[tuple[float, float, str]]) -> None:
    """Write a number at the nearest free place around each point, joined to it by a line where that is far."""
    scale = axes.figure.dpi / 72
    taken = [tuple(axes.transData.transform(point[:2]) / scale) for point in points]
    for number, (x, y, color) in enumerate(points, start=1):
        here = taken[number - 1]
        place = max(_AROUND, key=lambda at: min(_ENOUGH, _room((here[0] + at[0], here[1] + at[1]), taken)))
        taken.append((here[0] + place[0], here[1] + place[1]))
        line = {"arrowstyle": "-", "color": color, "linewidth": 0.6} if math.hypot(*place) > 15 else None
        style = {"textcoords": "offset points", "ha": "center", "va": "center", "fontsize": 9, "color": color}
        axes.annotate(number, (x, y), xytext=place, arrowprops=line, **style)


def _room(place: tuple[float, float], taken: Sequence[tuple[float, ...]]) -> float:
    """The distance from a place to the nearest taken one, in typographic points."""
    return min(math.dist(place, other) for other in taken)


def _points(results: SeedResults) -> Iterator[tuple[str, str, Over, float]]:
    for name in results.arms:
        arm = ARMS[name]
        yield (
            arm.title,
            _COLORS[arm.group],
            results.accuracy(name),
            results.over(name, lambda run: run["held_out"]["tokens"]).mean,
        )
        if vote := results.vote(name):
            yield f"{arm.title}, majority of {vote[2]}", "#555555", vote[0], vote[1]


def _weights(results: SeedResults) -> Any:
    """Draw the effect of each weight against the paper's, in percentage points, with a dot for every seed."""
    found = [(name, results.difference("lemma", name)) for name in _WEIGHTS if name in results.runs]
    shown = [(name, difference.accuracy) for name, difference in found if difference]
    if not shown:
        return None
    figure, (axes,) = _figure(7.2, 1.3 + 0.5 * len(shown))
    for place, (name, over) in enumerate(reversed(shown)):
        color = _COLORS[ARMS[name].group]
        axes.errorbar(100 * over.mean, place, xerr=_bars(over), fmt="o", color=color, capsize=4)
        axes.plot([100 * value for value in over.values], [place - 0.22] * len(over.values), "|", color=color)
        axes.annotate(f"{100 * over.mean:+.1f}", (100 * over.mean, place + 0.14), ha="center", fontsize=9)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_yticks(range(len(shown)), [ARMS[name].title for name, _ in reversed(shown)])
    axes.set(xlabel="points of accuracy against LEMMA with all weights 1", ylim=(-0.6, len(shown) - 0.4))
    axes.grid(axis="x", alpha=0.3)
    return figure


def _confusion(results: SeedResults) -> Any:
    """Draw steps as they were first written against those in the final solution."""
    names = [name for name in _CONFUSION if name in results.runs]
    if not names:
        return None
    figure, panels = _figure(2.9 * len(names) + 0.4, 3.2, len(names))
    for name, axes in zip(names, panels, strict=True):
        _matrix(axes, results.fates(name))
        axes.set_title(ARMS[name].title, fontsize=10)
        axes.set_xlabel("in the end")
    panels[0].set_ylabel("at first")
    return figure


def _matrix(axes: Any, fates: Fates) -> None:
    cells = (
        ((fates.stayed_right, "stayed right"), (fates.broken, "broken")),
        ((fates.repaired, "repaired"), (fates.stayed_wrong, "stayed wrong")),
    )
    total = max(1, sum(count for row in cells for count, _ in row))
    axes.imshow([[count / total for count, _ in row] for row in cells], cmap="Blues", vmin=0, vmax=1)
    for i, row in enumerate(cells):
        for j, (count, word) in enumerate(row):
            ink = "white" if count / total > 0.6 else "black"
            axes.text(j, i, f"{100 * count / total:.1f} %\n{word}", ha="center", va="center", color=ink, fontsize=9)
    axes.set_xticks([0, 1], ["right", "wrong"])
    axes.set_yticks([0, 1], ["right", "wrong"])


def _share(results: SeedResults) -> Any:
    """Draw accuracy by the share of problems whose row has a mistake; SFT has none, LEMMA as many as were made."""
    names = [name for name in ("sft", "share_10", "share_30", "share_60", "lemma") if name in results.runs]
    if len(names) < 3:
        return None
    figure, (axes,) = _figure(6.4, 3.8)
    shares, overs = [100 * _error_share(results, name) for name in names], [results.accuracy(n) for n in names]
    means = [100 * over.mean for over in overs]
    axes.errorbar(shares, means, _many_bars(overs), fmt="o-", color=_COLORS["share"], capsize=4)
    axes.set(xlabel="training problems with a mistake in their row, %", ylabel="right answers, %", ylim=(0, 102))
    axes.grid(alpha=0.3)
    return figure


def _error_share(results: SeedResults, name: str) -> float:
    return results.over(name, lambda run: run["rows"]["with_error"] / run["rows"]["rows"]).mean


def _steps(results: SeedResults) -> Any:
    """Draw accuracy by the number of steps; no arm was trained on those to the right of the line."""
    names = [name for name in _BY_STEPS if name in results.runs]
    if not names:
        return None
    known, longer = results.any_run["held_out"]["by_steps"], results.any_run["longer"]["by_steps"]
    places = [("held_out", n) for n in known] + [("longer", n) for n in longer]
    figure, (axes,) = _figure(8.4, 4.2)
    for number, name in enumerate(names):
        overs = [results.accuracy(name, problems, steps) for problems, steps in places]
        at = [int(steps) + 0.05 * (number - len(names) / 2) for _, steps in places]
        style = {"fmt": f"{_MARKS[number]}-", "capsize": 3, "label": ARMS[name].title, "color": _LINES[number]}
        axes.errorbar(at, [100 * over.mean for over in overs], _many_bars(overs), **style)
    axes.axvline(max(map(int, known)) + 0.5, color="black", linewidth=0.8, linestyle=":")
    axes.set_xticks([int(steps) for _, steps in places])
    axes.set(xlabel="steps of a problem", ylabel="right answers, %", ylim=(0, 102))
    axes.grid(alpha=0.3)
    figure.legend(loc="outside right center", fontsize=8, frameon=False)
    return figure


def _bars(over: Over) -> list[list[float]]:
    """The error bars below and above the mean, in percentage points; None without an interval."""
    return _many_bars([over])


def _many_bars(overs: Sequence[Over]) -> list[list[float]]:
    ends = [(over.low, over.high) if math.isfinite(over.low) else (over.mean, over.mean) for over in overs]
    below = [100 * (over.mean - low) for over, (low, _) in zip(overs, ends, strict=True)]
    return [below, [100 * (high - over.mean) for over, (_, high) in zip(overs, ends, strict=True)]]


def _figure(width: float, height: float, columns: int = 1) -> tuple[Any, list[Any]]:
    pyplot = import_module("matplotlib.pyplot")
    figure, axes = pyplot.subplots(1, columns, figsize=(width, height), layout="constrained", squeeze=False)
    return figure, list(axes[0])
