"""Training curves by kind of span: a picture of the log, saved with the checkpoints.

Panels over optimizer steps: loss, accuracy and entropy of each kind of span (training solid, evaluation dashed with a
mark each time), and what `SolveCallback` logged, if it did.
"""

import shutil
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from itertools import cycle
from math import isfinite, nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transformers import TrainerCallback

from lemma_hf.records import SpanKind
from lemma_hf.train.kinds import eval_prefixes
from lemma_hf.train.model_card import CURVES_FILE
from lemma_hf.utils.extras import how_to_install

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from transformers import TrainerControl, TrainerState, TrainingArguments

_Log = Mapping[str, Any]
"""One entry of a trainer's `log_history`: figures by name, and the `step` they belong to."""

_COLORS = {
    SpanKind.REASONING: "#0072b2",
    SpanKind.ERROR: "#d55e00",
    SpanKind.REFLECTION: "#cc79a7",
    SpanKind.CORRECTION: "#009e73",
}
"""Distinct with any kind of color vision (Okabe and Ito's palette)."""
_PANELS = {
    "loss": "loss (nats per token)",
    "accuracy": "share of tokens predicted right",
    "entropy": "entropy (nats per token)",
}
_MARKS = "o^sDv"
"""One for each eval set, from the first again where there are more."""
_SOLVED = {
    "solve_accuracy": ("right answers", "#0072b2"),
    "solve_reflected": ("outputs that reflect", "#cc79a7"),
    "solve_right_when_reflected": ("right when reflected", "#56b4e9"),
    "solve_fixed": ("fixed by reflecting", "#009e73"),
    "solve_broken": ("broken by reflecting", "#d55e00"),
}


class CurvesCallback(TrainerCallback):
    """Saves `curves.png` in each checkpoint, and in the output folder at each save and when training ends.

    Only the first process draws, and only where something is saved or pushed: with `save_strategy="no"` call
    `draw_curves` yourself. Without matplotlib one line says so, once.
    """

    def __init__(self) -> None:
        self._is_possible = True

    def on_save(
        self, args: "TrainingArguments", state: "TrainerState", control: "TrainerControl", **kwargs: Any
    ) -> None:
        """Draw into the output folder, from where a push takes it, and into the checkpoint."""
        checkpoint = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        picture = self._draw(args, state)
        if picture is not None and checkpoint.is_dir():
            shutil.copyfile(picture, checkpoint / CURVES_FILE)

    def on_train_end(
        self, args: "TrainingArguments", state: "TrainerState", control: "TrainerControl", **kwargs: Any
    ) -> None:
        """Draw the whole run into the output folder."""
        if args.save_strategy != "no" or args.push_to_hub:
            self._draw(args, state)

    def _draw(self, args: "TrainingArguments", state: "TrainerState") -> Path | None:
        if not state.is_world_process_zero or not self._is_possible:
            return None
        if not _has_matplotlib():
            how = how_to_install("matplotlib")
            print(f"no picture of the curves, for which matplotlib is missing: {how}", flush=True)
            self._is_possible = False
            return None
        return draw_curves(state.log_history, Path(args.output_dir) / CURVES_FILE)


def _has_matplotlib() -> bool:
    """Whether matplotlib is installed."""
    try:
        import_module("matplotlib.figure")
    except ImportError:
        return False
    return True


def draw_curves(history: Sequence[_Log], path: Path | str) -> Path | None:
    """Draw a trainer's `state.log_history` as a PNG.

    Values that are missing, infinite or not numbers leave a gap. The caller's own pictures and pyplot's state are not
    touched.

    Returns:
        `path`, or None where the history has nothing to draw, or matplotlib is not installed.
    """
    panels = [*_span_panels(history), *_solve_panels(history)]
    if not panels or not _has_matplotlib():
        return None
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    columns = len(panels) if len(panels) < 4 else 2  # three fit side by side, four make a square
    rows = -(-len(panels) // columns)
    # inches: 4.2 × 3 a panel, and room for the axis labels and the legend
    figure = Figure(figsize=(1 + 4.2 * columns, 0.9 + 3 * rows), layout="constrained")
    limits = _limits(history)
    for axes, draw in zip(figure.subplots(rows, columns, squeeze=False).flat, panels, strict=True):
        draw(axes)
        axes.set(xlabel="optimizer steps", xlim=limits)
        axes.xaxis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
        axes.grid(alpha=0.3)
    _legend(figure, history)
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="png", dpi=120)  # sharp on a card, and below 200 kB
    return path


