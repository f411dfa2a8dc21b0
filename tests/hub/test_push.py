"""One commit or none: what is pushed, what stays, and what happens when anything on the way breaks."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from lemma_hf.errors import ConfigError, DataError, HubError
from lemma_hf.hub import Artifact, File, Options, RepoKind, dry_run, push
from lemma_hf.testing.hub import Break, LoopbackHub

CARD = """---
license: mit
configs:
- config_name: default
  data_files:
  - split: train
    path: a/*.csv
---

# Rows

Ours.
"""
REPO = "me/rows"
WRITES = ("POST", "PUT", "DELETE")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stock client waits up to 23 seconds between its retries."""
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda seconds: None)


def artifact(*shards: str, card: str = CARD, **more: Any) -> Artifact:
    """A dataset of small files and a large one; Parquet is not needed to see how files travel."""
    files = [File(f"a/{name}.csv", f"x\n{name}\n".encode()) for name in shards or ("1", "2")]
    large = File("weights.safetensors", b"large" * 1000)
    return Artifact(RepoKind.MODEL, REPO, (*files, large), card, owned=("a/*.csv",), **more)


def state(hub: LoopbackHub) -> tuple[int, dict[str, bytes]]:
    """How many commits there are, and the files."""
    if not hub.has(REPO, "model"):
        return 0, {}
    repo = hub.repo(REPO, "model")
    return len(repo.commits), repo.files()


def bring(api: Any, what: Artifact, **options: Any) -> Any:
    return push(what, Options(**options), api, tell=lambda text: None)


def test_looking_sends_nothing_and_shows_everything(loopback_hub, loopback_api):
    text = dry_run(artifact(left_out={"optimizer.pt": "a pickle"}), Options(private=True), loopback_api)
    assert f"model {REPO} (new, private)" in text
    assert re.search(r"\+ a/1\.csv +4 B\n", text)
    assert re.search(r"\+ weights\.safetensors +5\.0 kB\n", text)
    assert "optimizer.pt (a pickle)" in text
    assert "    # Rows\n    \n    Ours." in text
    assert "4 added, 0 changed, 0 deleted, 0 as they are" in text
    assert not [each for each in loopback_hub.requests if each.method in WRITES]
    assert loopback_hub.repos == []


def test_a_push_is_one_commit_and_the_next_one_none(loopback_hub, loopback_api):
    first = bring(loopback_api, artifact())
    commits, files = state(loopback_hub)
    assert first.changed
    assert files.keys() - {".gitattributes"} == {"README.md", "a/1.csv", "a/2.csv", "weights.safetensors"}
    assert files["a/2.csv"] == b"x\n2\n"
    assert commits == 2  # the one that made the repository, and ours

    asked = len(loopback_hub.requests)
    again = bring(loopback_api, artifact())
    assert (again.changed, again.commit) == (False, first.commit)
    assert not [each for each in loopback_hub.requests[asked:] if each.method in WRITES]
    assert state(loopback_hub) == (commits, files)
    assert "nothing differs" in dry_run(artifact(), Options(), loopback_api)


def test_only_what_differs_travels_and_stale_shards_go(loopback_hub, loopback_api):
    bring(loopback_api, artifact("1", "2", "3"))
    loopback_hub.commit(REPO, "model", {"notes.txt": b"a person's", "b/1.csv": b"a person's"})
    asked = len(loopback_hub.requests)
    text = dry_run(artifact("1", "4"), Options(), loopback_api)
    assert "1 added, 0 changed, 2 deleted, 3 as they are" in text
    bring(loopback_api, artifact("1", "4"))
    files = state(loopback_hub)[1]
    assert {path for path in files if "csv" in path} == {"a/1.csv", "a/4.csv", "b/1.csv"}
    assert files["notes.txt"] == b"a person's"
    assert not [each for each in loopback_hub.requests[asked:] if each.method == "PUT"]  # the large one was there


def test_a_persons_words_stay_and_are_named(loopback_hub, loopback_api):
    bring(loopback_api, artifact())
    card = state(loopback_hub)[1]["README.md"].decode()
    edited = card.replace("Ours.", "Mine.").replace("license: mit", "license: cc-by-4.0 # mine")
    loopback_hub.commit(REPO, "model", {"README.md": edited.encode()})
    said: list[str] = []
    push(artifact(card=CARD.replace("Ours", "Ours, newer") + "\n## More\n\nm\n"), Options(), loopback_api, said.append)
    now = state(loopback_hub)[1]["README.md"].decode()
    assert "license: cc-by-4.0 # mine\n" in now
    assert "Mine.\n\n## More\n\nm" in now
    assert "kept as a person wrote it: `license`, # Rows" in said[0]
    assert "    +## More" in said[0]


def test_what_strangers_wrote_does_nothing_to_the_terminal(loopback_hub, loopback_api):
    loopback_hub.commit(REPO, "model", {"README.md": b"# Rows\n\n\x1b[2J\xe2\x80\xaegone\n", "x\x1b[31m.csv": b"x"})
    text = dry_run(artifact(card=CARD + "\n## New\n"), Options(), loopback_api)
    assert "\x1b" not in text and "\u202e" not in text
    assert "⟨U+001B⟩[2J" in text


def test_the_card_that_the_hub_writes_for_a_new_space_is_no_persons(loopback_hub, loopback_api):
    card = "---\ntitle: Mine\nsdk: gradio\napp_file: app.py\n---\n\n# Mine\n"
    space = Artifact(RepoKind.SPACE, "me/app", (File("app.py", b"print(1)\n"),), card, space_sdk="gradio")
    bring(loopback_api, space)
    assert loopback_hub.repo("me/app", "space").files()["README.md"].decode().startswith(card)


def test_a_branch_is_made_from_main_and_a_tag_is_put_once(loopback_hub, loopback_api):
    bring(loopback_api, artifact())
    pushed = bring(loopback_api, artifact("9"), revision="next", tag="v2")
    repo = loopback_hub.repo(REPO, "model")
    assert "a/9.csv" in repo.files("next")
    assert "a/9.csv" not in repo.files("main")
    assert repo.tags["v2"] == pushed.commit
    assert bring(loopback_api, artifact("9"), revision="next", tag="v2").changed is False
    with pytest.raises(ConfigError, match="a tag 'v2' already"):
        bring(loopback_api, artifact("8"), revision="next", tag="v2")
    assert "a/8.csv" not in repo.files("next")


def test_a_branch_is_made_also_where_nothing_differs(loopback_hub, loopback_api):
    bring(loopback_api, artifact())
    assert bring(loopback_api, artifact(), revision="next").changed is False
    repo = loopback_hub.repo(REPO, "model")
    assert repo.head("next") == repo.head("main")


def test_a_pull_request_has_nothing_to_tag(loopback_hub, loopback_api):
    with pytest.raises(ConfigError, match="no commit to tag"):
        bring(loopback_api, artifact(), create_pr=True, tag="v1")
    assert loopback_hub.requests == []


def test_a_persons_only_commit_is_no_template(loopback_hub, loopback_api):
    """As after `super_squash_history`: one commit, with a card that somebody wrote."""
    repo = loopback_hub.create(REPO, "model")
    loopback_hub.commit(REPO, "model", {"README.md": b"---\nlicense: gpl-3.0\n---\n# I wrote this\n\nMine.\n"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(loopback_api), "list_repo_commits", lambda *_, **__: [repo.commits[-1]])
        bring(loopback_api, artifact())
    card = state(loopback_hub)[1]["README.md"].decode()
    assert "license: gpl-3.0" in card and "Mine." in card and "Ours." in card


def test_a_pull_request_leaves_the_branch_alone(loopback_hub, loopback_api):
    bring(loopback_api, artifact())
    before = state(loopback_hub)[1]
    proposed = bring(loopback_api, artifact("1", "2", "3"), create_pr=True)
    repo = loopback_hub.repo(REPO, "model")
    assert proposed.url.endswith(f"/{REPO}/discussions/1")
    assert state(loopback_hub)[1] == before
    assert "a/3.csv" in repo.files("refs/pr/1")


def test_private_is_for_what_is_new(loopback_hub, loopback_api):
    bring(loopback_api, artifact(), private=True)
    assert loopback_hub.repo(REPO, "model").private
    bring(loopback_api, artifact("7"))
    assert loopback_hub.repo(REPO, "model").private
    loopback_hub.commit("me/open", "model", {"x": b"x"})
    public = Artifact(RepoKind.MODEL, "me/open", (File("a.txt", b"a"),), "---\nlicense: mit\n---\n# A\n")
    assert "it is public, and stays so" in dry_run(public, Options(private=True), loopback_api)


def test_nothing_is_asked_for_what_is_not_fit(loopback_hub, loopback_api):
    with pytest.raises(DataError, match="nothing was sent"):
        bring(loopback_api, artifact(card=CARD + "see /home/ann/x\n"))
    assert not [each for each in loopback_hub.requests if each.method in WRITES]


def test_what_belongs_to_weights_stays_as_long_as_they_do(loopback_hub, loopback_api):
    weights = File("model.safetensors", b"w" * 100)
    scores = (File("scores/a.yaml", b"a: 1\n"), File("scores/b.yaml", b"b: 1\n"))
    card = "---\nlicense: mit\n---\n\n# M\n\n## Scores\n\n50 %\n"
    owned = {"owned": ("scores/*",), "renews": ("*.safetensors",)}
    bring(loopback_api, Artifact(RepoKind.MODEL, REPO, (weights, *scores), card))

    plain = card.partition("## Scores")[0]
    bring(loopback_api, Artifact(RepoKind.MODEL, REPO, (weights,), plain.replace("# M", "# M\n\nNew."), **owned))
    files = state(loopback_hub)[1]
    assert {"scores/a.yaml", "scores/b.yaml"} <= files.keys()
    assert b"New." in files["README.md"] and b"50 %" in files["README.md"]

    bring(loopback_api, Artifact(RepoKind.MODEL, REPO, (File("model.safetensors", b"v" * 100),), plain, **owned))
    files = state(loopback_hub)[1]
    assert not [path for path in files if path.startswith("scores")]
    assert b"50 %" not in files["README.md"]


def test_scores_are_added_to_a_model_that_is_there_and_to_no_other(loopback_hub, loopback_api):
    scores = Artifact(RepoKind.MODEL, REPO, (File("s.yaml", b"a: 1\n"),), "---\ntags: [x]\n---\n## S\n", renews=())
    with pytest.raises(ConfigError, match="nothing to add scores to: check"):
        bring(loopback_api, scores)
    assert not loopback_hub.has(REPO, "model")
    bring(loopback_api, artifact())
    bring(loopback_api, scores)
    assert {"s.yaml", "a/1.csv"} <= state(loopback_hub)[1].keys()


def test_a_message_that_tells_too_much_is_refused(loopback_hub, loopback_api):
    with pytest.raises(ConfigError, match="holds a key or a path of this machine"):
        bring(loopback_api, artifact(), message="from /home/ann/rows")
    assert loopback_hub.requests == []


# What goes wrong.


def lines_of_a_push(what: Artifact, make_api: Callable[[LoopbackHub], Any], seed: bool) -> list[str]:
    """The requests of an undisturbed push."""
    with LoopbackHub() as hub:
        api = make_api(hub)
        if seed:
            bring(api, artifact("1", "2", "3"))
        asked = len(hub.requests)
        bring(api, what, tag="v1")
        return [each.line for each in hub.requests[asked:]]


@pytest.mark.parametrize("seed", [False, True], ids=["new", "there already"])
@pytest.mark.parametrize("how", ["refused", *Break])
def test_a_push_broken_at_any_request_leaves_all_or_nothing_and_the_next_finishes(how, seed, loopback_api, quick):
    from huggingface_hub import HfApi

    def make_api(hub: LoopbackHub) -> Any:
        return HfApi(endpoint=hub.url, token=hub.token)

    what = artifact("1", "4", "5")
    lines = lines_of_a_push(what, make_api, seed)
    assert any("/commit/" in line for line in lines)
    for number in range(len(lines)):
        with LoopbackHub() as hub:
            api = make_api(hub)
            if seed:
                bring(api, artifact("1", "2", "3"))
            before = state(hub)[1]
            if how == "refused":
                hub.fail(500, after=number, times=None)
            else:
                hub.break_connection(after=number, times=None, when=how)
            with pytest.raises(HubError):
                bring(api, what, tag="v1")
            hub.heal()
            broken = {path: data for path, data in state(hub)[1].items() if path != ".gitattributes"}
            whole = {"README.md", "weights.safetensors", "a/1.csv", "a/4.csv", "a/5.csv"}
            was_committed = set(broken) == whole
            assert was_committed or broken == {path: before[path] for path in before if path != ".gitattributes"}

            done = bring(api, what, tag="v1")
            files = state(hub)[1]
            assert files.keys() - {".gitattributes"} == whole, lines[number]
            assert hub.repo(REPO, "model").tags["v1"] == done.commit
            assert state(hub)[0] == (3 if seed else 2), lines[number]  # never a second commit of the same


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_goes_wrong_once_is_tried_again_by_the_client(status, loopback_hub, loopback_api, quick):
    loopback_hub.fail(status, match="POST */info/lfs/", times=1, retry_after=1)
    loopback_hub.fail(status, match="PUT /lfs/", times=1)
    assert bring(loopback_api, artifact()).changed
    assert "weights.safetensors" in state(loopback_hub)[1]


