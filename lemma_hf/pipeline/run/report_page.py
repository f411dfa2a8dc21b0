"""Page of a run's report: its facts as one HTML page that needs no other file.

All that comes from data, models and settings passes through `_safe`: it is text on this page and nothing more. The
frame and the colors are in `report.html`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from string import Template
from typing import Any

from lemma_hf.inference.endpoint import Usage
from lemma_hf.pipeline.run.report_facts import MAX_TEXT, Facts, FunnelExample, Loss, shorten
from lemma_hf.pipeline.run.weaknesses import weakness_line
from lemma_hf.pipeline.stage import StageCount
from lemma_hf.utils.redaction import escape_html as _safe

_SERIES = {"student": "found in the student’s attempts", "injected": "written on purpose", "kept": "in the rows kept"}
_MOST_ROWS = 40
"""Of a table whose length depends on the data; the JSON file has them all."""


def report_html(facts: Facts) -> str:
    """The whole page."""
    parts = [
        ("funnel", "What became of the items", _funnel(facts.funnel)),
        ("losses", "What was lost, and why", _losses(facts.losses, facts.rejects_unreadable)),
        ("errors", "Which mistakes", _errors(facts)),
        ("turns", "How many turns a row has", _turns(facts.turns)),
        ("cost", "What it cost", _costs(facts.costs)),
        ("examples", "Trajectories", _examples(facts.examples)),
        ("settings", "Settings and versions", _settings(facts)),
    ]
    shown = [(name, title, body) for name, title, body in parts if body]
    frame = Template(files("lemma_hf.pipeline.run").joinpath("report.html").read_text("utf-8"))
    return frame.substitute(
        title=_safe(facts.title),
        outcome=_safe(facts.outcome),
        when=_when(facts),
        weaknesses=f"<p><b>{_safe(line)}</b></p>" if (line := weakness_line(facts.weaknesses)) else "",
        command=f"<pre><code>{_safe(facts.command)}</code></pre>" if facts.command else "",
        figures=_figures(facts),
        contents="".join(f'<li><a href="#{name}">{title}</a></li>' for name, title, _ in shown),
        sections="\n".join(
            f'<section id="{name}">\n<h2>{title}</h2>\n{body}\n</section>' for name, title, body in shown
        ),
    )


def _table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], foot: Sequence[str] = ()) -> str:
    """A table that scrolls where it is too wide; the first cell of each row is its heading.

    Args:
        caption: already safe, as are all cells.
    """
    columns = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join(_row(row) for row in rows)
    last = f"<tfoot>{_row(foot)}</tfoot>" if foot else ""
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{caption}"><table><caption>{caption}</caption>'
        f"<thead><tr>{columns}</tr></thead><tbody>{body}</tbody>{last}</table></div>"
    )


def _row(cells: Sequence[str]) -> str:
    first, *others = cells
    return f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in others)}</tr>'


def _bar(parts: Iterable[tuple[str, float]]) -> str:
    """A bar of parts, each with a class and a share of the whole width; its figures stand next to it as text."""
    drawn, start = "", 0.0
    for name, share in parts:
        drawn += f'<rect class="{name}" x="{100 * start:.3f}%" width="{100 * share:.3f}%" height="100%"/>'
        start += share
    return f'<svg class="bar" aria-hidden="true" focusable="false">{drawn}</svg>'


def _when(facts: Facts) -> str:
    said = [facts.began, f"took {_duration(facts.seconds)}" if facts.seconds else ""]
    return _safe(", ".join(part for part in said if part))


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def _figures(facts: Facts) -> str:
    """The figures that people look for first."""
    lost = sum(loss.count for loss in facts.losses)
    found = [("trajectories kept", f"{facts.kept:,}"), ("items dropped on the way", f"{lost:,}")]
    if facts.costs:
        new, stored = sum(cost.new for cost in facts.costs), sum(cost.from_store for cost in facts.costs)
        found += [("new replies", f"{new:,}"), ("replies from the store", f"{stored:,}")]
        found += [("spent", f"${facts.usd:,.2f}"), ("saved by the store", f"${facts.usd_saved:,.2f}")]
    return "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in found)


def _funnel(counts: Sequence[StageCount]) -> str:
    if not counts:
        return ""
    widest = max(1, *(count.entered * count.fan_out for count in counts))
    bars = "".join(_stage_bar(count, widest) for count in counts)
    rows = [
        [
            _safe(count.stage),
            f"{count.entered:,}",
            f"×{count.fan_out}",
            f"{count.left:,}",
            f"{sum(count.dropped.values()):,}",
            _reasons(count.dropped),
        ]
        for count in counts
    ]
    head = ("stage", "in", "fan-out", "out", "dropped", "reasons")
    return (
        '<figure><ul class="bars">' + bars + "</ul><figcaption>"
        '<span class="key kept"></span>went on <span class="key lost"></span>was dropped. '
        "The length of a bar is in × fan-out, so stages that multiply items are longer.</figcaption></figure>"
        + _table("Every item of every stage: in × fan-out = out + dropped", head, rows)
    )


def _stage_bar(count: StageCount, widest: int) -> str:
    due = count.entered * count.fan_out
    lost = due - count.left
    share = f" ({count.left / due:.1%})" if due else ""
    times = f" × {count.fan_out}" if count.fan_out != 1 else ""
    says = f"{count.entered:,}{times} → {count.left:,}{share}"
    bar = _bar([("kept", count.left / widest), ("lost", lost / widest)])
    return f'<li><div class="says"><b>{_safe(count.stage)}</b> <span>{says}</span></div>{bar}</li>'


def _reasons(dropped: Mapping[str, int]) -> str:
    return ", ".join(f"{_words(reason)} {number:,}" for reason, number in dropped.items()) or "–"


def _words(name: str) -> str:
    """A name such as `call_failed` in words."""
    return _safe(name.replace("_", " "))


def _losses(losses: Sequence[Loss], unreadable: int) -> str:
    if not losses:
        return ""
    blocks = "".join(
        f"<h3>{_safe(loss.stage)}: {_words(loss.reason)} <span class='count'>{loss.count:,}</span></h3>"
        + (_rejects(loss) or '<p class="quiet">No example is at hand.</p>')
        for loss in losses
    )
    torn = f"<p>{unreadable:,} lines of the file of rejects cannot be read.</p>" if unreadable else ""
    return torn + blocks


def _rejects(loss: Loss) -> str:
    items = "".join(
        f"<li><code>{_safe(item.id)}</code>{f'<br>{_safe(item.detail)}' if item.detail else ''}</li>"
        for item in loss.examples
    )
    return f'<ul class="rejects">{items}</ul>' if items else ""


def _errors(facts: Facts) -> str:
    series = {name: counts for name, counts in facts.error_types.items() if counts}
    if not series:
        return ""
    crossed = [
        ("Errors of the rows kept, by source", "source", facts.by_source),
        ("Errors of the rows kept, by strategy", "strategy", facts.by_strategy),
        ("Errors of the rows kept, by who made them", "origin", facts.by_origin),
    ]
    tables = "".join(_cross(caption, corner, counts) for caption, corner, counts in crossed if counts)
    return _distribution(series) + tables


def _distribution(series: Mapping[str, Mapping[str, int]]) -> str:
    totals = {name: max(1, sum(counts.values())) for name, counts in series.items()}
    types = _columns(series.values())
    longest = max(counts.get(type_, 0) / totals[name] for name, counts in series.items() for type_ in types) or 1
    blocks = ""
    for type_ in types:
        lines = "".join(
            f"<li><span>{name}</span>{_bar([(name, counts.get(type_, 0) / totals[name] / longest)])}"
            f"<span>{counts.get(type_, 0) / totals[name]:.1%} <small>({counts.get(type_, 0):,})</small></span></li>"
            for name, counts in series.items()
        )
        blocks += f'<li><b>{_words(type_)}</b><ul class="lines">{lines}</ul></li>'
    keys = " ".join(f'<span class="key {name}"></span>{name}: {_SERIES[name]}.' for name in series)
    return (
        f'<figure><ul class="bars">{blocks}</ul><figcaption>Share of each error type within each group, and how many. '
        f"{keys}</figcaption></figure>"
    )


def _turns(turns: Mapping[str, int]) -> str:
    """A bar for each number of turns: 0 of a right solution, 1 of the paper's method, more where more was put right."""
    if not turns:
        return ""
    total, most = sum(turns.values()), max(turns.values())
    bars = "".join(
        f'<li><div class="says"><b>{_safe(number)}</b> <span>{count:,} ({count / total:.1%})</span></div>'
        f"{_bar([('kept', count / most)])}</li>"
        for number, count in turns.items()
    )
    mean = sum(int(number) * count for number, count in turns.items()) / total
    return (
        f'<figure><ul class="bars">{bars}</ul><figcaption>Rows kept by their number of turns, each of which puts one '
        f"mistake right; {mean:.2f} on average.</figcaption></figure>"
    )


