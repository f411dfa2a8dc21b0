"""MkDocs hook: reference pages, one for each room of lemma_hf, and a warning for each public name without a docstring.

A room is a package or a module directly below `lemma_hf`; its public names are those of its `__all__`, or, where a
module has none, those that it defines without a leading underscore. A warning fails `mkdocs build --strict`.
"""

import logging
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import griffe
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]
LOG = logging.getLogger("mkdocs.hooks.reference")
MODULES = ("lemma_hf", "lemma_hf.records", "lemma_hf.taxonomy", "lemma_hf.errors", "lemma_hf.settings")
"""Documented although they are no packages."""
DEEPER = ("lemma_hf.train.rewards", "lemma_hf.testing.plugin")
"""Modules inside a room that users import by their own path."""


class ExampleSections(griffe.Extension):
    """Reads `Example:` as the section `Examples:`, which alone is shown as code rather than as text."""

    def on_instance(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Rewrite the heading in one docstring."""
        if obj.docstring:
            obj.docstring.value = re.sub(r"^Example:$", "Examples:", obj.docstring.value, flags=re.MULTILINE)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Append the reference pages to the navigation."""
    pages = [{name: page_of(name)} for name in documented()]
    config.nav = [*config.nav, {"Reference": ["reference/index.md", *pages]}]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page for each room, and check that each of its names is documented."""
    package = griffe.load("lemma_hf", search_paths=[str(ROOT)])
    for name in documented():
        module = import_module(name)
        for fault in undocumented(module, package):
            LOG.warning(fault)
        files.append(File.generated(config, page_of(name), content=text_of(module)))
    return files


def documented() -> list[str]:
    """The modules that get a page: the door and the single files first, then the rooms by name."""
    rooms = sorted(f"lemma_hf.{path.parent.name}" for path in (ROOT / "lemma_hf").glob("*/__init__.py"))
    return [*MODULES, *(name for name in rooms if hasattr(import_module(name), "__all__")), *DEEPER]


def page_of(name: str) -> str:
    """The page of a module, such as `reference/grading.md` for `lemma_hf.grading`."""
    return f"reference/{name.removeprefix('lemma_hf.')}.md"


def public_names(module: ModuleType) -> list[str]:
    """The names that a module offers, without `__version__`."""
    own = [name for name, value in vars(module).items() if getattr(value, "__module__", None) == module.__name__]
    names = getattr(module, "__all__", own)
    return sorted((name for name in names if not name.startswith("_")), key=str.lower)


def text_of(module: ModuleType) -> str:
    """The Markdown of a reference page, which mkdocstrings fills in."""
    name = module.__name__
    head = f"# {name}\n\n::: {name}\n    options:\n      members: false\n      show_root_heading: false\n"
    return head + "".join(f"\n::: {name}.{member}\n" for member in public_names(module))


def undocumented(module: ModuleType, package: griffe.Module) -> Iterator[str]:
    """A complaint for each public name that has no docstring, or that cannot be found in the source.

    The source is read rather than the object: a constant has its docstring below it in the file, and nowhere else.
    """
    inside = module.__name__.split(".")[1:]
    for name in public_names(module):
        try:
            found = package[[*inside, name]]
            found = found.final_target if found.is_alias else found
        except (KeyError, griffe.AliasResolutionError, griffe.CyclicAliasError):
            yield f"{module.__name__}.{name}: is in `__all__`, but is not defined or imported by name in the source"
            continue
        if not found.has_docstring:
            yield f"{module.__name__}.{name}: has no docstring ({found.path})"
