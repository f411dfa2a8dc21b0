"""Files and folders that appear whole or not at all; JSON Lines with one policy on what is broken."""

import io
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lemma_hf.utils import files
from lemma_hf.utils.files import json_lines, read_json_lines, whole_file, whole_folder, write_bytes, write_text


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


def test_a_lone_surrogate_is_read_spelled_or_as_bytes_and_other_bytes_are_not(tmp_path: Path) -> None:
    lines = b'\xef\xbb\xbf{"a": "\\ud800"}\n{"a": "\xed\xa0\x80"}\n{"a": "\xff"}\n'
    first, second, third = json_lines(io.BytesIO(lines), "a")
    assert first[1] == second[1] == {"a": "\ud800"}
    assert str(third[1]).startswith("is not valid JSON: 'utf-8' codec")


def test_a_line_that_is_too_long_is_one_bad_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LONGEST_LINE", 10)
    lines = b'{"a": 123}\n{"a": ' + b"9" * 95 + b'}\n{"a": 1}'
    found = list(json_lines(io.BytesIO(lines), "a"))
    # The first is of ten bytes and its line break.
    assert [number for number, _ in found] == [1, 2, 3]
    assert [isinstance(one, str) for _, one in found] == [True, True, False]


def test_rows_of_a_file_end_at_the_first_bad_line(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"a": 1}\n\nno\n')
    rows = read_json_lines(tmp_path / "a.jsonl")
    assert next(rows) == (1, {"a": 1})
    with pytest.raises(files.DataError, match=r"a\.jsonl, line 3: is not valid JSON"):
        next(rows)


WRITER = """
import sys, time
from lemma_hf.utils import files
with getattr(files, sys.argv[1])(sys.argv[2]) as draft:
    (draft / "half" if draft.is_dir() else draft).write_text("half")
    print("writing", flush=True)
    time.sleep(60)
"""


@contextmanager
def writer(kind: str, path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that is in the middle of writing, until it is killed."""
    command = [sys.executable, "-c", WRITER, kind, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None and process.stdout.readline() == "writing\n"
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("kind", ["whole_file", "whole_folder"])
def test_what_a_killed_writer_leaves_is_removed_at_the_next_write_and_what_a_living_one_writes_is_not(
    tmp_path: Path, kind: str
) -> None:
    with writer(kind, tmp_path / "out") as killed, writer(kind, tmp_path / "out"):
        killed.kill()
        killed.wait()
        assert len(names(tmp_path)) == 2
        write_text(tmp_path / "other", "")
        living, other = names(tmp_path)
        assert (living.startswith(".unfinished-"), other) == (True, "other")
        assert names(tmp_path / living) == ["out"]


def test_a_kill_between_the_old_folder_and_the_new_one_costs_neither(tmp_path: Path) -> None:
    """The old folder is moved aside first, since no system moves a folder over another that is not empty."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old").write_text("old")
    code = (
        "import os, signal, sys; from pathlib import Path; from lemma_hf.utils import files\n"
        "with files.whole_folder(sys.argv[1]):\n"
        "    Path.rename = lambda self, to, rename=Path.rename: "
        "(rename(self, to), os.kill(os.getpid(), signal.SIGKILL))"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "out")], check=False)
    assert "out" not in names(tmp_path)
    write_text(tmp_path / "other", "")
    assert names(tmp_path) == ["other", "out"]
    assert names(tmp_path / "out") == ["old"]


def test_two_writers_of_one_file_do_not_write_into_each_others_draft(tmp_path: Path) -> None:
    with whole_file(tmp_path / "a") as first, whole_file(tmp_path / "a") as second:
        first.write_text("first")
        second.write_text("second")
    assert (tmp_path / "a").read_text() == "first"
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("kind", ["whole_file", "whole_folder"])
def test_a_link_stays_a_link_and_what_it_points_to_is_replaced(tmp_path: Path, kind: str) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "deep" / "real")
    (tmp_path / "deep").mkdir()
    with getattr(files, kind)(tmp_path / "link") as draft:
        (draft / "new" if kind == "whole_folder" else draft).write_text("new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "deep" / "real" / ("new" if kind == "whole_folder" else "")).read_text() == "new"
    assert names(tmp_path) == ["deep", "link"]
