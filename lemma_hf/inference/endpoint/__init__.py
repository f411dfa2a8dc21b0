"""How is a model behind an endpoint asked? Side by side, paced, within a budget, and every reply stored."""

from lemma_hf.inference.endpoint.chat import ChatRequest, ChatResult, Message, Refusal, Reply
from lemma_hf.inference.endpoint.client import ChatClient
from lemma_hf.inference.endpoint.endpoint import Endpoint
from lemma_hf.inference.endpoint.reply_store import ReplyLookup, ReplyStore, Stored, Totals
from lemma_hf.inference.endpoint.usage import Spending

__all__ = [
    "ChatClient",
    "ChatRequest",
    "ChatResult",
    "Endpoint",
    "Message",
    "Refusal",
    "Reply",
    "ReplyLookup",
    "ReplyStore",
    "Spending",
    "Stored",
    "Totals",
]
