"""Every fault of the loopback Hub strikes where it was ordered, and leaves the repository as it was."""

import io
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from hub_client import from_hub
from huggingface_hub import CommitOperationAdd, HfApi
from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError

from lemma_hf.testing import Break, HubRequest, LoopbackHub
from lemma_hf.utils.http_library import httpx

ROWS = b"PAR1" + bytes(3000)


def push(api: HfApi, parent: str | None = None) -> str:
    """A commit of a large and a small file; each request of it once, without second tries."""
    operations = [CommitOperationAdd("a.parquet", io.BytesIO(ROWS)), CommitOperationAdd("b.txt", b"2")]
    made = api.create_commit(
        "me/lemma", operations, commit_message="rows", repo_type="dataset", parent_commit=parent, num_threads=1
    )
    return str(made.oid)


@pytest.fixture(autouse=True)
def _no_second_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client waits for seconds before it tries again; here each failure is to be seen at once."""
    from huggingface_hub.utils import _http

    monkeypatch.setitem(_http.http_backoff.__kwdefaults__, "max_retries", 0)


@pytest.mark.parametrize("status", [401, 403, 404, 409, 412, 429, 500, 503])
def test_a_status_is_given_where_it_was_ordered(loopback_api: HfApi, loopback_hub: LoopbackHub, status: int) -> None:
    loopback_hub.fail(status, "GET /api/whoami", after=1, times=2, retry_after=7)
    assert loopback_api.whoami()["name"] == "me"
    for _ in range(2):
        with pytest.raises(HfHubHTTPError) as caught:
            loopback_api.whoami()
        assert caught.value.response.status_code == status
        assert caught.value.response.headers["Retry-After"] == "7"
    assert loopback_api.whoami()["name"] == "me"
    assert [(one.status, one.fault) for one in loopback_hub.requests] == [
        (200, None),
        (status, str(status)),
        (status, str(status)),
        (200, None),
    ]


def test_words_and_codes_can_be_ordered(loopback_api: HfApi, loopback_hub: LoopbackHub) -> None:
    loopback_hub.create("me/lemma", "dataset")
    loopback_hub.fail(403, message="Ask first.", code="GatedRepo")
    with pytest.raises(GatedRepoError, match=r"Ask first\."):
        loopback_api.repo_info("me/lemma", repo_type="dataset")
    loopback_hub.fail(404, "/api/datasets/*/lemma", times=None)
    for _ in range(3):
        with pytest.raises(RepositoryNotFoundError):
            loopback_api.repo_info("me/lemma", repo_type="dataset")
    loopback_hub.heal()
    assert loopback_api.repo_info("me/lemma", repo_type="dataset").id == "me/lemma"


@from_hub("1.31", "waits one second, whatever it is asked")
def test_the_client_waits_as_long_as_the_hub_asks(
    loopback_api: HfApi, loopback_hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub.utils import _http

    waits: list[float] = []
    monkeypatch.setitem(_http.http_backoff.__kwdefaults__, "max_retries", 5)
    monkeypatch.setattr(_http.time, "sleep", waits.append)
    loopback_hub.create("me/lemma", "dataset")
    loopback_hub.fail(429, "POST */preupload/", retry_after=3)
    push(loopback_api)
    assert waits == [4.0]  # one second more than asked, says the client
    assert loopback_hub.repo("me/lemma", "dataset").files()["a.parquet"] == ROWS


@pytest.mark.parametrize("when", [Break.BEFORE, Break.AFTER])
@pytest.mark.parametrize("broken", range(5))
def test_a_push_that_breaks_leaves_all_as_it_was_and_the_second_finishes_it(
    loopback_api: HfApi, loopback_hub: LoopbackHub, broken: int, when: Break
) -> None:
    # Five requests: preupload, batch, PUT, verify, commit. Only the last of them changes anything, if it is done.
    before = loopback_hub.create("me/lemma", "dataset").head()
    loopback_hub.break_connection(after=broken, when=when)
    with pytest.raises((httpx.NetworkError, httpx.RemoteProtocolError, RuntimeError)):
        push(loopback_api)
    repo = loopback_hub.repo("me/lemma", "dataset")
    assert (repo.head() != before) is (broken == 4 and when is Break.AFTER)
    push(loopback_api)
    assert [one.title for one in repo.commits] == ["initial commit", "rows"]
    assert (repo.files()["a.parquet"], repo.files()["b.txt"]) == (ROWS, b"2")


def test_an_answer_that_is_lost_was_work_that_was_done(loopback_api: HfApi, loopback_hub: LoopbackHub) -> None:
    loopback_hub.create("me/lemma", "dataset")
    loopback_hub.break_connection("POST */commit/", when=Break.AFTER)
    with pytest.raises((httpx.NetworkError, httpx.RemoteProtocolError)):
        push(loopback_api)
    repo = loopback_hub.repo("me/lemma", "dataset")
    head = repo.head()
    assert repo.files()["b.txt"] == b"2"
    assert push(loopback_api) == head  # nothing is left to do
    (lost,) = [one for one in loopback_hub.requests if "/commit/" in one.path]
    assert (lost.status, lost.fault) == (None, "broken after")


def test_a_full_disk_takes_no_large_files(loopback_api: HfApi, loopback_hub: LoopbackHub) -> None:
    before = loopback_hub.create("me/lemma", "dataset").head()
    loopback_hub.fill_disk()
    with pytest.raises(RuntimeError, match=r"Error while uploading 'a\.parquet'") as caught:
        push(loopback_api)
    assert "507" in str(caught.value.__cause__)
    assert loopback_hub.repo("me/lemma", "dataset").head() == before
    loopback_hub.heal()
    push(loopback_api)


def test_somebody_commits_at_the_worst_moment(loopback_api: HfApi, loopback_hub: LoopbackHub) -> None:
    parent = loopback_hub.create("me/lemma", "dataset").head()

    def commit(request: HubRequest) -> None:
        if request.line.startswith("POST /api/datasets/me/lemma/commit/"):
            loopback_hub.commit("me/lemma", "dataset", {"theirs.txt": b"1"}, "theirs")

    loopback_hub.on_request(commit)
    with pytest.raises(HfHubHTTPError, match="A commit has happened since"):
        push(loopback_api, parent)
    repo = loopback_hub.repo("me/lemma", "dataset")
    assert [one.title for one in repo.commits] == ["initial commit", "theirs"]
    push(loopback_api)
    assert [one.title for one in repo.commits] == ["initial commit", "theirs", "theirs", "rows"]


def test_a_client_can_be_ended_at_a_request(loopback_hub: LoopbackHub) -> None:
    loopback_hub.commit("me/lemma", "dataset", {"a.txt": b"1"})
    asks = "import sys, urllib.request\nwhile True: urllib.request.urlopen(sys.argv[1]).read()"
    url = f"{loopback_hub.url}/datasets/me/lemma/resolve/main/a.txt"
    started = threading.Event()

    def end(request: HubRequest) -> None:
        if request.number == 2:
            started.wait(10)
            os.kill(client.pid, signal.SIGKILL)

    loopback_hub.on_request(end)
    client = subprocess.Popen([sys.executable, "-c", asks, url], env={**os.environ, "NO_PROXY": "127.0.0.1"})
    started.set()
    assert client.wait(20) == -signal.SIGKILL
    assert len(loopback_hub.requests) == 3


def test_a_watcher_that_fails_fails_the_test(loopback_api: HfApi) -> None:
    def fail(request: HubRequest) -> None:
        raise ZeroDivisionError(request.line)

    def ask() -> None:
        with LoopbackHub() as hub:
            hub.on_request(fail)
            with pytest.raises(HfHubHTTPError, match="ZeroDivisionError") as caught:
                HfApi(endpoint=hub.url, token=hub.token).whoami()
            assert caught.value.response.status_code == 500

    with pytest.raises(ZeroDivisionError, match="GET /api/whoami-v2"):
        ask()


def test_the_log_holds_no_secret(loopback_api: HfApi, loopback_hub: LoopbackHub) -> None:
    loopback_hub.create("me/lemma", "dataset")
    push(loopback_api)
    connection = httpx.Client()
    connection.get(f"{loopback_hub.url}/api/{loopback_hub.token}?token={loopback_hub.token}")
    log = repr(loopback_hub.requests)
    assert loopback_hub.token not in log
    assert "key=" not in log
    told = [(one.line, one.user, one.status) for one in loopback_hub.requests]
    (oid,) = loopback_hub.repo("me/lemma", "dataset").lfs
    assert (told[2], told[5]) == ((f"PUT /lfs/{oid}", None, 200), ("GET /api/…", None, 404))
    connection.close()


def test_an_environment_leads_to_this_hub_alone(
    loopback_hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", "/elsewhere")
    monkeypatch.setenv("HUGGING_FACE_HUB_TOKEN", "of-somebody")
    found = loopback_hub.environment(tmp_path)
    theirs = {name: value for name, value in found.items() if value in {"/elsewhere", "of-somebody"}}
    assert (theirs, found["HF_ENDPOINT"], found["HF_TOKEN"]) == ({}, loopback_hub.url, loopback_hub.token)
    assert found["PATH"] == os.environ["PATH"]
    assert loopback_hub.environment(tmp_path, token="")["HF_TOKEN"] == ""


def test_a_port_that_is_taken_is_an_error(loopback_hub: LoopbackHub) -> None:
    other = LoopbackHub(port=int(loopback_hub.url.rpartition(":")[2]))
    with pytest.raises(OSError, match="in use"):
        other.__enter__()


def test_it_runs_in_a_process_of_its_own() -> None:
    command = [sys.executable, "-m", "lemma_hf.testing.hub", "--user", "you"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(7)]
        told: dict[str, Any] = dict(line.removeprefix("export ").strip().split("=", 1) for line in lines)
        headers = {"Authorization": f"Bearer {told['HF_TOKEN']}"}
        with httpx.Client(headers=headers) as client:
            made = client.post(f"{told['HF_ENDPOINT']}/api/repos/create", json={"name": "model"})
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=20)
    assert (made.status_code, rest, process.returncode) == (200, "model you/model: 1 commits, 1 files\n", 0)
