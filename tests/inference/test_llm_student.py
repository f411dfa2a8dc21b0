"""A student behind an endpoint: the prompt goes out word for word, and a refused call is no empty answer."""

from collections.abc import Sequence
from typing import Any

from lemma_hf.inference import Completion, LLMStudent, Sampling
from lemma_hf.inference.endpoint.chat import ChatRequest, ChatResult, Refusal, Reply
from lemma_hf.pipeline import Funnel, sample_stage
from lemma_hf.pipeline.stage import Stage
from lemma_hf.prompts import prompt_style
from lemma_hf.records import DropReason, Problem
from lemma_hf.solutions.spans import split_steps

PROMPT = "### Instruction:\n{question} \\frac{1}{2}\n\n### Response: Let's think step by step."


class Parrot:
    """Answers each request with its prompt and the number of its draw, or as it was told."""

    def __init__(self, *answers: ChatResult) -> None:
        self.answers = answers
        self.calls: list[tuple[str, list[ChatRequest]]] = []

    def ask(self, requests: Sequence[ChatRequest], title: str) -> list[ChatResult]:
        self.calls.append((title, list(requests)))
        spoken = [Reply(f"{r.messages[-1]['content']}/{r.sample}", 7, 3) for r in requests]
        return list(self.answers) or list(spoken)


def draws(sampling: Sampling) -> list[int]:
    chat = Parrot()
    LLMStudent(chat).complete(["a"], sampling)
    return [request.sample for request in chat.calls[0][1]]


def test_a_prompt_is_the_content_of_one_message_word_for_word() -> None:
    chat = Parrot()
    sampling = Sampling(temperature=0.7, top_p=0.9, max_new_tokens=50)
    assert LLMStudent(chat, "draw").complete([PROMPT], sampling) == [[Completion(f"{PROMPT}/0", True, 3)]]
    (request,) = chat.calls[0][1]
    assert request == ChatRequest(({"role": "user", "content": PROMPT},), 50, 0.7, 0.9, 0)
    assert chat.calls[0][0] == "draw"


def test_several_draws_of_each_prompt_come_in_the_order_of_the_prompts() -> None:
    found = LLMStudent(Parrot()).complete(["a", "b"], Sampling(n=3, temperature=0.7))
    assert [[completion.text for completion in several] for several in found] == [
        ["a/0", "a/1", "a/2"],
        ["b/0", "b/1", "b/2"],
    ]
    assert LLMStudent(Parrot()).complete([], Sampling()) == []


def test_another_seed_asks_for_other_draws_and_the_same_seed_for_the_same() -> None:
    by_seed = [draws(Sampling(n=100, temperature=0.7, seed=seed)) for seed in (0, 1, 2, -1, 10**12)]
    assert by_seed[1] == draws(Sampling(n=100, temperature=0.7, seed=1))
    everything = [draw for several in by_seed for draw in several]
    assert len(set(everything)) == 500
    assert all(0 <= draw < 2**31 for draw in everything)
    # More of the same seed: the first ones are in the store already.
    assert draws(Sampling(n=150, temperature=0.7, seed=1))[:100] == by_seed[1]


def test_there_is_one_greedy_answer_whatever_the_seed() -> None:
    assert draws(Sampling(seed=0)) == draws(Sampling(seed=5)) == [0]


def test_a_refused_call_is_a_completion_that_says_so() -> None:
    cut = Refusal(DropReason.TRUNCATED, "", 9, 50, "2 + 2")
    (found,) = LLMStudent(Parrot(cut, Reply(""), Refusal(DropReason.CALL_FAILED, "503"))).complete(
        ["a"], Sampling(n=3, temperature=1.0)
    )
    assert found == [
        Completion("2 + 2", False, 50),
        Completion("", True, 0),
        Completion("", False, 0, DropReason.CALL_FAILED, "503"),
    ]


def stage(chat: Parrot, n: int = 1) -> Stage[Problem, Any]:
    sampling = Sampling(n=n, temperature=0.7)
    return sample_stage(LLMStudent(chat), sampling, prompt_style("step_by_step"), split_steps)


def test_the_sample_stage_drops_what_was_refused_with_the_endpoints_reason() -> None:
    answers = (
        Reply("2 + 2 = 4\nThe answer is: 4"),
        Refusal(DropReason.REFUSED, "content filter"),
        Refusal(DropReason.TRUNCATED, "", 0, 1024),
        Refusal(DropReason.CALL_FAILED, "503"),
    )
    results = stage(Parrot(*answers), 4).work([Problem("p", "2 + 2?", "4")])
    assert results[0].steps == ("2 + 2 = 4\n", "The answer is: 4")
    assert [(d.id, d.reason, d.detail) for d in results[1:]] == [
        ("p/sample-1", DropReason.REFUSED, "content filter"),
        ("p/sample-2", DropReason.TRUNCATED, "1024 tokens"),
        ("p/sample-3", DropReason.CALL_FAILED, "503"),
    ]


def test_the_sample_stage_hands_many_problems_over_at_once_and_leaves_the_bar_to_the_client() -> None:
    chat = Parrot()
    made = stage(chat)
    assert (made.batch, made.shows_progress) == (4096, True)
    kept = Funnel(progress=False).run(made, [Problem(str(number), "?", "1") for number in range(100)])
    assert len(kept) == 100
    assert [len(requests) for _, requests in chat.calls] == [100]
