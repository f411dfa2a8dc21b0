"""What does the experiment look like? Accuracy against tokens, what each weight does, first against final steps."""

from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from lemma_hf.miniature.arms import ARMS
from lemma_hf.miniature.over_seeds import Over, Results
from lemma_hf.world.sums import Turns

_COLOURS = {"base": "#0072b2", "mask": "#d55e00", "reflection": "#cc79a7", "share": "#e69f00", "strategy": "#009e73"}
"""By group; told apart with any kind of colour vision (Okabe and Ito's palette)."""
_WEIGHTS = ("lemma_e03", "lemma_e0", "lemma_result_e0", "lemma_r2", "lemma_r4")
_CONFUSION = ("lemma", "lemma_e0", "lemma_result_e0", "restart")
_BY_STEPS = ("sft", "careful", "lemma", "lemma_e0", "lemma_result_e0", "restart")


def draw_all(results: Results, folder: Path) -> list[str]:
    """The pictures for which there are figures, as PNG files.

    Returns:
        The names of the files; none, with a word, where matplotlib is missing.
    """
    try:
        import_module("matplotlib").use("Agg")
    except ImportError:
        print("no pictures: `pip install 'lemma-hf[plot]'` brings matplotlib")
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


def _tokens(results: Results) -> Any:
    """Every arm as a point; a number on it, and the names in a list beside, so that nothing overlaps."""
    figure, (axes,) = _figure(8.6, 5.0)
    for number, (title, colour, accuracy, tokens) in enumerate(_points(results), start=1):
        axes.errorbar(tokens, 100 * accuracy.mean, _bars(accuracy), fmt="none", ecolor=colour, capsize=3, alpha=0.6)
        axes.scatter(tokens, 100 * accuracy.mean, s=150, color=colour, label=f"{number}  {title}", zorder=3)
        axes.annotate(
            number,
            (tokens, 100 * accuracy.mean),
            color="white",
            ha="center",
            va="center_baseline",
            fontsize=8,
            zorder=4,
        )
    axes.set(xlabel="tokens spent on a problem", ylabel="right answers, %", ylim=(0, 102))
    axes.grid(alpha=0.3)
    figure.legend(loc="outside right center", fontsize=8, frameon=False)
    return figure


def _points(results: Results) -> Iterator[tuple[str, str, Over, float]]:
    for name in results.arms:
        arm = ARMS[name]
        yield (
            arm.title,
            _COLOURS[arm.group],
            results.accuracy(name),
            results.over(name, lambda run: run["held_out"]["tokens"]).mean,
        )
        if vote := results.vote(name):
            yield f"{arm.title}, majority of {vote[2]}", "#555555", vote[0], vote[1]


def _weights(results: Results) -> Any:
    """Each weight against the paper's, in points, with a dot for every seed."""
    found = [(name, results.difference("lemma", name)) for name in _WEIGHTS if name in results.runs]
    shown = [(name, difference.accuracy) for name, difference in found if difference]
    if not shown:
        return None
    figure, (axes,) = _figure(7.2, 1.3 + 0.5 * len(shown))
    for place, (name, over) in enumerate(reversed(shown)):
        colour = _COLOURS[ARMS[name].group]
        axes.errorbar(100 * over.mean, place, xerr=_bars(over), fmt="o", color=colour, capsize=4)
        axes.plot([100 * value for value in over.values], [place - 0.22] * len(over.values), "|", color=colour)
        axes.annotate(f"{100 * over.mean:+.1f}", (100 * over.mean, place + 0.14), ha="center", fontsize=9)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_yticks(range(len(shown)), [ARMS[name].title for name, _ in reversed(shown)])
    axes.set(xlabel="points of accuracy against LEMMA with all weights 1", ylim=(-0.6, len(shown) - 0.4))
    axes.grid(axis="x", alpha=0.3)
    return figure


def _confusion(results: Results) -> Any:
    """Steps as they were written first, against what stood in the end."""
    names = [name for name in _CONFUSION if name in results.runs]
    if not names:
        return None
    figure, panels = _figure(2.9 * len(names) + 0.4, 3.2, len(names))
    for name, axes in zip(names, panels, strict=True):
        _matrix(axes, results.turns(name))
        axes.set_title(ARMS[name].title, fontsize=10)
        axes.set_xlabel("in the end")
    panels[0].set_ylabel("at first")
    return figure


