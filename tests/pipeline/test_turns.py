"""Turns at each mistake: the student writes, the teacher puts one step right, the student goes on."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from lemma_hf.inference import Completion, Sampling
from lemma_hf.pipeline import (
    Draft,
    Funnel,
    StudentGoesOn,
    Turns,
    WorldGoesOn,
    finish_drafts,
    right_stage,
    take_turns,
)
from lemma_hf.pipeline.continuation import continuation_prompt, new_steps
from lemma_hf.pipeline.go_on import one_draw_each
from lemma_hf.prompts import prompt_style
from lemma_hf.records import (
    Attempt,
    Dropped,
    DropReason,
    Error,
    Flawed,
    Origin,
    Problem,
    SpanKind,
    Strategy,
    Trajectory,
)
from lemma_hf.solutions.spans import split_steps
from lemma_hf.taxonomy import ErrorType
from lemma_hf.teachers import Injection, WorldTeacher
from lemma_hf.teachers.scripted import ScriptedTeacher
from lemma_hf.world import get_world
from lemma_hf.world.sums import SUMS, read_chain, solve

PROBLEM = Problem("p", "100+11*12+13", "345")
"""100 + 11 = 111; 111 * 12 = 1332, so 332 modulo 1000; 332 + 13 = 345."""


class Canned:
    """Answers each prompt with the text that was written down for it, and remembers what it was asked."""

    def __init__(self, answers: dict[str, str], finished: bool = True) -> None:
        self.answers = answers
        self.finished = finished
        self.asked: list[str] = []

    def complete(self, prompts: Sequence[str], sampling: Sampling) -> list[list[Completion]]:
        self.asked += prompts
        return [[Completion(self.answers[prompt], self.finished, 1)] * sampling.n for prompt in prompts]


def sums_turns(student: Canned, most: int = 4) -> Turns:
    go_on = StudentGoesOn(student, prompt_style("sums"), SUMS.split, Sampling())
    return Turns(WorldTeacher(SUMS), SUMS.split, go_on, SUMS.bare_step, most)


def write(student: Canned, problems: Sequence[Problem] = (PROBLEM,), most: int = 4) -> tuple[list[Trajectory], Funnel]:
    funnel = Funnel(progress=False)
    return finish_drafts(funnel, sums_turns(student, most), [Draft(p.id, p) for p in problems]), funnel


def dropped(funnel: Funnel) -> dict[str, int]:
    return {f"{count.stage}: {reason}": number for count in funnel.counts for reason, number in count.dropped.items()}


def test_a_student_that_is_right_gives_a_trajectory_without_a_turn() -> None:
    solution = "100+11=111;111*12=332;332+13=345;####345"
    (trajectory,), funnel = write(Canned({"100+11*12+13:": solution}))
    assert (trajectory.text, trajectory.errors, dropped(funnel)) == (solution, (), {})
    assert [span.kind for span in trajectory.spans] == [SpanKind.REASONING]


ANSWERS = {
    "100+11*12+13:": "100+11=111;111*12=330;330+13=343;####343",
    "100+11*12+13:100+11=111;111*12=332;": "332+13=346;####346",
    "100+11*12+13:100+11=111;111*12=332;332+13=345;": "####345",
}
WORK = ",1*2+0=02|1*2+0=02|1*2+0=02|1*1+0=01|1*1+0=01|2+1+0=03|2+1+0=03|"
TEXTS = ["100+11=111;", "111*12=330;", "", f"{WORK}111*12=332;", "332+13=346;", "", "332+13=345;####345"]


def test_each_wrong_step_is_put_right_where_it_was_made_and_the_student_goes_on_from_the_clean_solution() -> None:
    student = Canned(ANSWERS)
    (trajectory,), funnel = write(student)
    assert [span.text.lstrip("!") for span in trajectory.spans] == TEXTS
    assert [(error.type, error.step) for error in trajectory.errors] == [
        (ErrorType.CALCULATION, 2),
        (ErrorType.CALCULATION, 3),
    ]
    assert {(error.strategy, error.origin) for error in trajectory.errors} == {
        (Strategy.FIX_AND_CONTINUE, Origin.STUDENT)
    }
    assert (dropped(funnel), len(student.asked)) == ({}, 3)


def test_a_wrong_attempt_that_is_there_already_is_the_first_turn() -> None:
    attempt = Attempt(PROBLEM, SUMS.split(ANSWERS["100+11*12+13:"]), id="a")
    student, funnel = Canned(ANSWERS), Funnel(progress=False)
    (trajectory,) = take_turns(funnel, sums_turns(student), [Flawed(attempt, Error(ErrorType.CALCULATION, 2))])
    assert [span.text.lstrip("!") for span in trajectory.spans] == TEXTS
    assert (trajectory.id, len(student.asked)) == ("a/turns", 2)
    assert [(count.stage, count.entered, count.left) for count in funnel.counts] == [
        ("turn 1", 1, 1),
        ("turn 2", 1, 1),
        ("turn 3", 1, 1),
    ]


def test_in_the_last_turn_the_correction_runs_to_the_end() -> None:
    (trajectory,), _ = write(Canned({"100+11*12+13:": "100+11=112;112*12=344;344+13=357;####357"}), most=1)
    assert trajectory.text.endswith("100+11=111;111*12=332;332+13=345;####345")


def test_a_solution_that_was_cut_off_is_dropped_and_costs_no_sibling() -> None:
    other = Problem("q", "100+11", "111")
    cut = Canned({"100+11*12+13:": "100+11=111;111*12=332;332+13=345;####345", "100+11:": "100+11=111;####111"}, False)
    trajectories, funnel = write(cut, (PROBLEM, other))
    assert (trajectories, dropped(funnel)) == ([], {"turn 1: truncated": 2})


def test_drafts_keep_their_order_and_none_is_lost() -> None:
    problems = SUMS.problems(20, seed=1)
    student = Canned({f"{p.question}:": p.reference_solution if i % 2 else "+++;" for i, p in enumerate(problems)})
    trajectories, funnel = write(student, problems, most=1)
    assert [trajectory.problem for trajectory in trajectories] == problems
    assert [len(trajectory.errors) for trajectory in trajectories] == [1, 0] * 10
    assert dropped(funnel) == {}


def test_a_student_that_writes_nothing_is_counted() -> None:
    trajectories, funnel = write(Canned({"100+11*12+13:": ""}))
    assert (trajectories, dropped(funnel)) == ([], {"turn 1: empty": 1})


# A teacher that is a model

PENS = Problem("pens", "A pen costs $3. What do 4 pens and a pad for $5 cost, less $2?", "15")
RIGHT = ("3 * 4 = 12\n", "12 + 5 = 17\n", "17 - 2 = 15\n", "The answer is: 15")
FIRST = Flawed(Attempt(PENS, ("3 * 4 = 13\n", "The answer is: 16"), id="a"), Error(ErrorType.CALCULATION, 1))


def fixed(flawed: Flawed, correction: str, reflection: str = "Wait, no.\n") -> Trajectory:
    return Trajectory.corrected(flawed, Strategy.FIX_AND_CONTINUE, reflection, correction)


def chat(teacher: ScriptedTeacher, written: str, style: str = "step_by_step", most: int = 4) -> tuple[Turns, Canned]:
    asked = prompt_style(style)
    student = Canned({continuation_prompt(asked, PENS.question, RIGHT[:1]): written})
    return Turns(teacher, split_steps, StudentGoesOn(student, asked, split_steps, Sampling()), most=most), student


def test_each_turn_is_smoothed_when_it_is_made_and_of_the_correction_the_step_put_right_is_taken() -> None:
    smooth = fixed(FIRST, "Let me redo this.\n" + "".join(RIGHT), "Hmm, 3 * 4 is not 13.\n")
    teacher = ScriptedTeacher(
        fix=[fixed(FIRST, "".join(RIGHT))],
        smooth=[smooth],
        analyse=[Dropped("a", "analyse", DropReason.ALREADY_RIGHT)],
    )
    turns, student = chat(teacher, "".join(RIGHT[1:]))
    student.answers = {
        continuation_prompt(prompt_style("step_by_step"), PENS.question, ["Let me redo this.\n", RIGHT[0]]): "".join(
            RIGHT[1:]
        )
    }
    (trajectory,) = take_turns(Funnel(progress=False), turns, [FIRST])
    assert [span.text for span in trajectory.spans] == [
        "3 * 4 = 13\n",
        "Hmm, 3 * 4 is not 13.\n",
        "Let me redo this.\n" + "".join(RIGHT),
    ]
    assert sum(teacher.unused.values()) == 0


@pytest.mark.parametrize(
    ("written", "verdict", "reason"),
    [
        ("12 + 5 = 18\nThe answer is: 16", Error(None, 1), "disagreement"),
        ("12 + 5 = 18\nThe answer is: 16", Error(None, 4), "step_out_of_range"),
        ("12 + 5 = 18\nThe answer is: 16", Dropped("a", "analyse", DropReason.ALL_STEPS_RIGHT), "error_not_found"),
        ("And so on.\n", Dropped("a", "analyse", DropReason.ALL_STEPS_RIGHT), "no_answer"),
        ("12 + 5 = 18\n", Dropped("a", "analyse", DropReason.CALL_FAILED), "call_failed"),
        ("3 * 4 = 12\n", None, "empty"),
    ],
)
def test_what_cannot_be_used_is_dropped_with_a_reason(
    written: str, verdict: Error | Dropped | None, reason: str
) -> None:
    first = fixed(FIRST, "".join(RIGHT))
    teacher = ScriptedTeacher(fix=[first], smooth=[first], analyse=[verdict] if verdict else [])
    turns, _ = chat(teacher, written)
    funnel = Funnel(progress=False)
    assert take_turns(funnel, turns, [FIRST]) == []
    assert dropped(funnel) == {f"turn 2: {reason}": 1}


def test_a_correction_that_changes_the_wrong_step_is_dropped() -> None:
    other = replace(FIRST, attempt=replace(FIRST.attempt, steps=("3 * 4 = 14\n",)))
    changed = fixed(other, "".join(RIGHT))
    turns, _ = chat(ScriptedTeacher(fix=[changed], smooth=[changed]), "")
    funnel = Funnel(progress=False)
    assert take_turns(funnel, turns, [FIRST]) == []
    assert dropped(funnel) == {"turn 1: spans_lost": 1}


# What a student writes behind steps that stand already


def test_a_model_that_repeats_the_steps_it_was_given_is_taken_from_where_it_goes_on() -> None:
    given = RIGHT[:2]
    assert new_steps(given, RIGHT[2:]) == RIGHT[2:]
    assert new_steps(given, RIGHT) == RIGHT[2:]
    assert new_steps(given, RIGHT[1:]) == RIGHT[2:]
    assert new_steps(given, ("**Step 1:** 3 * 4 = 12\n", "2. 12 + 5 = 17.\n", "So 15\n")) == ("So 15\n",)
    assert new_steps(given, ("3 * 4 = 12\n", "12 + 5 = 18\n")) is None
    assert new_steps((), RIGHT) == RIGHT


def test_a_model_that_begins_anew_in_other_words_is_counted_and_one_of_plain_text_is_never_cut() -> None:
    given = Draft("a", PENS, steps=RIGHT[:2])
    chats, plain = prompt_style("step_by_step"), prompt_style("question")
    for style, text in ((chats, "3 * 4 = 12\n12 + 5 = 18\n"), (plain, "12 + 5 = 17\nThe answer is: 17")):
        student = Canned({continuation_prompt(style, PENS.question, given.steps): text})
        (found,) = StudentGoesOn(student, style, split_steps, Sampling())([given], 2)
        if style is chats:
            assert isinstance(found, Dropped) and found.reason is DropReason.SPANS_LOST
        else:
            assert isinstance(found, Attempt) and found.steps == (*RIGHT[:2], "12 + 5 = 17\n", "The answer is: 17")


def test_the_same_prompt_gets_several_draws_and_each_is_used_once() -> None:
    class Counting:
        def complete(self, prompts: Sequence[str], sampling: Sampling) -> list[list[Completion]]:
            return [[Completion(f"{p}{n}", True, 1) for n in range(sampling.n)] for p in prompts]

    drawn = one_draw_each(Counting(), ["a", "b", "a", "a"], Sampling(1, 0.7))
    assert [one.text for one in drawn] == ["a0", "b0", "a1", "a2"]
    greedy = one_draw_each(Counting(), ["a", "a"], Sampling())
    assert [one.text for one in greedy] == ["a0", "a0"]


# Without a student: a world makes further mistakes


@pytest.mark.parametrize("name", ["sums", "stories"])
def test_a_world_makes_further_mistakes_and_its_oracle_confirms_each(name: str) -> None:
    world = get_world(name)
    teacher = WorldTeacher(world)
    types = [ErrorType.CALCULATION, ErrorType.MISSING_STEP, ErrorType.FORMULA_CONFUSION]
    problems = world.problems(30, seed=4)
    wanted = [Injection(problem, types[n % 3], f"{problem.id}/{n}") for n, problem in enumerate(problems)]
    flawed = [item for item in teacher.inject(wanted) if isinstance(item, Flawed)]
    turns = Turns(teacher, world.split, WorldGoesOn(teacher, types), world.bare_step)
    made = take_turns(Funnel(progress=False), turns, flawed)
    assert [trajectory.problem for trajectory in made] == [item.problem for item in flawed]
    counts = {len(trajectory.errors) for trajectory in made}
    assert {1, 2} <= counts and max(counts) <= 4
    for trajectory in made:
        confirm(trajectory, world.split, teacher)


def confirm(trajectory: Trajectory, split, teacher: WorldTeacher) -> None:  # type: ignore[no-untyped-def]
    """Every wrong step is the first one behind the clean steps before it, and the clean solution is right."""
    bare = SUMS.bare_step if trajectory.problem.source == "world/sums" else str
    clean: list[str] = []
    errors = iter(trajectory.errors)
    for span in trajectory.spans:
        if span.kind is SpanKind.ERROR:
            error = next(errors)
            # Behind it an answer that is wrong for certain, so that the oracle looks for the step.
            attempt = Attempt(trajectory.problem, (*clean, span.text, "The answer is: 0"))
            verdict = teacher.analyse([attempt])[0]
            assert isinstance(verdict, Error)
            assert (verdict.step, error.step, error.origin) == (len(clean) + 1, len(clean) + 1, Origin.INJECTED)
        elif span.kind is not SpanKind.REFLECTION:
            clean += map(bare, split(span.text))
    (verdict,) = teacher.analyse([Attempt(trajectory.problem, tuple(clean))])
    assert isinstance(verdict, Dropped) and verdict.reason is DropReason.ALREADY_RIGHT


def test_where_the_world_offers_no_later_mistake_the_row_keeps_its_turn() -> None:
    one = Problem("one", "100+11", "111", source="world/sums")
    wrong = Flawed(Attempt(one, ("100+11=112;", "####112"), id="a"), Error(ErrorType.CALCULATION, 1, Origin.INJECTED))
    teacher = WorldTeacher(SUMS)
    turns = Turns(teacher, SUMS.split, WorldGoesOn(teacher, [ErrorType.CALCULATION]), SUMS.bare_step)
    (trajectory,) = take_turns(Funnel(progress=False), turns, [wrong])
    assert [span.text.lstrip("!") for span in trajectory.spans] == ["100+11=112;", "", "100+11=111;####111"]


def test_right_attempts_become_rows_of_reasoning() -> None:
    right = Attempt(PROBLEM, solve(read_chain(PROBLEM.question)), id="r")
    (row,) = right_stage().work([right])
    assert isinstance(row, Trajectory)
    assert (row.id, row.errors, [span.kind for span in row.spans]) == ("r/right", (), [SpanKind.REASONING])


def test_a_right_answer_alone_is_no_row() -> None:
    (dropped,) = right_stage().work([Attempt(PROBLEM, ("####111",), id="r")])
    assert isinstance(dropped, Dropped) and dropped.reason is DropReason.NO_STEPS
