"""Faults of a real endpoint (`Fault`), and the draw that says which call gets which of them (`Faults`)."""

import hashlib
import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from enum import StrEnum

from lemma_hf.errors import ConfigError
from lemma_hf.testing.chat import Body, content_of, error
from lemma_hf.testing.http import AfterResponse, HttpResponse, chunk, chunked_head, json_response, response


class Fault(StrEnum):
    """One way in which a call goes wrong."""

    RATE_LIMITED = "rate_limited"
    """429 with Retry-After in seconds."""
    RATE_LIMITED_UNTIL = "rate_limited_until"
    """429 with Retry-After as an HTTP date."""
    SERVER_ERROR = "server_error"
    """500."""
    UNAVAILABLE = "unavailable"
    """503."""
    UNAVAILABLE_FOR = "unavailable_for"
    """503 with Retry-After in seconds."""
    GATEWAY_TIMEOUT = "gateway_timeout"
    """504."""
    RESET_BEFORE_HEADERS = "reset_before_headers"
    """The connection is reset before any byte of the response."""
    RESET_AFTER_HEADERS = "reset_after_headers"
    """The connection is reset between the headers and the body."""
    HANG = "hang"
    """Nothing comes, until the client gives up."""
    CUT_STREAM = "cut_stream"
    """The connection is closed after half of the body that Content-Length promised."""
    HTML = "html"
    """A page for people, with status 200."""
    CHOICES_A_STRING = "choices_a_string"
    """JSON with status 200, whose `choices` is a string."""
    CONTENT_A_NUMBER = "content_a_number"
    """JSON with status 200, whose message is a number."""
    USAGE_A_STRING = "usage_a_string"
    """A whole reply, but `usage` is a string."""
    EMPTY_BODY = "empty_body"
    """Status 200, and Content-Length 0."""
    CONTENT_EMPTY = "content_empty"
    """A whole reply whose content is empty."""
    CONTENT_NULL = "content_null"
    """A whole reply whose content is null."""
    LENGTH = "length"
    """Half of the reply, with `finish_reason` "length"."""
    CONTENT_FILTER = "content_filter"
    """An empty reply, with `finish_reason` "content_filter"."""
    HALF_AND_ERROR = "half_and_error"
    """Half of the reply, with status 200 and `finish_reason` "error"."""
    ERROR_WITH_200 = "error_with_200"
    """Status 200, and a body that holds nothing but an error, as a router sends it when its provider fails."""
    ERROR_IN_A_LIST = "error_in_a_list"
    """429 with a body that is a list of errors, and `retry-after-ms`."""
    FORBIDDEN = "forbidden"
    """403, as a gateway answers in passing."""
    ENDLESS = "endless"
    """A body that never ends, at 64 MiB a second."""
    TRICKLE = "trickle"
    """A body that never ends, a word every tenth of a second: no timeout between two reads ever fires."""

    @property
    def whole(self) -> bool:
        """Whether the call ends with a reply in spite of the fault: it is billed, and the same again next time."""
        return self in (Fault.CONTENT_EMPTY, Fault.CONTENT_NULL, Fault.LENGTH, Fault.CONTENT_FILTER)


ALL = tuple(Fault)
"""Every fault that can be switched on."""


