"""Files as the Hub stores them: small ones as bytes in git, large ones as a pointer in git (LFS)."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property

from lemma_hf.testing.hub._gitnames import blob_oid

_LARGE = 10 * 2**20
"""Bytes from which any file is a large one, as at the real Hub."""

_LARGE_KINDS = (
    "*.7z *.arrow *.avro *.bin *.bz2 *.ckpt *.ftz *.gz *.h5 *.joblib *.lz4 *.mds *.mlmodel *.model *.msgpack *.npy "
    "*.npz *.onnx *.ot *.parquet *.pb *.pickle *.pkl *.pt *.pth *.rar *.safetensors saved_model/**/* *.tar.* *.tar "
    "*.tflite *.tgz *.wasm *.xz *.zip *.zst *tfevents*"
)
_MEDIA = "*.pcm *.sam *.raw *.aac *.flac *.mp3 *.ogg *.wav *.bmp *.gif *.png *.tiff *.jpg *.jpeg *.webp *.mp4 *.webm"


@dataclass(frozen=True)
class Blob:
    """The bytes of a file, and whether they are stored by LFS."""

    data: bytes
    is_lfs: bool = False

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of the bytes, by which LFS names them."""
        return hashlib.sha256(self.data).hexdigest()

    @cached_property
    def pointer(self) -> bytes:
        """The text that git holds in place of a large file."""
        text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{self.sha256}\nsize {len(self.data)}\n"
        return text.encode()

    @cached_property
    def oid(self) -> str:
        """Git's id of the file; of a large file, the id of its pointer."""
        return blob_oid(self.pointer if self.is_lfs else self.data)

    @property
    def etag(self) -> str:
        """The ETag, by which a client sees whether it has the file already."""
        return self.sha256 if self.is_lfs else self.oid


def gitattributes(kind: str) -> bytes:
    """The `.gitattributes` of a new repository: the names of files that go to LFS whatever their size."""
    patterns = f"{_LARGE_KINDS} {_MEDIA}" if kind == "dataset" else _LARGE_KINDS
    return "".join(f"{pattern} filter=lfs diff=lfs merge=lfs -text\n" for pattern in patterns.split()).encode()


def is_large(path: str, size: int, sample: bytes, attributes: bytes) -> bool:
    """Whether a file goes to LFS: by `.gitattributes`, by its size, or because it is no text.

    Example:
        >>> is_large("data/train.parquet", 4, b"PAR1", gitattributes("dataset"))
        True
        >>> is_large("README.md", 4, b"# me", gitattributes("dataset"))
        False
    """
    # The Hub takes empty files only as git's own.
    return size > 0 and (size > _LARGE or b"\0" in sample or any(_fits(path, one) for one in _patterns(attributes)))


def is_ignored(path: str, gitignore: str) -> bool:
    """Whether a `.gitignore` leaves a file out; names, folders and `*` are understood, other syntax is not."""
    lines = (line.strip() for line in gitignore.splitlines())
    patterns = [line.strip("/") for line in lines if line and not line.startswith(("#", "!"))]
    parts = path.split("/")
    return any(_fits("/".join(parts[: end + 1]), pattern) for pattern in patterns for end in range(len(parts)))


def _patterns(attributes: bytes) -> Iterator[str]:
    for line in attributes.decode("utf-8", "replace").splitlines():
        pattern, *words = line.split() or [""]
        if "filter=lfs" in words:
            yield pattern


def _fits(path: str, pattern: str) -> bool:
    return fnmatchcase(path if "/" in pattern else path.rpartition("/")[2], pattern)
