"""Responses of an endpoint: a response becomes a result to keep, or a failure and the next step.

    429, Retry-After: 7   → wait 7 seconds, then call again
    500, broken JSON      → try again
    403                   → try again: some gateways answer so in passing
    400                   → give this request up
    401, 404              → stop: no request will succeed
    200, finish_reason "error" with half a text → try again: a reply is whole only where the endpoint says so

A response is not trusted: each field is checked before it is used, and one of a wrong kind is a failure.
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from typing import Any

from huggingface_hub.errors import HfHubHTTPError

from lemma_hf.inference.endpoint.chat import ChatResult, Refusal, Reply
from lemma_hf.records import DropReason
from lemma_hf.utils.http_library import httpx

_MAX_DETAIL = 300
"""Characters of a failure's detail, which is shown in one line."""


_WHOLE = {"stop", "eos", "eos_token", "end_turn", "stop_sequence", "stop_token", "complete", "finished"}
"""Values of `finish_reason` for a whole reply: OpenAI's, and those of TGI, Anthropic, Cohere and others, in small
letters. Servers that say nothing are believed."""
_CUT = {"length", "max_tokens", "model_length", "model_context_window_exceeded"}
_FILTERED = {"content_filter", "safety", "refusal", "recitation", "prohibited_content"}


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


class StatusError(Exception):
    """A response with the status of an error, whatever its body.

    huggingface_hub's own exception reads the body first, and fails at one that is a JSON list.
    """

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(f"status {response.status_code}")
        self.response = response


@dataclass(frozen=True, slots=True)
class CallFailure:
    """A call without a result."""

    next_step: NextStep
    detail: str
    wait: float | None = None
    """Seconds that the endpoint asked for."""
    reached: bool = True
    """Whether there is an endpoint at all; False where none could be connected to."""
    timed_out: bool = False
    """Whether it took longer than it may: it may be waiting in a queue."""
    used: tuple[int, int] | None = None
    """Prompt and completion tokens that are billed all the same; (0, 0) where the endpoint wrote something, but does
    not say how much. None: nothing was written."""


def read_response(response: Any) -> ChatResult | CallFailure:
    """Read the result in a response that huggingface_hub has parsed."""
    if error := getattr(response, "error", None):
        return _error_in_reply(error)
    try:
        (choice, *_) = response.choices
        content, finish = choice.message.content, choice.finish_reason
        prompt_tokens, completion_tokens = _usage(response)
    except (AttributeError, TypeError, ValueError) as error:
        detail = f"the reply has another shape than a chat completion ({error})"
        return CallFailure(NextStep.TRY_AGAIN, detail, used=(0, 0))
    if not isinstance(content, str | None) or not isinstance(finish, str | None):
        detail = f"the reply's content is a {type(content).__name__}, not text"
        return CallFailure(NextStep.TRY_AGAIN, detail, used=(0, 0))
    tokens = prompt_tokens, completion_tokens
    why = (finish or "stop").lower()
    if why in _CUT:
        written = _printable(content or "")
        return Refusal(DropReason.TRUNCATED, f"cut off after {completion_tokens} tokens", *tokens, written)
    if why in _FILTERED:
        return Refusal(DropReason.REFUSED, f"the endpoint's content filter ({_printable(why)})", *tokens)
    if why not in _WHOLE:
        return CallFailure(
            NextStep.TRY_AGAIN, f"the reply is not whole: finish_reason {_printable(why)!r:.80}", used=tokens
        )
    if not content or not content.strip():
        return Refusal(DropReason.EMPTY, f"the reply has no text{_thoughts_of(choice.message)}", *tokens)
    return Reply(_printable(content), *tokens)


def _error_in_reply(error: object) -> CallFailure:
    """The failure that a body such as `{"error": {"message": …, "code": 429}}` means, though its status is 200."""
    code = str(error.get("code")) if isinstance(error, dict) else ""
    status = int(code) if re.fullmatch("[45][0-9]{2}", code) else 500
    return _failure_of(status, _printable(_words_of(error)), None)


