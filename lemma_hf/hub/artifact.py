"""Contents of a repository of the Hub: files, a card, and what has to go because it is an earlier publish's."""

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


class RepoKind(StrEnum):
    """The kinds of repositories; the values are the Hub's `repo_type`."""

    DATASET = "dataset"
    MODEL = "model"
    SPACE = "space"


@dataclass(frozen=True)
class File:
    """A file on its way: from a file of this machine, or made here as bytes."""

    path: str
    """In the repository, with `/`."""
    source: Path | bytes

    @cached_property
    def size(self) -> int:
        """In bytes."""
        return len(self.source) if isinstance(self.source, bytes) else self.source.stat().st_size

    @cached_property
    def git_oid(self) -> str:
        """What git, and the Hub for small files, calls these bytes: SHA-1 behind git's head for a blob."""
        return self._digest(hashlib.sha1(b"blob %d\0" % self.size, usedforsecurity=False))

    @cached_property
    def sha256(self) -> str:
        """What the Hub calls these bytes where they are stored as a large file (LFS)."""
        return self._digest(hashlib.sha256())

    def read(self) -> bytes:
        """All of it."""
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
    """A dataset, a model or a metric's Space, as it should stand on the Hub."""

    kind: RepoKind
    repo_id: str
    """OWNER/NAME."""
    files: tuple[File, ...]
    """All but the card."""
    card: str
    """The text of `README.md` as made from facts; it is merged with the card that is there."""
    owned: tuple[str, ...] = ()
    """Patterns (see `path_matches`) of files which an earlier publish may have left and which go where they are not
    among `files`: rows of an earlier, larger dataset would be read with the new ones."""
    renews: tuple[str, ...] | None = None
    """Patterns of files: only where one of them is new or changed does what an earlier publish left go, in the card
    too. The scores of a model stay as long as its weights are the same. None: it always goes."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Files of the folder that stay here, and why."""
    space_sdk: str | None = None
    """Of a Space, such as `gradio`."""

    def __post_init__(self) -> None:
        _check_name(self.repo_id)
        paths = Counter(file.path for file in self.files)
        if twice := sorted(path for path, count in paths.items() if count > 1):
            raise ConfigError(f"{self.repo_id}: {', '.join(twice)} would be there twice")


def path_matches(path: str, pattern: str) -> bool:
    """Whether a path is one of a pattern, in which `*` stands for anything but a `/`.

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
