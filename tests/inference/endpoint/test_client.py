"""The client against a real server on loopback: what it sends, what it makes of faults, and when it stops."""

import asyncio
import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import time
import zlib
from collections import Counter
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lemma_hf.errors import BudgetSpentError, ConfigError, EndpointDownError
from lemma_hf.inference.endpoint import ChatClient, ChatRequest, Endpoint, Refusal, Reply, ReplyStore
from lemma_hf.inference.endpoint.served import listed_facts
from lemma_hf.records import DropReason
from lemma_hf.testing import Fault, Faults, LoopbackEndpoint
from lemma_hf.testing.chat import completion


def question(body) -> str:
    return body["messages"][-1]["content"]


def asks(count: int, **parameters) -> list[ChatRequest]:
    return [ChatRequest(({"role": "user", "content": f"What is {n} + 1?"},), **parameters) for n in range(count)]


def add_one(body) -> str:
    return str(int(question(body).split()[2]) + 1)


def client_of(server: LoopbackEndpoint, store=None, budget_usd=None, retry_failed=False, **options) -> ChatClient:
    options = {"concurrency": 8, "timeout": 2.0, "backoff": 0.01} | options
    endpoint = Endpoint.from_text(f"m@{server.url}", **options)
    return ChatClient(endpoint, store or ReplyStore(":memory:"), budget_usd, retry_failed=retry_failed, progress=False)


def texts(answers) -> list[str]:
    return [answer.text for answer in answers]


def test_answers_come_in_the_order_of_the_requests_whatever_the_order_of_the_replies():
    with LoopbackEndpoint(add_one, latency=0.05) as server:
        assert texts(client_of(server).ask(asks(50), "sums")) == [str(n + 1) for n in range(50)]
        assert server.most_at_work == 8


def test_what_is_sent_is_what_was_asked(monkeypatch):
    monkeypatch.setenv("MY_KEY", "sk-mine")
    messages = ({"role": "system", "content": "Add."}, {"role": "user", "content": "What is 1 + 1? \\frac{1}{2} {x}"})
    with LoopbackEndpoint(key="sk-mine") as server:
        options = {"parameter_names": {"max_tokens": "max_completion_tokens", "seed": ""}, "extra_body": {"top_k": 9}}
        client = client_of(server, key_env="MY_KEY", **options)
        client.ask([ChatRequest(messages, max_tokens=77, temperature=0.5, top_p=0.9, sample=3)], "sums")
        (exchange,) = server.requests
    body = exchange.body
    assert body["messages"] == list(messages)
    assert {name: body[name] for name in ("model", "max_completion_tokens", "temperature", "top_p", "top_k")} == {
        "model": "m",
        "max_completion_tokens": 77,
        "temperature": 0.5,
        "top_p": 0.9,
        "top_k": 9,
    }
    assert not {"max_tokens", "seed", "stream"} & {name for name, value in body.items() if value}


def test_nothing_is_asked_twice_not_in_one_call_and_not_in_another_run(tmp_path):
    with LoopbackEndpoint(add_one) as server:
        with ReplyStore(tmp_path / "s") as store:
            client = client_of(server, store)
            first = client.ask([*asks(5), *asks(5)], "sums")
            assert first[:5] == first[5:]
            assert len(server.requests) == 5
        with ReplyStore(tmp_path / "s") as store:
            client = client_of(server, store)
            assert client.ask(asks(6), "sums")[:5] == first[:5]
            (spent,) = client.usage
        assert len(server.requests) == 6
    assert (spent.requests, spent.from_store, spent.new, spent.calls) == (6, 5, 1, 1)


def test_a_request_that_two_items_share_is_one_new_reply_and_one_call():
    with LoopbackEndpoint(add_one) as server:
        client = client_of(server)
        client.ask([*asks(5), *asks(5)], "sums")
        assert len(server.requests) == 5
    (spent,) = client.usage
    assert (spent.requests, spent.from_store, spent.new, spent.calls) == (10, 0, 5, 5)


