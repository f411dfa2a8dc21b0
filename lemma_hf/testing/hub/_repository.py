"""Repositories: commits, each with all its files, and the names of some: branches, tags, pull requests."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from lemma_hf.testing.hub._blob import Blob, gitattributes
from lemma_hf.testing.hub._gitnames import commit_oid, folders, tree_oids
from lemma_hf.testing.hub._reply import RefusedError

KINDS = ("model", "dataset", "space")
_SHORTEST_OID = 7  # digits of an abbreviated id, as `git log --oneline` prints them


@dataclass(frozen=True)
class Commit:
    """A commit: all files at one time, and who committed them."""

    oid: str
    """The same id as git's."""
    parent: str | None
    title: str
    message: str
    """What stands below the title; empty for most."""
    author: str
    date: datetime
    files: Mapping[str, Blob]
    """By path."""
    trees: Mapping[str, str]
    """Git's ids of the folders, by path; the root is `""`."""


@dataclass(frozen=True)
class Changes:
    """The changes of a commit."""

    title: str
    message: str = ""
    parent: str | None = None
    """The commit that has to be the head of the branch, if the client insists."""
    files: Mapping[str, Blob] = field(default_factory=dict)
    deleted: tuple[str, ...] = ()
    """Paths of files; of a folder with a `/` at its end."""


@dataclass
class Discussion:
    """A discussion, or a pull request."""

    number: int
    title: str
    description: str
    author: str
    date: datetime
    base: str | None = None
    """Of a pull request: the commit from which it started."""
    status: str = "open"

    @property
    def ref(self) -> str:
        """The git reference of the pull request's commits."""
        return f"refs/pr/{self.number}"


