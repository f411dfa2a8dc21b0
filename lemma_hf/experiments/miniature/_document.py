"""Page of the experiment: Markdown in which every number comes from the figures, and a part by hand.

What stands between `<!-- discussion -->` and `<!-- /discussion -->` is written by a person, and kept when the page is
written again.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

from lemma_hf.errors import DataError
from lemma_hf.experiments.miniature import _tables as tables
from lemma_hf.experiments.miniature._arms import ARMS, STUDENT
from lemma_hf.experiments.miniature._over_seeds import SeedResults, write_file
from lemma_hf.experiments.miniature._pictures import draw_pictures
from lemma_hf.experiments.miniature._settings import MiniatureSettings
from lemma_hf.utils.files import write_text
from lemma_hf.world.sums import NUMBERS, SUMS, read_chain_step

NAME, TITLE = "miniature", "Does it work? The miniature"
"""The name of the page and of the folder next to it with the pictures and the figures, and its heading."""
_CAPTIONS = {
    "tokens.png": "Accuracy against the tokens that were spent on it, means over seeds with 95 % intervals.",
    "weights.png": "What the weights do: difference to LEMMA with all weights 1; ticks are seeds.",
    "confusion.png": "Steps as they were first written, against what stood in the end, all seeds together.",
    "share.png": "Accuracy by the share of training problems whose row has a mistake.",
    "steps.png": "Accuracy by the number of steps; right of the dotted line no arm was trained.",
}
_DISCUSSION = re.compile(r"^<!-- discussion -->\n(.*?)^<!-- /discussion -->$", re.DOTALL | re.MULTILINE)
"""The part by hand: the text between a line `<!-- discussion -->` and a line `<!-- /discussion -->`."""


def write_document(results: SeedResults, folder: Path, name: str = NAME, title: str = TITLE) -> Path:
    """Write the page, its pictures and the figures that it is made of.

    Args:
        folder: gets `NAME.md` and `NAME/`.
        name: of the page.
        title: its heading.

    Returns:
        The page.

    Raises:
        DataError: if a page is there whose part by hand cannot be found: it would be lost.
    """
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / f"{name}.md"
    discussion = _by_hand(page)
    pictures = draw_pictures(results, folder / name)
    (folder / name).mkdir(exist_ok=True)
    write_file(results, folder / name / "figures.json")
    head = (f"# {title}", _introduction(results, _again(name, title)))
    sections = _sections(results, discussion, {each: f"{name}/{each}" for each in pictures})
    write_text(page, "\n\n".join((*head, *sections)) + "\n")  # whole, so that no full disk takes the discussion along
    return page


def _by_hand(page: Path) -> str:
    """The discussion in the page, written by a person; empty where there is no page yet."""
    if not page.is_file():
        return ""
    found = _DISCUSSION.findall(page.read_text("utf-8"))
    if len(found) != 1:
        raise DataError(
            f"{page}: need one line <!-- discussion --> and one line <!-- /discussion --> behind it, found "
            f"{len(found)} such pairs. What stands between them is kept; mend them, or move the page away"
        )
    return str(found[0])


def summary(results: SeedResults) -> str:
    """The arms as a table for the terminal."""
    rows: list[tuple[str, ...]] = [("", "accuracy [95 % interval]", "tokens", "turns", "repaired", "broken", "missed")]
    for name in results.arms:
        turns, tokens = results.turns(name), results.over(name, tables.mean_tokens).mean
        counts = (turns.reflections, turns.wrong_to_right, turns.right_to_wrong, turns.missed)
        rows.append(
            (ARMS[name].title, tables.share(results.accuracy(name)), f"{tokens:.0f}", *(f"{n:,}" for n in counts))
        )
    wide = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        row[0].ljust(wide[0]) + "".join("  " + cell.rjust(w) for cell, w in zip(row[1:], wide[1:], strict=True))
        for row in rows
    )


def example(results: SeedResults) -> str:
    """One mistake that was caught, with a line for each step; empty where no arm caught one."""
    for name in ("lemma", *results.arms):
        for run in results.of(name):
            if run["example"]:
                steps = "\n".join(f"    {line}" for line in _annotated(run["example"]["output"]))
                return f"{ARMS[name].title}, seed {run['seed']}:  {run['example']['question']}:\n{steps}"
    return ""


def _annotated(solution: str) -> Iterator[str]:
    """A solution with a line for each step, and a remark where the arithmetic is wrong or the step was done again.

    Example:
        >>> for line in _annotated("100+11=112;!100+11=111;####111"):
        ...     print(line)
        100+11=112;   <- wrong
        !100+11=111;   <- done again: right
        ####111
    """
    for piece in SUMS.split(solution):
        again, step = piece.startswith(("!", "?")), read_chain_step(piece)
        right = step is not None and step.operation(step.value) == step.result
        word = ("right" if right else "wrong") if step else ""
        said = f"done again: {word}" if again and word else "wrong" if word == "wrong" else ""
        yield f"{piece}   <- {said}" if said else piece


def command_of(results: SeedResults) -> str:
    """The command that repeats the experiment: settings that differ from the defaults, except folders and devices."""
    usual = asdict(MiniatureSettings())
    wanted = {"seeds": results.seeds} | {k: v for k, v in results.settings.items() if k in usual}
    if len(results.arms) < len(ARMS):
        wanted["arms"] = results.arms
    changed = {name: value for name, value in wanted.items() if value != usual[name]}
    options = [f"--{name} {' '.join(map(str, v)) if isinstance(v, list) else v}" for name, v in changed.items()]
    if results.made_with["Device"] == "cuda":
        options.append("--device cuda")
    return " ".join(["python recipes/miniature.py", *options])


def _again(name: str, title: str) -> str:
    """The command that writes the page again from its figures."""
    options = "" if name == NAME else f" --report_name {name}"
    options += "" if title == TITLE else f' --report_title "{title}"'
    figures = f"docs/results/{name}/figures.json"
    return f"python recipes/miniature.py --figures {figures} --report_dir docs/results{options}"


def _sections(results: SeedResults, discussion: str, pictures: Mapping[str, str]) -> Iterator[str]:
    yield f"## What it says\n\n<!-- discussion -->\n{discussion}<!-- /discussion -->"
    yield "## The arms\n\n" + "\n".join(tables.arms(results))
    yield _picture("tokens.png", pictures)
    yield "## One against the other\n\n" + "\n".join(tables.comparisons(results))
    yield _picture("weights.png", pictures)
    yield "## Steps\n\n" + "\n".join(tables.turns(results))
    yield _picture("confusion.png", pictures)
    yield "## By the number of steps, and out of distribution\n\n" + "\n".join(tables.parts(results))
    yield _picture("steps.png", pictures)
    yield "## What was trained on\n\n" + "\n".join(tables.rows(results))
    if further := "\n".join(tables.further_trainings(results)):
        yield further
    yield _picture("share.png", pictures)
    yield "## How sure each kind of span is\n\n" + "\n".join(tables.losses(results))
    yield f"## One mistake that was caught\n\n```\n{example(results) or 'none'}\n```"


def _introduction(results: SeedResults, again: str) -> str:
    made = results.settings
    seeds, total = results.seeds, results.any_run["held_out"]["accuracy"]["total"]
    single = [ARMS[name].title for name in results.arms if len(results.runs[name]) == 1]
    missing = [f"{ARMS[n].title} {s}" for n in results.arms for s in seeds if s not in results.runs[n]]
    missing += [f"{arm.title} (all seeds)" for name, arm in ARMS.items() if name not in results.runs]
    lines = [
        f"A Llama of {made['layers']} layers and width {made['width']} reads right solutions of made-up sums "
        f"(numbers from {made.get('smallest', NUMBERS.start)} to {made['largest']}) for "
        f"{made['reading_updates']:,} updates of {made['reading_blocks'] * made['block']:,} tokens. Asked to show its "
        "work (`>`) it multiplies long-hand; asked to answer in its head (`:`) it guesses. What it writes in its head "
        f"for {made['problems']:,} problems goes through `lemma_hf.pipeline`, with the world's oracle as the teacher; "
        f"each arm begins with this student and takes {made['training_updates']:,} updates of "
        f"{made['training_blocks'] * made['block']:,} tokens with `LemmaSFTTrainer`; then it solves {total:,} problems "
        f"that no training saw, asked with `:`, greedily.{_further(results)}",
        "",
        f"- **Seeds**: {', '.join(map(str, seeds))}. Each has its own student, sampling and trainings; the problems "
        "are the same. Intervals are Student's t at 95 % over seeds"
        + (f"; Wilson's over problems where there is one seed: {', '.join(single)}." if single else "."),
        f"- **Command**: `{command_of(results)}`, and this page again from its figures, without any training: "
        f"`{again}`.",
        *(f"- **{name}**: {value}" for name, value in results.made_with.items()),
    ]
    if missing:
        lines.append(f"- **Missing**: {', '.join(missing)}.")
    return "\n".join(lines)


def _further(results: SeedResults) -> str:
    """A sentence on the arms that begin with another arm's model; empty where there are none."""
    made, methods = results.settings, {ARMS[name].method for name in results.arms if ARMS[name].start != STUDENT}
    said = {
        "sft": f"{made['training_updates']:,} updates more of the same size",
        "dpo": f"{made.get('pairs_updates')} updates of {made.get('pairs')} pairs of steps with TRL's `DPOTrainer`",
        "grpo": f"{made.get('reward_updates')} updates of {made.get('reward_samples')} own answers with TRL's "
        "`GRPOTrainer` and `accuracy_reward`",
    }
    parts = [text for method, text in said.items() if method in methods]
    return f" Arms that begin with another arm's model take from there {', or '.join(parts)}." if parts else ""


def _picture(name: str, pictures: Mapping[str, str]) -> str:
    caption = _CAPTIONS[name]
    return f"![{caption}]({pictures[name]})\n\n*{caption}*" if name in pictures else f"*(No picture: {caption})*"
