"""The callers of a model that `pipeline.py` compares (ours and the usual clients), and the store of replies alone.

Each function runs in a process of its own; `pipeline.py` compares what they give.
"""

import asyncio
import hashlib
import os
import random
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MODEL = "loopback"
_SYSTEM = "You are a teacher of mathematics who finds the first wrong step of a solution. " * 20
_QUESTION = "A baker bakes 12 trays of 16 rolls each and sells 150 of them. How many rolls are left? " * 5
_MAX_TOKENS = 512


@dataclass(frozen=True)
class Timing:
    """The cost of one pass over so many calls."""

    calls: int
    seconds: float
    cpu: float
    """Seconds of processor, all threads of the process together."""

    @property
    def rate(self) -> float:
        return self.calls / self.seconds

    @property
    def cpu_ms(self) -> float:
        return 1000 * self.cpu / self.calls


Pass = Callable[[], None]


def timed(name: str, url: str, calls: int, lines: int, folder: str) -> Timing:
    """One pass of one caller, what it imports and the making of its requests apart; `lines` calls at a time."""
    go = CALLERS[name](url, calls, lines, folder)
    start, cpu = time.perf_counter(), time.process_time()
    go()
    return Timing(calls, time.perf_counter() - start, time.process_time() - cpu)


def messages(number: int) -> list[dict[str, str]]:
    """A prompt of 2,000 characters, another for each number."""
    return [{"role": "system", "content": _SYSTEM}, {"role": "user", "content": f"{number}. {_QUESTION}"}]


def ours(url: str, calls: int, lines: int, folder: str) -> Pass:
    from lemma_hf.inference.endpoint import ReplyStore

    return _ours(url, calls, lines, ReplyStore(Path(folder) / "replies.sqlite"))


def ours_without_store(url: str, calls: int, lines: int, folder: str) -> Pass:
    return _ours(url, calls, lines, _Nowhere())


class _Nowhere:
    """A store that keeps nothing."""

    def get_many(self, keys: Sequence[bytes]) -> dict[bytes, Any]:
        return {}

    def put_many(self, rows: Sequence[Any]) -> None:
        pass

    def totals(self) -> list[Any]:
        return []


def _ours(url: str, calls: int, lines: int, store: Any) -> Pass:
    from lemma_hf.inference.endpoint import ChatClient, ChatRequest, Endpoint, Reply

    client = ChatClient(Endpoint(MODEL, url, concurrency=lines), store, progress=False)
    requests = [ChatRequest(tuple(messages(n)), _MAX_TOKENS, temperature=0.7, sample=n) for n in range(calls)]

    def go() -> None:
        answers = client.ask(requests, "benchmark")
        if not all(isinstance(answer, Reply) for answer in answers):
            raise RuntimeError("not every call got its reply")

    return go


def stock(url: str, calls: int, lines: int, folder: str) -> Pass:
    """huggingface_hub's client as it is, and as many workers as lines."""
    from huggingface_hub import AsyncInferenceClient

    async def run() -> None:
        async with AsyncInferenceClient(base_url=url, api_key="x") as client:
            ask = client.chat_completion
            await _work(lambda n: ask(messages(n), model=MODEL, **_parameters(n)), calls, lines)

    return lambda: asyncio.run(run())


def openai_async(url: str, calls: int, lines: int, folder: str) -> Pass:
    """The openai client, and as many workers as lines."""
    from openai import AsyncOpenAI

    async def run() -> None:
        async with AsyncOpenAI(base_url=url, api_key="x") as client:
            ask = client.chat.completions.create
            await _work(lambda n: ask(messages=messages(n), model=MODEL, **_parameters(n)), calls, lines)  # type: ignore

    return lambda: asyncio.run(run())


def openai_loop(url: str, calls: int, lines: int, folder: str) -> Pass:
    """One call after the other over the openai client: what the authors' scripts do in each process."""
    from openai import OpenAI

    client = OpenAI(base_url=url, api_key="x")

    def go() -> None:
        for n in range(calls):
            reply = client.chat.completions.create(messages=messages(n), model=MODEL, **_parameters(n))  # type: ignore
            _check(reply)

    return go


async def _work(ask: Callable[[int], Any], calls: int, lines: int) -> None:
    """Plain workers that take one number after the other."""
    numbers = iter(range(calls))

    async def worker() -> None:
        for n in numbers:
            _check(await ask(n))

    await asyncio.gather(*(worker() for _ in range(lines)))


def _parameters(number: int) -> dict[str, Any]:
    return {"max_tokens": _MAX_TOKENS, "temperature": 0.7, "top_p": 1.0, "seed": number}