def test_after_ctrl_c_as_many_replies_are_new_as_are_stored():
    def answer(body):
        if question(body).startswith("What is 17 "):  # the eighteenth
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.5)
        return add_one(body)

    store = ReplyStore(":memory:")
    with LoopbackEndpoint(answer) as server:
        client = client_of(server, store, concurrency=1)
        with pytest.raises(KeyboardInterrupt):
            client.ask(asks(80), "sums")
    (spent,) = client.usage
    assert (spent.requests, spent.new, store.count(), spent.calls) == (80, 17, 17, 18)


def test_another_sample_of_the_same_prompt_is_another_request():
    with LoopbackEndpoint(lambda body: f"draw {body['seed']}") as server:
        answers = client_of(server).ask([asks(1, sample=n)[0] for n in range(3)], "draws")
    assert texts(answers) == ["draw 0", "draw 1", "draw 2"]


TAKES_FOR_EVER = (Fault.HANG, Fault.TRICKLE)
PASSING = tuple(f for f in Fault if not f.whole and f not in (*TAKES_FOR_EVER, Fault.USAGE_A_STRING))


@pytest.mark.parametrize("fault", PASSING)
def test_a_fault_that_passes_is_overcome(fault):
    """Half of all calls go wrong, and every item is answered all the same."""
    with LoopbackEndpoint(add_one, faults=Faults(share=0.5, kinds=(fault,), retry_after=0)) as server:
        answers = client_of(server, tries=12).ask(asks(16), "sums")
        assert texts(answers) == [str(n + 1) for n in range(16)]
        assert len(server.requests) > 16


@pytest.mark.parametrize("fault", TAKES_FOR_EVER)
def test_a_call_that_takes_for_ever_is_given_up_and_made_again(fault):
    with LoopbackEndpoint(add_one, faults=Faults(share=0.3, kinds=(fault,))) as server:
        answers = client_of(server, timeout=0.4, tries=12).ask(asks(8), "sums")
    assert texts(answers) == [str(n + 1) for n in range(8)]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault.LENGTH, DropReason.TRUNCATED),
        (Fault.CONTENT_EMPTY, DropReason.EMPTY),
        (Fault.CONTENT_NULL, DropReason.EMPTY),
        (Fault.CONTENT_FILTER, DropReason.REFUSED),
    ],
)
def test_a_reply_that_is_none_is_counted_kept_and_costs_its_siblings_nothing(fault, reason):
    with LoopbackEndpoint(add_one, faults=Faults(share=0.3, kinds=(fault,))) as server:
        client = client_of(server)
        answers = client.ask(asks(40), "sums")
        refused = [n for n, answer in enumerate(answers) if isinstance(answer, Refusal)]
        assert 0 < len(refused) < 40
        assert {answers[n].reason for n in refused} == {reason}
        assert all(answers[n] == Reply(str(n + 1), *tokens(answers[n])) for n in range(40) if n not in refused)
        assert client.usage[0].refused == Counter({reason: len(refused)})
        sent = len(server.requests)
        assert client.ask(asks(40), "sums") == answers
        assert len(server.requests) == sent == 40


