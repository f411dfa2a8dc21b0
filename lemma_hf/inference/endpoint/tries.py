"""Tries of one item: how long to wait after a call without a result, and when to give the item up."""

import random
from dataclasses import dataclass

from lemma_hf.inference.endpoint.endpoint import Endpoint
from lemma_hf.inference.endpoint.responses import CallFailure, NextStep

_MAX_BACKOFF = 60.0
"""Seconds between two tries at most: rate limits are counted by the minute."""
_TRIES_UNHEARD = 4
"""Tries where an endpoint has never answered and calls run out of time, each with twice the time of the one before:
enough for 2,048 tokens at one token a second, by far less than eight such tries where nothing will ever come."""
_REST = 0.1
"""Share of a call's time to wait after a time-out: a server may work on for a while before it notices."""
_TRIES_TO_CONNECT = 4
"""Tries where an endpoint has never answered and cannot be connected to: some five seconds, since there may be none."""


@dataclass(slots=True)
class Tries:
    """The calls for one item so far that gave no result."""

    endpoint: Endpoint
    calls: int = 0
    counted: int = 0
    """Calls that count as tries."""
    timeouts: int = 0
    waited: float = 0.0

    def pause_after(self, failure: CallFailure, seconds: float, *, heard: bool, queues: bool) -> float | None:
        """Seconds to wait before the next call; None where there is to be none.

        Args:
            seconds: that the call might take.
            heard: whether the endpoint has answered any call. One that has not may not exist at all: then waiting
                counts as a try too.
            queues: whether the call ran out of time in a queue that moves; that does not count.
        """
        there = heard or failure.reached
        self.calls += 1
        self.counted += (failure.next_step is NextStep.TRY_AGAIN and not queues) or not there
        self.timeouts += failure.timed_out
        pause = _pause(self.endpoint, failure, self.calls)
        if failure.timed_out:
            pause = max(pause, min(_MAX_BACKOFF, _REST * seconds))
        self.waited += pause
        most = self.endpoint.tries
        if not heard and (failure.timed_out or not there):
            most = min(most, _TRIES_UNHEARD if there else _TRIES_TO_CONNECT)
        return None if self.counted >= most or self.waited > self.endpoint.patience else pause


def _pause(endpoint: Endpoint, failure: CallFailure, calls: int) -> float:
    """Seconds before the next try: those that the endpoint asked for, else exponential backoff with jitter."""
    if failure.wait is not None:
        return failure.wait
    longest = min(_MAX_BACKOFF, endpoint.backoff * 2.0 ** min(calls - 1, 10))  # 2**10: above the maximum anyway
    return longest * random.uniform(0.5, 1.0)
