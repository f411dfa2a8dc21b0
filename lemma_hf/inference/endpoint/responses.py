"""Responses of an endpoint: a response becomes a result to keep, or a failure and the next step.

    429, Retry-After: 7   → wait 7 seconds, then call again
    500, broken JSON      → try again
    400                   → give this request up
    401, 404              → stop: no request will succeed

A response is not trusted: each field is checked before it is used, and one of a wrong kind is a failure.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from typing import Any

import httpx2
from huggingface_hub.errors import HfHubHTTPError

from lemma_hf.inference.endpoint.chat import ChatResult, Refusal, Reply
from lemma_hf.records import DropReason

_MAX_DETAIL = 300
"""Characters of a failure's detail, which is shown in one line."""


class NextStep(Enum):
    """The next step after a failure."""

    TRY_AGAIN = auto()
    """Call again: it may succeed. Counts as a try."""
    WAIT = auto()
    """Wait and call again: the endpoint says "later", or cannot be reached. No try, but `patience` limits it."""
    GIVE_UP = auto()
    """Give this request up: it will never succeed."""
    STOP = auto()
    """Stop: no request will succeed, because of a wrong key, an unknown model, or no credit."""


@dataclass(frozen=True, slots=True)
class CallFailure:
    """A call without a result."""

    next_step: NextStep
    detail: str
    wait: float | None = None
    """Seconds that the endpoint asked for."""


def read_response(response: Any) -> ChatResult | CallFailure:
    """Read the result in a response that huggingface_hub has parsed."""
    try:
        (choice, *_) = response.choices
        content, finish = choice.message.content, choice.finish_reason
        prompt_tokens, completion_tokens = _usage(response)
    except (AttributeError, TypeError, ValueError) as error:
        return CallFailure(NextStep.TRY_AGAIN, f"the reply has another shape than a chat completion ({error})")
    if not isinstance(content, str | None) or not isinstance(finish, str | None):
        return CallFailure(NextStep.TRY_AGAIN, f"the reply's content is a {type(content).__name__}, not text")
    tokens = prompt_tokens, completion_tokens
    if finish == "length":
        return Refusal(DropReason.TRUNCATED, f"cut off after {completion_tokens} tokens", *tokens)
    if finish == "content_filter":
        return Refusal(DropReason.REFUSED, "the endpoint's content filter", *tokens)
    if not content or not content.strip():
        return Refusal(DropReason.EMPTY, "the reply has no text", *tokens)
    return Reply(_printable(content), *tokens)


def read_exception(error: Exception) -> CallFailure | None:
    """Read the failure behind an exception; None where it is an error of the program and not of the endpoint."""
    if isinstance(error, HfHubHTTPError) and error.response is not None:
        return _status(error.response)
    if isinstance(error, httpx2.ConnectError):
        return CallFailure(NextStep.WAIT, f"cannot connect ({error})")
    if isinstance(error, TimeoutError):
        return CallFailure(NextStep.TRY_AGAIN, "no whole reply in time")
    if isinstance(error, httpx2.HTTPError | OSError):
        return CallFailure(NextStep.TRY_AGAIN, f"the connection broke ({type(error).__name__}: {error})"[:_MAX_DETAIL])
    if isinstance(error, ValueError | TypeError | AttributeError | KeyError | RecursionError):
        # What huggingface_hub raises when it reads a reply that is no JSON, or JSON of another shape.
        return CallFailure(
            NextStep.TRY_AGAIN, f"the reply is no chat completion ({type(error).__name__}: {error})"[:_MAX_DETAIL]
        )
    return None


def _status(response: httpx2.Response) -> CallFailure:
    """The failure that a status means (RFC 9110, section 15; 402 and `insufficient_quota`: no credit)."""
    status, message = response.status_code, _error_message(response)
    detail = f"status {status}: {message}"[:_MAX_DETAIL]
    if status in (401, 402, 404) or "insufficient_quota" in message:
        return CallFailure(NextStep.STOP, detail)
    wait = retry_after(response.headers.get("retry-after", ""))
    if status == 429 or (status == 503 and wait is not None):
        return CallFailure(NextStep.WAIT, detail, wait)
    if status in (408, 409, 425) or status >= 500:
        return CallFailure(NextStep.TRY_AGAIN, detail, wait)
    return CallFailure(NextStep.GIVE_UP, detail)


def retry_after(header: str, now: datetime | None = None) -> float | None:
    """Seconds to wait, from a number or a date (RFC 9110, section 10.2.3); None where the header holds neither.

    Example:
        >>> retry_after("2.5"), retry_after("soon")
        (2.5, None)
    """
    try:
        seconds = float(header)
    except ValueError:
        try:
            at = parsedate_to_datetime(header)
        except (ValueError, TypeError):
            return None
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        seconds = (at - (now or datetime.now(UTC))).total_seconds()
    return max(0.0, seconds) if seconds < float("inf") else None


def _error_message(response: httpx2.Response) -> str:
    """The message of an error: from JSON such as `{"error": {"message": …, "code": …}}`, else the text itself."""
    try:
        text = response.text[:4000]  # far more than is shown, far less than a page of HTML
    except (httpx2.HTTPError, httpx2.StreamError):
        return "(its text cannot be read)"
    try:
        body = json.loads(text)
        error = body.get("error", body)
        message = error if isinstance(error, str) else f"{error.get('message', error)} {error.get('code') or ''}"
    except (ValueError, AttributeError, RecursionError):
        message = text
    return _printable(" ".join(str(message).split()))


def _usage(response: Any) -> tuple[int, int]:
    """Prompt and completion tokens; 0 where the endpoint does not give a count that a call can have."""
    usage = getattr(response, "usage", None)
    counts = (getattr(usage, "prompt_tokens", None), getattr(usage, "completion_tokens", None))
    return tuple(count if isinstance(count, int) and 0 <= count < 10**9 else 0 for count in counts)  # type: ignore[return-value]


def _printable(text: str) -> str:
    """The text without lone surrogates (halves of a UTF-16 pair), which no file in UTF-8 can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
