"""Every fault looks to a client as it was ordered: one that knows only http.client, and the stock one of the Hub."""

import asyncio
import http.client
import json
import time
from collections import Counter
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from hub_client import hub_is_from
from huggingface_hub import AsyncInferenceClient
from huggingface_hub import constants as hub_constants
from hypothesis import given
from hypothesis import strategies as st

from lemma_hf.errors import ConfigError
from lemma_hf.testing import ALL, Fault, Faults, LoopbackEndpoint

STATUS = {
    Fault.RATE_LIMITED: 429,
    Fault.RATE_LIMITED_UNTIL: 429,
    Fault.SERVER_ERROR: 500,
    Fault.UNAVAILABLE: 503,
    Fault.UNAVAILABLE_FOR: 503,
    Fault.GATEWAY_TIMEOUT: 504,
    Fault.ERROR_IN_A_LIST: 429,
    Fault.FORBIDDEN: 403,
}
NEVER = (Fault.HANG, Fault.ENDLESS, Fault.TRICKLE)
BODY = {"model": "m", "messages": [{"role": "user", "content": "2 + 2?"}]}


def only(fault: Fault, **more: Any) -> LoopbackEndpoint:
    return LoopbackEndpoint(faults=Faults(share=1, kinds=(fault,), **more))


def ask(endpoint: LoopbackEndpoint) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection(endpoint.url.split("/")[2], timeout=0.3)
    try:
        connection.request("POST", "/v1/chat/completions", json.dumps(BODY))
        reply = connection.getresponse()
        return reply, reply.read()
    finally:
        connection.close()


def choice(fault: Fault) -> dict[str, Any]:
    with only(fault) as endpoint:
        reply, content = ask(endpoint)
    assert reply.status == 200
    return json.loads(content)["choices"][0]


@pytest.mark.parametrize("fault", STATUS)
def test_errors_have_their_status(fault: Fault) -> None:
    with only(fault) as endpoint:
        reply, _ = ask(endpoint)
        (call,) = endpoint.requests
    assert reply.status == call.status == STATUS[fault]
    assert (call.fault, call.content, call.whole) == (fault, None, False)


def test_retry_after_comes_in_seconds_as_a_date_or_not_at_all() -> None:
    waits = {}
    for fault in STATUS:
        with only(fault, retry_after=7) as endpoint:
            waits[fault] = ask(endpoint)[0].getheader("Retry-After")
    date = waits.pop(Fault.RATE_LIMITED_UNTIL)
    assert date is not None and 4 < parsedate_to_datetime(date).timestamp() - time.time() <= 8
    seconds = {fault for fault, wait in waits.items() if wait == "7"}
    assert seconds == {Fault.RATE_LIMITED, Fault.UNAVAILABLE_FOR}
    assert all(wait is None for fault, wait in waits.items() if fault not in seconds)


def test_a_wait_in_milliseconds_and_errors_that_come_with_status_200() -> None:
    with only(Fault.ERROR_IN_A_LIST, retry_after=7) as endpoint:
        reply, content = ask(endpoint)
    assert reply.getheader("retry-after-ms") == "7000"
    assert json.loads(content)[0]["error"]["code"] == 429
    assert choice(Fault.HALF_AND_ERROR)["finish_reason"] == "error"
    with only(Fault.ERROR_WITH_200) as endpoint:
        reply, content = ask(endpoint)
    assert (reply.status, list(json.loads(content))) == (200, ["error"])


def test_a_reset_comes_before_the_headers_or_after_them() -> None:
    with only(Fault.RESET_BEFORE_HEADERS) as endpoint, pytest.raises(ConnectionResetError):
        ask(endpoint)
    with only(Fault.RESET_AFTER_HEADERS) as endpoint:
        connection = http.client.HTTPConnection(endpoint.url.split("/")[2], timeout=5)
        connection.request("POST", "/v1/chat/completions", json.dumps(BODY))
        reply = connection.getresponse()
        assert reply.status == 200 and reply.length > 100
        with pytest.raises(ConnectionResetError):
            reply.read()
        connection.close()


def test_a_cut_stream_ends_in_the_middle() -> None:
    with only(Fault.CUT_STREAM) as endpoint, pytest.raises(http.client.IncompleteRead) as caught:
        ask(endpoint)
    assert len(caught.value.partial) > 100 and caught.value.expected in (
        len(caught.value.partial),
        len(caught.value.partial) + 1,
    )
    with pytest.raises(json.JSONDecodeError):
        json.loads(caught.value.partial)


def test_a_hang_says_nothing_and_holds_no_slot() -> None:
    faults = Faults(share=1, kinds=(Fault.HANG,))
    with LoopbackEndpoint(slots=1, faults=faults) as endpoint:
        for _ in range(2):
            with pytest.raises(TimeoutError):
                ask(endpoint)
        assert endpoint.counts == {"hang": 2}


