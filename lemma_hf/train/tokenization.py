"""Tokenization of texts with spans: token ids, and the number of tokens of each span.

    text      "…are left.\\n" | "Wait, that is wrong. " | "24 - 9 = 15"
    span       error            reflection               correction
    tokens    "left" "." "\\n"  "Wait" "," … "."          " 24" " -" …

A token belongs to the span that holds its *last* character, so that " 24", which begins with the last character of the
reflection, is correction, and a token that straddles the border of prompt and completion is completion. The text is
tokenized once, joined, never span by span, so the ids are those the model would see anyway.

Where a token ends is known in two ways. `ByteLevel` adds up the tokens' lengths in bytes, for the tokenizers that work
on bytes (GPT-2's, Llama-3's, Qwen's, DeepSeek's and most others). `token_ends` reads the offsets that any fast
tokenizer keeps, which costs a fifth of its time; offsets as reported are wrong in two ways, mended by `_untrimmed` and
`token_ends`:

- Byte-level post-processors trim spaces (`trim_offsets`), so that in "holds 6" Llama-3's token " " has the zero-width
  offset (6, 6), the place where it ends.
- Some releases give (start, start) for every word that is a token of its own (huggingface/tokenizers#1553).
"""

import json
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any
from unicodedata import is_normalized

import numpy as np
from numpy.typing import NDArray

from lemma_hf.errors import ConfigError
from lemma_hf.train.kinds import PROMPT
from lemma_hf.train.span_text import SpanText

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer
    from transformers import PreTrainedTokenizerBase

