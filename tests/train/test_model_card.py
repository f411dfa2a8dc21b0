"""The card of a trained model: TRL's, with LEMMA's part, and no path of this machine."""

import copy
import re
from types import SimpleNamespace

import pytest
from datasets import Dataset, load_dataset
from huggingface_hub import ModelCard
from peft import LoraConfig
from small_worlds import ROWS
from trl import SFTTrainer

from lemma_hf.prompts import prompt_style
from lemma_hf.records import Problem, SpanKind
from lemma_hf.train.curves import draw_curves
from lemma_hf.train.model_card import CardFacts, Source, card_facts, complete_card, hide_local_base, lemma_card
from lemma_hf.train.scope import ErrorScope
from lemma_hf.train.solve import SolveCallback

WEIGHTS = dict(zip(SpanKind, (1.0, 0.3, 2.0, 1.0), strict=True))
BASE = """---
base_model: org/base
library_name: transformers
tags:
- generated_from_trainer
- sft
---

# Model Card for small

This model is a fine-tuned version of [org/base](https://huggingface.co/org/base).
It has been trained using [TRL](https://github.com/huggingface/trl).

## Quick start

```python
print("If you had a time machine?")
```

## Training procedure

This model was trained with LEMMA.

### Framework versions

- TRL: 1.16.0

## Citations

Cite TRL as: TRL
"""


@pytest.fixture
def write_card(tmp_path):
    """The card in the trainer's output folder, as TRL writes it and we complete it."""

    def write(trainer, dataset_name=None) -> ModelCard:
        SFTTrainer.create_model_card(trainer, "small", dataset_name)
        complete_card(trainer, dataset_name)
        return ModelCard.load(tmp_path / "out" / "README.md")

    return write


def table_row(text: str, name: str) -> list[str]:
    (row,) = re.findall(rf"^\| {name} \| (.*) \|$", text, re.MULTILINE)
    return row.split(" | ")


def test_the_part_is_put_into_the_card_and_the_rest_of_it_stays():
    trained = {"step": 40, "reasoning_loss": 0.51234, "reasoning_accuracy": 0.875, "error_loss": 1.5}
    evaluated = {"step": 30, "eval_reasoning_loss": 0.625, "eval_correction_accuracy": 1.0}
    solved = {"step": 40, "solve_accuracy": 0.25, "solve_fixed": 0.125, "solve_seconds": 3.0}
    facts = CardFacts(
        WEIGHTS, Source("org/base"), (Source("org/rows"), Source("org/right")), "me/small", ["train: 8 rows"],
        {"seed": "42"}, trained, evaluated, solved, 16, prompt_style("instruction"), "", ["lemma-hf: 0.1.0"], True,
    )  # fmt: skip
    card = ModelCard(lemma_card(BASE, facts))
    assert card.data.base_model == "org/base" and card.data.tags == ["generated_from_trainer", "sft", "lemma"]
    assert table_row(card.text, "reasoning") == ["1", "0.512", "0.875", "0.625", "–"]
    assert table_row(card.text, "error") == ["0.3", "1.500", "–", "–", "–"]
    assert table_row(card.text, "correction") == ["1", "–", "–", "–", "1.000"]
    assert table_row(card.text, "span")[1::2] == ["training loss, step 40", "evaluation loss, step 30"]
    assert table_row(card.text, "right answers") == ["25.0%"]
    assert table_row(card.text, "wrong before reflecting, right after") == ["12.5%"]
    assert "16 held-out problems, greedy decoding, at step 40" in card.text and "![curves](curves.png)" in card.text
    assert "```text\ntrain: 8 rows\n```" in card.text and table_row(card.text, "seed") == ["42"]
    assert (
        "[org/base](https://huggingface.co/org/base) on [org/rows](https://huggingface.co/datasets/org/rows) and "
        "[org/right](https://huggingface.co/datasets/org/right)." in card.text
    )
    assert 'model = "me/small"\n' in card.text and "time machine" not in card.text
    assert "### Framework versions\n\n- lemma-hf: 0.1.0\n- TRL: 1.16.0" in card.text
    headings = re.findall(r"^##? .*", card.text, re.MULTILINE)
    assert headings == [
        *("# Model Card for small", "## Quick start", "## What it learned from", "## Training procedure"),
        "## Citations",
    ]
    assert "@inproceedings{pan2025lemma" in card.text and "Cite TRL as: TRL" in card.text


