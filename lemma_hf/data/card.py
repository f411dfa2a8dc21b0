"""The README of a data folder: for `datasets` where its files are, for people what is in them."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lemma_hf.records import SpanKind, Trajectory
from lemma_hf.utils.citation import BIBTEX
from lemma_hf.utils.markdown import markdown_table

_NUMBER = re.compile(r"[\d,.]+%?")  # "1,234"  "12.5%"  a column of these is set to the right
_MARKUP = {ord(sign): f"&#{ord(sign)};" for sign in "&<|[\\"}
"""Signs with which a text could end its cell, or bring HTML, a link or a picture."""
DATASET_TAG = "lemma-hf"
"""In the card's tags; a folder whose README has it is one of ours, and may be replaced."""


@dataclass(frozen=True, slots=True)
class Card:
    """What the maker of a folder knows about it, as far as the rows do not say it themselves."""

    title: str = "LEMMA trajectories"
    about: str = ""
    """A paragraph on where the problems and the mistakes come from."""
    license: str = "apache-2.0"
    """An identifier of the Hub's list."""
    command: str = ""
    """The command that makes the folder again."""
    made_by: Mapping[str, str] = field(default_factory=dict)
    """Who and what made the rows, such as `{"student": "Qwen2.5-0.5B", "teacher": "reference"}`."""
    funnel: Sequence[Mapping[str, Any]] = ()
    """What became of the items, stage by stage, as `funnel.json` has it: stage, entered, left, dropped by reason."""
    licenses: Mapping[str, str] = field(default_factory=dict)
    """Of the sources, by their names in the rows."""
    limits: Sequence[str] = ()
    """Known limits of these rows, in addition to those of the format."""
    language: str = "en"


def card_text(
    card: Card,
    configs: Sequence[Mapping[str, Any]],
    infos: Sequence[Mapping[str, Any]],
    splits: Mapping[str, Sequence[Trajectory]],
) -> str:
    """The README: YAML for the Hub and `datasets`, then the card.

    Args:
        configs: the `configs:` block.
        infos: the `dataset_info:` block.
        splits: the trajectories, for counting.
    """
    import yaml

    head = {
        "license": card.license,
        "language": [card.language],
        "pretty_name": card.title,
        "task_categories": ["text-generation"],
        "tags": [DATASET_TAG, "math", "self-correction", "sft"],
        "size_categories": [_size(sum(map(len, splits.values())))],
        "configs": list(configs),
        "dataset_info": list(infos),
    }
    body = [
        f"# {card.title}\n\n{card.about}",
        _contents(infos, splits),
        _sources(card, splits),
        _FORMAT,
        _loading(configs),
        _TRAINING,
        _made(card),
        _limits(card),
        _CITATION,
    ]
    # 120: PyYAML would break titles at 80
    front = yaml.safe_dump(head, sort_keys=False, allow_unicode=True, width=120)
    return f"---\n{front}---\n\n" + "\n\n".join(part for part in body if part) + "\n"


_FORMAT = """## What a row is

A solution that goes wrong, notices, and puts itself right, with its parts marked. After LEMMA (arXiv 2503.17439).

| column | content |
|---|---|
| `id`, `problem_id` | the row's, and the problem's |
| `problem`, `reference_answer` | the question, and the answer it should get |
| `reference_solution` | a worked solution, empty where none is known |
| `prompt_style` | the name of the way of asking |
| `prompt`, `completion` | what goes into the model, and what it is to write |
| `span_kinds` | the parts of `completion` in order: `reasoning`, `error`, `reflection`, `correction` |
| `span_ends` | where each part ends, in characters of `completion` |
| `error_types`, `error_steps` | for each error its kind, and which step it is, counted from 1 |
| `error_strategies` | for each error `fix_and_continue` or `fresh_and_restart` |
| `error_origins` | for each error who made it: a `student`, or it was `injected` |
| `error_starts` | for each error where in `completion` the mistake itself begins; null: not known, the whole step |
| `source` | where the problem comes from |

A label that is not known is null."""

PLACEHOLDER = "PATH_OR_HUB_NAME"
"""In the card's snippets, until the folder has a name on the Hub."""

_TRAINING = f"""## Training

The rows have `prompt` and `completion`, so any SFT trainer takes them as they are:

```python
from datasets import load_dataset
from trl import SFTConfig, SFTTrainer

rows = load_dataset("{PLACEHOLDER}", split="train")
trainer = SFTTrainer("Qwen/Qwen2.5-0.5B", SFTConfig("sft", max_length=1024), train_dataset=rows)
trainer.train()
```

One that knows the spans can leave the loss off the wrong steps, or give reflections more weight:

```python
from datasets import load_dataset
from lemma_hf import LemmaSFTConfig, LemmaSFTTrainer

rows = load_dataset("{PLACEHOLDER}", split="train")
config = LemmaSFTConfig("lemma", error_weight=0.0, reflection_weight=2.0, max_length=1024)
trainer = LemmaSFTTrainer("Qwen/Qwen2.5-0.5B", config, train_dataset=rows)
trainer.train()
```"""

