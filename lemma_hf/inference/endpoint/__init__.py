"""The one client for models behind an endpoint: concurrent, rate-limited, within a budget, with every reply stored.

endpoint       the address, its limits and prices: `MODEL@URL`
client         calls side by side: which are due, when to wait, when to try again
responses      what a response or a failure means: 429 → wait, 401 → stop, a cut reply → refused
rate_limit     requests and tokens a minute
time_limit     how long a call may take, by what it asks for and the speed so far
usage          tokens and cost; the budget
transport      HTTP
reply_store    replies in SQLite, written by `reply_writer`
served         what the endpoint says of its model: another one under the same name is noticed
chat           the records: a request, a reply, a refusal
"""

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
