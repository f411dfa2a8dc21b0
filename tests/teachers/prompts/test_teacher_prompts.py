"""The prompts of a teacher: the files, the examples in them, and how a user's own are read."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lemma_hf.errors import ConfigError
from lemma_hf.grading import grade_many
from lemma_hf.records import Outcome, SpanKind
from lemma_hf.solutions.equations import find_equations
from lemma_hf.solutions.spans import segment, split_steps
from lemma_hf.taxonomy import INJECTABLE, ErrorType
from lemma_hf.teachers.prompts import FIELDS, Analysis, Turn, Unreadable, WrongSolution, load_prompt
from lemma_hf.teachers.prompts.loader import FOLDER, SMALL, TeacherPrompt
from lemma_hf.teachers.prompts.replies import PARSERS

NAMES = sorted(FIELDS)


def examples(name: str, folder: Path = FOLDER) -> list[dict[str, str]]:
    """The fields of a file's examples, read once more by other means than the loader's."""
    found = []
    for block in (folder / f"{name}.md").read_text("utf-8").split("\n# Example\n")[1:]:
        parts = [part.partition("\n") for part in f"\n{block}".split("\n## ")[1:]]
        found.append({title: content.strip() for title, _, content in parts})
    return found


ALL = [(name, example) for name in NAMES for example in examples(name)]
IDS = [f"{name}-{number}" for name in NAMES for number in range(1, len(examples(name)) + 1)]
SMALL_ONES = [(name, example) for name in NAMES for example in examples(name, FOLDER / SMALL)]
SMALL_IDS = [f"small-{name}-{number}" for name in NAMES for number in range(1, len(examples(name, FOLDER / SMALL)) + 1)]


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("analyse", "2+ee2888a4"),
        ("fix", "1+7aba9c7b"),
        ("inject", "1+b12a2087"),
        ("restart", "1+b153b203"),
        ("smooth", "1+4cd19ac3"),
    ],
)
def test_a_prompt_that_was_changed_gets_a_new_version(name: str, digest: str) -> None:
    # Changed on purpose? Raise `version` in the file's head, and write the new digest down here.
    prompt = load_prompt(name)
    assert f"{prompt.version}+{prompt.digest}" == digest


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("analyse", "1+79db884a"),
        ("fix", "1+2ad902a7"),
        ("inject", "1+43d91ddc"),
        ("restart", "1+a5ab3fec"),
        ("smooth", "1+85b2b7ac"),
    ],
)
def test_a_small_prompt_that_was_changed_gets_a_new_version(name: str, digest: str) -> None:
    prompt = load_prompt(name, SMALL)
    assert f"{prompt.version}+{prompt.digest}" == digest


@pytest.mark.parametrize("name", ["fix", "inject", "restart", "smooth"])
def test_a_small_prompt_has_one_worked_example(name: str) -> None:
    roles = [message["role"] for message in load_prompt(name, SMALL).opening]
    assert roles == ["system", "user", "assistant"]


def test_the_kinds_of_mistakes_are_those_of_the_taxonomy() -> None:
    system = load_prompt("analyse").opening[0]["content"]
    listed = [line for line in system.split("\n") if line.startswith("- ")]
    assert listed == [f"- {type_}: {type_.definition}" for type_ in ErrorType]


@pytest.mark.parametrize("name", NAMES)
def test_messages_are_a_system_examples_and_the_question(name: str) -> None:
    prompt = load_prompt(name)
    fields = {field: f"<{field}>" for field in prompt.fields}
    messages = prompt.messages(**fields)
    roles = [message["role"] for message in messages]
    assert roles == ["system", *["user", "assistant"] * len(examples(name)), "user"]
    assert sorted(prompt.fields) == sorted(FIELDS[name])
    assert all(messages[-1]["content"].count(value) == 1 for value in fields.values())
    # Not copied for each request.
    assert all(one is other for one, other in zip(messages[:-1], prompt.messages(**fields)[:-1], strict=True))


@pytest.mark.parametrize(("name", "example"), ALL, ids=IDS)
def test_examples_are_shown_through_the_same_template(name: str, example: dict[str, str]) -> None:
    prompt = load_prompt(name)
    fields = {field: text for field, text in example.items() if field != "reply"}
    pair = prompt.messages(**fields)[-1], {"role": "assistant", "content": example["reply"]}
    shown = list(prompt.opening)
    assert pair in zip(shown[1::2], shown[2::2], strict=True)


@pytest.mark.parametrize(("name", "example"), [*ALL, *SMALL_ONES], ids=[*IDS, *SMALL_IDS])
def test_examples_are_right(name: str, example: dict[str, str]) -> None:
    read = PARSERS[name](example["reply"])
    assert not isinstance(read, Unreadable)
    if isinstance(read, Analysis):
        steps = example["steps"].split("\n")
        assert [step.split("]")[0] for step in steps] == [f"[{number}" for number in range(1, len(steps) + 1)]
        assert (read.step is None) == ("not known" in example["verdict"])
        assert read.step is None or read.step <= len(steps)
    if isinstance(read, WrongSolution):
        assert grades([read.solution], example["answer"]) == [Outcome.WRONG]
        assert read.step < len(split_steps(read.solution))
        assert ErrorType(example["type"]) in INJECTABLE
    if isinstance(read, Turn):
        answer = example.get("answer") or example["correction"].rpartition("The answer is: ")[2]
        assert grades([read.correction], answer) == [Outcome.RIGHT]
        assert all(equation.holds for equation in find_equations(read.correction))
    if "type" in example:
        assert example["definition"] == ErrorType(example["type"]).definition
    if "solution" in example:
        assert all(equation.holds for equation in find_equations(example["solution"]))


@pytest.mark.parametrize(
    ("name", "example"), [each for each in [*ALL, *SMALL_ONES] if each[0] in ("fix", "restart", "smooth")]
)
def test_the_turns_of_examples_are_found_again_in_plain_text(name: str, example: dict[str, str]) -> None:
    read = PARSERS[name](example["reply"])
    assert isinstance(read, Turn)
    wrong = example.get("wrong_step") or example["steps"].split("\n")[-1]
    spans = segment(f"{wrong}\n{read.reflection}\n{read.correction}")
    assert isinstance(spans, tuple)
    assert [span.kind for span in spans] == [SpanKind.ERROR, SpanKind.REFLECTION, SpanKind.CORRECTION]
    assert [span.text.strip() for span in spans] == [wrong, read.reflection, read.correction]


def grades(texts: list[str], answer: str) -> list[Outcome]:
    return [grade.outcome for grade in grade_many(texts, [answer] * len(texts), benchmark="math")]


@given(st.text(), st.text())
def test_values_go_in_word_for_word(question: str, reflection: str) -> None:
    prompt = TeacherPrompt("p", "1", "", (), ("Q: ", "question", "\nR: ", "reflection", ""))
    (message,) = prompt.messages(question=question, reflection=reflection)
    assert message["content"] == f"Q: {question}\nR: {reflection}"


def test_a_missing_or_unknown_field_is_an_error() -> None:
    prompt = load_prompt("smooth")
    with pytest.raises(ConfigError, match=r"prompt `smooth`: missing `correction`; not known `corection` \(the fields"):
        prompt.messages(question="", steps="", reflection="", corection="")
    with pytest.raises(
        ConfigError, match="no prompt is called 'mend'; known are analyse, inject, fix, restart, smooth"
    ):
        load_prompt("mend")


OWN = (FOLDER / "smooth.md").read_text("utf-8")


def own(folder: Path, text: str | bytes) -> TeacherPrompt:
    (folder / "smooth.md").write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_prompt("smooth", folder)


def test_a_folder_of_ones_own_is_read_whatever_the_editor_made_of_it(tmp_path: Path) -> None:
    assert own(tmp_path, OWN).opening == load_prompt("smooth").opening
    edited = b"\xef\xbb\xbf" + OWN.replace("version: 1", "version: 1-mine").replace("\n", "\r\n").encode()
    assert own(tmp_path, edited).opening == load_prompt("smooth").opening
    assert own(tmp_path, edited).version == "1-mine"
    bare = own(tmp_path, OWN.partition("# Example")[0])
    assert len(bare.opening) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no head"),
        (OWN.replace("version: 1\n", ""), "its head has no `version`"),
        (OWN.replace("name: smooth", "name: fix"), r"its head says `name: fix`, but the file is smooth\.md"),
        (OWN.replace("# System", "You are"), "'You are' stands before the first line"),
        (OWN.replace("# System\n", "# Sistem\n"), "has a section 'Sistem'; known are System, User and Example"),
        (OWN.replace("# User\n", "# System\n"), "needs one section `# User` with a text, but has 0"),
        (OWN.replace("{steps}", "{step}"), "section User: missing `steps`; not known `step`"),
        (OWN.replace("## steps\n", ""), "example 1: missing `steps`"),
        (OWN.replace("## steps", "## stairs"), "example 1: missing `steps`; not known `stairs`"),
        (OWN.replace("The answer is: 480\n</correction>", "480\n</correction>"), "example 1: its reply could not be"),
        (b"---\nname: smooth\xff", "cannot be read as UTF-8 text"),
    ],
)
def test_a_broken_file_is_named_with_what_it_lacks(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(ConfigError, match=rf"smooth\.md.*{message}"):
        own(tmp_path, text)


def test_a_missing_file_says_which_files_are_needed(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"smooth\.md: no such file; a folder of prompts needs analyse\.md, inject\.md"
    ):
        load_prompt("smooth", tmp_path)
