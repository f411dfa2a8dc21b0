"""Branches and tags: making and deleting them."""

from lemma_hf.testing.hub._call import Call
from lemma_hf.testing.hub._reply import RefusedError, Reply, said
from lemma_hf.testing.hub._store import Store


def new_branch(call: Call, store: Store) -> Reply:
    """Make a branch from a revision, or from `main`."""
    repo, name = store.writable(call.visitor, call.kind, call.id), call.part("name")
    start = repo.find(str(call.json().get("startingPoint") or "main"))
    _refuse(name, repo.branches, "Branch")
    repo.branches[name] = start.oid
    return said({})


def delete_branch(call: Call, store: Store) -> Reply:
    """Delete a branch; `main` cannot be deleted."""
    repo, name = store.writable(call.visitor, call.kind, call.id), call.part("name")
    if name == "main":
        raise RefusedError(403, "Forbidden: the branch main cannot be deleted")
    if repo.branches.pop(name, None) is None:
        raise RefusedError(404, f"Invalid rev id: {name}", "RevisionNotFound")
    return said({})


def new_tag(call: Call, store: Store) -> Reply:
    """Make a tag on a revision."""
    repo, body = store.writable(call.visitor, call.kind, call.id), call.json()
    commit, name = repo.find(call.part("name")), str(body.get("tag", ""))
    _refuse(name, repo.tags, "Tag")
    repo.tags[name] = commit.oid
    return said({})


def delete_tag(call: Call, store: Store) -> Reply:
    """Delete a tag."""
    repo, name = store.writable(call.visitor, call.kind, call.id), call.part("name")
    if repo.tags.pop(name, None) is None:
        raise RefusedError(404, f"Invalid rev id: {name}", "RevisionNotFound")
    return said({})


def _refuse(name: str, there: dict[str, str], what: str) -> None:
    if not name or name.startswith(("refs/", "/", "-")) or ".." in name or " " in name:
        raise RefusedError(400, f"Invalid reference name: {name[:200]}")
    if name in there:
        raise RefusedError(409, f"{what} {name} already exists")
