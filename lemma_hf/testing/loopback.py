"""An LLM endpoint on this machine for tests of code that calls one, with faults on demand.

    with LoopbackEndpoint(answer=lambda body: "The answer is: 4", faults=Faults(share=0.2)) as endpoint:
        run_my_code(endpoint.url)
    assert not endpoint.repeats()

It speaks `POST /v1/chat/completions` and `GET /v1/models` on 127.0.0.1, as OpenAI, vLLM and TGI do.
"""

import asyncio
import hashlib
import json
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lemma_hf.errors import ConfigError
from lemma_hf.testing.chat import (
    Body,
    completion,
    content_of,
    default_answer,
    error,
    fault_of_request,
    models,
    prompt_characters,
)
from lemma_hf.testing.faults import Fault, Faults
from lemma_hf.testing.http import Conversation, HttpRequest, HttpResponse, json_response
from lemma_hf.testing.log import Exchange, Log, repeats, without_secrets
from lemma_hf.testing.server import ServerDouble, ThreadServer

_Answer = Callable[[Body], str | Body]


@dataclass(slots=True)
class _Call:
    """A request that is being answered or waits in line."""

    number: int
    request: HttpRequest
    body: Any
    digest: str
    times: int
    asked: float
    conversation: Conversation


class LoopbackEndpoint(ServerDouble):
    """An endpoint for tests: a context manager that serves from a thread of its own while it is open.

    Args:
        answer: called with the body of each request (in the endpoint's thread, so it should be quick); returns the
            content of the reply, or its whole body. What it raises is answered with 500, and raised again when the
            endpoint closes. By default a short solution that ends in `The answer is: 4`.
        latency: seconds that a request takes on average, and never less than 95 % of it. Timers ring late, by
            milliseconds under load; they are set earlier by as much as they were late so far.
        slots: how many requests are at work at once; the others wait in line. None: all of them. A call that hangs
            holds no slot.
        faults: which calls go wrong, and how; None: none.
        key: the API key that is asked for; requests without it get 401.
        context: most characters of a prompt; longer ones get 400 with OpenAI's `context_length_exceeded`.
        model: the name that `/v1/models` tells.
        root: the folder of its weights, which `/v1/models` tells too; None: it says nothing of it.
        log: a file that takes a line of JSON for each exchange, flushed; it is added to. `read_log` reads it.
        keep: whether exchanges are kept in memory for `requests` and `repeats`.
        port: 0 for any that is free.

    Raises:
        ConfigError: if latency or slots make no sense.
        OSError: from `with`, if the port is taken.

    Example:
        >>> import json, urllib.request
        >>> with LoopbackEndpoint() as endpoint:
        ...     body = json.dumps({"model": "m", "messages": [{"role": "user", "content": "2 + 2?"}]})
        ...     request = urllib.request.Request(f"{endpoint.url}/chat/completions", body.encode())
        ...     reply = json.load(urllib.request.urlopen(request))
        >>> reply["choices"][0]["message"]["content"].splitlines()[-1], len(endpoint.requests)
        ('The answer is: 4', 1)
    """

    def __init__(
        self,
        answer: _Answer = default_answer,
        latency: float = 0.0,
        slots: int | None = None,
        faults: Faults | None = None,
        *,
        key: str | None = None,
        context: int | None = None,
        model: str = "loopback",
        root: str | None = None,
        log: str | Path | None = None,
        keep: bool = True,
        port: int = 0,
    ) -> None:
        if latency < 0 or (slots is not None and slots < 1):
            raise ConfigError(f"need latency ≥ 0 and slots ≥ 1 (or None), but got {latency=} and {slots=}")
        self.answer = answer
        self.latency = latency
        self.slots = slots
        self.faults = faults
        self.key = key
        self.context = context
        self.model = model
        self.root = root
        self.most_at_work = 0
        """The most requests that were at work at once so far."""
        self._log = Log(keep, log)
        super().__init__(ThreadServer(self._take, "loopback", port, during=self._log.writing))
        self._times: Counter[str] = Counter()
        self._line: deque[_Call] = deque()
        self._arrived = 0
        self._at_work = 0
        self._early = 0.0

    @property
    def url(self) -> str:
        """The base URL, such as `http://127.0.0.1:40123/v1`; it is known once the endpoint is open."""
        return f"http://127.0.0.1:{self._server.port}/v1"

    @property
    def requests(self) -> list[Exchange]:
        """The calls that were answered so far, in the order in which they arrived."""
        return sorted(self._log.exchanges, key=lambda one: one.number)

    @property
    def counts(self) -> dict[str, int]:
        """Number of calls by result: `whole`, the name of a fault, `refused` (400, 401), `gone`, `failed`."""
        return dict(self._log.counts)

    def repeats(self) -> list[Exchange]:
        """The calls whose body had been answered whole before: a client that loses nothing makes none."""
        return repeats(self._log.exchanges)

    async def serve(self, ready: Callable[[], None], stop: asyncio.Event) -> None:
        """Serve on the running loop until `stop` is set; `ready` is called once the port is open."""
        await self._server.serve(ready, stop)

    def _take(self, request: HttpRequest, conversation: Conversation) -> None:
        """Start a request, put it in line, or refuse it."""
        if (request.method, request.path) == ("GET", "/v1/models"):
            conversation.send(self._refusal_of_key(request) or models(self.model, self.root))
        elif (request.method, request.path) != ("POST", "/v1/chat/completions"):
            conversation.send(error(404, f"Unknown request: {request.method} {request.path}"))
        else:
            self._take_call(self._call(request, conversation))

    def _call(self, request: HttpRequest, conversation: Conversation) -> _Call:
        try:
            body = json.loads(request.content)
        except (ValueError, RecursionError):
            body = None
        digest = hashlib.blake2b(request.content, digest_size=12).hexdigest()
        call = _Call(self._arrived, request, body, digest, self._times[digest], time.time(), conversation)
        self._arrived += 1
        self._times[digest] += 1
        return call

    def _take_call(self, call: _Call) -> None:
        refusal = self._refusal_of_key(call.request) or self._refusal_of_body(call.body)
        if refusal is not None:
            self._answer(call, refusal, "refused")
        elif self.slots is not None and self._at_work >= self.slots:
            self._line.append(call)
        else:
            self._begin(call)

    def _refusal_of_key(self, request: HttpRequest) -> HttpResponse | None:
        if self.key is None or request.headers.get("authorization") == f"Bearer {self.key}":
            return None
        return error(401, "Incorrect API key provided", code="invalid_api_key")

    def _refusal_of_body(self, body: Any) -> HttpResponse | None:
        if (fault := fault_of_request(body)) is not None:
            return error(400, fault)
        if self.context is None or (size := prompt_characters(body)) <= self.context:
            return None
        message = f"This model's maximum context length is {self.context} characters. Your messages have {size}."
        return error(400, message, code="context_length_exceeded")

    def _begin(self, call: _Call) -> None:
        self._at_work += 1
        self.most_at_work = max(self.most_at_work, self._at_work)
        loop = asyncio.get_running_loop()
        due = loop.time() + self.latency
        loop.call_at(due - self._early, self._finish, call, due)

    def _finish(self, call: _Call, due: float) -> None:
        rung = asyncio.get_running_loop().time()
        # Comes to rest where timers ring in time on average.
        self._early = min(max(self._early + 0.02 * (rung - due), 0.0), 0.05 * self.latency)
        self._at_work -= 1
        while self._line and (self.slots is None or self._at_work < self.slots):
            self._leave_line(self._line.popleft())
        self._reply(call)

    def _leave_line(self, call: _Call) -> None:
        """Take a request out of the line: start it, unless its client has closed the connection."""
        if call.conversation.gone:
            self._note(call, HttpResponse(None, b""), "gone")
        else:
            self._begin(call)

    def _reply(self, call: _Call) -> None:
        if call.conversation.gone:
            self._note(call, HttpResponse(None, b""), "gone")
            return
        try:
            reply = completion(call.body, self.answer(call.body), call.number)
            whole = json_response(200, reply)
        except Exception as failure:
            self._failure = self._failure or failure
            self._answer(call, error(500, f"the test's answer failed: {failure!r}", "server_error"), "failed")
            return
        fault = self.faults.draw(call.request.content, call.times) if self.faults else None
        if self.faults is None or fault is None:
            self._answer(call, whole, "whole", content=content_of(reply))
        else:
            said = content_of(reply) if fault.whole else None
            self._answer(call, self.faults.spoil(fault, reply), fault, fault, said)

    def _answer(
        self, call: _Call, answer: HttpResponse, count: str, fault: Fault | None = None, content: str | None = None
    ) -> None:
        # Noted first: whoever has the reply can be sure to find it in the log.
        self._note(call, answer, count, fault, content)
        call.conversation.send(answer)

    def _note(
        self, call: _Call, answer: HttpResponse, count: str, fault: Fault | None = None, content: str | None = None
    ) -> None:
        exchange = Exchange(
            number=call.number,
            body=call.body,
            digest=call.digest,
            headers=without_secrets(call.request.headers),
            authorized="authorization" in call.request.headers,
            asked=call.asked,
            answered=time.time(),
            status=answer.status,
            fault=fault,
            content=content,
        )
        self._log.note(exchange, count)
