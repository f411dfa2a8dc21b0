"""Versions of the packages that are installed."""

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version


def installed_version(name: str) -> str | None:
    """The version of a package; None where it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def installed_versions(names: Iterable[str]) -> dict[str, str]:
    """The versions of those packages that are installed.

    Example:
        >>> list(installed_versions(["pyyaml", "no-such-package"]))
        ['pyyaml']
    """
    return {name: found for name in names if (found := installed_version(name)) is not None}
