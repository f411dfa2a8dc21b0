"""Records of a model's completions, and the protocol of a student: `Sampling` in, `Completion`s out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from lemma_hf.errors import ConfigError
from lemma_hf.prompts import PromptStyle
from lemma_hf.records import DropReason


@dataclass(frozen=True, slots=True)
class Sampling:
    """Parameters of decoding. Temperature 0 is greedy decoding."""

    n: int = 1
    """Completions a prompt."""
    temperature: float = 0.0
    top_p: float = 1.0
    max_new_tokens: int = 1024
    """LEMMA's own limit (paper, section 4.1)."""
    seed: int = 0

    def __post_init__(self) -> None:
        if self.n < 1 or self.max_new_tokens < 1 or self.temperature < 0 or not 0 < self.top_p <= 1:
            raise ConfigError(f"need n ≥ 1, max_new_tokens ≥ 1, temperature ≥ 0 and 0 < top_p ≤ 1, but got {self}")
        if self.n > 1 and self.temperature == 0:
            raise ConfigError(
                f"{self.n} greedy completions would all be the same: raise the temperature, or ask for one"
            )


@dataclass(frozen=True, slots=True)
class Completion:
    """One text that a model wrote."""

    text: str
    finished: bool
    """False where the text was cut off at `max_new_tokens`, or never came (`refused`)."""
    tokens: int
    """Tokens generated, the end token included; 0 where the source does not say."""
    refused: DropReason | None = None
    """The reason why an endpoint gave no text; `text` is then empty, and says nothing about the model."""
    detail: str = ""
    """The endpoint's own words on the reason."""


def own_completion(completion: Completion, style: PromptStyle) -> Completion:
    """The part that answers the question, of a completion that may go on to another one (see `PromptStyle.own_part`).

    A base model has no reason to stop behind its answer. Where it began the next question, the answer is whole,
    wherever the completion was cut off.

    Example:
        >>> from lemma_hf.prompts import prompt_style
        >>> own_completion(Completion(" 2 + 3 = 5.\\n\\nQuestion: What is", False, 9), prompt_style("question"))
        Completion(text=' 2 + 3 = 5.', finished=True, tokens=9, refused=None, detail='')
    """
    own = style.own_part(completion.text)
    return completion if own == completion.text else replace(completion, text=own, finished=True)


class Student(Protocol):
    """An object that writes completions: a model on this machine, an endpoint, a file of earlier outputs."""

    def complete(self, prompts: Sequence[str], sampling: Sampling) -> list[list[Completion]]:
        """`sampling.n` completions for each prompt, in the order of the prompts."""
        ...