_AT_ONCE = 256
"""Texts tokenized at a time: enough for all cores, few in memory, since an `Encoding` takes some 200 bytes a token."""


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A tokenized text."""

    ids: NDArray[np.int32]
    counts: tuple[int, ...]
    """Tokens of the prompt, then of each span; together as many as `ids`."""
    span_kinds: tuple[int, ...]
    """The kind of each part that `counts` counts: that of the prompt, then of each span."""
    spoken: NDArray[np.bool_] | None = None
    """Where given, False for each token that is not trained on, whatever its span."""

    @property
    def kinds(self) -> NDArray[np.int8]:
        """The kind of each token; that of the prompt for those that are not trained on."""
        kinds = np.repeat(np.array(self.span_kinds, dtype=np.int8), self.counts)
        return kinds if self.spoken is None else np.where(self.spoken, kinds, np.int8(PROMPT))


class SpanTokenizer:
    """Tokenizer of texts with spans; one fast call for many."""

    def __init__(self, tokenizer: "PreTrainedTokenizerBase") -> None:
        if tokenizer.eos_token_id is None:
            raise ConfigError(
                f"{type(tokenizer).__name__} has no end token, so the model could never learn to stop: set "
                "tokenizer.eos_token, or eos_token in the configuration"
            )
        self.tokenizer = tokenizer
        self._end: int = tokenizer.eos_token_id
        self._backend = _untrimmed(tokenizer)
        self._byte_level = ByteLevel.from_backend(self._backend)
        sample = self._backend.encode("0")
        inside = np.flatnonzero(np.asarray(sample.special_tokens_mask) == 0)
        ids = np.asarray(sample.ids, dtype=np.int32)
        self._front, self._back = (ids[: inside[0]], ids[inside[-1] + 1 :]) if len(inside) else (ids, ids[:0])

    def __reduce__(self) -> tuple[Any, ...]:
        # One tokenizer, not two: `datasets` pickles this to name its cache and again for each process.
        return type(self), (self.tokenizer,)

    def __call__(self, texts: Sequence[SpanText]) -> list[TokenRow]:
        """One `TokenRow` a text. Plain texts get the end token, once; a chat template ends its turns by itself."""
        parts = (texts[at : at + _AT_ONCE] for at in range(0, len(texts), _AT_ONCE))
        return [row for part in parts for row in self._from_common_prefix(part, self._rows(part))]

    def _from_common_prefix(self, texts: Sequence[SpanText], rows: list[TokenRow]) -> list[TokenRow]:
        """The rows, those whose prompt is known alone with their completion from the first token that differs."""
        for is_chat in (False, True):
            asked = [(place, text.asked) for place, text in enumerate(texts) if text.is_chat is is_chat]
            known = [(place, prompt) for place, prompt in asked if prompt is not None]
            found = self._backend.encode_batch_fast([prompt for _, prompt in known], add_special_tokens=not is_chat)
            for (place, _), encoding in zip(known, found, strict=True):
                rows[place] = _starting_at(rows[place], _common_prefix(encoding.ids, rows[place].ids))
        return rows

    def encode(self, texts: Sequence[SpanText]) -> "list[Encoding]":
        """One `tokenizers.Encoding` a text, with offsets, as the tokenizer writes it: without an end token of ours."""
        encodings: dict[int, Encoding] = {}
        for is_chat in (False, True):
            places = [place for place, text in enumerate(texts) if text.is_chat is is_chat]
            found = self._backend.encode_batch([texts[place].text for place in places], add_special_tokens=not is_chat)
            encodings |= zip(places, found, strict=True)
        return [encodings[place] for place in range(len(texts))]

    def _rows(self, texts: Sequence[SpanText]) -> list[TokenRow]:
        """The rows from lengths in bytes where they add up, else from offsets."""
        if self._byte_level is not None and all(self._byte_level.is_plain(text.text) for text in texts):
            by_bytes = self._rows_by_bytes(texts, self._byte_level)
            if by_bytes is not None:
                return by_bytes
        return [self._row_by_offsets(text, encoding) for text, encoding in zip(texts, self.encode(texts), strict=True)]

    def _rows_by_bytes(self, texts: Sequence[SpanText], level: "ByteLevel") -> list[TokenRow] | None:
        encodings = self._backend.encode_batch_fast([text.text for text in texts], add_special_tokens=False)
        lists = [encoding.ids for encoding in encodings]
        ids = np.fromiter(chain.from_iterable(lists), np.int32)
        rows = np.cumsum([0, *map(len, lists)])
        ends = np.cumsum(level.lengths[ids])
        text_starts = np.append(0, ends)[rows]
        before = level.bytes_before
        if (np.diff(text_starts) != [before(text.text, len(text.text)) for text in texts]).any():
            return None  # a token took in the spaces next to it, or a byte has no token
        borders = [
            start + before(text.text, border)
            for text, start in zip(texts, text_starts.tolist(), strict=False)
            for border in _borders(text)
        ]
        found = np.searchsorted(ends, borders, side="right")
        firsts = iter(found.tolist())
        return [
            self._row(text, ids[start:end], [next(firsts) - start for _ in _borders(text)], self._front, self._back)
            for text, (start, end) in zip(texts, pairwise(rows.tolist()), strict=True)
        ]

    def _row_by_offsets(self, text: SpanText, encoding: "Encoding") -> TokenRow:
        ids = np.asarray(encoding.ids, dtype=np.int32)
        inside = [first_token_behind(encoding, border, len(text.text)) for border in _borders(text)]
        return self._row(text, ids, inside, ids[:0], ids[:0])

    def _row(
        self,
        text: SpanText,
        ids: NDArray[np.int32],
        firsts: list[int],
        front: NDArray[np.int32],
        back: NDArray[np.int32],
    ) -> TokenRow:
        """Put what a tokenizer adds around the text, and the end token; `firsts` count from the first of `ids`."""
        if not text.is_chat:
            last = back if len(back) else ids
            end = [] if len(last) and last[-1] == self._end else [self._end]
            ids = np.concatenate([front, ids, back, np.array(end, dtype=np.int32)])
            firsts = [first + len(front) for first in firsts]
        spans = len(text.kinds)
        firsts, pieces = firsts[:spans], firsts[spans:]
        if text.is_whole and spans:
            firsts[0] = 0
        counts = tuple(end - start for start, end in pairwise([0, *firsts, len(ids)]))
        return TokenRow(ids, counts, (PROMPT, *text.kinds), _inside(pieces, len(ids), text))


def _borders(text: SpanText) -> tuple[int, ...]:
    """The ends of the prompt and of each span but the last, which takes what comes behind it (the end token).

    Then the first and the last character of each spoken piece.
    """
    pieces = (place for start, end in text.spoken or () for place in (start, end - 1))
    return (text.start, *text.ends[:-1], *pieces) if text.kinds else ()


def _inside(places: Sequence[int], length: int, text: SpanText) -> NDArray[np.bool_] | None:
    """Whether each token is spoken, from the token of the first and of the last character of each piece."""
    if text.spoken is None:
        return None
    spoken = np.zeros(length, dtype=np.bool_)
    for first, last in zip(places[::2], places[1::2], strict=True):
        spoken[first : last + 1] = True
    return spoken


def _common_prefix(one: Sequence[int], other: NDArray[np.int32]) -> int:
    """How many tokens at the beginning are the same."""
    length = min(len(one), len(other))
    differ = np.flatnonzero(np.asarray(one[:length], dtype=np.int32) != other[:length])
    return int(differ[0]) if len(differ) else length


def _starting_at(row: TokenRow, start: int) -> TokenRow:
    """The same row with its completion from token `start` on."""
    if len(row.counts) == 1:
        return row
    firsts = np.maximum(np.cumsum(row.counts)[:-1], start)
    firsts[0] = start
    return replace(row, counts=tuple(np.diff([0, *firsts, len(row.ids)]).tolist()))


class ByteLevel:
    """A byte-level tokenizer: its tokens' lengths in bytes, and which texts they add up to.

    Such a tokenizer writes each byte as one character of an alphabet of 256, so a token covers as many bytes as it has
    characters. Adding them up says where every token ends, with no need of offsets.
    """

    def __init__(self, lengths: NDArray[np.int64], composes: bool) -> None:
        self.lengths = lengths
        """Bytes by token id."""
        self.composes = composes
        """Whether the tokenizer brings texts into the normal form NFC, as Qwen's do."""

    @classmethod
    def from_backend(cls, backend: "Tokenizer") -> "ByteLevel | None":
        """Read the lengths from a tokenizer; None if it does not work on bytes, or changes texts other than by NFC."""
        from tokenizers.models import BPE

        model, normalizer = backend.model, _settings(backend.normalizer) or {"type": None}
        if not isinstance(model, BPE) or normalizer["type"] not in (None, "NFC"):
            return None
        if model.byte_fallback or model.continuing_subword_prefix or model.end_of_word_suffix:
            return None
        levels = [part for part in _parts(_settings(backend.pre_tokenizer)) if part["type"] == "ByteLevel"]
        if len(levels) != 1 or levels[0]["add_prefix_space"]:
            return None
        lengths = np.zeros(max(backend.get_vocab().values(), default=-1) + 1, dtype=np.int64)
        for token, number in backend.get_vocab(with_added_tokens=False).items():
            lengths[number] = len(token)
        for number, added in backend.get_added_tokens_decoder().items():
            lengths[number] = len(added.content.encode())
        return cls(lengths, composes=normalizer["type"] == "NFC")

    def bytes_before(self, text: str, border: int) -> int:
        """The number of bytes in the characters before `border`."""
        return border if text.isascii() else len(text[:border].encode())

    def is_plain(self, text: str) -> bool:
        """Whether the tokenizer leaves the text as it is."""
        return not self.composes or text.isascii() or is_normalized("NFC", text)


