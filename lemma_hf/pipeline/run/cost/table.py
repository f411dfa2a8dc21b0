"""The estimate for people: a table, and below it what it rests on."""

import math
from collections.abc import Callable, Sequence

from lemma_hf.pipeline.run.cost.estimate import CostEstimate, StageCost
from lemma_hf.pipeline.run.cost.ranges import total


def cost_table(estimate: CostEstimate, budget_left: float | None = None) -> str:
    """The estimate for people: a line for each stage, the sum, and below it every assumption.

    Args:
        budget_left: the rest of the budget, in USD.
    """
    stages = estimate.stages
    if not stages:
        nothing = "Nothing would be asked of a model behind an endpoint (MODEL@URL), so this costs nothing."
        expected = [f"- {assumption}" for assumption in estimate.assumptions]
        return "\n".join([nothing, "\nWhat is done on this machine:", *expected] if expected else [nothing])
    several = len({stage.model for stage in stages}) > 1
    rows = [["stage", *_COLUMNS]]
    rows += [_cells(f"{stage.stage} ({stage.model})" if several else stage.stage, [stage]) for stage in stages]
    if len(stages) > 1:
        rows.append(_cells("sum", stages))
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join([row[0].ljust(wide[0]), *map(str.rjust, row[1:], wide[1:])]) for row in rows]
    if least := math.ceil(sum(stage.least_minutes for stage in stages)):
        time = f"{least // 60} h {least % 60:02} min" if least >= 60 else f"{least} min"
        lines.append(f"\nAt least {time}: the limits on requests and tokens a minute allow no more.")
    if budget_left is not None:
        reach = "covers" if estimate.usd.high <= budget_left else "may not cover"
        reach = reach if estimate.usd.low <= budget_left else "does not cover"
        lines.append(f"\nThe budget, of which ${budget_left:,.2f} is left, {reach} this.")
    return "\n".join([*lines, "\nThis rests on:", *(f"- {assumption}" for assumption in estimate.assumptions)])


def _short(value: float) -> str:
    """Three figures of a large number, such as 12.3M."""
    for bound, sign in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= 0.9995 * bound:  # below that, three figures do not round up to the bound
            return f"{value / bound:.3g}{sign}"
    return f"{value:.0f}"


_COLUMNS: dict[str, tuple[str, Callable[[float], str]]] = {
    "requests": ("requests", "{:,.0f}".format),
    "to send": ("to_send", "{:,.0f}".format),
    "prompt tokens": ("prompt_tokens", _short),
    "completion tokens": ("completion_tokens", _short),
    "USD": ("usd", "{:,.2f}".format),
}
"""The columns of the table, each with the figure of a stage that it shows, and how."""


def _cells(name: str, stages: Sequence[StageCost]) -> list[str]:
    """The line of one stage, or of the sum of several."""
    cells = [name]
    for figure, show in _COLUMNS.values():
        whole = total(getattr(stage, figure) for stage in stages)
        cells.append("–".join(dict.fromkeys((show(whole.low), show(whole.high)))))
    return cells
