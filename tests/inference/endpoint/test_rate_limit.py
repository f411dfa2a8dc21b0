import asyncio
import time

from lemma_hf.inference.endpoint.rate_limit import RateLimiter


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_without_limits_nobody_waits():
    pace = RateLimiter(clock=Clock())
    assert [pace.book(1000) for _ in range(5)] == [0.0] * 5


def test_requests_are_spaced_evenly_and_a_pause_is_not_caught_up_on():
    clock = Clock()
    pace = RateLimiter(requests_per_minute=120, clock=clock)
    assert [pace.book(0) for _ in range(3)] == [0.0, 0.5, 1.0]
    clock.now = 10.0  # nobody called for a while: no burst follows
    assert [pace.book(0) for _ in range(2)] == [0.0, 0.5]


def test_tokens_hold_back_the_next_call_and_are_corrected():
    pace = RateLimiter(tokens_per_minute=60_000, clock=Clock())  # 1,000 a second
    assert pace.book(2000) == 0.0
    assert pace.book(500) == 2.0
    pace.correct(-1500)  # it took less than was booked
    assert pace.book(0) == 1.0


def test_the_slower_of_both_limits_counts():
    pace = RateLimiter(requests_per_minute=60, tokens_per_minute=60_000, clock=Clock())
    assert [pace.book(100), pace.book(5000), pace.book(0)] == [0.0, 1.0, 5.1]


def test_nobody_calls_during_a_pause():
    async def main() -> float:
        pace = RateLimiter()
        pace.pause(0.2)
        start = time.monotonic()
        await asyncio.gather(pace.wait(0), pace.wait(0))
        return time.monotonic() - start

    assert asyncio.run(main()) >= 0.2