@dataclass
class Repo:
    """A model, a dataset or a Space. Nothing is committed by halves: a commit is there with all its files, or not."""

    kind: str
    """`model`, `dataset` or `space`."""
    id: str
    """OWNER/NAME."""
    private: bool = False
    gated: str | None = None
    """`auto` or `manual`: only the owner, and whom `members` names, may read the files."""
    sdk: str | None = None
    """Of a Space."""
    members: set[str] = field(default_factory=set)
    """Users other than the owner who may read it where it is private or gated."""
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    discussions: dict[int, Discussion] = field(default_factory=dict)
    lfs: dict[str, Blob] = field(default_factory=dict)
    """Large files that came, by SHA-256, whether a commit names them yet or not."""
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    _commits: dict[str, Commit] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._add(Changes("initial commit", files=_first_files(self)), None, self.owner, "main")

    @property
    def owner(self) -> str:
        """The user or organization."""
        return self.id.partition("/")[0]

    @property
    def refs(self) -> dict[str, str]:
        """All names of commits, such as `refs/heads/main`, `refs/tags/v1` and `refs/pr/1`."""
        heads = {
            f"refs/heads/{name}" if not name.startswith("refs/") else name: at for name, at in self.branches.items()
        }
        return heads | {f"refs/tags/{name}": at for name, at in self.tags.items()}

    @property
    def commits(self) -> list[Commit]:
        """The commits of `main`, oldest first; the first is the Hub's own, with `.gitattributes`."""
        return self.history()

    def history(self, revision: str = "main") -> list[Commit]:
        """A commit and those before it, oldest first.

        Raises:
            RefusedError: if there is no such revision.
        """
        return list(self._walk(self.find(revision)))[::-1]

    def head(self, revision: str = "main") -> str:
        """The id of the commit that a branch, a tag, a pull request or an id names."""
        return self.find(revision).oid

    def files(self, revision: str = "main") -> dict[str, bytes]:
        """All files by path, with large ones as they are and not as pointers."""
        return {path: blob.data for path, blob in self.find(revision).files.items()}

    def find(self, revision: str) -> Commit:
        """The commit that a branch, a tag, a pull request (`refs/pr/1`) or an id of at least 7 digits names."""
        name = revision.removeprefix("refs/heads/").removeprefix("refs/tags/")
        oid = self.branches.get(name) or self.tags.get(name) or self._full_oid(name)
        if oid is None:
            raise RefusedError(404, f"Invalid rev id: {revision}", "RevisionNotFound")
        return self._commits[oid]

    def commit(self, changes: Changes, author: str, branch: str = "main") -> Commit:
        """Put changes on a branch.

        Raises:
            RefusedError: 404 if there is no such branch or a file to delete is not there; 412 if the head of the
                branch is not the parent that the changes name.
        """
        if branch not in self.branches:
            raise RefusedError(404, f"Invalid rev id: {branch}", "RevisionNotFound")
        head = self._commits[self.branches[branch]]
        if changes.parent is not None and not head.oid.startswith(changes.parent):
            raise RefusedError(412, "A commit has happened since. Please refresh and try again.")
        return self._add(changes, head, author, branch)

    def propose(self, changes: Changes, author: str, base: str = "main") -> tuple[Discussion, Commit]:
        """Open a pull request with a commit, which starts at the parent that the changes name, however old it is."""
        start = self.find(changes.parent or base)
        files = _changed(changes, start.files)  # refuses before anything is opened
        pull = self.discuss(changes.title, changes.message, author, base=start.oid)
        pull.status = "open"  # one that is opened without a commit is a draft
        return pull, self._put(Changes(changes.title, changes.message), files, start, author, pull.ref)

    def discuss(self, title: str, description: str, author: str, base: str | None = None) -> Discussion:
        """Open a discussion, or a pull request that starts at the commit `base`."""
        number = len(self.discussions) + 1
        opened = Discussion(number, title, description, author, datetime.now(UTC), base, "draft" if base else "open")
        self.discussions[number] = opened
        if base is not None:
            self.branches[opened.ref] = base
        return opened

    def merge(self, number: int, author: str) -> Commit:
        """Put what a pull request changes on `main`; where both changed a file, the pull request wins."""
        pull = self.discussions[number]
        before, after = self._commits[pull.base or ""].files, self.find(pull.ref).files
        files = {path: blob for path, blob in after.items() if before.get(path) != blob}
        gone = tuple(path for path in before if path not in after and path in self.find("main").files)
        pull.status = "merged"
        return self.commit(Changes(f"{pull.title} (#{number})", files=files, deleted=gone), author)

    def _full_oid(self, start: str) -> str | None:
        if start in self._commits:
            return start
        fits = [oid for oid in self._commits if oid.startswith(start)] if len(start) >= _SHORTEST_OID else []
        return fits[0] if len(fits) == 1 else None

    def _walk(self, commit: Commit) -> Iterator[Commit]:
        yield commit
        while commit.parent is not None:
            commit = self._commits[commit.parent]
            yield commit

    def _add(self, changes: Changes, head: Commit | None, author: str, branch: str) -> Commit:
        return self._put(changes, _changed(changes, head.files if head else {}), head, author, branch)

    def _put(self, said: Changes, files: Mapping[str, Blob], head: Commit | None, author: str, branch: str) -> Commit:
        trees = tree_oids({path: one.oid for path, one in files.items()})
        date, parent = datetime.now(UTC), head.oid if head else None
        message = "\n\n".join(part for part in (said.title, said.message) if part)
        oid = commit_oid(trees[""], parent, author, date, message)
        made = Commit(oid, parent, said.title, said.message, author, date, files, trees)
        self._commits[oid] = made
        self.branches[branch] = oid
        return made


def _changed(changes: Changes, files: Mapping[str, Blob]) -> dict[str, Blob]:
    left = dict(files)
    for path in changes.deleted:
        gone = [one for one in left if one == path or (path.endswith("/") and one.startswith(path))]
        if not gone:
            raise RefusedError(404, f'Deleting "{path}" failed: A file with this name doesn\'t exist', "EntryNotFound")
        for one in gone:
            del left[one]
    left |= changes.files
    if clash := folders(left) & left.keys():
        raise RefusedError(400, f"{min(clash)} cannot be both a file and a folder")
    return left


def _first_files(repo: Repo) -> dict[str, Blob]:
    files = {".gitattributes": Blob(gitattributes(repo.kind))}
    if repo.kind == "space":
        files["README.md"] = Blob(
            _SPACE_CARD.format(title=repo.id.partition("/")[2], sdk=repo.sdk or "static").encode()
        )
    return files


_SPACE_CARD = """\
---
title: {title}
emoji: 🐢
colorFrom: blue
colorTo: green
sdk: {sdk}
app_file: app.py
pinned: false
---

Check out the configuration reference at https://huggingface.co/docs/hub/spaces-config-reference
"""
