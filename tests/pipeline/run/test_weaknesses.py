"""Weaknesses of a run's data: each threshold from both sides, and the one line that is shown."""

import pytest

from lemma_hf.pipeline import StageCount
from lemma_hf.pipeline.run.report import RunReport, write_report
from lemma_hf.pipeline.run.weaknesses import find_weaknesses, weakness_line
from lemma_hf.records import Error, Origin, Problem, Span, SpanKind, Strategy, Trajectory


def row(step: int = 2, wrong: str = "24 - 9 = 16.\n", origin: Origin = Origin.STUDENT) -> Trajectory:
    before = (Span(SpanKind.REASONING, "4 * 6 = 24.\n"),) if step > 1 else ()
    turn = (Span(SpanKind.REFLECTION, "Wait. "), Span(SpanKind.CORRECTION, "24 - 9 = 15.\nThe answer is: 15"))
    error = Error(None, step, origin, Strategy.FIX_AND_CONTINUE)
    return Trajectory(Problem("p", "?", "15"), (*before, Span(SpanKind.ERROR, wrong), *turn), (error,))


def analysed(entered: int, **dropped: int) -> list[StageCount]:
    return [StageCount("analyse", entered, entered - sum(dropped.values()), dropped=dropped)]


def test_sound_data_has_no_weakness() -> None:
    # A tenth of the first mistakes in step 1, a quarter without steps, a third not sure, three of four with a type.
    rows = [*[row(1)] * 10, *[row(2)] * 90]
    assert find_weaknesses(analysed(120, no_steps=30, unsure=30), rows, {"calculation": 60, "not given": 20}) == ()
    assert weakness_line(()) == ""


@pytest.mark.parametrize(("bare", "said"), [(10, False), (11, True)])
def test_more_than_a_third_of_the_attempts_without_steps(bare: int, said: bool) -> None:
    found = find_weaknesses(analysed(30, no_steps=bare), [], {})
    words = "attempts only state an answer: ask with another `student_prompt_style`, such as `show_steps`"
    assert found == ((f"{bare} of 30 {words}",) if said else ())


@pytest.mark.parametrize(("false", "said"), [(2, False), (3, True)])
def test_more_than_a_tenth_of_the_steps_that_are_called_wrong_state_nothing(false: int, said: bool) -> None:
    found = find_weaknesses(analysed(30, no_steps=10, states_nothing=false), [], {})
    words = "attempts the step that is called wrong states nothing: use another `teacher`"
    assert found == ((f"in {false} of 20 {words}",) if said else ())


def test_right_attempts_without_steps_count_too() -> None:
    right = StageCount("keep right", 10, 2, dropped={"no_steps": 8})
    (found,) = find_weaknesses([*analysed(20, no_steps=4), right], [], {})
    assert found.startswith("12 of 30 attempts only state an answer")


def test_of_a_handful_of_items_no_share_is_judged() -> None:
    assert find_weaknesses(analysed(19, no_steps=19), [], {"not given": 19}) == ()


@pytest.mark.parametrize(("unsure", "said"), [(20, False), (21, True)])
def test_more_than_half_of_the_wrong_attempts_with_steps_not_sure(unsure: int, said: bool) -> None:
    # 50 went in, 10 of them have no steps: half of the other 40 is 20.
    found = find_weaknesses(analysed(50, no_steps=10, unsure=11, disagreement=unsure - 11), [], {})
    assert bool(found) is said
    assert not said or found[0].startswith("of 21 of 40 wrong attempts the first wrong step is not sure")


@pytest.mark.parametrize(("inner", "said"), [(11, False), (10, True)])
def test_nearly_all_first_mistakes_in_the_first_step_or_in_the_answer_line(inner: int, said: bool) -> None:
    edges = [*[row(1)] * 50, *[row(2, "The answer is: 16\n")] * (50 - inner), *[row(2)] * inner]
    found = find_weaknesses([], edges, {})
    assert bool(found) is said
    assert not said or found[0].startswith("in 90 of 100 trajectories of the student")
    # Mistakes made on purpose stand where they were put.
    assert find_weaknesses([], [row(1, origin=Origin.INJECTED)] * 100, {}) == ()


def test_nearly_all_errors_without_a_type() -> None:
    (found,) = find_weaknesses([], [], {"not given": 18, "counting": 2})
    assert found.startswith("18 of 20 errors have no type")
    assert find_weaknesses([], [], {"not given": 17, "counting": 3}) == ()


def test_few_trajectories_and_none_where_the_run_was_stopped() -> None:
    assert find_weaknesses([], [row()] * 99, {})[0].startswith("99 trajectories are few")
    assert find_weaknesses([], [row()] * 100, {}) == find_weaknesses([], [], {}) == ()


def test_the_report_says_all_of_them_in_one_line(tmp_path) -> None:
    run = RunReport("Round 1", analysed(30, no_steps=12), [row()] * 18)
    facts = write_report(run, tmp_path / "report.html", tmp_path / "report.json")
    line = weakness_line(facts.weaknesses)
    assert line == (
        "Look at this data before you train on it: 12 of 30 attempts only state an answer: ask with another "
        "`student_prompt_style`, such as `show_steps`; "
        "18 trajectories are few: take more problems, `samples` or `injections`"
    )
    assert line in (tmp_path / "report.html").read_text("utf-8") and "\n" not in line
    write_report(RunReport("Sound", [], [row()] * 100), tmp_path / "report.html", tmp_path / "report.json")
    assert "before you train" not in (tmp_path / "report.html").read_text("utf-8")
