"""Listings of a repository: its facts, files, folders, commits and names of commits, in pages with links."""

import json
from typing import Any
from urllib.parse import parse_qsl, urlencode

from lemma_hf.testing.hub._blob import Blob
from lemma_hf.testing.hub._call import Call, reading
from lemma_hf.testing.hub._card import read_head
from lemma_hf.testing.hub._eval_results import eval_results
from lemma_hf.testing.hub._reply import RefusedError, Reply, said, stamp
from lemma_hf.testing.hub._repository import Commit, Repo
from lemma_hf.testing.hub._store import Store

_EXPANDED_PAGE = 50  # of the Hub, where each entry comes with its last commit


def info(call: Call, store: Store) -> Reply:
    """All about a repository at a revision."""
    repo = store.visible(call.visitor, call.kind, call.id)
    commit = repo.find(call.part("rev") or "main")
    scores = {"evalResults": eval_results(commit.files)} if ("expand", "evalResults") in parse_qsl(call.query) else {}
    return said(_facts(repo, commit, blobs=call.has("blobs")) | scores)


def repos(call: Call, store: Store) -> Reply:
    """All repositories of a kind that the visitor may see; newest first."""
    seen = [repo for (kind, _), repo in store.repos.items() if kind == call.kind and _is_seen(call, store, repo)]
    seen.sort(key=lambda repo: repo.created, reverse=True)
    return _page(call, [_facts(repo, repo.find("main")) for repo in seen], store.page)


def tree(call: Call, store: Store) -> Reply:
    """The files and folders in a folder."""
    commit = store.visible(call.visitor, call.kind, call.id).find(call.part("rev"))
    folder = call.part("path").strip("/")
    if folder not in commit.trees:
        raise RefusedError(404, f"{folder} does not exist on {call.part('rev')}", "EntryNotFound")
    below = [one for one in sorted({*commit.files, *commit.trees} - {""}) if not folder or one.startswith(f"{folder}/")]
    if not call.has("recursive"):
        below = [one for one in below if one.rpartition("/")[0] == folder]
    expand = call.has("expand")
    repo = store.visible(call.visitor, call.kind, call.id)
    items = [_item(repo, commit, one, expand=expand) for one in below]
    return _page(call, items, min(store.page, _EXPANDED_PAGE) if expand else store.page)


def paths_info(call: Call, store: Store) -> Reply:
    """The given files and folders, as far as they exist."""
    repo = store.visible(call.visitor, call.kind, call.id)
    commit, form = repo.find(call.part("rev")), parse_qsl(call.content.decode("utf-8", "replace"))
    if call.headers.get("content-type", "").startswith("application/json"):
        body = call.json()
        with reading("The list of paths"):
            form = [("paths", str(one)) for one in body["paths"]] + [("expand", str(body.get("expand", False)))]
    expand = any(name == "expand" and value.lower() == "true" for name, value in form)
    asked = [value.strip("/") for name, value in form if name in {"paths", "paths[]"}]
    there = [path for path in asked if path in commit.files or (path in commit.trees and path)]
    return said([_item(repo, commit, path, expand=expand) for path in there])


def commits(call: Call, store: Store) -> Reply:
    """A commit and those before it, newest first."""
    repo = store.visible(call.visitor, call.kind, call.id)
    history = [
        {
            "id": one.oid,
            "title": one.title,
            "message": one.message,
            "authors": [{"user": one.author}],
            "date": stamp(one.date),
        }
        for one in reversed(repo.history(call.part("rev")))
    ]
    return _page(call, history, store.page)


def refs(call: Call, store: Store) -> Reply:
    """The names of commits: branches, tags and pull requests."""
    repo = store.visible(call.visitor, call.kind, call.id)

    def below(start: str) -> list[dict[str, str]]:
        named = [(ref, oid) for ref, oid in repo.refs.items() if ref.startswith(start)]
        return [{"name": ref.removeprefix(start), "ref": ref, "targetCommit": oid} for ref, oid in named]

    pulls = [{**one, "name": one["ref"]} for one in below("refs/pr/")]
    shown = {"pullRequests": pulls} if call.has("include_prs") else {}
    return said(
        {"branches": below("refs/heads/"), "converts": below("refs/convert/"), "tags": below("refs/tags/"), **shown}
    )


