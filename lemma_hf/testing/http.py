"""HTTP/1.1 on loopback, correct or faulty on purpose: one `Conversation` for each connection.

As much of the protocol as the clients of chat models and of the Hub use: connections that stay open, requests with a
Content-Length or, where that is allowed, in chunks.
No framework, so that a request costs little of the processor that it shares with the client under test.
"""

import asyncio
import json
import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from http import HTTPStatus
from typing import Any, cast

_MAX_HEAD = 64 * 2**10  # bytes; usual servers take 8 to 64 KiB of headers
_MAX_BODY = 64 * 2**20  # bytes: more than any prompt, so that only a faulty client is refused
_MAX_CHUNK_LINE = 256  # bytes: a length in hexadecimal digits, with room for an extension behind `;`
_RESET_AFTER = 0.02  # seconds: time for the client to read what came before the reset
_ENDLESS_PIECE = b"10000\r\n" + b"and " * 0x4000 + b"\r\n"  # 64 KiB, as one chunk
_ENDLESS_EVERY = 0.001  # seconds: with 64 KiB each time, 64 MiB a second
_TRICKLE_PIECE = b"4\r\nand \r\n"
_TRICKLE_EVERY = 0.1  # seconds: below any timeout between two reads


class AfterResponse(Enum):
    """Fate of a connection once the bytes of a response are written."""

    KEEP = auto()
    """It waits for the next request."""
    CLOSE = auto()
    """It is closed in good order."""
    RESET = auto()
    """It is reset: the client sees ECONNRESET."""
    HANG = auto()
    """Nothing, until the client closes it."""
    FLOOD = auto()
    """64 KiB of text a millisecond, until the client closes it."""
    TRICKLE = auto()
    """A word every tenth of a second, until the client closes it."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request of a client."""

    method: str
    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    content: bytes
    query: str = ""
    """What stands behind the `?` of the path."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on the requests that a server accepts."""

    body: int = _MAX_BODY
    """Most bytes of a request's body."""
    chunks: bool = False
    """Whether a body may come in chunks."""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A response, byte for byte as it is sent."""

    status: int | None
    """None where no status line is sent."""
    data: bytes
    then: AfterResponse = AfterResponse.KEEP


def response(
    status: int,
    content: bytes,
    kind: str = "application/json",
    length: int | None = None,
    retry_after: str | None = None,
    *,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """The bytes of a response; `length` is the value of Content-Length where it is to be wrong."""
    size = len(content) if length is None else length
    wait = {} if retry_after is None else {"Retry-After": retry_after}
    more = "".join(f"{name}: {value}\r\n" for name, value in {**wait, **(headers or {})}.items())
    head = f"HTTP/1.1 {_status_line(status)}\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n{more}\r\n"
    return head.encode("latin-1") + content


def chunked_head(status: int) -> bytes:
    """The head of a response whose length is not known in advance (`Transfer-Encoding: chunked`)."""
    head = f"HTTP/1.1 {_status_line(status)}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head.encode("latin-1")


def chunk(content: bytes) -> bytes:
    """One chunk of a chunked response."""
    return b"%x\r\n%b\r\n" % (len(content), content)


def json_response(
    status: int, body: Any, then: AfterResponse = AfterResponse.KEEP, retry_after: str | None = None
) -> HttpResponse:
    """A well-formed response with a JSON body."""
    return HttpResponse(status, response(status, json.dumps(body).encode(), retry_after=retry_after), then)


def _status_line(status: int) -> str:
    return f"{status} {HTTPStatus(status).phrase}"


class _MalformedRequestError(Exception):
    """The error of a request that is not HTTP/1.1 as this server reads it."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def _take_request(buffer: bytearray, limits: Limits = Limits()) -> HttpRequest | None:
    """Take one request off the front of `buffer`; None while it has not arrived as a whole.

    Raises:
        _MalformedRequestError: if it never will be.
    """
    end = buffer.find(b"\r\n\r\n", 0, _MAX_HEAD)
    if end < 0:
        if len(buffer) >= _MAX_HEAD:
            raise _MalformedRequestError(431, f"the headers are longer than {_MAX_HEAD:,} bytes")
        return None
    first, *lines = buffer[:end].decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    words = first.split(" ")
    if len(words) != 3:
        raise _MalformedRequestError(400, "the request line is not `METHOD PATH VERSION`")
    body = (
        _chunked(buffer, end + 4, limits) if _is_chunked(headers, limits) else _plain(buffer, end + 4, headers, limits)
    )
    if body is None:
        return None
    content, after = body
    del buffer[:after]
    path, _, query = words[1].partition("?")
    return HttpRequest(words[0], path, headers, content, query)


def _is_chunked(headers: Mapping[str, str], limits: Limits) -> bool:
    if "transfer-encoding" not in headers:
        return False
    if not limits.chunks or headers["transfer-encoding"].lower() != "chunked":
        raise _MalformedRequestError(411, "requests need a Content-Length here")
    return True


