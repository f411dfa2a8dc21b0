"""The reference solution as a teacher, on problems small enough to check by eye, and on real ones."""

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from lemma_hf.errors import ConfigError, TeacherError
from lemma_hf.records import Attempt, Dropped, DropReason, Error, Flawed, Origin, Problem, SpanKind, Strategy
from lemma_hf.solutions.step_facts import read_step, to_prose
from lemma_hf.solutions.steps import split_line_steps
from lemma_hf.taxonomy import ErrorType
from lemma_hf.teachers import Injection, ReferenceTeacher, ScriptedTeacher, Teacher
from lemma_hf.teachers.alignment import covered
from lemma_hf.teachers.path import read_path

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"

# A week of 4 boxes of 6 pens, half of them given away, each of the others sold for $3.
PENS = Problem(
    "pens",
    "Ann has 4 boxes with 6 pens each. She gives half of the pens away and sells the others for $3 each. "
    "How much does she earn?",
    "36",
    "Ann has 4*6=<<4*6=24>>24 pens.\nShe gives 24/2=<<24/2=12>>12 pens away.\n"
    "So 24-12=<<24-12=12>>12 pens are left.\nShe earns 12*3=$<<12*3=36>>36.\n#### 36",
)


def attempt(*steps: str, annotation: Error | None = None) -> Attempt:
    return Attempt(PENS, tuple(f"{step}\n" for step in steps), annotation=annotation, id="a")


def analyse(*steps: str) -> Error | Dropped:
    return ReferenceTeacher(min_sureness=0).analyse([attempt(*steps)])[0]


def test_it_is_a_teacher() -> None:
    assert isinstance(ReferenceTeacher(), Teacher)
    assert isinstance(ScriptedTeacher(), Teacher)


@pytest.mark.parametrize(
    ("steps", "step", "type_"),
    [
        (("Ann has 4*6=22 pens.", "She gives 22/2=11 pens away."), 1, ErrorType.CALCULATION),
        (("Ann has 4*6=24 pens.", "She gives 24/2=13 pens away."), 2, ErrorType.CALCULATION),
        (("Ann has 4*7=28 pens.", "She gives 28/2=14 pens away."), 1, ErrorType.CONTEXT_VALUE),
        (("Ann has 4*6=24 pens.", "She gives 24*2=48 pens away."), 2, ErrorType.OPERATOR),
        (("Ann has 4*6=24 pens.", "She earns 24*3=$72."), 2, ErrorType.MISSING_STEP),
        (("Ann has 4*6=24 pens.", "She gives 24/2=12 pens away.", "#### 12"), 3, ErrorType.MISSING_STEP),
        (("Ann has 4*6+10=34 pens with the 10 of her aunt.", "She gives 34/2=17 away."), 1, ErrorType.HALLUCINATION),
    ],
)
def test_the_first_wrong_step_is_found_and_named(steps: tuple[str, ...], step: int, type_: ErrorType) -> None:
    assert analyse(*steps) == Error(type_, step)


def test_another_order_of_the_same_sums_is_no_mistake() -> None:
    # 6/2=3 pens of each box are sold, 4*3=12 in all: not the reference's way, but it leads back to its 12.
    steps = "Of each box 6/2=3 pens are sold.", "That makes 4*3=12 pens.", "At $3 each this is 12*3=$35."
    assert analyse(*steps) == Error(ErrorType.CALCULATION, 3)


