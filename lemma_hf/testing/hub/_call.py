"""Requests as the Hub reads them: method, path, query, body and sender."""

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
        """The kind of the repository: `model`, `dataset` or `space`."""
        return self.parts["kinds"].strip("/").removesuffix("s") if self.parts.get("kinds") else "model"

    @property
    def id(self) -> str:
        """The id of the repository, OWNER/NAME."""
        return unquote(self.parts["id"])

    @property
    def url(self) -> str:
        """The URL of the repository's page."""
        return repo_url(self.base, self.kind, self.id)

    @property
    def proposes(self) -> bool:
        """Whether a pull request is wanted."""
        return self.has("create_pr")

    def part(self, name: str) -> str:
        """The value of a placeholder in the path, such as a revision."""
        return unquote(self.parts.get(name) or "")

    def asked(self, name: str, default: str = "") -> str:
        """A value in the query string."""
        return parse_qs(self.query).get(name, [default])[-1]

    def has(self, name: str) -> bool:
        """Whether the query switches something on."""
        return self.asked(name).lower() in {"1", "true"}

    def json(self) -> dict[str, Any]:
        """The body as a JSON object.

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
    """Refuse a request with 400 if the block cannot read its body."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise RefusedError(400, f"{what} is not understood") from None


def repo_url(base: str, kind: str, repo_id: str) -> str:
    """The URL of a repository's page."""
    return f"{base}/{'' if kind == 'model' else f'{kind}s/'}{repo_id}"
