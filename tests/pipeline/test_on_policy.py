"""On-policy rounds: the student writes, the oracle repairs one step, the student goes on."""

from collections.abc import Sequence

from lemma_hf.inference import Completion, Sampling
from lemma_hf.pipeline.on_policy import OnPolicy
from lemma_hf.prompts import prompt_style
from lemma_hf.records import DropReason, Problem, SpanKind
from lemma_hf.taxonomy import ErrorType
from lemma_hf.teachers import WorldTeacher
from lemma_hf.world.sums import SUMS, without_work

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
        return [[Completion(self.answers[prompt], self.finished, 1)] for prompt in prompts]


def make(student, problems=(PROBLEM,), rounds=4):
    maker = OnPolicy(
        student, WorldTeacher(SUMS), prompt_style("sums"), SUMS.split, Sampling(), clean=without_work, rounds=rounds
    )
    return maker.make(problems)


def test_a_student_that_is_right_gives_a_trajectory_without_a_turn():
    solution = "100+11=111;111*12=332;332+13=345;####345"
    (trajectory,), dropped = make(Canned({"100+11*12+13:": solution}))
    assert (trajectory.text, trajectory.errors, dropped) == (solution, (), [])
    assert [span.kind for span in trajectory.spans] == [SpanKind.REASONING]


def test_each_wrong_step_is_repaired_where_it_was_made_and_the_student_goes_on_from_the_clean_solution():
    student = Canned(
        {
            "100+11*12+13:": "100+11=111;111*12=330;330+13=343;####343",
            "100+11*12+13:100+11=111;111*12=332;": "332+13=346;####346",
            "100+11*12+13:100+11=111;111*12=332;332+13=345;": "####345",
        }
    )
    (trajectory,), dropped = make(student)
    texts = [span.text.lstrip("!") for span in trajectory.spans]
    work = ",1*2+0=02|1*2+0=02|1*2+0=02|1*1+0=01|1*1+0=01|2+1+0=03|2+1+0=03|"
    assert texts == ["100+11=111;", "111*12=330;", "", f"{work}111*12=332;", "332+13=346;", "", "332+13=345;####345"]
    assert [(error.type, error.step) for error in trajectory.errors] == [
        (ErrorType.CALCULATION, 2),
        (ErrorType.CALCULATION, 3),
    ]
    assert dropped == []
    assert len(student.asked) == 3


def test_after_the_last_round_the_correction_runs_to_the_end():
    (trajectory,), _ = make(Canned({"100+11*12+13:": "100+11=112;112*12=344;344+13=357;####357"}), rounds=1)
    assert trajectory.text.endswith("100+11=111;111*12=332;332+13=345;####345")


def test_a_solution_that_was_cut_off_is_dropped_and_costs_no_sibling():
    other = Problem("q", "100+11", "111")
    student = Canned(
        {"100+11*12+13:": "100+11=111;111*12=332;332+13=345;####345", "100+11:": "100+11=111;####111"}, False
    )
    trajectories, dropped = make(student, (PROBLEM, other))
    assert trajectories == []
    assert [(item.id, item.reason) for item in dropped] == [
        ("p/1", DropReason.TRUNCATED),
        ("q/1", DropReason.TRUNCATED),
    ]


def test_problems_keep_their_order_and_none_is_lost():
    problems = SUMS.problems(20, seed=1)
    student = Canned({f"{p.question}:": p.reference_solution if i % 2 else "+++;" for i, p in enumerate(problems)})
    trajectories, dropped = make(student, problems, rounds=1)
    assert [trajectory.problem for trajectory in trajectories] == problems
    assert [len(trajectory.errors) for trajectory in trajectories] == [1, 0] * 10
    assert dropped == []


def test_a_student_that_writes_nothing_is_counted():
    trajectories, dropped = make(Canned({"100+11*12+13:": ""}))
    assert (trajectories, [item.reason for item in dropped]) == ([], [DropReason.EMPTY])
