"""Few-shots: right, in the paper's form, and none of a benchmark's own problems."""

import gzip
import json
from pathlib import Path

import pytest

from lemma_hf import grade
from lemma_hf.errors import ConfigError
from lemma_hf.pipeline import decontaminate
from lemma_hf.prompts import PROMPT_STYLES, SHOTS_FOLDER, load_shots, prompt_style
from lemma_hf.records import Outcome

BENCH = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "bench"
NAMES = ("asdiv", "mawps", "svamp")
SHOTS = [(name, shot) for name in NAMES for shot in load_shots(name)]
# By hand, from the questions alone.
ANSWERS = {
    "asdiv": [6 + 5, -(-200 // 45), 2 * (9 + 4), "4:3"],
    "mawps": [46 - 18, 7 * 12, (35 + 13) / 4, 0.4 + 0.25 + 0.15],
    "svamp": [34 - 9, 56 - 38, 9 * 14, 40 - 8 + 17],
}


def test_there_are_four_for_each_benchmark_that_the_paper_asks_with_four():
    assert sorted(path.stem for path in SHOTS_FOLDER.glob("*.md")) == sorted(NAMES)
    assert {name: len(load_shots(name)) for name in NAMES} == dict.fromkeys(NAMES, 4)


@pytest.mark.parametrize("name", NAMES)
def test_every_answer_is_what_the_question_comes_to(name):
    for shot, answer in zip(load_shots(name), ANSWERS[name], strict=True):
        assert grade(f"The answer is: {answer}", shot.answer).outcome is Outcome.RIGHT


@pytest.mark.parametrize(("name", "shot"), SHOTS, ids=lambda value: getattr(value, "answer", value))
@pytest.mark.parametrize("style", ["instruction", "boxed"])
def test_a_shot_as_a_model_would_write_it_is_graded_right(name, shot, style):
    shown = prompt_style(style).prompt("?", [shot])
    before, _, after = shown.partition(shot.solution)
    written = after.partition("\n\n")[0]
    assert before and grade(shot.solution + written, shot.answer, benchmark=name).outcome is Outcome.RIGHT
    assert written.startswith("\nThe answer is: ")


@pytest.mark.parametrize(("name", "shot"), SHOTS, ids=lambda value: getattr(value, "answer", value))
def test_a_shot_thinks_step_by_step_before_it_answers(name, shot):
    assert len(shot.solution.split("\n")) == 2
    assert "The answer is" not in shot.solution
    # Whatever is computed is computed right: `46 - 18 = 28`.
    for left, right in calculations(shot.solution):
        assert left == pytest.approx(right)


def calculations(text):
    words = text.replace(",", " ").split()
    for place, word in enumerate(words):
        if word == "=" and words[place - 2] in "+-*/":
            first, sign, second = words[place - 3 : place]
            value = {"+": float.__add__, "-": float.__sub__, "*": float.__mul__, "/": float.__truediv__}[sign]
            yield value(float(first), float(second)), float(words[place + 1].rstrip("."))


def test_calculations_finds_what_is_written():
    assert list(calculations("So 46 - 18 = 28 are left, and 3 / 2 = 1.5.")) == [(28.0, 28.0), (1.5, 1.5)]
    assert all(any(True for _ in calculations(shot.solution)) for _, shot in SHOTS)


@pytest.mark.skipif(not BENCH.is_dir(), reason="needs ../shared/data/bench, which is not part of the project")
def test_no_question_is_a_benchmarks_own_not_even_in_part():
    questions = [
        decontaminate.words_of(json.loads(line)["question"])
        for path in sorted(BENCH.glob("*.jsonl.gz"))
        for line in gzip.decompress(path.read_bytes()).splitlines()
    ]
    assert len(questions) > 20_000
    ours = [decontaminate.words_of(shot.question) for _, shot in SHOTS]
    # Eight words in a row, far stricter than the usual thirteen.
    runs = {tuple(words[at : at + 8]) for words in ours for at in range(len(words) - 7)}
    assert len(runs) > 150
    shared = [words for words in questions if any(tuple(words[at : at + 8]) in runs for at in range(len(words) - 7))]
    assert shared == [] and not any(words in ours for words in questions)


def test_the_first_so_many_are_taken_and_none_for_zero():
    assert load_shots("svamp", 2) == load_shots("svamp")[:2]
    assert load_shots("no such benchmark", 0) == ()


@pytest.mark.parametrize(
    ("name", "count", "why"), [("gsm8k", 4, "there are for: asdiv, mawps, svamp"), ("svamp", 5, "5")]
)
def test_shots_that_are_not_there_are_refused(name, count, why):
    with pytest.raises(ConfigError, match=why):
        load_shots(name, count)


def test_your_own_folder_is_read(tmp_path):
    (tmp_path / "gsm8k.md").write_text(
        "# Shot\n## question\nA?\n\nB?\n## solution\nOne.\n\nTwo.\nThe answer is: 2\n", "utf-8"
    )
    (shot,) = load_shots("gsm8k", folder=tmp_path)
    assert (shot.question, shot.solution, shot.answer) == ("A?\n\nB?", "One.\n\nTwo.", "2")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "begin with a line `# Shot`"),
        ("hello\n# Shot\n## question\nA?\n## solution\nB\nThe answer is: 1", "begin with a line `# Shot`"),
        ("# Shot\n## question\nA?\n## solution\nB\nIt is 1", r"shot 1: need `## question`"),
        ("# Shot\n## question\nA?\n## solution\nB\nThe answer is: 1\n# Shot\n## question\nA?", r"shot 2: need"),
    ],
)
def test_a_broken_file_is_named_with_its_shot(tmp_path, text, why):
    (tmp_path / "mine.md").write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=why):
        load_shots("mine", folder=tmp_path)


def test_every_style_takes_shots_and_none_ends_in_a_space():
    for style in PROMPT_STYLES.values():
        shown = style.prompt("What is 2 + 3?", load_shots("mawps"))
        assert shown == shown.rstrip() and shown.count("What is 2 + 3?") == 1
        assert [shown.count(shot.question) for shot in load_shots("mawps")] == [1] * 4
