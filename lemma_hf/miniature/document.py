"""How does the experiment read? A Markdown page in which every number comes from the figures, and a part by hand.

What stands between `<!-- discussion -->` and `<!-- /discussion -->` is written by a person, and kept when the page is
written again.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lemma_hf.miniature.arms import ARMS
from lemma_hf.miniature.over_seeds import Over, Results, write_file
from lemma_hf.miniature.pictures import draw_all
from lemma_hf.miniature.settings import MiniatureSettings
from lemma_hf.records import SpanKind
from lemma_hf.world.sums import SUMS

PAGE, BESIDE = "miniature.md", "miniature"
"""The page, and the folder beside it with the pictures and the figures."""
COMPARISONS = (
    *(("sft", "lemma"), ("rft", "lemma"), ("careful", "lemma"), ("sft", "rft"), ("sft", "careful")),
    *(("lemma", "lemma_e03"), ("lemma", "lemma_e0"), ("lemma", "lemma_result_e0"), ("lemma", "lemma_r2")),
    *(("lemma", "lemma_r4"), ("both", "lemma"), ("both", "injected"), ("both", "uncut"), ("both", "fix")),
    *(("both", "restart"), ("lemma", "share_10"), ("lemma", "share_30"), ("lemma", "share_60")),
)
"""Pairs of which the second differs from the first in the one thing that is asked about."""
_CAPTIONS = {
    "tokens.png": "Accuracy against the tokens that were spent on it, means over seeds with 95 % intervals.",
    "weights.png": "What the weights do: difference to LEMMA with all weights 1; ticks are seeds.",
    "confusion.png": "Steps as they were first written, against what stood in the end, all seeds together.",
    "share.png": "Accuracy by the share of training problems whose row has a mistake.",
    "steps.png": "Accuracy by the number of steps; right of the dotted line no arm was trained.",
}
_DISCUSSION = re.compile(r"<!-- discussion -->\n(.*?)<!-- /discussion -->", re.DOTALL)


def write_report(results: Results, folder: Path) -> Path:
    """Write the page, its pictures and the figures that it is made of.

    Args:
        folder: gets `miniature.md` and `miniature/`.

    Returns:
        The page.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pictures = draw_all(results, folder / BESIDE)
    (folder / BESIDE).mkdir(exist_ok=True)
    write_file(results, folder / BESIDE / "figures.json")
    page = folder / PAGE
    before = _DISCUSSION.search(page.read_text("utf-8")) if page.is_file() else None
    sections = _sections(results, pictures, before[1] if before else "")
    page.write_text("\n\n".join(sections) + "\n", "utf-8")
    return page


def summary(results: Results) -> str:
    """The arms as a table for the terminal."""
    rows: list[tuple[str, ...]] = [("", "accuracy [95 % interval]", "tokens", "turns", "repaired", "broken", "missed")]
    for name in results.arms:
        turns, tokens = results.turns(name), results.over(name, _tokens).mean
        counts = (turns.reflections, turns.wrong_to_right, turns.right_to_wrong, turns.missed)
        rows.append((ARMS[name].title, share(results.accuracy(name)), f"{tokens:.0f}", *(f"{n:,}" for n in counts)))
    wide = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        row[0].ljust(wide[0]) + "".join("  " + cell.rjust(w) for cell, w in zip(row[1:], wide[1:], strict=True))
        for row in rows
    )


def example(results: Results) -> str:
    """One mistake that was caught, a line a step; empty where no arm caught one."""
    for name in ("lemma", *results.arms):
        for run in results.of(name) if name in results.runs else ():
            if run["example"]:
                steps = "\n".join(f"    {step}" for step in SUMS.split(run["example"]["output"]))
                return f"{ARMS[name].title}, seed {run['seed']}:  {run['example']['question']}:\n{steps}"
    return ""


def command_of(results: Results) -> str:
    """The command that makes all of it again: what differs from the defaults, and nothing of where it was run."""
    usual = asdict(MiniatureSettings())
    wanted = {"seeds": results.seeds} | {k: v for k, v in results.settings.items() if k in usual}
    if len(results.arms) < len(ARMS):
        wanted["arms"] = results.arms
    changed = {name: value for name, value in wanted.items() if value != usual[name]}
    options = [f"--{name} {' '.join(map(str, v)) if isinstance(v, list) else v}" for name, v in changed.items()]
    return " ".join(["python recipes/miniature.py", *options])


