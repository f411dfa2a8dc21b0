"""Pull requests: proposed changes, whose commits stand under `refs/pr/N` until they are merged."""

from typing import Any

from lemma_hf.testing.hub._call import Call
from lemma_hf.testing.hub._reply import RefusedError, Reply, said, stamp
from lemma_hf.testing.hub._repository import Discussion, Repo
from lemma_hf.testing.hub._store import Store


def listed(call: Call, store: Store) -> Reply:
    """All discussions and pull requests, newest first."""
    repo = store.visible(call.visitor, call.kind, call.id)
    wanted = {"pull_request": True, "discussion": False}.get(call.asked("type"))
    status = {"open": {"open", "draft"}, "closed": {"closed", "merged"}}.get(call.asked("status"))
    shown = [
        _facts(repo, one)
        for one in reversed(repo.discussions.values())
        if (wanted is None or (one.base is not None) == wanted)
        and (status is None or one.status in status)
        and call.asked("author", one.author) == one.author
    ]
    return said({"discussions": shown, "count": len(shown), "start": 0})


def opened(call: Call, store: Store) -> Reply:
    """Open a discussion or a pull request without a commit."""
    repo, body = store.writable(call.visitor, call.kind, call.id, proposes=True), call.json()
    base = repo.head() if body.get("pullRequest") else None
    title, description = str(body.get("title", "")), str(body.get("description") or "")
    made = repo.discuss(title, description, call.visitor.user or "", base)
    return said({"num": made.number, "url": f"{call.url}/discussions/{made.number}"})


def details(call: Call, store: Store) -> Reply:
    """One discussion with its events."""
    repo = store.visible(call.visitor, call.kind, call.id)
    one = _found(call, repo)
    event = {"id": f"{one.number:024}", "author": {"name": one.author}, "createdAt": stamp(one.date)}
    words = {"type": "comment", "data": {"edited": False, "hidden": False, "latest": {"raw": one.description}}}
    changes = {"changes": {"base": "refs/heads/main"}, "filesWithConflicts": [], "diff": ""} if one.base else {}
    return said({**_facts(repo, one), "events": [event | words], **changes})


def merged(call: Call, store: Store) -> Reply:
    """Put a pull request on `main`."""
    repo = store.writable(call.visitor, call.kind, call.id)
    one = _found(call, repo)
    if one.base is None or one.status not in {"open", "draft"}:
        raise RefusedError(400, "Only an open pull request can be merged")
    return said({"commitOid": repo.merge(one.number, call.visitor.user or "").oid})


def status(call: Call, store: Store) -> Reply:
    """Close a discussion or pull request, or open it again."""
    repo, body = store.writable(call.visitor, call.kind, call.id), call.json()
    if body.get("status") not in {"open", "closed"}:
        raise RefusedError(400, '"status" must be one of [open, closed]')
    one = _found(call, repo)
    one.status = str(body["status"])
    change = {"id": f"{one.number:024}", "type": "status-change", "createdAt": stamp(one.date)}
    return said({"newStatus": {**change, "author": {"name": one.author}, "data": {"status": one.status}}})


def _found(call: Call, repo: Repo) -> Discussion:
    number = call.part("number")
    if not number.isdigit() or int(number) not in repo.discussions:
        raise RefusedError(404, "Discussion not found", "EntryNotFound")
    return repo.discussions[int(number)]


def _facts(repo: Repo, one: Discussion) -> dict[str, Any]:
    return {
        "num": one.number,
        "title": one.title,
        "author": {"name": one.author},
        "createdAt": stamp(one.date),
        "status": one.status,
        "isPullRequest": one.base is not None,
        "repo": {"name": repo.id, "type": repo.kind},
    }
