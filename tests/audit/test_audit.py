"""The audit of self-correcting rows, on rows that can be judged by eye."""

import pytest

from lemma_hf.audit import Basis, Behind, Effect, Fault, Limits, audit_rows, audit_text, judge_turns, summarize
from lemma_hf.audit.rows import Audited
from lemma_hf.pipeline import decontaminate
from lemma_hf.records import Error, SpanKind
from lemma_hf.show import Item, Part, grade_missing

QUESTION = "Ann has 4 boxes of 6 pens and gives 9 pens away. How many are left?"


def row(text: str, *, reference: str = "15", solution: str = "", question: str = QUESTION, id: str = "r") -> Item:
    """A row whose spans are read from its words, as a file's rows are."""
    from lemma_hf.show.items import output_to_item

    columns = {
        "output": "output",
        "reference": "reference",
        "question": "question",
        "id": "id",
        "benchmark": "benchmark",
    }
    return output_to_item({"output": text, "reference": reference, "question": question, "id": id}, id, columns)


def audit(*items: Item, test_sets: decontaminate.TestSetIndex | None = None) -> list[Audited]:
    return audit_rows(grade_missing(items, workers=1), workers=1, test_sets=test_sets)


@pytest.mark.parametrize(
    ("text", "behind", "basis"),
    [
        (
            "24 - 9 = 16 are left.\nWait, that is not right. 24 - 9 = 15.\nThe answer is: 15",
            Behind.WRONG,
            Basis.ARITHMETIC,
        ),
        ("24 - 9 = 15 are left.\nWait, let me check: 24 - 9 = 15.\nThe answer is: 15", Behind.RIGHT, Basis.REPEATED),
        ("So 15 pens are left.\nHmm, yes, that's correct.\nThe answer is: 15", Behind.RIGHT, Basis.CONFIRMED),
        (
            "She keeps the big ones.\nWait, I misread the question. 24 - 9 = 15.\nThe answer is: 15",
            Behind.UNKNOWN,
            Basis.NONE,
        ),
        ("Is it 15?\nHmm, let me check if that's correct. 24 - 9 = 15.\nThe answer is: 15", Behind.UNKNOWN, Basis.NONE),
        ("3 cos 0 = 9 here.\nWait, that is wrong. It is 15.\nThe answer is: 15", Behind.UNKNOWN, Basis.NONE),
    ],
)
def test_what_a_turn_stands_behind_is_known_from_what_is_stated_or_not_at_all(
    text: str, behind: Behind, basis: Basis
) -> None:
    (turn,) = judge_turns(row(text))
    assert (turn.behind, turn.basis) == (behind, basis)


def test_code_whose_output_is_an_error_was_wrong() -> None:
    text = (
        "We compute it.\n```python\nprint(x)\n```\n```output\nNameError: name 'x' is not defined\n```\n"
        "I apologize for the oversight. I forgot to define x.\nIt is 24 - 9 = 15.\nThe answer is: 15"
    )
    (turn, *_) = judge_turns(row(text))
    assert (turn.behind, turn.basis, turn.detail) == (Behind.WRONG, Basis.CODE_FAILED, "its code ends with NameError")


@pytest.mark.parametrize(
    ("first", "final", "reference", "effect", "fault"),
    [
        ("16", "15", "15", Effect.MENDED, None),
        ("15", "16", "15", Effect.SPOILED, Fault.SPOILED),
        ("15", "15", "15", Effect.LEFT_RIGHT, Fault.DOUBTS_RIGHT),
        ("16", "17", "15", Effect.LEFT_WRONG, Fault.LEFT_WRONG),
        ("16", "15", "", Effect.UNKNOWN, None),
    ],
)
def test_the_effect_is_read_from_the_answers_before_and_after(
    first: str, final: str, reference: str, effect: Effect, fault: Fault | None
) -> None:
    text = f"So it is \\boxed{{{first}}}.\nWait, that is wrong, I mixed things up.\nIt is \\boxed{{{final}}}."
    (found,) = audit(row(text, reference=reference))
    assert found.effect is effect
    assert fault is None or fault in found.faults


