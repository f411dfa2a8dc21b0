"""The card of a trained model: TRL's card, and what LEMMA adds: weights, rows, losses, how to ask.

The front matter stays TRL's. No path of the machine that trained goes into it: a model or dataset from a folder is
called by its last name and marked as local. Importing this module loads no torch.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lemma_hf.prompts import PromptStyle
from lemma_hf.records import SpanKind
from lemma_hf.train.kinds import eval_prefixes
from lemma_hf.train.prompting import CHAT, AsTrained, guess_style, tokenizer_of
from lemma_hf.train.scope import ErrorScope
from lemma_hf.utils.citation import BIBTEX
from lemma_hf.utils.files import write_text
from lemma_hf.utils.markdown import markdown_table

if TYPE_CHECKING:
    from lemma_hf.train.trainer import LemmaSFTTrainer

_Log = Mapping[str, Any]
"""One entry of a trainer's `log_history`: figures by name, and the `step` they belong to."""

CURVES_FILE = "curves.png"
"""The picture that the card shows: `CurvesCallback` draws it, and a push takes it along."""
_TAG = "lemma"
_SHIPPED = "lemma"
"""The name under which this package registers its own dataset; the Hub has another by it, or none."""
_HEADING = "## Quick start"
_NAME = re.compile(r"^model = \".*\"$", re.MULTILINE)
"""`model = "me/small"`"""
_SECTION = re.compile(rf"^{_HEADING}\n.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
"""From `## Quick start` up to the next heading, `## What it learned from`, or the end."""
_QUESTION = "A box holds 24 pens. How many pens are in 7 boxes, after 9 of them were given away?"
_SUM = "825*23+7"
"""A question for the styles of `lemma_hf.world.sums`, which answer nothing else."""
_ALONE = "prompt = question"
"""The code that asks the question alone, where no prompt style is known."""


@dataclass(frozen=True, slots=True)
class Source:
    """The origin of a model or dataset: a name on the Hub, or a folder."""

    name: str
    """On the Hub, or the last name of a folder."""
    is_local: bool = False

    @classmethod
    def from_name(cls, name: str) -> "Source":
        """The source of a name on the Hub, or of a path, of which only the last part is kept.

        Example:
            >>> Source.from_name("panzs19/LEMMA"), Source.from_name("/home/me/rows.parquet").name
            (Source(name='panzs19/LEMMA', is_local=False), 'rows.parquet')
        """
        is_path = name.startswith(("/", ".", "~")) or "\\" in name or name.count("/") > 1 or Path(name).exists()
        if is_path:
            # "/home/me/rows.parquet/" → "rows.parquet"; "C:\\models\\base" → "base"
            return cls(re.split(r"[/\\]", name.rstrip("/\\"))[-1], True)
        return cls(name, name == _SHIPPED)

    def linked(self, folder: str = "") -> str:
        """The name in Markdown, with its address where it has one.

        Args:
            folder: `datasets/` for a dataset, nothing for a model.
        """
        return (
            f"`{self.name}` (local)" if self.is_local else f"[{self.name}](https://huggingface.co/{folder}{self.name})"
        )


_RULES = ("---", "---:")
"""Below the heads of tables: text, then numbers."""


@dataclass(frozen=True, slots=True)
class CardFacts:
    """The facts that the LEMMA part of a card is made of."""

    weights: Mapping[SpanKind, float]
    base_model: Source | None = None
    datasets: Sequence[Source] = ()
    """The trajectories, and the right solutions among them where some were mixed in."""
    hub_model_id: str = ""
    preflight: Sequence[str] = ()
    """The table of each split, as printed before training."""
    settings: Mapping[str, str] = field(default_factory=dict)
    trained: _Log = field(default_factory=dict)
    """The last log that has figures of training, with its `step`; `evaluated` and `solved` are such logs too."""
    evaluated: _Log = field(default_factory=dict)
    solved: _Log = field(default_factory=dict)
    problems: int = 0
    """The number of problems that `solved` is about."""
    style: PromptStyle | str | None = None
    """The prompt style of questions; "chat" for the chat template, None where it is not known."""
    end: str = ""
    """The token that ends an answer, where it is not the tokenizer's `eos_token`."""
    versions: Sequence[str] = ()
    """Lines on top of TRL's own list of versions."""
    has_curves: bool = False
    error_scope: ErrorScope = ErrorScope.STEP


def complete_card(trainer: "LemmaSFTTrainer", dataset_name: str | Sequence[str] | None = None) -> None:
    """Add LEMMA's part to the card that TRL wrote into the trainer's output folder; on the first process only."""
    if not trainer.is_world_process_zero():
        return
    path = Path(trainer.args.output_dir) / "README.md"
    write_text(path, lemma_card(path.read_text("utf-8"), card_facts(trainer, dataset_name)))


def hide_local_base(folder: str | Path, trainer: "LemmaSFTTrainer") -> None:
    """Take the path of a local base model out of a card that peft wrote when it saved an adapter."""
    path, base = Path(folder) / "README.md", _base_model(trainer)
    if base is not None and base.is_local and path.exists():
        write_text(path, _with_front_matter(path.read_text("utf-8"), base, ()))


def card_facts(trainer: "LemmaSFTTrainer", dataset_name: str | Sequence[str] | None = None) -> CardFacts:
    """Collect the facts of a trainer, at any time.

    Args:
        dataset_name: what the rows are called, of each source; by default as `datasets` calls them, if it does.
    """
    from lemma_hf.train.solve import SolveCallback

    history = trainer.state.log_history
    solver = next((each for each in trainer.callback_handler.callbacks if isinstance(each, SolveCallback)), None)
    style = solver.style if solver else guess_style(trainer)
    return CardFacts(
        weights=trainer.args.kind_weights,
        error_scope=ErrorScope(trainer.args.error_scope),
        base_model=_base_model(trainer),
        datasets=_datasets(trainer, dataset_name),
        hub_model_id=trainer.hub_model_id or "",
        preflight=[counts.table() for counts in trainer.preflight.values()],
        settings=_settings(trainer),
        trained=_last(history, [f"{kind}_loss" for kind in SpanKind]),
        evaluated=_last_of_each(history),
        solved=_last(history, ["solve_accuracy"]),
        problems=len(solver.problems) if solver else 0,
        style=style,
        end=_end(trainer, style),
        versions=_versions(trainer),
        has_curves=(Path(trainer.args.output_dir) / CURVES_FILE).exists(),
    )


def lemma_card(base_card_text: str, facts: CardFacts) -> str:
    """Add LEMMA's part to the text of a card.

    Args:
        base_card_text: as TRL writes it. Its first paragraph and its quick start are replaced, since they know neither
            local models nor prompt styles; its other sections stay as they are.
    """
    text = _with_front_matter(base_card_text, facts.base_model, facts.datasets)
    # from "This model is a fine-tuned version of [org/base](…)." up to "## Quick start"
    text = _replace(r"^This model is a fine-tuned version of .*?(?=^## |\Z)", _introduction(facts), text)
    asked = quick_start(facts.style, facts.hub_model_id, facts.end)
    # from "## Quick start" up to "## Training procedure"
    text = _replace(r"^## Quick start\n.*?(?=^## |\Z)", f"{asked}\n\n{_lemma(facts)}\n\n", text)
    versions = "".join(f"- {version}\n" for version in facts.versions)
    # the place before "- TRL: 1.16.0" under "### Framework versions"
    text = _replace(r"(?<=^### Framework versions\n\n)", versions, text)
    # the place below "## Citations"
    return _replace(r"(?<=^## Citations\n)", f"\n{_CITATION}", text)


def _replace(pattern: str, by: str, text: str) -> str:
    """Put `by` in the place of the first match; at the end, where a template of another kind has no match."""
    if not by:
        return text
    found, count = re.subn(pattern, lambda _: by, text, count=1, flags=re.DOTALL | re.MULTILINE)
    return found if count else f"{text.rstrip()}\n\n{by}"


def _with_front_matter(text: str, base: Source | None, datasets: Sequence[Source]) -> str:
    """The card with our tag, and with nothing in its front matter that names a local path."""
    from huggingface_hub import ModelCard

    card = ModelCard(text, ignore_metadata_errors=True)
    if base is not None and base.is_local:
        card.data.base_model = None
    if any(dataset.is_local for dataset in datasets):
        card.data.datasets = [dataset.name for dataset in datasets if not dataset.is_local] or None
    card.data.pop("licence", None)  # TRL's placeholder; the base model decides on the license
    tags = [tag for tag in card.data.tags or [] if not (tag.startswith("base_model:") and _is_path(tag))]
    card.data.tags = [*tags, *(() if _TAG in tags else (_TAG,))]
    return str(card)


def _is_path(tag: str) -> bool:
    """Whether peft's tag `base_model:adapter:NAME` names a folder."""
    return Source.from_name(tag.split(":", 2)[-1]).is_local


_CITATION = f"Cite LEMMA as:\n\n```bibtex\n{BIBTEX}\n```\n"


def _introduction(facts: CardFacts) -> str:
    names = " and ".join(dataset.linked("datasets/") for dataset in facts.datasets)
    data = f" on {names}" if names else ""
    base = f"is a fine-tuned version of {facts.base_model.linked()}" if facts.base_model else "was trained"
    return (
        f"This model {base}{data}. It learned from solutions that catch and correct a mistake of their own.\n"
        "It has been trained with lemma-hf on top of [TRL](https://github.com/huggingface/trl).\n\n"
    )


def _lemma(facts: CardFacts) -> str:
    parts = ["## What it learned from", _ABOUT.format(scope=_SCOPES[facts.error_scope]), _losses(facts)]
    if facts.has_curves:
        parts.append(f"![curves]({CURVES_FILE})")
    if facts.solved:
        parts.append(_solved(facts))
    if facts.preflight:
        parts += ["Rows and tokens:", "```text\n" + "\n".join(facts.preflight) + "\n```"]
    if facts.settings:
        parts.append(markdown_table(("setting", "value"), facts.settings.items(), _RULES))
    return "\n\n".join(parts)


_ABOUT = (
    "Each row is a solution cut into spans: right steps, perhaps a wrong one, the reflection that notices it, and the "
    "correction. The loss of a step is Σ w·nll / Σ w over its tokens, where w is the weight of the token's span; the "
    "prompt has none. A weight of 0 masks a span: it is read, but not learned; a weight below 0 unlearns it. {scope} "
    "Losses (nats per token) and accuracies (of the next token) below are means over the tokens of a kind, whatever "
    "its weight."
)
_SCOPES = {
    ErrorScope.STEP: "An error is the whole wrong step.",
    ErrorScope.MISTAKE: (
        "An error is the wrong step from the place on at which its mistake begins, where that is known, and the whole "
        "step elsewhere; what stands before that place counts as reasoning."
    ),
}


def _losses(facts: CardFacts) -> str:
    head = ["span", "weight"]
    columns = []
    evaluations = [
        (f"evaluation {prefix.removeprefix('eval_').strip('_')}".strip(), facts.evaluated, prefix)
        for prefix in eval_prefixes([facts.evaluated])
    ]
    for name, log, prefix in (("training", facts.trained, ""), *evaluations):
        if log:
            head += [f"{name} loss, step {log['step']}", f"{name} accuracy"]
            columns += [(log, f"{prefix}{{}}_loss"), (log, f"{prefix}{{}}_accuracy")]
    rows = [
        (str(kind), f"{weight:g}", *(_shown(log.get(name.format(kind))) for log, name in columns))
        for kind, weight in facts.weights.items()
    ]
    return markdown_table(head, rows, _RULES)


def _solved(facts: CardFacts) -> str:
    names = {
        "solve_accuracy": "right answers",
        "solve_reflected": "outputs that reflect",
        "solve_right_when_reflected": "right answers among those",
        "solve_fixed": "wrong before reflecting, right after",
        "solve_broken": "right before reflecting, not after",
        "solve_unfinished": "outputs cut off",
    }
    rows = [(label, f"{facts.solved[name]:.1%}") for name, label in names.items() if name in facts.solved]
    problems = f"{facts.problems} held-out problems" if facts.problems else "Held-out problems"
    table = markdown_table(("outcome", "share"), rows, _RULES)
    return f"{problems}, greedy decoding, at step {facts.solved['step']}:\n\n{table}"


def _shown(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, int | float) else "–"


def _last(history: Sequence[_Log], names: Sequence[str]) -> _Log:
    return next((log for log in reversed(history) if not log.keys().isdisjoint(names)), {})


def _last_of_each(history: Sequence[_Log]) -> _Log:
    """The last evaluation of each eval set, in one log; the names of their figures differ."""
    found: dict[str, Any] = {}
    for prefix in eval_prefixes(history):
        found |= _last(history, [f"{prefix}{kind}_loss" for kind in SpanKind])
    return found


def _base_model(trainer: "LemmaSFTTrainer") -> Source | None:
    name = getattr(trainer.model.config, "_name_or_path", "")
    return Source.from_name(name) if name else None


def _datasets(trainer: "LemmaSFTTrainer", names: str | Sequence[str] | None) -> tuple[Source, ...]:
    if names:
        return tuple(Source.from_name(name) for name in ([names] if isinstance(names, str) else names))
    # `datasets` keeps the name without its owner, so that it makes no link, and calls rows from files by the format.
    known = getattr(getattr(trainer.train_dataset, "info", None), "dataset_name", None)
    return (Source(known, True),) if known and known not in {"json", "parquet", "csv", "arrow", "generator"} else ()


def _end(trainer: "LemmaSFTTrainer", style: PromptStyle | str | None) -> str:
    """The token at which an answer in the chat template ends, where that is not the tokenizer's end token."""
    if style != CHAT:
        return ""
    tokenizer = tokenizer_of(trainer)
    end = AsTrained.from_style(tokenizer, style).eos_token_id
    return "" if end in (None, tokenizer.eos_token_id) else str(tokenizer.convert_ids_to_tokens(end))


def _settings(trainer: "LemmaSFTTrainer") -> dict[str, str]:
    args, state = trainer.args, trainer.state
    rows = args.train_batch_size * args.gradient_accumulation_steps * args.world_size
    peft = getattr(trainer.model, "active_peft_config", None)
    return {
        "optimizer steps": f"{state.global_step}",
        "epochs": f"{state.epoch or 0:.3g}",
        "rows per step": f"{rows}" + (f", packed ({args.packing_strategy})" if args.packing else ""),
        "max_length": f"{args.max_length}",
        "loss_type": args.loss_type,
        "learning rate": f"{args.learning_rate:g}, {_plain(args.lr_scheduler_type)}, {_plain(args.optim)}",
        "precision": "bf16" if args.bf16 else "fp16" if args.fp16 else "fp32",
        "seed": f"{args.seed}",
    } | ({"adapter": f"{_plain(peft.peft_type)}, rank {getattr(peft, 'r', '–')}"} if peft else {})


def _plain(value: object) -> str:
    return str(getattr(value, "value", value))


def _versions(trainer: "LemmaSFTTrainer") -> list[str]:
    from lemma_hf import __version__

    found = [f"lemma-hf: {__version__}"]
    if hasattr(trainer.model, "active_peft_config"):
        import peft

        found.append(f"PEFT {peft.__version__}")  # as peft writes it when it saves, and then it is not written twice
    return found


def quick_start(style: PromptStyle | str | None, model: str = "", end: str = "", known: str = "in training") -> str:
    """Write the section "Quick start" of a card: code that asks the model as in its training rows, up to its end token.

    Greedy, as it was scored. The tokenizer is named because `pipeline` would take an adapter's from its base; so is the
    end token, because an adapter brings no generation config and its base's may end on another.

    Args:
        style: how questions are put; "chat" for the chat template, None where it is not known.
        model: its name on the Hub.
        end: the token that ends an answer, where it is not the tokenizer's `eos_token`.
        known: where the style is known from; empty if it is only guessed or not known.
    """
    note, question, prompt = _asked(style, f", as {known}" if known else "")
    end_id = f"convert_tokens_to_ids({end!r})" if end else "eos_token_id"
    return f"""{_HEADING}

{note}

```python
from transformers import pipeline

model = "{model or "PATH_OR_HUB_NAME"}"
question = "{question}"
{prompt}
generator = pipeline("text-generation", model=model, tokenizer=model)
end = generator.tokenizer.{end_id}
output = generator(prompt, max_new_tokens=512, do_sample=False, eos_token_id=end, return_full_text=False)[0]
print(output["generated_text"])
```"""


def with_model_name(card: str, model: str) -> str:
    """Replace the model that the quick start of a card loads by `model`."""
    return _SECTION.sub(lambda section: _NAME.sub(lambda _: f'model = "{model}"', section[0], count=1), card, count=1)


def _asked(style: PromptStyle | str | None, known: str) -> tuple[str, str, str]:
    if isinstance(style, PromptStyle):
        question = _SUM if style.name.startswith("sums") else _QUESTION
        asked = f'{style.template!r}.replace("{{question}}", question)'
        prompt = f'prompt = [{{"role": "user", "content": {asked}}}]' if style.chat else f"prompt = {asked}"
        return f"Questions are put in the prompt style `{style.name}`{known}.", question, prompt
    if style == CHAT:
        note = f"Questions are put through the tokenizer's chat template{known}."
        return note, _QUESTION, 'prompt = [{"role": "user", "content": question}]'
    if not known:
        return "How the model was asked in training is not known here; this is the question alone.", _QUESTION, _ALONE
    return "Questions are put as in the `prompt` of the training rows.", _QUESTION, _ALONE