def _cross(caption: str, corner: str, counts: Mapping[str, Mapping[str, int]]) -> str:
    types = _columns(counts.values())
    shown = dict(list(counts.items())[:_MOST_ROWS])
    rows = [
        [_words(name), *(f"{row.get(type_, 0):,}" for type_ in types), f"{sum(row.values()):,}"]
        for name, row in shown.items()
    ]
    if others := len(counts) - len(shown):
        caption += f" (the {_MOST_ROWS} largest; {others:,} more are in the JSON file)"
    sums = [sum(row.get(type_, 0) for row in counts.values()) for type_ in types]
    foot = ["all", *(f"{number:,}" for number in sums), f"{sum(sums):,}"]
    return _table(caption, [corner, *map(_words, types), "all"], rows, foot)


def _columns(rows: Iterable[Mapping[str, int]]) -> list[str]:
    """All error types that occur, the most frequent first."""
    totals: dict[str, int] = {}
    for row in rows:
        for type_, number in row.items():
            totals[type_] = totals.get(type_, 0) + number
    return sorted(totals, key=lambda type_: (-totals[type_], type_))


def _costs(costs: Sequence[Usage]) -> str:
    if not costs:
        return ""
    head = (
        "stage",
        "model",
        "requests",
        "from the store",
        "new",
        "calls",
        "refused",
        "prompt tokens",
        "completion tokens",
        "USD",
        "USD saved",
    )
    refused: dict[str, int] = {}
    for cost in costs:
        for reason, number in cost.refused.items():
            refused[reason] = refused.get(reason, 0) + number
    foot = [
        "all",
        "",
        f"{sum(cost.requests for cost in costs):,}",
        f"{sum(cost.from_store for cost in costs):,}",
        f"{sum(cost.new for cost in costs):,}",
        _calls(sum(cost.calls for cost in costs), sum(cost.new for cost in costs)),
        _reasons(refused),
        f"{sum(cost.prompt_tokens for cost in costs):,}",
        f"{sum(cost.completion_tokens for cost in costs):,}",
        f"{sum(cost.usd for cost in costs):,.2f}",
        f"{sum(cost.usd_saved for cost in costs):,.2f}",
    ]
    note = (
        '<p class="quiet">Requests are those that were needed, one for each item; new are the replies that came in '
        "this run and are stored; calls are those that were made, with those that failed and were made again. Tokens "
        "and USD are those of the new replies. Saved is what the replies from the store would have cost.</p>"
    )
    if not any(cost.usd or cost.usd_saved for cost in costs):
        note += '<p class="quiet">No prices were given, so all costs are shown as 0.</p>'
    return _table("Requests, tokens and cost by stage and model", head, map(_cost_row, costs), foot) + note


