"""Client of a chat model: concurrent calls, retried, rate-limited, within a budget, and each result stored.

`ChatClient.ask` takes requests and returns a result for each. All calls of endpoints in this package go through it.
"""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any, NoReturn

from tqdm.auto import tqdm

from lemma_hf.errors import BudgetSpentError, ConfigError, EndpointDownError
from lemma_hf.inference.endpoint.budget import Budget
from lemma_hf.inference.endpoint.chat import ChatRequest, ChatResult, Refusal, Reply
from lemma_hf.inference.endpoint.endpoint import Endpoint
from lemma_hf.inference.endpoint.rate_limit import RateLimiter
from lemma_hf.inference.endpoint.reply_store import ReplyLookup, StoredReply
from lemma_hf.inference.endpoint.reply_writer import ReplyWriter
from lemma_hf.inference.endpoint.responses import CallFailure, NextStep, read_exception, read_response
from lemma_hf.inference.endpoint.time_limit import TimeLimit
from lemma_hf.inference.endpoint.transport import Transport
from lemma_hf.inference.endpoint.tries import Tries
from lemma_hf.inference.endpoint.usage import Usage
from lemma_hf.records import DropReason
from lemma_hf.utils.http_library import httpx

_DOWN_AFTER = 16
"""Items given up in a row, without one result in between, from which on the endpoint is taken to be down."""
_CHARACTERS_A_TOKEN = 4
"""Of English, by OpenAI's documentation; used to book limits, and where a reply does not state its tokens."""
_RESERVE_SECONDS = 0.02
"""Seconds between two checks whether the budget has room again: short compared with a call."""