def _facts(repo: Repo, commit: Commit, *, blobs: bool = False) -> dict[str, Any]:
    """The Hub's description of a repository at a commit."""
    card = _card_data(commit)
    return {
        "_id": commit.oid[:24],
        "id": repo.id,
        **({"modelId": repo.id} if repo.kind == "model" else {}),
        **({"sdk": repo.sdk} if repo.kind == "space" else {}),
        "author": repo.owner,
        "sha": commit.oid,
        "lastModified": stamp(commit.date),
        "createdAt": stamp(repo.created),
        "private": repo.private,
        "gated": repo.gated or False,
        "disabled": False,
        "downloads": 0,
        "likes": 0,
        "tags": _tags(card),
        **({"cardData": card} if card else {}),
        **{name: card[name] for name in ("library_name", "pipeline_tag") if name in card and repo.kind == "model"},
        "siblings": [
            {"rfilename": path, **(_sizes(blob) if blobs else {})} for path, blob in sorted(commit.files.items())
        ],
    }


def _is_seen(call: Call, store: Store, repo: Repo) -> bool:
    try:
        store.visible(call.visitor, repo.kind, repo.id)
    except RefusedError:
        return False
    return call.asked("author", repo.owner) == repo.owner and call.asked("search").lower() in repo.id.lower()


def _card_data(commit: Commit) -> dict[str, Any]:
    if "README.md" not in commit.files:
        return {}
    try:
        return read_head(commit.files["README.md"].data.decode("utf-8", "replace"))
    except ValueError:
        return {}


def _tags(card: dict[str, Any]) -> list[str]:
    def listed(name: str) -> list[str]:
        given = card.get(name, [])
        return [str(one) for one in (given if isinstance(given, list) else [given])]

    named = {"license": "license", "datasets": "dataset", "language": "language", "base_model": "base_model"}
    more = [f"{tag}:{one}" for name, tag in named.items() for one in listed(name)]
    return [*listed("library_name"), *listed("tags"), *more, "region:us"]


def _item(repo: Repo, commit: Commit, path: str, *, expand: bool) -> dict[str, Any]:
    more = {"lastCommit": _last_commit(repo, commit, path)} if expand else {}
    if path in commit.trees:
        return {"type": "directory", "oid": commit.trees[path], "size": 0, "path": path, **more}
    blob = commit.files[path]
    lfs = {"lfs": _lfs(blob) | {"oid": blob.sha256}} if blob.is_lfs else {}
    return {"type": "file", "oid": blob.oid, "size": len(blob.data), "path": path, **lfs, **more}


def _last_commit(repo: Repo, commit: Commit, path: str) -> dict[str, str]:
    """The newest commit that changed a file or anything in a folder."""
    found = commit
    for one in reversed(repo.history(commit.oid)):
        if _at(one, path) != _at(commit, path):
            break
        found = one
    return {"id": found.oid, "title": found.title, "date": stamp(found.date)}


def _at(commit: Commit, path: str) -> str | None:
    return commit.files[path].oid if path in commit.files else commit.trees.get(path)


def _sizes(blob: Blob) -> dict[str, Any]:
    lfs = {"lfs": _lfs(blob) | {"sha256": blob.sha256}} if blob.is_lfs else {}
    return {"blobId": blob.oid, "size": len(blob.data), **lfs}


def _lfs(blob: Blob) -> dict[str, Any]:
    return {"size": len(blob.data), "pointerSize": len(blob.pointer)}


def _page(call: Call, items: list[Any], most: int) -> Reply:
    """A page of the items: the one for which the query's cursor asks, of at most `most` or the query's `limit`."""
    start, size = _number(call, "cursor", 0), max(min(_number(call, "limit", most), most), 1)
    link = {}
    if start + size < len(items) and "limit" not in dict(parse_qsl(call.query)):
        query = [(name, value) for name, value in parse_qsl(call.query) if name != "cursor"]
        link = {"Link": f'<{call.base}{call.path}?{urlencode([*query, ("cursor", start + size)])}>; rel="next"'}
    return Reply(content=json.dumps(items[start : start + size]).encode(), headers=link)


def _number(call: Call, name: str, default: int) -> int:
    given = call.asked(name, str(default))
    if not given.isascii() or not given.isdigit() or len(given) > 9:  # more digits than any list has entries
        raise RefusedError(400, f'"{name}" must be a number')
    return int(given)
