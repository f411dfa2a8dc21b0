"""Contents of a repository on the Hub: its files, its card, and which files of an earlier publish are deleted."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path

from lemma_hf.errors import ConfigError

CARD = "README.md"
_PIECE = 2**20
"""Bytes that are read at a time (1 MiB), so that weights of many gigabytes are hashed in little memory."""


class RepoKind(StrEnum):
    """Kind of a repository; the values are the Hub's `repo_type`."""

    DATASET = "dataset"
    MODEL = "model"
    SPACE = "space"


@dataclass(frozen=True)
class File:
    """A file to publish: its path in the repository, and its bytes or the local file that holds them."""

    path: str
    """In the repository, with `/`."""
    source: Path | bytes

    @cached_property
    def size(self) -> int:
        """Size in bytes."""
        return len(self.source) if isinstance(self.source, bytes) else self.source.stat().st_size

    @cached_property
    def git_oid(self) -> str:
        """Git's id of the content, which the Hub lists for small files: SHA-1 of git's blob header and the bytes."""
        return self._digest(hashlib.sha1(b"blob %d\0" % self.size, usedforsecurity=False))

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the content, which the Hub lists for large files (LFS)."""
        return self._digest(hashlib.sha256())

    def read(self) -> bytes:
        """Read the whole content."""
        return self.source if isinstance(self.source, bytes) else self.source.read_bytes()

    def _digest(self, digest: "hashlib._Hash") -> str:
        if isinstance(self.source, bytes):
            digest.update(self.source)
        else:
            with self.source.open("rb") as stream:
                while piece := stream.read(_PIECE):
                    digest.update(piece)
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Artifact:
    """A dataset, a model or a metric's Space, with the content that its repository on the Hub should have."""

    kind: RepoKind
    repo_id: str
    """OWNER/NAME."""
    files: tuple[File, ...]
    """All but the card."""
    card: str
    """The text of `README.md` as made from facts; it is merged with the card that is there."""
    owned: tuple[str, ...] = ()
    """Patterns (see `path_matches`) of files that an earlier publish may have written; those that are not among `files`
    are deleted: rows of an earlier, larger dataset would be read together with the new ones."""
    renews: tuple[str, ...] | None = None
    """Patterns of files: what an earlier publish wrote, in the card too, is deleted only if one of these files is new
    or changed. So the scores of a model stay as long as its weights are the same. None: it is always deleted."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Files of the folder that stay here, and why."""
    space_sdk: str | None = None
    """Of a Space, such as `gradio`."""

    def __post_init__(self) -> None:
        _check_name(self.repo_id)
        paths = Counter(file.path for file in self.files)
        if twice := sorted(path for path, count in paths.items() if count > 1):
            raise ConfigError(f"{self.repo_id}: two files have the same path: {', '.join(twice)}")


def path_matches(path: str, pattern: str) -> bool:
    """Whether a path matches a pattern, in which `*` stands for any characters but a `/`.

    Example:
        >>> path_matches("a/1.csv", "a/*.csv"), path_matches("a/b/1.csv", "a/*.csv")
        (True, False)
    """
    parts, due = path.split("/"), pattern.split("/")
    return len(parts) == len(due) and all(map(fnmatchcase, parts, due))


def _check_name(repo_id: str) -> None:
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(repo_id)
        why = "" if repo_id.count("/") == 1 and repo_id.isascii() else "one owner, one name, plain letters"
    except HFValidationError as error:
        why = str(error)
    if why:
        raise ConfigError(f"repository {repo_id!r}: need OWNER/NAME, such as your-name/lemma ({why})")
