"""Student behind an endpoint: chat requests of one message, the prompt."""

from collections.abc import Sequence

from lemma_hf.inference.completions import Completion, Sampling
from lemma_hf.inference.endpoint.chat import ChatModel, ChatRequest, ChatResult, Reply
from lemma_hf.records import DropReason

_DRAWS = 1_000_003
"""Draws a seed: a prime, so that the draws of different seeds get different numbers below 2^31."""


class LLMStudent:
    """A model behind an endpoint, as a [`Student`][lemma_hf.inference.completions.Student].

    The prompt is the content of one user message, word for word. An instruct model answers it as it was trained to;
    ask it with the style `step_by_step`, or a small one, which might answer without a step, with `show_steps`.

    A base model, or one trained on the paper's prompt, has to read that prompt and nothing around it. Give the server a
    chat template that renders the message's content and no more. For vLLM, in a file `verbatim.jinja`:

        {%- for message in messages -%}{{ message['content'] }}{%- endfor -%}

    and `vllm serve MODEL --chat-template verbatim.jinja --chat-template-content-format string`. Then ask it with the
    style that it was trained on, such as `instruction`.

    Args:
        client: answers the requests; see `lemma_hf.inference.endpoint`.
        title: the name of its progress bar, and of its calls in the store.
    """

    batch = 4096
    """Prompts to hand over in one call: enough to keep the endpoint busy while the last replies come in."""
    shows_progress = True
    """The client shows a bar of its own."""

    def __init__(self, client: ChatModel, title: str = "sample") -> None:
        self.client = client
        self.title = title

    def titled(self, title: str) -> "LLMStudent":
        """The same student, whose calls have another name."""
        return LLMStudent(self.client, title)

    def complete(self, prompts: Sequence[str], sampling: Sampling) -> list[list[Completion]]:
        """`sampling.n` completions for each prompt, in the order of the prompts.

        The draws of one seed are numbered on, and those of another seed have other numbers: the endpoint gets the
        number as its seed, and the client's store keeps the reply under it. So the same seed gives the stored replies
        again, whatever the endpoint makes of seeds. At temperature 0 there is one draw, whatever the seed.

        A reply that was cut off is a completion that is not finished; a call without a text becomes one with `refused`.
        """
        messages = [({"role": "user", "content": prompt},) for prompt in prompts]
        requests = [
            ChatRequest(message, sampling.max_new_tokens, sampling.temperature, sampling.top_p, _draw(sampling, index))
            for message in messages
            for index in range(sampling.n)
        ]
        completions = [_completion(answer) for answer in self.client.ask(requests, self.title)]
        return [completions[start : start + sampling.n] for start in range(0, len(completions), sampling.n)]


def _draw(sampling: Sampling, index: int) -> int:
    """The number of a draw, below 2^31, which every server accepts as a seed."""
    return (sampling.seed * _DRAWS + index) % 2**31 if sampling.temperature else 0


def _completion(answer: ChatResult) -> Completion:
    if isinstance(answer, Reply):
        return Completion(answer.text, True, answer.completion_tokens)
    if answer.reason is DropReason.TRUNCATED:
        return Completion(answer.text, False, answer.completion_tokens)
    return Completion("", False, answer.completion_tokens, answer.reason, answer.detail)
