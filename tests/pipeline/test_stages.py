"""The stages and the funnel that counts them, with small items and a scripted teacher."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lemma_hf.errors import LemmaError
from lemma_hf.inference import Completion, Sampling
from lemma_hf.pipeline import (
    Funnel,
    Stage,
    StageCount,
    analyse_stage,
    correct_stage,
    error_distribution,
    grade_stage,
    inject_stage,
    plan_injections,
    sample_stage,
    smooth_stage,
    split_by_problem,
    wrong_stage,
)
from lemma_hf.prompts import prompt_style
from lemma_hf.records import (
    Attempt,
    Dropped,
    DropReason,
    Error,
    Flawed,
    Grade,
    Outcome,
    Problem,
    Span,
    SpanKind,
    Strategy,
    Trajectory,
)
from lemma_hf.solutions.departure import with_start
from lemma_hf.taxonomy import ErrorType
from lemma_hf.teachers import ScriptedTeacher

PROBLEM = Problem("p", "What is 2 + 3 + 4?", "9", "2 + 3 = 5\n5 + 4 = 9")
ATTEMPT = Attempt(PROBLEM, ("2 + 3 = 6\n", "6 + 4 = 10\n", "The answer is: 10"), id="a")
FLAWED = Flawed(ATTEMPT, Error(ErrorType.CALCULATION, 1))


def trajectory(
    name: str = "t", problem: Problem = PROBLEM, end: str = "2 + 3 = 5, 5 + 4 = 9\nThe answer is: 9"
) -> Trajectory:
    spans = (
        Span(SpanKind.ERROR, "2 + 3 = 6\n"),
        Span(SpanKind.REFLECTION, "Wait. "),
        Span(SpanKind.CORRECTION, end),
    )
    return Trajectory(problem, spans, (Error(ErrorType.CALCULATION, 1, strategy=Strategy.FIX_AND_CONTINUE),), name)


def reasons(results: list[object]) -> list[DropReason | None]:
    return [item.reason if isinstance(item, Dropped) else None for item in results]


@given(st.lists(st.booleans()), st.integers(1, 3), st.integers(1, 5))
def test_what_goes_in_comes_out_or_is_dropped(items: list[bool], fan_out: int, batch: int) -> None:
    def work(batch: list[bool]) -> list[int | Dropped]:
        return [1 if item else Dropped("x", "", DropReason.EMPTY) for item in batch for _ in range(fan_out)]

    funnel = Funnel(progress=False)
    kept = funnel.run(Stage("s", work, fan_out, batch), items)
    assert len(kept) == fan_out * sum(items)
    assert [c.entered * c.fan_out for c in funnel.counts] == [c.left + sum(c.dropped.values()) for c in funnel.counts]


def test_a_stage_that_loses_an_item_is_found_out() -> None:
    with pytest.raises(LemmaError, match="stage `s` has to return 3 results for 3 items, but returned 2"):
        Funnel(progress=False).run(Stage("s", lambda items: items[1:]), [1, 2, 3])
    with pytest.raises(LemmaError, match="lost track"):
        StageCount("s", entered=3, left=1, dropped={"empty": 1})


def test_rejects_are_on_disk_before_a_later_batch_fails(tmp_path: Path) -> None:
    def work(items: list[int]) -> list[Dropped]:
        if items == [2]:
            raise RuntimeError("the machine stops here")
        return [Dropped(f"i-{items[0]}", "elsewhere", DropReason.TIMEOUT, "späť")]

    path = tmp_path / "new" / "rejects.jsonl"
    with pytest.raises(RuntimeError):
        Funnel(path, progress=False).run(Stage("s", work, batch=1), [1, 2])
    (line,) = path.read_text("utf-8").splitlines()
    assert json.loads(line) == {"id": "i-1", "stage": "s", "reason": "timeout", "detail": "späť"}


def test_the_table_names_reasons_and_fan_out() -> None:
    funnel = Funnel(progress=False)
    funnel.run(Stage("both", lambda xs: [y for x in xs for y in (x, Dropped("", "", DropReason.EMPTY))], 2), [1])
    assert funnel.table().splitlines()[1] == "both (x2)   1    1  empty 1"
    assert funnel.to_json() == [{"stage": "both", "entered": 1, "left": 1, "fan_out": 2, "dropped": {"empty": 1}}]


class Scribe:
    """A student that writes a right, a cut-off and an empty completion."""

    def complete(self, prompts: list[str], sampling: Sampling) -> list[list[Completion]]:
        assert all(prompt == prompt_style("instruction").prompt(PROBLEM.question) for prompt in prompts)
        return [[Completion(" A.\nB.", True, 4), Completion(" A", False, 9), Completion(" ", True, 1)] for _ in prompts]


def test_an_attempt_ends_where_the_model_went_on_to_another_question_also_when_it_was_cut_off_there() -> None:
    class BaseModel:
        def complete(self, prompts: Sequence[str], sampling: Sampling) -> list[list[Completion]]:
            own, next_one = " 2 + 3 = 5\nThe answer is: 5", "\n\n### Instruction:\nWhat is 7 + 1?"
            return [[Completion(own + next_one, False, 64), Completion(own[:11], False, 64)] for _ in prompts]

    stage = sample_stage(
        BaseModel(), Sampling(2, 0.7), prompt_style("instruction"), lambda t: tuple(t.splitlines(True))
    )
    whole, cut = stage.work([PROBLEM])
    assert whole.steps == ("2 + 3 = 5\n", "The answer is: 5")
    assert (cut.reason, cut.detail) == (DropReason.TRUNCATED, "64 tokens")


def test_samples_are_split_and_the_unfinished_dropped() -> None:
    stage = sample_stage(Scribe(), Sampling(3, 0.7), prompt_style("instruction"), lambda t: tuple(t.splitlines(True)))
    funnel = Funnel(progress=False)
    (attempt,) = funnel.run(stage, [PROBLEM])
    assert (attempt.steps, attempt.id) == (("A.\n", "B."), "p/sample-0")
    assert funnel.counts[0].dropped == {"truncated": 1, "empty": 1}


def test_right_and_wrong_attempts_go_on_with_their_grade_and_then_the_wrong_ones() -> None:
    def ending(text: str, reference: str = "9") -> Attempt:
        return Attempt(Problem("p", "?", reference), (text,))

    results = list(
        grade_stage("gsm8k").work(
            [ending("The answer is: 10"), ending("The answer is: 9"), ending(""), ending("9", "")]
        )
    )
    assert reasons(results) == [None, None, DropReason.NO_ANSWER, DropReason.REFERENCE_UNREADABLE]
    graded = [item for item in results if isinstance(item, Attempt)]
    assert [item.grade.outcome for item in graded if item.grade is not None] == [Outcome.WRONG, Outcome.RIGHT]
    assert reasons(list(wrong_stage().work(graded))) == [None, DropReason.ALREADY_RIGHT]


def test_an_attempt_that_only_states_an_answer_is_dropped_and_the_teacher_is_not_asked() -> None:
    bare = Attempt(PROBLEM, ("The answer is: 600",), id="bare")
    worked = Attempt(PROBLEM, ("24 - 9 = 16, so the answer is 16",), id="worked")
    asked: list[Attempt] = []

    class Counting:
        def analyse(self, attempts: Sequence[Attempt]) -> list[Error | Dropped]:
            asked.extend(attempts)
            return [Error(None, 1) for _ in attempts]

    funnel = Funnel(progress=False)
    (flawed,) = funnel.run(analyse_stage(Counting()), [bare, worked])  # type: ignore[arg-type]
    assert (flawed.attempt, asked) == (worked, [worked])
    assert funnel.counts[0].dropped == {"no_steps": 1}
    (dropped,) = analyse_stage(Counting()).work([bare])  # type: ignore[arg-type]
    assert isinstance(dropped, Dropped) and dropped.detail == "it only states an answer: The answer is: 600"


def test_bare_answers_count_when_it_is_asked_how_hard_a_problem_is() -> None:
    texts = ["The answer is: 10", "The answer is: 9", "3 * 3 = 9\nThe answer is: 9", "The answer is: 9"]
    graded = grade_stage("gsm8k").work([Attempt(Problem("p", "?", "9"), (text,)) for text in texts])
    hardness = error_distribution([], [item for item in graded if isinstance(item, Attempt)]).hardness(
        Problem("p", "?", "9")
    )
    assert hardness == 1 / 4


def test_an_attempt_that_comes_with_a_grade_keeps_it() -> None:
    said = [Grade(outcome, None, "9", "its file") for outcome in (Outcome.RIGHT, Outcome.TIMEOUT)]
    graded = [Attempt(PROBLEM, ("The answer is: 10",), grade) for grade in (said[0], None, said[1])]
    first, second, third = grade_stage().work(graded)
    assert first == graded[0]
    assert isinstance(second, Attempt)
    assert second.grade is not None
    assert second.grade.outcome is Outcome.WRONG
    assert isinstance(third, Dropped)
    assert third.reason is DropReason.TIMEOUT


def test_a_step_beyond_the_end_is_dropped() -> None:
    teacher = ScriptedTeacher(
        analyse=[Error(ErrorType.COUNTING, 3), Error(ErrorType.COUNTING, 4), Dropped("a", "", DropReason.REFUSED)]
    )
    results = list(analyse_stage(teacher).work([ATTEMPT] * 3))
    assert results[0] == Flawed(ATTEMPT, Error(ErrorType.COUNTING, 3))
    assert reasons(results)[1:] == [DropReason.STEP_OUT_OF_RANGE, DropReason.REFUSED]


def test_injections_are_the_teachers_and_really_wrong() -> None:
    right = Flawed(Attempt(PROBLEM, ("2 + 3 = 6\n", "The answer is: 9")), FLAWED.error)
    mute = Flawed(Attempt(PROBLEM, ("I do not know.",)), FLAWED.error)
    teacher = ScriptedTeacher(inject=[FLAWED, Dropped("x", "", DropReason.CANNOT_INJECT), right, mute])
    results = list(inject_stage(teacher).work(plan_injections([PROBLEM], 4)))
    assert reasons(results) == [
        None,
        DropReason.CANNOT_INJECT,
        DropReason.ANSWER_STILL_RIGHT,
        DropReason.NO_ANSWER,
    ]
    assert isinstance(results[0], Flawed)
    assert (results[0].attempt.steps, results[0].error) == (ATTEMPT.steps, FLAWED.error)


def test_about_half_of_the_mistakes_are_corrected_each_way() -> None:
    items = [Flawed(Attempt(PROBLEM, ATTEMPT.steps, id=str(n)), FLAWED.error) for n in range(400)]
    teacher = ScriptedTeacher(fix=[trajectory()] * 400, restart=[trajectory()] * 400)
    assert len(Funnel(progress=False).run(correct_stage(teacher), items)) == 400
    left = teacher.unused
    assert left["fix"] + left["restart"] == 400
    assert 160 < left["fix"] < 240


def test_both_strategies_make_two_of_each() -> None:
    funnel = Funnel(progress=False)
    teacher = ScriptedTeacher(fix=[trajectory("f")], restart=[Dropped("r", "", DropReason.REFUSED)])
    assert funnel.run(correct_stage(teacher, both=True), [FLAWED]) == [with_start(trajectory("f"))]
    assert funnel.counts[0] == StageCount("correct", 1, 1, 2, {"refused": 1})


def test_an_attempt_that_is_not_cut_stands_whole_before_the_turn() -> None:
    teacher = ScriptedTeacher(fix=[trajectory()], restart=[trajectory()])
    stage = correct_stage(teacher, both=True, cut=False)
    whole = "".join(FLAWED.attempt.steps[FLAWED.error.step - 1 :])
    for result in stage.work([FLAWED]):
        assert isinstance(result, Trajectory)
        assert [span.text for span in result.of_kind(SpanKind.ERROR)] == [whole]
        assert [s for s in result.spans if s.kind is not SpanKind.ERROR] == [
            s for s in trajectory().spans if s.kind is not SpanKind.ERROR
        ]
    assert whole != FLAWED.wrong_step


def test_a_correction_that_changes_what_went_before_is_dropped() -> None:
    later = Flawed(ATTEMPT, Error(ErrorType.CALCULATION, 2))
    teacher = ScriptedTeacher(fix=[trajectory()], restart=[trajectory()])
    assert reasons(list(correct_stage(teacher).work([later]))) == [DropReason.SPANS_LOST]


def test_smoothing_may_not_lose_a_span() -> None:
    whole = trajectory()
    without = Trajectory(PROBLEM, (Span(SpanKind.REASONING, "The answer is: 9"),), (), "t")
    teacher = ScriptedTeacher(smooth=[whole, without])
    assert reasons(list(smooth_stage(teacher).work([whole, whole]))) == [None, DropReason.SPANS_LOST]


def test_smoothing_may_not_change_what_stands_before_the_reflection() -> None:
    whole = trajectory()
    error, reflection, correction = whole.spans
    changed = [
        replace(whole, spans=(replace(error, text="2 + 3 = 7\n"), reflection, correction)),
        replace(whole, spans=(error, replace(reflection, text="Wait, that is 5. "), correction)),
    ]
    teacher = ScriptedTeacher(smooth=changed)
    assert reasons(list(smooth_stage(teacher).work([whole] * 2))) == [DropReason.SPANS_LOST, None]


@given(st.lists(st.integers(0, 9), max_size=40), st.integers(0, 12))
def test_no_problem_is_in_both_splits(questions: list[int], test_rows: int) -> None:
    rows = [trajectory(f"t{n}", Problem(f"p{n}", f"Which {q}?", "9")) for n, q in enumerate(questions)]
    splits = split_by_problem(rows, test_rows)
    in_train, in_test = ({t.problem.question for t in splits[name]} for name in ("train", "test"))
    assert not in_train & in_test
    assert len(splits["test"]) >= min(test_rows, len(rows))
    assert sorted(t.id for split in splits.values() for t in split) == sorted(t.id for t in rows)
