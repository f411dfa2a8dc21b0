"""Round trip: decoded up to each border of spans, the tokens must give the text up to there."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from lemma_hf.errors import DataError
from lemma_hf.train.span_text import SpanText
from lemma_hf.train.tokenization import SpanTokenizer, TokenRow, token_ends

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


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
        _Trip(tokenizer.tokenizer, text, row, starts, token_ends(encoding, len(text.text)).tolist()).check()
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
    ends: list[int]

    def check(self) -> None:
        expected = self._ids_of(self.text.text)
        if self.row.ids[: len(expected)].tolist() != expected:
            raise self._mismatch(0, "the tokenizer itself gives other ids")
        borders = (self.text.start, *self.text.ends[:-1]) if self.text.kinds else ()
        pairs = list(zip(borders, accumulate(self.row.counts), strict=False))
        by_tokens = self.text.is_whole or self.text.asked is not None  # then no character says where the prompt ends
        for border, first in pairs[by_tokens:]:
            if by_tokens and first == pairs[0][1]:
                continue  # a span that ends inside of what the prompt and the whole text have in common
            self._check_border(border, first)

    def _check_border(self, border: int, first: int) -> None:
        """Check that `first` is the first token that ends behind the character `border`."""
        if any(end > border for end in self.ends[:first]) or any(end <= border for end in self.ends[first:]):
            raise self._mismatch(first, f"token {first} is not the first that ends behind character {border}")
        found = self._decode(self.row.ids[:first].tolist())
        if not any(self._gives(found, self.text.text[:reach]) for reach in self._reaches(border, first)):
            raise self._mismatch(first, f"decoded, the tokens before character {border} end in {found[-40:]!r}")

    def _reaches(self, border: int, first: int) -> set[int]:
        """The characters up to which the tokens before `first` may reach.

        They stop short of a token that lies across the border, and between them and the border there may be characters
        without a token, such as an accent that was drawn into the letter before it.
        """
        return {border, *self.ends[max(0, first - 1) : first], *self.starts[first : first + 1]}

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
        spans = [self.text.text[a:b][:20] for a, b in pairwise([0, self.text.start, *self.text.ends])]
        return DataError(
            f"tokens and text do not match in {self.text.text[:60]!r}…: {what}; tokens, with the character at which "
            f"each is said to end: {tokens}; spans: {spans}. Weights would fall on the wrong tokens: update the "
            "`tokenizers` package, or tokenize by your own means and give rows of input_ids, labels and loss_weights"
        )
