"""A model's folder becomes a repository: what goes along, what stays, what is refused, and where its scores land."""

import json
import re

import pytest
import yaml
from huggingface_hub import ModelCard, parse_eval_result_entries

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.evaluation import result_of, score, write_artifacts
from lemma_hf.generate import Completion, Sampling
from lemma_hf.hub.checks import check
from lemma_hf.hub.model import model_artifact
from lemma_hf.prompts import prompt_style
from lemma_hf.records import Problem
from lemma_hf.train.scratch import bpe_tokenizer, small_llama

CARD = """---
library_name: transformers
tags: [lemma]
licence: license
---

# Model Card for tiny

This model is a fine-tuned version of `base` (local) on `rows` (local).

## Quick start

```python
model = "PATH_OR_HUB_NAME"
```

## What it learned from

![curves](curves.png) and ![missing](missing.png) and ![elsewhere](https://x.org/a.png)

## Training procedure

So.
"""


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A full model, as `save_pretrained` writes it."""
    folder = tmp_path_factory.mktemp("saved")
    tokenizer = bpe_tokenizer(["What is 2 + 2? It is 4."], 300)
    tokenizer.save_pretrained(folder)
    small_llama(tokenizer, hidden_size=32, layers=2, heads=2).save_pretrained(folder, max_shard_size="30KB")
    return folder


@pytest.fixture
def model(saved, tmp_path):
    import shutil

    return shutil.copytree(saved, tmp_path / "tiny")


def adapter_of(folder, base):
    """Make an adapter of a model's folder, by hand: its configuration and its weights."""
    from safetensors.torch import load_file, save_file

    shard = next(folder.glob("model-*.safetensors"))
    save_file(dict(list(load_file(shard).items())[:1]), folder / "adapter_model.safetensors")
    for path in (*folder.glob("model*"), folder / "config.json"):
        path.unlink()
    (folder / "adapter_config.json").write_text(
        json.dumps({"peft_type": "LORA", "r": 2, "base_model_name_or_path": base, "revision": "abc"})
    )
    return folder


def names_of(artifact):
    return {file.path for file in artifact.files}


def read(artifact, path):
    return next(file.read() for file in artifact.files if file.path == path)


def head_of(artifact):
    return yaml.safe_load(artifact.card.split("---\n")[1])


def test_weights_configuration_and_tokenizer_go_along_and_the_rest_stays_with_a_reason(model):
    for name in ("training_args.bin", "train.rejects.jsonl", "trainer_state.json", "notes.txt", "modeling.py"):
        (model / name).write_text("mine")
    (model / "checkpoint-3").mkdir()
    artifact = model_artifact(model, "me/tiny")
    shards = {path.name for path in model.glob("model-*.safetensors")}
    assert len(shards) > 2
    assert names_of(artifact) == shards | {
        *("model.safetensors.index.json", "config.json", "generation_config.json"),
        *("tokenizer.json", "tokenizer_config.json"),
    }
    assert artifact.left_out.keys() >= {
        *("training_args.bin", "train.rejects.jsonl", "trainer_state.json", "notes.txt", "modeling.py"),
        "checkpoint-3/",
    }
    assert artifact.left_out["training_args.bin"] == "a pickle, with paths of this machine"
    check(artifact)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: next(folder.glob("model-*")).unlink(), "names shards that are not there"),
        (lambda folder: next(folder.glob("model-*")).write_bytes(b"\x10"), "is no whole safetensors file"),
        (lambda folder: [path.unlink() for path in folder.glob("model*")], "has no weights"),
        (lambda folder: (folder / "config.json").unlink(), "there is no model in it"),
        (lambda folder: [path.unlink() for path in folder.glob("tokenizer*")], "has no tokenizer"),
        (lambda folder: (folder / "config.json").write_text("{"), "is no JSON file"),
        (lambda folder: (folder / "config.json").write_text('{"auto_map": {"x": "y"}}'), "needs code of its own"),
    ],
    ids=["shard lost", "shard cut", "no weights", "no config", "no tokenizer", "broken config", "own code"],
)
def test_what_nobody_could_load_is_refused(model, spoil, said):
    spoil(model)
    with pytest.raises(DataError, match=said):
        model_artifact(model, "me/tiny")


def test_there_must_be_something_to_publish(tmp_path):
    with pytest.raises(ConfigError, match="there is nothing to publish"):
        model_artifact(None, "me/tiny")
    with pytest.raises(DataError, match="is no folder"):
        model_artifact(tmp_path / "nowhere", "me/tiny")


