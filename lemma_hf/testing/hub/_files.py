"""Downloads of a file: the whole of it, a range of bytes, or its headers alone."""

import mimetypes
import re

from lemma_hf.testing.hub._blob import Blob
from lemma_hf.testing.hub._call import Call
from lemma_hf.testing.hub._reply import RefusedError, Reply
from lemma_hf.testing.hub._store import Store

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")  # bytes=0-1023, bytes=1024-, bytes=-10


def resolve(call: Call, store: Store) -> Reply:
    """The content of a file; of a large one, its bytes."""
    return _file(call, store, raw=False)


def raw(call: Call, store: Store) -> Reply:
    """A file as git holds it: of a large one, the pointer."""
    return _file(call, store, raw=True)


def _file(call: Call, store: Store, *, raw: bool) -> Reply:
    commit = store.readable(call.visitor, call.kind, call.id).find(call.part("rev"))
    path = call.part("path")
    if path not in commit.files:
        raise RefusedError(404, "Entry not found", "EntryNotFound", headers={"X-Repo-Commit": commit.oid})
    blob = commit.files[path]
    data = blob.pointer if raw and blob.is_lfs else blob.data
    headers = {"X-Repo-Commit": commit.oid, "Accept-Ranges": "bytes", **_etags(blob)}
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    if call.method == "HEAD":
        return Reply(200, b"", headers, kind, len(data))
    return _part(data, call.headers.get("range", ""), headers, kind)


def _etags(blob: Blob) -> dict[str, str]:
    linked = {"X-Linked-Etag": f'"{blob.sha256}"', "X-Linked-Size": str(len(blob.data))} if blob.is_lfs else {}
    return {"ETag": f'"{blob.etag}"', **linked}


def _part(data: bytes, asked: str, headers: dict[str, str], kind: str) -> Reply:
    found = _RANGE.fullmatch(asked.strip())
    if found is None or not (found[1] or found[2]):
        return Reply(200, data, headers, kind)
    start = int(found[1]) if found[1] else max(len(data) - int(found[2]), 0)
    stop = min(int(found[2]) + 1, len(data)) if found[1] and found[2] else len(data)
    if start >= len(data) or stop <= start:
        return Reply(416, b"", {**headers, "Content-Range": f"bytes */{len(data)}"}, kind)
    return Reply(206, data[start:stop], {**headers, "Content-Range": f"bytes {start}-{stop - 1}/{len(data)}"}, kind)