def test_a_right_attempt_has_no_mistake() -> None:
    found = analyse("Ann has 4*6=24 pens.", "She sells 24/2=12 of them for 12*3=$36.", "#### 36")
    assert isinstance(found, Dropped)
    assert found.reason is DropReason.ALREADY_RIGHT


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (Attempt(PENS, (" \n",)), DropReason.EMPTY),
        (Attempt(Problem("p", "?", "3"), ("1 + 1 = 3",)), DropReason.NO_REFERENCE_SOLUTION),
        (attempt("```python", "print(4 * 7)", "```"), DropReason.ERROR_NOT_FOUND),
        (attempt(*["Ann has 4*7=28 pens."] * 70), DropReason.TOO_LONG),
        (attempt("Ann has 4*7=28 pens.", annotation=Error(ErrorType.COUNTING, 5)), DropReason.STEP_OUT_OF_RANGE),
    ],
)
def test_what_cannot_be_judged_is_dropped_with_a_reason(wrong: Attempt, reason: DropReason) -> None:
    (found,) = ReferenceTeacher().analyse([wrong])
    assert isinstance(found, Dropped)
    assert found.reason is reason


def test_below_the_sureness_asked_for_it_abstains_and_says_why() -> None:
    # All steps are right and the attempt just ends: people seldom mark the same step there.
    stopped = [attempt("There are 4*6=24 pens in the boxes.", "Half of them is 24/2=12.", "#### 12")]
    (unsure,) = ReferenceTeacher().analyse(stopped)
    assert isinstance(unsure, Dropped) and unsure.reason is DropReason.UNSURE
    assert unsure.detail.startswith("step 3 by stopped: 0.") and unsure.detail.endswith(" sure, less than 0.5")
    (found,) = ReferenceTeacher(min_sureness=0).analyse(stopped)
    assert isinstance(found, Error) and found.sureness is not None and found.sureness < 0.5
    with pytest.raises(ConfigError, match=r"`min_sureness` is 1\.5, but it has to be between 0 and 1"):
        ReferenceTeacher(min_sureness=1.5)


def test_an_annotation_is_trusted_only_where_it_can_be_true() -> None:
    said = Error(ErrorType.COUNTING, 2)
    wrong = attempt("Ann has 4*6=24 pens.", "She gives 24/2=11 pens away.", annotation=said)
    assert ReferenceTeacher().analyse([wrong]) == [said]
    assert ReferenceTeacher(trust_annotations=False).analyse([wrong]) == [Error(ErrorType.CALCULATION, 2)]
    # Step 1 stands word for word in the reference: whoever says it is wrong is mistaken.
    impossible = attempt(*(s.strip() for s in wrong.steps), annotation=Error(ErrorType.CALCULATION, 1))
    assert ReferenceTeacher().analyse([impossible]) == [Error(ErrorType.CALCULATION, 2)]


def flawed(step: int = 3) -> Flawed:
    steps = "Ann has 4*6=24 pens.", "She gives 24/2=12 pens away.", "So 24-12=14 pens are left.", "14*3=$42"
    return Flawed(attempt(*steps), Error(ErrorType.CALCULATION, step))


def test_fix_goes_on_where_the_right_steps_end() -> None:
    (made,) = ReferenceTeacher().fix([flawed()])
    assert not isinstance(made, Dropped)
    reasoning, error, reflection, correction = made.spans
    assert reasoning.text == "Ann has 4*6=24 pens.\nShe gives 24/2=12 pens away.\n"
    assert error.text == "So 24-12=14 pens are left.\n"
    assert "24-12" in reflection.text and "12" in reflection.text and "14" in reflection.text
    assert correction.text == "So 24-12=12 pens are left.\nShe earns 12*3=$36.\nThe answer is: 36"
    assert made.errors == (Error(ErrorType.CALCULATION, 3, Origin.STUDENT, Strategy.FIX_AND_CONTINUE),)


def test_restart_tells_the_whole_reference_solution() -> None:
    (made,) = ReferenceTeacher().restart([flawed()])
    assert not isinstance(made, Dropped)
    assert made.spans[-1].text.startswith("Ann has 4*6=24 pens.\nShe gives 24/2=12")
    assert made.spans[-1].text.endswith("\nThe answer is: 36")
    assert "<<" not in made.text and "####" not in made.text


