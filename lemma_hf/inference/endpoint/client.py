"""How are a thousand questions put to a model? Side by side, retried, paced, within a budget, and each answer stored.

`ChatClient.ask` takes requests and gives an answer for each. It is the only way to an endpoint in this package.
"""

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import httpx2
from tqdm.auto import tqdm

from lemma_hf.errors import BudgetSpentError, ConfigError, EndpointDownError
from lemma_hf.inference.endpoint.chat import ChatRequest, ChatResult, Refusal, Reply
from lemma_hf.inference.endpoint.endpoint import Endpoint
from lemma_hf.inference.endpoint.rate_limit import Pace
from lemma_hf.inference.endpoint.reply_store import ReplyLookup, Stored
from lemma_hf.inference.endpoint.reply_writer import Writer
from lemma_hf.inference.endpoint.responses import CallFailure, NextStep, read_answer, read_fault
from lemma_hf.inference.endpoint.transport import Session
from lemma_hf.inference.endpoint.usage import Spending
from lemma_hf.records import DropReason

_LONGEST_BACKOFF = 60.0
_DOWN_AFTER = 16
"""Items given up one after the other, without one answer in between: then it is not the items."""
_CHARACTERS_A_TOKEN = 4
"""For English, as OpenAI's documentation has it; used to book limits, and where a reply does not state its tokens."""


