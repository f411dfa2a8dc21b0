"""Round trip: decoded up to each border of spans, the tokens must give the text up to there.

The offsets of the tokens are compared at every border. Decoding takes all tokens before a border, so that of a row with
thousands of spans only some borders are decoded up to: the first, the last, and others at even distances.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lemma_hf.errors import DataError
from lemma_hf.train.span_text import SpanText
from lemma_hf.train.tokenization import SpanTokenizer, TokenRow, token_ends

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_DECODED = 32
"""Borders of a row that are decoded up to, at most: more than all of any usual row."""


def check_round_trip(tokenizer: SpanTokenizer, texts: Iterable[SpanText]) -> list[str]:
    """Compare the ids with the tokenizer's own, and the tokens before each border with offsets and text.

    Returns:
        The tokens that lie across the end of a prompt. A model trained on them is asked without them.

    Raises:
        DataError: on a difference, with the tokens around it. Training would put weights on the wrong tokens.
    """
    texts, across = list(texts), []
    for text, row, encoding in zip(texts, tokenizer(texts), tokenizer.encode(texts), strict=True):
        starts = [start for start, _ in encoding.offsets]
        _Trip(tokenizer.tokenizer, text, row, starts, token_ends(encoding, len(text.text))).check()
        first = row.counts[0]
        if first < len(starts) and starts[first] < text.start and not encoding.special_tokens_mask[first]:
            across.append(str(encoding.tokens[first]))
    return across


@dataclass(frozen=True, slots=True)
class _Trip:
    """One row, encoded to tokens and decoded again."""

    tokenizer: "PreTrainedTokenizerBase"
    text: SpanText
    row: TokenRow
    starts: list[int]
    """The character at which each token begins, by the tokenizer's offsets; `ends` say where it ends."""
    ends: NDArray[np.int64]

    def check(self) -> None:
        expected = self._ids_of(self.text.text)
        if self.row.ids[: len(expected)].tolist() != expected:
            raise self._mismatch(0, "the tokenizer itself gives other ids")
        borders = (self.text.start, *self.text.ends[:-1]) if self.text.kinds else ()
        pairs = list(zip(borders, accumulate(self.row.counts), strict=False))
        if self.text.is_whole or self.text.asked is not None:  # then no character says where the prompt ends
            # Nor where a span ends inside of what the prompt and the whole text have in common.
            pairs = [pair for pair in pairs[1:] if pair[1] != pairs[0][1]]
        self._check_offsets(pairs)
        for at in dict.fromkeys(np.linspace(0, len(pairs) - 1, min(len(pairs), _DECODED), dtype=int).tolist()):
            self._check_decoded(*pairs[at])

    def _check_offsets(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Check of each border and token that the token is the first that ends behind the border."""
        last_before = np.maximum.accumulate(np.append(-1, self.ends))
        first_behind = np.minimum.accumulate(np.append(self.ends, np.iinfo(np.int64).max)[::-1])[::-1]
        for border, first in pairs:
            place = min(first, len(self.ends))
            if last_before[place] > border or first_behind[place] <= border:
                raise self._mismatch(first, f"token {first} is not the first that ends behind character {border}")

    def _check_decoded(self, border: int, first: int) -> None:
        """Check that the tokens before `first` give the text up to the border."""
        found = self._decode(self.row.ids[:first].tolist())
        if not any(self._gives(found, self.text.text[:reach]) for reach in self._reaches(border, first)):
            raise self._mismatch(first, f"decoded, the tokens before character {border} end in {found[-40:]!r}")

    def _reaches(self, border: int, first: int) -> set[int]:
        """The characters up to which the tokens before `first` may reach.

        They stop short of a token that lies across the border, and between them and the border there may be characters
        without a token, such as an accent that was drawn into the letter before it.
        """
        return {border, *self.ends[max(0, first - 1) : first].tolist(), *self.starts[first : first + 1]}

    def _gives(self, found: str, text: str) -> bool:
        """Whether `found` is the text, or what the tokenizer makes of it where it changes texts or lacks characters."""
        return found == text or "".join(found.split()) == "".join(self._decode(self._ids_of(text)).split())

    def _ids_of(self, text: str) -> list[int]:
        return list(self.tokenizer(text, add_special_tokens=not self.text.is_chat)["input_ids"])

    def _decode(self, ids: list[int]) -> str:
        keep = self.text.is_chat
        return str(self.tokenizer.decode(ids, skip_special_tokens=not keep, clean_up_tokenization_spaces=False))

    def _mismatch(self, near: int, what: str) -> DataError:
        shown = range(max(0, near - 8), min(len(self.ends), near + 4))  # about a line of tokens, most of them before
        names = self.tokenizer.convert_ids_to_tokens([int(self.row.ids[place]) for place in shown])
        tokens = ", ".join(f"{name!r}→{self.ends[place]}" for name, place in zip(names, shown, strict=True))
        spans = [self.text.text[a:b][:20] for a, b in pairwise([0, self.text.start, *self.text.ends[:8]])]
        return DataError(
            f"tokens and text do not match in {self.text.text[:60]!r}…: {what}; tokens, with the character at which "
            f"each is said to end: {tokens}; spans: {spans}. Weights would fall on the wrong tokens: update the "
            "`tokenizers` package, or tokenize by your own means and give rows of input_ids, labels and loss_weights"
        )