def _check(reply: Any) -> None:
    if not reply.choices[0].message.content:
        raise RuntimeError("a call got no reply")


def sockets(url: str, calls: int, lines: int, folder: str) -> Pass:
    """No client at all: bytes written to as many connections as lines, and nothing read of what comes but its end."""
    content = b'{"model": "loopback", "messages": [{"role": "user", "content": "%b"}]}' % (b"x" * 2000)
    head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: loopback\r\nContent-Length: %d\r\n\r\n" % len(content)
    port = int(url.split(":")[2].partition("/")[0])

    async def line(numbers: Iterator[int]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in numbers:
            writer.write(head + content)
            reply = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(reply.partition(b"Content-Length: ")[2].split(b"\r\n")[0]))
        writer.close()

    async def run() -> None:
        numbers = iter(range(calls))
        await asyncio.gather(*(line(numbers) for _ in range(lines)))

    return lambda: asyncio.run(run())


CALLERS: dict[str, Callable[[str, int, int, str], Pass]] = {
    "ours": ours,
    "ours_without_store": ours_without_store,
    "stock": stock,
    "openai_async": openai_async,
    "openai_loop": openai_loop,
    "sockets": sockets,
}


def store_alone(folder: str, rows: int, at_once: int, characters: int) -> float:
    """Milliseconds a reply takes to be safe on the disk, `at_once` in a transaction."""
    from lemma_hf.inference.endpoint import ReplyStore

    batches = list(_batches(rows, at_once, characters))
    with ReplyStore(Path(folder) / f"alone-{at_once}.sqlite") as store:
        start = time.perf_counter()
        for batch in batches:
            store.put_many(batch)
        return 1000 * (time.perf_counter() - start) / rows


def store_behind_writer(folder: str, rows: int, characters: int) -> float:
    """The same, as the client does it: handed to a thread that commits whatever has come in."""
    from lemma_hf.inference.endpoint import ReplyStore
    from lemma_hf.inference.endpoint.reply_writer import ReplyWriter

    (batch,) = _batches(rows, rows, characters)
    with ReplyStore(Path(folder) / "writer.sqlite") as store:
        start = time.perf_counter()
        with ReplyWriter(store) as writer:
            for row in batch:
                writer.put(row)
        return 1000 * (time.perf_counter() - start) / rows


def fill_and_be_killed(folder: str, rows: int, characters: int) -> None:
    """Store so many replies, and end by SIGKILL as soon as the last one is safe."""
    from lemma_hf.inference.endpoint import ReplyStore

    store = ReplyStore(Path(folder) / "million.sqlite")
    for batch in _batches(rows, 1000, characters):
        store.put_many(batch)
    os.kill(os.getpid(), signal.SIGKILL)


def reopen(folder: str, rows: int) -> dict[str, float]:
    """Open what was left behind: until the first 64 replies are there, until all are, and what that takes."""
    from lemma_hf.inference.endpoint import ReplyStore

    path = Path(folder) / "million.sqlite"
    size = sum(each.stat().st_size for each in Path(folder).glob("million.sqlite*"))
    for each in Path(folder).glob("million.sqlite*"):
        _forget(each)
    keys = [_key(n) for n in range(rows)]
    before = _peak_memory()
    start = time.perf_counter()
    with ReplyStore(path) as store:
        kept = sum(total.replies for total in store.totals())
        if kept != rows or len(store.get_many(keys[:64])) != min(rows, 64):
            raise RuntimeError("replies are missing")
        ready = time.perf_counter() - start
        if len(store.get_many(keys)) != rows:
            raise RuntimeError("replies are missing")
        whole = time.perf_counter() - start - ready
    return {"ready s": ready, "read s": whole, "MB": size / 1e6, "peak MB": _peak_memory() - before}


def _batches(rows: int, at_once: int, characters: int) -> Iterator[list[Any]]:
    from lemma_hf.inference.endpoint import Reply, StoredReply

    letters = random.Random(0).choices("abcdefghij klmnop 0123456789\n", k=characters + 10_000)
    text = "".join(letters)
    for start in range(0, rows, at_once):
        numbers = range(start, min(start + at_once, rows))
        replies = ((n, Reply(text[n % 10_000 : n % 10_000 + characters], 500, 250)) for n in numbers)
        yield [StoredReply(_key(n), MODEL, "benchmark", reply, 0.001) for n, reply in replies]


def _key(number: int) -> bytes:
    return hashlib.sha256(b"%d" % number).digest()[:16]


def _forget(path: Path) -> None:
    """Ask the system to drop the file from its memory, so that it is read from the disk."""
    if hasattr(os, "posix_fadvise"):
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _peak_memory() -> float:
    """Of this process so far, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
