"""Usage of an endpoint: requests, tokens and price of one stage in one run."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Usage:
    """Requests, tokens and price of one stage's calls of one model in this run."""

    stage: str
    model: str
    requests: int = 0
    """All that were needed: those sent, and those whose reply was stored."""
    from_store: int = 0
    """Requests whose reply was stored: nothing was sent or paid for them."""
    refused: Mapping[str, int] = field(default_factory=dict)
    """Requests without a usable reply, by reason; those from the store included."""
    prompt_tokens: int = 0
    """Tokens of the replies that came in this run, as are `completion_tokens` and `usd`."""
    completion_tokens: int = 0
    usd: float = 0.0
    usd_saved: float = 0.0
    """Price of the stored replies, had they been asked for again."""
    calls: int = 0
    """Calls made, with those that failed and were made again."""
