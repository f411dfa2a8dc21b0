"""The time limit of a call: from what it asks for and what the endpoint has shown."""

from lemma_hf.inference.endpoint.time_limit import TimeLimit


def test_an_endpoint_that_is_fast_enough_changes_nothing():
    limit = TimeLimit(300.0)
    limit.learn(500, 10.0)  # 50 tokens a second: 2,048 take 41 s, times 3 is 123 s
    assert limit.seconds(2048) == 300.0


def test_a_slow_one_stretches_the_limit_by_the_tokens_that_are_asked_for():
    limit = TimeLimit(300.0)
    for tokens, seconds in ((100, 20.0), (300, 180.0)):  # 400 tokens in 200 s: 2 a second
        limit.learn(tokens, seconds)
    assert limit.seconds(1000) == 1500.0  # 500 s, times 3
    assert limit.seconds(1000, timeouts=1) == 3000.0
    assert limit.seconds(1000, timeouts=2) == limit.seconds(1000, timeouts=10**6) == 3600.0


def test_the_last_64_calls_count_so_that_a_queue_that_has_passed_is_forgotten():
    limit = TimeLimit(300.0)
    limit.learn(10, 1000.0)
    assert limit.seconds(1000) == 3600.0
    for _ in range(64):
        limit.learn(500, 10.0)
    assert limit.seconds(1000) == 300.0


def test_a_reply_without_tokens_says_nothing():
    limit = TimeLimit(300.0)
    limit.learn(0, 1000.0)
    assert limit.seconds(1000) == 300.0
