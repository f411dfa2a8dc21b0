import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lemma_hf.cli import main
from lemma_hf.cli.outputs import check_output
from lemma_hf.errors import ConfigError

ROW = {"problem": "What is 24 - 9?", "output": "24 - 9 = 15\nThe answer is: 15", "reference": "15", "steps": ["24"]}


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(ROW) + "\n")
    return path


@pytest.mark.parametrize("command", ["show", "grade", "audit", "analyse"])
def test_no_command_writes_over_its_input(command: str, rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (rows.parent / "link.jsonl").symlink_to(rows)
    for name in (rows, rows.parent / "link.jsonl", rows.parent / "." / "rows.jsonl"):
        assert main([command, str(rows), "-o", str(name)]) == 1
        assert "is what is read, which would be replaced" in capsys.readouterr().err
        assert rows.read_text() == json.dumps(ROW) + "\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("command", ["show", "grade", "audit"])
def test_no_command_replaces_a_device(command: str, rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # A pipe with a name in place of the device, which a mistake here would cost all other programs.
    pipe = rows.parent / "pipe.jsonl"
    os.mkfifo(pipe)
    assert main([command, str(rows), "-o", str(pipe)]) == 1
    assert "is no plain file" in capsys.readouterr().err
    assert pipe.is_fifo()


def test_a_place_that_cannot_be_written_to_is_named_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no folder"):
        check_output(tmp_path / "missing" / "x.jsonl", [])
    with pytest.raises(ConfigError, match="is no plain file"):
        check_output(tmp_path, [])
    with pytest.raises(ConfigError, match=r"--report .*x\.txt: need a name that ends in \.json or \.jsonl"):
        check_output(tmp_path / "x.txt", [], option="--report", endings=(".json", ".jsonl"))
    check_output(tmp_path / "x.jsonl", [tmp_path / "other.jsonl"], endings=(".jsonl",))
    check_output(None, [tmp_path])


NOWHERE = "/proc/out"
COMMANDS = {
    "grade": ["rows.jsonl", "-o", f"{NOWHERE}.jsonl"],
    "show": ["rows.jsonl", "-o", f"{NOWHERE}.html"],
    "audit": ["rows.jsonl", "--json", f"{NOWHERE}.json"],
    "analyse": ["rows.jsonl", "-o", f"{NOWHERE}.jsonl"],
    "export": ["lemma", "--to", "messages", "-o", NOWHERE],
    "score": ["--outputs", "rows.jsonl", "--file", "rows.jsonl", "--output_dir", NOWHERE],
    "make-dataset": ["--world", "stories", "--output_dir", NOWHERE],
    "demo": ["--output_dir", NOWHERE],
    "sweep": ["--config", "mask_study", "--output_dir", NOWHERE],
    "rounds": ["--config", "rounds_world", "--output_dir", NOWHERE],
}


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="this system has no /proc")
@pytest.mark.parametrize("command", COMMANDS)
def test_a_place_that_nothing_can_be_written_to_is_refused_before_the_work(
    command: str, rows: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(rows.parent)
    assert main([command, *COMMANDS[command]]) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith("error: ") and printed.err.count("\n") == 1
    assert "nothing can be written into /proc" in printed.err or "/proc/out.lock: cannot be written" in printed.err
    assert not printed.out


def test_an_error_that_quotes_a_file_moves_no_cursor(rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows.write_text(json.dumps({"output\x1b[2J": "1", "\u202ereference": "1"}) + "\n")
    assert main(["grade", str(rows)]) == 1
    said = capsys.readouterr().err
    assert "⟨U+001B⟩[2J" in said and "⟨U+202E⟩reference" in said
    assert "\x1b" not in said and "\u202e" not in said


@pytest.mark.parametrize(
    ("command", "written"),
    [
        (["grade", "{rows}", "-o", "out.jsonl"], ["out.jsonl"]),
        (["analyse", "{rows}", "-o", "out.jsonl", "--report", "report.json"], ["out.jsonl", "report.json"]),
        (["show", "{rows}", "-o", "page.html"], ["page.html"]),
        (["audit", "{rows}", "-o", "page.html", "--json", "figures.json"], ["figures.json", "page.html"]),
        (["export", "lemma", "--to", "messages", "-o", "out.jsonl"], ["out.jsonl"]),
    ],
)
def test_files_are_written_whole_though_the_reader_of_the_output_leaves(
    command: list[str], written: list[str], rows: Path
) -> None:
    """As `2>&1 | head`, which leaves before the first line."""
    words = [word.format(rows=rows) for word in command]
    folder = rows.parent / "out"
    folder.mkdir()
    reader, writer = os.pipe()
    os.close(reader)
    python = [sys.executable, *(["-u"] if "show" in command else []), "-m", "lemma_hf.cli"]
    done = subprocess.run([*python, *words], cwd=folder, stdout=writer, stderr=writer, check=False)
    os.close(writer)
    assert done.returncode == 141
    assert sorted(path.name for path in folder.iterdir()) == written


def test_a_program_whose_reader_has_left_hands_its_children_an_output_that_takes_all(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys; from lemma_hf.utils.pipes import reader_may_leave\n"
        "with reader_may_leave() as has_left:\n"
        "    print('this has no reader', flush=True)\n"
        "    subprocess.run([sys.executable, '-c', 'print(1)'], check=True)\n"
        "    open(sys.argv[1], 'w').write(str(has_left()))"
    )
    reader, writer = os.pipe()
    os.close(reader)
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "said")], stdout=writer, check=True)
    os.close(writer)
    assert (tmp_path / "said").read_text() == "True"