def _matrix(axes: Any, turns: Turns) -> None:
    kept, broken = turns.kept + turns.right_to_right, turns.right_to_wrong
    repaired, left = turns.wrong_to_right, max(0, turns.missed - turns.right_to_wrong)
    cells = (((kept, "stayed right"), (broken, "broken")), ((repaired, "repaired"), (left, "stayed wrong")))
    total = max(1, kept + broken + repaired + left)
    axes.imshow([[count / total for count, _ in row] for row in cells], cmap="Blues", vmin=0, vmax=1)
    for i, row in enumerate(cells):
        for j, (count, word) in enumerate(row):
            ink = "white" if count / total > 0.5 else "black"
            axes.text(j, i, f"{100 * count / total:.1f} %\n{word}", ha="center", va="center", color=ink, fontsize=9)
    axes.set_xticks([0, 1], ["right", "wrong"])
    axes.set_yticks([0, 1], ["right", "wrong"])


def _share(results: Results) -> Any:
    """Accuracy by the share of problems whose row has a mistake; SFT has none, LEMMA as many as were made."""
    names = [name for name in ("sft", "share_10", "share_30", "share_60", "lemma") if name in results.runs]
    if len(names) < 3:
        return None
    figure, (axes,) = _figure(6.4, 3.8)
    shares, overs = [100 * _error_share(results, name) for name in names], [results.accuracy(n) for n in names]
    means = [100 * over.mean for over in overs]
    axes.errorbar(shares, means, _many_bars(overs), fmt="o-", color=_COLOURS["share"], capsize=4)
    axes.set(xlabel="training problems with a mistake in their row, %", ylabel="right answers, %", ylim=(0, 102))
    axes.grid(alpha=0.3)
    return figure


def _error_share(results: Results, name: str) -> float:
    return results.over(name, lambda run: run["rows"]["with_error"] / run["rows"]["rows"]).mean


def _steps(results: Results) -> Any:
    """Accuracy by the number of steps; those to the right of the line no arm was trained on."""
    names = [name for name in _BY_STEPS if name in results.runs]
    if not names:
        return None
    known, longer = results.any_run["held_out"]["by_steps"], results.any_run["longer"]["by_steps"]
    places = [("held_out", n) for n in known] + [("longer", n) for n in longer]
    figure, (axes,) = _figure(6.8, 4.0)
    for number, name in enumerate(names):
        overs = [results.accuracy(name, problems, steps) for problems, steps in places]
        at = [int(steps) + 0.03 * (number - len(names) / 2) for _, steps in places]
        style = {"fmt": "o-", "capsize": 3, "label": ARMS[name].title}
        axes.errorbar(at, [100 * over.mean for over in overs], _many_bars(overs), **style)
    axes.axvline(max(map(int, known)) + 0.5, color="black", linewidth=0.8, linestyle=":")
    axes.set_xticks([int(steps) for _, steps in places])
    axes.set(xlabel="steps of a problem", ylabel="right answers, %", ylim=(0, 102))
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    return figure


def _bars(over: Over) -> list[list[float]]:
    """Below and above the mean, in points, as matplotlib wants it; without an interval, nothing."""
    return _many_bars([over])


def _many_bars(overs: Sequence[Over]) -> list[list[float]]:
    ends = [(over.low, over.high) if over.low > -1e9 else (over.mean, over.mean) for over in overs]
    below = [100 * (over.mean - low) for over, (low, _) in zip(overs, ends, strict=True)]
    return [below, [100 * (high - over.mean) for over, (_, high) in zip(overs, ends, strict=True)]]


def _figure(width: float, height: float, columns: int = 1) -> tuple[Any, list[Any]]:
    pyplot = import_module("matplotlib.pyplot")
    figure, axes = pyplot.subplots(1, columns, figsize=(width, height), layout="constrained", squeeze=False)
    return figure, list(axes[0])
