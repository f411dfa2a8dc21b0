import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from lemma_hf.errors import DataError
from lemma_hf.inference.endpoint import ChatRequest, Endpoint, Refusal, Reply, ReplyStore, StoredReply
from lemma_hf.inference.endpoint.reply_writer import ReplyWriter
from lemma_hf.records import DropReason


def stored(number: int, text: str = "15") -> StoredReply:
    return StoredReply(b"key-%d" % number, "model", "fix", Reply(text, 100, 10), usd=0.25)


def test_what_was_put_in_is_there_after_reopening_and_what_was_not_is_not(tmp_path):
    refusal = Refusal(DropReason.TRUNCATED, "cut off after 10 tokens", 100, 10, "So 3 * 5")
    with ReplyStore(tmp_path / "new" / "replies.sqlite") as store:
        store.put_many([stored(1), StoredReply(b"cut", "model", "fix", refusal, 0.25)])
    with ReplyStore(tmp_path / "new" / "replies.sqlite") as store:
        assert store.get_many([b"cut", b"key-1", b"key-2"]) == {b"key-1": Reply("15", 100, 10), b"cut": refusal}


def test_totals_are_kept_by_model_and_stage(tmp_path):
    with ReplyStore(tmp_path / "s") as store:
        store.put_many([stored(1), stored(2), StoredReply(b"x", "model", "analyse", Refusal(DropReason.EMPTY), 0.5)])
        store.put_many([stored(2)])  # there already: not paid twice
        fix, analyse = sorted(store.totals(), key=lambda total: total.stage, reverse=True)
    assert (fix.replies, fix.prompt_tokens, fix.completion_tokens, fix.usd) == (2, 200, 20, 0.5)
    assert (analyse.replies, analyse.refusals, analyse.usd) == (0, 1, 0.5)


def test_a_failed_call_gives_way_to_a_later_answer_and_an_answer_to_none(tmp_path):
    with ReplyStore(tmp_path / "s") as store:
        store.put_many([StoredReply(b"key-1", "model", "fix", Refusal(DropReason.CALL_FAILED, "500"))])
        store.put_many([stored(1, "15")])
        store.put_many([stored(1, "16")])
        assert store.get_many([b"key-1"]) == {b"key-1": Reply("15", 100, 10)}
        (total,) = store.totals()
    assert (total.replies, total.refusals) == (1, 0)


def test_odd_texts_come_back_as_they_went_in(tmp_path):
    texts = ["", "\x00 null", "\\frac{1}{2} < 3\r\n", "Ω 🙂 \u202e", "x" * 2_000_000]
    with ReplyStore(tmp_path / "s") as store:
        store.put_many([stored(number, text) for number, text in enumerate(texts)])
        found = store.get_many([b"key-%d" % number for number in range(len(texts))])
    assert [found[b"key-%d" % number].text for number in range(len(texts))] == texts


def test_the_key_tells_endpoint_model_messages_parameters_and_sample_apart():
    def ask(content="2+2?", **parameters):
        return ChatRequest(({"role": "user", "content": content},), **parameters)

    keys = [
        ask().key("m"),
        ask().key("n"),
        ask("2+3?").key("m"),
        ask(temperature=0.5).key("m"),
        ask(max_tokens=9).key("m"),
        ask(top_p=0.9).key("m"),
        ask(sample=1).key("m"),
        ask().key("m", {"top_k": 3}),
        ask().key("m", where="http://localhost:8000/v1"),
    ]
    assert len(set(keys)) == len(keys)
    assert ask().key("m") == ask().key("m", ask().parameters())


def test_an_endpoints_key_holds_what_is_sent_and_where_to():
    ask = ChatRequest(({"role": "user", "content": "2+2?"},))
    here = Endpoint("m", "http://localhost:8000/v1")
    others = [
        Endpoint("m", "http://localhost:8001/v1"),
        Endpoint("m", provider="groq"),
        replace(here, parameter_names={"max_tokens": "max_completion_tokens"}),
        replace(here, parameter_names={"temperature": ""}),
        replace(here, extra_body={"top_k": 3}),
    ]
    keys = {endpoint.key_of(ask) for endpoint in (here, *others)}
    assert len(keys) == 6
    assert replace(others[0], stored_as=here.where).key_of(ask) == here.key_of(ask)
    # What does not change a reply does not change its key.
    assert replace(here, concurrency=3, timeout=9.0, key_env="A_KEY").key_of(ask) == here.key_of(ask)


def test_a_second_run_with_the_same_store_is_turned_away(tmp_path):
    with ReplyStore(tmp_path / "s"), pytest.raises(DataError, match="another run is using it"):
        ReplyStore(tmp_path / "s")
    ReplyStore(tmp_path / "s").close()


