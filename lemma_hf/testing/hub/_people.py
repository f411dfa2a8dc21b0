"""Users and their tokens: for reading and writing or for reading alone, valid or revoked."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from lemma_hf.testing.hub._reply import RefusedError

ROLES = ("read", "write")
REFUSED_TOKEN = "Invalid username or password."


@dataclass(slots=True)
class _Token:
    user: str
    role: str
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class Visitor:
    """The sender of a request."""

    user: str | None = None
    """None without a token."""
    role: str = "read"

    @property
    def may_write(self) -> bool:
        """Whether the token is one for writing."""
        return self.user is not None and self.role == "write"


@dataclass
class People:
    """The users, their tokens and their organizations."""

    organizations: dict[str, set[str]] = field(default_factory=dict)
    """Members, by the name of the organization."""
    _tokens: dict[str, _Token] = field(default_factory=dict)

    def new_token(self, user: str, role: str) -> str:
        """Make a token, which is valid here alone."""
        value = f"hf_{secrets.token_hex(17)}"
        self._tokens[value] = _Token(user, role)
        return value

    def revoke(self, token: str, refusal: str) -> None:
        """Refuse requests with this token from now on, with this message."""
        self._tokens[token].refusal = refusal

    def visitor(self, headers: Mapping[str, str]) -> Visitor:
        """The visitor who sends these headers.

        Raises:
            RefusedError: 401 if there is a token that is not, or no longer, known.
        """
        value = headers.get("authorization", "").removeprefix("Bearer ").strip()
        if not value:
            return Visitor()
        token = self._tokens.get(value)
        if token is None or token.refusal is not None:
            raise RefusedError(401, token.refusal if token and token.refusal else REFUSED_TOKEN)
        return Visitor(token.user, token.role)

    def acts_for(self, visitor: Visitor, namespace: str) -> bool:
        """Whether a namespace is the visitor's own, or that of an organization whose member they are."""
        return visitor.user is not None and (
            visitor.user == namespace or visitor.user in self.organizations.get(namespace, ())
        )

    def without_tokens(self, text: str) -> str:
        """The text without tokens."""
        for value in self._tokens:
            text = text.replace(value, "…")
        return text
