"""Who may see and change what on the loopback Hub, in the words and codes by which the stock client knows the cases."""

import http.client
import json
from collections.abc import Callable
from typing import Any

import pytest
from huggingface_hub import HfApi
from huggingface_hub.errors import (
    BadRequestError,
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from lemma_hf.errors import ConfigError
from lemma_hf.testing import LoopbackHub


@pytest.fixture
def api_of(loopback_api: HfApi, loopback_hub: LoopbackHub) -> Callable[..., HfApi]:
    """The clients of others."""

    def make(user: str | None, role: str = "write") -> HfApi:
        token: Any = False if user is None else loopback_hub.new_token(user, role)
        return HfApi(endpoint=loopback_api.endpoint, token=token)

    return make


def status(caught: pytest.ExceptionInfo[HfHubHTTPError]) -> int:
    return caught.value.response.status_code


def upload(api: HfApi, **more: Any) -> Any:
    return api.upload_file(path_or_fileobj=b"1", path_in_repo="a.txt", repo_id="me/model", **more)


def test_a_private_repository_is_not_there_for_strangers(
    loopback_api: HfApi, loopback_hub: LoopbackHub, api_of: Callable[..., HfApi]
) -> None:
    repo = loopback_hub.create("me/model", "model", private=True)
    for stranger, code in ((api_of("you"), 404), (api_of(None), 401)):
        for repo_id in ("me/model", "me/none", "none"):
            with pytest.raises(RepositoryNotFoundError) as caught:
                stranger.repo_info(repo_id)
            assert (status(caught), caught.value.response.headers["X-Error-Code"]) == (code, "RepoNotFound")
        assert list(stranger.list_models(author="me")) == []
    assert loopback_api.repo_info("me/model").private
    repo.members.add("you")
    assert api_of("you").repo_info("me/model").sha == repo.head()


def test_files_of_a_gated_repository_are_for_those_let_in(
    loopback_api: HfApi, loopback_hub: LoopbackHub, api_of: Callable[..., HfApi], tmp_path: Any
) -> None:
    loopback_hub.commit("me/model", "model", {"a.txt": b"1"})
    loopback_api.update_repo_settings("me/model", gated="manual")
    for stranger, code in ((api_of("you"), 403), (api_of(None), 401)):
        with pytest.raises(GatedRepoError, match="is restricted") as caught:
            stranger.hf_hub_download("me/model", "a.txt", local_dir=tmp_path)
        assert status(caught) == code
        assert stranger.repo_info("me/model").gated == "manual"
        with pytest.raises(GatedRepoError):
            stranger.auth_check("me/model")
    loopback_hub.repo("me/model", "model").members.add("you")
    assert api_of("you").hf_hub_download("me/model", "a.txt", local_dir=tmp_path)


def test_a_token_for_reading_writes_nothing(loopback_hub: LoopbackHub, api_of: Callable[..., HfApi]) -> None:
    before = loopback_hub.create("me/model", "model").head()
    reader = api_of("me", "read")
    with pytest.raises(HfHubHTTPError, match="you must use a write token") as caught:
        upload(reader)
    assert status(caught) == 403
    with pytest.raises(HfHubHTTPError, match="don't have the rights to create a model under the namespace"):
        reader.create_repo("me/other")
    assert (reader.whoami()["auth"]["accessToken"]["role"], reader.repo_info("me/model").sha) == ("read", before)


def test_strangers_may_propose_but_not_commit(loopback_hub: LoopbackHub, api_of: Callable[..., HfApi]) -> None:
    repo = loopback_hub.create("me/model", "model")
    before, stranger = repo.head(), api_of("you")
    with pytest.raises(HfHubHTTPError, match="pass `create_pr=1`") as caught:
        upload(stranger)
    assert status(caught) == 403
    made = upload(stranger, create_pr=True)
    assert (repo.head(), repo.find(made.pr_revision).author) == (before, "you")
    with pytest.raises(HfHubHTTPError, match="create_pr"):
        stranger.merge_pull_request("me/model", 1)
    with pytest.raises(HfHubHTTPError):
        stranger.delete_repo("me/model")
    assert loopback_hub.has("me/model", "model")


def test_nobody_without_a_token_writes(loopback_hub: LoopbackHub, api_of: Callable[..., HfApi]) -> None:
    loopback_hub.create("me/model", "model")
    with pytest.raises(HfHubHTTPError, match="Invalid username or password") as caught:
        upload(api_of(None))
    assert status(caught) == 401
    with pytest.raises(HfHubHTTPError) as caught:
        api_of(None).create_repo("me/other")
    assert status(caught) == 401


def test_members_write_for_their_organisation(
    loopback_api: HfApi, loopback_hub: LoopbackHub, api_of: Callable[..., HfApi]
) -> None:
    with pytest.raises(HfHubHTTPError, match='namespace "lab"'):
        loopback_api.create_repo("lab/model")
    loopback_hub.join("me", "lab")
    loopback_api.create_repo("lab/model", private=True)
    assert [one["name"] for one in loopback_api.whoami()["orgs"]] == ["lab"]
    with pytest.raises(RepositoryNotFoundError):
        api_of("you").repo_info("lab/model")


@pytest.mark.parametrize("message", ["Invalid username or password.", "Invalid credentials in Authorization header"])
def test_a_revoked_token_is_refused_even_for_what_all_may_see(
    loopback_api: HfApi, loopback_hub: LoopbackHub, api_of: Callable[..., HfApi], message: str
) -> None:
    loopback_hub.create("me/model", "model")
    loopback_hub.revoke(message=message)
    for ask in (loopback_api.whoami, lambda: loopback_api.repo_info("me/model"), lambda: upload(loopback_api)):
        with pytest.raises(HfHubHTTPError) as caught:
            ask()
        assert (status(caught), caught.value.response.headers["X-Error-Message"]) == (401, message)
    assert api_of(None).repo_info("me/model").id == "me/model"
    assert api_of("me").whoami()["name"] == "me"


def test_what_is_missing_has_its_code(loopback_api: HfApi, loopback_hub: LoopbackHub, tmp_path: Any) -> None:
    loopback_hub.create("me/model", "model")
    with pytest.raises(EntryNotFoundError):
        loopback_api.hf_hub_download("me/model", "none", local_dir=tmp_path)
    with pytest.raises(RevisionNotFoundError):
        loopback_api.hf_hub_download("me/model", "none", revision="none", local_dir=tmp_path)
    with pytest.raises(RevisionNotFoundError):
        loopback_api.list_repo_commits("me/model", revision="none")
    assert not loopback_api.file_exists("me/model", "none")
    assert loopback_api.file_exists("me/model", ".gitattributes")
    assert (loopback_api.repo_exists("me/none"), loopback_api.revision_exists("me/model", "none")) == (False, False)


def test_roles_are_two() -> None:
    with pytest.raises(ConfigError, match="need one of read, write"):
        LoopbackHub().new_token("me", "admin")


@pytest.mark.parametrize("name", ["a..b", "a--b", "a.git", ".a", "a b", "", "x" * 97])
def test_names_that_the_hub_does_not_take_are_refused(loopback_hub: LoopbackHub, name: str) -> None:
    assert post(loopback_hub, "/api/repos/create", {"name": name, "organization": "me"})[0] == 400
    assert loopback_hub.repos == []


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/api/models/me/model/preupload/main", b"{"),
        ("/api/models/me/model/preupload/main", b"[]"),
        ("/api/models/me/model/preupload/main", b"{}"),
        ("/api/models/me/model/preupload/main", b'{"files": [{"path": "a", "size": "x"}]}'),
        ("/api/models/me/model/preupload/main", b'{"files": [{"path": "a", "size": 1, "sample": "\xc3"}]}'),
        ("/api/models/me/model/commit/main", b"\xff"),
        ("/api/models/me/model/commit/main", b'{"key": "header", "value": 1}'),
        ("/api/models/me/model/commit/main", b'{"key": "header", "value": {}}'),
        ("/api/models/me/model/commit/main", b'{"key": "header", "value": {"summary": "a", "parentCommit": 1}}'),
        ("/api/models/me/model/commit/main", b'{"key": "magic", "value": {}}'),
        ("/me/model.git/info/lfs/objects/batch", b"{}"),
        ("/me/model.git/info/lfs/objects/batch", b'{"objects": [1]}'),
        ("/api/models/me/model/commit/main", b"[" * 100_000),
    ],
)
def test_what_makes_no_sense_is_refused(loopback_hub: LoopbackHub, path: str, content: bytes) -> None:
    before = loopback_hub.create("me/model", "model").head()
    assert post(loopback_hub, path, content)[0] == 400
    assert loopback_hub.repo("me/model", "model").head() == before