def test_a_file_that_is_no_store_is_left_alone(tmp_path):
    text, other = tmp_path / "notes.txt", tmp_path / "other.sqlite"
    text.write_text("my notes " * 1000)
    sqlite3.connect(other).execute("CREATE TABLE mine (a)").connection.commit()
    for path in (text, other):
        with pytest.raises(DataError, match="no reply store"):
            ReplyStore(path)
    assert text.read_text() == "my notes " * 1000
    with pytest.raises(DataError, match="cannot be"):
        ReplyStore(text / "below a file")


def test_a_torn_last_write_is_taken_back_and_all_before_it_is_there(tmp_path):
    """The log is cut in the middle of its last transaction, as a power cut would leave it."""
    script = (
        "import os, sys; from lemma_hf.inference.endpoint import *\n"
        "store = ReplyStore(sys.argv[1])\n"
        "for n in range(50): store.put_many([StoredReply(b'key-%d' % n, 'm', 'fix', Reply('x' * 3000))])\n"
        "os._exit(0)\n"  # no close: the log is not folded in
    )
    path = tmp_path / "s"
    subprocess.run([sys.executable, "-c", script, path], check=True)
    log = Path(f"{path}-wal")
    os.truncate(log, log.stat().st_size - 1000)
    with ReplyStore(path) as store:
        found = store.get_many([b"key-%d" % number for number in range(50)])
        assert store.count() == len(found) == 49
        assert b"key-49" not in found
        store.put_many([stored(49)])


def test_all_that_was_said_to_be_stored_survives_kill_9(tmp_path):
    script = (
        "import sys; from lemma_hf.inference.endpoint import *\n"
        "store = ReplyStore(sys.argv[1])\n"
        "for n in range(10**6):\n"
        "    store.put_many([StoredReply(b'key-%d' % n, 'm', 'fix', Reply(str(n)))])\n"
        "    print(n, flush=True)\n"
    )
    for _ in range(3):
        path = tmp_path / "s"
        process = subprocess.Popen([sys.executable, "-c", script, path], stdout=subprocess.PIPE, text=True)
        said = [process.stdout.readline() for _ in range(200)]
        process.send_signal(signal.SIGKILL)
        said += process.stdout.read().splitlines()
        process.wait()
        last = int([line for line in said if line.strip()][-1])
        with ReplyStore(path) as store:
            keys = [b"key-%d" % number for number in range(last + 1)]
            assert store.get_many(keys) == {key: Reply(str(number)) for number, key in enumerate(keys)}


def test_the_writer_stores_everything_before_its_block_ends(tmp_path):
    with ReplyStore(tmp_path / "s") as store:
        with ReplyWriter(store) as writer:
            for number in range(2500):
                writer.put(stored(number))
        assert store.count() == 2500


def test_a_writer_that_cannot_write_says_so(tmp_path):
    store = ReplyStore(tmp_path / "s")
    store.close()
    with pytest.raises(Exception, match="closed"), ReplyWriter(store) as writer:
        writer.put(stored(1))


def test_what_an_endpoint_says_of_its_model_is_compared_with_what_it_said_before(tmp_path):
    with ReplyStore(tmp_path / "replies.sqlite") as store:
        assert store.served("m at x", "m", ["first"], note=True) == ([], 0)
        # No reply came of it, so it is forgotten.
        assert store.served("m at x", "m", ["second"], note=True) == ([], 0)
        store.put_many([StoredReply(b"1", "m", "fix", Reply("4"))])
    with ReplyStore(tmp_path / "replies.sqlite") as store:
        assert store.served("m at x", "m", ["second"], note=True) == ([], 1)
        assert store.served("m at x", "m", ["third"], note=False) == (["second"], 1)
        assert store.served("m at x", "m", ["second"], note=False) == ([], 1)  # the third was only looked at
        assert store.served("m at x", "m", ["third"], note=True) == (["second"], 1)
        assert store.served("m at x", "m", ["second"], note=True) == (["third"], 1)
        assert store.served("m at y", "m", ["third"], note=True) == ([], 1)


def test_a_store_of_an_earlier_version_gets_the_table_of_served_models(tmp_path):
    with ReplyStore(tmp_path / "replies.sqlite") as store:
        store.put_many([StoredReply(b"1", "m", "fix", Reply("4"))])
    with closing(sqlite3.connect(tmp_path / "replies.sqlite")) as file:
        file.execute("DROP TABLE served")
        file.commit()
    with ReplyStore(tmp_path / "replies.sqlite") as store:
        assert store.get_many([b"1"])[b"1"].text == "4"
        assert store.served("m at x", "m", ["first"], note=True) == ([], 1)
