"""Limits of a visitor's input to a Space: longer text is refused with a message, since cut text is graded wrongly."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from lemma_hf.errors import ConfigError

LONGEST_OUTPUT = 20_000
"""Characters. The slowest text of this length that was found takes a quarter of a second to read."""
LONGEST_REFERENCE = 3_000
"""Characters; longer answers are only compared as strings anyway."""
LONGEST_BENCHMARK = 40
"""Characters: twice the longest name that grading knows, and more."""
SECONDS = 3.0
"""For one comparison by computer algebra; a free Space is slower than what the default of the metric is meant for."""
AT_ONCE = 4
"""Texts that are graded at the same time; the others wait."""
WAITING = 60
"""Texts that may wait, for less than a minute; gradio refuses more, with the message that it is busy."""
LARGEST_BODY = 2**18
"""Bytes of one request: the longest texts, escaped as JSON."""

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]


def check_text(name: str, value: object, longest: int) -> str:
    """Check a text's type and length, and replace lone surrogates, which cannot be sent back as UTF-8.

    Args:
        name: the text's name in the message.
        longest: largest number of characters.

    Raises:
        ConfigError: if it is no text, or too long. The message quotes nothing of the text.
    """
    if not isinstance(value, str):
        raise ConfigError(f"The {name} must be text, but it is {type(value).__name__}.")
    if len(value) > longest:
        raise ConfigError(
            f"The {name} has {len(value):,} characters; this page takes at most {longest:,}. "
            f"Grade longer ones on your own machine: lemma_hf.grade(output, reference)."
        )
    return value.encode("utf-8", "replace").decode("utf-8")


class BodyLimit:
    """ASGI middleware that answers 413 to a request with more than `LARGEST_BODY` bytes; uploads have no use here.

    gradio bounds uploaded files only: the texts of a call are read into memory, however long they are.
    """

    def __init__(self, app: Callable[[_Message, _Receive, _Send], Awaitable[None]]) -> None:
        self.app = app

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        """Pass the request on with its body, unless that is too large; the bytes are counted, no header is trusted."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self.app(scope, receive, send)
        elif (body := await _read(receive)) is None:
            await _refuse(send)
        else:
            await self.app(scope, _replay(body, receive), send)


async def _read(receive: _Receive) -> list[_Message] | None:
    """Read the messages of a body; None for one that is too large."""
    messages, size = list[_Message](), 0
    while not messages or messages[-1].get("more_body"):
        messages.append(await receive())
        size += len(messages[-1].get("body", b""))
        if size > LARGEST_BODY:
            return None
    return messages


def _replay(messages: list[_Message], receive: _Receive) -> _Receive:
    async def next_message() -> _Message:
        return messages.pop(0) if messages else await receive()

    return next_message


async def _refuse(send: _Send) -> None:
    said = f"need a body of at most {LARGEST_BODY:,} bytes".encode()
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(said)).encode())]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": said})
