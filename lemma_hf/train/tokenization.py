"""Which span does each token belong to? Text with spans in, token ids and the number of tokens of each span out.

    text      "…are left.\\n" | "Wait, that is wrong. " | "24 - 9 = 15"
    span       error            reflection               correction
    tokens    "left" "." "\\n"  "Wait" "," … "."          " 24" " -" …

A token belongs to the span that holds its *last* character, so that " 24", which begins with the last character of the
reflection, is correction, and a token that straddles the border of prompt and completion is completion. The text is
tokenised once, joined, never span by span, so the ids are those the model would see anyway.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any

import numpy as np

from lemma_hf.errors import ConfigError
from lemma_hf.train.byte_level import ByteLevel
from lemma_hf.train.kinds import PROMPT
from lemma_hf.train.offsets import first_token_behind, untrimmed
from lemma_hf.train.row_text import SpanText

_AT_ONCE = 256
"""Texts tokenised at a time: enough for all cores, few in memory, since an `Encoding` takes some 200 bytes a token."""


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A tokenised text."""

    ids: Any
    """An int32 array."""
    counts: tuple[int, ...]
    """Tokens of the prompt, then of each span; together as many as `ids`."""
    span_kinds: tuple[int, ...]
    """The kind of each part that `counts` counts: that of the prompt, then of each span."""

    @property
    def kinds(self) -> Any:
        """The kind of each token, as an int8 array."""
        return np.repeat(np.array(self.span_kinds, dtype=np.int8), self.counts)


class SpanTokenizer:
    """Tokenises texts with spans; one fast call for many."""

    def __init__(self, tokenizer: Any) -> None:
        if tokenizer.eos_token_id is None:
            raise ConfigError(
                f"{type(tokenizer).__name__} has no end token, so the model could never learn to stop: set "
                "tokenizer.eos_token, or eos_token in the configuration"
            )
        self.tokenizer = tokenizer
        self._end: int = tokenizer.eos_token_id
        self._backend = untrimmed(tokenizer)
        self._byte_level = ByteLevel.from_backend(self._backend)
        sample = self._backend.encode("0")
        inside = np.flatnonzero(np.asarray(sample.special_tokens_mask) == 0)
        ids = np.asarray(sample.ids, dtype=np.int32)
        self._front, self._back = (ids[: inside[0]], ids[inside[-1] + 1 :]) if len(inside) else (ids, ids[:0])

    def __call__(self, texts: Sequence[SpanText]) -> list[TokenRow]:
        """One `TokenRow` a text. Plain texts get the end token, once; a chat template ends its turns by itself."""
        parts = (texts[at : at + _AT_ONCE] for at in range(0, len(texts), _AT_ONCE))
        return [row for part in parts for row in self._rows(part)]

    def encode(self, texts: Sequence[SpanText]) -> list[Any]:
        """One `tokenizers.Encoding` a text, with offsets, as the tokenizer writes it: without an end token of ours."""
        # Not kept when the backend travels to another process.
        self._backend.encode_special_tokens = self.tokenizer.split_special_tokens
        encodings: list[Any] = [None] * len(texts)
        for is_chat in (False, True):
            places = [place for place, text in enumerate(texts) if text.is_chat is is_chat]
            found = self._backend.encode_batch([texts[place].text for place in places], add_special_tokens=not is_chat)
            for place, encoding in zip(places, found, strict=True):
                encodings[place] = encoding
        return encodings

    def _rows(self, texts: Sequence[SpanText]) -> list[TokenRow]:
        """From lengths in bytes where they add up, else from offsets."""
        if self._byte_level is not None and all(self._byte_level.is_plain(text.text) for text in texts):
            by_bytes = self._rows_by_bytes(texts, self._byte_level)
            if by_bytes is not None:
                return by_bytes
        return [self._row_by_offsets(text, encoding) for text, encoding in zip(texts, self.encode(texts), strict=True)]

    def _rows_by_bytes(self, texts: Sequence[SpanText], level: ByteLevel) -> list[TokenRow] | None:
        self._backend.encode_special_tokens = self.tokenizer.split_special_tokens
        encodings = self._backend.encode_batch_fast([text.text for text in texts], add_special_tokens=False)
        lists = [encoding.ids for encoding in encodings]
        ids: Any = np.fromiter(chain.from_iterable(lists), np.int32)
        rows = np.cumsum([0, *map(len, lists)])
        token_ends = np.cumsum(level.lengths[ids])
        text_starts = np.append(0, token_ends)[rows]
        before = level.bytes_before
        if (np.diff(text_starts) != [before(text.text, len(text.text)) for text in texts]).any():
            return None  # a token took in spaces beside it, or a byte has no token
        borders = [
            start + before(text.text, border)
            for text, start in zip(texts, text_starts.tolist(), strict=False)
            for border in _borders(text)
        ]
        found: Any = np.searchsorted(token_ends, borders, side="right")
        firsts = iter(found.tolist())
        return [
            self._row(text, ids[start:end], [next(firsts) - start for _ in _borders(text)], self._front, self._back)
            for text, (start, end) in zip(texts, pairwise(rows.tolist()), strict=True)
        ]

    def _row_by_offsets(self, text: SpanText, encoding: Any) -> TokenRow:
        ids = np.asarray(encoding.ids, dtype=np.int32)
        inside = [first_token_behind(encoding, border, len(text.text)) for border in _borders(text)]
        return self._row(text, ids, inside, ids[:0], ids[:0])

    def _row(self, text: SpanText, ids: Any, firsts: list[int], front: Any, back: Any) -> TokenRow:
        """Put what a tokenizer adds around the text, and the end token; `firsts` count from the first of `ids`."""
        if not text.is_chat:
            last = back if len(back) else ids
            end = [] if len(last) and last[-1] == self._end else [self._end]
            ids = np.concatenate([front, ids, back, np.array(end, dtype=np.int32)])
            firsts = [first + len(front) for first in firsts]
        counts = tuple(end - start for start, end in pairwise([0, *firsts, len(ids)]))
        return TokenRow(ids, counts, (PROMPT, *text.kinds))


def _borders(text: SpanText) -> tuple[int, ...]:
    """Where the prompt ends, and each span but the last, to which belongs what comes behind it (the end token)."""
    return (text.start, *text.ends[:-1]) if text.kinds else ()
