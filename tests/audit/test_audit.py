"""The audit of self-correcting rows, on rows that can be judged by eye."""

import time

import pytest

from lemma_hf.audit import (
    MAX_TURNS,
    Basis,
    Behind,
    Did,
    Doubt,
    Effect,
    Fault,
    Limits,
    Unknown,
    audit_items,
    audit_rows,
    audit_text,
    false_step,
    find_doubts,
    find_twins,
    grade_claims,
    judge_turns,
    summarize,
)
from lemma_hf.audit.rows import Audited
from lemma_hf.pipeline import decontaminate
from lemma_hf.records import Error, Origin, SpanKind
from lemma_hf.show import Item, Part, grade_missing
from lemma_hf.taxonomy import ErrorType

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
        ("16", "15", "", Effect.CHANGED, None),
        ("15", "15", "", Effect.KEPT, None),
    ],
)
def test_the_effect_is_read_from_the_answers_before_and_after(
    first: str, final: str, reference: str, effect: Effect, fault: Fault | None
) -> None:
    text = f"So it is \\boxed{{{first}}}.\nWait, that is wrong, I mixed things up.\nIt is \\boxed{{{final}}}."
    (found,) = audit(row(text, reference=reference))
    assert found.effect is effect
    assert fault is None or fault in found.faults


def test_without_a_reference_an_answer_before_the_turn_proves_nothing() -> None:
    (found,) = audit(row("So it is \\boxed{16}.\nWait, that is wrong.\nIt is \\boxed{15}.", reference=""))
    (turn,) = found.turns
    assert (turn.behind, turn.unknown, found.effect) == (Behind.UNKNOWN, Unknown.NO_REFERENCE, Effect.CHANGED)


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


def test_a_claim_belongs_to_the_turn_behind_it_and_not_to_the_first_turn() -> None:
    text = (
        "She keeps the small ones.\nWait, I misread it. 4 * 6 = 24.\nSo it is \\boxed{16}.\n"
        "Wait, that is wrong.\nIt is \\boxed{15}."
    )
    (found,) = audit(row(text))
    doubts = find_doubts(found.item)
    assert [turn.behind for turn in found.turns] == [Behind.UNKNOWN, Behind.WRONG]
    assert found.turns[0].unknown is Unknown.NOTHING_STATED
    assert found.turns[1].detail == "the answer before it, 16, is wrong"
    assert "".join(doubt.since for doubt in doubts) + doubts[-1].after == found.item.text


def test_a_turn_that_speaks_of_a_mistake_found_before_doubts_no_right_answer() -> None:
    text = (
        "So it is \\boxed{1500}.\nWait, that is wrong, I made a typo. 24 - 9 = 15.\n"
        "So the correct answer is 15. So I need to correct that.\nIt is \\boxed{15}."
    )
    (found,) = audit(row(text))
    assert found.turns[0].behind is Behind.WRONG
    assert Behind.RIGHT not in {turn.behind for turn in found.turns}
    assert Fault.DOUBTS_RIGHT not in found.faults


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("It is blue.\nWait, that is wrong. It is red.\nThe answer is: 15", Unknown.NOTHING_STATED),
        ("24 + 9 = 33 are left.\nWait, that is wrong. 24 - 9 = 15.\nThe answer is: 15", Unknown.SUMS_HOLD),
        ("It is \\boxed{15}.\nA check gives 9 more.\nWait, that is wrong.\nIt is \\boxed{15}.", Unknown.STEPS_SINCE),
    ],
)
def test_what_is_not_known_has_its_reason(text: str, unknown: Unknown) -> None:
    (found,) = audit(row(text))
    (turn,) = found.turns
    assert (turn.behind, turn.unknown) == (Behind.UNKNOWN, unknown)
    assert summarize([found]).unknown[unknown] == 1
    assert "not known: " + str(unknown).replace("_", " ") in audit_text(summarize([found]), "x")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("24 + 9 = 33 are left.\nWait, let me check: 24 + 9 = 33.\nThe answer is: 33", "a wrong answer kept"),
        ("8*3 = 20 would follow, but 24 ≠ 20, so that can't be.\nHmm, let me think.\nSo 15.", "refuted by itself"),
        ("So 3 * 7 ≈ 21.001.\nWait, that is wrong. We need 15.\nThe answer is: 15", "roughly right"),
        ("4448/24 = 185.333 here.\nWait, 4448/24 = 185 + 8/24.\nThe answer is: 15", "a sum that goes on"),
        ("24 - 9 = 15. So it is the small box.\nWait, no. 24 - 9 = 15 is large.\nThe answer is: 15", "another doubt"),
    ],
)
def test_no_verdict_where_the_text_does_not_say_so(text: str, why: str) -> None:
    (found,) = audit(row(text))
    assert [(turn.behind, why) for turn in found.turns] == [(Behind.UNKNOWN, why)]


