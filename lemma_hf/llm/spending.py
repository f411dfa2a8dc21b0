"""What did the calls of one stage come to, in this run?"""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Spending:
    """The calls of one stage."""

    stage: str
    model: str
    requests: int = 0
    """All that were needed, those from the store included."""
    from_store: int = 0
    """Answered by the store: nothing was sent or paid."""
    refused: Counter[str] = field(default_factory=Counter)
    """Refusals by reason, those from the store included."""
    calls: int = 0
    """Sent to the endpoint, tries that failed included."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    """Of replies that came in this run."""
    usd: float = 0.0
    usd_saved: float = 0.0
    """What the replies from the store would have cost."""