def said_of(api: Any, what: Artifact | None = None, **options: Any) -> str:
    with pytest.raises(HubError) as found:
        bring(api, what or artifact(), **options)
    assert api.token is None or api.token not in str(found.value)
    return str(found.value)


def test_a_revoked_token_is_named_before_anything_is_sent(loopback_hub, loopback_api):
    loopback_hub.revoke()
    said = said_of(loopback_api)
    assert "your token is not, or no longer, valid" in said
    assert "hf auth login" in said
    assert state(loopback_hub)[0] == 0


def test_a_token_revoked_in_the_middle_of_a_push_leaves_the_repository_as_it_was(loopback_hub, loopback_api):
    bring(loopback_api, artifact())
    before = state(loopback_hub)
    loopback_hub.on_request(lambda request: loopback_hub.revoke() if "/commit/" in request.path else None)
    assert "token" in said_of(loopback_api, artifact("5"))
    assert state(loopback_hub) == before


def test_without_a_token_nothing_is_asked(loopback_hub, loopback_api):
    loopback_api.token = None
    assert "there is no token" in said_of(loopback_api)
    assert loopback_hub.requests == []


def test_a_token_that_may_only_read_is_told_so(loopback_hub, loopback_api):
    bring(loopback_api, artifact())
    loopback_api.token = loopback_hub.new_token("me", "read")
    assert "may not write here" in said_of(loopback_api, artifact("5"))


