"""Uploads of large files (LFS): the Hub gives an address, the client uploads there without its token, both check."""

import hashlib
import json
import re
import secrets
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from lemma_hf.testing.hub._blob import Blob
from lemma_hf.testing.hub._call import Call, reading
from lemma_hf.testing.hub._reply import RefusedError, Reply, said
from lemma_hf.testing.hub._repository import Repo
from lemma_hf.testing.hub._store import Store

_SHA256 = re.compile(r"[0-9a-f]{64}")  # the digest of a file, in hexadecimal digits


@dataclass
class _Upload:
    """A large file that is to be uploaded."""

    repo: Repo
    oid: str
    size: int
    parts: dict[int, bytes] = field(default_factory=dict)


class Uploads:
    """The addresses for uploads; a client that knows one needs no token."""

    def __init__(self) -> None:
        self._expected: dict[str, _Upload] = {}

    def batch(self, call: Call, store: Store) -> Reply:
        """Give an address for each file that is not there yet."""
        repo, body = store.writable(call.visitor, call.kind, call.id, proposes=True), call.json()
        with reading("The list of objects"):
            answers = [self._address(call, store, repo, one) for one in body["objects"]]
        return Reply(
            content=json.dumps({"transfer": "basic", "objects": answers}).encode(), kind="application/vnd.git-lfs+json"
        )

    def verify(self, call: Call, store: Store) -> Reply:
        """Say whether a file has arrived."""
        body = call.json()
        blob = store.writable(call.visitor, call.kind, call.id, proposes=True).lfs.get(str(body.get("oid")))
        if blob is None or len(blob.data) != body.get("size"):
            raise RefusedError(404, "The file did not come")
        return said({})

    def put(self, call: Call, store: Store) -> Reply:
        """Take a file, or a part of one."""
        del store
        upload = self._upload(call)
        if number := call.part("number"):
            upload.parts[int(number)] = call.content
            return Reply(headers={"ETag": f'"{hashlib.sha256(call.content).hexdigest()}"'})
        _take(upload, call.content)
        return Reply(headers={"ETag": f'"{upload.oid}"'})

    def complete(self, call: Call, store: Store) -> Reply:
        """Join the parts of a file."""
        del store
        upload = self._upload(call)
        _take(upload, b"".join(part for _, part in sorted(upload.parts.items())))
        return said({"success": True})

    def _address(self, call: Call, store: Store, repo: Repo, asked: dict[str, Any]) -> dict[str, Any]:
        oid, size = str(asked.get("oid")), asked.get("size")
        if not _SHA256.fullmatch(oid) or not isinstance(size, int):
            return {"oid": oid, "size": 0, "error": {"code": 422, "message": "need the SHA-256 and the size of a file"}}
        if oid in repo.lfs:
            return {"oid": oid, "size": size}
        key = secrets.token_urlsafe(12)
        self._expected[key] = _Upload(repo, oid, size)
        verify = {"href": f"{call.url}.git/info/lfs/objects/verify"}
        return {"oid": oid, "size": size, "actions": {"upload": _where(call, store, oid, size, key), "verify": verify}}

    def _upload(self, call: Call) -> _Upload:
        upload = self._expected.get(call.asked("key"))
        if upload is None or upload.oid != call.part("oid"):
            raise RefusedError(403, "SignatureDoesNotMatch")
        return upload


def _where(call: Call, store: Store, oid: str, size: int, key: str) -> dict[str, Any]:
    href = f"{call.base}/lfs/{oid}?key={key}"
    if store.multipart is None or size <= store.multipart:
        return {"href": href}
    numbers = range(1, ceil(size / store.multipart) + 1)
    parts = {f"{number:05}": f"{call.base}/lfs/{oid}/{number}?key={key}" for number in numbers}
    return {"href": href, "header": {"chunk_size": str(store.multipart), **parts}}


def _take(upload: _Upload, data: bytes) -> None:
    blob = Blob(data, is_lfs=True)
    if len(data) != upload.size or blob.sha256 != upload.oid:
        raise RefusedError(400, "XAmzContentSHA256Mismatch: these are not the bytes of that file")
    upload.repo.lfs[upload.oid] = blob
