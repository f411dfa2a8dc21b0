"""The stock client of the Hub finds on the loopback Hub what it finds on the real one."""

import http.client
import io
import json
import os
import subprocess
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from hub_client import from_hub
from huggingface_hub import (
    CommitOperationAdd,
    CommitOperationCopy,
    CommitOperationDelete,
    HfApi,
    HfFileSystem,
    constants,
)
from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError, RevisionNotFoundError

from lemma_hf.errors import ConfigError
from lemma_hf.testing import LoopbackHub
from lemma_hf.testing.hub import Break, Repo
from lemma_hf.testing.hub._blob import gitattributes, is_ignored, is_large

CARD = b"---\nlicense: mit\ntags: [math]\n---\n# Lemma\n"
ME = {"NAME": "me", "EMAIL": "me@127.0.0.1"}
ROWS = b"PAR1" + bytes(range(256)) * 40


@pytest.fixture
def repo(loopback_hub: LoopbackHub) -> Repo:
    """A dataset with a card, a large file and a small one in a folder."""
    loopback_hub.commit("me/lemma", "dataset", {"README.md": CARD, "data/train.parquet": ROWS, "data/n.txt": b"12"})
    return loopback_hub.repo("me/lemma", "dataset")


@pytest.fixture(autouse=True)
def _online(loopback_api: HfApi) -> None:
    """All tests here talk to a Hub of this machine."""


def put(path: str, content: bytes) -> CommitOperationAdd:
    return CommitOperationAdd(path, io.BytesIO(content))


def test_a_folder_goes_up_in_one_commit_and_only_once(
    loopback_api: HfApi, loopback_hub: LoopbackHub, tmp_path: Path
) -> None:
    files = {"README.md": CARD, "data/train.parquet": ROWS, "empty.bin": b"", "ü b.txt": b"1"}
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    url = loopback_api.create_repo("me/lemma", repo_type="dataset")
    assert (str(url), url.repo_id, url.repo_type) == (f"{loopback_hub.url}/datasets/me/lemma", "me/lemma", "dataset")
    first = loopback_api.upload_folder(repo_id="me/lemma", repo_type="dataset", folder_path=tmp_path)
    again = loopback_api.upload_folder(repo_id="me/lemma", repo_type="dataset", folder_path=tmp_path)

    repo = loopback_hub.repo("me/lemma", "dataset")
    assert repo.head() == first.oid == again.oid
    assert [commit.title for commit in repo.commits] == ["initial commit", "Upload folder using huggingface_hub"]
    assert repo.files() == files | {".gitattributes": gitattributes("dataset")}
    assert {path for path, blob in repo.find("main").files.items() if blob.is_lfs} == {"data/train.parquet"}
    # The large file came once: the second time, the Hub said that it has it.
    assert [one.received for one in loopback_hub.requests if one.method == "PUT"] == [len(ROWS)]


def test_what_went_up_comes_down(loopback_api: HfApi, repo: Repo, tmp_path: Path) -> None:
    loopback_api.create_tag("me/lemma", tag="v1", repo_type="dataset")
    loopback_api.upload_file(path_or_fileobj=b"13", path_in_repo="data/n.txt", repo_id="me/lemma", repo_type="dataset")

    def read(**more: str) -> dict[str, bytes]:
        found = loopback_api.snapshot_download("me/lemma", repo_type="dataset", cache_dir=tmp_path, **more)  # type: ignore[arg-type]
        return {str(one.relative_to(found)): one.read_bytes() for one in Path(found).rglob("*") if one.is_file()}

    new, old = read(), read(revision="v1")
    assert new == repo.files()
    assert old == repo.files("v1") == new | {"data/n.txt": b"12"}


