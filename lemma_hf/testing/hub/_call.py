"""Request as the Hub reads it: its method, path, query and body, and who sent it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote

from lemma_hf.testing.hub._people import Visitor
from lemma_hf.testing.hub._reply import RefusedError


@dataclass(frozen=True, slots=True)
class Call:
    """A request, with its path taken apart."""

    base: str
    """The Hub's own address."""
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    content: bytes
    visitor: Visitor
    parts: Mapping[str, str]
    """What the route's placeholders stand for, as it was sent."""

    @property
    def kind(self) -> str:
        """Of the repository: `model`, `dataset` or `space`."""
        return self.parts["kinds"].strip("/").removesuffix("s") if self.parts.get("kinds") else "model"

    @property
    def id(self) -> str:
        """Of the repository: OWNER/NAME."""
        return unquote(self.parts["id"])

    @property
    def url(self) -> str:
        """Of the repository's page."""
        return repo_url(self.base, self.kind, self.id)

    @property
    def proposes(self) -> bool:
        """Whether a pull request is wanted."""
        return self.has("create_pr")

    def part(self, name: str) -> str:
        """What one of the placeholders stands for, such as a revision or a path."""
        return unquote(self.parts.get(name) or "")

    def asked(self, name: str, default: str = "") -> str:
        """A value of the query."""
        return parse_qs(self.query).get(name, [default])[-1]

    def has(self, name: str) -> bool:
        """Whether the query switches something on."""
        return self.asked(name).lower() in {"1", "true"}

    def json(self) -> dict[str, Any]:
        """The body.

        Raises:
            RefusedError: 400 if it is no JSON object.
        """
        try:
            body = json.loads(self.content or b"{}")
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            raise RefusedError(400, "The body of the request is no JSON object")
        return body


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Refuse what a client sent, with 400, if it is not what is read from it here."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise RefusedError(400, f"{what} is not understood") from None


def repo_url(base: str, kind: str, repo_id: str) -> str:
    """Where a repository's page would be."""
    return f"{base}/{'' if kind == 'model' else f'{kind}s/'}{repo_id}"
