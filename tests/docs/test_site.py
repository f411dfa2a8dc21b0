"""The site is built strictly; pages say what they are good for; files that the documents name are there."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from docs_text import DOCUMENTS, PAGES, ROOT, name_of

pytest.importorskip("mkdocs", reason="mkdocs is in the extras `docs` and `dev`")
NAMED = re.compile(r"(?<![\w./-])(?:recipes|benchmarks|lemma_hf|docs|tests|\.github)/[\w./-]+\.\w+")
"""A file of the checkout, such as `lemma_hf/data/rows.py`."""
GENERATED = {f"docs/results/{name}.md" for name in ("miniature", "miniature_trainers", "care_is_dear")}
"""Written by `recipes/miniature.py`."""


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-5000:]
    return folder


@pytest.mark.slow
def test_the_strict_build_succeeds(site):
    assert (site / "index.html").is_file()
    assert (site / "notebook.ipynb").is_file()
    assert not (site / "hooks.py").exists()


@pytest.mark.slow
def test_the_reference_has_the_rooms_and_their_names(site):
    grading = (site / "reference/grading/index.html").read_text("utf-8")
    assert 'id="lemma_hf.grading.grade"' in grading and "killable" in grading
    assert 'id="lemma_hf.train.LemmaSFTTrainer"' in (site / "reference/train/index.html").read_text("utf-8")


@pytest.fixture
def hooks() -> ModuleType:
    spec = importlib.util.spec_from_file_location("documentation_hooks", ROOT / "docs" / "hooks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_name_without_a_docstring_is_reported(hooks, tmp_path, monkeypatch):
    import griffe

    room = tmp_path / "made_up" / "__init__.py"
    room.parent.mkdir()
    room.write_text(
        '__all__ = ["bare", "good", "lost", "SAID", "SILENT"]\n'
        'def bare(): ...\ndef good():\n    """Good."""\nlost = 1\ndel lost\nSAID = 1\n"""Said."""\nSILENT = 2\n'
    )
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module("made_up")
    module.__all__.append("nowhere")
    faults = list(hooks.undocumented(module, griffe.load("made_up", search_paths=[str(tmp_path)])))
    assert [fault.split(":")[0] for fault in faults] == [
        f"made_up.{name}" for name in ("bare", "lost", "nowhere", "SILENT")
    ]


@pytest.mark.parametrize("page", [page for page in PAGES if name_of(page) not in GENERATED], ids=name_of)
def test_a_page_begins_with_what_its_reader_can_do_afterwards(page):
    title, _, rest = page.read_text("utf-8").partition("\n\n")
    assert title.startswith("# ")
    assert rest.startswith("After this page you ")


@pytest.mark.parametrize(
    ("document", "name"),
    sorted({(name_of(path), name) for path in DOCUMENTS for name in NAMED.findall(path.read_text("utf-8"))}),
)
def test_a_file_that_is_named_is_there(document, name):
    assert (ROOT / name).exists()
