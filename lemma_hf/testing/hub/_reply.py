"""Replies and refusals of the Hub: JSON, a status, and the reason in a header."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply before it is written as bytes."""

    status: int = 200
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "application/json; charset=utf-8"
    size: int | None = None
    """What Content-Length says where the content is not sent (HEAD)."""


class RefusedError(Exception):
    """The error of a request that the Hub refuses.

    Args:
        status: of HTTP.
        message: the Hub's words, in the body and in `X-Error-Message`.
        code: `X-Error-Code`, such as `RepoNotFound`, by which its client tells the cases apart.
        body: more keys of the body.
        headers: more headers.
    """

    def __init__(
        self,
        status: int,
        message: str,
        code: str | None = None,
        *,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        named = {"X-Error-Message": _header(message), **({"X-Error-Code": code} if code else {}), **(headers or {})}
        self.reply = Reply(status, json.dumps({"error": message, **(body or {})}).encode(), named)


def said(body: Any, headers: Mapping[str, str] | None = None) -> Reply:
    """A reply with status 200 and JSON."""
    return Reply(content=json.dumps(body).encode(), headers=headers or {})


def stamp(date: datetime) -> str:
    """A time as the Hub writes it, such as `2025-01-31T12:00:00.000Z`."""
    return f"{date.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{date.microsecond // 1000:03}Z"


def _header(text: str) -> str:
    """The text as far as a header can hold it."""
    return " ".join(text.split()).encode("ascii", "replace").decode()[:500]