def test_a_strangers_repository_is_told_so(loopback_hub, loopback_api):
    loopback_hub.commit("you/rows", "model", {"x.txt": b"x"})
    theirs = Artifact(RepoKind.MODEL, "you/rows", (File("a.txt", b"a"),), "---\nlicense: mit\n---\n# A\n")
    assert "may not write here" in said_of(loopback_api, theirs)
    assert loopback_hub.repo("you/rows", "model").files().keys() - {".gitattributes"} == {"x.txt"}


def test_a_gated_repository_is_told_so(loopback_hub, loopback_api):
    loopback_hub.create("you/rows", "model", gated="manual")
    loopback_hub.commit("you/rows", "model", {"README.md": b"# A\n"})
    theirs = Artifact(RepoKind.MODEL, "you/rows", (File("a.txt", b"a"),), "---\nlicense: mit\n---\n# A\n")
    assert "its owner has to let you in" in said_of(loopback_api, theirs)


def test_a_full_disk_of_the_hub_is_told_so(loopback_hub, loopback_api):
    loopback_hub.fill_disk()
    assert "the storage limit is reached" in said_of(loopback_api)
    loopback_hub.heal()
    assert bring(loopback_api, artifact()).changed


def test_a_commit_of_somebody_else_in_between_is_not_undone(loopback_hub, loopback_api):
    bring(loopback_api, artifact())
    others = iter([{"a/1.csv": b"theirs"}])

    def commit_first(request: Any) -> None:
        if "/commit/" in request.path and (files := next(others, None)):
            loopback_hub.commit(REPO, "model", files)

    loopback_hub.on_request(commit_first)
    said = said_of(loopback_api, artifact("1", "5"))
    assert "another commit was made in the meantime" in said
    assert state(loopback_hub)[1]["a/1.csv"] == b"theirs"
    assert "a/5.csv" not in state(loopback_hub)[1]
    assert "~ a/1.csv" in dry_run(artifact("1", "5"), Options(), loopback_api)
    assert bring(loopback_api, artifact("1", "5")).changed