def share(over: Over) -> str:
    """`60.0 % [58.1, 61.9]`, or the mean alone where nothing is known about its interval."""
    ends = f" [{100 * over.low:.1f}, {100 * over.high:.1f}]" if over.low > -1e9 else ""
    return f"{100 * over.mean:.1f} %{ends}"


def points(over: Over) -> str:
    """`+4.2 [+1.0, +7.4]`, a difference in points."""
    ends = f" [{100 * over.low:+.1f}, {100 * over.high:+.1f}]" if over.low > -1e9 else ""
    return f"{100 * over.mean:+.1f}{ends}"


def _sections(results: Results, pictures: Sequence[str], discussion: str) -> Iterator[str]:
    yield "# Does it work? The miniature"
    yield _introduction(results)
    yield f"## What it says\n\n<!-- discussion -->\n{discussion}<!-- /discussion -->"
    yield "## The arms\n\n" + "\n".join(_arms(results))
    yield _picture("tokens.png", pictures)
    yield "## One against the other\n\n" + "\n".join(_comparisons(results))
    yield _picture("weights.png", pictures)
    yield "## Steps\n\n" + "\n".join(_turns(results))
    yield _picture("confusion.png", pictures)
    yield "## By the number of steps, and out of distribution\n\n" + "\n".join(_parts(results))
    yield _picture("steps.png", pictures)
    yield "## What was trained on\n\n" + "\n".join(_rows(results))
    yield _picture("share.png", pictures)
    yield "## How sure each kind of span is\n\n" + "\n".join(_losses(results))
    yield f"## One mistake that was caught\n\n```\n{example(results) or 'none'}\n```"


def _introduction(results: Results) -> str:
    made = results.settings
    seeds, total = results.seeds, results.any_run["held_out"]["accuracy"]["total"]
    missing = [f"{ARMS[n].title} {s}" for n in results.arms for s in seeds if s not in results.runs[n]]
    missing += [f"{arm.title} (all seeds)" for name, arm in ARMS.items() if name not in results.runs]
    lines = [
        f"A Llama of {made['layers']} layers and width {made['width']} reads right solutions of made-up sums for "
        f"{made['reading_updates']:,} updates of {made['reading_blocks'] * made['block']:,} tokens. Asked to show its "
        "work (`>`) it multiplies long-hand; asked to answer in its head (`:`) it guesses. What it writes in its head "
        f"for {made['problems']:,} problems goes through `lemma_hf.pipeline`, with the world's oracle as the teacher; "
        f"each arm begins with this student and takes {made['training_updates']:,} updates of "
        f"{made['training_blocks'] * made['block']:,} tokens with `LemmaSFTTrainer`; then it solves {total:,} problems "
        "that nobody trained on, asked with `:`, greedily.",
        "",
        f"- **Seeds**: {', '.join(map(str, seeds))}. Each has its own student, sampling and trainings; the problems "
        "are the same. Intervals are Student's t at 95 % over seeds"
        + (" (Wilson's over problems, since there is one seed)." if len(seeds) == 1 else "."),
        f"- **Command**: `{command_of(results)}`, and this page again from its figures, without any training: "
        f"`python recipes/miniature.py --figures docs/{BESIDE}/figures.json --report_dir docs`.",
        *(f"- **{name}**: {value}" for name, value in results.facts.items()),
    ]
    if missing:
        lines.append(f"- **Missing**: {', '.join(missing)}.")
    return "\n".join(lines)


def _arms(results: Results) -> Iterator[str]:
    yield "| arm | what it learns from | accuracy | tokens a problem | problems with a turn |"
    yield "|---|---|--:|--:|--:|"
    for name in results.arms:
        tokens, turned = results.over(name, _tokens).mean, results.over(name, _turned).mean
        accuracy = share(results.accuracy(name))
        yield f"| {ARMS[name].title} | {ARMS[name].about} | {accuracy} | {tokens:.0f} | {100 * turned:.0f} % |"
        if vote := results.vote(name):
            over, spent, samples = vote
            about = f"| {ARMS[name].title}, votes | Majority of {samples} samples at temperature 0.7. "
            yield f"{about}| {share(over)} | {spent:.0f} | |"


