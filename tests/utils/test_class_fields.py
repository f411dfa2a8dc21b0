"""Fields of a dataclass, read in sources: its own, those of its bases, and where they are imported from."""

from pathlib import Path

import pytest

from lemma_hf.utils.class_fields import field_names

SOURCES = {
    "__init__.py": "from .inner import Config as Public\n",
    "inner/__init__.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .deep import Config\n",
    "inner/deep.py": (
        "from ..base import Base\nraise RuntimeError('this must not be run')\n"
        "class Config(Base):\n    rate: float = 1.0\n    _private: int = 0\n    KINDS: ClassVar[int] = 1\n"
    ),
    "base.py": "class Base:\n    name: str = ''\n    no_field = 3\n",
    "strange.py": "import other\nclass Config(Missing):\n    rate: float = 1.0\n",
}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, text in SOURCES.items():
        file = tmp_path / "of_fields" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    return "of_fields"


def test_fields_are_found_through_imports_and_bases_and_nothing_is_run(package: str) -> None:
    assert field_names(package, "Public") == {"rate", "name"}
    assert field_names("of_fields.inner.deep", "Config") == {"rate", "name"}


def test_a_file_without_a_package_is_read_too(package: str, tmp_path: Path) -> None:
    assert field_names(tmp_path / package / "base.py", "Base") == {"name"}


@pytest.mark.parametrize(
    ("module", "name", "said"),
    [
        ("of_fields", "Config", "neither defines nor imports a class Config"),
        ("of_fields.strange", "Config", "neither defines nor imports a class Missing"),
        ("of_fields.gone", "Config", "cannot be read as Python"),
        ("no_such_package.x", "Config", "no package no_such_package is installed"),
    ],
)
def test_what_cannot_be_found_is_said(package: str, module: str, name: str, said: str) -> None:
    with pytest.raises(LookupError, match=said):
        field_names(module, name)
