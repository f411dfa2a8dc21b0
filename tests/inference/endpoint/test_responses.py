from datetime import UTC, datetime
from types import SimpleNamespace as Thing

import pytest

from lemma_hf.inference.endpoint import Refusal, Reply
from lemma_hf.inference.endpoint.responses import CallFailure, NextStep, read_exception, read_response, retry_after
from lemma_hf.records import DropReason


def response(content="15", finish="stop", usage=None):
    message = Thing(content=content)
    return Thing(choices=[Thing(message=message, finish_reason=finish)], usage=usage or Thing())


def test_a_whole_reply_is_a_reply():
    usage = Thing(prompt_tokens=7, completion_tokens=3)
    assert read_response(response(usage=usage)) == Reply("15", 7, 3)


@pytest.mark.parametrize(
    ("content", "finish", "reason"),
    [
        ("half", "length", DropReason.TRUNCATED),
        ("", "stop", DropReason.EMPTY),
        (" \n", "stop", DropReason.EMPTY),
        (None, "stop", DropReason.EMPTY),
        ("", "content_filter", DropReason.REFUSED),
        ("half", "model_length", DropReason.TRUNCATED),
        ("half", "MAX_TOKENS", DropReason.TRUNCATED),
        ("", "SAFETY", DropReason.REFUSED),
    ],
)
def test_a_reply_that_is_none_is_refused_with_its_reason(content, finish, reason):
    answer = read_response(response(content, finish))
    assert isinstance(answer, Refusal)
    assert answer.reason is reason
    assert answer.text == ("half" if reason is DropReason.TRUNCATED else "")


@pytest.mark.parametrize(
    "odd", [None, Thing(), Thing(choices=[]), Thing(choices="15"), Thing(choices=None), response(15), response(["15"])]
)
def test_a_reply_of_another_shape_is_tried_again(odd):
    assert read_response(odd).next_step is NextStep.TRY_AGAIN


def test_tokens_that_are_no_counts_count_nothing():
    for odd in (Thing(prompt_tokens="7", completion_tokens=-3), Thing(prompt_tokens=1e99, completion_tokens=None), "7"):
        assert read_response(response(usage=odd)) == Reply("15", 0, 0)


def test_half_characters_are_replaced():
    assert read_response(response("a\ud800b")) == Reply("a?b", 0, 0)


def test_how_long_to_wait_is_read_from_a_number_or_a_date():
    now = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)
    assert retry_after("3", now) == 3
    assert retry_after("Tue, 24 Nov 2026 12:00:09 GMT", now) == 9
    assert retry_after("Tue, 24 Nov 2026 11:00:00 GMT", now) == 0
    assert retry_after("-5", now) == 0
    assert [retry_after(odd, now) for odd in ("", "soon", "inf", "nan")] == [None] * 4


def test_a_mistake_of_the_program_is_no_fault_of_the_endpoint():
    assert read_exception(RuntimeError("bug")) is None
    assert read_exception(MemoryError()) is None
    assert isinstance(read_exception(TimeoutError()), CallFailure)


@pytest.mark.parametrize("finish", ["stop", "STOP", "eos_token", "end_turn", None])
def test_a_reply_is_whole_where_the_endpoint_says_so_or_says_nothing(finish):
    assert read_response(response("15", finish)) == Reply("15")


@pytest.mark.parametrize("finish", ["error", "abort", "insufficient_system_resource", "tool_calls", "something new"])
def test_a_reply_that_ended_for_another_reason_is_tried_again_and_billed(finish):
    failure = read_response(response("half", finish, Thing(prompt_tokens=7, completion_tokens=3)))
    assert failure.next_step is NextStep.TRY_AGAIN
    assert failure.detail == f"the reply is not whole: finish_reason {finish!r}"
    assert failure.used == (7, 3)


@pytest.mark.parametrize(
    ("error", "step", "words"),
    [
        ({"message": "Provider returned error", "code": 502}, NextStep.TRY_AGAIN, "Provider returned error 502"),
        ({"message": "slow down", "code": 429}, NextStep.WAIT, "slow down"),
        ({"message": "no credit", "code": "402"}, NextStep.STOP, "no credit"),
        ("it broke", NextStep.TRY_AGAIN, "it broke"),
        ([{"message": "in a list"}], NextStep.TRY_AGAIN, "in a list"),
    ],
)
def test_an_error_with_status_200_says_what_the_provider_says(error, step, words):
    failure = read_response(Thing(choices=None, error=error))
    assert failure.next_step is step
    assert words in failure.detail


@pytest.mark.parametrize("field", ["reasoning", "reasoning_content"])
def test_a_reply_that_is_only_thinking_says_so(field):
    message = Thing(content="", **{field: "Let me see: 24 - 9"})
    answer = read_response(Thing(choices=[Thing(message=message, finish_reason="stop")], usage=Thing()))
    assert answer.reason is DropReason.EMPTY
    assert f"18 characters of `{field}`" in answer.detail
