"""How is a model behind an endpoint asked? Side by side, paced, within a budget, and every reply stored."""

from lemma_hf.inference.endpoint.chat import Answer, ChatRequest, Message, Refusal, Reply
from lemma_hf.inference.endpoint.client import ChatClient
from lemma_hf.inference.endpoint.endpoint import Endpoint
from lemma_hf.inference.endpoint.reply_store import ReplyStore, Store, Stored, Totals
from lemma_hf.inference.endpoint.usage import Spending

__all__ = [
    "Answer",
    "ChatClient",
    "ChatRequest",
    "Endpoint",
    "Message",
    "Refusal",
    "Reply",
    "ReplyStore",
    "Spending",
    "Store",
    "Stored",
    "Totals",
]