def test_a_part_of_a_file_comes_down(loopback_api: HfApi, loopback_hub: LoopbackHub, repo: Repo) -> None:
    connection = http.client.HTTPConnection(loopback_hub.url.split("/")[2], timeout=5)

    def ask(asked: str) -> tuple[int, bytes, str | None]:
        path = "/datasets/me/lemma/resolve/main/data/train.parquet"
        connection.request("GET", path, headers={"Range": asked})
        reply = connection.getresponse()
        return reply.status, reply.read(), reply.headers["Content-Range"]

    size = len(ROWS)
    assert ask("bytes=2-5") == (206, ROWS[2:6], f"bytes 2-5/{size}")
    assert ask("bytes=-3") == (206, ROWS[-3:], f"bytes {size - 3}-{size - 1}/{size}")
    assert ask(f"bytes={size - 1}-") == (206, ROWS[-1:], f"bytes {size - 1}-{size - 1}/{size}")
    assert ask("bytes=5-999999")[:2] == (206, ROWS[5:])
    assert ask(f"bytes={size}-") == (416, b"", f"bytes */{size}")
    assert ask("lines=1-2")[:2] == (200, ROWS)
    connection.request("GET", "/datasets/me/lemma/raw/main/data/train.parquet")
    assert connection.getresponse().read() == repo.find("main").files["data/train.parquet"].pointer
    connection.close()
    files = HfFileSystem(endpoint=loopback_api.endpoint, token=loopback_api.token, skip_instance_cache=True)
    with files.open("datasets/me/lemma/data/train.parquet", block_size=100) as stream:
        stream.seek(1000)
        assert stream.read(10) == ROWS[1000:1010]


@from_hub("1.31", "does not go on where a download broke off")
def test_a_download_that_breaks_off_goes_on_where_it_was(
    loopback_api: HfApi, loopback_hub: LoopbackHub, repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        constants, "DOWNLOAD_CHUNK_SIZE", 1000
    )  # what the client has written, it need not ask for again
    loopback_hub.break_connection("GET */resolve/", when=Break.WITHIN)
    found = loopback_api.hf_hub_download("me/lemma", "data/train.parquet", repo_type="dataset", cache_dir=tmp_path)
    assert Path(found).read_bytes() == ROWS
    whole, rest = [one for one in loopback_hub.requests if one.method == "GET"]
    # Half of the file is 5,122 bytes, of which five pieces of 1,000 were written.
    assert (whole.status, whole.fault, whole.sent, rest.status) == (200, "broken within", 5122, 206)
    assert rest.sent == len(ROWS) - 5000


def test_names_of_files_folders_and_commits_are_those_of_git(repo: Repo, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    parent: list[str] = []
    for commit in repo.commits:
        for path, blob in commit.files.items():
            (tmp_path / path).parent.mkdir(exist_ok=True)
            (tmp_path / path).write_bytes(blob.pointer if blob.is_lfs else blob.data)
            # Without filters: git-lfs, where it is installed, would make a pointer of the pointer.
            assert git(tmp_path, "hash-object", "-w", "--no-filters", path) == blob.oid
            git(tmp_path, "update-index", "--add", "--cacheinfo", f"100644,{blob.oid},{path}")
        tree = git(tmp_path, "write-tree")
        below = {folder: git(tmp_path, "rev-parse", f"{tree}:{folder}") for folder in commit.trees if folder}
        assert commit.trees == {"": tree, **below}
        date = f"{int(commit.date.timestamp())} +0000"
        dates = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        made = git(tmp_path, "commit-tree", tree, *parent, "-m", commit.title, **dates)
        assert made == commit.oid
        parent = ["-p", made]


def git(folder: Path, *command: str, **environment: str) -> str:
    who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in ME.items()}
    own = {"PATH": os.environ["PATH"], "HOME": str(folder), **who, **environment}
    ran = subprocess.run(["git", *command], cwd=folder, env=own, check=True, capture_output=True, text=True)
    return ran.stdout.strip()


