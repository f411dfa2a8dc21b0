"""Student in vLLM, for millions of completions on GPUs: offline `LLM.generate`, one engine a process.

We have never run this against the real vLLM: it needs a GPU, and no machine of ours has one. Every name that it calls
was held against the files of vLLM 0.33, and the tests run it against a stand-in of a few lines. Try it on a hundred
prompts first.
"""

import hashlib
import importlib
import os
from collections.abc import Mapping, Sequence
from typing import Any

from lemma_hf.errors import ConfigError, MissingDependencyError
from lemma_hf.inference.completions import Completion, Sampling
from lemma_hf.inference.prompting import encode_prompts
from lemma_hf.records import DropReason
from lemma_hf.utils.extras import how_to_install

_TOO_LONG = Completion("", False, 0, DropReason.REFUSED, "the prompt fills the model's whole window")


class VLLMStudent:
    """A model in vLLM, as a [`Student`][lemma_hf.inference.completions.Student].

    The model is loaded where `complete` is first called, so that the student itself is no more than its settings and
    can be sent to the machine that has the GPUs. Each completion has a seed made of the sampling's seed, the prompt and
    its number: it does not depend on which prompts it shares a call with, but for the rounding of the GPU's kernels,
    which vLLM does not keep the same for every batch size. Store completions that have to stay (`CachedStudent`).

    Args:
        model: a folder or a name on the Hub.
        tensor_parallel: GPUs that share one copy of the model.
        max_model_len: longest prompt with its completion, in tokens; None: as the model's configuration says.
        options: further arguments of `vllm.LLM`, such as `{"dtype": "bfloat16", "gpu_memory_utilization": 0.95}`.
        chat: put prompts into the tokenizer's chat template.

    Raises:
        MissingDependencyError: when it is first used, if vLLM is not installed.
        ConfigError: when it is first used, if vLLM cannot load the model.
    """

    batch = 1024
    """Prompts to hand over in one call: enough to keep a GPU busy; they are lost where its machine fails."""

    def __init__(
        self,
        model: str,
        tensor_parallel: int = 1,
        max_model_len: int | None = None,
        options: Mapping[str, Any] | None = None,
        chat: bool = False,
    ) -> None:
        if tensor_parallel < 1:
            raise ConfigError(f"`tensor_parallel` must be at least 1, but is {tensor_parallel}")
        self.model = model
        self.tensor_parallel = tensor_parallel
        self.max_model_len = max_model_len
        self.options = dict(options or {})
        self.chat = chat
        self._loaded: Any = None

    @property
    def gpus(self) -> int:
        """GPUs that each worker on a cluster needs."""
        return self.tensor_parallel

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_loaded": None}

    def complete(self, prompts: Sequence[str], sampling: Sampling) -> list[list[Completion]]:
        """`sampling.n` completions for each prompt, in the order of the prompts.

        Each is a request of its own; vLLM's prefix cache computes the prompt that they share once. A prompt that fills
        the model's whole window is refused here: vLLM itself would refuse all prompts for its sake.
        """
        if not prompts:
            return []
        engine = self._engine()
        window: int = engine.llm_engine.model_config.max_model_len
        # As token ids, which `LocalStudent` makes in the same way: vLLM itself knows of no chat template here.
        rows = encode_prompts(engine.get_tokenizer(), prompts, self.chat)
        asked = [
            ({"prompt_token_ids": row}, _parameters(sampling, prompt, number))
            for row, prompt in zip(rows, prompts, strict=True)
            if len(row) < window
            for number in range(sampling.n)
        ]
        outputs = engine.generate(*map(list, zip(*asked, strict=True)), use_tqdm=False) if asked else []
        written = map(_completion, outputs)
        return [[next(written) if len(row) < window else _TOO_LONG for _ in range(sampling.n)] for row in rows]

    def _engine(self) -> Any:
        if self._loaded is None:
            vllm = _load_vllm()
            # Ray gives this process its GPUs; vLLM's own Ray backend would ask the cluster for as many again.
            inside = {"distributed_executor_backend": "mp"} if self.tensor_parallel > 1 else {}
            arguments = inside | {"max_model_len": self.max_model_len, "seed": 0} | self.options
            try:
                self._loaded = vllm.LLM(
                    model=self.model, tensor_parallel_size=self.tensor_parallel, enable_prefix_caching=True, **arguments
                )
            except (OSError, ValueError, RuntimeError) as error:
                raise ConfigError(f"vLLM cannot load {self.model!r}: {error}") from error
        return self._loaded


def _load_vllm() -> Any:
    os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")
    try:
        return importlib.import_module("vllm")
    except ImportError as error:
        raise MissingDependencyError(
            f"a vLLM student needs vLLM, which is not installed ({error}): {how_to_install('vllm')}, on a machine "
            "with a GPU"
        ) from None


def _parameters(sampling: Sampling, prompt: str, number: int) -> Any:
    return _load_vllm().SamplingParams(
        n=1,
        temperature=sampling.temperature,
        top_p=sampling.top_p,
        max_tokens=sampling.max_new_tokens,
        seed=request_seed(sampling.seed, prompt, number),
    )


def request_seed(seed: int, prompt: str, number: int) -> int:
    """The seed of one completion, below 2³¹.

    Example:
        >>> seeds = [request_seed(0, "2+2?", number) for number in (0, 1, 0)]
        >>> seeds[0] == seeds[2], seeds[0] == seeds[1]
        (True, False)
    """
    named = f"{seed}/{number}/{prompt}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(named).digest()[:4]) >> 1


def _completion(output: Any) -> Completion:
    (written,) = output.outputs
    # "stop": the end token, which vLLM counts among the tokens; "length" or anything else: not finished.
    return Completion(written.text, written.finish_reason == "stop", len(written.token_ids))
