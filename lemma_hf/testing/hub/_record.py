"""Record of requests to the Hub: a line for each request, without secrets."""

from dataclasses import dataclass


@dataclass(slots=True)
class HubRequest:
    """A request to the Hub, and its result."""

    number: int
    """In the order of arrival, from 0."""
    method: str
    path: str
    query: str
    """Without the keys of uploads."""
    user: str | None
    """None without a token, or with one that is not known."""
    received: int
    """Bytes of the body."""
    status: int | None = None
    """None while it is at work, and if the connection broke before an answer."""
    sent: int = 0
    """Bytes of the answer's body."""
    fault: str | None = None
    """What went wrong because it was ordered."""

    @property
    def line(self) -> str:
        """The request as `METHOD /path`, the form that faults are matched against."""
        return f"{self.method} {self.path}"
