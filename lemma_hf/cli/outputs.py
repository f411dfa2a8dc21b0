"""Checks of the place where a command writes, before it does any work."""

from collections.abc import Sequence
from pathlib import Path

from lemma_hf.errors import ConfigError
from lemma_hf.utils.storage import refuse_unwritable

PAGES = (".html", ".htm")
"""The endings of a page."""
FIGURES = (".json",)
"""The ending of a file of figures."""


def check_output(
    path: Path | None, inputs: Sequence[Path], *, option: str = "--output", endings: Sequence[str] = ()
) -> None:
    """Refuse a place that nothing should be, or can be, written to.

    Args:
        path: the file to write; None: none.
        inputs: files that the command reads, none of which it may replace.
        option: the name of the option, for messages.
        endings: the endings that the file's name may have; none given: any.

    Raises:
        ConfigError: if it is one of the inputs, a folder, a device or a pipe, if its folder is missing or cannot be
            written to, or if its name has another ending.
    """
    if path is None:
        return
    if path.exists() and not path.is_file():
        raise ConfigError(f"{option} {path}: is no plain file, which would be replaced: give the name of a file")
    for other in inputs:
        if path.exists() and other.exists() and path.samefile(other):
            raise ConfigError(f"{option} {path}: is what is read, which would be replaced: give another name")
    if endings and not path.name.endswith(tuple(endings)):
        raise ConfigError(f"{option} {path}: need a name that ends in {' or '.join(endings)}")
    if not path.parent.is_dir():
        raise ConfigError(f"{option} {path}: there is no folder {path.parent}: make it first")
    refuse_unwritable(path.parent, option)