def test_a_reply_whose_count_of_tokens_is_nonsense_is_a_reply():
    with LoopbackEndpoint(add_one, faults=Faults(share=1.0, kinds=(Fault.USAGE_A_STRING,))) as server:
        answers = client_of(server).ask(asks(4), "sums")
    assert texts(answers) == ["1", "2", "3", "4"]
    assert all(answer.prompt_tokens == len("What is 0 + 1?") // 4 for answer in answers)


def tokens(answer) -> tuple[int, int]:
    return answer.prompt_tokens, answer.completion_tokens


def test_an_item_that_never_goes_well_is_dropped_and_remembered_until_it_is_asked_for_again():
    with LoopbackEndpoint(add_one, faults=Faults(share=0.2, kinds=(Fault.SERVER_ERROR,), permanent=True)) as server:
        store = ReplyStore(":memory:")
        answers = client_of(server, store, tries=3, stored_as="here").ask(asks(40), "sums")
        failed = [answer for answer in answers if isinstance(answer, Refusal)]
        assert 0 < len(failed) < 20
        assert {answer.reason for answer in failed} == {DropReason.CALL_FAILED}
        assert "after 3 calls" in failed[0].detail and "500" in failed[0].detail
        sent = len(server.requests)
        assert client_of(server, store, tries=3, stored_as="here").ask(asks(40), "sums") == answers
        assert len(server.requests) == sent
    with LoopbackEndpoint(add_one) as mended:
        again = client_of(mended, store, retry_failed=True, stored_as="here").ask(asks(40), "sums")
        assert texts(again) == [str(n + 1) for n in range(40)]
        assert len(mended.requests) == len(failed)


def test_retry_after_is_honoured_by_everybody():
    with LoopbackEndpoint(add_one, faults=Faults(share=0.1, kinds=(Fault.RATE_LIMITED,), retry_after=1)) as server:
        client_of(server).ask(asks(20), "sums")
        times = sorted((exchange.asked, exchange.status) for exchange in server.requests)
    limited = [at for at, status in times if status == 429]
    assert limited
    # Calls that were on their way at that moment may still arrive; after them, none for a second.
    assert not [at for at, _ in times if limited[0] + 0.2 < at < limited[0] + 0.95]


def test_requests_a_minute_are_kept_to():
    with LoopbackEndpoint(add_one) as server:
        start = time.monotonic()
        client_of(server, requests_per_minute=1200.0).ask(asks(20), "sums")  # 20 a second
        assert time.monotonic() - start > 19 / 20


def test_a_prompt_that_is_too_long_is_refused_alone():
    with LoopbackEndpoint(lambda body: "ok", context=100) as server:
        long = ChatRequest(({"role": "user", "content": "x" * 101},))
        answers = client_of(server).ask([asks(1)[0], long, *asks(3)], "sums")
    assert [type(answer) for answer in answers] == [Reply, Refusal, Reply, Reply, Reply]
    assert answers[1].reason is DropReason.REFUSED
    assert "400" in answers[1].detail


def test_a_wrong_key_stops_the_run_and_is_not_repeated(monkeypatch):
    monkeypatch.setenv("MY_KEY", "sk-a-wrong-one")
    with LoopbackEndpoint(key="sk-right") as server:
        with pytest.raises(EndpointDownError, match="401") as caught:
            client_of(server, key_env="MY_KEY").ask(asks(100), "sums")
        assert len(server.requests) <= 8
    assert "sk-a-wrong-one" not in str(caught.value)


def test_an_endpoint_that_is_not_there_stops_the_run_and_nothing_is_held_against_the_items(tmp_path):
    with LoopbackEndpoint() as server:
        url = server.url
    store = ReplyStore(tmp_path / "s")
    endpoint = Endpoint.from_text(f"m@{url}", backoff=0.01, tries=3)
    with pytest.raises(EndpointDownError, match="cannot connect"):
        ChatClient(endpoint, store, progress=False).ask(asks(5), "sums")
    assert store.count() == 0


def test_an_endpoint_that_goes_down_stops_the_run_and_what_was_answered_stays():
    calls = []

    def answer(body):
        calls.append(body)
        if len(calls) > 30:
            return {"error": "no"}  # another shape than a completion
        return add_one(body)

    store = ReplyStore(":memory:")
    with LoopbackEndpoint(answer) as server:
        client = client_of(server, store, tries=2)
        with pytest.raises(EndpointDownError, match="in a row got no answer"):
            client.ask(asks(200), "sums")
    assert store.count() == client.usage[0].new == 30


def test_a_budget_is_never_gone_beyond_and_the_same_command_goes_on_with_more(tmp_path):
    def answer(body):
        return {
            "choices": [{"message": {"content": add_one(body)}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 100, "completion_tokens": 50},
        }

    prices = {"usd_per_million_in": 1000.0, "usd_per_million_out": 10_000.0}  # 0.6 a call, at most 1.004
    with LoopbackEndpoint(answer, latency=0.01) as server:
        store = ReplyStore(":memory:")
        with pytest.raises(BudgetSpentError, match=r"\$10\.00 is spent"):
            client_of(server, store, budget_usd=10.0, **prices).ask(asks(50, max_tokens=100), "sums")
        (total,) = store.totals()
        assert 9.0 - 1.004 < total.usd <= 10.0
        assert total.replies == len(server.requests)
        sent = len(server.requests)
        with pytest.raises(BudgetSpentError):
            client_of(server, store, budget_usd=10.0, **prices).ask(asks(50, max_tokens=100), "sums")
        assert len(server.requests) == sent
        answers = client_of(server, store, budget_usd=31.0, **prices).ask(asks(50, max_tokens=100), "sums")
        assert texts(answers) == [str(n + 1) for n in range(50)]
        assert len(server.requests) == 50


def test_a_budget_needs_prices():
    with pytest.raises(ConfigError, match="needs prices"):
        ChatClient(Endpoint.from_text("m@http://x/v1"), ReplyStore(":memory:"), budget_usd=1.0)


def test_tokens_that_the_endpoint_does_not_state_are_estimated():
    with LoopbackEndpoint(lambda body: {"choices": [{"message": {"content": "x" * 40}, "finish_reason": "stop"}]}) as s:
        (answer,) = client_of(s).ask([ChatRequest(({"role": "user", "content": "y" * 80},))], "sums")
    assert tokens(answer) == (20, 10)


def test_it_works_inside_a_running_event_loop_as_in_a_notebook():
    async def cell():
        return client_of(server).ask(asks(3), "sums")

    with LoopbackEndpoint(add_one) as server:
        assert texts(asyncio.run(cell())) == ["1", "2", "3"]


def test_it_works_where_the_hub_is_offline(tmp_path):
    script = (
        "import sys; from lemma_hf.inference.endpoint import *\n"
        "endpoint = Endpoint.from_text('m@' + sys.argv[1])\n"
        "client = ChatClient(endpoint, ReplyStore(':memory:'), progress=False)\n"
        "print(client.ask([ChatRequest(({'role': 'user', 'content': 'What is 1 + 1?'},))], 'sums')[0].text)\n"
    )
    with LoopbackEndpoint(add_one) as server:
        environment = os.environ | {"HF_HUB_OFFLINE": "1", "HF_TOKEN": "hf_secret"}
        run = subprocess.run(
            [sys.executable, "-c", script, server.url], env=environment, capture_output=True, text=True, check=True
        )
        assert run.stdout == "2\n"
        assert "hf_secret" not in json.dumps([dict(exchange.headers) for exchange in server.requests])


def test_ctrl_c_stops_within_two_seconds_and_nothing_is_asked_again(tmp_path):
    script = (
        "import sys; from lemma_hf.inference.endpoint import *\n"
        "endpoint = Endpoint.from_text('m@' + sys.argv[1], concurrency=8)\n"
        "with ReplyStore(sys.argv[2]) as store:\n"
        "    asks = [ChatRequest(({'role': 'user', 'content': f'What is {n} + 1?'},)) for n in range(200)]\n"
        "    print(len(ChatClient(endpoint, store, progress=False).ask(asks, 'sums')))\n"
    )
    with LoopbackEndpoint(add_one, latency=0.1) as server:
        command = [sys.executable, "-c", script, server.url, tmp_path / "s"]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        while len(server.requests) < 40:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        start = time.monotonic()
        _, errors = process.communicate()
        assert time.monotonic() - start < 2
        assert "KeyboardInterrupt" in errors
        with ReplyStore(tmp_path / "s") as store:
            kept = store.count()
        assert kept >= 40 - 8  # all but those on their way
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout == "200\n"
        assert len(server.repeats()) <= 8


class _Packing(BaseHTTPRequestHandler):
    """Answers `packed` with `encoding`, whatever was asked for."""

    packed = b""
    encoding = "gzip"
    status = 200

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.accepted.append(self.headers["accept-encoding"])
        self.send_response(self.status)
        self.send_header("content-encoding", self.encoding)
        self.send_header("content-length", str(len(self.packed)))
        self.end_headers()
        self.wfile.write(self.packed)

    def log_message(self, *_):
        pass


def ask_packing(packed, encoding, status=200):
    """What the client makes of such a reply, and what it said it accepts."""
    accepted = []
    handler = type("Handler", (_Packing,), {"packed": packed, "encoding": encoding, "status": status})
    handler.accepted = accepted
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            endpoint = Endpoint("m", f"http://127.0.0.1:{server.server_port}/v1", tries=2, backoff=0.01, timeout=5.0)
            client = ChatClient(endpoint, ReplyStore(":memory:"), progress=False)
            return client.ask(asks(1), "sums"), accepted
        finally:
            server.shutdown()


REPLY = json.dumps(
    {"choices": [{"index": 0, "message": {"role": "assistant", "content": "15"}, "finish_reason": "stop"}]}
).encode()


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_a_reply_is_asked_for_unpacked_and_read_where_it_is_packed_all_the_same(encoding, pack):
    (answer,), accepted = ask_packing(pack(REPLY), encoding)
    assert answer.text == "15"
    assert accepted == ["identity"]


def test_a_packed_reply_that_holds_gigabytes_is_given_up():
    bomb = gzip.compress(b"0" * (64 * 2**20))
    with pytest.raises(EndpointDownError, match="larger than 16,777,216 bytes"):
        ask_packing(bomb, "gzip")


def test_a_packing_that_is_not_known_is_named():
    with pytest.raises(EndpointDownError, match="packed as 'br', though `identity` was asked for"):
        ask_packing(b"?", "br")


def test_a_packed_error_stops_the_run_as_any_other():
    with pytest.raises(EndpointDownError, match="status 402: no credit"):
        ask_packing(gzip.compress(b'[{"error": {"message": "no credit"}}]'), "gzip", 402)


class _Twice(BaseHTTPRequestHandler):
    """Sends each reply twice, the second time after `late` seconds, on a connection that it would keep open."""

    protocol_version = "HTTP/1.1"
    late = 0.0

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        reply = json.dumps(completion(body, add_one(body), 0)).encode()
        with suppress(OSError):  # the client may have left after the first
            for pause in (0.0, self.late):
                time.sleep(pause)
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(reply), reply))

    def log_message(self, *_):
        pass