def _series(history: Sequence[_Log], name: str) -> tuple[list[int], list[float]]:
    """Steps and values of one figure; NaN where a value is no finite number, the last word where a step has several.

    Example:
        >>> _series([{"step": 1, "loss": 2.0}, {"step": 2}, {"step": 3, "loss": float("inf")}], "loss")
        ([1, 3], [2.0, nan])
    """
    found = {int(log["step"]): _number(log[name]) for log in history if name in log and "step" in log}
    return sorted(found), [found[step] for step in sorted(found)]


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and isfinite(value) else nan


def _limits(history: Sequence[_Log]) -> tuple[float, float]:
    """The limits of the horizontal axis: the same for all panels, so that one can be read above the other."""
    steps = [int(log["step"]) for log in history if "step" in log]
    margin = max(0.5, 0.03 * (max(steps) - min(steps)))  # 3 % of the width; half a step where there is one step only
    return min(steps) - margin, max(steps) + margin


def _span_panels(history: Sequence[_Log]) -> list[Callable[["Axes"], None]]:
    evaluations = list(zip(eval_prefixes(history), cycle(_MARKS)))

    def panel(figure: str) -> Callable[["Axes"], None]:
        def draw(axes: "Axes") -> None:
            for kind, color in _COLORS.items():
                _line(axes, _series(history, f"{kind}_{figure}"), color=color)
                for prefix, mark in evaluations:
                    _line(axes, _series(history, f"{prefix}{kind}_{figure}"), color=color, linestyle="--", marker=mark)
            axes.set_ylabel(_PANELS[figure])

        return draw

    prefixes = ["", *(prefix for prefix, _ in evaluations)]
    names = {f"{prefix}{kind}_{figure}": figure for prefix in prefixes for kind in SpanKind for figure in _PANELS}
    logged = {names[name] for log in history if "step" in log for name in log if name in names}
    return [panel(figure) for figure in _PANELS if figure in logged]


def _solve_panels(history: Sequence[_Log]) -> list[Callable[["Axes"], None]]:
    def draw(axes: "Axes") -> None:
        for name, (label, color) in _SOLVED.items():
            _line(axes, _series(history, name), color=color, marker="o", label=label)
        axes.set_ylabel("share of held-out problems")
        axes.set_ylim(-0.04, 1.04)
        axes.legend(fontsize="small")

    return [draw] if any({"solve_accuracy", "step"} <= log.keys() for log in history) else []


def _line(axes: "Axes", points: tuple[list[int], list[float]], marker: str = "", **options: Any) -> None:
    steps, values = points
    if steps:
        # A line through one point is nothing to see.
        alone = "." if sum(map(isfinite, values)) == 1 else ""
        axes.plot(steps, values, linewidth=1.4, marker=marker or alone, markersize=4 if marker else 8, **options)


def _legend(figure: "Figure", history: Sequence[_Log]) -> None:
    """Draw the meaning of colors and strokes, once for all panels of spans."""
    from matplotlib.lines import Line2D

    names = {name for log in history for name in log}
    prefixes = eval_prefixes(history)
    kinds = [
        kind
        for kind in SpanKind
        if any(name.startswith(f"{prefix}{kind}_") for name in names for prefix in ["", *prefixes])
    ]
    handles = [Line2D([], [], color=_COLORS[kind], linewidth=3, label=str(kind)) for kind in kinds]
    stroke: dict[str, Any] = {"color": "0.3", "linewidth": 1.4}
    if prefixes:
        handles.append(Line2D([], [], **stroke, label="training"))
    for prefix, mark in zip(prefixes, cycle(_MARKS)):
        label = prefix.removeprefix("eval_").strip("_") or "evaluation"
        handles.append(Line2D([], [], **stroke, linestyle="--", marker=mark, label=label))
    if handles:
        figure.legend(handles=handles, loc="outside upper center", ncols=len(handles), frameon=False)
