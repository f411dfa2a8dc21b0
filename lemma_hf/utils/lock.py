"""A lock on a folder, so that two runs do not write into it at the same time.

with folder_lock("outputs/sft"):    # outputs/sft.lock, with the number of the process that holds it
    …

The system gives a lock up when its process ends, however it ends. It lies beside the folder, which some commands
replace as a whole. Where the system has no such locks (Windows), nothing is locked.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lemma_hf.errors import ConfigError


@contextmanager
def folder_lock(folder: str | Path) -> Iterator[None]:
    """Hold the lock of a folder.

    Raises:
        ConfigError: if another process holds it, with its number, or if the lock cannot be written.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as place, folder_lock(f"{place}/out"):
        ...     print(Path(f"{place}/out.lock").read_text() == str(os.getpid()))
        True
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    path = Path(folder).absolute()
    path = path.with_name(f"{path.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror or error}): name another output_dir") from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(handle, 20).decode("ascii", "replace").strip() or "unknown"
            raise ConfigError(
                f"{folder}: process {holder} writes into it: wait for its end, or stop it (`kill {holder}`), and run "
                "the same command again"
            ) from None
        except OSError:  # some network file systems have no locks
            yield
            return
        # On a full disk the number is missing in messages, and the lock is held all the same.
        with suppress(OSError):
            os.truncate(handle, 0)
            os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
        with suppress(OSError):  # while it is still locked: whoever comes later makes another one
            path.unlink()
    finally:
        os.close(handle)
