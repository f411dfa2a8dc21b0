"""Check that a model can be loaded from a folder: whole weights, its configuration, a tokenizer, and no code."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from lemma_hf.errors import DataError
from lemma_hf.train import TOKENIZER_FILES, belonging

ADAPTER, ADAPTER_WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
CONFIG, WEIGHTS, INDEX = "config.json", "model.safetensors", "model.safetensors.index.json"
TOKENIZER = "tokenizer_config.json"
_VOCABULARIES = ("tokenizer.json", "tokenizer.model", "spiece.model", "vocab.json", "vocab.txt", "tekken.json")
_REASONS = (
    ("training_args.bin", "a pickle, with paths of this machine"),
    ("trainer_state.json", "the log of the run; the card has its last figures"),
    ("*_results.json", "figures of the run; the card has the last ones"),
    ("*.rejects.jsonl", "rows that were not trained on"),
    ("checkpoint-*", "a checkpoint"),
    ("runs", "logs"),
    ("curves.png", "a picture that the card does not show"),
    *((f"*{ending}", "a pickle, which runs code where it is loaded") for ending in (".bin", ".pt", ".pth", ".pkl")),
    ("*.py", "code, which would run where the model is loaded"),
)
_LARGEST_JSON = 50 * 2**20
"""Bytes of a configuration or index: an index of a model with 100,000 tensors has about 10 MB."""


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A folder that holds a model which can be loaded."""

    place: Path
    files: tuple[str, ...]
    """Files of the model, as paths in the folder; the card is not among them."""
    left_out: Mapping[str, str]
    """Files that are not published, and why."""
    adapter: Mapping[str, Any] | None = None
    """The adapter's configuration; None for a full model."""


def read_model(folder: str | Path) -> ModelFolder:
    """Check a model's folder, and list its files.

    Raises:
        DataError: if there is no model in it, a part of one is missing or cut off, or there is no tokenizer.
    """
    place = Path(folder)
    if not place.is_dir():
        raise DataError(f"{place}: is no folder; need one that recipes/sft.py or save_pretrained wrote")
    found = [name for name in belonging(place) if name not in ("README.md", "curves.png")]
    is_adapter = ADAPTER in found
    weights = _adapter_weights(place, found) if is_adapter else _weights(place, found)
    held = {name: _tensors(place / name) for name in weights}
    is_sharded = not is_adapter and WEIGHTS not in held
    if is_sharded:
        _check_shards(place, held)
    if not any(PurePosixPath(name).match(pattern) for name in found for pattern in _VOCABULARIES):
        raise DataError(
            f"{place}: has no tokenizer, which the model needs to read text: save it there with "
            f"tokenizer.save_pretrained({str(place)!r})"
        )
    for name in {"tokenizer.json", "vocab.json", "generation_config.json"} & set(found):
        read_json(place / name)  # half a file cannot be loaded
    adapter = read_json(place / ADAPTER) if is_adapter else None
    for name in (TOKENIZER,) if is_adapter else (CONFIG, TOKENIZER):  # the code of an adapter's base lies with that
        if name in found and read_json(place / name).get("auto_map"):
            raise DataError(
                f"{place}: the model needs code of its own (`auto_map` in {name}), which this does not publish: upload "
                "it with `hf upload`"
            )
    stray = {name for name in found if name.endswith((".safetensors", ".safetensors.index.json"))} - held.keys()
    stray -= {INDEX} if is_sharded else set()
    kept = tuple(name for name in found if name not in stray)
    left_out = dict(_left_out(place, kept)) | dict.fromkeys(sorted(stray), "no part of the model's weights")
    return ModelFolder(place, kept, left_out, adapter)


