"""Git's ids of files, folders and commits: SHA-1 over a short header and the content."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime


def blob_oid(data: bytes) -> str:
    """The id of a file, as `git hash-object` prints it.

    Example:
        >>> blob_oid(b"hello\\n")
        'ce013625030ba8dba906f756967f9e9ca394464a'
    """
    return _oid(b"blob", data)


def tree_oids(files: Mapping[str, str]) -> dict[str, str]:
    """The ids of all folders, by path, from the ids of the files; the root is `""`.

    Example:
        >>> tree_oids({})
        {'': '4b825dc642cb6eb9a060e54bf8d69288fbee4904'}
    """
    entries: dict[str, dict[str, tuple[bytes, str]]] = {folder: {} for folder in folders(files)}
    for path, oid in files.items():
        folder, _, name = path.rpartition("/")
        entries[folder][name] = (b"100644", oid)
    oids: dict[str, str] = {}
    for folder in sorted(entries, key=_depth, reverse=True):
        oids[folder] = _oid(b"tree", _tree(entries[folder]))
        if folder:
            above, _, name = folder.rpartition("/")
            entries[above][name] = (b"40000", oids[folder])
    return oids


def folders(paths: Iterable[str]) -> set[str]:
    """The folders that these files make, with the root as `""`.

    Example:
        >>> sorted(folders(["a/b/c.txt"]))
        ['', 'a', 'a/b']
    """
    found = {""}
    for path in paths:
        parts = path.split("/")[:-1]
        found.update("/".join(parts[: length + 1]) for length in range(len(parts)))
    return found


def commit_oid(tree: str, parent: str | None, author: str, date: datetime, message: str) -> str:
    """The id of a commit by an author of this machine."""
    who = f"{author} <{author}@127.0.0.1> {int(date.timestamp())} +0000"
    above = "" if parent is None else f"parent {parent}\n"
    return _oid(b"commit", f"tree {tree}\n{above}author {who}\ncommitter {who}\n\n{message}\n".encode())


def _oid(kind: bytes, data: bytes) -> str:
    return hashlib.sha1(b"%b %d\0%b" % (kind, len(data), data), usedforsecurity=False).hexdigest()


def _tree(entries: Mapping[str, tuple[bytes, str]]) -> bytes:
    def as_git_sorts(name: str) -> bytes:
        return name.encode() + (b"/" if entries[name][0] == b"40000" else b"")

    return b"".join(
        b"%b %b\0%b" % (entries[name][0], name.encode(), bytes.fromhex(entries[name][1]))
        for name in sorted(entries, key=as_git_sorts)
    )


def _depth(folder: str) -> int:
    return folder.count("/") + 1 if folder else 0
