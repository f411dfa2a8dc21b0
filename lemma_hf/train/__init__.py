"""Reflection-aware SFT: `LemmaSFTConfig` and `LemmaSFTTrainer`, and small models from scratch (`train.scratch`).

The names are loaded when they are first used, so that `lemma_hf.train.scratch` costs no import of torch or trl.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lemma_hf.train.config import LemmaSFTConfig as LemmaSFTConfig
    from lemma_hf.train.trainer import LemmaSFTTrainer as LemmaSFTTrainer

_HOME_OF = {"LemmaSFTConfig": "lemma_hf.train.config", "LemmaSFTTrainer": "lemma_hf.train.trainer"}

__all__ = ["LemmaSFTConfig", "LemmaSFTTrainer"]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'lemma_hf.train' has no attribute {name!r}")
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value
