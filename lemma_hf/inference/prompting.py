"""Prompts to token ids: with the special tokens that open a text, once, and without those that end it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lemma_hf.errors import ConfigError, DataError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


def encode_prompts(tokenizer: "PreTrainedTokenizerBase", prompts: Sequence[str], chat: bool = False) -> list[list[int]]:
    """The token ids of each prompt.

    Args:
        chat: put each prompt into the tokenizer's chat template, as the message of a user. The template writes the
            special tokens that open the text, so the tokenizer adds none of its own: two of them (a double BOS) are a
            text that the model has never seen.

    Raises:
        ConfigError: if a chat template is asked for, and there is none.
    """
    if chat:
        return [tokenizer(text, add_special_tokens=False)["input_ids"] for text in _in_chat(tokenizer, prompts)]
    # Some tokenizers put the end token behind every text; here it would end the prompt.
    end = tokenizer.eos_token_id
    return [row[:-1] if row[-1:] == [end] else row for row in tokenizer(list(prompts))["input_ids"]]


def _in_chat(tokenizer: "PreTrainedTokenizerBase", prompts: Sequence[str]) -> list[str]:
    """The prompts in the tokenizer's chat template, up to where the answer begins.

    Raises:
        ConfigError: if the tokenizer has no chat template.
        DataError: if the template fails.
    """
    if not tokenizer.chat_template:
        raise ConfigError("the tokenizer has no chat template: take a prompt style without one, such as `instruction`")
    with explained_template("a prompt as the message of a user"):
        return [
            tokenizer.apply_chat_template(
                [{"role": "user", "content": prompt}], add_generation_prompt=True, tokenize=False
            )
            for prompt in prompts
        ]


@contextmanager
def explained_template(where: str) -> Iterator[None]:
    """Turn an error within a chat template into a message.

    Args:
        where: what is rendered, for the message.

    Raises:
        DataError: with the template's own words: it is no valid Jinja, or refuses the messages.
    """
    from jinja2 import TemplateError

    try:
        yield
    except (TemplateError, TypeError, LookupError, ArithmeticError) as error:
        # The latter are what its expressions raise, such as `content + 1` or `messages[9]`.
        raise DataError(
            f"{where}: the tokenizer's chat template fails ({type(error).__name__}: {error}). Give messages as it "
            "wants them, or another template"
        ) from error