@dataclass(frozen=True, slots=True)
class Faults:
    """Draw of faults: from the seed, the request's body, and how often that body was sent before.

    So a run meets the same faults in whatever order its calls arrive, and asking again usually helps. A fault that ends
    the call all the same (`Fault.whole`) is drawn from the seed and the body alone: asked again, the model would say
    the same. So the replies that a client ends up with do not depend on how often it had to ask, as long as it does not
    give up. Counting starts anew with each endpoint.

    Raises:
        ConfigError: if `share` is no share, or there are no kinds.

    Example:
        >>> faults = Faults(share=0.5, seed=1, kinds=(Fault.HTML, Fault.LENGTH))
        >>> [[str(faults.draw(body, times) or "whole") for times in range(4)] for body in (b"one", b"two")]
        [['length', 'html', 'html', 'length'], ['whole', 'whole', 'whole', 'html']]
        >>> faults = Faults(share=0.5, permanent=True)
        >>> faults.draw(b"4", 0) == faults.draw(b"4", 9)
        True
    """

    share: float = 0.2
    """Of all calls."""
    seed: int = 0
    kinds: tuple[Fault, ...] = ALL
    """Each as frequent as the others."""
    permanent: bool = False
    """The same body gets the same fault (or none) however often it is asked."""
    retry_after: int = 1
    """What Retry-After says, in seconds."""

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1 or not self.kinds or self.retry_after < 0:
            raise ConfigError(
                f"need a share from 0 to 1, at least one kind of fault, and retry_after ≥ 0, but got {self}"
            )

    def draw(self, content: bytes, times: int) -> Fault | None:
        """The fault of one call.

        Args:
            content: the body of the request, as it was sent.
            times: how often this body was asked before.
        """
        passing = tuple(kind for kind in self.kinds if not kind.whole)
        lasting = tuple(kind for kind in self.kinds if kind.whole)
        share = self.share * len(passing) / len(self.kinds)
        drawn, place = self._numbers(b"%d" % (0 if self.permanent else times), content)
        if drawn < share:
            return passing[place % len(passing)]
        # Of the calls that come so far, as many as make up the share of all calls.
        drawn, place = self._numbers(b"always", content)
        return lasting[place % len(lasting)] if drawn * (1 - share) < self.share - share else None

    def _numbers(self, what: bytes, content: bytes) -> tuple[float, int]:
        """A number from 0 to 1 and a large whole number, both uniformly distributed."""
        made = hashlib.blake2b(b"%d|%b|%b" % (self.seed, what, content), digest_size=16).digest()
        return int.from_bytes(made[:7]) / 2**56, int.from_bytes(made[7:])

    def spoil(self, fault: Fault, reply: Body) -> HttpResponse:
        """The response that is sent in place of `reply`."""
        return _SPOILERS[fault](reply, self.retry_after)


_Spoiler = Callable[[Body, int], HttpResponse]


def _rate_limited(reply: Body, seconds: int) -> HttpResponse:
    return _limit(str(seconds))


def _rate_limited_until(reply: Body, seconds: int) -> HttpResponse:
    # Dates have whole seconds; rounded up, so that the wait is never shorter than was asked for.
    return _limit(formatdate(math.ceil(time.time() + seconds), usegmt=True))


def _limit(retry_after: str) -> HttpResponse:
    return error(429, "Rate limit reached", "requests", "rate_limit_exceeded", retry_after)


def _server_error(reply: Body, seconds: int) -> HttpResponse:
    return error(500, "The server had an error while processing your request", "server_error")


def _unavailable(reply: Body, seconds: int) -> HttpResponse:
    return error(503, "The engine is currently overloaded", "server_error")


def _unavailable_for(reply: Body, seconds: int) -> HttpResponse:
    return error(503, "The engine is currently overloaded", "server_error", wait=str(seconds))


def _gateway_timeout(reply: Body, seconds: int) -> HttpResponse:
    return HttpResponse(504, response(504, b"<h1>504 Gateway Time-out</h1>", "text/html"))


def _reset_before_headers(reply: Body, seconds: int) -> HttpResponse:
    return HttpResponse(None, b"", AfterResponse.RESET)


def _reset_after_headers(reply: Body, seconds: int) -> HttpResponse:
    return HttpResponse(200, response(200, b"", length=len(json.dumps(reply))), AfterResponse.RESET)


def _hang(reply: Body, seconds: int) -> HttpResponse:
    return HttpResponse(None, b"", AfterResponse.HANG)