def read_json(path: Path, without: Collection[str] = ()) -> dict[str, Any]:
    """Read a JSON object from a file of the folder.

    Args:
        without: keys that are left out, at any depth.

    Raises:
        DataError: if the file holds no JSON object, or is too large.
    """
    try:
        if path.stat().st_size > _LARGEST_JSON:
            raise DataError(f"{path}: has more than {_LARGEST_JSON:,} bytes, so it is no configuration")
        hook = (lambda pairs: {key: value for key, value in pairs if key not in without}) if without else None
        found = json.loads(path.read_text("utf-8"), object_pairs_hook=hook)
    except (OSError, ValueError, RecursionError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{path}: is no JSON file ({error}); save the model again") from None
    if not isinstance(found, dict):
        raise DataError(f"{path}: holds a {type(found).__name__}, need keys and values; save the model again")
    return found


def _adapter_weights(place: Path, found: list[str]) -> list[str]:
    if ADAPTER_WEIGHTS not in found:
        raise DataError(f"{place}: has {ADAPTER} but no {ADAPTER_WEIGHTS}: save the adapter again, as safetensors")
    return [ADAPTER_WEIGHTS]


def _weights(place: Path, found: list[str]) -> list[str]:
    if CONFIG not in found:
        raise DataError(f"{place}: has neither {CONFIG} nor {ADAPTER}, so there is no model in it{_nearby(place)}")
    if WEIGHTS in found:
        return [WEIGHTS]
    if INDEX not in found:
        raise DataError(
            f"{place}: has no weights ({WEIGHTS}, or shards with {INDEX}); save the model there with save_pretrained"
            f"{_nearby(place)}"
        )
    names = sorted(set(_weight_map(place).values()))
    if missing := [name for name in names if name not in found]:
        raise DataError(f"{place / INDEX}: names shards that are not there: {', '.join(missing[:5])[:300]}")
    return names


def _weight_map(place: Path) -> dict[str, str]:
    """Map each tensor to its shard."""
    shards = read_json(place / INDEX).get("weight_map")
    if not isinstance(shards, dict) or not shards:
        raise DataError(f"{place / INDEX}: names no shards; save the model again")
    return {tensor: str(shard) for tensor, shard in shards.items()}


def _check_shards(place: Path, held: Mapping[str, set[str]]) -> None:
    """Check that each tensor is in its shard: transformers would fill a missing one with random numbers."""
    if lost := [tensor for tensor, shard in _weight_map(place).items() if tensor not in held[shard]]:
        raise DataError(
            f"{place / INDEX}: names tensors that are not in their shards ({', '.join(lost[:5])[:300]}), as where "
            "shards of two models lie in one folder; save the model again"
        )


def _nearby(place: Path) -> str:
    """Hint at where the model may be instead."""
    checkpoints = sorted(place.glob("checkpoint-*"))
    if checkpoints:
        return f"; there is {checkpoints[-1].name} in it: did training end?"
    return "; pytorch_model.bin is a pickle: save it as safetensors" if list(place.glob("*.bin")) else ""


def _tensors(path: Path) -> set[str]:
    """Names of the tensors in a file, checked to be whole: a broken download or a full disk may have cut it off."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "np") as weights:
            names = set(weights.keys())
    except (SafetensorError, OSError) as error:
        raise DataError(f"{path}: is no whole safetensors file ({error}); save the model again") from None
    if not names:
        raise DataError(f"{path}: holds no weights; save the model again")
    return names


def _left_out(place: Path, kept: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for path in sorted(place.iterdir()):
        name = path.name
        if name in kept or name == "README.md" or any(each.startswith(f"{name}/") for each in kept):
            continue
        reason = next((why for pattern, why in _REASONS if PurePosixPath(name).match(pattern)), None)
        yield f"{name}/" if path.is_dir() else name, reason or "nothing that the model needs"


MODEL_FILES = (
    *("model.safetensors", "model-*-of-*.safetensors", INDEX, ADAPTER_WEIGHTS, ADAPTER, CONFIG),
    *("generation_config.json", "curves.png", "training_args.bin"),
    *(name for name in TOKENIZER_FILES if not name.startswith("*")),
)
"""Files that an earlier push of a model may have written: more shards, another tokenizer's template, and the files that
transformers itself uploads from a run."""
