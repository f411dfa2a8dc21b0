"""What Fresh & Restart aims at: right solutions of the student's own."""

from lemma_hf.pipeline import with_targets
from lemma_hf.records import Attempt, Error, Flawed, Grade, Origin, Outcome, Problem, SpanKind
from lemma_hf.taxonomy import ErrorType
from lemma_hf.teachers import ReferenceTeacher

PROBLEM = Problem("p", "A pen costs $3. What do 4 pens and a $5 pad cost?", "17", "4*3=12\n12+5=17\n#### 17", "mine")
STEPS = ("4 pens cost 4*3=12 dollars.\n", "With the pad it is 12+5=18 dollars.\n", "The answer is: 18")


def flawed(name: str = "a", source: str = "mine", origin: Origin = Origin.STUDENT) -> Flawed:
    problem = Problem("p", PROBLEM.question, "17", PROBLEM.reference_solution, source)
    return Flawed(Attempt(problem, STEPS, id=name), Error(ErrorType.CALCULATION, 2, origin))


def attempt(text: str, outcome: Outcome = Outcome.RIGHT, source: str = "mine") -> Attempt:
    problem = Problem("other id", PROBLEM.question.replace(" ", "  "), "17", source=source)
    return Attempt(problem, (text,), Grade(outcome, None, "17", ""))


def test_a_random_right_attempt_at_the_same_question_is_the_target() -> None:
    right = [attempt(f"Way {n}: 17 dollars.") for n in range(5)]
    items = [flawed(str(n)) for n in range(60)]
    targets = [item.target for item in with_targets(items, [*right, attempt("18 or 17?", Outcome.WRONG)])]
    assert set(targets) == {item.text for item in right}
    assert targets[::-1] == [item.target for item in with_targets(items[::-1], right[::-1])]
    assert targets != [item.target for item in with_targets(items, right, seed=1)]


def test_another_models_way_is_no_target_but_for_an_injected_error() -> None:
    right = [attempt("They cost 12+5=17 dollars.", source="yours")]
    items = [flawed(), flawed(origin=Origin.INJECTED)]
    assert [item.target for item in with_targets(items, right)] == ["", "They cost 12+5=17 dollars."]


def test_programs_long_texts_and_lucky_claims_are_no_targets() -> None:
    texts = [
        "```python\nprint(17)\n```",
        '{"answer": "17"}',
        "so " * 700 + "17",
        "It is 17.5 dollars.\nThe answer is: 17",
        "The answer is: 17",
        "They cost 17 dollars.\nThe answer is: 17",
    ]
    assert [item.target for item in with_targets([flawed()], map(attempt, texts))] == [""]
    assert with_targets([flawed()], [attempt("The price is 12+5 = 17kr.\n#### 17")])[0].target


def test_a_restart_goes_the_targets_way_and_claims_once() -> None:
    text = "All pens are 4*3=<<4*3=12>>12 dollars.\nSo it is 12+5=17. The answer is 17.\n#### 17"
    (item,) = with_targets([flawed()], [attempt(text)])
    teacher = ReferenceTeacher()
    (anew,), (fixed,), (plain,) = teacher.restart([item]), teacher.fix([item]), teacher.restart([flawed()])
    corrections = [next(each.of_kind(SpanKind.CORRECTION)).text for each in (anew, fixed, plain)]
    assert corrections == [
        "All pens are 4*3=12 dollars.\nSo it is 12+5=17.\nThe answer is: 17",
        "12+5=17\nThe answer is: 17",
        "4*3=12\n12+5=17\nThe answer is: 17",
    ]
    assert (anew.spans[:2], anew.errors) == (plain.spans[:2], plain.errors)
