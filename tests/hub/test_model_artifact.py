"""A model's folder becomes a repository: what goes along, what stays, what is refused, and where its scores land."""

import json
import re
import shutil
import sys
from itertools import pairwise
from types import SimpleNamespace

import pytest
import yaml
from huggingface_hub import ModelCard, ModelCardData, parse_eval_result_entries
from markdown_it import MarkdownIt
from safetensors.torch import load_file, save_file

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.evaluation import BenchmarkResult, score, write_artifacts
from lemma_hf.hub.card import merge_cards
from lemma_hf.hub.checks import check
from lemma_hf.hub.model import license_of, model_artifact
from lemma_hf.inference import Completion, Sampling
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
    return shutil.copytree(saved, tmp_path / "tiny")


def adapter_of(folder, base):
    """Make an adapter of a model's folder, by hand: its configuration and its weights."""
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
        (lambda folder: (folder / "tokenizer.json").write_text('{"version": "1'), r"tokenizer\.json: is no JSON file"),
        (
            lambda folder: (folder / "generation_config.json").write_text(""),
            r"generation_config\.json: is no JSON file",
        ),
        (lambda folder: (folder / "config.json").write_text('{"auto_map": {"x": "y"}}'), "needs code of its own"),
    ],
    ids=[
        *("shard lost", "shard cut", "no weights", "no config", "no tokenizer", "broken config", "broken tokenizer"),
        *("empty generation config", "own code"),
    ],
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


def test_a_model_without_a_card_gets_a_sound_one(model):
    artifact = model_artifact(model, "me/tiny")
    assert "# tiny\n" in artifact.card
    assert 'model = "me/tiny"' in artifact.card
    assert "How the model was asked in training is not known here" in artifact.card
    assert head_of(artifact)["pipeline_tag"] == "text-generation"
    check(artifact)


def test_the_code_of_a_made_card_is_python_and_asks_through_the_chat_template_where_there_is_one(model):
    path = model / "tokenizer_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"chat_template": "{{ messages }}"}))
    (code,) = re.findall(r"```python\n(.*?)```", model_artifact(model, "me/tiny").card, re.DOTALL)
    compile(code, "card", "exec")
    assert '"role": "user"' in code


def test_what_goes_along_is_all_that_loading_needs(model, tmp_path):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    before = AutoModelForCausalLM.from_pretrained(model).state_dict()
    ids = AutoTokenizer.from_pretrained(model)("2 + 2")["input_ids"]
    there = tmp_path / "there"
    there.mkdir()
    for file in model_artifact(model, "me/tiny").files:
        (there / file.path).write_bytes(file.read())
    after = AutoModelForCausalLM.from_pretrained(there).state_dict()
    assert before.keys() == after.keys()
    assert all(before[name].equal(after[name]) for name in before)
    assert AutoTokenizer.from_pretrained(there)("2 + 2")["input_ids"] == ids


def test_shards_of_two_models_are_no_model(model):
    """transformers would load it, with random numbers in the place of what is missing."""
    shard = sorted(model.glob("model-*"))[0]
    save_file({"other": next(iter(load_file(shard).values()))}, shard)
    with pytest.raises(DataError, match=r"names tensors that are not in their shards \(model\.embed_tokens\.weight\)"):
        model_artifact(model, "me/tiny")


def test_where_all_weights_are_in_one_file_shards_and_their_index_stay(model):
    (shard, *_) = model.glob("model-*")
    shutil.copy(shard, model / "model.safetensors")
    artifact = model_artifact(model, "me/tiny")
    assert "model.safetensors" in names_of(artifact)
    assert not any("-of-" in name or "index" in name for name in names_of(artifact))
    assert artifact.left_out["model.safetensors.index.json"] == "no part of the model's weights"


def test_a_pickle_is_told_apart_from_a_folder_without_weights(model):
    for path in model.glob("model*"):
        path.unlink()
    (model / "pytorch_model.bin").write_bytes(b"\x80")
    with pytest.raises(DataError, match=r"pytorch_model\.bin is a pickle: save it as safetensors"):
        model_artifact(model, "me/tiny")


def test_what_earlier_versions_wrote_and_parts_of_a_config_are_cleaned_too(model):
    config, tokenizer = model / "config.json", model / "tokenizer_config.json"
    config.write_text(
        json.dumps(json.loads(config.read_text()) | {"text_config": {"_name_or_path": "../b", "size": 3}})
    )
    places = {"special_tokens_map_file": "/home/ann/.cache/x", "tokenizer_file": None}
    tokenizer.write_text(json.dumps(json.loads(tokenizer.read_text()) | places))
    artifact = model_artifact(model, "me/tiny")
    assert json.loads(read(artifact, "config.json"))["text_config"] == {"size": 3}
    cleaned = json.loads(read(artifact, "tokenizer_config.json"))
    assert cleaned == {key: value for key, value in json.loads(tokenizer.read_text()).items() if key not in places}
    check(artifact)