def test_the_listing_has_sizes_and_digests_in_pages() -> None:
    with LoopbackHub(page=2) as hub:
        commit = hub.commit("me/lemma", "dataset", {"a/b/c.txt": b"1", "a/d.bin": b"2", "e": b"3"})
        api = online(hub)
        listed = {one.path: one for one in api.list_repo_tree("me/lemma", repo_type="dataset", recursive=True)}
        assert list(listed) == [".gitattributes", "a", "a/b", "a/b/c.txt", "a/d.bin", "e"]
        assert len([one for one in hub.requests if "/tree/" in one.path]) == 3
        assert (listed["e"].blob_id, listed["e"].size, listed["e"].lfs) == (commit.files["e"].oid, 1, None)
        assert listed["a"].tree_id == commit.trees["a"]
        large = listed["a/d.bin"]
        assert (large.lfs.sha256, large.lfs.pointer_size) == (commit.files["a/d.bin"].sha256, 126)
        below = api.list_repo_tree("me/lemma", "a", repo_type="dataset", expand=True)
        assert [(one.path, one.last_commit.oid) for one in below] == [("a/b", commit.oid), ("a/d.bin", commit.oid)]
        with pytest.raises(EntryNotFoundError):
            list(api.list_repo_tree("me/lemma", "e", repo_type="dataset"))
        infos = api.get_paths_info("me/lemma", ["e", "a", "none"], repo_type="dataset", expand=True)
        assert [one.path for one in infos] == ["e", "a"]
        for number in range(3):
            hub.commit("me/lemma", "dataset", {"e": str(number).encode()}, f"commit {number}")
        last = {
            one.path: one.last_commit.title for one in api.list_repo_tree("me/lemma", repo_type="dataset", expand=True)
        }
        assert last == {".gitattributes": "initial commit", "a": "Changed by the test", "e": "commit 2"}
        titles = [one.title for one in api.list_repo_commits("me/lemma", repo_type="dataset")]
        assert titles == ["commit 2", "commit 1", "commit 0", "Changed by the test", "initial commit"]


def online(hub: LoopbackHub) -> HfApi:
    """The client of a Hub other than `loopback_hub`."""
    return HfApi(endpoint=hub.url, token=hub.token)


def test_a_commit_adds_deletes_and_copies_at_once(loopback_api: HfApi, repo: Repo) -> None:
    operations = [
        put("new.txt", b"new"),
        CommitOperationDelete("data/n.txt"),
        CommitOperationCopy("data/train.parquet", "rows/copy.parquet"),
    ]
    made = loopback_api.create_commit("me/lemma", operations, commit_message="all", repo_type="dataset")
    files = repo.files()
    assert (files["new.txt"], files["rows/copy.parquet"], "data/n.txt" in files) == (b"new", ROWS, False)
    assert repo.history(made.oid)[-2].oid == repo.commits[-2].oid
    loopback_api.delete_folder("data", "me/lemma", repo_type="dataset")
    assert set(repo.files()) == {".gitattributes", "README.md", "new.txt", "rows/copy.parquet"}
    with pytest.raises(EntryNotFoundError, match="doesn't exist"):
        loopback_api.delete_file("none.txt", "me/lemma", repo_type="dataset")


def test_a_commit_on_a_head_that_moved_is_refused(loopback_api: HfApi, loopback_hub: LoopbackHub, repo: Repo) -> None:
    parent = repo.head()
    theirs = loopback_hub.commit("me/lemma", "dataset", {"theirs.txt": b"1"})
    where: dict[str, Any] = {"repo_id": "me/lemma", "commit_message": "mine", "repo_type": "dataset"}
    with pytest.raises(HfHubHTTPError, match="A commit has happened since") as caught:
        loopback_api.create_commit(operations=[put("mine.txt", b"2")], parent_commit=parent, **where)
    assert caught.value.response.status_code == 412
    assert (repo.head(), set(repo.refs)) == (theirs.oid, {"refs/heads/main"})


