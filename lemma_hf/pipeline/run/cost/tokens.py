"""Tokens of one request of a stage, on average: of its prompt, and of the reply."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from lemma_hf.inference.endpoint import ChatRequest, Endpoint
from lemma_hf.pipeline.run.cost.ranges import Range, mean_of, total

_CHARACTERS_A_TOKEN = Range(2.2, 4.2)
"""Characters a token of mathematics. Measured on questions, solutions and outputs of GSM8K, MATH and CollegeMath with
the tokenizers of GPT-4, GPT-4o, Claude 2, Qwen and DeepSeek: 2.2 (solutions full of figures) to 4.2 (word problems)."""
_IN_LONG_PROMPTS = Range(3.0, 3.8)
"""The same for prompts with instructions and examples: 3.1 to 3.7 for ours, filled with GSM8K."""
_LIKE_EXAMPLES = Range(0.5, 2.0)
"""Length of replies, in lengths of the examples in the prompt, which they imitate: a guess."""
_LIKE_SOLUTIONS = Range(1.0, 4.0)
"""Length of a student's attempts, in lengths of the reference solutions. Measured in characters on published outputs:
1.0 to 3.7 on GSM8K (OpenAI 2021, Rho-1, ZeroEval, ToRA, Abel), 1.5 to 3.0 on MATH (Rho-1, Qwen, MathCoder)."""
_A_MESSAGE = Range(3, 8)
"""Tokens that a chat template puts around each message: 3 by OpenAI's count for GPT-4, 5 with the templates of Qwen 2.5
and Llama 3, and room for longer ones."""


@dataclass(frozen=True, slots=True)
class StageSample:
    """The requests of one stage for a sample of its items."""

    stage: str
    """`sample`, `analyse`, `verify`, `inject`, `correct: fix`, `correct: restart`, `smooth` or `go on`, as its calls
    are named."""
    endpoint: Endpoint
    requests: Sequence[ChatRequest]
    answered: int = 0
    """Requests whose reply is in the store."""
    stand_ins: bool = False
    """Whether the items are made up, of the usual length, since the real ones come from the stage before."""
    solutions: Sequence[str] = ()
    """Texts of about the length of the replies, such as reference solutions; used where the prompt has no examples."""


def prompt_tokens(sample: StageSample, requests: Range, notes: list[str]) -> Range:
    """Tokens of one prompt, on average."""
    few_shot = any(message["role"] == "assistant" for message in sample.requests[0].messages)
    rate, kind = (_IN_LONG_PROMPTS, "with") if few_shot else (_CHARACTERS_A_TOKEN, "without")
    notes.append(f"prompts {kind} examples: tokens estimated at {rate.low:g}–{rate.high:g} characters each")
    prompts = [
        total(_tokens(message["content"], rate) + _A_MESSAGE for message in request.messages)
        for request in sample.requests
    ]
    if sample.stand_ins:
        notes.append("items that only the run can make: taken to be about as long as the reference solutions")
    else:
        notes.append(f"`{sample.stage}`: length of the prompts from {len(prompts):,} of its requests")
    everything = len(prompts) >= requests.high
    return Range(
        mean_of([one.low for one in prompts], everything).low, mean_of([one.high for one in prompts], everything).high
    )


def completion_tokens(sample: StageSample, notes: list[str]) -> Range:
    """Tokens of one reply, on average."""
    most = statistics.fmean(request.max_tokens for request in sample.requests)
    messages = [message for request in sample.requests for message in request.messages]
    factor, like = _LIKE_EXAMPLES, "the examples in its prompt"
    texts = sorted({message["content"] for message in messages if message["role"] == "assistant"})
    if not texts:
        factor, like = _LIKE_SOLUTIONS, "the reference solutions"
        texts = [text for text in sample.solutions if text.strip()]
    if not texts:
        notes.append(
            f"`{sample.stage}`: length of the replies is unknown, taken as up to {most:,.0f} tokens (`max_tokens`)"
        )
        return Range(1, most)
    mean = total(_tokens(text, _CHARACTERS_A_TOKEN) for text in texts) * (1 / len(texts))
    notes.append(
        f"`{sample.stage}`: replies taken as {factor.low:g} to {factor.high:g} times as long as {like} (about "
        f"{(mean.low + mean.high) / 2:,.0f} tokens)"
    )
    notes.append(f"a model that thinks before it answers writes more than that, up to {most:,.0f} tokens a reply")
    return Range(min(mean.low * factor.low, most), min(mean.high * factor.high, most))


def _tokens(text: str, rate: Range) -> Range:
    """Tokens of a text. The upper end counts UTF-8 bytes, so that it holds where every character is a token."""
    return Range(len(text) / rate.high, len(text.encode(errors="replace")) / rate.low)
