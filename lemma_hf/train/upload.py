"""Which files of a training run go to the Hub? Those that the model needs, its card and its curves.

transformers uploads the whole output folder but checkpoints. In it are `training_args.bin` (a pickle with paths of the
machine, and the token where it was given as `hub_token`), rows that were rejected, logs, and whatever else lies there.
"""

import glob
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from lemma_hf.errors import ConfigError
from lemma_hf.train.source import Source

WEIGHT_FILES = ("*.safetensors", "*.safetensors.index.json")
_CONFIGS = ("config.json", "generation_config.json", "adapter_config.json")
TOKENIZERS = (
    *("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "tekken.json"),
    *("vocab.json", "vocab.txt", "merges.txt", "*.model", "*.tiktoken"),
    *("chat_template.jinja", "chat_template.json", "additional_chat_templates/*.jinja"),
    *("processor_config.json", "preprocessor_config.json"),
)
_TERMS = ("LICENSE*", "NOTICE*", "USE_POLICY*")
_SHOWN = ("README.md", "curves.png")


def belongs(path: str) -> bool:
    """Whether a file of the output folder goes to the Hub.

    Args:
        path: relative to the folder, with `/`.

    Example:
        >>> [belongs(p) for p in ("model.safetensors", "training_args.bin", "checkpoint-3/model.safetensors")]
        [True, False, False]
    """
    patterns = (*WEIGHT_FILES, *_CONFIGS, *TOKENIZERS, *_TERMS, *_SHOWN)
    return any(path.count("/") == pattern.count("/") and fnmatchcase(path, pattern) for pattern in patterns)


def belonging(folder: str | Path) -> list[str]:
    """The files of a folder that go to the Hub, as paths in it."""
    place = Path(folder)
    paths = (path for path in (*place.glob("*"), *place.glob("*/*")) if path.is_file())
    return sorted(name for path in paths if belongs(name := path.relative_to(place).as_posix()))


def refuse_to_push(model: Any, args: Any) -> None:
    """Refuse a push that would put onto the Hub what nobody else can use, or should see.

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
    if peft is not None and (not base or Source.from_name(base).is_local):
        found = f"is a folder here ({Source.from_name(base).name})" if base else "has no name"
        raise ConfigError(
            f"the adapter's base model {found}, "
            "so nobody could load the adapter from the Hub: train from a base's name on the Hub, or train without "
            f"push_to_hub, publish the base, and then `python recipes/publish.py model --model {args.output_dir} "
            "--base_model OWNER/BASE --push`"
        )


@contextmanager
def only_what_belongs(but: Sequence[str] = ()) -> Iterator[None]:
    """Within, `Trainer` uploads nothing else. It has one seam for that: the client that its module's `hf_api()` gives.

    Args:
        but: files that stay here too.
    """
    from transformers import trainer as seam

    stock = seam.hf_api
    seam.hf_api = lambda: _Sieve(stock(), but)
    try:
        yield
    finally:
        seam.hf_api = stock


class _Sieve:
    """The Hub's client, whose `upload_folder` takes of a folder only what belongs."""

    def __init__(self, api: Any, but: Sequence[str]) -> None:
        self._api = api
        self._but = but

    def __getattr__(self, name: str) -> Any:
        return getattr(self._api, name)

    def upload_folder(self, *, folder_path: str, **options: Any) -> Any:
        """As the client's."""
        names = [glob.escape(name) for name in belonging(folder_path) if name not in self._but]
        return self._api.upload_folder(folder_path=folder_path, **options | {"allow_patterns": names})