def _thoughts_of(message: object) -> str:
    """A hint where all tokens went into thinking."""
    for name in ("reasoning_content", "reasoning"):
        thoughts = getattr(message, name, None)
        if isinstance(thoughts, str) and thoughts.strip():
            return (
                f", but {len(thoughts):,} characters of `{name}`: allow more tokens, or turn the model's thinking off"
            )
    return ""


def read_exception(error: Exception) -> CallFailure | None:
    """Read the failure behind an exception; None where it is an error of the program and not of the endpoint."""
    if isinstance(error, StatusError | HfHubHTTPError) and error.response is not None:
        return _status(error.response)
    if isinstance(error, httpx.ConnectError):
        return CallFailure(NextStep.WAIT, f"cannot connect ({error})", reached=False)
    if isinstance(error, TimeoutError):
        if isinstance(error.__cause__, httpx.ConnectTimeout):
            return CallFailure(NextStep.WAIT, "cannot connect in time", reached=False)
        return CallFailure(NextStep.TRY_AGAIN, "no whole reply in time", timed_out=True)
    if isinstance(error, httpx.HTTPError | OSError):
        return CallFailure(NextStep.TRY_AGAIN, f"the connection broke ({type(error).__name__}: {error})"[:_MAX_DETAIL])
    if isinstance(error, ValueError | TypeError | AttributeError | KeyError | RecursionError):
        # What huggingface_hub raises when it reads a reply that is no JSON, or JSON of another shape.
        detail = f"the reply is no chat completion ({type(error).__name__}: {error})"[:_MAX_DETAIL]
        return CallFailure(NextStep.TRY_AGAIN, detail, used=(0, 0))
    return None


def _status(response: httpx.Response) -> CallFailure:
    return _failure_of(response.status_code, _error_message(response), _asked_to_wait(response.headers))


def _failure_of(status: int, message: str, wait: float | None) -> CallFailure:
    """The failure that a status means (RFC 9110, section 15; 402 and `insufficient_quota`: no credit)."""
    detail = f"status {status}: {message}"[:_MAX_DETAIL]
    if status in (401, 402, 404) or "insufficient_quota" in message:
        return CallFailure(NextStep.STOP, detail)
    if status == 429 or (status == 503 and wait is not None):
        return CallFailure(NextStep.WAIT, detail, wait)
    if status in (403, 408, 409, 425) or status >= 500:
        return CallFailure(NextStep.TRY_AGAIN, detail, wait)
    return CallFailure(NextStep.GIVE_UP, detail)


def _asked_to_wait(headers: httpx.Headers) -> float | None:
    """Seconds from `retry-after-ms` (OpenAI's and Azure's, which is finer), else from `Retry-After`."""
    milliseconds = retry_after(headers.get("retry-after-ms", ""))
    return retry_after(headers.get("retry-after", "")) if milliseconds is None else milliseconds / 1000


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


def _error_message(response: httpx.Response) -> str:
    """The message of an error: from JSON such as `{"error": {"message": …, "code": …}}`, else the text itself."""
    try:
        text = response.text[:4000]  # far more than is shown, far less than a page of HTML
    except (httpx.HTTPError, httpx.StreamError):
        return "(its text cannot be read)"
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        body = text
    return _printable(_words_of(body))


def _words_of(body: object) -> str:
    """The message and code in an error's body: a text, an object, either of them under `error`, or a list of these."""
    while isinstance(body, list) and body:
        body = body[0]
    if isinstance(body, dict) and body.get("error"):
        return _words_of(body["error"])
    if isinstance(body, dict):
        body = f"{body.get('message', body)} {body.get('code') or ''}"
    return " ".join(str(body)[:_MAX_DETAIL].split())


def _usage(response: Any) -> tuple[int, int]:
    """Prompt and completion tokens; 0 where the endpoint does not give a count that a call can have."""
    usage = getattr(response, "usage", None)
    counts = (getattr(usage, "prompt_tokens", None), getattr(usage, "completion_tokens", None))
    return tuple(count if isinstance(count, int) and 0 <= count < 10**9 else 0 for count in counts)  # type: ignore[return-value]


def _printable(text: str) -> str:
    """The text without lone surrogates (halves of a UTF-16 pair), which no file in UTF-8 can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