def _plain(buffer: bytearray, start: int, headers: Mapping[str, str], limits: Limits) -> tuple[bytes, int] | None:
    """The body that starts there, and where it ends; None while it has not arrived as a whole."""
    size = _content_length(headers, limits)
    if len(buffer) < start + size:
        return None
    return bytes(buffer[start : start + size]), start + size


def _content_length(headers: Mapping[str, str], limits: Limits) -> int:
    given = headers.get("content-length", "0")
    if not given.isascii() or not given.isdigit() or len(given) > 12:
        raise _MalformedRequestError(400, "the Content-Length is no number")
    if int(given) > limits.body:
        raise _MalformedRequestError(413, f"the body is longer than {limits.body:,} bytes")
    return int(given)


def _chunked(buffer: bytearray, start: int, limits: Limits) -> tuple[bytes, int] | None:
    """The body sent in chunks, up to the empty one, and where it ends; None while it has not arrived as a whole."""
    total, pieces = 0, list[bytes]()
    while (line := buffer.find(b"\r\n", start, start + _MAX_CHUNK_LINE)) >= 0:
        size = _chunk_size(bytes(buffer[start:line]))
        start = line + 2 + size + 2
        total += size
        if total > limits.body:
            raise _MalformedRequestError(413, f"the body is longer than {limits.body:,} bytes")
        if len(buffer) < start:
            return None
        if size == 0:
            return b"".join(pieces), start
        pieces.append(bytes(buffer[line + 2 : line + 2 + size]))
    if len(buffer) >= start + _MAX_CHUNK_LINE:
        raise _MalformedRequestError(400, "a chunk does not say how long it is")
    return None


def _chunk_size(line: bytes) -> int:
    given = line.partition(b";")[0].strip()
    if not 0 < len(given) <= 8 or given.strip(b"0123456789abcdefABCDEF"):
        raise _MalformedRequestError(400, "the length of a chunk is no number")
    return int(given, 16)


class Conversation(asyncio.Protocol):
    """One connection: requests are handed to `handle` one at a time, and answered by `send`."""

    def __init__(
        self,
        handle: Callable[[HttpRequest, "Conversation"], None],
        limits: Limits = Limits(),
    ) -> None:
        self.gone = False
        """Whether the client has closed the connection."""
        self._handle = handle
        self._limits = limits
        self._buffer = bytearray()
        self._at_work = False
        self._paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport of the new connection."""
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the client or this server closed the connection."""
        self.gone = True

    def data_received(self, data: bytes) -> None:
        """Read bytes of a request."""
        self._buffer += data
        self._take_next()

    def pause_writing(self) -> None:
        """Wait with writing: the client reads more slowly than this server writes."""
        self._paused = True

    def resume_writing(self) -> None:
        """Go on writing: the client has caught up."""
        self._paused = False

    def send(self, answer: HttpResponse) -> None:
        """Answer the request at hand."""
        if self.gone:
            return
        self._transport.write(answer.data)
        _AFTERWARDS[answer.then](self)

    def close(self) -> None:
        """Close the connection, even in the middle of a response."""
        self._transport.abort()

    def _take_next(self) -> None:
        if self._at_work:
            return
        try:
            request = _take_request(self._buffer, self._limits)
        except _MalformedRequestError as error:
            self.send(json_response(error.status, {"error": {"message": str(error)}}, AfterResponse.CLOSE))
            return
        if request is not None:
            self._at_work = True
            self._handle(request, self)

    def _keep(self) -> None:
        self._at_work = False
        if self._buffer:
            self._take_next()

    def _end(self) -> None:
        self._transport.close()

    def _hang(self) -> None:
        """The connection stays busy, so nothing more is read from it."""

    def _reset(self) -> None:
        asyncio.get_running_loop().call_later(_RESET_AFTER, self._reset_now)

    def _reset_now(self) -> None:
        if not self.gone:
            own = self._transport.get_extra_info("socket")
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._transport.abort()

    def _flood(self) -> None:
        self._write_on(_ENDLESS_PIECE, _ENDLESS_EVERY)

    def _trickle(self) -> None:
        self._write_on(_TRICKLE_PIECE, _TRICKLE_EVERY)

    def _write_on(self, piece: bytes, every: float) -> None:
        if self.gone:
            return
        if not self._paused:
            self._transport.write(piece)
        asyncio.get_running_loop().call_later(every, self._write_on, piece, every)


_AFTERWARDS: dict[AfterResponse, Callable[[Conversation], None]] = {
    AfterResponse.KEEP: Conversation._keep,
    AfterResponse.CLOSE: Conversation._end,
    AfterResponse.RESET: Conversation._reset,
    AfterResponse.HANG: Conversation._hang,
    AfterResponse.FLOOD: Conversation._flood,
    AfterResponse.TRICKLE: Conversation._trickle,
}