@pytest.mark.parametrize(
    "path",
    ["../a", "/a", "a/../b", "a//b", ".git/config", "a\\b", "", "a\nb", "a\tb", "x" * 256, f"a/{'ü' * 128}/b"],
    ids=lambda path: repr(path)[:20],
)
def test_paths_that_leave_the_repository_are_refused(loopback_api: HfApi, loopback_hub: LoopbackHub, path: str) -> None:
    before = loopback_hub.create("me/model", "model").head()
    body = commit_of("file", {"path": path, "content": "", "encoding": "base64"})
    code, said = post(loopback_hub, "/api/models/me/model/commit/main", body)
    assert (code, "not a valid path" in said["error"]) == (400, True)
    assert loopback_hub.repo("me/model", "model").head() == before


def test_a_large_file_that_did_not_come_cannot_be_committed(loopback_hub: LoopbackHub) -> None:
    loopback_hub.create("me/model", "model")
    body = commit_of("lfsFile", {"path": "a.bin", "oid": "0" * 64, "size": 1, "algo": "sha256"})
    code, said = post(loopback_hub, "/api/models/me/model/commit/main", body)
    assert (code, "a file that is not there" in said["error"]) == (400, True)


def test_other_bytes_than_those_that_were_announced_are_refused(loopback_hub: LoopbackHub) -> None:
    loopback_hub.create("me/model", "model")
    asked = {"objects": [{"oid": "0" * 64, "size": 1}]}
    _, told = post(loopback_hub, "/me/model.git/info/lfs/objects/batch", asked)
    href = told["objects"][0]["actions"]["upload"]["href"].removeprefix(loopback_hub.url)
    assert post(loopback_hub, href, b"1", "PUT")[0] == 400
    assert post(loopback_hub, href.partition("?")[0], b"1", "PUT")[0] == 403
    assert post(loopback_hub, "/me/model.git/info/lfs/objects/verify", {"oid": "0" * 64, "size": 1})[0] == 404
    assert loopback_hub.repo("me/model", "model").lfs == {}