def test_a_picture_goes_along_in_any_usual_format_and_stays_where_no_card_shows_it(model):
    for name in ("a.jpeg", "b.webp", "curves.png"):
        (model / name).write_bytes(b"x")
    (model / "README.md").write_text('# Mine\n\n![a](a.jpeg "A") ![b](b.webp)\n')
    artifact = model_artifact(model, "me/tiny")
    assert {"a.jpeg", "b.webp"} < names_of(artifact)
    assert artifact.left_out["curves.png"] == "a picture that the card does not show"


def test_a_base_that_is_no_name_on_the_hub_is_not_in_the_head(model):
    (model / "README.md").write_text("---\nbase_model: ../base\n---\n# Mine\n")
    assert "base_model" not in head_of(model_artifact(model, "me/tiny"))
    with pytest.raises(ConfigError, match="or no name"):
        model_artifact(model, "me/tiny", base_model="the best model")


def test_an_adapter_is_published_with_a_base_that_others_have(model, tmp_path):
    adapter_of(model, str(tmp_path / "base"))
    with pytest.raises(ConfigError, match=r"the adapter could not be loaded.*--base_model OWNER/NAME"):
        model_artifact(model, "me/tiny")
    with pytest.raises(ConfigError, match="a path of this machine"):
        model_artifact(model, "me/tiny", base_model=str(model))
    artifact = model_artifact(model, "me/tiny", base_model="org/base")
    config = json.loads(read(artifact, "adapter_config.json"))
    assert (config["base_model_name_or_path"], config["revision"], config["r"]) == ("org/base", None, 2)
    head = head_of(artifact)
    assert (head["library_name"], head["base_model"]) == ("peft", "org/base")
    assert "base_model:adapter:org/base" in head["tags"]
    check(artifact)


@pytest.fixture(scope="module")
def lora(tmp_path_factory, saved):
    """An adapter as peft saves it, of a base that is a folder."""
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = tmp_path_factory.mktemp("lora")
    base = AutoModelForCausalLM.from_pretrained(saved)
    config = LoraConfig(r=2, target_modules=["q_proj"], task_type="CAUSAL_LM")
    get_peft_model(base, config).save_pretrained(folder)
    AutoTokenizer.from_pretrained(saved).save_pretrained(folder)
    return folder


def test_pefts_form_with_nothing_filled_in_is_no_card(lora):
    assert "[More Information Needed]" in (lora / "README.md").read_text()
    artifact = model_artifact(lora, "me/lora", base_model="org/base")
    assert "More Information Needed" not in artifact.card
    assert "An adapter for [org/base](https://huggingface.co/org/base)." in artifact.card
    assert names_of(artifact) == {
        *("adapter_config.json", "adapter_model.safetensors", "tokenizer.json", "tokenizer_config.json")
    }
    check(artifact)


def test_what_a_person_filled_into_it_stays_and_the_place_of_the_base_does_not(lora, saved, tmp_path):
    mine = shutil.copytree(lora, tmp_path / "mine")
    form = (mine / "README.md").read_text()
    assert str(saved) in form
    (mine / "README.md").write_text(
        form.replace("**License:** [More Information Needed]", "**License:** MIT, says Ann")
    )
    artifact = model_artifact(mine, "me/lora", base_model="org/base")
    assert "**License:** MIT, says Ann" in artifact.card
    assert str(saved) not in artifact.card
    assert head_of(artifact)["tags"].count("base_model:adapter:org/base") == 1
    check(artifact)


@pytest.mark.parametrize("base", ["", "x" * 5000, "a b", "~/base", "C:\\models\\base", 7, None])
def test_an_adapter_whose_base_has_no_name_is_refused(model, base):
    with pytest.raises(ConfigError, match=r"the adapter could not be loaded") as found:
        model_artifact(adapter_of(model, base), "me/tiny")
    assert len(str(found.value)) < 1000


