"""The short name, as a user meets it: in a new process, offline, wherever it is started."""

import json
import os
import subprocess
import sys
import textwrap

import pytest

from lemma_hf.data import register as door


@pytest.fixture
def python(tmp_path):
    """Runs code in a new process, in a new folder and offline; gives what it printed, read as JSON."""
    home = tmp_path / "home"
    here = tmp_path / "here"
    here.mkdir()

    def run(code, **environment):
        quiet = {
            "HF_HUB_OFFLINE": "1",
            "HF_HOME": str(home),
            "OMP_NUM_THREADS": "1",
            "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
        }
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(code)],
            cwd=here,
            env=os.environ | quiet | environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    run.here = here
    return run


LOAD = """
    import json, sys
    import lemma_hf
    from lemma_hf.data.register import register
    from datasets import load_dataset
    register(sys.argv[1] if sys.argv[1:] else {folder!r})
"""


def test_the_bare_name_loads_the_folder_and_never_the_current_directory(python, make_folder, tmp_path):
    folder = str(make_folder(tmp_path / "lemma"))
    for number in range(3):
        (python.here / f"train-{number}.csv").write_text("a,b\n1,2\n")
    (python.here / "lemma.csv").write_text("a,b\n1,2\n")
    code = (
        LOAD.format(folder=folder)
        + """
    from datasets import get_dataset_config_names
    found = {
        "all": {split: len(rows) for split, rows in load_dataset("lemma").items()},
        "columns": load_dataset("lemma")["train"].column_names[:2],
        "fix": len(load_dataset("lemma", "fix_and_continue", split="train")),
        "slice": list(load_dataset("lemma", "fresh_and_restart", split="train[1:3]")["id"]),
        "streamed": [row["id"] for row in load_dataset("lemma", split="test", streaming=True)],
        "shared": len(load_dataset("lemma", split="train", num_proc=2, download_mode="force_redownload")),
        "configs": get_dataset_config_names("lemma"),
    }
    try:
        load_dataset("lemma", "no_such_config")
    except ValueError as error:
        found["bad"] = str(error)
    print(json.dumps(found))
    """
    )
    found = python(code)
    assert found.pop("bad").startswith("BuilderConfig 'no_such_config' not found. Available: ['default', 'fix_and_con")
    assert found == {
        "all": {"train": 11, "test": 2},
        "columns": ["id", "problem_id"],
        "fix": 5,
        "slice": ["pens-3/fresh_and_restart", "pens-4/fresh_and_restart"],
        "streamed": ["pens-9/fix_and_continue", "pens-9/fresh_and_restart"],
        "shared": 11,
        "configs": ["default", "fix_and_continue", "fresh_and_restart", "lemma"],
    }


@pytest.mark.parametrize(
    "imports",
    [
        "import lemma_hf; from datasets import load_dataset",
        "from datasets import load_dataset; import lemma_hf",
        # transformers asks whether datasets could be imported long before anybody does.
        "import lemma_hf, importlib.util; importlib.util.find_spec('datasets'); from datasets import load_dataset",
    ],
)
def test_the_order_of_imports_does_not_matter(python, imports):
    code = f"""
    import json, sys
    {imports}
    from datasets.packaged_modules import _PACKAGED_DATASETS_MODULES
    waiting = [finder for finder in sys.meta_path if "lemma_hf" in type(finder).__module__]
    print(json.dumps([_PACKAGED_DATASETS_MODULES["lemma"][0], len(waiting)]))
    """
    assert python(code) == ["lemma_hf.data.builder", 0]


def test_the_name_is_a_config_too_with_all_rows(python, make_folder, tmp_path):
    code = (
        LOAD.format(folder=str(make_folder(tmp_path / "lemma")))
        + """
    bare, named = load_dataset("lemma", split="train"), load_dataset("lemma", "lemma", split="train")
    try:
        load_dataset("lemma", "typo")
    except ValueError as error:
        print(json.dumps([bare[:] == named[:] and bare.features == named.features, str(error)]))
    """
    )
    same, said = python(code)
    assert same and "'typo' not found. Available: ['default', 'fix_and_continue', 'fresh_and_restart', 'lemma']" in said


def test_no_request_is_made_for_a_download_count(python, make_folder, tmp_path):
    # Online, against a port where nobody listens: a request would be tried, and recorded.
    code = (
        LOAD.format(folder=str(make_folder(tmp_path / "lemma")))
        + """
    import socket
    tried = []
    socket.socket.connect = lambda self, address: tried.append(address) or (_ for _ in ()).throw(OSError("no network"))
    socket.getaddrinfo = lambda *address, **_: tried.append(address) or (_ for _ in ()).throw(OSError("no network"))
    print(json.dumps([len(load_dataset("lemma", split="test")), tried]))
    """
    )
    assert python(code, HF_HUB_OFFLINE="0") == [2, []]


def test_a_version_of_datasets_that_moved_its_names_gets_a_warning_and_no_error(python):
    code = """
    import json, warnings
    import datasets
    del datasets.load.PackagedDatasetModuleFactory
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        import lemma_hf
    print(json.dumps([str(warning.message) for warning in caught]))
    """
    (message,) = python(code)
    assert "load_dataset(lemma_hf.DATASET_DIR)" in message
    assert 'load_dataset("USER/lemma")' in message


def test_a_changed_folder_is_read_anew_even_where_its_times_are_the_same(python, make_folder, other_splits, tmp_path):
    folder = make_folder(tmp_path / "lemma")
    code = (
        LOAD.format(folder=str(folder))
        + """
    print(json.dumps(list(load_dataset("lemma", split="test")["reference_answer"])))
    """
    )
    assert python(code) == ["45", "45"]
    times = {path: path.stat().st_mtime_ns for path in folder.rglob("*.*")}
    before = (folder / "README.md").read_text()
    make_folder(folder, splits=other_splits)
    for path, time in times.items():
        os.utime(path, ns=(time, time))
    assert (folder / "README.md").read_text() == before
    assert python(code) == ["33", "33"]


def test_an_installation_without_the_dataset_says_how_to_make_it(python, tmp_path):
    code = (
        LOAD.format(folder=str(tmp_path / "nothing"))
        + """
    try:
        load_dataset("lemma")
    except lemma_hf.LemmaError as error:
        print(json.dumps(str(error)))
    """
    )
    assert "make it with `make dataset`" in python(code)


def test_the_private_names_of_datasets_are_where_we_look_for_them():
    """Fails when a new version of datasets needs `lemma_hf.data.register` to be looked at again."""
    import inspect

    from datasets.load import (
        DatasetModule,
        LocalDatasetModuleFactory,
        PackagedDatasetModuleFactory,
        increase_load_count,
    )
    from datasets.packaged_modules import _PACKAGED_DATASETS_MODULES

    assert {"name", "data_dir", "data_files"} <= set(inspect.signature(PackagedDatasetModuleFactory).parameters)
    assert list(inspect.signature(increase_load_count).parameters) == ["name"]
    assert {"path", "download_mode"} <= set(inspect.signature(LocalDatasetModuleFactory).parameters)
    assert {"module_path", "hash", "builder_kwargs"} <= set(DatasetModule.__dataclass_fields__)
    assert all(len(entry) == 2 for entry in _PACKAGED_DATASETS_MODULES.values())
    assert _PACKAGED_DATASETS_MODULES[door.DATASET_NAME][1] != _PACKAGED_DATASETS_MODULES["json"][1]
