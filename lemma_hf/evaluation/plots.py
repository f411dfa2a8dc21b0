"""Plots of a scored run: accuracy with its interval, first against final answers, kinds of mistakes."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from lemma_hf.evaluation.result import BenchmarkResult
from lemma_hf.utils.extras import how_to_install

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BLUE, _ORANGE = "#0072b2", "#d55e00"
"""Distinct with any kind of color vision (Okabe and Ito's palette)."""


def draw_plots(folder: Path, results: Sequence[BenchmarkResult], model: str) -> list[Path]:
    """Draw the plots, that of mistakes where a teacher was asked; without matplotlib, print a notice and draw none."""
    try:
        import_module("matplotlib").use("Agg")
    except ImportError:
        print(f"no pictures, for which matplotlib is missing: {how_to_install('matplotlib')}")
        return []
    if not results:
        return []
    written = [_draw_accuracy(folder / "accuracy.png", results, model)]
    written.append(_draw_matrix(folder / "first_final.png", results, model))
    if any(result.remaining for result in results):
        written.append(_draw_errors(folder / "error_types.png", results, model))
    return written


def _draw_accuracy(path: Path, results: Sequence[BenchmarkResult], model: str) -> Path:
    figure, axes = _figure(6.5, 1.2 + 0.45 * len(results))  # inches: a line of 0.45 for each benchmark
    for place, result in enumerate(reversed(results)):
        found = result.scores.pass_at[1]
        low, high = found.interval
        share = 100 * found.value
        axes.errorbar(share, place, xerr=[[share - 100 * low], [100 * high - share]], fmt="o", color=_BLUE, capsize=4)
        axes.annotate(f"{share:.1f}", (share, place), xytext=(0, 7), textcoords="offset points", ha="center")
    axes.set_yticks(range(len(results)), [result.benchmark for result in reversed(results)])
    axes.set(xlabel="right answers, % (95 % interval)", xlim=(-3, 103), ylim=(-0.7, len(results) - 0.3), title=model)
    axes.grid(axis="x", alpha=0.3)
    return _save(figure, path)


def _draw_matrix(path: Path, results: Sequence[BenchmarkResult], model: str) -> Path:
    """Draw first against final answers of the outputs that turn, all benchmarks together."""
    counts = {(a, b): sum(r.correction.matrix[a, b] for r in results) for a in (False, True) for b in (False, True)}
    figure, axes = _figure(4.6, 4.2)  # inches: a square and its labels
    cells = [[counts[True, True], counts[True, False]], [counts[False, True], counts[False, False]]]
    most = max(1, *(max(row) for row in cells))
    axes.imshow(cells, cmap="Blues", vmin=0, vmax=most)
    words = (("kept right", "broken"), ("fixed", "kept wrong"))
    for i in range(2):
        for j in range(2):
            # dark blue from half of the scale on
            ink = "white" if cells[i][j] > most / 2 else "black"
            axes.text(j, i, f"{cells[i][j]:,}\n{words[i][j]}", ha="center", va="center", color=ink)
    axes.set_xticks([0, 1], ["right", "wrong"])
    axes.set_yticks([0, 1], ["right", "wrong"])
    axes.set(xlabel="final answer", ylabel="first answer", title=f"{model}: outputs that turn")
    return _save(figure, path)


def _draw_errors(path: Path, results: Sequence[BenchmarkResult], model: str) -> Path:
    counts: dict[str, int] = {}
    for result in results:
        for kind, count in (result.remaining.types if result.remaining else {}).items():
            counts[str(kind)] = counts.get(str(kind), 0) + count
    names = sorted(counts, key=lambda name: counts[name])
    figure, axes = _figure(6.5, 1.2 + 0.35 * len(names))  # inches: a bar of 0.35 for each kind
    bars = axes.barh([name.replace("_", " ") for name in names], [counts[name] for name in names], color=_ORANGE)
    axes.bar_label(bars, padding=3)
    named = "first mistakes" if names else "no mistake was named"
    axes.set(xlabel="wrong outputs", title=f"{model}: {named}")
    axes.margins(x=0.12)
    return _save(figure, path)


def _figure(width: float, height: float) -> "tuple[Figure, Axes]":
    found: tuple[Figure, Axes] = import_module("matplotlib.pyplot").subplots(
        figsize=(width, height), layout="constrained"
    )
    return found


def _save(figure: "Figure", path: Path) -> Path:
    figure.savefig(path, dpi=150)  # readable in a report, and small
    import_module("matplotlib.pyplot").close(figure)
    return path
