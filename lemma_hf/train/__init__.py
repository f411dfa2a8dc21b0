"""Reflection-aware SFT: `LemmaSFTConfig` and `LemmaSFTTrainer`, callbacks, rewards, and small models from scratch.

    row_forms, token_rows     the formats of rows that TRL takes: columns of text, of messages, of tokens
    row_text, chat_text       a row's text, plain or by a chat template, and the places of its spans
    span_text, tokenization   a text with spans → token ids and the kind of each token
    scope, row_weights        what counts as the error: a whole step, or from the mistake on; weights that rows bring
    columns                   labels, weights and masks: label -100 for the prompt, the weight of its kind for the rest
    truncation, packing       which rows are kept whole, cut or dropped; blocks of rows
    prepare, preflight        a dataset through all of these, and the table before step 0
    collate, loss, trainer    batches, the weighted mean, TRL's `SFTTrainer` around it
    config                    the weight of each kind of span
    prompting, solve          asking a model as it was trained, while it trains
    curves, model_card, upload    what is written beside a model
    rewards, scratch, script  rewards for GRPO; small models from nothing; the parts of `recipes/sft.py`

The names are loaded when they are first used, so that `lemma_hf.train.scratch` costs no import of torch or trl.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lemma_hf.utils.extras import extras_explained

if TYPE_CHECKING:
    from lemma_hf.train.config import LemmaSFTConfig as LemmaSFTConfig
    from lemma_hf.train.curves import CurvesCallback as CurvesCallback
    from lemma_hf.train.curves import draw_curves as draw_curves
    from lemma_hf.train.kinds import DEFAULT_WEIGHTS as DEFAULT_WEIGHTS
    from lemma_hf.train.kinds import TOKEN_KINDS as TOKEN_KINDS
    from lemma_hf.train.model_card import CURVES_FILE as CURVES_FILE
    from lemma_hf.train.model_card import Source as Source
    from lemma_hf.train.model_card import quick_start as quick_start
    from lemma_hf.train.model_card import with_model_name as with_model_name
    from lemma_hf.train.prompting import CHAT as CHAT
    from lemma_hf.train.rewards import SelfCorrectionReward as SelfCorrectionReward
    from lemma_hf.train.rewards import accuracy_reward as accuracy_reward
    from lemma_hf.train.rewards import self_correction_reward as self_correction_reward
    from lemma_hf.train.scratch import bpe_tokenizer as bpe_tokenizer
    from lemma_hf.train.scratch import character_tokenizer as character_tokenizer
    from lemma_hf.train.scratch import small_llama as small_llama
    from lemma_hf.train.solve import SolveCallback as SolveCallback
    from lemma_hf.train.trainer import LemmaSFTTrainer as LemmaSFTTrainer
    from lemma_hf.train.upload import TOKENIZER_FILES as TOKENIZER_FILES
    from lemma_hf.train.upload import WEIGHT_FILES as WEIGHT_FILES
    from lemma_hf.train.upload import belonging as belonging

_HOME_OF = {
    "CHAT": "prompting",
    "CURVES_FILE": "model_card",
    "CurvesCallback": "curves",
    "DEFAULT_WEIGHTS": "kinds",
    "LemmaSFTConfig": "config",
    "LemmaSFTTrainer": "trainer",
    "SelfCorrectionReward": "rewards",
    "SolveCallback": "solve",
    "Source": "model_card",
    "TOKENIZER_FILES": "upload",
    "TOKEN_KINDS": "kinds",
    "WEIGHT_FILES": "upload",
    "accuracy_reward": "rewards",
    "belonging": "upload",
    "bpe_tokenizer": "scratch",
    "character_tokenizer": "scratch",
    "draw_curves": "curves",
    "quick_start": "model_card",
    "self_correction_reward": "rewards",
    "small_llama": "scratch",
    "with_model_name": "model_card",
}

__all__ = [*_HOME_OF]  # noqa: PLE0604 - the names are all strings


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'lemma_hf.train' has no attribute {name!r}")
    with extras_explained():
        value = getattr(import_module(f"lemma_hf.train.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
