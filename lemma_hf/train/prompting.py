"""Prompting of a model that is being trained: a question gets the tokens that it has in the training rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lemma_hf.errors import ConfigError
from lemma_hf.inference.prompting import explained_template
from lemma_hf.prompts import PROMPT_STYLES, PromptStyle, prompt_style
from lemma_hf.train.prepare import is_streamed

if TYPE_CHECKING:
    from transformers import BatchEncoding, PreTrainedTokenizerBase
    from trl import SFTTrainer

CHAT = "chat"
"""The prompt style of conversational rows: the question as a user's message, in the tokenizer's chat template."""


def tokenizer_of(trainer: "SFTTrainer") -> "PreTrainedTokenizerBase":
    """The trainer's tokenizer, also where it has a processor of text and images."""
    found: PreTrainedTokenizerBase = getattr(trainer.processing_class, "tokenizer", trainer.processing_class)
    return found


def style_of_rows(trainer: "SFTTrainer") -> PromptStyle | str:
    """The prompt style of the first training row, read from its tokens.

    Raises:
        ConfigError: if no style fits.
    """
    found = guess_style(trainer)
    if found is None:
        raise ConfigError(
            "the training rows' prompts follow no known style, so nothing says how to put a question: say "
            f"style=… with one of {', '.join(PROMPT_STYLES)} or {CHAT!r}, or with a PromptStyle of your own"
        )
    return found


def guess_style(trainer: "SFTTrainer") -> PromptStyle | str | None:
    """The style of `style_of_rows`, or None where no style fits or the rows are streamed."""
    tokenizer = tokenizer_of(trainer)
    if is_streamed(trainer.train_dataset) or not hasattr(trainer.train_dataset, "__getitem__"):
        return None
    row = trainer.train_dataset[0]
    count = next((place for place, kind in enumerate(row["token_kinds"]) if kind), len(row["token_kinds"]))
    prompt, whole = (
        tokenizer.decode(row["input_ids"][:count], skip_special_tokens=skip, clean_up_tokenization_spaces=False)
        for skip in (True, False)
    )
    if tokenizer.chat_template and whole.endswith(prompt_of(CHAT, "?", tokenizer).rpartition("?")[2] or "\0"):
        return CHAT
    return next((style for style in PROMPT_STYLES.values() if _fits(style, prompt)), None)


def _fits(style: PromptStyle, prompt: str) -> bool:
    before, _, after = style.template.partition("{question}")
    # The last character may be part of a token of the completion, such as ":\n", and count as that.
    return bool(before) and prompt.startswith(before) and prompt.endswith((after, after[:-1]))


def prompt_of(style: PromptStyle | str, question: str, tokenizer: "PreTrainedTokenizerBase") -> str:
    """The text in which a question is put.

    Raises:
        ConfigError: if the style is "chat", and the tokenizer has no chat template.
        DataError: if the template fails.
    """
    if isinstance(style, PromptStyle):
        return style.prompt(question)
    if not tokenizer.chat_template:
        raise ConfigError(
            f"style={CHAT!r} needs a tokenizer with a chat template: set chat_template_path in the configuration, or "
            f"name another style ({', '.join(PROMPT_STYLES)})"
        )
    messages = [{"role": "user", "content": question}]
    with explained_template("a question as the message of a user"):
        return str(tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))


def named_style(style: PromptStyle | str) -> PromptStyle | str:
    """A style by its name; a style itself, and "chat", stay as they are."""
    return style if isinstance(style, PromptStyle) or style == CHAT else prompt_style(style)


@dataclass(frozen=True)
class AsTrained:
    """A tokenizer for `LocalStudent` that gives prompts the token ids that they have in training rows."""

    tokenizer: "PreTrainedTokenizerBase"
    is_chat: bool
    eos_token_id: int | None
    """The token that ends an answer: the end token, or the one that the chat template has there."""

    @classmethod
    def from_style(cls, tokenizer: "PreTrainedTokenizerBase", style: PromptStyle | str) -> "AsTrained":
        """A tokenizer for prompts in this style."""
        if isinstance(style, PromptStyle):
            return cls(tokenizer, False, tokenizer.eos_token_id)
        turns = [{"role": "user", "content": "?"}, {"role": "assistant", "content": "!"}]
        with explained_template("a question and its answer"):
            end = tokenizer.apply_chat_template(turns, tokenize=False).rpartition("!")[2]
        ids = tokenizer(end, add_special_tokens=False)["input_ids"]
        return cls(tokenizer, True, next((i for i in ids if i in tokenizer.all_special_ids), tokenizer.eos_token_id))

    @property
    def pad_token_id(self) -> int | None:
        """The tokenizer's padding token."""
        return self.tokenizer.pad_token_id

    def __call__(self, prompts: Sequence[str]) -> "BatchEncoding":
        """Encode prompts, without special tokens where a chat template has written them already."""
        return self.tokenizer(list(prompts), add_special_tokens=not self.is_chat)

    def pad(self, rows: Any, **options: Any) -> "BatchEncoding":
        """Pad encoded rows as the tokenizer does."""
        return self.tokenizer.pad(rows, **options)

    def decode(self, ids: Sequence[int], **options: Any) -> str:
        """Decode token ids as the tokenizer does."""
        return str(self.tokenizer.decode(ids, **options))