@pytest.mark.parametrize("late", [0.0, 0.01])
def test_a_second_reply_to_one_request_is_not_taken_for_the_reply_to_the_next(late):
    handler = type("Handler", (_Twice,), {"late": late, "wbufsize": 0 if late else -1})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            endpoint = Endpoint("m", f"http://127.0.0.1:{server.server_port}/v1", concurrency=2, timeout=5.0)
            answers = ChatClient(endpoint, ReplyStore(":memory:"), progress=False).ask(asks(10), "sums")
        finally:
            server.shutdown()
    assert texts(answers) == [str(n + 1) for n in range(10)]


def test_a_port_where_nothing_listens_is_said_within_seconds():
    with LoopbackEndpoint(add_one) as server:
        pass
    start = time.monotonic()
    with pytest.raises(EndpointDownError, match="given up after 4 calls: cannot connect"):
        client_of(server, tries=8, backoff=0.1, concurrency=2).ask(asks(3), "sums")
    assert time.monotonic() - start < 10


def test_a_budget_is_a_number_above_zero():
    endpoint = Endpoint("m", "http://127.0.0.1:1/v1", usd_per_million_in=1.0)
    for odd in (float("nan"), float("inf"), 0.0, -1.0):
        with pytest.raises(ConfigError, match="number of dollars above 0"):
            ChatClient(endpoint, ReplyStore(":memory:"), odd)


