"""The loopback endpoint answers, waits, refuses and writes down as it says, to clients that know nothing of it."""

import asyncio
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import AsyncInferenceClient
from huggingface_hub import constants as hub_constants

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.testing import Exchange, Fault, Faults, LoopbackEndpoint, read_log


def body_of(question: str = "2 + 2?", **more: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": question}], **more}


def post(url: str, body: Any, headers: dict[str, str] | None = None, path: str = "/chat/completions") -> Any:
    """Status and body of one call, over a connection of its own."""
    host = url.removeprefix("http://").removesuffix("/v1")
    connection = http.client.HTTPConnection(host, timeout=10)
    try:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        connection.request("POST", f"/v1{path}", content, headers or {})
        reply = connection.getresponse()
        return reply.status, json.loads(reply.read())
    finally:
        connection.close()


def said(reply: tuple[int, Any]) -> str:
    return str(reply[1]["choices"][0]["message"]["content"])


@pytest.fixture
def online(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stock client refuses to call even this machine where the tests are offline."""
    monkeypatch.setattr(hub_constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def test_the_answer_sees_the_request_and_gives_content_or_a_whole_body() -> None:
    def answer(body: dict[str, Any]) -> str | dict[str, Any]:
        question = body["messages"][-1]["content"]
        return {"whole": "body"} if question == "all" else question[::-1]

    with LoopbackEndpoint(answer) as endpoint:
        assert said(post(endpoint.url, body_of("abc"))) == "cba"
        assert post(endpoint.url, body_of("all")) == (200, {"whole": "body"})
        _, reply = post(endpoint.url, body_of("x" * 39))
    # 39 characters in and out: 1 + 39 // 4 = 10 tokens each.
    assert reply["usage"] == {"prompt_tokens": 10, "completion_tokens": 10, "total_tokens": 20}
    assert (reply["model"], reply["object"], reply["choices"][0]["finish_reason"]) == ("m", "chat.completion", "stop")


def test_the_stock_client_is_served(online: None) -> None:
    async def ask(url: str) -> str:
        async with AsyncInferenceClient(base_url=url, api_key="x") as client:
            reply = await client.chat_completion(body_of()["messages"], model="m", max_tokens=9, seed=3)
            return str(reply.choices[0].message.content)

    with LoopbackEndpoint() as endpoint:
        assert asyncio.run(ask(endpoint.url)).endswith("The answer is: 4")
        (call,) = endpoint.requests
    assert (call.body["max_tokens"], call.body["seed"], call.authorized, call.whole) == (9, 3, True, True)


def test_no_secret_is_written_down(tmp_path: Path) -> None:
    with LoopbackEndpoint(key="sesame", log=tmp_path / "log") as endpoint:
        headers = {"Authorization": "Bearer sesame", "X-Api-Key": "sesame", "X-Other": "seen"}
        assert post(endpoint.url, body_of(), headers)[0] == 200
        (call,) = endpoint.requests
    assert call.headers["x-other"] == "seen" and call.authorized
    assert "sesame" not in repr(call) + (tmp_path / "log").read_text()


def test_a_request_without_the_key_gets_401() -> None:
    with LoopbackEndpoint(key="sesame") as endpoint:
        for headers in ({}, {"Authorization": "Bearer rice"}):
            status, reply = post(endpoint.url, body_of(), headers)
            assert (status, reply["error"]["code"]) == (401, "invalid_api_key")
        assert [call.authorized for call in endpoint.requests] == [False, True]
        assert endpoint.counts == {"refused": 2}


def test_a_prompt_longer_than_the_context_gets_400() -> None:
    with LoopbackEndpoint(context=5) as endpoint:
        assert post(endpoint.url, body_of("12345"))[0] == 200
        status, reply = post(endpoint.url, body_of("123456"))
    assert (status, reply["error"]["code"]) == (400, "context_length_exceeded")
    assert "maximum context length is 5 characters. Your messages have 6" in reply["error"]["message"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{", "the body is no JSON object"),
        (b"[" * 100_000, "the body is no JSON object"),
        ({"model": "m"}, "`messages` is no list"),
        ({"messages": ["hello"]}, "`messages` is no list"),
        (body_of(stream=True), "`stream` is not spoken here"),
    ],
)
def test_what_is_no_chat_request_gets_400(body: Any, message: str) -> None:
    with LoopbackEndpoint() as endpoint:
        status, reply = post(endpoint.url, body)
    assert status == 400 and message in reply["error"]["message"]


def test_other_paths_get_404_and_the_models_are_listed() -> None:
    with LoopbackEndpoint(model="mine") as endpoint:
        assert post(endpoint.url, {}, path="/embeddings")[0] == 404
        connection = http.client.HTTPConnection(endpoint.url.split("/")[2])
        connection.request("GET", "/v1/models")
        assert json.load(connection.getresponse())["data"][0]["id"] == "mine"
        connection.request("GET", "/v1/models")  # over the same connection
        assert connection.getresponse().status == 200
        connection.close()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"hello\r\n\r\n", b"400"),
        (b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: four\r\n\r\n", b"400"),
        (b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", b"413"),
        (b"POST /v1/chat/completions HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"411"),
        (b"x" * 70_000, b"431"),
    ],
)
def test_what_is_no_http_is_answered_and_the_connection_closed(sent: bytes, status: bytes) -> None:
    import socket

    with LoopbackEndpoint() as endpoint:
        with socket.create_connection(("127.0.0.1", int(endpoint.url.split(":")[2].split("/")[0])), 10) as wire:
            wire.sendall(sent)
            assert wire.recv(4096).startswith(b"HTTP/1.1 " + status)
        assert said(post(endpoint.url, body_of())).endswith("4")  # others are served on


def test_requests_behind_one_another_on_a_connection_are_answered_in_order() -> None:
    import socket

    with LoopbackEndpoint(lambda body: body["messages"][0]["content"], latency=0.01) as endpoint:
        address = ("127.0.0.1", int(endpoint.url.split(":")[2].split("/")[0]))
        with socket.create_connection(address, 10) as wire:
            for question in ("<one>", "<two>"):
                content = json.dumps(body_of(question)).encode()
                wire.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(content))
                wire.sendall(content)
            got = b""
            while b"<two>" not in got:
                got += wire.recv(65536)
    assert got.index(b"<one>") < got.index(b"<two>")


def test_more_requests_than_slots_wait_in_line() -> None:
    with LoopbackEndpoint(latency=0.05, slots=2) as endpoint, ThreadPoolExecutor(6) as pool:
        start = time.perf_counter()
        replies = list(pool.map(lambda n: post(endpoint.url, body_of(str(n))), range(6)))
        took = time.perf_counter() - start
        assert endpoint.most_at_work == 2
    assert [status for status, _ in replies] == [200] * 6
    assert took >= 3 * 0.05 * 0.95  # six, two at a time


def test_without_slots_nobody_waits() -> None:
    with LoopbackEndpoint(latency=0.1) as endpoint, ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda n: post(endpoint.url, body_of(str(n))), range(6)))
        assert endpoint.most_at_work == 6


def test_a_client_that_goes_while_it_waits_is_passed_over() -> None:
    asked = []
    with LoopbackEndpoint(lambda body: asked.append(body) or "4", latency=0.2, slots=1) as endpoint:
        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(post, endpoint.url, body_of("first"))
            connection = http.client.HTTPConnection(endpoint.url.split("/")[2], timeout=0.02)
            time.sleep(0.05)  # the slot is taken now
            connection.request("POST", "/v1/chat/completions", json.dumps(body_of("second")))
            with pytest.raises(TimeoutError):
                connection.getresponse()
            connection.close()
            assert first.result()[0] == 200
        assert endpoint.counts == {"whole": 1, "gone": 1} or _waits_for(endpoint, {"whole": 1, "gone": 1})
    assert len(asked) == 1


def _waits_for(endpoint: LoopbackEndpoint, counts: dict[str, int]) -> bool:
    end = time.monotonic() + 5
    while endpoint.counts != counts and time.monotonic() < end:
        time.sleep(0.01)
    return endpoint.counts == counts


def test_repeats_are_the_calls_that_had_been_answered_whole_before() -> None:
    with LoopbackEndpoint(faults=Faults(share=1, kinds=(Fault.SERVER_ERROR,))) as endpoint:
        assert [post(endpoint.url, body_of("a"))[0] for _ in range(2)] == [500, 500]
        assert endpoint.repeats() == []  # to ask again after an error is right
    with LoopbackEndpoint() as endpoint:
        for question in ("a", "b", "a", "c"):
            post(endpoint.url, body_of(question))
        assert [call.number for call in endpoint.repeats()] == [2]


def test_a_reply_cut_at_its_length_counts_as_whole() -> None:
    with LoopbackEndpoint(faults=Faults(share=1, kinds=(Fault.LENGTH,))) as endpoint:
        for _ in range(2):
            post(endpoint.url, body_of())
        assert [call.number for call in endpoint.repeats()] == [1]


def test_the_log_file_holds_what_memory_holds_and_is_added_to(tmp_path: Path) -> None:
    log, calls = tmp_path / "log.jsonl", []
    for _ in range(2):
        with LoopbackEndpoint(log=log, faults=Faults(share=0.5, kinds=(Fault.UNAVAILABLE,))) as endpoint:
            for n in range(6):
                post(endpoint.url, body_of(str(n)))
            assert len(read_log(log)) == len(calls) + 6  # on disk before the endpoint closes
            calls += endpoint.requests
    assert read_log(log) == calls
    assert {call.fault for call in calls} == {None, Fault.UNAVAILABLE}


def test_a_torn_last_line_of_a_log_is_left_out_and_another_is_refused(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    with LoopbackEndpoint(log=log) as endpoint:
        post(endpoint.url, body_of())
    whole = log.read_text()
    log.write_text(whole + whole[:30])
    assert len(read_log(log)) == 1
    log.write_text(whole[:30] + "\n" + whole)
    with pytest.raises(DataError, match="line 1: is no exchange"):
        read_log(log)
    with pytest.raises(DataError, match="nowhere: cannot be read"):
        read_log(tmp_path / "nowhere")


def test_an_answer_that_fails_is_told_to_client_and_test() -> None:
    with pytest.raises(KeyError, match="colour"), LoopbackEndpoint(lambda body: str(body["colour"])) as endpoint:
        status, reply = post(endpoint.url, body_of())
        assert status == 500 and "KeyError('colour')" in reply["error"]["message"]


def test_an_endpoint_can_go_and_come_back_on_its_port() -> None:
    endpoint = LoopbackEndpoint()
    with endpoint:
        post(endpoint.url, body_of())
    url = endpoint.url
    with pytest.raises(ConnectionRefusedError):
        post(url, body_of())
    with endpoint:
        assert endpoint.url == url and post(url, body_of())[0] == 200
        with pytest.raises(OSError, match="in use"), LoopbackEndpoint(port=int(url.split(":")[2].split("/")[0])):
            pass
    assert len(endpoint.requests) == 2
    assert "loopback" not in {thread.name for thread in threading.enumerate()}


@pytest.mark.parametrize("settings", [{"latency": -1}, {"slots": 0}])
def test_settings_without_sense_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="need latency ≥ 0 and slots ≥ 1"):
        LoopbackEndpoint(**settings)


@pytest.fixture
def process(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    options = ["--key", "k", "--fault-share", "1", "--fault-kinds", "html", "length", "--log", str(tmp_path / "log")]
    command = [sys.executable, "-m", "lemma_hf.testing.endpoint", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        yield started, started.stdout.readline().strip()
        started.kill()


def test_it_runs_as_a_process_that_tells_its_url_and_ends_on_sigterm(
    process: tuple[subprocess.Popen[str], str], tmp_path: Path
) -> None:
    started, url = process
    assert post(url, body_of())[0] == 401
    for n in range(9):
        connection = http.client.HTTPConnection(url.split("/")[2], timeout=10)
        connection.request("POST", "/v1/chat/completions", json.dumps(body_of(str(n))), {"Authorization": "Bearer k"})
        connection.getresponse().read()
        connection.close()
    os.kill(started.pid, signal.SIGTERM)
    out, err = started.communicate(timeout=10)
    counts = json.loads(out)
    assert (started.returncode, err) == (0, "")
    assert counts["refused"] == 1 and counts["html"] + counts["length"] == 9
    calls: list[Exchange] = read_log(tmp_path / "log")
    assert len(calls) == 10