def _calls(number: int, new: int) -> str:
    """The number of calls; no figure where replies came without it, since workers elsewhere made the calls."""
    return f"{number:,}" if number or not new else "–"


def _cost_row(cost: Usage) -> list[str]:
    return [
        _safe(cost.stage),
        _safe(cost.model),
        f"{cost.requests:,}",
        f"{cost.from_store:,}",
        f"{cost.new:,}",
        _calls(cost.calls, cost.new),
        _reasons(cost.refused),
        f"{cost.prompt_tokens:,}",
        f"{cost.completion_tokens:,}",
        f"{cost.usd:,.2f}",
        f"{cost.usd_saved:,.2f}",
    ]


def _examples(examples: Sequence[FunnelExample]) -> str:
    return "".join(_one_example(example) for example in examples)


def _one_example(example: FunnelExample) -> str:
    labels = [("source", _safe(example.source)), ("answer", _safe(example.reference_answer))]
    for error in example.errors:
        labels.append(
            (f"error in step {error.step}", ", ".join(map(_words, (error.type, error.strategy, error.origin))))
        )
    said = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in labels)
    spans = "".join(
        f'<div class="span {_safe(kind)}"><span class="kind">{_safe(kind)}</span><div>{_safe(text)}</div></div>'
        for kind, text in example.spans
    )
    return (
        f"<article><h3><code>{_safe(example.id)}</code></h3><dl>{said}</dl>"
        f"<blockquote>{_safe(example.question)}</blockquote>{spans}</article>"
    )


def _settings(facts: Facts) -> str:
    found = ""
    if facts.settings:
        rows = [[f"<code>{_safe(name)}</code>", _value(value)] for name, value in facts.settings.items()]
        found += _table("Settings", ("setting", "value"), rows)
    if facts.versions:
        rows = [[_safe(name), _safe(value)] for name, value in facts.versions.items()]
        found += _table("Versions", ("of", "version"), rows)
    return found


def _value(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"<code>{_safe(shorten(text, MAX_TEXT))}</code>" if text else '<span class="quiet">empty</span>'