def test_requests_that_are_not_known_are_told_apart_from_repositories_that_are_not_there(
    loopback_api: HfApi, loopback_hub: LoopbackHub
) -> None:
    assert post(loopback_hub, "/api/magic", {}) == (404, {"error": "This loopback Hub has no POST /api/magic"})
    with pytest.raises(RepositoryNotFoundError):
        loopback_api.model_info("gpt2")


def commit_of(key: str, value: dict[str, Any]) -> bytes:
    lines = [{"key": "header", "value": {"summary": "a"}}, {"key": key, "value": value}]
    return "\n".join(json.dumps(line) for line in lines).encode()


def post(hub: LoopbackHub, path: str, body: Any, method: str = "POST") -> tuple[int, Any]:
    connection = http.client.HTTPConnection(hub.url.split("/")[2], timeout=5)
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    try:
        connection.request(method, path, content, {"Authorization": f"Bearer {hub.token}"})
        reply = connection.getresponse()
        return reply.status, json.loads(reply.read() or b"{}")
    finally:
        connection.close()


def test_bad_requests_are_known_as_such(loopback_api: HfApi, loopback_hub: LoopbackHub) -> None:
    loopback_hub.create("me/model", "model")
    with pytest.raises(BadRequestError, match="Invalid reference name"):
        loopback_api.create_tag("me/model", tag="a b")
