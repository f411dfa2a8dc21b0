"""Rate limits: requests and tokens a minute, evenly spaced; no call while the endpoint says "wait"."""

import asyncio
import time
from collections.abc import Callable


class RateLimiter:
    """Spaces calls out so that an endpoint's limits hold.

    Args:
        requests_per_minute: None for no limit.
        tokens_per_minute: None for no limit.

    Example:
        >>> now = [0.0]
        >>> limiter = RateLimiter(requests_per_minute=60, clock=lambda: now[0])
        >>> [limiter.book(tokens=100) for _ in range(3)]  # seconds to wait
        [0.0, 1.0, 2.0]
    """

    def __init__(
        self,
        requests_per_minute: float | None = None,
        tokens_per_minute: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seconds_a_request = 60 / requests_per_minute if requests_per_minute else 0.0
        self._seconds_a_token = 60 / tokens_per_minute if tokens_per_minute else 0.0
        self._clock = clock
        self._next_request = self._next_token = self._paused_until = clock()

    async def wait(self, tokens: int) -> None:
        """Wait for this call's turn."""
        await asyncio.sleep(self.book(tokens))
        while (left := self._paused_until - self._clock()) > 0:
            await asyncio.sleep(left)

    def book(self, tokens: int) -> float:
        """Take the next free place and return the seconds until it comes."""
        now = self._clock()
        request, token = max(now, self._next_request), max(now, self._next_token)
        self._next_request = request + self._seconds_a_request
        self._next_token = token + tokens * self._seconds_a_token
        return max(request, token) - now

    def correct(self, tokens: int) -> None:
        """Book so many tokens more (or fewer, below zero), once a call's reply says how many it took."""
        self._next_token += tokens * self._seconds_a_token

    def pause(self, seconds: float) -> None:
        """Hold all calls back for so many seconds."""
        self._paused_until = max(self._paused_until, self._clock() + seconds)
