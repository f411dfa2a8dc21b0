"""HTTP server on 127.0.0.1 in a thread of its own, and the base class of both test doubles."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Self

from lemma_hf.testing.http import Conversation, HttpRequest, Limits

_BACKLOG = 1024
"""Connections that may wait to be accepted: as many as the largest test opens at once."""
_USUAL_LIMITS = Limits()


class ThreadServer:
    """A thread that reads HTTP requests and hands each to `take`.

    Args:
        take: called for each request in the thread of the server; it answers through the conversation.
        name: of the thread.
        port: 0 for any that is free.
        limits: of a request.
        during: makes what is kept open while the server listens, such as a log.
    """

    def __init__(
        self,
        take: Callable[[HttpRequest, Conversation], None],
        name: str,
        port: int = 0,
        limits: Limits = _USUAL_LIMITS,
        during: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self.port = port
        """The port itself, once the server has started."""
        self._take = take
        self._name = name
        self._limits = limits
        self._during = during
        self._conversations: set[Conversation] = set()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start listening.

        Raises:
            OSError: if the port is taken.
        """
        ready: threading.Event = threading.Event()
        failures: list[OSError] = []
        self._thread = threading.Thread(target=self._run, args=(ready, failures), name=self._name, daemon=True)
        self._thread.start()
        ready.wait()
        if failures:
            self._thread.join()
            self._thread = None
            raise failures[0]

    def stop(self) -> None:
        """Stop listening, and close every connection; without effect on a server that does not listen."""
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._stopped.set)
            self._thread.join()
            self._thread = None

    async def serve(self, ready: Callable[[], None], stop: asyncio.Event) -> None:
        """Serve on the running loop until `stop` is set; `ready` is called once the port is open."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(self._converse, "127.0.0.1", self.port, backlog=_BACKLOG)
        self.port = server.sockets[0].getsockname()[1]
        with self._during():
            ready()
            await stop.wait()
            server.close()
            for conversation in self._conversations:
                conversation.close()

    def _run(self, ready: threading.Event, failures: list[OSError]) -> None:
        async def main() -> None:
            self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
            await self.serve(ready.set, self._stopped)

        try:
            asyncio.run(main())
        except OSError as error:
            failures.append(error)
            ready.set()

    def _converse(self) -> Conversation:
        self._conversations = {one for one in self._conversations if not one.gone}
        conversation = Conversation(self._take, self._limits)
        self._conversations.add(conversation)
        return conversation


class ServerDouble:
    """A test double that serves while it is open, and raises at its end what went wrong in its thread.

    Args:
        server: the thread that serves.
    """

    def __init__(self, server: ThreadServer) -> None:
        self._server = server
        self._failure: Exception | None = None

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
        if self._failure is not None and error is None:
            raise self._failure

    def close(self) -> None:
        """Stop serving, and close every connection; what was kept in memory can still be read."""
        self._server.stop()