def test_a_proposal_starts_at_the_parent_that_it_names_also_where_the_head_has_moved(
    loopback_api: HfApi, loopback_hub: LoopbackHub, repo: Repo
) -> None:
    parent = repo.head()
    loopback_hub.commit("me/lemma", "dataset", {"theirs.txt": b"1"})
    where: dict[str, Any] = {"repo_id": "me/lemma", "commit_message": "mine", "repo_type": "dataset"}
    made = loopback_api.create_commit(operations=[put("mine.txt", b"2")], parent_commit=parent, create_pr=True, **where)
    assert [commit.oid for commit in repo.history("refs/pr/1")][-2:] == [parent, made.oid]
    assert "theirs.txt" not in repo.files("refs/pr/1")
    loopback_api.merge_pull_request("me/lemma", 1, repo_type="dataset")
    assert {"mine.txt", "theirs.txt"} <= set(repo.files())
    with pytest.raises(RevisionNotFoundError):
        loopback_api.create_commit(operations=[put("a", b"2")], parent_commit="0" * 40, create_pr=True, **where)


def test_a_proposal_leaves_main_alone_until_it_is_merged(
    loopback_api: HfApi, loopback_hub: LoopbackHub, repo: Repo
) -> None:
    before = repo.head()
    made = loopback_api.create_commit(
        "me/lemma", [put("new.bin", b"\0")], commit_message="Add", repo_type="dataset", create_pr=True
    )
    assert (made.pr_num, made.pr_revision, repo.head(), repo.head("refs/pr/1")) == (1, "refs/pr/1", before, made.oid)
    assert loopback_api.repo_info("me/lemma", repo_type="dataset", revision="refs/pr/1").sha == made.oid
    (listed,) = loopback_api.get_repo_discussions("me/lemma", repo_type="dataset")
    assert (listed.num, listed.title, listed.is_pull_request, listed.status) == (1, "Add", True, "open")
    # Somebody else commits in the meantime; both changes are there in the end.
    loopback_hub.commit("me/lemma", "dataset", {"theirs.txt": b"1"})
    loopback_api.merge_pull_request("me/lemma", 1, repo_type="dataset")
    assert {"new.bin", "theirs.txt"} <= set(repo.files())
    assert loopback_api.get_discussion_details("me/lemma", 1, repo_type="dataset").status == "merged"


def test_a_proposal_may_start_empty_and_be_closed(loopback_api: HfApi, repo: Repo) -> None:
    where: dict[str, Any] = {"repo_id": "me/lemma", "repo_type": "dataset"}
    opened = loopback_api.create_pull_request(**where, title="Later", description="More rows")
    assert (opened.num, opened.status, opened.events[0]._event["data"]["latest"]["raw"]) == (1, "draft", "More rows")
    loopback_api.upload_file(**where, path_or_fileobj=b"1", path_in_repo="new.txt", revision="refs/pr/1")
    assert ("new.txt" in repo.files("refs/pr/1"), "new.txt" in repo.files()) == (True, False)
    asked = loopback_api.create_discussion(**where, title="Why?")
    assert (asked.num, asked.is_pull_request) == (2, False)
    loopback_api.change_discussion_status(**where, discussion_num=1, new_status="closed")
    left = loopback_api.get_repo_discussions(**where, discussion_status="open")
    assert [one.num for one in left] == [2]
    pulls = loopback_api.get_repo_discussions(**where, discussion_type="pull_request")
    assert [(one.num, one.status) for one in pulls] == [(1, "closed")]
    with pytest.raises(HfHubHTTPError, match="Only an open pull request can be merged"):
        loopback_api.merge_pull_request(**where, discussion_num=1)


def test_a_name_is_a_file_or_a_folder(loopback_api: HfApi, repo: Repo) -> None:
    before = repo.head()
    with pytest.raises(HfHubHTTPError, match=r"README\.md cannot be both a file and a folder"):
        loopback_api.upload_file(
            path_or_fileobj=b"1", path_in_repo="README.md/x", repo_id="me/lemma", repo_type="dataset"
        )
    assert repo.head() == before


