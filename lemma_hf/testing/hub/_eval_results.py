"""Scores in a model's folder `.eval_results`: read as the Hub reads them, which commits what it cannot read.

A file that is no such scores is no reason to refuse a commit; where the facts of a model are asked for, an error stands
in the place of its scores. How strict the real Hub is has been taken from its documents, not seen.
"""

import re
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

import yaml

from lemma_hf.testing.hub._blob import Blob
from lemma_hf.testing.hub._card import is_repo_id

_PLACE = re.compile(r"\.eval_results/[^/]+\.ya?ml")  # .eval_results/gsm8k.yaml
_LARGEST = 2**20  # bytes: thousands of scores


def eval_results(files: Mapping[str, Blob]) -> list[dict[str, Any]]:
    """The scores of a model, each with the file that it is from, or with what is wrong with that file."""
    return [
        {"filename": path, **found}
        for path, blob in sorted(files.items())
        if _PLACE.fullmatch(path)
        for found in _read(blob.data)
    ]


def _read(data: bytes) -> Iterator[dict[str, Any]]:
    try:
        if len(data) > _LARGEST:
            raise ValueError("the file is too large")
        entries = yaml.safe_load(data.decode("utf-8"))
        if not isinstance(entries, list) or not entries:
            raise ValueError("need an array of results")
        for at, entry in enumerate(entries):
            _check(f"[{at}]", entry)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        yield {"error": " ".join(str(error).split())[:300]}
        return
    yield from ({"data": entry, "verified": False} for entry in entries)


def _check(where: str, entry: Any) -> None:
    """Check one result.

    Raises:
        ValueError: with what is wrong.
    """
    if not isinstance(entry, dict) or not isinstance(entry.get("dataset"), dict):
        raise ValueError(f'"{where}.dataset" is required')
    dataset, value = entry["dataset"], entry.get("value")
    if not is_repo_id(dataset.get("id")):
        raise ValueError(f'"{where}.dataset.id" must be the id of a dataset')
    if not isinstance(dataset.get("task_id"), str):
        raise ValueError(f'"{where}.dataset.task_id" is required')
    if not isinstance(value, int | float) or isinstance(value, bool) or not isfinite(value):
        raise ValueError(f'"{where}.value" must be a number')
