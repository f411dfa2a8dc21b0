"""Do tokens and spans match? Decoded up to each border of spans, the tokens must give the text up to there."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

from lemma_hf.errors import DataError
from lemma_hf.train.offsets import token_ends
from lemma_hf.train.row_text import SpanText
from lemma_hf.train.tokens import SpanTokenizer, TokenRow


def check_round_trip(tokenizer: SpanTokenizer, texts: Iterable[SpanText]) -> None:
    """Hold the ids against the tokenizer's own, and at each border the tokens against offsets and text.

    Raises:
        DataError: on a difference, with the tokens around it. Training would put weights on the wrong tokens.
    """
    texts = list(texts)
    for text, row, encoding in zip(texts, tokenizer(texts), tokenizer.encode(texts), strict=True):
        _Trip(tokenizer.tokenizer, text, row, token_ends(encoding, len(text.text)).tolist()).check()


@dataclass(frozen=True, slots=True)
class _Trip:
    """One row on its way to tokens and back."""

    tokenizer: Any
    text: SpanText
    row: TokenRow
    ends: list[int]
    """The character at which each token ends, as the tokenizer's offsets say it."""

    def check(self) -> None:
        expected = self._ids_of(self.text.text)
        if self.row.ids[: len(expected)].tolist() != expected:
            raise self._mismatch(0, "the tokenizer itself gives other ids")
        borders = (self.text.start, *self.text.ends[:-1]) if self.text.kinds else ()
        for border, first in zip(borders, accumulate(self.row.counts), strict=False):
            self._check_border(border, first)

    def _check_border(self, border: int, first: int) -> None:
        """`first` is said to be the first token that ends behind the character `border`."""
        if any(end > border for end in self.ends[:first]) or any(end <= border for end in self.ends[first:]):
            raise self._mismatch(first, f"token {first} is not the first that ends behind character {border}")
        reach = self.ends[first - 1] if first else 0
        found = self._decode(self.row.ids[:first].tolist())
        # A tokenizer may normalise or lack characters; then what it makes of the same stretch of text is the measure.
        if found != self.text.text[:reach] and not _alike(found, self._decode(self._ids_of(self.text.text[:reach]))):
            raise self._mismatch(first, f"decoded, the tokens before character {border} end in {found[-40:]!r}")

    def _ids_of(self, text: str) -> list[int]:
        return list(self.tokenizer(text, add_special_tokens=not self.text.is_chat)["input_ids"])

    def _decode(self, ids: list[int]) -> str:
        keep = self.text.is_chat
        return str(self.tokenizer.decode(ids, skip_special_tokens=not keep, clean_up_tokenization_spaces=False))

    def _mismatch(self, near: int, what: str) -> DataError:
        shown = range(max(0, near - 8), min(len(self.ends), near + 4))
        names = self.tokenizer.convert_ids_to_tokens([int(self.row.ids[place]) for place in shown])
        tokens = ", ".join(f"{name!r}→{self.ends[place]}" for name, place in zip(names, shown, strict=True))
        spans = [self.text.text[a:b][:20] for a, b in pairwise([0, self.text.start, *self.text.ends])]
        return DataError(
            f"tokens and text do not match in {self.text.text[:60]!r}…: {what}; tokens, with the character at which "
            f"each is said to end: {tokens}; spans: {spans}. Weights would fall on the wrong tokens: update the "
            "`tokenizers` package, or tokenise by your own means and give rows of input_ids, labels and loss_weights"
        )


def _alike(one: str, other: str) -> bool:
    return "".join(one.split()) == "".join(other.split())
