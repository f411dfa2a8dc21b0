"""What did a call come to? An answer to keep, or a fault, and whether it is worth trying again.

A reply is trusted with nothing: each field is looked at before it is used, and what is not as it should be is a fault.
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

_LONGEST_DETAIL = 300


class NextStep(Enum):
    """What to do about a fault."""

    TRY_AGAIN = auto()
    """It may go better next time; counts as a try."""
    WAIT = auto()
    """The endpoint says "later", or is not there: waiting is no try, but has an end too."""
    GIVE_UP = auto()
    """This request will never go well."""
    STOP = auto()
    """No request will: a wrong key, an unknown model, no credit."""


@dataclass(frozen=True, slots=True)
class CallFailure:
    """A call without an answer."""

    then: NextStep
    detail: str
    wait: float | None = None
    """Seconds that the endpoint asked for."""


def read_answer(response: Any) -> ChatResult | CallFailure:
    """The answer in a response that came back whole."""
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


def read_fault(error: Exception) -> CallFailure | None:
    """What an exception of the client means; None where it is no fault of the endpoint but of the program."""
    if isinstance(error, HfHubHTTPError) and error.response is not None:
        return _status(error.response)
    if isinstance(error, httpx2.ConnectError):
        return CallFailure(NextStep.WAIT, f"cannot connect ({error})")
    if isinstance(error, TimeoutError):
        return CallFailure(NextStep.TRY_AGAIN, "no whole reply in time")
    if isinstance(error, httpx2.HTTPError | OSError):
        return CallFailure(
            NextStep.TRY_AGAIN, f"the connection broke ({type(error).__name__}: {error})"[:_LONGEST_DETAIL]
        )
    if isinstance(error, ValueError | TypeError | AttributeError | KeyError | RecursionError):
        # What huggingface_hub raises when it reads a reply that is no JSON, or JSON of another shape.
        return CallFailure(
            NextStep.TRY_AGAIN, f"the reply is no chat completion ({type(error).__name__}: {error})"[:_LONGEST_DETAIL]
        )
    return None


def _status(response: httpx2.Response) -> CallFailure:
    status, said = response.status_code, _said(response)
    detail = f"status {status}: {said}"[:_LONGEST_DETAIL]
    if status in (401, 402, 404) or "insufficient_quota" in said:
        return CallFailure(NextStep.STOP, detail)
    wait = retry_after(response.headers.get("retry-after", ""))
    if status == 429 or (status == 503 and wait is not None):
        return CallFailure(NextStep.WAIT, detail, wait)
    if status in (408, 409, 425) or status >= 500:
        return CallFailure(NextStep.TRY_AGAIN, detail, wait)
    return CallFailure(NextStep.GIVE_UP, detail)


def retry_after(header: str, now: datetime | None = None) -> float | None:
    """Seconds to wait, from a number or a date (RFC 9110, section 10.2.3); None where the header says neither.

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


def _said(response: httpx2.Response) -> str:
    """The words of an error, from OpenAI's shape or as they are."""
    try:
        text = response.text[:4000]
    except (httpx2.HTTPError, httpx2.StreamError):
        return "(its text cannot be read)"
    try:
        found = json.loads(text)
        error = found.get("error", found)
        said = error if isinstance(error, str) else f"{error.get('message', error)} {error.get('code') or ''}"
    except (ValueError, AttributeError, RecursionError):
        said = text
    return _printable(" ".join(str(said).split()))


def _usage(response: Any) -> tuple[int, int]:
    """Prompt and completion tokens; 0 where the endpoint does not say."""
    usage = getattr(response, "usage", None)
    counts = (getattr(usage, "prompt_tokens", None), getattr(usage, "completion_tokens", None))
    return tuple(count if isinstance(count, int) and 0 <= count < 10**9 else 0 for count in counts)  # type: ignore[return-value]


def _printable(text: str) -> str:
    """Without half characters (lone surrogates), which no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
