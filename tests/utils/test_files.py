"""Files and folders that appear whole or not at all."""

from pathlib import Path

import pytest

from lemma_hf.utils.files import whole_file, whole_folder, write_bytes, write_text


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_with_nothing_left_over(tmp_path: Path) -> None:
    write_text(tmp_path / "a.md", "old")
    write_text(str(tmp_path / "a.md"), "ü\r\n")
    write_bytes(tmp_path / "b.bin", b"\xff")
    assert (tmp_path / "a.md").read_bytes() == b"\xc3\xbc\r\n"
    assert (tmp_path / "b.bin").read_bytes() == b"\xff"
    assert names(tmp_path) == ["a.md", "b.bin"]


def test_a_text_that_utf8_cannot_hold_leaves_the_old_file(tmp_path: Path) -> None:
    write_text(tmp_path / "a.md", "old")
    with pytest.raises(UnicodeEncodeError):
        write_text(tmp_path / "a.md", "\ud800")
    assert (tmp_path / "a.md").read_text() == "old"


def test_a_block_that_fails_leaves_the_old_file_and_no_draft(tmp_path: Path) -> None:
    write_text(tmp_path / "rows.gz", "old")
    with pytest.raises(RuntimeError), whole_file(tmp_path / "rows.gz") as draft:
        assert draft.suffix == ".gz"
        draft.write_text("half")
        raise RuntimeError
    assert (tmp_path / "rows.gz").read_text() == "old"
    assert names(tmp_path) == ["rows.gz"]


@pytest.mark.parametrize("place", ["missing/a.md", "file/a.md", "folder"])
def test_a_place_that_cannot_be_written_to_is_an_oserror(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError):
        write_text(tmp_path / place, "text")
    assert names(tmp_path) == ["file", "folder"]


def test_a_folder_is_replaced_as_a_whole(tmp_path: Path) -> None:
    for name in ("one", "two"):
        with whole_folder(tmp_path / "deep" / "data") as draft:
            (draft / name).write_text(name)
    assert names(tmp_path / "deep") == ["data"]
    assert names(tmp_path / "deep" / "data") == ["two"]
    assert (tmp_path / "deep" / "data").stat().st_mode & 0o777 == 0o755


def test_a_folder_that_is_not_filled_to_the_end_is_not_put_in_place(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), whole_folder(tmp_path / "data") as draft:
        (draft / "half").write_text("")
        raise RuntimeError
    assert names(tmp_path) == []