def test_what_is_not_known_is_left_out():
    text = lemma_card(BASE, CardFacts(WEIGHTS))
    assert "curves.png" not in text and "held-out" not in text and "| setting |" not in text
    assert table_row(text, "error") == ["0.3"]
    assert "This model was trained. It learned from" in text and 'model = "PATH_OR_HUB_NAME"\n' in text


def test_a_card_of_another_make_gets_the_part_at_its_end():
    text = lemma_card("---\ntags: [mine]\n---\n\n# My own\n", CardFacts(WEIGHTS, versions=["lemma-hf: 0.1.0"]))
    assert ModelCard(text).data.tags == ["mine", "lemma"]
    assert text.index("# My own") < text.index("## What it learned from") < text.index("@inproceedings")


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("panzs19/LEMMA", Source("panzs19/LEMMA")),
        ("gsm8k", Source("gsm8k")),
        ("lemma", Source("lemma", True)),  # the dataset that ships with the package
        ("/home/me/models/base/", Source("base", True)),
        ("../base", Source("base", True)),
        ("~/rows.jsonl", Source("rows.jsonl", True)),
        ("outputs/run/checkpoint-3", Source("checkpoint-3", True)),
        ("C:\\models\\base", Source("base", True)),
    ],
)
def test_a_path_is_known_from_a_name_on_the_hub(name, source):
    assert Source.from_name(name) == source


def test_a_folder_that_is_there_is_a_path_whatever_its_name(tmp_path, monkeypatch):
    (tmp_path / "outputs" / "student").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert Source.from_name("outputs/student") == Source("student", True)


def test_the_card_of_a_run_states_weights_rows_and_the_last_losses(make_trainer, write_card, tmp_path, rows):
    options = {"eval_strategy": "steps", "eval_steps": 2, "max_steps": 3, "error_weight": 0.3, "max_length": 102}
    trainer = make_trainer(eval_dataset=rows.select([0, 1]), **options)
    problems = [Problem("p", "How many?", "3"), Problem("q", "How many?", "4")]
    trainer.add_callback(SolveCallback(trainer, problems, every=3, max_new_tokens=4, examples=0))
    trainer.train()
    draw_curves(trainer.state.log_history, tmp_path / "out" / "curves.png")
    card = write_card(trainer)
    logs = trainer.state.log_history
    trained = next(log for log in logs if log["step"] == 3 and "error_loss" in log)
    evaluated = next(log for log in logs if log["step"] == 3 and "eval_error_loss" in log)
    names = ("error_loss", "error_accuracy")
    expected = [f"{trained[name]:.3f}" for name in names] + [f"{evaluated[f'eval_{name}']:.3f}" for name in names]
    assert table_row(card.text, "error") == ["0.3", *expected]
    assert trainer.preflight["train"].dropped
    for counts in trainer.preflight.values():
        assert counts.table() in card.text
    assert "the correction does not fit in max_length" in card.text
    assert "2 held-out problems, greedy decoding, at step 3" in card.text and "![curves](curves.png)" in card.text
    assert table_row(card.text, "optimizer steps") == ["3"] and table_row(card.text, "max_length") == ["102"]
    assert "This model was trained. It learned from" in card.text  # a model from scratch has no base


def paths_in(text: str) -> list[str]:
    """Anything that looks like an absolute path; addresses on the web are none."""
    return re.findall(r"(?<![\w:/.>`)])/(?:\w[\w.-]*/)+[\w.-]+", re.sub(r"https?://\S+", "", text))


@pytest.mark.parametrize("with_peft", [False, True])
def test_no_local_path_stands_in_any_card(make_trainer, make_model, write_card, tmp_path, with_peft):
    base, data = tmp_path / "secret" / "base-model", tmp_path / "secret" / "rows.parquet"
    make_model().save_pretrained(base)
    Dataset.from_list(ROWS).to_parquet(data)
    peft = {"peft_config": LoraConfig(r=2, target_modules="all-linear")} if with_peft else {}
    local_rows = load_dataset("parquet", data_files=str(data), split="train", cache_dir=str(tmp_path / "cache"))
    trainer = make_trainer(model=str(base), train=local_rows, save_strategy="steps", save_steps=1, **peft)
    trainer.train()
    card = write_card(trainer, dataset_name=str(data))
    assert "fine-tuned version of `base-model` (local) on `rows.parquet` (local)." in card.text
    assert card.data.base_model is None and card.data.datasets is None
    trainer.save_model()  # peft writes its base into the card once more
    for folder in [tmp_path / "out", *(tmp_path / "out").glob("checkpoint-*")]:
        hide_local_base(folder, trainer)
    cards = {path: path.read_text("utf-8") for path in (tmp_path / "out").rglob("README.md")}
    assert len(cards) == 1 + with_peft
    for text in cards.values():
        assert "secret" not in text and str(tmp_path) not in text and paths_in(text) == []
        assert "lemma" in ModelCard(text).data.tags
    assert cards[tmp_path / "out" / "README.md"].count("- PEFT") == with_peft


