"""Reflection-aware SFT: `LemmaSFTConfig` and `LemmaSFTTrainer`, callbacks, rewards, and small models from scratch.

The names are loaded when they are first used, so that `lemma_hf.train.scratch` costs no import of torch or trl.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lemma_hf.train.config import LemmaSFTConfig as LemmaSFTConfig
    from lemma_hf.train.curves import CurvesCallback as CurvesCallback
    from lemma_hf.train.solve import SolveCallback as SolveCallback
    from lemma_hf.train.trainer import LemmaSFTTrainer as LemmaSFTTrainer

_HOME_OF = {
    "CurvesCallback": "lemma_hf.train.curves",
    "LemmaSFTConfig": "lemma_hf.train.config",
    "LemmaSFTTrainer": "lemma_hf.train.trainer",
    "SolveCallback": "lemma_hf.train.solve",
}

__all__ = ["CurvesCallback", "LemmaSFTConfig", "LemmaSFTTrainer", "SolveCallback"]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'lemma_hf.train' has no attribute {name!r}")
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value