@pytest.mark.parametrize("status", [429, 500])
def test_what_does_not_pass_is_told_with_what_to_do(status, loopback_hub, loopback_api, quick):
    loopback_hub.fail(status, times=None)
    assert "later" in said_of(loopback_api)


def test_a_hub_that_nobody_reaches_is_told_so_and_looking_goes_on_without(loopback_hub, loopback_api, quick):
    loopback_hub.close()
    assert "cannot be reached" in said_of(loopback_api)
    text = dry_run(artifact(), Options(), loopback_api)
    assert "what is there is not known" in text
    assert "+ a/1.csv" in text


@pytest.mark.parametrize("revision", ["v1", "refs/pr/9"])
def test_what_is_no_branch_is_told_so(revision, loopback_hub, loopback_api):
    bring(loopback_api, artifact(), tag="v1")
    before = state(loopback_hub)
    assert "no branch" in said_of(loopback_api, artifact("5"), revision=revision)
    assert state(loopback_hub) == before


def test_a_pull_request_can_be_pushed_to_once_more(loopback_hub, loopback_api):
    bring(loopback_api, artifact())
    bring(loopback_api, artifact("3"), create_pr=True)
    bring(loopback_api, artifact("4"), revision="refs/pr/1")
    assert "a/4.csv" in loopback_hub.repo(REPO, "model").files("refs/pr/1")
    assert "a/4.csv" not in state(loopback_hub)[1]


