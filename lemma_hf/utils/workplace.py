"""Workplaces: hidden folders for what is being written, of which none stays behind, also where a process is killed.

    with workplace(folder) as place:    # folder/.unfinished-k3x9_a2f
        …                               # write into it, then move what is whole out of it

A process holds a lock on its workplace, which the system gives up when the process ends, however it ends. So whoever
writes into the same folder next can tell, and removes, what dead processes have left; the workplace of a living one has
its lock. Where the system has no such locks (Windows, some network file systems), what is left is left.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = ".unfinished-"
_REPLACED = "replaced"


@contextmanager
def workplace(folder: Path) -> Iterator[Path]:
    """Make an empty folder within `folder`, which is removed with all that is still in it at the end.

    Raises:
        OSError: if `folder` is missing or cannot be written to.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     with workplace(Path(folder)) as place:
        ...         place.parent == Path(folder), place.name.startswith(".unfinished-")
        ...     list(Path(folder).iterdir())
        (True, True)
        []
    """
    _remove_leftovers(folder)
    place, handle = _make(folder)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
        if handle is not None:
            os.close(handle)


def set_aside(path: Path, place: Path) -> Path:
    """Move an earlier file or folder into a workplace, out of the way of what replaces it; returns where it is now.

    Where the process is killed before something else stands in its place, it is moved back when its workplace is
    removed as left over.
    """
    aside = place / _REPLACED / path.name
    aside.parent.mkdir()
    path.rename(aside)
    return aside


def _make(folder: Path) -> tuple[Path, int | None]:
    while True:
        place = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=folder))
        handle = _lock(place, wait=True)
        if place.is_dir():  # else it was taken for a leftover before it had its lock
            return place, handle
        if handle is not None:
            os.close(handle)


def _remove_leftovers(folder: Path) -> None:
    for place in folder.glob(f"{_PREFIX}*"):
        handle = _lock(place, wait=False) if place.is_dir() else None
        if handle is None:
            continue
        for aside in place.glob(f"{_REPLACED}/*"):
            if not (folder / aside.name).exists():
                with suppress(OSError):
                    aside.rename(folder / aside.name)
        shutil.rmtree(place, ignore_errors=True)
        os.close(handle)


def _lock(place: Path, *, wait: bool) -> int | None:
    """An open handle that holds the lock of a folder; None where it is held by another, or there are no locks."""
    try:
        import fcntl
    except ImportError:
        return None
    handle = None
    try:
        handle = os.open(place, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        if handle is not None:
            os.close(handle)
        return None
    return handle