def test_the_value_of_an_unknown_is_not_given_away() -> None:
    problem = Problem(
        "x",
        "A book has x chapters of 20 pages, 100 pages in all. What is the value of x?",
        "5",
        "All chapters have 20x pages.\nThat is 20x = 100.\nSo x = 100 / 20 = 5.",
    )
    wrong = Flawed(Attempt(problem, ("All chapters have 20x pages.\n", "So 10x = 100.\n")), Error(None, 2))
    (made,) = ReferenceTeacher().fix([wrong])
    assert not isinstance(made, Dropped)
    assert "5" not in next(made.of_kind(SpanKind.REFLECTION)).text


def test_a_program_is_analysed_and_not_continued_in_prose() -> None:
    program = attempt("pens_per_box = 6", "pens = 6 * 4", "pens_left = pens / 3", "print(pens_left)")
    (error,) = ReferenceTeacher(min_sureness=0).analyse([program])
    assert isinstance(error, Error) and error.step == 3
    (made,) = ReferenceTeacher().fix([Flawed(program, error)])
    assert isinstance(made, Dropped) and made.reason is DropReason.NOT_PROSE


def test_equal_results_are_not_taken_for_one_step() -> None:
    # The reference has 12 twice: once given away, once left. One 12 does one step.
    done = [read_step(step) for step in ("Ann has 4*6=24 pens.", "She gives 24/2=12 pens away.")]
    assert covered(read_path(PENS), done) == 2


def test_the_same_item_gets_the_same_words_and_others_get_others() -> None:
    items = [Flawed(Attempt(PENS, flawed().attempt.steps, id=str(n)), flawed().error) for n in range(40)]
    made = ReferenceTeacher().fix(items)
    assert made == ReferenceTeacher().fix(items)
    assert len({next(t.of_kind(SpanKind.REFLECTION)).text for t in made if not isinstance(t, Dropped)}) > 20


@pytest.mark.parametrize("type_", ReferenceTeacher().error_types)
def test_injected_errors_are_wrong_where_they_say_and_carried_on(type_: ErrorType) -> None:
    problem = Problem(
        "lamps",
        "A shop sells lamps for $15 each on all working days, 20 a day. It pays $40 a day. What is left a week?",
        "1300",
        "A day the shop takes 20*15=300 dollars.\nAfter costs it keeps 300-40=260 dollars.\n"
        "In a week it keeps 260*5=1300 dollars.",
    )
    wanted = [Injection(problem, type_, f"i-{number}") for number in range(8)]
    made = ReferenceTeacher().inject(wanted)
    assert made == ReferenceTeacher().inject(wanted)
    for item in made:
        assert isinstance(item, Flawed)
        assert item.error.origin is Origin.INJECTED
        assert "1300" not in item.attempt.steps[-1]
        (found,) = ReferenceTeacher().analyse([Attempt(problem, item.attempt.steps)])
        assert found == Error(type_, item.error.step)


def test_what_cannot_be_injected_is_dropped() -> None:
    wordy = Problem("p", "Why?", "1", "Because it is so.")
    (made,) = ReferenceTeacher().inject([Injection(wordy, ErrorType.CALCULATION, "i")])
    assert made == Dropped("i", "inject", DropReason.CANNOT_INJECT, "calculation")


def test_steps_joined_are_the_text() -> None:
    text = "One step.\n\nAnother, 1.5 long.\n#### 3"
    assert split_line_steps(text) == ("One step.\n\n", "Another, 1.5 long.\n", "#### 3")
    assert split_line_steps("It is 2. So 3 are left.") == ("It is 2. ", "So 3 are left.")
    assert "".join(split_line_steps(f"\n {text}")) == f"\n {text}"


@pytest.mark.parametrize("step", ["He has 6*2=<<6*2=12>>12 pens.\n", "#### 12", "Thus it is 12. #### 12 \n", " A: 12"])
def test_natural_text_stays_as_it_is(step: str) -> None:
    once = to_prose(step)
    assert to_prose(once) == once
    assert "####" not in once and "<<" not in once


