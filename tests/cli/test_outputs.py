import json
import os
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