@pytest.mark.parametrize(
    ("text", "did"),
    [
        ("24 - 9 = 16 are left.\nWait, that is not right. 24 - 9 = 15.\nSo 15.", Did.MENDED),
        ("24 - 9 = 16 are left.\nWait, let me check. 24 - 9 = 16.\nSo 16.", Did.LEFT),
        ("It is \\boxed{15}.\nWait, that is wrong.\nIt is \\boxed{16}.", Did.SPOILED),
        ("It is \\boxed{15}.\nWait, let me check.\nIt is \\boxed{15}.", Did.LEFT),
        ("It is \\boxed{14}.\nWait, that is wrong.\nIt is \\boxed{15}.", Did.MENDED),
        ("It is blue.\nWait, that is wrong. It is red.\nThe answer is: 15", Did.UNKNOWN),
    ],
)
def test_what_a_turn_did_is_read_from_the_sum_done_again_or_from_the_next_answer(text: str, did: Did) -> None:
    (found,) = audit(row(text))
    assert [turn.did for turn in found.turns] == [did]


def marked(error: str, correction: str) -> Item:
    return Item(
        "m",
        (
            Part(SpanKind.ERROR, error),
            Part(SpanKind.REFLECTION, "Wait, let me check. "),
            Part(SpanKind.CORRECTION, correction),
        ),
        question=QUESTION,
        reference="15",
        errors=(Error(ErrorType.MISSING_STEP, 1, Origin.INJECTED),),
    )


def test_what_a_row_marks_is_counted_apart_and_helps_no_check() -> None:
    (found,) = audit(marked("There are 4 * 6 = 24 pens left.\n", "24 - 9 = 15.\nThe answer is: 15"))
    assert (found.turns[0].behind, found.turns[0].basis) == (Behind.WRONG, Basis.MARKED)
    assert summarize([found]).checks[0].of == 0
    assert summarize([found]).unchecked[0] == "turns behind a right step"


def test_a_marked_step_that_the_correction_says_again_is_a_right_step() -> None:
    (found,) = audit(marked("There are 24 - 9 = 15 left.\n", "Yes, 24 - 9 = 15 are left.\nThe answer is: 15"))
    assert (found.turns[0].behind, found.turns[0].basis) == (Behind.RIGHT, Basis.REPEATED)


@pytest.mark.parametrize(
    ("text", "first", "why"),
    [
        ("Let's set up the equation.", False, "a plan"),
        ("Therefore, we can conclude that:", False, "a plan"),
        ("How many pens is that?", False, "a question"),
        ("That must be a typo.", False, "a remark on a mistake"),
        ("Ann has boxes of pens and gives pens away.", False, "the question, said again"),
        ("She keeps the small ones.", True, "nothing was worked out before it, nor in it"),
        ("She keeps the small ones.", False, ""),
        ("Let's see: 24 - 9 = 16.", True, ""),
        ("We need 16 of them.", True, ""),
        ("The answer is: 9", True, ""),
        ("Let's run it.\n```python\nprint(9)\n```", True, ""),
    ],
)
def test_an_error_that_states_nothing_is_no_step(text: str, first: bool, why: str) -> None:
    assert false_step(text, QUESTION, is_first=first) == why


