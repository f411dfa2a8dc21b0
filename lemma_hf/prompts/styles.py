r"""Prompt styles: the ways to put a question to a model, by name.

A prompt never ends in a space: tokenizers glue a space to the word that follows it, so a space at the end of the prompt
is a token the model never saw there. Where the text of a style needs one, it opens the completion (`lead`).

Few-shots (`shots`) stand before the question in one of two ways:

* In a plain text each is a whole prompt with its completion, an empty line between, as in the authors' evaluation:

      ### Instruction:
      …
      ### Response: Let's think step by step. … The answer is: 28

      ### Instruction:
      …
      ### Response: Let's think step by step.

* Where a chat template is put around the text (`chat`), all are in the one message of the user. They are no turns of
  a conversation, since every student (a model here, an endpoint, a file) takes one text, which is then also the whole
  of what `--show-prompt` shows and what is stored with a score. Qwen's evaluation does so too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lemma_hf.errors import ConfigError
from lemma_hf.prompts.shots import Shot


@dataclass(frozen=True, slots=True)
class PromptStyle:
    """A way to ask a question; `template` holds `{question}`, and `lead` opens every completion."""

    name: str
    template: str
    lead: str = ""
    chat: bool = False
    """The text is a user's message: the tokenizer's chat template, or the endpoint's, belongs around it."""
    claim: str = "The answer is: {answer}"
    """The line in which a few-shot says its answer."""

    def prompt(self, question: str, shots: Sequence[Shot] = ()) -> str:
        """The text before the completion; worked examples stand in front.

        Example:
            >>> print(prompt_style("question").prompt("What is 2 + 3?", [Shot("What is 1 + 1?", "1 + 1 = 2.", "2")]))
            Question: What is 1 + 1?
            Solution: 1 + 1 = 2.
            The answer is: 2
            <BLANKLINE>
            Question: What is 2 + 3?
            Solution:
        """
        if not shots:
            return self._asked(question)
        if self.chat:
            pairs = [f"Question: {shot.question}\nAnswer: {self._worked(shot)}" for shot in shots]
            return self._asked("\n\n".join([*pairs, f"Question: {question}"]))
        documents = [self._asked(shot.question) + self.completion(self._worked(shot)) for shot in shots]
        return "\n\n".join([*documents, self._asked(question)])

    def completion(self, solution: str) -> str:
        """The text that the model is to write for `solution`."""
        return self.lead + solution

    def own_part(self, output: str) -> str:
        """Cut off what follows the answer: without a stop, a model goes on to a next question, as few-shots taught it.

        It is cut where a line begins as the style's prompts do, so that the answer to another question is never taken
        for this one's. An output stays as it is where the prompts of a style begin with the question itself.

        Example:
            >>> prompt_style("question").own_part(" 2 + 3 = 5.\\nThe answer is: 5\\n\\nQuestion: What is 7 + 1?")
            ' 2 + 3 = 5.\\nThe answer is: 5'
        """
        opening = self.template.partition("{question}")[0].strip()
        if self.chat or not opening:
            return output
        end = output.find(f"\n{opening}")
        return output if end < 0 else output[:end].rstrip()

    def _asked(self, question: str) -> str:
        return self.template.replace("{question}", question)

    def _worked(self, shot: Shot) -> str:
        return f"{shot.solution}\n{self.claim.replace('{answer}', shot.answer)}"


_STEP_BY_STEP = (
    "{question}\n\nSolve this problem step by step, in plain text without headings or lists, one step a line. "
    "End with a line that says `The answer is: X`, where X is the final answer and nothing else."
)
_SHOW_STEPS = """\
Solve the problem in numbered steps, as in this example.

Problem: Ann has 4 boxes with 6 pens each. She gives 9 pens away. How many pens does she have left?

1. In the 4 boxes there are 4 * 6 = 24 pens.
2. She gives 9 of them away, so she has 24 - 9 = 15 pens left.
The answer is: 15

Now solve this problem in the same way. Write all steps first, one a line, each with its calculation. Then write the \
answer in the last line.

Problem: {question}"""

PROMPT_STYLES = {
    style.name: style
    for style in (
        # LEMMA's own (arXiv 2503.17439, appendix; the authors' prompt ends in the space that is our lead).
        PromptStyle("instruction", "### Instruction:\n{question}\n\n### Response: Let's think step by step.", " "),
        PromptStyle("question", "Question: {question}\nSolution:", " "),
        # The question alone, as rows of a conversation have it; training calls it so too.
        PromptStyle("chat", "{question}", chat=True),
        PromptStyle("step_by_step", _STEP_BY_STEP, chat=True),
        # For small instruct models, which take the last sentence of `step_by_step` for the whole form of the reply.
        PromptStyle("show_steps", _SHOW_STEPS, chat=True),
        # Qwen2-Math's own (https://github.com/QwenLM/Qwen2-Math).
        PromptStyle(
            "boxed",
            "{question}\nPlease reason step by step, and put your final answer within \\boxed{}.",
            chat=True,
            claim="The answer is: \\boxed{{answer}}",
        ),
        # The two ways of asking in `world.sums`: `:` answers in the head, `>` shows its work.
        PromptStyle("sums", "{question}:"),
        PromptStyle("sums_work", "{question}>"),
    )
}
"""Each way of putting a question, by its name: the values of the setting `prompt_style`."""


def prompt_style(name: str) -> PromptStyle:
    """Look up the style called `name`.

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
