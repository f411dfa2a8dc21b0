"""Completions of a model here, in a real store: written once, whole calls at a time, and each model its own."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM

from lemma_hf.inference import Completion, LocalStudent, Sampling
from lemma_hf.inference.cached import CachedStudent, fingerprint
from lemma_hf.inference.endpoint import ReplyStore
from lemma_hf.pipeline import Funnel, sample_stage
from lemma_hf.prompts import prompt_style
from lemma_hf.records import DropReason, Problem
from lemma_hf.train.scratch import character_tokenizer, small_llama
from lemma_hf.world.sums import SUMS

TWO = Sampling(n=2, temperature=0.7, max_new_tokens=6)


class Counting:
    """A student that counts its calls, and can be killed at the next one."""

    def __init__(self, student):
        self.student = student
        self.calls: list[list[str]] = []
        self.last_call = 0

    def complete(self, prompts: Sequence[str], sampling: Sampling) -> list[list[Completion]]:
        if self.last_call and len(self.calls) == self.last_call:
            raise KeyboardInterrupt
        self.calls.append(list(prompts))
        return self.student.complete(prompts, sampling)


class Scripted:
    """Writes what it is told to."""

    def __init__(self, *completions: Completion):
        self.completions = completions

    def complete(self, prompts: Sequence[str], sampling: Sampling) -> list[list[Completion]]:
        return [[completion] for completion, _ in zip(self.completions, prompts, strict=True)]


@pytest.fixture
def store(tmp_path):
    with ReplyStore(tmp_path / "replies.sqlite") as store:
        yield store


@pytest.fixture(scope="module")
def local() -> LocalStudent:
    tokenizer = character_tokenizer("0123456789+*=:;#")
    return LocalStudent(small_llama(tokenizer, hidden_size=32, layers=1, heads=2), tokenizer, progress=None)


@pytest.fixture
def folder(local, tmp_path) -> Path:
    """A model as a training leaves it."""
    folder = tmp_path / "model"
    local.model.save_pretrained(folder)
    local.tokenizer.save_pretrained(folder)
    (folder / "training_args.bin").write_bytes(b"output_dir: one/model")
    (folder / "train_results.json").write_text('{"train_runtime": 12.5}', "utf-8")
    return folder


def test_what_is_in_the_store_is_not_written_again(local, store):
    counting = Counting(local)
    remembered = CachedStudent(counting, store, "a model")
    first = remembered.complete(["1+2:", "3*4:"], TWO)
    assert remembered.complete(["1+2:", "3*4:"], TWO) == first
    assert [len(row) for row in first] == [2, 2]
    assert (len(counting.calls), store.count()) == (1, 4)

    assert remembered.complete(["3*4:", "5+6:"], TWO)[0] == first[1]
    assert counting.calls[1:] == [["5+6:"]]


def test_a_sampling_that_is_cut_off_goes_on_with_the_call_it_was_at_and_comes_to_the_same(local, tmp_path):
    problems, style = SUMS.problems(10, seed=1), prompt_style("sums")

    def sample(counting: Counting, file: str) -> tuple[list[str], list[object]]:
        with ReplyStore(tmp_path / file) as store:
            counting.batch = 4
            remembered = CachedStudent(counting, store, "a model")
            funnel = Funnel(tmp_path / f"{file}.rejects", progress=False)
            kept = funnel.run(sample_stage(remembered, TWO, style, SUMS.split), problems)
            return [attempt.text for attempt in kept], funnel.to_json()

    whole = Counting(local)
    undisturbed = sample(whole, "one")
    assert [len(call) for call in whole.calls] == [4, 4, 2]

    killed = Counting(local)
    killed.last_call = 2
    with pytest.raises(KeyboardInterrupt):
        sample(killed, "two")
    resumed = Counting(local)
    assert sample(resumed, "two") == undisturbed
    assert killed.calls == whole.calls[:2] and resumed.calls == whole.calls[2:]
    assert (tmp_path / "two.rejects").read_bytes() == (tmp_path / "one.rejects").read_bytes()


def test_a_call_is_stored_whole_or_not_at_all(store):
    class Torn:
        def complete(self, prompts: Sequence[str], sampling: Sampling) -> list[list[Completion]]:
            return [[Completion("42", True, 2)]]  # one row for two prompts

    with pytest.raises(ValueError, match="zip"):
        CachedStudent(Torn(), store, "a model").complete(["a", "b"], Sampling())
    assert store.count() == 0


def test_cut_off_empty_refused_and_odd_completions_come_back_as_they_went(store):
    written = [
        Completion("", False, 1024),
        Completion("", True, 1),
        Completion(" \n", True, 2),
        Completion("a\0b „ü“ 𝟜 <|end|>", True, 9),
        Completion("", False, 0, DropReason.REFUSED, "the prompt fills the window"),
    ]
    remembered = CachedStudent(Scripted(*written), store, "a model")
    prompts = list("abcde")
    first = [row[0] for row in remembered.complete(prompts, Sampling())]
    remembered.student = Scripted()
    again = [row[0] for row in remembered.complete(prompts, Sampling())]
    assert first == again == written


def test_a_completion_that_was_cut_off_keeps_its_text(store):
    remembered = CachedStudent(Scripted(Completion("12+3", False, 4)), store, "a model")
    assert remembered.complete(["p"], Sampling()) == [[Completion("12+3", False, 4)]]
    assert remembered.complete(["p"], Sampling()) == [[Completion("12+3", False, 4)]]


@pytest.mark.parametrize(
    "other",
    [Sampling(2, 0.8, 1.0, 6), Sampling(2, 0.7, 0.9, 6), Sampling(2, 0.7, 1.0, 7), Sampling(2, 0.7, 1.0, 6, seed=1)],
)
def test_another_way_of_drawing_is_another_completion(local, store, other):
    counting = Counting(local)
    remembered = CachedStudent(counting, store, "a model")
    remembered.complete(["1+2:"], TWO)
    remembered.complete(["1+2:"], other)
    assert (len(counting.calls), store.count()) == (2, 4)


def test_a_model_trained_further_is_another_student(local, folder, store):
    """The same prompts, the same store, the same folder: only a weight has changed."""
    before = CachedStudent(Counting(local), store, fingerprint(str(folder)))
    first = before.complete(["1+2:"], TWO)

    model = AutoModelForCausalLM.from_pretrained(folder)
    with torch.no_grad():
        model.model.layers[0].mlp.up_proj.weight[0, 0] += 1e-3
    model.save_pretrained(folder)
    counting = Counting(LocalStudent(model, local.tokenizer, progress=None))
    after = CachedStudent(counting, store, fingerprint(str(folder)))
    after.complete(["1+2:"], TWO)
    assert len(counting.calls) == 1 and store.count() == 4
    assert before.complete(["1+2:"], TWO) == first


def test_the_fingerprint_is_that_of_the_model_and_not_of_the_folder(folder, tmp_path):
    name = fingerprint(str(folder))
    shutil.copytree(folder, tmp_path / "elsewhere" / "under-another-name")
    copy = tmp_path / "elsewhere" / "under-another-name"
    (copy / "training_args.bin").write_bytes(b"output_dir: two/model")
    (copy / "train_results.json").write_text('{"train_runtime": 99.9}', "utf-8")
    (copy / "README.md").write_text("a card", "utf-8")
    (copy / "checkpoint-5").mkdir()
    assert fingerprint(str(copy)) == name == fingerprint(f"{folder}/")


@pytest.mark.parametrize("file", ["model.safetensors", "config.json", "tokenizer.json", "generation_config.json"])
def test_the_fingerprint_changes_with_every_file_that_has_a_say_in_what_is_written(folder, file):
    before = fingerprint(str(folder))
    (folder / file).write_bytes((folder / file).read_bytes() + b" ")
    assert fingerprint(str(folder)) != before


def test_a_name_on_the_hub_stands_for_itself():
    assert fingerprint("Qwen/Qwen2.5-0.5B") == "Qwen/Qwen2.5-0.5B"


def test_equal_questions_get_equal_completions(local, store):
    """Two problems with one question share their place in the store; `select` drops what is then told twice."""
    one = CachedStudent(local, store, "a model").complete(["1+2:", "1+2:"], TWO)
    assert one[0] == one[1] and store.count() == 2


def test_a_refused_completion_is_dropped_for_its_own_reason(store):
    refused = Completion("", False, 0, DropReason.REFUSED, "the prompt fills the window")
    stage = sample_stage(
        CachedStudent(Scripted(refused), store, "a model"), Sampling(), prompt_style("sums"), SUMS.split
    )
    (dropped,) = stage.work([Problem("p", "100+12", "112")])
    assert (dropped.reason, dropped.detail) == (DropReason.REFUSED, "the prompt fills the window")
