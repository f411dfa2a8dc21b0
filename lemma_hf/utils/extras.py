"""Libraries that only an extra of lemma-hf brings, and what to do where one is missing."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, requires
from importlib.util import find_spec

from lemma_hf.errors import MissingDependencyError
from lemma_hf.utils.versions import installed_version

_EXTRA_OF = {
    "torch": "train",
    "trl": "train",
    "accelerate": "train",
    "peft": "train",
    "deepspeed": "deepspeed",
    "tensorboard": "tensorboard",
    "matplotlib": "plot",
    "ray": "ray",
    "vllm": "vllm",
    "lm_eval": "lm_eval",
    "gradio": "space",
}


def how_to_install(library: str) -> str:
    """The command that brings a library of an extra, from the package index and from a checkout.

    Example:
        >>> how_to_install("matplotlib")
        "pip install 'lemma-hf[plot]' (in a checkout: pip install '.[plot]')"
    """
    extra = _EXTRA_OF[library]
    return f"pip install 'lemma-hf[{extra}]' (in a checkout: pip install '.[{extra}]')"


def need(*libraries: str) -> None:
    """Refuse work that would find out late, in another process perhaps, that a library of an extra is missing.

    Raises:
        MissingDependencyError: naming those that are missing.
    """
    if missing := [library for library in libraries if not _installed(library)]:
        raise MissingDependencyError(_refusal(missing))


@contextmanager
def extras_explained() -> Iterator[None]:
    """Say what to install where the import of a library of an extra, or of something in it, fails in this block.

    Raises:
        MissingDependencyError: in place of Python's own error, which does not say what to do. The error of a library
            that no extra brings stays as it is.

    Example:
        >>> with extras_explained():
        ...     import json
    """
    try:
        yield
    except ImportError as error:
        library = (error.name or "").partition(".")[0]
        if library not in _EXTRA_OF:
            raise
        words = _other_release(library, error) if _installed(library) else _refusal([library])
        raise MissingDependencyError(words) from error


def _installed(library: str) -> bool:
    """Whether a library is there; a mere folder of its name beside a script, such as recipes/accelerate, is none."""
    spec = find_spec(library)
    return spec is not None and spec.origin is not None


def _refusal(missing: list[str]) -> str:
    are = "is" if len(missing) == 1 else "are"
    return f"this needs {', '.join(missing)}, which {are} not installed: {how_to_install(missing[0])}"


def _other_release(library: str, error: ImportError) -> str:
    return (
        f"{library} {installed_version(library)} lacks something that lemma-hf needs ({error.msg}): "
        f"pip install '{_requirement(library)}'"
    )


def _requirement(library: str) -> str:
    """What lemma-hf requires of a library, such as trl>=1.16,<1.17; its name alone where lemma-hf is not installed."""
    from packaging.requirements import Requirement

    try:
        lines = requires("lemma-hf") or []
    except PackageNotFoundError:
        return library
    found = (Requirement(line) for line in lines)
    return next((f"{each.name}{each.specifier}" for each in found if each.name == library and each.specifier), library)