def _settings(part: Any) -> dict[str, Any] | None:
    """The settings of one part of a tokenizer. Those of all of it hold the vocabulary, which takes a second to read."""
    return None if part is None else json.loads(part.__getstate__())


def _parts(step: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The pre-tokenizers that one is made of."""
    if step is None:
        return []
    if step["type"] != "Sequence":
        return [step]
    return [part for inner in step["pretokenizers"] for part in _parts(inner)]


def _untrimmed(tokenizer: "PreTrainedTokenizerBase") -> "Tokenizer":
    """A copy of the tokenizer's backend the offsets of which keep their spaces.

    Raises:
        ConfigError: if the tokenizer is a slow one, which knows no offsets.
    """
    if not getattr(tokenizer, "is_fast", False):
        raise ConfigError(
            f"{type(tokenizer).__name__} is a slow tokenizer and cannot say which characters a token covers: load a "
            "fast one (AutoTokenizer does where the model has tokenizer.json), or give rows of input_ids and labels"
        )
    copy: Tokenizer = deepcopy(tokenizer.backend_tokenizer)
    if (processor := copy.post_processor) is not None:
        processor.__setstate__(json.dumps(_untrimming(_settings(processor))).encode())
        copy.post_processor = processor
    copy.no_truncation()
    copy.no_padding()
    copy.encode_special_tokens = tokenizer.split_special_tokens
    return copy


def token_ends(encoding: "Encoding", length: int) -> NDArray[np.int64]:
    """The character at which each token ends (exclusive).

    Args:
        encoding: from an `_untrimmed` backend.
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


def first_token_behind(encoding: "Encoding", border: int, length: int) -> int:
    """The index of the first token that ends behind the character `border`; the number of tokens, if none does.

    `token_ends` would give it, but costs a Python object a token. Nearly always the tokenizer's own index answers: that
    token holds the character at `border`, unless the one before it covers no character; then `token_ends` decides.
    """
    index: int | None = encoding.char_to_token(border) if border < length else None
    if index is not None:
        before = encoding.token_to_chars(index - 1) if index else (0, 1)
        if before is not None and before[0] < before[1]:
            return index
    return int(np.searchsorted(token_ends(encoding, length), border, side="right"))


def _untrimming(settings: Any) -> Any:
    """The settings of a post-processor with `trim_offsets` off, also in those that it is made of."""
    if isinstance(settings, list):
        return [_untrimming(part) for part in settings]
    if not isinstance(settings, dict):
        return settings
    inner = {name: _untrimming(value) for name, value in settings.items()}
    return inner | ({"trim_offsets": False} if "trim_offsets" in inner else {})
