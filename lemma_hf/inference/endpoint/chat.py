"""The records of a call to a chat model: `ChatRequest` in; `Reply` or `Refusal` out.

Both outcomes are records that are stored: a reply that was cut off or came empty has been paid for, and would come the
same way again.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from lemma_hf.records import Dropped, DropReason

Message = Mapping[str, str]
"""One message: `{"role": "system" | "user" | "assistant", "content": text}`."""


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One call of a chat model, with everything that decides what comes back."""

    messages: tuple[Message, ...]
    """System message, worked examples, user message. Requests may share messages: they are not copied."""
    max_tokens: int = 2048
    """Longest reply: most solutions take less than half of it."""
    temperature: float = 0.0
    top_p: float = 1.0
    sample: int = 0
    """Which of several draws this is; also what the endpoint gets as its seed."""

    def parameters(self) -> dict[str, Any]:
        """The parameters by their usual names."""
        found = {"max_tokens": self.max_tokens, "temperature": self.temperature, "top_p": self.top_p}
        return found | {"seed": self.sample}

    def key(self, model: str, sent: Mapping[str, Any] | None = None, where: str = "") -> bytes:
        """The reply's key in the store: 16 bytes that stand for the endpoint, model, messages and all that is sent.

        Args:
            sent: the parameters as the endpoint gets them, under its own names; by default `parameters()`.
            where: the endpoint's address: another server may serve another model under the same name.

        Example:
            >>> ask = ChatRequest(({"role": "user", "content": "2+2?"},))
            >>> ask.key("m") == ask.key("m"), ask.key("m") == ask.key("another model")
            (True, False)
        """
        messages = [[message["role"], message["content"]] for message in self.messages]
        sent = self.parameters() if sent is None else sent
        # The number of the draw belongs to it, also where the endpoint takes no seed.
        facts = json.dumps([where, model, messages, sent, self.sample], sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(facts.encode()).digest()[:16]


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete reply."""

    text: str
    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Refusal:
    """No usable reply, and the reason."""

    reason: DropReason
    """TRUNCATED at `max_tokens`, EMPTY, REFUSED (a content filter, a prompt too long), or CALL_FAILED."""
    detail: str = ""
    prompt_tokens: int = 0
    """Tokens that were used, and are billed, although no reply came of them; `completion_tokens` in the same way."""
    completion_tokens: int = 0
    text: str = ""
    """What was written before it was cut off (TRUNCATED). No teacher's reply, but an answer may stand in it."""

    def dropped(self, item_id: str, stage: str) -> Dropped:
        """The `Dropped` record of the item that the request was made for."""
        return Dropped(item_id, stage, self.reason, self.detail)


ChatResult = Reply | Refusal
"""What a request ends with: a reply, or the reason why there is none."""


class ChatModel(Protocol):
    """An object that answers chat requests, such as a `ChatClient`."""

    def ask(self, requests: Sequence[ChatRequest], title: str) -> list[ChatResult]:
        """A result for each request, in order; `title` names what the calls are for, such as a stage."""
        ...
