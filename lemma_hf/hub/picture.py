"""Picture of the errors of a dataset: a bar for each type, cut by how it is corrected."""

from collections import Counter
from collections.abc import Mapping, Sequence
from importlib import import_module
from io import BytesIO
from typing import Any

from lemma_hf.utils.extras import how_to_install

_COLORS = {"fix_and_continue": "#0072b2", "fresh_and_restart": "#d55e00", "not given": "#999999"}
"""Colors that are distinct with any kind of color vision (Okabe and Ito's palette)."""


def error_picture(errors: Mapping[tuple[str, str], int]) -> bytes | None:
    """Draw the counts of errors by type and strategy as a PNG; the same counts give the same bytes.

    None where there are no errors, or where matplotlib is missing, which is printed.
    """
    if not errors:
        return None
    try:
        figure_of, style = import_module("matplotlib.figure").Figure, import_module("matplotlib.style")
    except ImportError:
        print(f"no picture of the error types, for which matplotlib is missing: {how_to_install('matplotlib')}")
        return None
    totals: Counter[str] = Counter()
    for (kind, _), count in errors.items():
        totals[kind] += count
    names = [name for name, _ in sorted(totals.items(), key=lambda item: (item[1], item[0]))]
    stream = BytesIO()
    # In matplotlib's own style, whichever the user has set, so that the bytes are the same everywhere.
    with style.context("default", after_reset=True):
        figure = figure_of(figsize=(7, 1.5 + 0.36 * len(names)), layout="constrained")
        _draw(figure, names, errors)
        figure.savefig(stream, format="png", dpi=150, metadata={"Software": None})
    return stream.getvalue()


def _draw(figure: Any, names: Sequence[str], errors: Mapping[tuple[str, str], int]) -> None:
    axes = figure.subplots()
    shown = [name.replace("_", " ") for name in names]
    left = [0] * len(names)
    for strategy, color in _COLORS.items():
        counts = [errors.get((name, strategy), 0) for name in names]
        if any(counts):
            axes.barh(shown, counts, left=left, color=color, label=strategy.replace("_", " "))
            left = [a + b for a, b in zip(left, counts, strict=True)]
    for place, total in enumerate(left):
        axes.annotate(f"{total:,}", (total, place), xytext=(4, 0), textcoords="offset points", va="center")
    axes.set(xlabel="errors", xlim=(0, 1.12 * max(left)))
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)
    # Above the bars, which may be long down to the last.
    figure.legend(frameon=False, loc="outside upper center", ncols=len(_COLORS))