def _cut_stream(reply: Body, seconds: int) -> HttpResponse:
    content = json.dumps(reply).encode()
    return HttpResponse(200, response(200, content[: len(content) // 2], length=len(content)), AfterResponse.CLOSE)


def _html(reply: Body, seconds: int) -> HttpResponse:
    page = b"<!DOCTYPE html><html><body><h1>Welcome</h1><p>Sign in to go on.</p></body></html>"
    return HttpResponse(200, response(200, page, "text/html"))


def _choices_a_string(reply: Body, seconds: int) -> HttpResponse:
    return json_response(200, reply | {"choices": content_of(reply) or "none"})


def _content_a_number(reply: Body, seconds: int) -> HttpResponse:
    return json_response(200, _with_choice(reply, 4, "stop"))


def _usage_a_string(reply: Body, seconds: int) -> HttpResponse:
    return json_response(200, reply | {"usage": "a lot"})


def _empty_body(reply: Body, seconds: int) -> HttpResponse:
    return HttpResponse(200, response(200, b""))


def _content_empty(reply: Body, seconds: int) -> HttpResponse:
    return json_response(200, _with_choice(reply, "", "stop"))


def _content_null(reply: Body, seconds: int) -> HttpResponse:
    return json_response(200, _with_choice(reply, None, "stop"))


def _length(reply: Body, seconds: int) -> HttpResponse:
    whole = content_of(reply) or ""
    return json_response(200, _with_choice(reply, whole[: (len(whole) + 1) // 2], "length"))


def _content_filter(reply: Body, seconds: int) -> HttpResponse:
    return json_response(200, _with_choice(reply, "", "content_filter"))


def _half_and_error(reply: Body, seconds: int) -> HttpResponse:
    whole = content_of(reply) or ""
    return json_response(200, _with_choice(reply, whole[: (len(whole) + 1) // 2], "error"))


def _error_with_200(reply: Body, seconds: int) -> HttpResponse:
    return json_response(200, {"error": {"message": "Provider returned error", "code": 502}})


def _error_in_a_list(reply: Body, seconds: int) -> HttpResponse:
    body = [{"error": {"message": "Resource has been exhausted", "code": 429}}]
    wait = {"retry-after-ms": str(1000 * seconds)}
    return HttpResponse(429, response(429, json.dumps(body).encode(), headers=wait))


def _forbidden(reply: Body, seconds: int) -> HttpResponse:
    return HttpResponse(403, response(403, b"<h1>403 Forbidden</h1>", "text/html"))


def _endless(reply: Body, seconds: int) -> HttpResponse:
    return HttpResponse(200, _endless_start(), AfterResponse.FLOOD)


def _trickle(reply: Body, seconds: int) -> HttpResponse:
    return HttpResponse(200, _endless_start(), AfterResponse.TRICKLE)


def _endless_start() -> bytes:
    return chunked_head(200) + chunk(b'{"choices": [{"message": {"role": "assistant", "content": "')


def _with_choice(reply: Body, content: str | int | None, finish_reason: str) -> Body:
    message = {"role": "assistant", "content": content}
    return reply | {"choices": [{"index": 0, "message": message, "finish_reason": finish_reason}]}


_SPOILERS: dict[Fault, _Spoiler] = {
    Fault.RATE_LIMITED: _rate_limited,
    Fault.RATE_LIMITED_UNTIL: _rate_limited_until,
    Fault.SERVER_ERROR: _server_error,
    Fault.UNAVAILABLE: _unavailable,
    Fault.UNAVAILABLE_FOR: _unavailable_for,
    Fault.GATEWAY_TIMEOUT: _gateway_timeout,
    Fault.RESET_BEFORE_HEADERS: _reset_before_headers,
    Fault.RESET_AFTER_HEADERS: _reset_after_headers,
    Fault.HANG: _hang,
    Fault.CUT_STREAM: _cut_stream,
    Fault.HTML: _html,
    Fault.CHOICES_A_STRING: _choices_a_string,
    Fault.CONTENT_A_NUMBER: _content_a_number,
    Fault.USAGE_A_STRING: _usage_a_string,
    Fault.EMPTY_BODY: _empty_body,
    Fault.CONTENT_EMPTY: _content_empty,
    Fault.CONTENT_NULL: _content_null,
    Fault.LENGTH: _length,
    Fault.CONTENT_FILTER: _content_filter,
    Fault.HALF_AND_ERROR: _half_and_error,
    Fault.ERROR_WITH_200: _error_with_200,
    Fault.ERROR_IN_A_LIST: _error_in_a_list,
    Fault.FORBIDDEN: _forbidden,
    Fault.ENDLESS: _endless,
    Fault.TRICKLE: _trickle,
}
