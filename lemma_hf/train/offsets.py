"""At which character does each token end? Offsets one can trust, from any fast tokenizer.

Offsets as tokenizers report them are wrong in two ways. Byte-level post-processors trim spaces (`trim_offsets`), so
that in "holds 6" Llama-3's token " " has the zero-width offset (6, 6), the place where it ends; and some releases give
(start, start) for every word that is a token of its own (huggingface/tokenizers#1553). Here the trimming is switched
off in a copy of the tokenizer, and what is still zero wide reaches to where the next token starts.
"""

import json
from typing import Any

import numpy as np

from lemma_hf.errors import ConfigError


def untrimmed(tokenizer: Any) -> Any:
    """A copy of the tokenizer's backend (`tokenizers.Tokenizer`) the offsets of which keep their spaces.

    Raises:
        ConfigError: if the tokenizer is a slow one, which knows no offsets.
    """
    from tokenizers import Tokenizer

    if not getattr(tokenizer, "is_fast", False):
        raise ConfigError(
            f"{type(tokenizer).__name__} is a slow tokenizer and cannot say which characters a token covers: load a "
            "fast one (AutoTokenizer does where the model has tokenizer.json), or give rows of input_ids and labels"
        )
    state = json.loads(tokenizer.backend_tokenizer.to_str())
    _stop_trimming(state.get("post_processor"))
    copy = Tokenizer.from_str(json.dumps(state))
    copy.no_truncation()
    copy.no_padding()
    return copy


def token_ends(encoding: Any, length: int) -> Any:
    """The character at which each token ends (exclusive), as an int array.

    Args:
        encoding: a `tokenizers.Encoding` from an `untrimmed` backend.
        length: of the text, in characters.

    Special tokens that the tokenizer adds in front end at 0, those it adds behind end at `length`. The tokens that
    share one character (an emoji is up to four) all end behind it.
    """
    offsets = np.asarray(encoding.offsets, dtype=np.int64).reshape(-1, 2)
    inside = np.flatnonzero(np.asarray(encoding.special_tokens_mask) == 0)
    starts, ends = offsets[:, 0], offsets[:, 1].copy()
    if len(inside) == 0:
        return np.zeros_like(ends)
    ends[: inside[0]], ends[inside[-1] + 1 :] = 0, length
    empty = inside[ends[inside] == starts[inside]]
    following = np.searchsorted(starts[inside], starts[empty], side="right")
    ends[empty] = np.append(starts[inside], length)[following]
    return np.maximum.accumulate(ends)


def first_token_behind(encoding: Any, border: int, length: int) -> int:
    """The index of the first token that ends behind the character `border`; the number of tokens, if none does.

    Said by all of `token_ends`, which costs a Python object a token. Nearly always the tokenizer's own index answers:
    that token holds the character at `border`, unless the one before it covers no character and has to be looked into.
    """
    index: int | None = encoding.char_to_token(border) if border < length else None
    if index is not None:
        before = encoding.token_to_chars(index - 1) if index else (0, 1)
        if before is not None and before[0] < before[1]:
            return index
    return int(np.searchsorted(token_ends(encoding, length), border, side="right"))


def _stop_trimming(processor: dict[str, Any] | None) -> None:
    if processor is None:
        return
    if "trim_offsets" in processor:
        processor["trim_offsets"] = False
    for part in processor.get("processors", ()):
        _stop_trimming(part)
