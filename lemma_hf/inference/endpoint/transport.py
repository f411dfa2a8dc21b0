"""Transport of a call to the endpoint: huggingface_hub's `AsyncInferenceClient`, with bounds of our own.

The client's own HTTP session refuses to run where HF_HUB_OFFLINE is set (a server on this machine needs no Hub), and
reads a reply of any size. Ours needs no Hub, and gives up on a reply that is larger than any completion.
"""

import ssl
from collections.abc import AsyncIterator
from typing import Any

import httpx2
from huggingface_hub import AsyncInferenceClient

from lemma_hf.inference.endpoint.chat import ChatRequest
from lemma_hf.inference.endpoint.endpoint import Endpoint

_MAX_BYTES = 16 * 2**20
"""Bytes of one reply at most. A completion of 128k tokens takes about 1 MB."""


class _ReplyTooLargeError(httpx2.TransportError):
    """The endpoint sent more than `_MAX_BYTES`."""


class Transport(AsyncInferenceClient):
    """The client for one `Endpoint`, for one call at a time over one connection that stays open.

    Concurrent calls have a transport each: a pool of 64 connections asks the system about every idle one for each call,
    which took as long as all the rest of the call.

    Args:
        tls: shared between transports, since reading the certificates takes 20 ms.

    `_get_async_client` is the private seam where huggingface_hub makes its HTTP session; a test watches it. The public
    `set_async_client_factory` would change every other client of the process too.
    """

    _async_client: httpx2.AsyncClient | None

    def __init__(self, endpoint: Endpoint, tls: ssl.SSLContext) -> None:
        where: dict[str, Any] = (
            {"base_url": endpoint.base_url} if endpoint.base_url else {"provider": endpoint.provider}
        )
        super().__init__(**where, api_key=endpoint.key(), timeout=endpoint.timeout)
        self._endpoint = endpoint
        self._tls = tls

    async def send(self, request: ChatRequest) -> Any:
        """Make one call: returns a `ChatCompletionOutput` of whatever content, or raises as huggingface_hub does."""
        known, renamed = _parameters(self._endpoint, request)
        extra = {**self._endpoint.extra_body, **renamed}
        return await self.chat_completion(
            list(request.messages), model=self._endpoint.model, extra_body=extra or None, **known
        )

    async def _get_async_client(self) -> httpx2.AsyncClient:
        if self._async_client is None:
            client = httpx2.AsyncClient(
                verify=self._tls,
                timeout=self._endpoint.timeout,
                follow_redirects=True,
                event_hooks={"response": [_limit_size]},
            )
            self._async_client = await self.exit_stack.enter_async_context(client)
        return self._async_client


def _parameters(endpoint: Endpoint, request: ChatRequest) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters under their usual names, and those that this endpoint calls something else."""
    known: dict[str, Any] = {}
    renamed: dict[str, Any] = {}
    for usual, value in request.parameters().items():
        name = endpoint.parameter_names.get(usual, usual)
        if name == usual:
            known[usual] = value
        elif name:
            renamed[name] = value
    return known, renamed


async def _limit_size(response: httpx2.Response) -> None:
    """Read no more than `_MAX_BYTES`, and unpack nothing: a few packed bytes can hold gigabytes."""
    response.headers.pop("content-encoding", None)
    response.stream = _LimitedStream(response.stream)


class _LimitedStream(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._stream:
            size += len(chunk)
            if size > _MAX_BYTES:
                raise _ReplyTooLargeError(f"the reply is larger than {_MAX_BYTES:,} bytes")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