def test_nearly_the_same_text_is_found_within_one_question_only() -> None:
    words = "Each box holds six pens so that four boxes hold twenty four pens and fifteen of them are left in the end"
    a, b = row(words, id="a"), row(words.replace("Each box", "Every box"), id="b")
    other = row(words.replace("Each box", "Every box"), id="c", question="How many pens?")
    assert [twin and (twin.id, twin.same) for twin in find_twins([a, b, other])] == [None, ("a", False), None]
    (_, found) = audit(a, b)
    assert found.faults[Fault.NEAR_DUPLICATE] == "89% of its phrases are those of a"


def test_a_check_without_anything_to_check_says_so() -> None:
    found = summarize(audit(row("24 - 9 = 15 are left.", reference="")))
    text = audit_text(found, "x")
    assert "overlap with test sets            nothing to check" in text
    assert text.endswith("5 of 7 checks had nothing to check\npasses")


def test_a_loop_of_turns_is_judged_up_to_a_bound_in_little_time() -> None:
    began = time.monotonic()
    (found,) = audit(row("So 3 + 4 = 7 pens. Wait, no. " * 10_000, reference=""))
    assert len(found.turns) == 10_000 and found.turns[MAX_TURNS].unknown is Unknown.TOO_MANY_TURNS
    assert time.monotonic() - began < 20  # it took a minute when each turn read all the text before it


def test_the_page_says_of_each_turn_what_is_known() -> None:
    (item,) = audit_items(audit(row("24 - 9 = 16.\nWait, that is wrong. 24 - 9 = 15.\nThe answer is: 15")))
    assert item.more["turns"] == "turn 1: behind wrong, by arithmetic (24 - 9 is not 16), mended"
    assert item.groups["doubt"] == "behind wrong"


def test_no_line_of_the_report_is_wider_than_80_columns() -> None:
    rows = audit(
        *(row("It is \\boxed{9}.\nWait, no, that is wrong.\nIt is \\boxed{8}.", id="i" * 90) for _ in range(3))
    )
    assert max(map(len, audit_text(summarize(rows), "f" * 200, "tokens of " + "t" * 100).splitlines())) < 80


def test_a_wrong_answer_that_is_quoted_once_more_is_neither_kept_nor_doubted_again() -> None:
    first, second = "So it is \\boxed{1500}.\n", "No, 24 - 9 = 15, but I wrote \\boxed{1500} by mistake.\n"
    last = "Let me check that again. It is \\boxed{15}."
    (item,) = grade_missing([row(first + second + last)], workers=1)
    doubts = (Doubt(first, second, first), Doubt(second, last, second))
    (claims,) = grade_claims([item], [doubts], workers=1)
    turns = judge_turns(item, doubts, claims)
    assert [(turn.behind, turn.did) for turn in turns] == [(Behind.WRONG, Did.UNKNOWN), (Behind.UNKNOWN, Did.UNKNOWN)]
    assert turns[1].unknown is Unknown.EARLIER_MISTAKE


def test_words_on_a_mistake_that_was_named_already_doubt_no_right_answer() -> None:
    said = "I wrote \\boxed{1500}, but that is wrong. The correct answer is 15. "
    then = "So, that was a typo. It is \\boxed{15}."
    (item,) = grade_missing([row(said + then)], workers=1)
    doubts = (Doubt("The correct answer is 15. ", then, said),)
    (claims,) = grade_claims([item], [doubts], workers=1)
    (turn,) = judge_turns(item, doubts, claims)
    assert turn.unknown is Unknown.EARLIER_MISTAKE
