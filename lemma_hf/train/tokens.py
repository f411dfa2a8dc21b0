"""Which span does each token belong to? Text with spans in, token ids with kinds out.

    text      "…are left.\\n" | "Wait, that is wrong. " | "24 - 9 = 15"
    span       error            reflection               correction
    tokens    "left" "." "\\n"  "Wait" "," … "."          " 24" " -" …

A token belongs to the span that holds its *last* character, so that " 24", which begins with the last character of the
reflection, is correction, and a token that straddles the border of prompt and completion is completion. The text is
tokenised once, joined, never span by span, so the ids are those the model would see anyway.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.records import SpanKind
from lemma_hf.train.offsets import token_ends, untrimmed

TOKEN_KINDS: tuple[str, ...] = ("prompt", *SpanKind)
"""The name of each number in a `token_kinds` column: 0 is the prompt, then the kinds in the order of `SpanKind`."""
IGNORED = -100
"""The label of a token that is not trained on."""

REASONING, ERROR = (TOKEN_KINDS.index(kind) for kind in (SpanKind.REASONING, SpanKind.ERROR))
_COMPLETE = {TOKEN_KINDS.index(kind) for kind in (SpanKind.REASONING, SpanKind.CORRECTION)}


@dataclass(frozen=True, slots=True)
class SpanText:
    """A text with the places where its spans end."""

    text: str
    start: int
    """Where the completion begins in `text`; everything before is prompt."""
    ends: tuple[int, ...]
    """Where each span ends in `text`; what comes behind the last (a chat template's end of turn) belongs to it."""
    kinds: tuple[int, ...]
    """The kind of each span, as an index of `TOKEN_KINDS`."""
    is_chat: bool = False
    """Whether a chat template wrote the text, special tokens and all."""

    @property
    def complete(self) -> bool:
        """Whether no error is left without its correction."""
        return not self.kinds or self.kinds[-1] in _COMPLETE


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A tokenised text: three int arrays of the same length."""

    ids: Any
    kinds: Any
    ends: Any
    """The character at which each token ends; the end token ends with the text."""


def read_row(row: Mapping[str, Any], tokenizer: Any, where: str = "a row") -> SpanText:
    """The text and spans of a row with `prompt` and `completion`, and perhaps `span_kinds` and `span_ends`.

    `span_ends` count characters of the completion (of its message's content, where rows are conversational), the last
    being its length. A row without spans is a right solution: all of it is reasoning.

    Raises:
        DataError: naming the row and field, if spans do not fit the completion.
        ConfigError: if messages are given, but the tokenizer has no chat template.
    """
    prompt, completion = row["prompt"], row["completion"]
    is_chat = not (isinstance(prompt, str) and isinstance(completion, str))
    if is_chat:
        text, start, completion = _render_chat(row, tokenizer, where)
    else:
        text, start = prompt + completion, len(prompt)
    ends: Any = row.get("span_ends")
    kinds: Any = row.get("span_kinds")
    if not ends and not kinds:
        ends, kinds = ([len(completion)], [SpanKind.REASONING]) if completion else ([], [])
    numbers = _read_kinds(kinds, where)
    _check_ends(ends, numbers, len(completion), where)
    return SpanText(text, start, tuple(start + end for end in ends), numbers, is_chat)


class SpanTokenizer:
    """Tokenises texts with spans; one fast call for a batch."""

    def __init__(self, tokenizer: Any) -> None:
        if tokenizer.eos_token_id is None:
            raise ConfigError(
                f"{type(tokenizer).__name__} has no end token, so the model could never learn to stop: set "
                "tokenizer.eos_token, or eos_token in the configuration"
            )
        self.tokenizer = tokenizer
        self._backend = untrimmed(tokenizer)

    def __call__(self, texts: Sequence[SpanText]) -> list[TokenRow]:
        """One `TokenRow` a text. Plain texts get the end token, once; a chat template ends its turns by itself."""
        # Not kept when the backend travels to another process.
        self._backend.encode_special_tokens = self.tokenizer.split_special_tokens
        rows: list[TokenRow | None] = [None] * len(texts)
        for is_chat in (False, True):
            places = [place for place, text in enumerate(texts) if text.is_chat is is_chat]
            plain = [texts[place].text for place in places]
            encodings = self._backend.encode_batch(plain, add_special_tokens=not is_chat)
            for place, encoding in zip(places, encodings, strict=True):
                rows[place] = self._row(texts[place], encoding)
        return [row for row in rows if row is not None]

    def _row(self, text: SpanText, encoding: Any) -> TokenRow:
        ids, ends = np.asarray(encoding.ids, dtype=np.int64), token_ends(encoding, len(text.text))
        if not text.is_chat and (len(ids) == 0 or ids[-1] != self.tokenizer.eos_token_id):
            ids, ends = np.append(ids, self.tokenizer.eos_token_id), np.append(ends, len(text.text))
        return TokenRow(ids, kinds_of_tokens(ends, text), ends)


def kinds_of_tokens(ends: Any, text: SpanText) -> Any:
    """The kind of each token, given the character at which it ends: that of the span with its last character."""
    spans = np.searchsorted([text.start, *text.ends], ends - 1, side="right")
    # What lies behind the last span belongs to it; a text without spans is prompt throughout.
    return np.array([0, *text.kinds], dtype=np.int8)[np.minimum(spans, len(text.kinds))]


def check_round_trip(tokenizer: SpanTokenizer, texts: Iterable[SpanText]) -> None:
    """Decode the tokens up to each border of spans, and compare with the text up to there.

    Raises:
        DataError: on a difference, with the tokens around it. Training would put weights on the wrong tokens.
    """
    texts = list(texts)
    for text, row in zip(texts, tokenizer(texts), strict=True):
        expected = tokenizer.tokenizer(text.text, add_special_tokens=not text.is_chat)["input_ids"]
        if list(row.ids[: len(expected)]) != list(expected):
            raise DataError(_mismatch(tokenizer, row, text, len(text.text), "the tokenizer itself gives other ids"))
        for border in (text.start, *text.ends):
            _check_border(tokenizer, text, row, border)


def _check_border(tokenizer: SpanTokenizer, text: SpanText, row: TokenRow, border: int) -> None:
    count = int(np.searchsorted(row.ends, border, side="right"))
    if count and border == len(text.text) and not text.is_chat:
        count -= 1  # the end token, which is no text
    reach = int(row.ends[count - 1]) if count else 0
    decode = tokenizer.tokenizer.decode
    found = decode(row.ids[:count].tolist(), skip_special_tokens=not text.is_chat, clean_up_tokenization_spaces=False)
    # A tokenizer may normalise or lack characters, and then what it makes of the same stretch of text is the measure.
    again = tokenizer.tokenizer(text.text[:reach], add_special_tokens=not text.is_chat)["input_ids"]
    lossy = decode(again, skip_special_tokens=not text.is_chat, clean_up_tokenization_spaces=False)
    if found != text.text[:reach] and _squeezed(found) != _squeezed(lossy):
        raise DataError(_mismatch(tokenizer, row, text, border, f"decoded, they end in {found[-40:]!r}"))


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _mismatch(tokenizer: SpanTokenizer, row: TokenRow, text: SpanText, border: int, what: str) -> str:
    near = int(np.searchsorted(row.ends, border, side="right"))
    shown = range(max(0, near - 8), min(len(row.ids), near + 4))
    names = tokenizer.tokenizer.convert_ids_to_tokens([int(row.ids[place]) for place in shown])
    tokens = ", ".join(f"{name!r}→{row.ends[place]}" for name, place in zip(names, shown, strict=True))
    return (
        f"tokens and text do not match at character {border} of {text.text[:60]!r}…: {what}; tokens with the character "
        f"at which each is said to end: {tokens}. Weights would fall on the wrong tokens: update the `tokenizers` "
        "package, or tokenise by your own means and give rows of input_ids, labels and loss_weights"
    )


def _read_kinds(kinds: Any, where: str) -> tuple[int, ...]:
    names = list(SpanKind)
    try:
        # Columns of class labels hold numbers in the order of `SpanKind`; hand-made rows may hold the names.
        read = [SpanKind(kind) if isinstance(kind, str) else names[_natural(kind)] for kind in kinds]
    except (TypeError, ValueError, IndexError):
        known = ", ".join(f"{number} or {name}" for number, name in enumerate(SpanKind))
        raise DataError(f"{where}: span_kinds is {str(kinds)[:80]}, but holds only {known}") from None
    return tuple(TOKEN_KINDS.index(kind) for kind in read)


def _natural(number: Any) -> int:
    if int(number) != number or number < 0:
        raise ValueError
    return int(number)


def _check_ends(ends: Any, kinds: tuple[int, ...], length: int, where: str) -> None:
    if not isinstance(ends, list | tuple) or len(ends) != len(kinds):
        raise DataError(
            f"{where}: span_ends is {str(ends)[:80]}, but there are {len(kinds)} span_kinds: give each its end"
        )
    if any(later <= earlier for earlier, later in pairwise([0, *ends])):
        raise DataError(f"{where}: span_ends is {str(ends)[:80]}, but the ends must grow from one span to the next")
    if (ends[-1] if ends else 0) != length:
        raise DataError(
            f"{where}: the last of span_ends is {ends[-1] if ends else 'missing'}, but the completion has {length} "
            "characters: count characters, not bytes or tokens"
        )


def _render_chat(row: Mapping[str, Any], tokenizer: Any, where: str) -> tuple[str, int, str]:
    """The text a chat template makes of a conversational row, where the answer begins in it, and the answer."""
    prompt, completion = row["prompt"], row["completion"]
    if isinstance(completion, str):
        completion = [{"role": "assistant", "content": completion}]
    if not isinstance(prompt, list) or not isinstance(completion, list) or len(completion) != 1:
        raise DataError(
            f"{where}: need prompt and completion as two texts, or prompt as a list of messages and completion as one "
            f"message; found {type(row['prompt']).__name__} and {str(row['completion'])[:80]}"
        )
    if not tokenizer.chat_template:
        raise ConfigError(
            f"{where} holds messages, but the tokenizer has no chat template: set chat_template_path, or give prompt "
            "and completion as plain text"
        )
    if row.get("tools"):
        raise ConfigError(f"{where} has `tools`, which are not read: write them into the prompt, or drop the column")
    answer = completion[0]["content"]
    before = tokenizer.apply_chat_template(prompt, tokenize=False, add_generation_prompt=True)
    text = tokenizer.apply_chat_template([*prompt, *completion], tokenize=False)
    start = text.find(answer, len(before)) if text.startswith(before) else text.rfind(answer)
    if start < 0:
        raise DataError(
            f"{where}: the chat template changes the answer {answer[:60]!r}, so its spans cannot be found in the text: "
            "strip spaces around the answer, or give prompt and completion as plain text"
        )
    return text, start, answer