class ChatClient:
    """Asks the model at an endpoint, and never the same thing twice.

    Args:
        endpoint: which model, where, how fast.
        store: where answers are kept; a request whose answer is there is not sent.
        budget_usd: what may be paid for everything in the store, earlier runs included. A call is only made where its
            longest possible reply still fits.
        retry_failed: send the requests again that came to nothing in an earlier run (`CALL_FAILED`).
        progress: whether a bar shows rate, cost and time left.

    Raises:
        ConfigError: if there is a budget, but the endpoint has no prices.
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
        if budget_usd is not None and not endpoint.usd(1, 1):
            raise ConfigError(
                f"a budget needs prices: set usd_per_million_in and usd_per_million_out of {endpoint.model}"
            )
        self.endpoint = endpoint
        self.store = store
        self.budget_usd = budget_usd
        self.retry_failed = retry_failed
        self.progress = progress
        self.spending: list[Spending] = []
        """One entry for each `ask`, in order."""

    def ask(self, requests: Sequence[ChatRequest], title: str) -> list[ChatResult]:
        """An answer for each request, in order; all of them are stored when this returns.

        Args:
            title: what the calls are for, such as the name of a stage.

        Raises:
            ConfigError: if the key is missing.
            EndpointDown: if nothing can be had from the endpoint; what was answered before is stored.
            BudgetSpent: if the next call might go beyond the budget; likewise.
        """
        keys = [request.key(self.endpoint.model, self.endpoint.extra_body) for request in requests]
        found = self._from_store(keys)
        spent = Spending(title, self.endpoint.model, requests=len(requests))
        self.spending.append(spent)
        spent.from_store = sum(key in found for key in keys)
        spent.usd_saved = sum(self._usd(found[key]) for key in dict.fromkeys(keys) if key in found)
        missing = {key: request for key, request in zip(keys, requests, strict=True) if key not in found}
        if missing:
            with _bar(len(requests), len(requests) - len(missing), title, self.progress) as bar:
                found |= _run(_Asking(self, spent, bar).ask(missing))
        answers = [found[key] for key in keys]
        spent.refused = Counter(str(answer.reason) for answer in answers if isinstance(answer, Refusal))
        return answers

    def _from_store(self, keys: Sequence[bytes]) -> dict[bytes, ChatResult]:
        found = self.store.get_many(list(dict.fromkeys(keys)))
        if self.retry_failed:
            return {key: answer for key, answer in found.items() if not _came_to_nothing(answer)}
        return found

    def _usd(self, answer: ChatResult) -> float:
        return self.endpoint.usd(answer.prompt_tokens, answer.completion_tokens)


@dataclass(slots=True)
class _Asking:
    """One `ask` on its way: the calls that run side by side, and what they share."""

    client: ChatClient
    spent: Spending
    bar: Any
    pace: Pace = field(init=False)
    budget: "_Budget | None" = field(init=False)
    answers: dict[bytes, ChatResult] = field(default_factory=dict)
    failed: list[Stored] = field(default_factory=list)
    """Items given up since the last answer: stored once the endpoint has shown that it is there."""
    alive: bool = False
    """Whether the endpoint has answered anything."""
    stop: Exception | None = None
    """Set where no further call is to be made; those on their way still come in."""

    def __post_init__(self) -> None:
        endpoint = self.client.endpoint
        self.pace = Pace(endpoint.requests_per_minute, endpoint.tokens_per_minute)
        self.budget = None
        if self.client.budget_usd is not None:
            paid = sum(total.usd for total in self.client.store.totals())
            self.budget = _Budget(self.client.budget_usd, paid)

    async def ask(self, missing: dict[bytes, ChatRequest]) -> dict[bytes, ChatResult]:
        waiting = iter(missing.items())
        with Writer(self.client.store) as writer:
            tls = httpx2.create_ssl_context()
            lines = min(self.client.endpoint.concurrency, len(missing))
            await asyncio.gather(
                *(self._line(Session(self.client.endpoint, tls), writer, waiting) for _ in range(lines))
            )
            if self.failed and not self.alive:
                self._call_it_down()
            if self.stop is None:
                for row in self.failed:
                    writer.put(row)
        if self.stop is not None:
            raise self.stop
        return self.answers

    async def _line(self, session: Session, writer: Writer, waiting: Iterator[tuple[bytes, ChatRequest]]) -> None:
        """One call after the other; so many of these lines run side by side."""
        try:
            async with session:
                for key, request in waiting:
                    answer, usd = await self._ask_one(session, request)
                    if answer is None:
                        return
                    self.answers[key] = answer
                    self._keep(Stored(key, self.client.endpoint.model, self.spent.stage, answer, usd), writer)
                    self.stop = self.stop or writer.error
        except Exception as error:
            # Raised once the other lines have come in: their replies are paid for.
            self.stop = self.stop or error

    async def _ask_one(self, session: Session, request: ChatRequest) -> tuple[ChatResult | None, float]:
        """The answer and its price, within the budget; no answer where everything stops."""
        reserved = await self._reserve(request)
        answer = await self._insist(session, request) if self.stop is None else None
        usd = self.client._usd(answer) if answer else 0.0
        if self.budget is not None:
            self.budget.settle(reserved, usd)
        return answer, usd

    async def _reserve(self, request: ChatRequest) -> float:
        """Put the price of the longest possible reply aside; waits for calls on their way where it does not fit."""
        if self.budget is None or self.stop is not None:
            return 0.0
        usd = self.client.endpoint.usd(_prompt_tokens(request), request.max_tokens)
        while not self.budget.reserve(usd):
            if not self.budget.open or self.stop is not None:
                self.stop = self.stop or BudgetSpentError(
                    f"the budget of ${self.budget.limit:.2f} is spent: ${self.budget.paid:.2f} are paid, and the next "
                    f"call may cost ${usd:.4f}. All replies are stored: raise `budget_usd` and run the same command"
                )
                return 0.0
            await asyncio.sleep(0.02)
        return usd

    async def _insist(self, session: Session, request: ChatRequest) -> ChatResult | None:
        """Call until there is an answer, or no hope of one; None where everything stops."""
        endpoint = self.client.endpoint
        calls, tries, waited = 0, 0, 0.0
        while self.stop is None:
            outcome = await self._call(session, request)
            if not isinstance(outcome, CallFailure):
                return outcome
            if outcome.then is NextStep.STOP:
                self.stop = EndpointDownError(f"{endpoint.model} at {endpoint.where}: {outcome.detail}")
                return None
            if outcome.then is NextStep.GIVE_UP:
                return Refusal(DropReason.REFUSED, outcome.detail)
            calls += 1
            # An endpoint that never answered may not be there at all: then waiting is a try like any other.
            tries += outcome.then is NextStep.TRY_AGAIN or not self.alive
            pause = _pause(endpoint, outcome, calls)
            if tries >= endpoint.tries or waited + pause > endpoint.patience:
                return Refusal(DropReason.CALL_FAILED, f"given up after {calls} calls: {outcome.detail}")
            if outcome.wait is not None:
                self.pace.pause(pause)
            self.bar.set_postfix_str(f"trying again: {outcome.detail[:60]}", refresh=False)
            waited += pause
            await asyncio.sleep(pause)
        return None

    async def _call(self, session: Session, request: ChatRequest) -> ChatResult | CallFailure:
        """One call, when its turn has come."""
        endpoint = self.client.endpoint
        booked = _prompt_tokens(request) + request.max_tokens // 4
        await self.pace.wait(booked)
        self.spent.calls += 1
        try:
            async with asyncio.timeout(endpoint.timeout):
                outcome = read_answer(await session.say(request))
        except Exception as error:
            fault = read_fault(error)
            if fault is None:
                raise
            return replace(fault, detail=self._without_key(fault.detail))
        if isinstance(outcome, CallFailure):
            return outcome
        self.alive = True
        outcome = _counted(outcome, request)
        self.pace.correct(outcome.prompt_tokens + outcome.completion_tokens - booked)
        return outcome

    def _keep(self, row: Stored, writer: Writer) -> None:
        """Store an answer. A failed call is only kept once others went well: else it is the endpoint, not the item."""
        self.bar.update()
        if _came_to_nothing(row.answer) or _declined(row.answer):
            self.failed.append(row)
            if len(self.failed) >= max(_DOWN_AFTER, self.client.endpoint.concurrency):
                self._call_it_down()
            return
        self.spent.prompt_tokens += row.answer.prompt_tokens
        self.spent.completion_tokens += row.answer.completion_tokens
        self.spent.usd += row.usd
        for one in (*self.failed, row):
            writer.put(one)
        self.failed.clear()
        self.bar.set_postfix_str(f"${self.spent.usd:.4f}" if self.spent.usd else "", refresh=False)

    def _call_it_down(self) -> None:
        last = self.failed[-1].answer
        self.stop = self.stop or EndpointDownError(
            f"{self.client.endpoint.model} at {self.client.endpoint.where}: {len(self.failed)} items in a row got no "
            f"answer; the last one: {getattr(last, 'detail', '')}. What was answered before is stored: see to it, and "
            "run the same command again"
        )

    def _without_key(self, detail: str) -> str:
        """Some endpoints repeat the key that they do not like."""
        key = self.client.endpoint.key()
        return detail.replace(key, "…") if key and len(key) > 5 else detail


@dataclass(slots=True)
class _Budget:
    """What may be paid, what is, and what the calls on their way may yet cost."""

    limit: float
    paid: float
    reserved: float = 0.0
    open: int = 0

    def reserve(self, usd: float) -> bool:
        """Put a sum aside for a call; False where it does not fit any more."""
        if self.paid + self.reserved + usd > self.limit:
            return False
        self.reserved += usd
        self.open += 1
        return True

    def settle(self, reserved: float, usd: float) -> None:
        """A call has come in."""
        self.open -= reserved > 0
        self.reserved = self.reserved - reserved if self.open else 0.0
        self.paid += usd


def _pause(endpoint: Endpoint, fault: CallFailure, calls: int) -> float:
    if fault.wait is not None:
        return fault.wait
    longest = min(_LONGEST_BACKOFF, endpoint.backoff * 2.0 ** min(calls - 1, 10))
    return longest * random.uniform(0.5, 1.0)


def _prompt_tokens(request: ChatRequest) -> int:
    return sum(len(message["content"]) for message in request.messages) // _CHARACTERS_A_TOKEN


def _counted(answer: ChatResult, request: ChatRequest) -> ChatResult:
    """The answer with its tokens: estimated where the endpoint does not say, so that a budget holds all the same."""
    if answer.prompt_tokens or answer.completion_tokens:
        return answer
    written = len(answer.text) // _CHARACTERS_A_TOKEN if isinstance(answer, Reply) else request.max_tokens
    return replace(answer, prompt_tokens=_prompt_tokens(request), completion_tokens=written)


def _came_to_nothing(answer: ChatResult) -> bool:
    return isinstance(answer, Refusal) and answer.reason is DropReason.CALL_FAILED


def _declined(answer: ChatResult) -> bool:
    """Turned away with an error status, not by the model: no tokens were used."""
    return isinstance(answer, Refusal) and answer.reason is DropReason.REFUSED and not answer.prompt_tokens


def _bar(total: int, done: int, title: str, shown: bool) -> Any:
    return tqdm(total=total, initial=done, desc=title, unit="call", disable=not shown, smoothing=0.05)


def _run(work: Coroutine[Any, Any, dict[bytes, ChatResult]]) -> dict[bytes, ChatResult]:
    """Run in an event loop of its own; in a notebook, where one is running already, in a thread of its own."""
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
