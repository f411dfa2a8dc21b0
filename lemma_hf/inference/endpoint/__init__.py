"""The one client for models behind an endpoint: concurrent, rate-limited, within a budget, with every reply stored."""

from lemma_hf.inference.endpoint.chat import ChatModel, ChatRequest, ChatResult, Message, Refusal, Reply
from lemma_hf.inference.endpoint.client import ChatClient
from lemma_hf.inference.endpoint.endpoint import Endpoint, read_options
from lemma_hf.inference.endpoint.reply_store import ReplyLookup, ReplyStore, StoredReply, Totals
from lemma_hf.inference.endpoint.usage import Usage

__all__ = [
    "ChatClient",
    "ChatModel",
    "ChatRequest",
    "ChatResult",
    "Endpoint",
    "Message",
    "Refusal",
    "Reply",
    "ReplyLookup",
    "ReplyStore",
    "StoredReply",
    "Totals",
    "Usage",
    "read_options",
]