def test_a_rate_limit_before_the_first_reply_is_waited_for():
    def busy_at_first(body):
        return add_one(body)

    with LoopbackEndpoint(busy_at_first, faults=Faults(0.9, 3, (Fault.RATE_LIMITED,), retry_after=0)) as server:
        # Nine of ten calls are refused: far more in a row than there are tries.
        answers = client_of(server, tries=2, concurrency=1).ask(asks(3), "sums")
    assert texts(answers) == ["1", "2", "3"]


def test_replies_that_are_longer_than_allowed_are_kept_within_the_budget_all_the_same():
    def tells_a_lot(body):
        reply = completion(body, add_one(body), 1)
        return reply | {"usage": {"prompt_tokens": 10, "completion_tokens": 5000}}  # 100 were allowed

    with LoopbackEndpoint(tells_a_lot) as server:
        store = ReplyStore(":memory:")
        prices = {"usd_per_million_in": 1.0, "usd_per_million_out": 1.0, "concurrency": 1}
        with pytest.raises(BudgetSpentError):
            client_of(server, store, budget_usd=0.012, **prices).ask(asks(40, max_tokens=100), "sums")
    # The first costs $0.005; after it, a call is only made where as much again fits.
    assert sum(total.usd for total in store.totals()) <= 0.012