def test_without_a_reference_the_rows_own_last_answer_is_the_account() -> None:
    (found,) = audit(row("So it is \\boxed{16}.\nWait, that is wrong.\nIt is \\boxed{15}.", reference=""))
    assert (found.turns[0].behind, found.turns[0].basis) == (Behind.WRONG, Basis.OWN_ANSWER)


def test_a_marked_error_that_is_a_step_of_the_reference_solution_is_found() -> None:
    item = Item(
        "m",
        (
            Part(SpanKind.REASONING, "There are 4 * 6 = 24 pens.\n"),
            Part(SpanKind.ERROR, "She keeps 24 - 9 = 15.\n"),
            Part(SpanKind.REFLECTION, "Wait, I have left something out. "),
            Part(SpanKind.CORRECTION, "It is 15 pens.\nThe answer is: 15"),
        ),
        question=QUESTION,
        reference="15",
        solution="4 * 6 = 24 pens.\n24 - 9 = 15 are left.",
        errors=(Error(None, 2),),
    )
    (found,) = audit(item)
    assert (found.turns[0].behind, found.turns[0].basis) == (Behind.RIGHT, Basis.REFERENCE)
    assert Fault.DOUBTS_RIGHT in found.faults


def test_repeated_rows_test_questions_and_wrong_answers_are_named() -> None:
    wrong = row("24 - 9 = 16.\nWait, that is wrong. 24 - 9 = 14.\nThe answer is: 14", id="a")
    again = row("24 - 9 = 16.\nWait, that is wrong.  24 - 9 = 14.\nThe answer is: 14", id="b")
    index = decontaminate.TestSetIndex.from_questions({"mine": [QUESTION]})
    first, second = audit(wrong, again, test_sets=index)
    assert set(first.faults) == {Fault.ANSWER_DIFFERS, Fault.OVERLAPS_TEST_SET, Fault.LEFT_WRONG}
    assert first.faults[Fault.ANSWER_DIFFERS] == "claims 14, should be 15"
    assert second.faults[Fault.DUPLICATE] == "of a"


def test_an_error_that_says_nothing_is_a_false_first_step() -> None:
    item = Item(
        "f",
        (
            Part(SpanKind.ERROR, "We want to know how many of the 9 pens are left.\n"),
            Part(SpanKind.REFLECTION, "Wait, I misread. "),
            Part(SpanKind.CORRECTION, "24 - 9 = 15.\nThe answer is: 15"),
        ),
        question=QUESTION,
    )
    (found,) = audit(item)
    assert list(found.faults) == [Fault.FALSE_FIRST_STEP]


def test_the_figures_count_what_was_found_and_the_checks_say_what_fails() -> None:
    good = row("24 - 9 = 16.\nWait, that is wrong. 24 - 9 = 15.\nThe answer is: 15", id="good")
    kept = row("24 - 9 = 15.\nWait, let me check: 24 - 9 = 15.\nThe answer is: 15", id="kept")
    plain = row("24 - 9 = 15.\nThe answer is: 15", id="plain")
    found = summarize(audit(good, kept, plain))
    assert (found.rows, found.turning, found.turns) == (3, 2, 2)
    assert found.behind == {Behind.WRONG: 1, Behind.RIGHT: 1, Behind.UNKNOWN: 0}
    assert [check.name for check in found.checks if not check.passes] == ["turns behind a right step"]
    assert [one.item.id for one in found.suspicious] == ["kept"]
    text = audit_text(found, "mine.jsonl")
    assert "does not pass: turns behind a right step" in text
    assert "kept  doubts right: turn 1 doubts a right step: 24 - 9 = 15 again" in text
    assert summarize(audit(good, kept, plain), Limits(doubts_right=0.5)).passes
    assert found.as_dict()["behind"] == {"wrong": 1, "right": 1, "unknown": 0}


@pytest.mark.parametrize(
    "text",
    [
        "a = 1\n" * 10_000 + "Wait, no. a = 2",
        "Wait, that is wrong. " * 50_000,
        "<think></think>[ERROR]\x1b[31m" * 30_000,
    ],
)
def test_enormous_rows_are_audited(text: str) -> None:
    (found,) = audit(row(text, reference=""))
    assert found.tokens > 0
    assert "\x1b" not in audit_text(summarize([found]), "x\x1b[31m")
