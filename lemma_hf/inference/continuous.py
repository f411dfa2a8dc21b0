"""Student in continuous batching: a completion that ends makes room for the next prompt at once.

`generate` waits for the longest completion of each batch; transformers' `generate_batch` keeps a GPU full over a paged
cache. On a CPU the size of the cache is fixed.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lemma_hf.errors import ConfigError
from lemma_hf.inference.completions import Completion, Sampling
from lemma_hf.inference.local import as_asked, completion_of, end_tokens, evaluating
from lemma_hf.inference.prompting import encode_prompts

if TYPE_CHECKING:
    from transformers import GenerationConfig, PreTrainedModel, PreTrainedTokenizerBase
    from transformers.generation.configuration_utils import ContinuousBatchingConfig

_CPU_BLOCKS, _CPU_TOKENS = 64, 1024
"""Blocks of the cache, of 256 tokens each, and tokens a step: left alone, the library would take nine tenths of all
memory for the cache."""


class ContinuousStudent:
    """A causal language model in continuous batching, as a [`Student`][lemma_hf.inference.completions.Student].

    Greedy completions are those of `LocalStudent`, but for rounding; drawn ones are others.

    Args:
        model: one that has transformers' `generate_batch`.
        tokenizer: its tokenizer.
        chat: put prompts into the tokenizer's chat template.
        blocks: blocks of the cache, 256 tokens each; None: what the GPU's memory allows.
        progress: whether a bar is shown.

    Raises:
        ConfigError: if the installed transformers, or this model, has no continuous batching.
    """

    def __init__(
        self,
        model: "PreTrainedModel",
        tokenizer: "PreTrainedTokenizerBase",
        chat: bool = False,
        blocks: int | None = None,
        progress: bool = True,
    ) -> None:
        if not hasattr(model, "generate_batch"):
            raise ConfigError(
                "this model has no `generate_batch` in the installed transformers: leave `continuous` off"
            )
        self.model = model
        self.tokenizer = tokenizer
        self.chat = chat
        self.blocks = blocks
        self.progress = progress

    def complete(self, prompts: Sequence[str], sampling: Sampling) -> list[list[Completion]]:
        """`sampling.n` completions for each prompt, in the order of the prompts."""
        if not prompts:
            return []
        rows = [row for row in encode_prompts(self.tokenizer, prompts, self.chat) for _ in range(sampling.n)]
        with evaluating(self.model), as_asked(self.model):
            found = self.model.generate_batch(
                rows,
                generation_config=self._generation_config(sampling),
                continuous_batching_config=self._batching_config(sampling),
                progress_bar=self.progress,
                warmup=self.model.device.type == "cuda",
            )
        # Requests are named req_0, req_1, … in the order in which they were handed over.
        ordered = [found[name] for name in sorted(found, key=lambda name: int(name.rpartition("_")[2]))]
        if len(ordered) != len(rows):
            raise ConfigError(f"continuous batching gave {len(ordered)} completions for {len(rows)} prompts")
        ends = end_tokens(self.model, self.tokenizer)
        written = [completion_of(self.tokenizer, list(output.generated_tokens), ends) for output in ordered]
        return [written[start : start + sampling.n] for start in range(0, len(written), sampling.n)]

    def _generation_config(self, sampling: Sampling) -> "GenerationConfig":
        from transformers import GenerationConfig

        ends = end_tokens(self.model, self.tokenizer)
        drawn = (
            {"temperature": sampling.temperature, "top_p": sampling.top_p, "top_k": 0} if sampling.temperature else {}
        )
        return GenerationConfig(
            max_new_tokens=sampling.max_new_tokens,
            do_sample=bool(drawn),
            eos_token_id=ends,
            pad_token_id=self.tokenizer.eos_token_id,
            **drawn,
        )

    def _batching_config(self, sampling: Sampling) -> "ContinuousBatchingConfig":
        from transformers.generation.configuration_utils import ContinuousBatchingConfig

        if self.model.device.type == "cuda":
            return ContinuousBatchingConfig(num_blocks=self.blocks, seed=sampling.seed)
        blocks = self.blocks or _CPU_BLOCKS
        return ContinuousBatchingConfig(num_blocks=blocks, max_batch_tokens=_CPU_TOKENS, seed=sampling.seed)
