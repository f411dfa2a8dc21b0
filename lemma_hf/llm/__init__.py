"""How is a model behind an endpoint asked? Side by side, paced, within a budget, and every reply stored."""

from lemma_hf.llm.chat import Answer, ChatRequest, Message, Refusal, Reply
from lemma_hf.llm.client import ChatClient
from lemma_hf.llm.endpoint import Endpoint
from lemma_hf.llm.spending import Spending
from lemma_hf.llm.store import ReplyStore, Store, Stored, Totals

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
