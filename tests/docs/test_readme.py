"""README is short; the tree in docs/architecture.md is the tree; the version is the same wherever it is written."""

import configparser
import re

import yaml
from docs_text import ROOT

import lemma_hf

README = (ROOT / "README.md").read_text("utf-8")
TREE = (ROOT / "docs" / "architecture.md").read_text("utf-8")


def test_readme_is_short_enough_to_be_read():
    assert len(README.splitlines()) <= 160


def test_the_tree_names_every_room_and_every_recipe():
    tree = TREE[TREE.index("## The tree") :]
    rooms = {path.name for path in (ROOT / "lemma_hf").iterdir() if path.is_dir() and (path / "__init__.py").exists()}
    missing = [room for room in rooms if f"  {room}/" not in tree]
    missing += [path.name for path in (ROOT / "recipes").glob("*.py") if path.name not in tree]
    assert missing == []


def test_every_room_of_the_tree_exists():
    lines = TREE[TREE.index("lemma_hf/\n") : TREE.index("recipes/  ")]
    rooms = re.findall(r"^  (\w+)/", lines, re.MULTILINE)
    assert len(rooms) > 10
    assert [room for room in rooms if not (ROOT / "lemma_hf" / room).is_dir()] == []


def test_the_version_is_the_same_wherever_it_is_written():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", "utf-8")
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert setup["metadata"]["version"] == lemma_hf.__version__ == citation["version"]