def test_places_of_this_machine_are_taken_out_of_what_libraries_wrote(model):
    for name in ("config.json", "tokenizer_config.json"):
        before = json.loads((model / name).read_text())
        (model / name).write_text(json.dumps(before | {"_name_or_path": "/home/ann/base", "name_or_path": "/home/ann"}))
    artifact = model_artifact(model, "me/tiny")
    assert "name_or_path" not in read(artifact, "config.json").decode()
    assert json.loads(read(artifact, "config.json"))["model_type"] == "llama"
    check(artifact)


def test_the_folders_card_gets_the_name_on_the_hub_and_its_pictures(model):
    (model / "README.md").write_text(CARD)
    (model / "curves.png").write_bytes(b"\x89PNG")
    (model / "secret.png").write_bytes(b"\x89PNG")
    artifact = model_artifact(model, "me/tiny", base_model="org/base")
    assert 'model = "me/tiny"' in artifact.card
    assert "fine-tuned version of [org/base](https://huggingface.co/org/base) on `rows` (local)" in artifact.card
    assert head_of(artifact)["base_model"] == "org/base"
    assert "licence" not in head_of(artifact)
    assert "curves.png" in names_of(artifact)
    assert "secret.png" in artifact.left_out
    check(artifact)


@pytest.mark.parametrize("card", [None, "# Model\n\n[More Information Needed]\n"], ids=["none", "peft's form"])
def test_a_model_without_a_card_gets_a_sound_one(model, card):
    if card:
        (model / "README.md").write_text(card)
    artifact = model_artifact(model, "me/tiny")
    assert "# tiny\n" in artifact.card
    assert 'model = "me/tiny"' in artifact.card
    assert "More Information Needed" not in artifact.card
    assert head_of(artifact)["pipeline_tag"] == "text-generation"
    check(artifact)


def test_an_adapter_is_published_with_a_base_that_others_have(model, tmp_path):
    adapter_of(model, str(tmp_path / "base"))
    with pytest.raises(ConfigError, match=r"nobody could load the adapter.*--base_model OWNER/NAME"):
        model_artifact(model, "me/tiny")
    with pytest.raises(ConfigError, match="a place of this machine"):
        model_artifact(model, "me/tiny", base_model=str(model))
    artifact = model_artifact(model, "me/tiny", base_model="org/base")
    config = json.loads(read(artifact, "adapter_config.json"))
    assert (config["base_model_name_or_path"], config["revision"], config["r"]) == ("org/base", None, 2)
    head = head_of(artifact)
    assert (head["library_name"], head["base_model"]) == ("peft", "org/base")
    assert "base_model:adapter:org/base" in head["tags"]
    check(artifact)


def test_an_adapter_of_a_base_on_the_hub_goes_as_it_is(model):
    adapter_of(model, "org/base")
    artifact = model_artifact(model, "me/tiny")
    assert read(artifact, "adapter_config.json") == (model / "adapter_config.json").read_bytes()


# Scores.


class Written:
    """Answers from a book: of every four, three are right."""

    def complete(self, prompts, sampling):
        texts = ["2 + 2 = 5. Wait, that is wrong. 2 + 2 = 4. The answer is: 4", *["The answer is: 4"] * 2, "It is 5."]
        return [[Completion(texts[number % 4], True, 10)] for number, _ in enumerate(prompts)]


@pytest.fixture
def results(tmp_path):
    """GSM8K from the Hub, and the made-up world: four problems each."""
    problems = [Problem(str(number), "2 + 2?", "4") for number in range(4)]
    items = score(Written(), problems, prompt_style("instruction"), Sampling(), "gsm8k")
    gsm8k = result_of("gsm8k", items, policy="gsm8k", dataset=("openai/gsm8k", "main", "cc7b047b6e5bb11b"))
    world = result_of("world/stories", items, policy="gsm8k")
    settings = {"samples": 1, "temperature": 0.0, "shots": 0, "max_new_tokens": 512, "prompt_style": "instruction"}
    write_artifacts(tmp_path / "score", [gsm8k, world], model="me/tiny", settings=settings, date="2026-11-25")
    return tmp_path / "score"


