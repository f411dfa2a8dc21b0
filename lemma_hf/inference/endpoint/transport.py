"""Transport of a call to the endpoint: huggingface_hub's `AsyncInferenceClient`, with bounds of our own.

The client's own HTTP session refuses to run where HF_HUB_OFFLINE is set (a server on this machine needs no Hub), and
reads a reply of any size. Ours needs no Hub, asks for replies that are not packed, unpacks those that are within the
same bound, and gives up on a reply that is larger than any completion.
"""

import ssl
import zlib
from collections.abc import AsyncIterator, Callable
from typing import Any

from huggingface_hub import AsyncInferenceClient

from lemma_hf.inference.endpoint.chat import ChatRequest
from lemma_hf.inference.endpoint.endpoint import Endpoint
from lemma_hf.inference.endpoint.responses import StatusError
from lemma_hf.utils.http_library import httpx

_MAX_BYTES = 16 * 2**20
"""Bytes of one reply at most. A completion of 128k tokens takes about 1 MB."""


class _ReplyTooLargeError(httpx.TransportError):
    """The endpoint sent more than `_MAX_BYTES`."""


class _PackedReplyError(httpx.TransportError):
    """The endpoint packed its reply in a way that is not understood."""


class Transport(AsyncInferenceClient):
    """The client for one `Endpoint`, for one call at a time over one connection that stays open.

    Concurrent calls have a transport each: a pool of 64 connections asks the system about every idle one for each call,
    which took as long as all the rest of the call.

    Args:
        tls: shared between transports, since reading the certificates takes 20 ms.

    `_get_async_client` is the private seam where huggingface_hub makes its HTTP session; a test watches it. The public
    `set_async_client_factory` would change every other client of the process too.
    """

    _async_client: httpx.AsyncClient | None

    def __init__(self, endpoint: Endpoint, tls: ssl.SSLContext) -> None:
        where: dict[str, Any] = (
            {"base_url": endpoint.base_url} if endpoint.base_url else {"provider": endpoint.provider}
        )
        super().__init__(**where, api_key=endpoint.key())
        # A reply may take as long as its caller waits for it; huggingface_hub hands this on to httpx, which knows both.
        self.timeout = httpx.Timeout(None, connect=endpoint.timeout)
        self._endpoint = endpoint
        self._tls = tls

    async def send(self, request: ChatRequest) -> Any:
        """Make one call: returns a `ChatCompletionOutput` of whatever content, or raises as huggingface_hub does.

        Only connecting has a limit on its time. A caller that cancels the call closes the connection by that.
        """
        known, renamed = self._endpoint.parameters_of(request)
        extra = {**self._endpoint.extra_body, **renamed}
        return await self.chat_completion(
            list(request.messages), model=self._endpoint.model, extra_body=extra or None, **known
        )

    async def _get_async_client(self) -> httpx.AsyncClient:
        if self._async_client is None:
            client = httpx.AsyncClient(
                verify=self._tls,
                follow_redirects=True,
                headers={"accept-encoding": "identity"},
                event_hooks={"response": [_limit_size, _refuse_error]},
            )
            self._async_client = await self.exit_stack.enter_async_context(client)
        return self._async_client


async def _limit_size(response: httpx.Response) -> None:
    """Read no more than `_MAX_BYTES`, unpacked: a few packed bytes can hold gigabytes."""
    encoding = response.headers.pop("content-encoding", "identity").strip().lower()
    response.stream = _LimitedStream(response.stream, encoding)


async def _refuse_error(response: httpx.Response) -> None:
    """Raise for the status of an error, with the body read."""
    if response.status_code >= 400:
        await response.aread()
        raise StatusError(response)


class _LimitedStream(httpx.AsyncByteStream):
    """A body of at most `_MAX_BYTES`, unpacked."""

    def __init__(self, stream: httpx.AsyncByteStream, encoding: str) -> None:
        self._stream = stream
        self._unpack = _unpacker(encoding)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for packed in self._stream:
            chunk = self._unpack(packed, _MAX_BYTES + 1 - size)
            size += len(chunk)
            if size > _MAX_BYTES:
                raise _ReplyTooLargeError(f"the reply is larger than {_MAX_BYTES:,} bytes")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


def _unpacker(encoding: str) -> Callable[[bytes, int], bytes]:
    """A function of packed bytes and the most bytes that they may become.

    Raises:
        _PackedReplyError: for an encoding that was not asked for and that the standard library cannot unpack.
    """
    if encoding in ("identity", ""):
        return lambda packed, most: packed
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise _PackedReplyError(f"the reply is packed as {encoding[:20]!r}, though `identity` was asked for")
    unpacking = zlib.decompressobj(32 + zlib.MAX_WBITS)  # 32: gzip or zlib, as the data says

    def unpack(packed: bytes, most: int) -> bytes:
        try:
            return unpacking.decompress(packed, most)
        except zlib.error as error:
            raise _PackedReplyError(f"the reply cannot be unpacked as {encoding} ({error})") from None

    return unpack
