"""What goes into a repository of the Hub? Files, a card, and what has to go because it is an earlier publish's."""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from lemma_hf.errors import ConfigError

CARD = "README.md"
_PIECE = 2**20
_REPO_ID = re.compile(r"[\w.-]+/[\w.-]+")


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
    """Patterns (of `fnmatch`) of files which an earlier publish may have left and which go where they are not among
    `files`: rows of an earlier, larger dataset would be read with the new ones."""
    renews: tuple[str, ...] | None = None
    """Patterns of files: only where one of them is new or changed does what an earlier publish left go, in the card
    too. The scores of a model stay as long as its weights are the same. None: it always goes."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Files of the folder that stay here, and why."""
    space_sdk: str | None = None
    """Of a Space, such as `gradio`."""

    def __post_init__(self) -> None:
        if not _REPO_ID.fullmatch(self.repo_id):
            raise ConfigError(f"repository {self.repo_id!r}: need OWNER/NAME, such as your-name/lemma")
        paths = Counter(file.path for file in self.files)
        if twice := sorted(path for path, count in paths.items() if count > 1):
            raise ConfigError(f"{self.repo_id}: {', '.join(twice)} would be there twice")
