"""How many bytes of text does each token stand for, where a tokenizer works on bytes?

The tokenizers of GPT-2, Llama-3, Qwen, DeepSeek and most others write each byte as one sign of an alphabet of 256, so a
token covers as many bytes as it has signs. Adding them up says where every token ends, with no need of the offsets that
the tokenizer would have to keep track of (which costs a fifth of its time, and has had its bugs).
"""

import json
from typing import Any
from unicodedata import is_normalized

import numpy as np


class ByteLevel:
    """A byte-level tokenizer: its tokens' lengths in bytes, and which texts they add up to."""

    def __init__(self, lengths: Any, composes: bool) -> None:
        self.lengths = lengths
        """Bytes by token id, as an int64 array."""
        self.composes = composes
        """Whether the tokenizer brings texts into the normal form NFC, as Qwen's do."""

    @classmethod
    def from_backend(cls, backend: Any) -> "ByteLevel | None":
        """Of a `tokenizers.Tokenizer`; None if it does not work on bytes, or rewrites texts in other ways than NFC."""
        state = json.loads(backend.to_str())
        model, normaliser = state["model"], state.get("normalizer") or {"type": None}
        plain = not any(
            model.get(name) for name in ("byte_fallback", "continuing_subword_prefix", "end_of_word_suffix")
        )
        if model["type"] != "BPE" or not plain or normaliser["type"] not in (None, "NFC"):
            return None
        levels = [part for part in _parts(state.get("pre_tokenizer")) if part["type"] == "ByteLevel"]
        if len(levels) != 1 or levels[0]["add_prefix_space"]:
            return None
        lengths: Any = np.zeros(max(backend.get_vocab().values(), default=-1) + 1, dtype=np.int64)
        for token, number in backend.get_vocab(with_added_tokens=False).items():
            lengths[number] = len(token)
        for number, added in backend.get_added_tokens_decoder().items():
            lengths[number] = len(added.content.encode())
        return cls(lengths, composes=normaliser["type"] == "NFC")

    def bytes_before(self, text: str, border: int) -> int:
        """How many bytes the characters before `border` have."""
        return border if text.isascii() else len(text[:border].encode())

    def is_plain(self, text: str) -> bool:
        """Whether the tokenizer leaves the text as it is."""
        return not self.composes or text.isascii() or is_normalized("NFC", text)


def _parts(step: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The pre-tokenizers that one is made of."""
    if step is None:
        return []
    if step["type"] != "Sequence":
        return [step]
    return [part for inner in step["pretokenizers"] for part in _parts(inner)]
