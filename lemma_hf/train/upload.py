"""Selection of the files of a training run that go to the Hub: what the model needs, its card and its curves.

transformers uploads the whole output folder but checkpoints. In it are `training_args.bin` (a pickle with paths of the
machine, and the token where it was given as `hub_token`), rows that were rejected, logs, and other files.
"""

import glob
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lemma_hf.errors import ConfigError
from lemma_hf.train.model_card import CURVES_FILE, Source

if TYPE_CHECKING:
    from huggingface_hub import CommitInfo, HfApi
    from transformers import PreTrainedModel

    from lemma_hf.train.config import LemmaSFTConfig

WEIGHT_FILES = ("*.safetensors", "*.safetensors.index.json")
"""The files with a model's weights, as patterns."""
_CONFIGS = ("config.json", "generation_config.json", "adapter_config.json")
TOKENIZER_FILES = (
    *("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "tekken.json"),
    *("vocab.json", "vocab.txt", "merges.txt", "*.model", "*.tiktoken"),
    *("chat_template.jinja", "chat_template.json", "additional_chat_templates/*.jinja"),
    *("processor_config.json", "preprocessor_config.json"),
)
"""The files of a tokenizer or processor, as patterns: every one that transformers writes."""
_TERMS = ("LICENSE*", "NOTICE*", "USE_POLICY*")
_SHOWN = ("README.md", CURVES_FILE)


def belongs(path: str) -> bool:
    """Whether a file of the output folder goes to the Hub.

    Args:
        path: relative to the folder, with `/`.

    Example:
        >>> [belongs(p) for p in ("model.safetensors", "training_args.bin", "checkpoint-3/model.safetensors")]
        [True, False, False]
    """
    patterns = (*WEIGHT_FILES, *_CONFIGS, *TOKENIZER_FILES, *_TERMS, *_SHOWN)
    return any(path.count("/") == pattern.count("/") and fnmatchcase(path, pattern) for pattern in patterns)


def belonging(folder: str | Path) -> list[str]:
    """The files of a folder that go to the Hub, as paths in it."""
    place = Path(folder)
    paths = (path for path in (*place.glob("*"), *place.glob("*/*")) if path.is_file())
    return sorted(name for path in paths if belongs(name := path.relative_to(place).as_posix()))


def refuse_to_push(model: "PreTrainedModel", args: "LemmaSFTConfig") -> None:
    """Refuse a push that would put onto the Hub what no other machine can use, or what should not be public.

    Raises:
        ConfigError: if the model is an adapter whose base is a folder of this machine, or if checkpoints are to be
            pushed.
    """
    if args.push_to_hub and args.hub_strategy in ("checkpoint", "all_checkpoints"):
        raise ConfigError(
            f"hub_strategy={args.hub_strategy.value!r} would push optimizer states and settings: pickles, with paths "
            "of this machine. Use every_save, which pushes the model alone, or end; checkpoints to resume from stay "
            "in the output folder"
        )
    peft = getattr(model, "active_peft_config", None)
    base = getattr(peft, "base_model_name_or_path", None) or ""
    source = Source.from_name(base)
    if peft is not None and (not base or source.is_local):
        raise ConfigError(
            f"the adapter's base model {'has no name' if not base else f'is a folder here ({source.name})'}, "
            "so the adapter could not be loaded from the Hub: train from a base's name on the Hub, or train without "
            f"push_to_hub, publish the base, and then `lemma-hf publish model --model {args.output_dir} "
            "--base_model OWNER/BASE --push`"
        )


@contextmanager
def only_what_belongs(but: Sequence[str] = ()) -> Iterator[None]:
    """Let `Trainer` upload nothing else within the context, through the client that its module's `hf_api()` gives.

    Args:
        but: further files that are left out.
    """
    from transformers import trainer as seam

    stock = seam.hf_api
    seam.hf_api = lambda: _Sieve(stock(), but)
    try:
        yield
    finally:
        seam.hf_api = stock


class _Sieve:
    """A client of the Hub whose `upload_folder` takes of a folder only what belongs."""

    def __init__(self, api: "HfApi", but: Sequence[str]) -> None:
        self._api = api
        self._but = but

    def __getattr__(self, name: str) -> Any:
        return getattr(self._api, name)

    def upload_folder(self, *, folder_path: str, **options: Any) -> "CommitInfo":
        """Upload what belongs; arguments as the client's."""
        names = [glob.escape(name) for name in belonging(folder_path) if name not in self._but]
        return self._api.upload_folder(folder_path=folder_path, **options | {"allow_patterns": names})
