"""What does the README of a data folder say? To `datasets` where its files are, to people what is in them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lemma_hf.records import SpanKind, Trajectory

TAG = "lemma-hf"
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
    """Who made the rows, such as `{"student": "Qwen2.5-0.5B", "teacher": "reference"}`."""
    funnel: Mapping[str, int] = field(default_factory=dict)
    """What happened to the items on the way, in order, such as `{"problems": 1200, "dropped: duplicate": 31}`."""
    limits: Sequence[str] = ()
    """Known limits of these rows, beside those of the format."""
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
        "tags": [TAG, "math", "self-correction", "sft"],
        "size_categories": [_size(sum(map(len, splits.values())))],
        "configs": list(configs),
        "dataset_info": list(infos),
    }
    body = [f"# {card.title}", card.about, _contents(infos, splits), _FORMAT, _LOADING, _made(card), _limits(card)]
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
| `source` | where the problem comes from |

A label that nobody gave is null."""

_LOADING = """## Loading

```python
from datasets import load_dataset

everything = load_dataset("PATH_OR_HUB_NAME")
restarts = load_dataset("PATH_OR_HUB_NAME", "fresh_and_restart", split="train")
```

Any trainer that takes `prompt` and `completion` takes the rows as they are, TRL's `SFTTrainer` among them; one that
knows the spans can leave the loss off the wrong steps."""

_LIMITS = (
    "Only the first wrong step of each attempt is kept; what would have followed from it is cut off.",
    "Span ends count characters, not bytes and not tokens.",
)


def _contents(infos: Sequence[Mapping[str, Any]], splits: Mapping[str, Sequence[Trajectory]]) -> str:
    rows = [
        [info["config_name"], *(str(_examples(info, split)) for split in splits)]
        for info in sorted(infos, key=lambda info: info["config_name"] != "default")
    ]
    everything = [trajectory for trajectories in splits.values() for trajectory in trajectories]
    types = Counter(str(error.type or "not given") for item in everything for error in item.errors)
    shares = Counter(str(span.kind) for item in everything for span in item.spans for _ in span.text)
    total = max(1, shares.total())
    parts = [
        "## What is in it",
        _table(["config", *splits], rows),
        _table(["error type", "errors"], ([name, str(count)] for name, count in _sorted(types))),
        _table(["part", "share of characters"], ([kind, f"{shares[kind] / total:.1%}"] for kind in SpanKind)),
    ]
    return "\n\n".join(part for part in parts if part)


def _made(card: Card) -> str:
    funnel = _table(["on the way", "items"], ([name, str(count)] for name, count in card.funnel.items()))
    command = f"```\n{card.command}\n```" if card.command else ""
    makers = _table(["made by", ""], (pair for pair in card.made_by.items()))
    parts = [part for part in (command, makers, funnel) if part]
    return "\n\n".join(["## How it was made", *parts]) if parts else ""


def _limits(card: Card) -> str:
    return "## Known limits\n\n" + "\n".join(f"- {limit}" for limit in (*_LIMITS, *card.limits))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    rule = f"|---|{'---:|' * (len(head) - 1)}"
    return "\n".join([f"| {' | '.join(head)} |", rule, *lines]) if lines else ""


def _sorted(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _examples(info: Mapping[str, Any], split: str) -> int:
    return sum(item["num_examples"] for item in info["splits"] if item["name"] == split)


def _size(rows: int) -> str:
    bounds = {1_000: "n<1K", 10_000: "1K<n<10K", 100_000: "10K<n<100K", 1_000_000: "100K<n<1M"}
    return next((name for bound, name in bounds.items() if rows < bound), "1M<n<10M")