def test_what_a_reply_of_no_use_cost_counts():
    def half(body):
        reply = completion(body, add_one(body), 1)
        reply["choices"][0]["finish_reason"] = "abort"
        return reply | {"usage": {"prompt_tokens": 10, "completion_tokens": 990}}

    with LoopbackEndpoint(half) as server:
        client = client_of(server, tries=3, budget_usd=1.0, usd_per_million_in=1.0, usd_per_million_out=1.0)
        with pytest.raises(EndpointDownError, match="finish_reason 'abort'"):
            client.ask(asks(1), "sums")
        assert len(server.requests) == 3


def test_a_slow_server_is_given_the_time_that_it_needs_and_nothing_is_asked_twice():
    # Ten calls wait at one slot of 0.15 s: the last needs 1.5 s, far more than the 0.4 s that a call may take at first.
    with LoopbackEndpoint(add_one, latency=0.15, slots=1) as server:
        client = client_of(server, timeout=0.4, tries=2, concurrency=10)
        assert texts(client.ask(asks(10), "sums")) == [str(n + 1) for n in range(10)]
        assert len(server.requests) - server.counts.get("gone", 0) == 10
        sent = len(server.requests)
        # The speed is known by now: the same queue again, and no call runs out of time.
        client.ask(asks(10, max_tokens=2000), "again")
        assert len(server.requests) == sent + 10 and client.usage[1].calls == 10


def test_a_call_that_ran_out_of_time_has_twice_as_long_at_its_next_try():
    # Needs 0.5 s: 0.3 is too short, 0.6 is enough, although no other call has shown a speed yet.
    with LoopbackEndpoint(add_one, latency=0.5) as server:
        client = client_of(server, timeout=0.3, tries=2)
        assert texts(client.ask(asks(1), "sums")) == ["1"]
    assert client.usage[0].calls == 2


def test_time_outs_in_a_queue_that_moves_do_not_use_up_the_tries_of_an_item():
    # Six calls at one slot of 0.2 s, 0.25 s each: with one try an item that waits would be lost at once.
    with LoopbackEndpoint(add_one, latency=0.2, slots=1) as server:
        answers = client_of(server, timeout=0.25, tries=1, concurrency=6).ask(asks(6), "sums")
    assert texts(answers) == [str(n + 1) for n in range(6)]


