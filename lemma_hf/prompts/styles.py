"""How is a question put to a model? The prompt styles, by name.

A prompt never ends in a space: tokenizers glue a space to the word that follows it, so a space at the end of the prompt
is a token the model never saw there. Where the text of a style needs one, it opens the completion (`lead`).
"""

from dataclasses import dataclass

from lemma_hf.errors import ConfigError


@dataclass(frozen=True, slots=True)
class PromptStyle:
    """A way of asking; `template` holds `{question}`, and `lead` opens every completion."""

    name: str
    template: str
    lead: str = ""

    def prompt(self, question: str) -> str:
        """The text before the completion."""
        return self.template.replace("{question}", question)

    def completion(self, solution: str) -> str:
        """The text that the model is to write for `solution`."""
        return self.lead + solution


_STEP_BY_STEP = (
    "{question}\n\nSolve this problem step by step, in plain text without headings or lists, one step a line. "
    "End with a line that says `The answer is: X`, where X is the final answer and nothing else."
)

PROMPT_STYLES = {
    style.name: style
    for style in (
        # LEMMA's own (arXiv 2503.17439, appendix; the authors' prompt ends in the space that is our lead).
        PromptStyle("instruction", "### Instruction:\n{question}\n\n### Response: Let's think step by step.", " "),
        PromptStyle("question", "Question: {question}\nSolution:", " "),
        # For instruct models behind an endpoint, which put the text into their own chat template. (The name `chat` is
        # taken: in training it stands for a bare question in the tokenizer's chat template.)
        PromptStyle("step_by_step", _STEP_BY_STEP),
        # The two ways of asking in `world.sums`: `:` answers in the head, `>` shows its work.
        PromptStyle("sums", "{question}:"),
        PromptStyle("sums_work", "{question}>"),
    )
}


def prompt_style(name: str) -> PromptStyle:
    """The style called `name`.

    Raises:
        ConfigError: if there is none.

    Example:
        >>> prompt_style("sums").prompt("825*23+7")
        '825*23+7:'
    """
    try:
        return PROMPT_STYLES[name]
    except KeyError:
        raise ConfigError(f"no prompt style is called {name!r}; known are {', '.join(PROMPT_STYLES)}") from None