_CITATION = f"## Citation\n\nThe method:\n\n```bibtex\n{BIBTEX}\n```"

_LIMITS = (
    "Only the first wrong step of each attempt is kept; what would have followed from it is cut off.",
    "Span ends count characters, not bytes and not tokens.",
)


def _contents(infos: Sequence[Mapping[str, Any]], splits: Mapping[str, Sequence[Trajectory]]) -> str:
    rows = [
        [info["config_name"], *(f"{_examples(info, split):,}" for split in splits)]
        for info in sorted(infos, key=lambda info: info["config_name"] != "default")
    ]
    everything = _all(splits)
    errors = [error for item in everything for error in item.errors]
    types = Counter(str(error.type or "not given") for error in errors)
    shares = Counter(str(span.kind) for item in everything for span in item.spans for _ in span.text)
    total = max(1, shares.total())
    parts = [
        "## What is in it",
        _table(["config", *splits], rows),
        _table(["error type", "errors"], _counted(types)),
        _table(["correction", "errors"], _counted(Counter(str(error.strategy or "not given") for error in errors))),
        _table(["error made by", "errors"], _counted(Counter(str(error.origin or "not given") for error in errors))),
        _table(["part", "share of characters"], ([kind, f"{shares[kind] / total:.1%}"] for kind in SpanKind)),
    ]
    return "\n\n".join(part for part in parts if part)


def _sources(card: Card, splits: Mapping[str, Sequence[Trajectory]]) -> str:
    counts = Counter(item.problem.source or "not given" for item in _all(splits))
    rows = ([name, f"{count:,}", card.licenses.get(name, "not stated")] for name, count in _sorted(counts))
    return "## Sources and their licenses\n\n" + _table(["source of the problem", "rows", "license"], rows)


def _loading(configs: Sequence[Mapping[str, Any]]) -> str:
    named = [config["config_name"] for config in configs if config["config_name"] != "default"]
    lines = [f'{name} = load_dataset("{PLACEHOLDER}", "{name}", split="train")' for name in named]
    return "\n".join(
        [
            "## Loading",
            "",
            "```python",
            "from datasets import load_dataset",
            "",
            f'everything = load_dataset("{PLACEHOLDER}")',
            *lines,
            f'stream = load_dataset("{PLACEHOLDER}", split="train", streaming=True)  # no download',
            "```",
        ]
    )


def _all(splits: Mapping[str, Sequence[Trajectory]]) -> list[Trajectory]:
    return [trajectory for trajectories in splits.values() for trajectory in trajectories]


def _made(card: Card) -> str:
    funnel = _table(["stage", "in", "out", "dropped"], map(_stage, card.funnel))
    command = f"```\n{card.command}\n```" if card.command else ""
    makers = _table(["made with", "which"], card.made_by.items())
    files = "Every setting stands in `settings.json`, these counts in `funnel.json`."
    parts = [part for part in (command, makers, funnel and f"{funnel}\n\n{files}") if part]
    return "\n\n".join(["## How it was made", *parts]) if parts else ""


def _stage(count: Mapping[str, Any]) -> list[str]:
    dropped = ", ".join(f"{reason.replace('_', ' ')} {number:,}" for reason, number in count["dropped"].items())
    times = f" × {count['fan_out']}" if count.get("fan_out", 1) > 1 else ""
    return [f"{count['stage']}{times}", f"{count['entered']:,}", f"{count['left']:,}", dropped or "–"]


def _limits(card: Card) -> str:
    return "## Known limits\n\n" + "\n".join(f"- {limit}" for limit in (*_LIMITS, *card.limits))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    cells = [[_cell(text) for text in row] for row in rows]
    rules = [
        "---:" if all(_NUMBER.fullmatch(text) for text in column) else "---" for column in zip(*cells, strict=True)
    ]
    return markdown_table(head, cells, rules) if cells else ""


def _cell(text: str) -> str:
    """Text as it may stand in a table: names come from files of other people."""
    return " ".join(text.split()).translate(_MARKUP)


def _counted(counts: Counter[str]) -> list[list[str]]:
    return [[name, f"{count:,}"] for name, count in _sorted(counts)]


def _sorted(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _examples(info: Mapping[str, Any], split: str) -> int:
    return sum(item["num_examples"] for item in info["splits"] if item["name"] == split)


def _size(rows: int) -> str:
    # The Hub's own categories; a folder of more than ten million rows would need the next of them.
    bounds = {1_000: "n<1K", 10_000: "1K<n<10K", 100_000: "10K<n<100K", 1_000_000: "100K<n<1M"}
    return next((name for bound, name in bounds.items() if rows < bound), "1M<n<10M")