def test_a_card_that_the_hub_refuses_is_told_with_its_words(loopback_hub, loopback_api):
    loopback_hub.fail(400, "POST /api/validate-yaml", message="license is not one of ours", times=None)
    assert "refuses" in said_of(loopback_api)
    assert state(loopback_hub)[1].keys() <= {".gitattributes"}


def test_a_card_on_the_hub_that_is_no_yaml_is_not_overwritten(loopback_hub, loopback_api):
    loopback_hub.commit(REPO, "model", {"README.md": b"---\na: [\n---\n"})
    with pytest.raises(DataError, match="the card on the Hub"):
        bring(loopback_api, artifact())


@pytest.mark.parametrize("card", [b"\xff\xfe# Rows", b"# Rows\n" + b"x" * 2**20], ids=["no text", "too long"])
def test_a_card_that_cannot_be_merged_is_not_overwritten(card, loopback_hub, loopback_api):
    loopback_hub.commit(REPO, "model", {"README.md": card})
    assert "it is not overwritten" in said_of(loopback_api)
    assert state(loopback_hub)[1]["README.md"] == card


def test_a_full_disk_here_is_told_so(loopback_hub, loopback_api, monkeypatch):
    bring(loopback_api, artifact())

    def full(*args: Any, **kwargs: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lemma_hf.hub.remote.tempfile.TemporaryDirectory", full)
    assert "a disk of this machine is full" in said_of(loopback_api, artifact("5"))


def test_the_token_is_in_no_log_and_in_no_file(loopback_hub, loopback_api):
    bring(loopback_api, artifact())
    assert loopback_hub.requests
    assert not any(loopback_hub.token in str(each) for each in loopback_hub.requests)
    assert not any(loopback_hub.token.encode() in data for data in state(loopback_hub)[1].values())
