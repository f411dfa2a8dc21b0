"""Faults of the Hub, each by order of a test: refusals, and connections that break before or after the work."""

from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

from lemma_hf.testing.hub._reply import RefusedError


class Break(StrEnum):
    """Moment at which a connection breaks.

    It is reset before an answer and closed within one: the stock client goes on with the rest of a file only after it
    was closed.
    """

    BEFORE = "before"
    """Before anything was done: the client's work is lost."""
    WITHIN = "within"
    """After the work, in the middle of the answer."""
    AFTER = "after"
    """After the work, before the answer: the client cannot know."""


@dataclass(slots=True)
class HubFault:
    """A fault, and the requests that it hits."""

    match: str
    """Part of `METHOD /path`, with `*` for anything."""
    after: int
    """How many requests that match go well first."""
    times: int | None
    """How many go wrong then; None: all."""
    refusal: RefusedError | None = None
    breaks: Break | None = None
    seen: int = 0

    @property
    def name(self) -> str:
        """The name of the fault in the log."""
        return str(self.refusal.reply.status) if self.refusal else f"broken {self.breaks}"

    def strikes(self, line: str) -> bool:
        """Whether the fault hits a request; a request that matches is counted."""
        if not fnmatchcase(line, f"*{self.match}*"):
            return False
        self.seen += 1
        return self.seen > self.after and (self.times is None or self.seen <= self.after + self.times)


@dataclass
class HubFaults:
    """The faults that a test ordered."""

    ordered: list[HubFault] = field(default_factory=list)

    def draw(self, method: str, path: str) -> HubFault | None:
        """The fault of a request; where several hit it, the one that was ordered first."""
        struck = [fault for fault in self.ordered if fault.strikes(f"{method} {path}")]
        return struck[0] if struck else None


def refusal(status: int, message: str | None, code: str | None, retry_after: int | None) -> RefusedError:
    """The refusal with a status, in the Hub's usual words unless others are given."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    known_message, known_code = _WORDS.get(status, (f"Status {status}, as the test ordered", None))
    return RefusedError(status, message or known_message, code or known_code, headers=headers)


_WORDS: dict[int, tuple[str, str | None]] = {
    401: ("Invalid username or password.", None),
    403: ("Forbidden: you must use a write token to upload to a repository.", None),
    404: ("Repository not found", "RepoNotFound"),
    409: ("Another conflicting operation is in progress", None),
    412: ("A commit has happened since. Please refresh and try again.", None),
    429: ("We had to rate limit you. Please try again later.", None),
    500: ("Internal Error - We're working hard to fix this as soon as possible!", None),
    503: ("Service Unavailable", None),
    507: ("Insufficient Storage: no space left on device", None),
}
