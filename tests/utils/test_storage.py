"""A full disk and places that nothing can be written to, as the system and real libraries tell of them."""

import sqlite3
from pathlib import Path

import pytest

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.utils.lock import folder_lock
from lemma_hf.utils.storage import refuse_unwritable, storage_explained

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
needs_proc = pytest.mark.skipif(not Path("/proc/self").exists(), reason="this system has no /proc")


@needs_proc
def test_a_place_in_which_no_file_can_be_made_is_refused_though_rights_allow_it() -> None:
    for place in ("/proc", "/proc/out", "/proc/not/there/yet"):
        with pytest.raises(ConfigError, match=r"`output_dir`: nothing can be written into /proc \(.*\): name another"):
            refuse_unwritable(place)


def test_a_file_holds_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"nothing can be written into .*file \(Not a directory\)"):
        refuse_unwritable(tmp_path / "file" / "out")


def test_looking_leaves_nothing_behind(tmp_path: Path) -> None:
    refuse_unwritable(tmp_path / "a" / "b")
    assert not list(tmp_path.iterdir())


@needs_full
def test_a_full_disk_is_said_in_words() -> None:
    with (
        pytest.raises(DataError, match=r"cannot be written or read \(No space left on device\): make space"),
        storage_explained(),
        FULL.open("w") as file,
    ):
        file.write("x")


def test_a_database_on_a_full_disk_is_one_too(tmp_path: Path) -> None:
    base = sqlite3.connect(tmp_path / "small.sqlite")
    base.execute("PRAGMA max_page_count = 1")  # for SQLite this is a disk of one page
    with pytest.raises(DataError, match="database or disk is full"), storage_explained():
        base.execute("CREATE TABLE much (text TEXT)")
    base.close()


def test_a_file_without_rights_is_named(tmp_path: Path) -> None:
    error = PermissionError(13, "Permission denied", str(tmp_path / "x"))
    with pytest.raises(DataError, match=r"/x: cannot be written or read \(Permission denied\)"), storage_explained():
        raise error


@pytest.mark.parametrize("error", [ValueError("no"), FileNotFoundError(2, "No such file"), DataError("a row")])
def test_other_errors_stay_as_they_are(error: Exception) -> None:
    with pytest.raises(type(error)) as caught, storage_explained():
        raise error
    assert caught.value is error


@needs_full
def test_a_lock_is_held_on_a_full_disk_too(tmp_path: Path) -> None:
    (tmp_path / "out.lock").symlink_to(FULL)
    out = tmp_path / "out"
    with folder_lock(out), pytest.raises(ConfigError, match="writes into it"), folder_lock(out):
        pytest.fail("it is held twice")
