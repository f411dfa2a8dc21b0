"""The vLLM student, against a stand-in: vLLM needs a GPU, so that the real one cannot be installed where tests run.

The stand-in shows that we call what vLLM documents, in the right order and with the right seeds. It does not show that
vLLM does what its documentation says.
"""

import pickle
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from inspect import signature
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from lemma_hf.errors import ConfigError, MissingDependencyError
from lemma_hf.inference import Completion, Sampling
from lemma_hf.inference.endpoint import ReplyStore
from lemma_hf.inference.loading import load_student
from lemma_hf.inference.vllm import VLLMStudent, request_seed
from lemma_hf.records import DropReason


@dataclass
class SamplingParams:
    n: int
    temperature: float
    top_p: float
    max_tokens: int
    seed: int


class Words:
    """A tokenizer with a token for each word."""

    eos_token_id = None
    chat_template = "a template"

    def __init__(self) -> None:
        self.known: list[str] = []

    def __call__(self, text: str | list[str], add_special_tokens: bool = True) -> dict[str, Any]:
        assert add_special_tokens is isinstance(text, list)  # a chat template has written them already
        if isinstance(text, list):
            return {"input_ids": [self._ids(each) for each in text]}
        return {"input_ids": self._ids(text)}

    def _ids(self, text: str) -> list[int]:
        self.known += [word for word in text.split() if word not in self.known]
        return [self.known.index(word) for word in text.split()]

    def apply_chat_template(self, messages: list[dict[str, str]], **_: bool) -> str:
        (message,) = messages
        return f"<{message['role']}> {message['content']}"


@dataclass
class StandIn:
    """`vllm.LLM` that answers with the prompt's last word and its seed, and cuts off prompts that say so."""

    loaded: list[dict[str, Any]] = field(default_factory=list)
    calls: list[tuple[list[str], list[SamplingParams]]] = field(default_factory=list)
    words: Words = field(default_factory=Words)

    def load(self, **arguments: Any) -> "StandIn":
        if arguments["model"] == "missing":
            raise ValueError("no such model")
        self.loaded.append(arguments)
        return self

    @property
    def llm_engine(self) -> Any:
        return SimpleNamespace(model_config=SimpleNamespace(max_model_len=4))

    def get_tokenizer(self) -> Any:
        return self.words

    def generate(self, asked: list[dict[str, list[int]]], params: list[SamplingParams], use_tqdm: bool) -> list[Any]:
        assert use_tqdm is False
        prompts = [" ".join(self.words.known[token] for token in each["prompt_token_ids"]) for each in asked]
        self.calls.append((prompts, params))
        return [
            SimpleNamespace(
                outputs=[
                    SimpleNamespace(
                        text=f"{prompt.split()[-1]} {one.seed}",
                        finish_reason="length" if "long" in prompt else "stop",
                        token_ids=(1, 2, 3),
                    )
                ]
            )
            for prompt, one in zip(prompts, params, strict=True)
        ]


@pytest.fixture
def vllm(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    stand_in = StandIn()
    module = ModuleType("vllm")
    module.LLM = stand_in.load  # type: ignore[attr-defined]
    module.SamplingParams = SamplingParams  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "vllm", module)
    yield stand_in


def test_completions_come_back_prompt_by_prompt_with_their_end(vllm: StandIn) -> None:
    found = VLLMStudent("m").complete(["first one", "long two"], Sampling(2, 0.7, 0.9, 50, seed=3))
    seeds = [[request_seed(3, prompt, number) for number in (0, 1)] for prompt in ("first one", "long two")]
    assert found == [
        [Completion(f"one {seeds[0][0]}", True, 3), Completion(f"one {seeds[0][1]}", True, 3)],
        [Completion(f"two {seeds[1][0]}", False, 3), Completion(f"two {seeds[1][1]}", False, 3)],
    ]
    ((prompts, params),) = vllm.calls
    assert prompts == ["first one", "first one", "long two", "long two"]
    assert params[0] == SamplingParams(1, 0.7, 0.9, 50, seeds[0][0])
    assert len({one.seed for one in params}) == 4


def test_a_prompt_gets_the_same_whatever_it_shares_a_call_with(vllm: StandIn) -> None:
    student, sampling = VLLMStudent("m"), Sampling(2, 1.0)
    together = student.complete(["a", "b", "c"], sampling)
    assert [together[1], *student.complete([], sampling)] == student.complete(["b"], sampling)
    assert len(vllm.calls) == 2


def test_an_instruct_model_is_asked_in_its_chat_template(vllm: StandIn, tmp_path: Path) -> None:
    VLLMStudent("m", chat=True).complete(["2+2?"], Sampling())
    load_student("vllm:m", ReplyStore(tmp_path / "replies"), chat=True).complete(["3+3?"], Sampling())
    assert [prompts for prompts, _ in vllm.calls] == [["<user> 2+2?"], ["<user> 3+3?"]]


def test_a_prompt_that_leaves_no_room_costs_no_sibling(vllm: StandIn) -> None:
    found = VLLMStudent("m").complete(["a b c d", "a"], Sampling())
    assert (found[0][0].refused, found[0][0].text) == (DropReason.REFUSED, "")
    assert found[1] == VLLMStudent("m").complete(["a"], Sampling())[0]
    assert [prompts for prompts, _ in vllm.calls] == [["a"], ["a"]]


def test_it_is_loaded_once_where_it_is_used_and_travels_as_its_settings(vllm: StandIn) -> None:
    student = VLLMStudent("m", 4, 4096, {"dtype": "bfloat16"})
    assert vllm.loaded == []
    student.complete(["a"], Sampling())
    student.complete(["b"], Sampling())
    assert vllm.loaded == [
        {
            "model": "m",
            "tensor_parallel_size": 4,
            "enable_prefix_caching": True,
            "distributed_executor_backend": "mp",
            "max_model_len": 4096,
            "seed": 0,
            "dtype": "bfloat16",
        }
    ]
    assert student.gpus == 4
    again = pickle.loads(pickle.dumps(student))
    assert again._loaded is None
    again.complete(["a"], Sampling())
    assert vllm.loaded[1] == vllm.loaded[0]


def test_what_cannot_work_is_said(vllm: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="vLLM cannot load 'missing': no such model"):
        VLLMStudent("missing").complete(["a"], Sampling())
    with pytest.raises(ConfigError, match="`tensor_parallel` must be at least 1"):
        VLLMStudent("m", 0)
    monkeypatch.setitem(sys.modules, "vllm", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'lemma-hf\[vllm\]'"):
        VLLMStudent("m").complete(["a"], Sampling())


def test_the_real_vllm_has_the_names_that_are_called() -> None:
    vllm = pytest.importorskip("vllm", reason="vLLM is not installed: it needs a GPU")
    from vllm.engine.arg_utils import EngineArgs
    from vllm.outputs import CompletionOutput

    assert list(signature(vllm.LLM.generate).parameters)[1:3] == ["prompts", "sampling_params"]
    assert {"model", "tensor_parallel_size", "seed"} <= signature(vllm.LLM.__init__).parameters.keys()
    assert {"enable_prefix_caching", "max_model_len", "distributed_executor_backend"} <= vars(EngineArgs()).keys()
    assert vllm.SamplingParams(n=1, temperature=0.7, top_p=0.9, max_tokens=5, seed=3).seed == 3
    assert {"text", "token_ids", "finish_reason"} <= signature(CompletionOutput).parameters.keys()
