"""Model of the training script: a published one with its tokenizer, in full or in 4 or 8 bits, or one from scratch."""

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import Any

import transformers
from datasets import Dataset
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.integrations import is_deepspeed_zero3_enabled, is_fsdp_enabled
from trl import get_quantization_config

from lemma_hf.errors import ConfigError, MissingDependencyError
from lemma_hf.inference.weights import explained_loading, refuse_missing, refuse_not_finite
from lemma_hf.train.config import LemmaSFTConfig
from lemma_hf.train.scratch import bpe_tokenizer, small_llama
from lemma_hf.train.script.settings import LemmaModelConfig


def make_model(
    settings: LemmaModelConfig, config: LemmaSFTConfig, rows: Dataset
) -> tuple[PreTrainedModel | str, PreTrainedTokenizerBase]:
    """A model, or the name of one that the trainer loads, and its tokenizer.

    For the trainer, `config.model_init_kwargs` get the revision, the dtype and the attention of `settings`, as in TRL's
    own script; what already is in them wins.

    Args:
        rows: what the tokenizer of a model from scratch is fitted to.

    Raises:
        ConfigError: if it is not clear which model is meant, or it cannot be loaded.
    """
    if settings.scratch == bool(settings.model_name_or_path):
        raise ConfigError("which model? Say either `model_name_or_path: NAME_OR_FOLDER` or `scratch: true`")
    return _from_scratch(settings, config, rows) if settings.scratch else _published(settings, config)


def quantization(settings: LemmaModelConfig) -> BitsAndBytesConfig | None:
    """How the base model's weights are quantized (TRL's `get_quantization_config`); None: not at all.

    Where the weights go (`device_map`) is the trainer's part: all on one device under several processes, else "auto",
    and on a CPU what `transformers` does by itself.

    Raises:
        MissingDependencyError: if bitsandbytes is not installed.
    """
    if (settings.load_in_4bit or settings.load_in_8bit) and not find_spec("bitsandbytes"):
        bits = "load_in_4bit" if settings.load_in_4bit else "load_in_8bit"
        raise MissingDependencyError(
            f"{bits} needs bitsandbytes, which is not installed: pip install bitsandbytes, or leave {bits} out and "
            "train adapters on weights that are not quantized (two bytes each with `dtype: bfloat16`)"
        )
    return get_quantization_config(settings)


def _from_scratch(
    settings: LemmaModelConfig, config: LemmaSFTConfig, rows: Dataset
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    stock = LemmaModelConfig(scratch=True)
    names = ("model_revision", "dtype", "attn_implementation", "load_in_4bit", "load_in_8bit")
    if ignored := [name for name in names if getattr(settings, name) != getattr(stock, name)]:
        raise ConfigError(
            f"{', '.join(ignored)} with `scratch: true`: a model from scratch is made in float32 and not loaded; leave "
            "it out, or give `scratch: false` and a model_name_or_path"
        )
    tokenizer = bpe_tokenizer(_texts(rows), settings.vocabulary_size)
    model = small_llama(
        tokenizer,
        hidden_size=settings.hidden_size,
        layers=settings.layers,
        heads=settings.heads,
        max_length=config.max_length or 1024,
        seed=config.seed,
    )
    return model, tokenizer


def _texts(rows: Dataset) -> Iterator[str]:
    """What a tokenizer from scratch is fitted to, which no template stands around."""
    sides = ("prompt", "completion")
    if any(getattr(rows.features.get(side), "dtype", "") != "string" for side in sides):
        raise ConfigError(
            "`scratch: true` fits a tokenizer to prompts and completions of plain text, and these rows have others: "
            "leave `chat` out, or name a model with a tokenizer of its own (`model_name_or_path`)"
        )
    return (row["prompt"] + row["completion"] for row in rows.select_columns(list(sides)))


def _published(settings: LemmaModelConfig, config: LemmaSFTConfig) -> tuple[str, PreTrainedTokenizerBase]:
    name = settings.model_name_or_path
    options = {
        "revision": settings.model_revision,
        "attn_implementation": settings.attn_implementation,
        "dtype": settings.dtype,
    } | (config.model_init_kwargs or {})
    config.model_init_kwargs = options
    where = {"revision": options["revision"], "trust_remote_code": config.trust_remote_code}
    with explained_loading(name):
        tokenizer = AutoTokenizer.from_pretrained(name, **where)
        _refuse_missing_weights(name, where)
    return name, tokenizer


def refuse_diverged(settings: LemmaModelConfig, model: PreTrainedModel) -> None:
    """Refuse to train a model whose weights hold NaN.

    Where weights are spread over processes while they are loaded, some of these hold none yet, and nothing is checked.

    Raises:
        ConfigError: naming the first such tensor.
    """
    if not (is_deepspeed_zero3_enabled() or is_fsdp_enabled()):
        refuse_not_finite(settings.model_name_or_path or "the new model", model)


def _refuse_missing_weights(name: str, where: Mapping[str, Any]) -> None:
    """Refuse a model that the trainer would load with random weights in it.

    It is loaded without its numbers here, from the heads of its files. Where weights are quantized, or spread over
    processes while they are loaded, that cannot be done.

    Raises:
        ConfigError: naming what is missing.
    """
    found = AutoConfig.from_pretrained(name, **where)
    if hasattr(found, "quantization_config") or is_deepspeed_zero3_enabled() or is_fsdp_enabled():
        return
    # The class that TRL takes.
    architecture = getattr(transformers, (found.architectures or [""])[0], AutoModelForCausalLM)
    refuse_missing(name, architecture.from_pretrained(name, device_map="meta", output_loading_info=True, **where)[1])