class ChatClient:
    """A client of the model at an endpoint, which never sends the same request twice.

    Args:
        endpoint: the model, its address and its limits.
        store: keeps the results; a request whose result is stored is not sent.
        budget_usd: limit on the price of everything in the store, earlier runs included. A call is only made where its
            longest possible reply still fits.
        retry_failed: send the requests again that failed in an earlier run (`CALL_FAILED`).
        progress: whether a bar shows rate, cost and time left.

    Raises:
        ConfigError: if the budget is no number above 0, or the endpoint has no prices.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        store: ReplyLookup,
        budget_usd: float | None = None,
        *,
        retry_failed: bool = False,
        progress: bool = True,
    ) -> None:
        if budget_usd is not None and not (isfinite(budget_usd) and budget_usd > 0):
            raise ConfigError(f"a budget is a number of dollars above 0, but this one is {budget_usd}")
        if budget_usd is not None and not endpoint.usd(1, 1):
            raise ConfigError(
                f"a budget needs prices: set usd_per_million_in and usd_per_million_out of {endpoint.model}"
            )
        self.endpoint = endpoint
        self.store = store
        self.budget_usd = budget_usd
        self.retry_failed = retry_failed
        self.progress = progress
        self.time_limit = TimeLimit(endpoint.timeout)
        self.usage: list[Usage] = []
        """One entry for each `ask`, in order."""

    def ask(self, requests: Sequence[ChatRequest], title: str) -> list[ChatResult]:
        """A result for each request, in order; all of them are stored when this returns.

        Args:
            title: what the calls are for, such as the name of a stage.

        Raises:
            ConfigError: if the key is missing.
            EndpointDownError: if the endpoint gives no results; those it gave before are stored.
            BudgetSpentError: if the next call might exceed the budget; the results so far are stored.
        """
        keys = [self.endpoint.key_of(request) for request in requests]
        found = self._from_store(keys)
        spent = Usage(title, self.endpoint.model, requests=len(requests))
        self.usage.append(spent)
        spent.from_store = sum(key in found for key in keys)
        spent.usd_saved = sum(self._usd(found[key]) for key in dict.fromkeys(keys) if key in found)
        missing = {key: request for key, request in zip(keys, requests, strict=True) if key not in found}
        if missing:
            done = len(requests) - len(missing)
            with tqdm(
                total=len(requests), initial=done, desc=title, unit="call", disable=not self.progress, smoothing=0.05
            ) as bar:  # smoothing: the rate is a mean over some dozens of calls
                found |= _run(_Batch(self, spent, bar).send(missing))
        results = [found[key] for key in keys]
        spent.refused = Counter(str(result.reason) for result in results if isinstance(result, Refusal))
        return results

    def _from_store(self, keys: Sequence[bytes]) -> dict[bytes, ChatResult]:
        found = self.store.get_many(list(dict.fromkeys(keys)))
        if self.retry_failed:
            return {key: result for key, result in found.items() if not _is_failed_call(result)}
        return found

    def _usd(self, result: ChatResult) -> float:
        return self.endpoint.usd(result.prompt_tokens, result.completion_tokens)


@dataclass(slots=True)
class _Batch:
    """The requests of one `ask`: the concurrent calls, and what they share."""

    client: ChatClient
    spent: Usage
    bar: "tqdm[NoReturn]"
    limiter: RateLimiter = field(init=False)
    budget: Budget | None = field(init=False)
    results: dict[bytes, ChatResult] = field(default_factory=dict)
    failed: list[StoredReply] = field(default_factory=list)
    """Items given up since the last result: stored once the endpoint has given another one."""
    answered: int = 0
    """Calls that the endpoint has answered."""
    stop: Exception | None = None
    """The reason to make no further call, where there is one; calls in flight are still awaited."""

    def __post_init__(self) -> None:
        endpoint = self.client.endpoint
        self.limiter = RateLimiter(endpoint.requests_per_minute, endpoint.tokens_per_minute)
        self.budget = None
        if self.client.budget_usd is not None:
            paid = sum(total.usd for total in self.client.store.totals())
            self.budget = Budget(self.client.budget_usd, paid)

    async def send(self, missing: dict[bytes, ChatRequest]) -> dict[bytes, ChatResult]:
        """A result for each request, by its key."""
        waiting = iter(missing.items())
        writer = ReplyWriter(self.client.store)
        try:
            with writer:
                tls = httpx.create_ssl_context()
                count = min(self.client.endpoint.concurrency, len(missing))
                await asyncio.gather(
                    *(self._worker(Transport(self.client.endpoint, tls), writer, waiting) for _ in range(count))
                )
                if self.failed and not self.answered:
                    self._stop_as_down()
                if self.stop is None:
                    for row in self.failed:
                        writer.put(row)
        finally:
            self.spent.new = writer.stored  # after Ctrl-C too: what is said to be new is what is in the store
        if self.stop is not None:
            raise self.stop
        return self.results

    async def _worker(
        self, transport: Transport, writer: ReplyWriter, waiting: Iterator[tuple[bytes, ChatRequest]]
    ) -> None:
        """Make one call after the other; `concurrency` workers share the iterator."""
        try:
            async with transport:
                for key, request in waiting:
                    result, usd = await self._send_within_budget(transport, request)
                    if result is None:
                        return
                    self.results[key] = result
                    self._keep(StoredReply(key, self.client.endpoint.model, self.spent.stage, result, usd), writer)
                    self.stop = self.stop or writer.error
        except Exception as error:
            # Raised once the other workers have ended: their replies are paid for.
            self.stop = self.stop or error

    async def _send_within_budget(self, transport: Transport, request: ChatRequest) -> tuple[ChatResult | None, float]:
        """The result and its price, within the budget; None where the batch stops."""
        reserved = await self._reserve(request)
        result, lost = await self._send_with_retries(transport, request) if self.stop is None else (None, 0.0)
        usd = lost + (self.client._usd(result) if result else 0.0)
        if self.budget is not None:
            self.budget.settle(reserved, usd)
        return result, usd

    async def _reserve(self, request: ChatRequest) -> float:
        """Reserve the price of the longest possible reply; waits for calls in flight where it does not fit."""
        if self.budget is None or self.stop is not None:
            return 0.0
        usd = self.client.endpoint.usd(_most_prompt_tokens(request), request.max_tokens)
        while not self.budget.reserve(usd):
            if not self.budget.open or self.stop is not None:
                self.stop = self.stop or BudgetSpentError(
                    f"the budget of ${self.budget.limit:.2f} is spent: ${self.budget.paid:.2f} are paid, and the next "
                    f"call may cost ${usd:.4f}. All replies are stored: raise `budget_usd` and run the same command"
                )
                return 0.0
            await asyncio.sleep(_RESERVE_SECONDS)
        return usd

    async def _send_with_retries(self, transport: Transport, request: ChatRequest) -> tuple[ChatResult | None, float]:
        """Call until there is a result, or tries and patience are spent; None where the batch stops.

        Returns:
            The result, and the price of replies before it that were of no use.
        """
        endpoint = self.client.endpoint
        tries, lost = Tries(endpoint), 0.0
        while self.stop is None:
            seconds = self.client.time_limit.seconds(request.max_tokens, tries.timeouts)
            answered = self.answered
            outcome = await self._call(transport, request, seconds)
            if not isinstance(outcome, CallFailure):
                return outcome, lost
            if outcome.used is not None:
                lost += endpoint.usd(*_at_least(outcome.used, _prompt_tokens(request), request.max_tokens))
            if outcome.next_step is NextStep.STOP:
                self.stop = EndpointDownError(f"{endpoint.model} at {endpoint.where}: {outcome.detail}")
                return None, lost
            if outcome.next_step is NextStep.GIVE_UP:
                return Refusal(DropReason.REFUSED, outcome.detail), lost
            # Others were answered meanwhile: this call stood in a queue, and may take longer next time.
            queues = outcome.timed_out and self.answered > answered and seconds < self.client.time_limit.longest
            pause = tries.pause_after(outcome, seconds, heard=self.answered > 0, queues=queues)
            if pause is None:
                return Refusal(DropReason.CALL_FAILED, f"given up after {tries.calls} calls: {outcome.detail}"), lost
            if outcome.wait is not None:
                self.limiter.pause(pause)
            self.bar.set_postfix_str(f"trying again: {outcome.detail[:60]}", refresh=False)
            await asyncio.sleep(pause)
        return None, lost

    async def _call(self, transport: Transport, request: ChatRequest, seconds: float) -> ChatResult | CallFailure:
        """Make one call, as soon as the rate limits allow it; it may take so many seconds."""
        # Most replies take less than a quarter of what they may; the reply itself corrects it.
        booked = _prompt_tokens(request) + request.max_tokens // 4
        await self.limiter.wait(booked)
        self.spent.calls += 1
        start = time.monotonic()
        try:
            async with asyncio.timeout(seconds):
                outcome = read_response(await transport.send(request))
        except Exception as error:
            failure = read_exception(error)
            if failure is None:
                raise
            late = f" ({seconds:,.0f} s)" if failure.timed_out and seconds >= 1 else ""
            return replace(failure, detail=self._without_key(failure.detail) + late)
        if isinstance(outcome, CallFailure):
            return outcome
        self.answered += 1
        outcome = _counted(outcome, request)
        if isinstance(outcome, Reply) or outcome.reason is DropReason.TRUNCATED:
            self.client.time_limit.learn(outcome.completion_tokens, time.monotonic() - start)
        self.limiter.correct(outcome.prompt_tokens + outcome.completion_tokens - booked)
        return outcome

    def _keep(self, row: StoredReply, writer: ReplyWriter) -> None:
        """Store a result. A failed call is only stored once others succeed: until then the endpoint may be at fault."""
        self.bar.update()
        if _is_failed_call(row.result) or _is_rejected(row.result):
            self.failed.append(row)
            if len(self.failed) >= max(_DOWN_AFTER, self.client.endpoint.concurrency):
                self._stop_as_down()
            return
        self.spent.prompt_tokens += row.result.prompt_tokens
        self.spent.completion_tokens += row.result.completion_tokens
        self.spent.usd += row.usd
        for one in (*self.failed, row):
            writer.put(one)
        self.failed.clear()
        self.bar.set_postfix_str(f"${self.spent.usd:.4f}" if self.spent.usd else "", refresh=False)

    def _stop_as_down(self) -> None:
        """Stop, since the endpoint gives no results."""
        last = self.failed[-1].result
        self.stop = self.stop or EndpointDownError(
            f"{self.client.endpoint.model} at {self.client.endpoint.where}: {len(self.failed)} items in a row got no "
            f"answer; the last one: {getattr(last, 'detail', '')}. What was answered before is stored: see to it, and "
            "run the same command again"
        )

    def _without_key(self, detail: str) -> str:
        """The detail without the API key, which some endpoints repeat when they refuse it."""
        key = self.client.endpoint.key()
        return detail.replace(key, "…") if key and len(key) > 5 else detail  # shorter is a placeholder such as EMPTY


def _prompt_tokens(request: ChatRequest) -> int:
    return sum(len(message["content"]) for message in request.messages) // _CHARACTERS_A_TOKEN


def _most_prompt_tokens(request: ChatRequest) -> int:
    """As many tokens as a prompt can have: one a byte of UTF-8 (LaTeX and Chinese come near), and a few a message."""
    return sum(len(message["content"].encode("utf-8", "replace")) + 16 for message in request.messages)


def _counted(result: ChatResult, request: ChatRequest) -> ChatResult:
    """The result with its tokens: estimated where the endpoint does not give them, so that a budget still holds."""
    written = len(result.text) // _CHARACTERS_A_TOKEN if isinstance(result, Reply) else request.max_tokens
    used = (result.prompt_tokens, result.completion_tokens)
    prompt, completion = _at_least(used, _prompt_tokens(request), written)
    return replace(result, prompt_tokens=prompt, completion_tokens=completion)


def _at_least(used: tuple[int, int], prompt: int, completion: int) -> tuple[int, int]:
    """Tokens of prompt and completion, those that the endpoint does not give estimated."""
    return used[0] or prompt, used[1] or completion


def _is_failed_call(result: ChatResult) -> bool:
    return isinstance(result, Refusal) and result.reason is DropReason.CALL_FAILED


def _is_rejected(result: ChatResult) -> bool:
    """Whether the endpoint refused with an error status, and not the model: no tokens were used."""
    return isinstance(result, Refusal) and result.reason is DropReason.REFUSED and not result.prompt_tokens


def _run(work: Coroutine[Any, Any, dict[bytes, ChatResult]]) -> dict[bytes, ChatResult]:
    """Run in a new event loop; in a notebook, where one is running already, in a new thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    outcome: list[Any] = []

    def run() -> None:
        try:
            outcome.append(asyncio.run(work))
        except BaseException as error:
            outcome.append(error)

    thread = threading.Thread(target=run, name="ask")
    thread.start()
    thread.join()
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    found: dict[bytes, ChatResult] = outcome[0]
    return found
