"""Usage of an endpoint: requests, tokens and price of one stage in one run."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Usage:
    """Requests, tokens and price of one stage's calls of one model in this run."""

    stage: str
    model: str
    requests: int = 0
    """All that were needed, sent or not: one for each item, so two items with the same request count twice."""
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
    """Calls made: those that failed and were made again, and those that were on their way when the run was stopped,
    too. 0 where it is not known, as on Ray."""
    new: int = 0
    """Results of this run that were stored, a failed call that is not asked again too; a result that several items
    need counts once."""
