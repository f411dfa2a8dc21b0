"""A card is told what is wrong with it, and not committed."""

import json
from base64 import b64encode

import pytest
from hub_client import from_hub
from huggingface_hub import DatasetCard, HfApi
from huggingface_hub.errors import BadRequestError
from huggingface_hub.utils import get_session, hf_raise_for_status

from lemma_hf.testing import LoopbackHub
from lemma_hf.testing.hub._card import problems
from lemma_hf.testing.hub._eval_results import eval_results

GOOD = """\
---
license: apache-2.0
language: en
tags: [math, reasoning]
configs:
- config_name: default
  data_files: data/*.parquet
model-index:
- name: tiny
  results:
  - task: {type: text-generation}
    dataset: {type: gsm8k, name: GSM8K}
    metrics: [{type: accuracy, value: 0.5}]
---
# Lemma
"""


def test_a_good_card_has_no_problems() -> None:
    assert problems(GOOD, "dataset") == ([], [])
    assert problems(GOOD.replace("\n", "\r\n"), "dataset") == ([], [])
    named = "---\nlanguage: [en, deu, code, multilingual]\nbase_model: gpt2\ndatasets: [me/r_1.0-x]\n---\n"
    assert problems(named, "model") == ([], [])
    assert problems("---\n---\n# Lemma", "model") == ([], ["empty or missing yaml metadata in repo card"])


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("license: [mit", "Invalid YAML"),
        ("license: mit\nlicense: mit", "duplicated mapping key: license"),
        ("a: &a [1]\nb: *a", "aliases"),
        ("- a", "need keys and values"),
        ("license: my-own", '"license" must be one of the known licenses'),
        ("license: 2", '"license" must be a string'),
        ("tags: math", '"tags" must be an array of strings'),
        ("tags: [1]", '"tags" must be an array of strings'),
        ("language: [no]", '"language" must be a string or an array of strings'),  # YAML's false, not Norwegian
        ("language: EN", '"EN" is not'),
        ("language: [en, english]", '"english" is not'),
        ("language: zh-CN", '"zh-CN" is not'),
        ("base_model: not a name", '"base_model" with value "not a name" is not valid'),
        ("base_model: [org/base, ../base]", '"base_model" with value "../base" is not valid'),
        ("datasets: [openai/gsm8k, a/b/c]", '"datasets" with value "a/b/c" is not valid'),
        ("pretty_name: 3", '"pretty_name" must be a string'),
        ("configs: {}", '"configs" must be an array of objects'),
        ("configs: [{data_files: x}]", '"configs[].config_name" must be a string'),
        ("configs: [{config_name: a}, {config_name: a}]", '"configs[].config_name" must be unique'),
        ("model-index: x", '"model-index" must be an array'),
        ("model-index: [{name: a}]", '"model-index[0].results" must be an array'),
        ("model-index: [{name: a, results: [1]}]", '"model-index[0].results[0]" must be an object'),
        (
            "model-index: [{name: a, results: [{task: {type: a}}]}]",
            '"model-index[0].results[0].dataset.name" is required',
        ),
        ("x: " + "[" * 3000, "Invalid YAML"),
        ("x: " + "y" * 2**20, "too large"),
    ],
)
def test_what_is_wrong_is_said(head: str, said: str) -> None:
    errors, _ = problems(f"---\n{head}\n---\n", "model")
    assert any(said in one for one in errors), errors


def test_a_space_says_what_runs_it() -> None:
    head = "---\nsdk: none\ncolorFrom: mauve\nemoji: x\npinned: 1\nshort_description: {}\n---\n"
    errors, _ = problems(head.format("y" * 61), "space")
    assert [one.split('"')[1] for one in errors] == ["sdk", "colorFrom", "emoji", "short_description", "pinned"]
    assert problems("---\nsdk: gradio\ncolorFrom: red\nemoji: 🐢\npinned: false\n---\n", "space") == ([], [])


BAD = GOOD.replace("apache-2.0", "my-own")


@from_hub("2", "has cards validated by huggingface.co, whatever its endpoint")
def test_the_stock_client_hears_it_before(
    loopback_api: HfApi, loopback_hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", loopback_hub.url)
    loopback_hub.create("me/lemma", "dataset")
    DatasetCard(GOOD).validate(repo_type="dataset")
    with pytest.raises(ValueError, match="must be one of the known licenses"):
        DatasetCard(BAD).validate(repo_type="dataset")
    with pytest.raises(ValueError, match="Invalid metadata in README"):
        loopback_api.upload_file(
            path_or_fileobj=BAD.encode(), path_in_repo="README.md", repo_id="me/lemma", repo_type="dataset"
        )
    assert not any("/commit/" in one.path for one in loopback_hub.requests)


def test_a_commit_of_whoever_did_not_ask_before_is_refused(loopback_api: HfApi, loopback_hub: LoopbackHub) -> None:
    before = loopback_hub.create("me/lemma", "dataset").head()
    with pytest.raises(BadRequestError, match=r"the YAML metadata of README\.md is invalid"):
        commit_unasked(loopback_api, BAD)
    assert loopback_hub.repo("me/lemma", "dataset").head() == before


def commit_unasked(api: HfApi, card: str) -> None:
    file = {"path": "README.md", "content": b64encode(card.encode()).decode(), "encoding": "base64"}
    lines = [{"key": "header", "value": {"summary": "card"}}, {"key": "file", "value": file}]
    url, headers = f"{api.endpoint}/api/datasets/me/lemma/commit/main", {"Authorization": f"Bearer {api.token}"}
    body = "\n".join(json.dumps(line) for line in lines).encode()
    hf_raise_for_status(get_session().post(url, headers=headers, content=body), endpoint_name="commit")


@from_hub("1.33", "expects an id of every score")
@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("- dataset: {id: openai/gsm8k, task_id: main}\n  value: 79.2\n", ""),
        ("garbage", "need an array of results"),
        ("- dataset: {id: openai/gsm8k}\n  value: 1\n", "task_id"),
        ("- dataset: {id: not a name, task_id: main}\n  value: 1\n", "dataset.id"),
        ("- dataset: {id: openai/gsm8k, task_id: main}\n  value: high\n", "value"),
        ("- [", "expected"),
        ("\xff", "utf-8"),
    ],
)
def test_scores_that_cannot_be_read_are_committed_and_not_shown(
    loopback_api: HfApi, loopback_hub: LoopbackHub, content: str, said: str
) -> None:
    """As the real Hub has it, whose client passes over such files with a warning."""
    files = {".eval_results/gsm8k.yaml": content.encode("latin-1"), "eval_results.yaml": b"garbage"}
    loopback_hub.commit("me/tiny", "model", files)
    (found,) = eval_results(loopback_hub.repo("me/tiny", "model").find("main").files)
    assert found["filename"] == ".eval_results/gsm8k.yaml"
    assert said in found.get("error", "") and ("error" in found) == bool(said)
    listed = loopback_api.model_info("me/tiny", expand=["evalResults"]).eval_results
    assert [entry.value for entry in listed or []] == ([] if said else [79.2])
