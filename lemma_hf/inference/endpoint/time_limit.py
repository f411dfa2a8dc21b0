"""Time limit of a call: stretched by what the call may write, and by how fast the endpoint has written so far."""

from collections import deque

_MARGIN = 3.0
"""Times the mean: of calls in a server's queue the last one waits twice as long as the mean, and then it is written."""
_MOST = 12.0
"""Times the least limit at most: an hour, where that is the usual five minutes."""
_REMEMBERED = 64
"""Calls whose speed is remembered: those of one full queue, so that a server that gets slower is noticed."""


class TimeLimit:
    """The seconds that calls of one endpoint may take.

    A call may take as long as all the tokens it asks for would at the speed of the calls so far, their waiting in the
    server's queue included, times 3; twice as long for each time that the same call has run out of time before; never
    less than `least`, and never more than 12 times that.

    Args:
        least: seconds that every call may take.

    Example:
        >>> limit = TimeLimit(least=300.0)
        >>> limit.seconds(max_tokens=2048), limit.seconds(max_tokens=2048, timeouts=1)
        (300.0, 600.0)
        >>> limit.learn(tokens=200, seconds=100.0)  # 2 tokens a second
        >>> limit.seconds(max_tokens=512), limit.seconds(max_tokens=2048)
        (768.0, 3072.0)
        >>> limit.seconds(max_tokens=100_000) == limit.longest == 3600.0
        True
    """

    def __init__(self, least: float) -> None:
        self.least = least
        self._calls: deque[tuple[int, float]] = deque(maxlen=_REMEMBERED)

    @property
    def longest(self) -> float:
        """The longest limit, in seconds."""
        return _MOST * self.least

    def learn(self, tokens: int, seconds: float) -> None:
        """Remember a call that ended with a reply; one without tokens says nothing about the speed."""
        if tokens > 0:
            self._calls.append((tokens, seconds))

    def seconds(self, max_tokens: int, timeouts: int = 0) -> float:
        """The limit of a call.

        Args:
            max_tokens: that it may write.
            timeouts: how often it has run out of time before.
        """
        expected = 0.0
        if self._calls:
            tokens, seconds = (sum(values) for values in zip(*self._calls, strict=True))
            expected = _MARGIN * max_tokens * seconds / tokens
        # 2**10 is above the longest anyway.
        return min(self.longest, max(self.least, expected) * 2.0 ** min(timeouts, 10))
