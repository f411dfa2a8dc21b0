import re
import sys
from pathlib import Path

import pytest
from show_samples import HOSTILE, OUTPUTS, write

from lemma_hf.cli import main


def show(*arguments: object) -> int:
    return main(["show", *map(str, arguments)])


def test_lines_are_labelled_with_kind_and_weight(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "out.jsonl", OUTPUTS[:1])
    assert show(path, "--error_weight", "0.25") == 0
    said = capsys.readouterr().out
    assert re.search(r"^error 0\.25\s+│ 9 \* 7 = 62\.$", said, re.M)
    assert re.search(r"^reflection 1\s+│ Wait, that is wrong\.$", said, re.M)
    assert "verdict         │ right: no answer was found, by boxed>number, reference 63" in said
    assert "\x1b" not in said  # no terminal, so no colours


@pytest.mark.parametrize(
    ("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_a_terminal_gets_colours_unless_they_are_not_wanted(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    coloured: bool,
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert show(write(tmp_path / "out.jsonl", OUTPUTS[:1])) == 0
    assert ("\x1b[31merror 0" in capsys.readouterr().out) is coloured


def test_no_control_character_of_a_text_reaches_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert show(write(tmp_path / "out.jsonl", HOSTILE), "--limit", "10") == 0
    said = capsys.readouterr().out
    assert "⟨U+202E⟩gnorw⟨U+2028⟩⟨U+2029⟩⟨U+0000⟩⟨U+001B⟩[31m⟨U+D800⟩" in said
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\ud800-\udfff]", said)


def test_a_few_rows_are_drawn_and_the_bad_ones_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show(write(tmp_path / "out.jsonl", [*OUTPUTS, {"output": 1}])) == 0
    assert "9 rows in out.jsonl, 5 of them drawn" in capsys.readouterr().out
    assert show(write(tmp_path / "out.jsonl", [*OUTPUTS, {"output": 1}]), "--limit", 9) == 0
    assert "cannot be shown: out.jsonl:9: need text in the field 'output', found int" in capsys.readouterr().out


def test_the_page_is_written_whole_and_the_same_each_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, page = write(tmp_path / "out.jsonl", OUTPUTS), tmp_path / "page.html"
    assert show(path, "-o", page) == 0
    first = page.read_bytes()
    assert show(path, "-o", page) == 0
    assert page.read_bytes() == first
    assert f"written: {page} (0.0 MB)" in capsys.readouterr().out
    assert sorted(each.name for each in tmp_path.iterdir()) == ["out.jsonl", "page.html"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--limit", "0"], "at least one row"),
        (["--error_weight", "-1"], "--error_weight is -1.0, but a weight is a finite number from 0 up"),
        (["--correction-weight", "nan"], "--correction_weight is nan"),
        (["-o", "no/such/folder/page.html"], "there is no folder no/such/folder"),
    ],
)
def test_what_cannot_be_done_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert show(write(tmp_path / "out.jsonl", OUTPUTS), *arguments) == 1
    assert said in capsys.readouterr().err
