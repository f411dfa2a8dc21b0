"""Student on this machine: batches of prompts of similar length, with transformers' `generate`."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from tqdm.auto import tqdm

from lemma_hf.errors import ConfigError
from lemma_hf.inference.completions import Completion, Sampling
from lemma_hf.inference.prompting import encode_prompts
from lemma_hf.inference.weights import explained_loading, refuse_missing, refuse_not_finite
from lemma_hf.utils.extras import extras_explained
from lemma_hf.utils.threads import calm_threads

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module
    from transformers import BatchEncoding, PreTrainedModel, PreTrainedTokenizerBase

_SECONDS_BETWEEN = 1.0
"""Seconds between two looks into a batch that is being written."""


class LocalStudent:
    """A causal language model and its tokenizer, as a [`Student`][lemma_hf.inference.completions.Student].

    Args:
        model: anything with transformers' `generate`; it stays on the device where it is.
        tokenizer: its tokenizer. Prompts are tokenized as they are, with the special tokens it adds in front.
        batch_size: sequences generated in one batch; lower it when memory runs out.
        progress: the name of the progress bar, or None for no bar.
        chat: put prompts into the tokenizer's chat template, as the message of a user.
    """

    def __init__(
        self,
        model: "PreTrainedModel",
        tokenizer: "PreTrainedTokenizerBase",
        batch_size: int = 64,
        progress: str | None = "generate",
        chat: bool = False,
    ) -> None:
        if tokenizer.eos_token_id is None:
            raise ConfigError("the tokenizer has no end token, so no completion would ever end: set `eos_token`")
        if batch_size < 1:
            raise ConfigError(f"batch_size must be at least 1, but is {batch_size}")
        self.model = model
        self.tokenizer = tokenizer
        self.batch_size = batch_size
        self.progress = progress
        self.chat = chat

    @classmethod
    def from_pretrained(
        cls, name_or_path: str, batch_size: int = 64, progress: str | None = "generate", chat: bool = False
    ) -> "LocalStudent":
        """Load a model from a folder or the Hub; see `load_model` for device and data type."""
        return cls(*load_model(name_or_path), batch_size, progress, chat)

    def complete(self, prompts: Sequence[str], sampling: Sampling) -> list[list[Completion]]:
        """`sampling.n` completions for each prompt, in the order of the prompts.

        The longest prompts come first, so that memory runs out at once or never. Sampled completions depend on the
        seed, the batch size and the other prompts.

        Raises:
            ConfigError: if the model's scores of tokens are NaN.
        """
        import torch

        found: list[list[Completion]] = [[] for _ in prompts]
        tokens, start = 0, time.monotonic()
        total = len(prompts) * sampling.n
        # Below another bar it vanishes when it is full.
        bar = tqdm(total=total, desc=self.progress, unit="completion", disable=self.progress is None, leave=None)
        # Not in inference mode: buffers that a model fills there could not be used in training any more.
        with bar, evaluating(self.model), as_asked(self.model), torch.no_grad(), torch.random.fork_rng():
            torch.manual_seed(sampling.seed)
            for batch in self._batches(prompts, sampling.n):
                written = self._generate([prompts[i] for i in batch], sampling, bar)
                for index, completion in zip(batch, written, strict=True):
                    found[index].append(completion)
                    tokens += completion.tokens
                bar.update(len(batch))
                bar.set_postfix_str(f"{tokens / max(1e-9, time.monotonic() - start):,.0f} tokens/s", refresh=False)
        return found

    def _batches(self, prompts: Sequence[str], n: int) -> Iterator[list[int]]:
        """Indices of prompts, each named `n` times, longest prompt first."""
        longest_first = sorted(range(len(prompts)), key=lambda index: -len(prompts[index]))
        each = [index for index in longest_first for _ in range(n)]
        return (each[at : at + self.batch_size] for at in range(0, len(each), self.batch_size))

    def _generate(self, prompts: list[str], sampling: Sampling, bar: "tqdm[NoReturn]") -> list[Completion]:
        inputs = self._encode(prompts).to(self.model.device)
        ends, size = end_tokens(self.model, self.tokenizer), inputs["input_ids"].shape[1]
        draw = (
            {"temperature": sampling.temperature, "top_p": sampling.top_p, "top_k": 0} if sampling.temperature else {}
        )
        numbers = _OnlyNumbers()
        output = self.model.generate(
            input_ids=inputs["input_ids"],
            attention_mask=inputs["attention_mask"],
            max_new_tokens=sampling.max_new_tokens,
            do_sample=bool(draw),
            use_cache=True,  # a model in training may have it turned off in its configuration
            pad_token_id=self._pad_token_id(),
            eos_token_id=ends,
            logits_processor=[numbers],
            stopping_criteria=[] if bar.disable else [_Watch(bar, size, ends)],
            **draw,
        )
        numbers.refuse_others()
        return [completion_of(self.tokenizer, row, ends) for row in output[:, size:].tolist()]

    def _encode(self, prompts: list[str]) -> "BatchEncoding":
        rows = encode_prompts(self.tokenizer, prompts, self.chat)
        return self.tokenizer.pad({"input_ids": rows}, return_tensors="pt", padding=True, padding_side="left")

    def _pad_token_id(self) -> int:
        pad = self.tokenizer.pad_token_id
        return int(self.tokenizer.eos_token_id if pad is None else pad)


def load_model(name_or_path: str) -> "tuple[PreTrainedModel, PreTrainedTokenizerBase]":
    """Load a model and its tokenizer from a folder or the Hub, to the GPU in bfloat16, else to the CPU in float32.

    Raises:
        ConfigError: if it cannot be loaded, lacks weights, or has some that are no numbers.
        MissingDependencyError: if torch is not installed.
    """
    calm_threads()
    with extras_explained():
        import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    gpu = torch.cuda.is_available()
    with explained_loading(name_or_path):
        tokenizer = AutoTokenizer.from_pretrained(name_or_path)
        model, info = AutoModelForCausalLM.from_pretrained(
            name_or_path, dtype=torch.bfloat16 if gpu else torch.float32, output_loading_info=True
        )
        refuse_missing(name_or_path, info)
    model = model.to("cuda" if gpu else "cpu")
    refuse_not_finite(name_or_path, model)
    return model, tokenizer


class _OnlyNumbers:
    """Notes scores that are NaN: the first token is the most likely one among them, and a draw from them fails."""

    def __init__(self) -> None:
        self._met: Tensor | None = None

    def __call__(self, input_ids: "Tensor", scores: "Tensor") -> "Tensor":
        bad = scores.isnan().any(dim=-1, keepdim=True)
        # On the device: asking for the value here would wait for the GPU at each token.
        self._met = bad.any() if self._met is None else self._met | bad.any()
        return scores.masked_fill(bad, 0.0)

    def refuse_others(self) -> None:
        """Raise if there were any."""
        if self._met is not None and bool(self._met):
            raise ConfigError(
                "the model scores tokens with NaN, so that what it writes means nothing: its training may have "
                "diverged (look at its loss), or numbers of its data type are too small for it (load it in bfloat16 "
                "or float32)"
            )


class _Watch:
    """Shows how far a batch is, without ever stopping it: some batches take many minutes."""

    def __init__(self, bar: "tqdm[NoReturn]", start: int, ends: Sequence[int]) -> None:
        self._bar = bar
        self._start = start
        self._ends = ends
        self._shown = time.monotonic()

    def __call__(self, input_ids: "Tensor", scores: "Tensor", **_: object) -> "Tensor":
        import torch

        if time.monotonic() - self._shown > _SECONDS_BETWEEN:
            self._shown = time.monotonic()
            written = input_ids[:, self._start :]
            ended = torch.isin(written, torch.tensor(self._ends, device=written.device)).any(dim=1).sum()
            words = f"in this batch {int(ended)} of {len(written)} done, {written.shape[1]:,} tokens each"
            self._bar.set_postfix_str(words)
        return torch.zeros(len(input_ids), dtype=torch.bool, device=input_ids.device)


def end_tokens(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase") -> list[int]:
    """The tokens that end a completion: the tokenizer's, and those of the model's generation config.

    Many chat models have two, such as `<|im_end|>` and `<|endoftext|>`; to one that is not known a completion would
    seem to be cut off.
    """
    config = getattr(model, "generation_config", None)
    named = getattr(config, "eos_token_id", None)
    more = named if isinstance(named, list) else [named]
    return list(dict.fromkeys(int(token) for token in (tokenizer.eos_token_id, *more) if token is not None))


@contextmanager
def as_asked(model: "PreTrainedModel") -> Iterator[None]:
    """Let the model draw as it is asked to: of its own generation config only the special tokens count.

    Such a file holds what its makers advise for conversations, as `repetition_penalty: 1.1` does in Qwen2.5's.
    transformers takes from it whatever the call leaves open; a greedy answer then is not the most likely one, and a
    sum in which a number comes again goes wrong. vLLM, asked with sampling parameters, takes nothing from it.
    """
    from transformers import GenerationConfig

    # An adapter of peft hands calls on to its base model, and either may have a config.
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    owners = [(each, vars(each)["generation_config"]) for each in {model, base} if "generation_config" in vars(each)]
    for each, own in owners:
        tokens = {name: getattr(own, name, None) for name in ("bos_token_id", "eos_token_id", "pad_token_id")}
        each.generation_config = GenerationConfig(**tokens)
    try:
        yield
    finally:
        for each, own in owners:
            each.generation_config = own


def completion_of(tokenizer: "PreTrainedTokenizerBase", token_ids: list[int], ends: Sequence[int]) -> Completion:
    """The completion in generated tokens: the text up to the first end token; padding after it is not counted."""
    end = next((place for place, token in enumerate(token_ids) if token in ends), None)
    finished = end is not None
    written = token_ids[:end]
    text = tokenizer.decode(written, skip_special_tokens=True)
    return Completion(text, finished, len(written) + finished)


@contextmanager
def evaluating(model: "Module") -> Iterator[None]:
    """Put the model into evaluation mode; afterwards every module is in the mode that it had before."""
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        yield
    finally:
        for module, mode in modes.items():
            module.training = mode