def test_a_script_is_followed_and_runs_out_loudly() -> None:
    teacher = ScriptedTeacher(analyse=[Error(ErrorType.COUNTING, 1)])
    assert teacher.unused["analyse"] == 1
    assert teacher.analyse([attempt("x")]) == [Error(ErrorType.COUNTING, 1)]
    with pytest.raises(TeacherError, match="`analyse` ran out"):
        teacher.analyse([attempt("x")])


def eic() -> list[tuple[dict[str, Any], Attempt]]:
    path = DATA / "eic_gsm8k.jsonl"
    if not path.is_file():
        pytest.skip("EIC is not here: real data lies beside the checkout, in shared/data")
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [
        (
            row,
            Attempt(
                Problem(row["id"], row["question"], f"{row['reference_answer']:.12g}", row["reference_solution"]),
                split_line_steps(row["wrong_solution"]),
                annotation=Error(ErrorType.from_text(row["error_type"]), row["error_step"]),
                id=row["id"],
            ),
        )
        for row in rows
    ]


def test_it_agrees_with_people_and_gpt4_where_they_can_be_right() -> None:
    rows = eic()
    found = ReferenceTeacher(trust_annotations=False).analyse([attempt for _, attempt in rows])
    counts: Counter[str] = Counter()
    for (row, wrong), verdict in zip(rows, found, strict=True):
        said = wrong.annotation
        assert said is not None
        lines = [line.strip() for line in row["reference_solution"].split("\n")]
        possible = wrong.steps[said.step - 1].strip() not in lines
        counts["possible"] += possible
        counts["answered, possible"] += possible and isinstance(verdict, Error)
        if isinstance(verdict, Error):
            counts["step"] += verdict.step == said.step
            counts["step, possible"] += possible and verdict.step == said.step
            counts["type"] += verdict.type is said.type
    # Of 986 annotated steps, 175 stand word for word in the reference solution, so these cannot be the wrong ones.
    assert counts["possible"] == 811
    assert counts["step"] >= 755
    assert counts["answered, possible"] / counts["possible"] >= 0.98
    assert counts["step, possible"] / counts["answered, possible"] >= 0.94
    assert counts["type"] / len(rows) >= 0.83


def test_real_wrong_outputs_become_trajectories_that_end_right() -> None:
    outputs, problems = DATA / "graded" / "open.jsonl.gz", DATA / "bench" / "gsm8k_test.jsonl.gz"
    if not (outputs.is_file() and problems.is_file()):
        pytest.skip("graded outputs are not here: real data lies beside the checkout, in shared/data")
    known = {
        (p := json.loads(line))["question"]: p
        for line in gzip.decompress(problems.read_bytes()).decode().split("\n")[:-1]
    }
    wrong = []
    for line in gzip.decompress(outputs.read_bytes()).decode().split("\n")[:-1]:
        row = json.loads(line)
        if row["truth"] is False and row["problem"] in known and len(wrong) < 300:
            gold = known[row["problem"]]
            problem = Problem(gold["id"], gold["question"], gold["answer"], gold["solution"])
            wrong.append(Attempt(problem, tuple(map(to_prose, split_line_steps(row["output"]))), id=row["id"]))
    teacher = ReferenceTeacher()
    verdicts = teacher.analyse(wrong)
    ready = [Flawed(a, v) for a, v in zip(wrong, verdicts, strict=True) if isinstance(v, Error)]
    assert len(ready) > 180
    unsure = [v for v in verdicts if isinstance(v, Dropped) and v.reason is DropReason.UNSURE]
    assert len(unsure) > 50 and all(" sure, less than 0.5" in one.detail for one in unsure)
    for item, made in zip(ready, teacher.fix(ready), strict=True):
        assert not isinstance(made, Dropped)
        assert made.text.startswith("".join(item.right_steps) + item.wrong_step)
        assert made.text.endswith(f"\nThe answer is: {item.problem.reference_answer}")