def _comparisons(results: Results) -> Iterator[str]:
    yield "Difference in accuracy, in points, on the same problems and seeds. The last columns count the seeds in which"
    yield "McNemar's exact test says p < 0.05; nothing is corrected for the number of comparisons."
    yield ""
    yield "| first | second | second − first | second better | second worse |"
    yield "|---|---|--:|--:|--:|"
    for first, second in COMPARISONS:
        found = results.difference(first, second)
        if found:
            titles = f"| {ARMS[first].title} | {ARMS[second].title} "
            yield f"{titles}| {points(found.accuracy)} | {found.better} | {found.worse} |"


def _turns(results: Results) -> Iterator[str]:
    yield "All seeds together. *Precision*: of the turns, those behind something wrong. *Recall*: of the wrong steps,"
    yield "those that were turned on. *Missed*: wrong steps that were not."
    yield ""
    changes = ("wrong → right", "wrong → wrong", "right → right", "right → wrong")
    yield from _heads(("turns", "precision", "recall", *changes, "missed"))
    for name in results.arms:
        t = results.turns(name)
        precision, recall = _ratio(t.caught, t.reflections), _ratio(t.caught, t.caught + t.missed)
        cells = (t.wrong_to_right, t.wrong_to_wrong, t.right_to_right, t.right_to_wrong, t.missed)
        counts = " | ".join(f"{cell:,}" for cell in cells)
        yield f"| {ARMS[name].title} | {t.reflections:,} | {precision} | {recall} | {counts} |"


def _parts(results: Results) -> Iterator[str]:
    known, longer = results.any_run["held_out"]["by_steps"], results.any_run["longer"]["by_steps"]
    largest = results.settings["largest"]
    yield f"*{', '.join(map(_steps, longer))}*: the student read such solutions, but no arm was trained on any."
    yield f"*Larger*: numbers above {largest}, which nobody ever read."
    yield ""
    yield from _heads([*(_steps(steps) for steps in (*known, *longer)), "larger"])
    for name in results.arms:
        overs = [results.accuracy(name, "held_out", steps) for steps in known]
        overs += [results.accuracy(name, "longer", steps) for steps in longer] + [results.accuracy(name, "larger")]
        yield f"| {ARMS[name].title} | {' | '.join(map(share, overs))} |"


def _rows(results: Results) -> Iterator[str]:
    yield "Means over seeds. *Passes*: how often a row is seen, since all arms take the same number of tokens."
    yield ""
    yield from _heads(("rows", "with a mistake", "mistakes", "tokens", "passes", "seconds"))
    for name in results.arms:
        if not ARMS[name].trained:
            continue
        mean = {key: _mean(results, name, "rows", key) for key in ("rows", "with_error", "errors", "tokens")}
        seen, seconds = (_mean(results, name, "training", key) for key in ("tokens", "seconds"))
        counts = f"{mean['rows']:,.0f} | {mean['with_error']:,.0f} | {mean['errors']:,.0f} | {mean['tokens']:,.0f}"
        yield f"| {ARMS[name].title} | {counts} | {seen / mean['tokens']:.1f} | {seconds:.0f} |"


def _losses(results: Results) -> Iterator[str]:
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


def _heads(columns: Sequence[str]) -> Iterator[str]:
    """The head of a table of numbers by arm."""
    yield f"| arm | {' | '.join(columns)} |"
    yield "|---|" + "--:|" * len(columns)


def _loss(results: Results, arm: str, kind: str) -> str:
    """A dash where a seed's trajectories have no span of that kind."""
    known = all(kind in run["nll"] for run in results.of(arm))
    return f"{_mean(results, arm, 'nll', kind):.3f}" if known else "–"


def _mean(results: Results, arm: str, group: str, key: str) -> float:
    return results.over(arm, lambda run: float(run[group][key])).mean


def _tokens(run: Mapping[str, Any]) -> float:
    return float(run["held_out"]["tokens"])


def _turned(run: Mapping[str, Any]) -> float:
    return float(run["held_out"]["reflected"]["value"])


def _ratio(count: int, total: int) -> str:
    return f"{100 * count / total:.1f} %" if total else "–"


def _picture(name: str, pictures: Sequence[str]) -> str:
    caption = _CAPTIONS[name]
    return f"![{caption}]({BESIDE}/{name})\n\n*{caption}*" if name in pictures else f"*(No picture: {caption})*"