def test_branches_and_tags_come_and_go(loopback_api: HfApi, repo: Repo) -> None:
    where: dict[str, Any] = {"repo_id": "me/lemma", "repo_type": "dataset"}
    first = repo.commits[0].oid
    loopback_api.create_branch(**where, branch="dev/x", revision=first)
    loopback_api.create_tag(**where, tag="v1", revision="dev/x")
    loopback_api.upload_file(**where, path_or_fileobj=b"1", path_in_repo="on-dev.txt", revision="dev/x")
    refs = loopback_api.list_repo_refs(**where)
    assert {one.name: one.target_commit for one in refs.branches} == {"main": repo.head(), "dev/x": repo.head("dev/x")}
    assert [(one.name, one.ref, one.target_commit) for one in refs.tags] == [("v1", "refs/tags/v1", first)]
    assert (set(repo.files("dev/x")), "on-dev.txt" in repo.files()) == ({".gitattributes", "on-dev.txt"}, False)
    with pytest.raises(HfHubHTTPError, match="Branch dev/x already exists"):
        loopback_api.create_branch(**where, branch="dev/x")
    with pytest.raises(HfHubHTTPError, match="Tag v1 already exists"):
        loopback_api.create_tag(**where, tag="v1")
    loopback_api.create_tag(**where, tag="v1", exist_ok=True)
    loopback_api.delete_tag(**where, tag="v1")
    loopback_api.delete_branch(**where, branch="dev/x")
    assert set(repo.refs) == {"refs/heads/main"}
    with pytest.raises(RevisionNotFoundError):
        loopback_api.delete_tag(**where, tag="v1")
    with pytest.raises(RevisionNotFoundError):
        loopback_api.upload_file(**where, path_or_fileobj=b"1", path_in_repo="x", revision="dev/x")
    with pytest.raises(HfHubHTTPError, match="cannot be deleted"):
        loopback_api.delete_branch(**where, branch="main")


def test_repositories_come_and_go(loopback_api: HfApi, loopback_hub: LoopbackHub) -> None:
    loopback_api.create_repo("me/scorer", repo_type="space", space_sdk="gradio")
    card = loopback_hub.repo("me/scorer", "space").files()["README.md"].decode()
    assert "title: scorer\n" in card and "sdk: gradio\n" in card
    with pytest.raises(HfHubHTTPError, match="You already created this space repo: me/scorer") as caught:
        loopback_api.create_repo("me/scorer", repo_type="space", space_sdk="gradio")
    assert caught.value.response.status_code == 409
    loopback_api.create_repo("me/model", private=True)
    loopback_api.create_repo("me/other")
    assert [one.id for one in loopback_api.list_models(author="me")] == ["me/other", "me/model"]
    assert [one.id for one in loopback_api.list_models(author="me", search="mod")] == ["me/model"]
    assert [one.id for one in loopback_api.list_models(author="me", limit=1)] == ["me/other"]
    assert loopback_api.model_info("me/model").private
    loopback_api.update_repo_settings("me/model", private=False)
    assert not loopback_api.model_info("me/model").private
    loopback_api.move_repo("me/model", "me/better")
    loopback_api.delete_repo("me/other")
    assert [one.id for one in loopback_hub.repos] == ["me/scorer", "me/better"]


def test_a_large_file_comes_up_in_parts(tmp_path: Path) -> None:
    (tmp_path / "w.safetensors").write_bytes(ROWS)
    with LoopbackHub(multipart=4000) as hub:
        hub.create("me/model", "model")
        online(hub).upload_folder(repo_id="me/model", folder_path=tmp_path)
        assert hub.repo("me/model", "model").files()["w.safetensors"] == ROWS
        sizes = [one.received for one in hub.requests if one.method == "PUT"]
    assert sizes == [4000, 4000, len(ROWS) - 8000]