def test_a_model_stands_under_its_bases_licence_with_an_address_that_leads_there(monkeypatch):
    said = {"license": "other", "license_name": "llama3", "license_link": "LICENSE", "tags": ["x"]}
    asked = []

    def model_info(name, timeout):
        asked.append(name)
        return SimpleNamespace(card_data=ModelCardData(**said))

    # By its module: `lemma_hf.hub.push` is the function of that name.
    monkeypatch.setattr(sys.modules["lemma_hf.hub.push"], "hub_api", lambda: SimpleNamespace(model_info=model_info))
    link = "https://huggingface.co/org/base/blob/main/LICENSE"
    assert license_of("org/base") == {"license": "other", "license_name": "llama3", "license_link": link}
    said["license_link"] = "https://llama.meta.com/license"
    assert license_of("org/base")["license_link"] == said["license_link"]
    said["license_link"] = "javascript:alert(1)"
    assert license_of("org/base") == {"license": "other", "license_name": "llama3"}
    assert license_of("./base") == {}
    assert asked == ["org/base"] * 3


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
    gsm8k = BenchmarkResult.from_items(
        "gsm8k", items, policy="gsm8k", dataset=("openai/gsm8k", "main", "cc7b047b6e5bb11b")
    )
    world = BenchmarkResult.from_items("world/stories", items, policy="gsm8k")
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


def test_a_card_that_came_down_again_has_its_scores_renewed_and_its_mark_last(model, results):
    up = merge_cards(model_artifact(model, "me/tiny", results=results).card, None).text
    (model / "README.md").write_text(up)
    again = model_artifact(model, "me/tiny", results=results)
    assert merge_cards(again.card, up).text == up
    (model / "README.md").write_text(merge_cards(model_artifact(model, "me/tiny").card, None).text)
    text = merge_cards(model_artifact(model, "me/tiny", results=results).card, None).text
    assert text.count("<!-- lemma-hf wrote ") == 1 and text.count("## Evaluation") == 1


def test_what_a_person_wrote_of_their_own_evaluation_stays_in_text_and_index(model, results):
    theirs = """---
model-index:
- name: tiny
  results:
  - task: {type: text-generation}
    dataset: {name: ARC, type: allenai/ai2_arc}
    metrics:
    - {type: accuracy, value: 12.5}
---
# Mine

## Evaluation

It feels right.

```python
# not a heading
```
"""
    (model / "README.md").write_text(theirs)
    artifact = model_artifact(model, "me/tiny", results=results)
    assert "It feels right.\n\n```python\n# not a heading\n```" in artifact.card
    assert "| gsm8k |" in artifact.card
    found = {each.dataset_type: each.metric_value for each in ModelCard(artifact.card).data.eval_results}
    assert found == {"allenai/ai2_arc": 12.5, "openai/gsm8k": 75.0}
    check(artifact)


def test_several_samples_give_pass_and_majority_as_the_scores_file_has_them(tmp_path):
    texts = [["It is 4.", "It is 4.", "It is 5."], ["It is 4.", "It is 5.", "It is 5."]]
    student = SimpleNamespace(complete=lambda prompts, sampling: [[Completion(t, True, 3) for t in x] for x in texts])
    problems = [Problem(str(number), "2 + 2?", "4") for number in range(2)]
    items = score(student, problems, prompt_style("boxed"), Sampling(3, 0.7), "gsm8k")
    settings = {"samples": 3, "temperature": 0.7, "shots": -1, "max_new_tokens": 2048, "prompt_style": "boxed"}
    result = BenchmarkResult.from_items("gsm8k", items, policy="gsm8k", dataset=("openai/gsm8k", "main", ""))
    write_artifacts(tmp_path, [result], model="me/tiny", settings=settings)
    artifact = model_artifact(None, "me/tiny", results=tmp_path)
    index = {each.metric_name: each.metric_value for each in ModelCard(artifact.card).data.eval_results}
    # Three of six are right; in each problem one is; the majority is right in the first.
    assert index == {"pass@1": 50.0, "pass@3": 100.0, "maj@3": 50.0}
    assert "| pass@1 [95 %] | pass@3 [95 %] | maj@3 [95 %] |" in artifact.card
    assert "*pass@k*: one of k samples is right" in artifact.card
    assert "worked examples as in the paper, 3 samples a problem, at temperature 0.7, at most 2,048" in artifact.card
    assert "stand in this table alone" not in artifact.card


def test_a_model_without_a_card_is_asked_as_it_was_scored(model, results):
    card = model_artifact(model, "me/tiny", results=results).card
    assert "Questions are put in the prompt style `instruction`, as it was scored." in card
    assert "### Response: Let's think step by step." in card


