"""What did the calls of one stage come to?"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Spending:
    """What one stage asked of one model in this run, and what that cost."""

    stage: str
    model: str
    requests: int = 0
    """All that were needed: those sent, and those that the store had an answer to."""
    from_store: int = 0
    """How many the store had an answer to: nothing was sent or paid for them."""
    refused: Mapping[str, int] = field(default_factory=dict)
    """Requests without a usable reply, by reason; those from the store included."""
    prompt_tokens: int = 0
    """Of replies that came in this run; `completion_tokens` and `usd` likewise."""
    completion_tokens: int = 0
    usd: float = 0.0
    usd_saved: float = 0.0
    """What the answers from the store would have cost, had they been asked for again."""
    calls: int = 0
    """Calls made, those that failed and were made again included."""