def test_bodies_that_are_no_reply() -> None:
    with only(Fault.HTML) as endpoint:
        reply, content = ask(endpoint)
        assert (reply.status, reply.getheader("Content-Type")) == (200, "text/html") and content.startswith(b"<!DOC")
    with only(Fault.EMPTY_BODY) as endpoint:
        reply, content = ask(endpoint)
        assert (reply.status, content) == (200, b"")


def test_bodies_with_wrong_types() -> None:
    with only(Fault.CHOICES_A_STRING) as endpoint:
        assert isinstance(json.loads(ask(endpoint)[1])["choices"], str)
    with only(Fault.USAGE_A_STRING) as endpoint:
        assert json.loads(ask(endpoint)[1])["usage"] == "a lot"
    assert choice(Fault.CONTENT_A_NUMBER)["message"]["content"] == 4


def test_replies_that_are_whole_and_of_no_use() -> None:
    assert choice(Fault.CONTENT_EMPTY)["message"]["content"] == ""
    assert choice(Fault.CONTENT_NULL)["message"]["content"] is None
    assert choice(Fault.CONTENT_FILTER)["finish_reason"] == "content_filter"
    cut = choice(Fault.LENGTH)
    assert cut["finish_reason"] == "length" and "2 + 2 = 4".startswith(cut["message"]["content"][:9])
    assert "The answer is" not in cut["message"]["content"]


@pytest.mark.parametrize(("fault", "least"), [(Fault.ENDLESS, 2**20), (Fault.TRICKLE, 4)])
def test_a_body_without_end_comes_for_as_long_as_one_reads(fault: Fault, least: int) -> None:
    with only(fault) as endpoint:
        connection = http.client.HTTPConnection(endpoint.url.split("/")[2], timeout=5)
        connection.request("POST", "/v1/chat/completions", json.dumps(BODY))
        reply = connection.getresponse()
        start = reply.read(50)
        assert start.startswith(b'{"choices": [{"message": {') and len(reply.read(least)) == least
        connection.close()


# What the Hub's own client makes of each fault. It raises for most, and believes what it should not for some.
STOCK = {
    **dict.fromkeys(STATUS, "HfHubHTTPError"),
    Fault.ERROR_IN_A_LIST: "AttributeError",  # it reads the message, and fails at the list
    Fault.RESET_BEFORE_HEADERS: "ReadError",
    Fault.RESET_AFTER_HEADERS: "ReadError",
    Fault.CUT_STREAM: "RemoteProtocolError",
    Fault.HANG: "InferenceTimeoutError" if hub_is_from("2") else "ReadTimeout",
    Fault.ENDLESS: "TimeoutError",
    Fault.TRICKLE: "TimeoutError",
    Fault.HTML: "JSONDecodeError",
    Fault.EMPTY_BODY: "JSONDecodeError",
}


@pytest.mark.parametrize("fault", ALL)
def test_the_stock_client_meets_the_fault_too(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    async def outcome(url: str) -> str:
        async with AsyncInferenceClient(base_url=url, api_key="x", timeout=0.3) as client:
            call = client.chat_completion(BODY["messages"], model="m")
            try:
                return str(await asyncio.wait_for(call, 0.6))
            except Exception as error:
                return type(error).__name__

    with only(fault) as endpoint:
        met = asyncio.run(outcome(endpoint.url))
        assert endpoint.counts == {fault: 1}
    assert STOCK.get(fault, "ChatCompletionOutput") in met


@given(st.binary(max_size=40), st.integers(0, 9), st.integers(0, 5))
def test_a_draw_depends_on_seed_body_and_count_alone(content: bytes, times: int, seed: int) -> None:
    assert Faults(0.5, seed).draw(content, times) == Faults(0.5, seed).draw(content, times)
    lasting = Faults(0.5, seed, permanent=True)
    assert lasting.draw(content, times) == lasting.draw(content, 0)


def test_as_many_calls_go_wrong_as_the_share_says_and_all_kinds_as_often() -> None:
    drawn = Counter(Faults(share=0.21).draw(b"%d" % n, 0) for n in range(42_000))
    wrong = sum(count for fault, count in drawn.items() if fault)
    # 42,000 × 0.21 = 8,820 with a standard deviation of 83; each of 25 kinds 353 with 19.
    assert abs(wrong - 8820) < 4 * 83
    assert set(drawn) == {None, *ALL} and all(abs(drawn[fault] - 353) < 5 * 19 for fault in ALL)


def test_asking_again_helps_unless_the_call_is_over() -> None:
    faults = Faults(share=0.5, seed=3)
    ends = []
    for n in range(500):
        met = [faults.draw(b"%d" % n, times) for times in range(40)]
        final = {fault for fault in met if fault is None or fault.whole}
        assert len(final) == 1  # whenever it comes through, it says the same
        ends += final
    assert 0 < sum(fault is not None for fault in ends) < 250


@pytest.mark.parametrize("wrong", [{"share": 1.5}, {"share": -0.1}, {"kinds": ()}, {"retry_after": -1}])
def test_faults_without_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="need a share from 0 to 1"):
        Faults(**wrong)
