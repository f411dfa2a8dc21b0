"""Repositories: making, moving and deleting them, and the rights to them."""

import re

from lemma_hf.testing.hub._call import Call, repo_url
from lemma_hf.testing.hub._people import REFUSED_TOKEN
from lemma_hf.testing.hub._reply import RefusedError, Reply, said
from lemma_hf.testing.hub._repository import KINDS, Repo
from lemma_hf.testing.hub._store import Store, not_found

_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}")  # my-model_v1.0; at most 96 characters, as at the real Hub


def create(call: Call, store: Store) -> Reply:
    """Make a repository for the visitor, or for an organization of theirs."""
    kind, repo_id = _named(call)
    namespace, _, name = repo_id.partition("/")
    body = call.json()
    store.refuse_namespace(call.visitor, kind, namespace)
    url = repo_url(call.base, kind, repo_id)
    if not _NAME.fullmatch(name) or ".." in name or "--" in name or name.endswith((".git", ".", "-")):
        raise RefusedError(400, f'"{name[:100]}" is not a valid name of a repository')
    if (kind, repo_id) in store.repos:
        raise RefusedError(409, f"You already created this {kind} repo: {repo_id}", body={"url": url})
    private = body.get("visibility", "private" if body.get("private") else "public") == "private"
    repo = Repo(kind, repo_id, private, sdk=str(body["sdk"]) if body.get("sdk") else None)
    store.repos[kind, repo_id] = repo
    return said({"url": url, "name": repo_id, "id": repo.head()[:24]})


def delete(call: Call, store: Store) -> Reply:
    """Delete a repository."""
    kind, repo_id = _named(call)
    store.writable(call.visitor, kind, repo_id)
    del store.repos[kind, repo_id]
    return said({})


def move(call: Call, store: Store) -> Reply:
    """Rename a repository."""
    body = call.json()
    kind, old, new = str(body.get("type", "model")), str(body.get("fromRepo")), str(body.get("toRepo"))
    repo = store.writable(call.visitor, kind, old)
    store.refuse_namespace(call.visitor, kind, new.partition("/")[0])
    if (kind, new) in store.repos:
        raise RefusedError(409, f"{new} is there already")
    repo.id = new
    store.repos[kind, new] = store.repos.pop((kind, old))
    return said({})


def settings(call: Call, store: Store) -> Reply:
    """Make a repository private, public or gated."""
    repo, body = store.writable(call.visitor, call.kind, call.id), call.json()
    if "visibility" in body or "private" in body:
        repo.private = body.get("visibility") == "private" or body.get("private") is True
    if "gated" in body:
        repo.gated = body["gated"] or None
    return said({"private": repo.private, "gated": repo.gated or False})


def whoami(call: Call, store: Store) -> Reply:
    """The user of a token."""
    if call.visitor.user is None:
        raise RefusedError(401, REFUSED_TOKEN)
    name = call.visitor.user
    joined = [one for one, members in store.people.organizations.items() if name in members]
    return said(
        {
            "type": "user",
            "id": name.encode().hex().ljust(24, "0")[:24],
            "name": name,
            "fullname": name,
            "isPro": False,
            "orgs": [{"type": "org", "id": one, "name": one, "fullname": one, "roleInOrg": "write"} for one in joined],
            "auth": {
                "type": "access_token",
                "accessToken": {
                    "displayName": "loopback",
                    "role": call.visitor.role,
                    "createdAt": "2025-01-01T00:00:00Z",
                },
            },
        }
    )


def may_read(call: Call, store: Store) -> Reply:
    """Whether the visitor may read a repository's files."""
    store.readable(call.visitor, call.kind, call.id)
    return said({})


def may_write(call: Call, store: Store) -> Reply:
    """Whether the visitor may write to a repository."""
    store.writable(call.visitor, call.kind, call.id)
    return said({})


def _named(call: Call) -> tuple[str, str]:
    body = call.json()
    kind, namespace = str(body.get("type") or "model"), body.get("organization") or call.visitor.user
    if kind not in KINDS:
        raise RefusedError(400, f'"type" must be one of [{", ".join(KINDS)}]')
    if namespace is None:
        raise not_found(call.visitor)
    return kind, f"{namespace}/{body.get('name', '')}"
