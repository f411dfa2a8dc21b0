"""Log of the endpoint, requests and replies: one `Exchange` for each call, in memory or in a file."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from lemma_hf.errors import DataError
from lemma_hf.testing.faults import Fault

_SECRET = {"authorization", "proxy-authorization", "api-key", "x-api-key", "cookie"}


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call of the chat endpoint."""

    number: int
    """Counted from 0 in the order of arrival."""
    body: Any
    """The request, as JSON; None where it was none."""
    digest: str
    """The same for requests whose bodies are the same to the byte."""
    headers: Mapping[str, str]
    """Names in lower case; without any that carries a secret."""
    authorized: bool
    """Whether there was an Authorization header."""
    asked: float
    """When it arrived, in seconds since the epoch."""
    answered: float
    """When it was answered: just before the first byte was written."""
    status: int | None
    """None where none was sent: the connection was reset, nothing was said, or the client had gone before."""
    fault: Fault | None = None
    content: str | None = None
    """What the whole reply said, where one was sent."""

    @property
    def whole(self) -> bool:
        """Whether a whole reply was sent, be it cut at its length or empty."""
        return self.status == 200 and (self.fault is None or self.fault.whole)


def repeats(exchanges: Iterable[Exchange]) -> list[Exchange]:
    """The calls that were paid for twice: the same body had been answered whole before they were sent."""
    seen = list(exchanges)
    first: dict[str, float] = {}
    for one in seen:
        if one.whole:
            first[one.digest] = min(one.answered, first.get(one.digest, one.answered))
    return [one for one in seen if one.digest in first and one.asked > first[one.digest]]


class Log:
    """Counts of calls, their exchanges (if `keep`), and a file of them (if `path`)."""

    def __init__(self, keep: bool, path: str | Path | None) -> None:
        self.counts: Counter[str] = Counter()
        self.exchanges: list[Exchange] = []
        self._keep = keep
        self._path = path
        self._file: IO[str] | None = None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Keep the file open; each line is flushed."""
        if self._path is None:
            yield
            return
        with Path(self._path).open("a", encoding="utf-8", buffering=1) as self._file:
            yield
        self._file = None

    def note(self, exchange: Exchange, count: str) -> None:
        """Add an exchange; `count` names its result."""
        self.counts[str(count)] += 1
        if self._keep:
            self.exchanges.append(exchange)
        if self._file is not None:
            self._file.write(json.dumps(asdict(exchange)) + "\n")


def without_secrets(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers that may be written down."""
    return {name: value for name, value in headers.items() if name not in _SECRET}


def read_log(path: str | Path) -> list[Exchange]:
    """The exchanges that an endpoint wrote to `path`; a last line that is not whole is left out.

    Raises:
        DataError: if the file cannot be read, or another line is not whole.
    """
    try:
        lines = Path(path).read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read as the log of an endpoint: {error}") from error
    found = []
    for number, line in enumerate(lines[:-1], 1):
        try:
            found.append(_from_fields(json.loads(line)))
        except (ValueError, TypeError) as error:
            raise DataError(f"{path}, line {number}: is no exchange: {error}") from error
    return found


def _from_fields(fields: dict[str, Any]) -> Exchange:
    return Exchange(**fields | {"fault": Fault(fields["fault"]) if fields["fault"] else None})