def test_a_server_that_never_answers_is_said_to_be_down_after_four_tries():
    with LoopbackEndpoint(add_one, faults=Faults(share=1.0, kinds=(Fault.HANG,))) as server:
        start = time.monotonic()
        with pytest.raises(EndpointDownError, match="given up after 4 calls: no whole reply in time"):
            client_of(server, timeout=0.1, tries=8).ask(asks(3), "sums")
        assert time.monotonic() - start < 5  # 0.1 + 0.2 + 0.4 + 0.8, and short pauses


def test_a_call_that_is_given_up_is_closed_before_it_is_made_again():
    """What a server such as llama.cpp or vLLM sees: the first connection ends, then the request comes again."""
    events: list[tuple[str, float]] = []

    class Waits(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            events.append(("asked", time.monotonic()))
            self.connection.settimeout(3)
            if len([what for what, _ in events if what == "asked"]) == 1:
                assert self.connection.recv(1) == b""  # until the client closes it
                events.append(("closed", time.monotonic()))
                self.close_connection = True
                return
            self.send_response(200)
            self.send_header("content-length", str(len(REPLY)))
            self.end_headers()
            self.wfile.write(REPLY)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Waits) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        endpoint = Endpoint("m", f"http://127.0.0.1:{server.server_port}/v1", tries=3, backoff=0.2, timeout=0.5)
        try:
            assert texts(ChatClient(endpoint, ReplyStore(":memory:"), progress=False).ask(asks(1), "sums")) == ["15"]
        finally:
            server.shutdown()
    assert [what for what, _ in events] == ["asked", "closed", "asked"]
    assert events[2][1] - events[1][1] > 0.05


def asked_of(store, root, port=0, **options) -> int:
    """Ask an endpoint that serves a checkpoint under the name `m`; returns its port."""
    with LoopbackEndpoint(add_one, model="m", root=root, port=port) as server:
        client_of(server, store, **options).ask(asks(3), "sums")
        return int(server.url.rsplit(":", 1)[1].removesuffix("/v1"))


def test_another_checkpoint_behind_the_same_name_is_noticed_though_no_call_is_made(caplog):
    store = ReplyStore(":memory:")
    port = asked_of(store, "/checkpoints/200")
    asked_of(store, "/checkpoints/200", port)
    assert not caplog.messages
    asked_of(store, "/checkpoints/300", port)
    (said,) = caplog.messages
    assert f"m at http://127.0.0.1:{port}/v1 is now" in said and "/checkpoints/300" in said
    assert "up to 3 stored replies are of" in said and "/checkpoints/200" in said and "stored_as" in said
    caplog.clear()
    asked_of(store, "/checkpoints/300", port, stored_as="300")  # asked anew, under a name of its own
    assert not caplog.messages and store.count() == 6


def test_another_model_behind_an_alias_is_noticed_by_its_replies(caplog):
    store, version = ReplyStore(":memory:"), "m-2026-08-06"

    def answer(body):
        return completion(body, add_one(body), 0) | {"model": version}

    with LoopbackEndpoint(answer) as server:
        client_of(server, store).ask(asks(3), "sums")
        client_of(server, store).ask(asks(4), "sums")
        assert not caplog.messages
        version = "m-2026-11-20\x1b[31m"
        client_of(server, store).ask(asks(5), "sums")
    (said,) = caplog.messages
    assert "is now m-2026-11-20⟨U+001B⟩[31m; up to" in said and "are of m-2026-08-06, and count" in said


@pytest.mark.parametrize("listed", [b"[]", b"no JSON", b'{"data": [{"id": 1}]}', b'{"data": 3}', b" " * (2**20 + 1)])
def test_a_list_of_models_that_makes_no_sense_says_nothing(listed, caplog):
    class Handler(_Twice):
        def do_GET(self):
            self.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n" + listed)
            self.close_connection = True

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            endpoint = Endpoint("m", f"http://127.0.0.1:{server.server_port}/v1", timeout=5.0)
            assert listed_facts(endpoint) == ""
            assert texts(ChatClient(endpoint, ReplyStore(":memory:"), progress=False).ask(asks(1), "sums")) == ["1"]
        finally:
            server.shutdown()
    assert not caplog.messages