def test_scores_alone_are_an_addition_to_a_model_that_is_there(results):
    artifact = model_artifact(None, "me/tiny", results=results)
    assert artifact.renews == ()
    assert all(path.startswith((".eval_results/", "evaluation/")) for path in names_of(artifact))
    assert artifact.card.count("\n## ") == 1
    check(artifact)


def spoil_share(facts, **values):
    facts["benchmarks"]["gsm8k"]["scores"]["pass@1"] |= values


def spoil_dataset(facts, **values):
    facts["benchmarks"]["gsm8k"]["dataset"] |= values


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda facts: facts.pop("benchmarks"), "holds no benchmarks"),
        (lambda facts: facts["benchmarks"].update(gsm8k={}), "is not as this version of lemma-hf writes it"),
        (lambda facts: facts["benchmarks"]["gsm8k"].update(scores=[1]), "is not as this version of lemma-hf writes it"),
        (lambda facts: facts["settings"].update(samples="many"), "is not as this version of lemma-hf writes it"),
        (lambda facts: facts["settings"].update(samples=10**4000), "is no count"),
        (lambda facts: spoil_share(facts, value=float("nan")), "nan is no share"),
        (lambda facts: spoil_share(facts, value=10**400), "OverflowError"),
        (lambda facts: spoil_share(facts, value=75), "75 is no share"),
        (lambda facts: spoil_share(facts, value="x" * 5000), "could not convert"),
        (lambda facts: spoil_share(facts, ci95=[0, 1, 2]), "is not as this version of lemma-hf writes it"),
        (lambda facts: spoil_share(facts, ci95=["0", "9" * 5000]), "is not as this version of lemma-hf writes it"),
        (lambda facts: spoil_dataset(facts, id="a/b](http://x.org)"), "name no dataset of the Hub"),
        (lambda facts: spoil_dataset(facts, id="../../secret"), "name no dataset of the Hub"),
        (lambda facts: spoil_dataset(facts, revision="`|x|`"), "name no dataset of the Hub"),
        (lambda facts: spoil_dataset(facts, config=["main"]), "name no dataset of the Hub"),
    ],
)
def test_scores_that_cannot_be_read_are_refused(results, spoil, said):
    path = results / "scores.json"
    facts = json.loads(path.read_text())
    spoil(facts)
    path.write_text(json.dumps(facts))
    with pytest.raises(DataError, match=said) as found:
        model_artifact(None, "me/tiny", results=results)
    assert len(str(found.value)) < 1000


def test_scores_as_large_as_no_run_writes_them_are_not_read(results):
    with (results / "scores.json").open("ab") as stream:
        stream.truncate(60 * 2**20)
    with pytest.raises(DataError, match="so it is no file of scores"):
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


NAMES = [
    "<img src=x onerror=alert(1)>",
    "![x](https://x.org/track.png)",
    "[click](https://x.org)",
    "a | b \\| c",
    "`<b>` and `` `x` ``",
    "**bold** ~~gone~~ \\[x](y)",
    "&lt;i&gt;",
    "# Licence\n\n## Licence\n- [ ] x",
    "",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_markdown_reader_sees_such_names_as_text_in_one_cell(results, name):
    path = results / "scores.json"
    facts = json.loads(path.read_text())
    facts["model"] = facts["settings"]["prompt_style"] = facts["versions"]["torch"] = name
    facts["benchmarks"] = {f"{name} ": facts["benchmarks"]["world/stories"]}
    facts["benchmarks"][f"{name} "]["scores"][f"pass@1 {name}"] = {"value": 1, "total": 1, "ci95": [0, 1]}
    path.write_text(json.dumps(facts))
    section = model_artifact(None, "me/tiny", results=results).card.split("---\n", 2)[2]
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(section)
    inline = [child for token in tokens for child in token.children or []]
    kinds = {child.type for child in inline} | {token.type for token in tokens}
    assert not kinds & {"html_inline", "html_block", "link_open", "strong_open", "s_open"}
    codes = [child.content for child in inline if child.type == "code_inline"]
    line = " ".join(name.replace("`", "'").split())
    assert codes[:2] == [line.replace("<", "‹") or "?"] * 2
    shown = [child.attrGet("src") for child in inline if child.type == "image"]
    assert shown == ["evaluation/accuracy.png", "evaluation/first_final.png"]
    assert [token.tag for token in tokens if token.type == "heading_open"] == ["h2"]
    cells = [token.children for before, token in pairwise(tokens) if before.type == "td_open"]
    assert len(cells) == 6 + 6  # two tables of one row
    words = "".join(child.content for child in cells[0])
    assert words == line
