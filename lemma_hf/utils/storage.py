"""Places that nothing can be written to: noticed before the work where they can be, and said in words where not."""

import errno
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lemma_hf.errors import ConfigError, DataError, LemmaError

_FAULTS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}
"""No space, no quota left, a file system that is read-only, no right."""
_FULL = ("No space left on device", "errno 28", "os error 28", "disk is full", "Disk quota exceeded")
"""What libraries that have errors of their own (SQLite, safetensors, Arrow) say of a full disk."""


def refuse_unwritable(place: str | Path, setting: str = "output_dir") -> None:
    """Refuse a folder, or the folder that is to hold it, in which no file can be made; nothing is left there.

    Rights say too little: the administrator has all of them, on a file system that is read-only too.

    Raises:
        ConfigError: naming the setting, the folder that was tried, and what the system said.

    Example:
        >>> refuse_unwritable(tempfile.gettempdir() + "/not/there/yet")
    """
    folder = next(path for path in (Path(place), *Path(place).absolute().parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ConfigError(
            f"`{setting}`: nothing can be written into {folder} ({error.strerror or error}): name another place"
        ) from None


@contextmanager
def storage_explained() -> Iterator[None]:
    """Say in a message, in place of a traceback, that a disk is full or that a place cannot be written to or read.

    For the whole of a command: what is caught nearer to its cause says more.

    Raises:
        DataError: with the file, where the error names it.
    """
    try:
        yield
    except LemmaError:
        raise
    except Exception as error:
        if not _is_fault(error):
            raise
        file = getattr(error, "filename", None)
        said = getattr(error, "strerror", None) or error
        where = f"{file}: " if file else ""
        raise DataError(
            f"{where}cannot be written or read ({said}): make space, or name a place that is yours; then run the same "
            "command again"
        ) from error


def _is_fault(error: Exception) -> bool:
    if isinstance(error, OSError) and error.errno in _FAULTS:
        return True
    return any(words in str(error) for words in _FULL)