def test_a_base_on_the_hub_keeps_its_name_in_the_front_matter(make_trainer, make_model, write_card):
    model = make_model()
    model.config._name_or_path = "org/base"
    card = write_card(make_trainer(model=model), dataset_name="org/rows")
    assert (card.data.base_model, card.data.datasets) == ("org/base", "org/rows")
    assert "[org/base](https://huggingface.co/org/base) on [org/rows](https" in card.text


@pytest.mark.parametrize("with_peft", [False, True])
def test_the_tag_is_on_the_model_and_in_the_card(make_trainer, write_card, with_peft):
    peft = {"peft_config": LoraConfig(r=2, target_modules="all-linear")} if with_peft else {}
    trainer = make_trainer(**peft)
    assert "lemma" in trainer.model.model_tags
    assert {"lemma", "trl", "sft"} <= set(write_card(trainer).data.tags)


def snippet(card_text: str) -> str:
    return re.search(r"```python\n(.*?)```", card_text, re.DOTALL)[1]


@pytest.mark.parametrize("style", ["question", "instruction", "chat", None])
def test_the_quick_start_runs_and_asks_as_in_training(make_trainer, write_card, tokenizer, tmp_path, style):
    rows, processing_class = ROWS, copy.deepcopy(tokenizer)
    if style == "chat":
        processing_class.chat_template = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}</s>{% endfor %}"
        processing_class.chat_template += "{% if add_generation_prompt %}assistant: {% endif %}"
        names = {"prompt": "user", "completion": "assistant"}
        rows = [{**row, **{n: [{"role": r, "content": row[n]}] for n, r in names.items()}} for row in rows]
    elif style != "question":
        asked = prompt_style(style).prompt("How many?") if style else "Well, how many?"
        rows = [{**row, "prompt": asked} for row in rows]
    trainer = make_trainer(train=Dataset.from_list(rows), processing_class=processing_class)
    code = snippet(write_card(trainer).text)
    trainer.save_model(tmp_path / "model")
    code = code.replace("PATH_OR_HUB_NAME", str(tmp_path / "model")).replace("max_new_tokens=512", "max_new_tokens=3")
    found = {}
    exec(code, found)
    expected = [{"role": "user", "content": found["question"]}] if style == "chat" else found["question"]
    if style in ("question", "instruction"):
        expected = prompt_style(style).prompt(found["question"])
    assert found["prompt"] == expected
    assert isinstance(found["output"]["generated_text"], str)


def test_rows_that_datasets_knows_by_name_are_called_by_it(make_trainer):
    trainer = make_trainer()
    assert card_facts(trainer).datasets == ()
    for known, datasets in (("lemma", (Source("lemma", True),)), ("parquet", ())):
        trainer.train_dataset = SimpleNamespace(info=SimpleNamespace(dataset_name=known))
        assert card_facts(trainer).datasets == datasets
    assert card_facts(trainer, "panzs19/LEMMA").datasets == (Source("panzs19/LEMMA"),)
    assert card_facts(trainer, ["lemma", "org/right"]).datasets == (Source("lemma", True), Source("org/right"))


def test_only_the_first_process_writes(make_trainer, monkeypatch, tmp_path):
    trainer = make_trainer()
    monkeypatch.setattr(trainer, "is_world_process_zero", lambda: False)
    complete_card(trainer)  # there is no card that could be completed: reading one would fail
    assert not (tmp_path / "out" / "README.md").exists()


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        (ErrorScope.STEP, "An error is the whole wrong step."),
        (ErrorScope.MISTAKE, "from the place on at which its mistake begins, where that is known"),
    ],
)
def test_the_card_says_what_counts_as_the_error(scope, said):
    assert said in lemma_card(BASE, CardFacts(WEIGHTS, error_scope=scope))
