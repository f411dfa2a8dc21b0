"""Commits by upload: first the list of large files, then those files, then everything else in one request."""

import base64
import binascii
import json
import re
from collections.abc import Iterator
from typing import Any

from lemma_hf.testing.hub._blob import Blob, is_ignored, is_large
from lemma_hf.testing.hub._call import Call, reading, repo_url
from lemma_hf.testing.hub._card import problems
from lemma_hf.testing.hub._reply import RefusedError, Reply, said
from lemma_hf.testing.hub._repository import Changes, Repo
from lemma_hf.testing.hub._store import Store

_CARD = "README.md"
_LONGEST_NAME = 255  # bytes of a file's name, in all usual file systems
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")  # a line break, a tab
_OID = re.compile(r"[0-9a-f]{7,40}")  # 3f2a91c, or all 40 digits


def preupload(call: Call, store: Store) -> Reply:
    """Say for each file whether it is a large one, and whether it is there already."""
    repo = store.writable(call.visitor, call.kind, call.id, proposes=call.proposes)
    commit, body = repo.find(call.part("rev")), call.json()
    attributes = commit.files[".gitattributes"].data if ".gitattributes" in commit.files else b""
    ignored = body.get("gitIgnore")
    if ignored is None and ".gitignore" in commit.files:
        ignored = commit.files[".gitignore"].data.decode("utf-8", "replace")

    def upload_mode(one: dict[str, Any]) -> dict[str, Any]:
        path, sample = str(one["path"]), _decoded(str(one.get("sample", "")))
        there = commit.files.get(path)
        return {
            "path": path,
            "uploadMode": "lfs" if is_large(path, int(one["size"]), sample, attributes) else "regular",
            "shouldIgnore": bool(ignored) and is_ignored(path, str(ignored)),
            **({"oid": there.etag} if there else {}),
        }

    with reading("The list of files"):
        return said({"files": [upload_mode(one) for one in body["files"]], "commitOid": commit.oid})


def commit(call: Call, store: Store) -> Reply:
    """Put changes on a branch, or propose them."""
    repo = store.writable(call.visitor, call.kind, call.id, proposes=call.proposes)
    changes, author = _read_changes(call.content, repo), call.visitor.user or ""
    if call.proposes:
        pull, made = repo.propose(changes, author, call.part("rev"))
        proposal = {"pullRequestUrl": f"{repo_url(call.base, repo.kind, repo.id)}/discussions/{pull.number}"}
    else:
        made, proposal = repo.commit(changes, author, call.part("rev").removeprefix("refs/heads/")), {}
    url = f"{call.url}/commit/{made.oid}"
    return said({"success": True, "commitOid": made.oid, "commitUrl": url, "hookOutput": "", **proposal})


def validate(call: Call, store: Store) -> Reply:
    """Check a card without committing it."""
    del store
    body = call.json()
    errors, warnings = problems(str(body.get("content", "")), str(body.get("repoType", "model")))
    found = {"errors": _messages(errors), "warnings": _messages(warnings)}
    return Reply(400 if errors else 200, json.dumps(found).encode())


def _read_changes(content: bytes, repo: Repo) -> Changes:
    """The changes in the body of a commit request, which is JSON Lines.

    Raises:
        RefusedError: 400 if they make no sense, name a large file that did not come, or bring a card with errors.
    """
    title, message, parent = "", "", None
    files: dict[str, Blob] = {}
    deleted: list[str] = []
    for key, value in _lines(content):
        if key == "header":
            title, message, parent = _header(value)
        elif key == "file":
            files[_path(value)] = Blob(_decoded(str(value.get("content", ""))))
        elif key == "lfsFile":
            files[_path(value)] = _large_file(repo, value)
        elif key in {"deletedFile", "deletedFolder"}:
            deleted.append(_path(value) + ("/" if key == "deletedFolder" else ""))
        else:
            raise RefusedError(400, f"Unknown operation: {key}")
    if not title:
        raise RefusedError(400, '"summary" is required')
    _refuse_card(files, repo)
    return Changes(title, message, parent, files, tuple(deleted))


def _lines(content: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    for line in content.splitlines():
        if line.strip():
            with reading("A line of the commit"):
                body = json.loads(line)
                key, value = str(body["key"]), dict(body["value"])
            yield key, value


def _header(value: dict[str, Any]) -> tuple[str, str, str | None]:
    parent = value.get("parentCommit")
    if parent is not None and not _OID.fullmatch(str(parent)):
        raise RefusedError(400, '"parentCommit" must be the id of a commit')
    return str(value.get("summary", "")), str(value.get("description") or ""), parent


def _path(value: dict[str, Any]) -> str:
    path = str(value.get("path", "")).rstrip("/")
    if not path or "\\" in path or _CONTROL.search(path) or not all(map(_is_name, path.split("/"))):
        raise RefusedError(400, f"{path[:200]!r} is not a valid path in a repository")
    return path


def _is_name(part: str) -> bool:
    """Whether a part of a path can be the name of a file or folder: where it is checked out, it has to be one."""
    return part not in {"", ".", "..", ".git"} and len(part.encode("utf-8", "surrogatepass")) <= _LONGEST_NAME


def _large_file(repo: Repo, value: dict[str, Any]) -> Blob:
    blob = repo.lfs.get(str(value.get("oid")))
    if blob is None:
        raise RefusedError(
            400, f"Your push was rejected: the LFS pointer of {_path(value)} points to a file that is not there"
        )
    return blob


def _refuse_card(files: dict[str, Blob], repo: Repo) -> None:
    if _CARD not in files:
        return
    errors, _ = problems(files[_CARD].data.decode("utf-8", "replace"), repo.kind)
    if errors:
        said = f"Your push was rejected because the YAML metadata of {_CARD} is invalid"
        raise RefusedError(400, said, body={"errors": _messages(errors)})


def _messages(texts: list[str]) -> list[dict[str, str]]:
    return [{"message": text} for text in texts]


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise RefusedError(400, "What should be base64 is not") from None