def test_scores_go_into_the_hubs_files_the_index_and_a_table(model, results):
    (model / "README.md").write_text(CARD)
    artifact = model_artifact(model, "me/tiny", results=results)
    check(artifact)

    # The Hub's own files, as they were written.
    path = ".eval_results/gsm8k.yaml"
    assert read(artifact, path) == (results / path).read_bytes()
    (entry,) = parse_eval_result_entries(yaml.safe_load(read(artifact, path)))
    assert (entry.dataset_id, entry.task_id, entry.value) == ("openai/gsm8k", "main", 75.0)

    # The index, as the Hub's library reads it.
    (found,) = ModelCard(artifact.card).data.eval_results
    assert (found.dataset_type, found.dataset_config, found.metric_type) == ("openai/gsm8k", "main", "accuracy")
    assert (found.metric_name, found.metric_value, found.dataset_revision) == ("pass@1", 75.0, "cc7b047b6e5bb11b")

    # The table, with intervals: Wilson's for three of four, by its formula.
    section = artifact.card[artifact.card.index("## Evaluation") : artifact.card.index("## Training procedure")]
    z = 1.959963984540054
    middle, width = (0.75 + z * z / 8) / (1 + z * z / 4), z * (0.75 * 0.25 / 4 + z * z / 64) ** 0.5 / (1 + z * z / 4)
    interval = f"75.0 % [{100 * (middle - width):.1f}, {100 * (middle + width):.1f}]"
    assert (
        f"| gsm8k | [openai/gsm8k](https://huggingface.co/datasets/openai/gsm8k) (main) at `cc7b047b` | 4 | {interval}"
        in section
    )
    assert f"| world/stories | the made-up world | 4 | {interval}" in section
    assert "not in `.eval_results`" in section
    assert "prompt style `instruction`, 0 worked examples, 1 sample a problem, greedy" in section
    assert ".eval_results/world.yaml" not in names_of(artifact)
    for picture in re.findall(r"!\[[^]]*\]\((evaluation/[^)]*)\)", section):
        assert read(artifact, picture).startswith(b"\x89PNG")
    assert "evaluation/accuracy.png" in names_of(artifact)
    assert artifact.left_out["score/items.parquet"]


def test_the_same_scores_give_the_same_card(model, results):
    (model / "README.md").write_text(CARD)
    once = model_artifact(model, "me/tiny", results=results)
    (model / "README.md").write_text(once.card)
    assert model_artifact(model, "me/tiny", results=results).card == once.card


def test_scores_alone_are_an_addition_to_a_model_that_is_there(results):
    artifact = model_artifact(None, "me/tiny", results=results)
    assert artifact.renews == ()
    assert all(path.startswith((".eval_results/", "evaluation/")) for path in names_of(artifact))
    assert artifact.card.count("\n## ") == 1
    check(artifact)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda facts: facts.pop("benchmarks"), "holds no benchmarks"),
        (lambda facts: facts["benchmarks"].update(gsm8k={}), "is not as this version of lemma-hf writes it"),
        (lambda facts: facts["benchmarks"]["gsm8k"].update(scores=[1]), "is not as this version of lemma-hf writes it"),
        (lambda facts: facts["settings"].update(samples="many"), "is not as this version of lemma-hf writes it"),
    ],
)
def test_scores_that_cannot_be_read_are_refused(results, spoil, said):
    path = results / "scores.json"
    facts = json.loads(path.read_text())
    spoil(facts)
    path.write_text(json.dumps(facts))
    with pytest.raises(DataError, match=said):
        model_artifact(None, "me/tiny", results=results)


def test_a_results_file_that_is_not_the_hubs_format_is_refused(results):
    (results / ".eval_results" / "gsm8k.yaml").write_text("- dataset: {id: openai/gsm8k}\n  value: 1000\n")
    with pytest.raises(DataError, match=r"is not in the Hub's format|no percentage"):
        model_artifact(None, "me/tiny", results=results)


def test_names_from_a_scores_file_are_shown_and_do_nothing(results):
    path = results / "scores.json"
    facts = json.loads(path.read_text())
    facts["model"] = "<script>alert(1)</script> | ` " + "x" * 5000
    facts["benchmarks"]["<img src=x>|\n## Licence"] = facts["benchmarks"].pop("world/stories")
    path.write_text(json.dumps(facts))
    card = model_artifact(None, "me/tiny", results=results).card
    assert "<script" not in card and "<img" not in card and "\n## Licence" not in card
    assert "&lt;img src=x>\\| ## Licence" in card
    assert "x" * 300 not in card