def test_a_body_may_come_in_chunks(loopback_hub: LoopbackHub) -> None:
    loopback_hub.commit("me/lemma", "dataset", {"a.txt": b"1"})
    connection = http.client.HTTPConnection(loopback_hub.url.split("/")[2], timeout=5)
    body = json.dumps({"content": "---\nlicense: none-such\n---\n", "repoType": "dataset"}).encode()
    for pieces in ([body], [body[:7], body[7:]], [bytes([one]) for one in body]):
        connection.request("POST", "/api/validate-yaml", iter(pieces), encode_chunked=True)
        reply = connection.getresponse()
        assert (reply.status, "none-such" in reply.read().decode()) == (400, True)
    connection.putrequest("POST", "/api/validate-yaml")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders(b"many\r\n")
    assert connection.getresponse().status == 400
    connection.close()


def test_a_request_costs_no_delayed_acknowledgement(loopback_api: HfApi, loopback_hub: LoopbackHub, repo: Repo) -> None:
    began = perf_counter()
    for _ in range(50):
        loopback_api.repo_info("me/lemma", repo_type="dataset")
    # 40 ms each, if small packets waited for one another.
    assert perf_counter() - began < 50 * 0.02


@pytest.mark.parametrize(
    ("path", "size", "sample", "large"),
    [
        ("a.parquet", 1, b"P", True),
        ("deep/down/a.safetensors", 1, b"P", True),
        ("a.parquet", 0, b"", False),
        ("a.json", 10 * 2**20, b"{", False),
        ("a.json", 10 * 2**20 + 1, b"{", True),
        ("a.dat", 3, b"a\0b", True),
        ("README.md", 3, b"# a", False),
    ],
)
def test_large_files_are_known_by_name_size_or_content(path: str, size: int, sample: bytes, large: bool) -> None:
    assert is_large(path, size, sample, gitattributes("model")) is large


def test_media_are_large_files_in_datasets_only() -> None:
    assert is_large("plot.png", 9, b"\x89PNG", gitattributes("dataset"))
    assert not is_large("plot.png", 9, b"\x89PNG", gitattributes("model"))


@pytest.mark.parametrize("path", ["a.log", "deep/a.log", "cache/x/y.txt", "deep/cache/x"])
def test_ignored_files_stay_away(loopback_api: HfApi, loopback_hub: LoopbackHub, path: str, tmp_path: Path) -> None:
    ignore = "# what goes\n*.log\ncache/\n!kept\n"
    assert is_ignored(path, ignore) and not is_ignored("kept.txt", ignore)
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text("1")
    (tmp_path / ".gitignore").write_text(ignore)
    loopback_hub.create("me/model", "model")
    loopback_api.upload_folder(repo_id="me/model", folder_path=tmp_path)
    assert set(loopback_hub.repo("me/model", "model").files()) == {".gitattributes", ".gitignore"}


def test_a_world_is_made_past_http_and_asked_for_by_name(loopback_hub: LoopbackHub) -> None:
    loopback_hub.commit("me/lemma", "dataset", {"a": b"1", "b": b"2"})
    loopback_hub.commit("me/lemma", "dataset", {"a": None}, "Take a away", author="somebody")
    repo = loopback_hub.repo("me/lemma", "dataset")
    assert set(repo.files()) == {".gitattributes", "b"}
    assert [(one.title, one.author) for one in repo.commits][-1] == ("Take a away", "somebody")
    assert loopback_hub.requests == []
    with pytest.raises(ConfigError, match="no model me/lemma on this Hub; there is dataset me/lemma"):
        loopback_hub.repo("me/lemma", "model")
    with pytest.raises(ConfigError, match="there already"):
        loopback_hub.create("me/lemma", "dataset")
    with pytest.raises(ConfigError, match="need OWNER/NAME and one of model, dataset, space"):
        loopback_hub.create("me/lemma", "datasets")
