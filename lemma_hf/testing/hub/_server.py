"""How does the Hub listen? On 127.0.0.1, from a thread of its own, one request after another."""

import asyncio
import threading
from collections.abc import Callable

from lemma_hf.testing.http import Conversation, HttpRequest, HttpResponse, Limits

LARGEST_BODY = 4 * 2**30
"""Bytes."""


class Server:
    """A thread that answers requests.

    Args:
        answer: called for each request, in the thread of the server.
        port: 0 for any that is free.
    """

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse], port: int = 0) -> None:
        self.port = port
        """The port itself, once the server has started."""
        self._answer = answer
        self._conversations: set[Conversation] = set()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Listen.

        Raises:
            OSError: if the port is taken.
        """
        ready: threading.Event = threading.Event()
        failures: list[OSError] = []
        self._thread = threading.Thread(target=self._run, args=(ready, failures), name="loopback-hub", daemon=True)
        self._thread.start()
        ready.wait()
        if failures:
            self._thread.join()
            self._thread = None
            raise failures[0]

    def stop(self) -> None:
        """Listen no more, and close every connection."""
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._stopped.set)
            self._thread.join()
            self._thread = None

    def _run(self, ready: threading.Event, failures: list[OSError]) -> None:
        try:
            asyncio.run(self._serve(ready))
        except OSError as error:
            failures.append(error)
            ready.set()

    async def _serve(self, ready: threading.Event) -> None:
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        server = await self._loop.create_server(self._converse, "127.0.0.1", self.port, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._stopped.wait()
        server.close()
        for conversation in self._conversations:
            conversation.close()

    def _converse(self) -> Conversation:
        self._conversations = {one for one in self._conversations if not one.gone}
        conversation = Conversation(self._take, Limits(LARGEST_BODY, chunks=True))
        self._conversations.add(conversation)
        return conversation

    def _take(self, request: HttpRequest, conversation: Conversation) -> None:
        conversation.send(self._answer(request))
