"""Roll-outs from the steps before the named error: one has to reach the answer."""

from collections.abc import Sequence

from lemma_hf.inference import Completion, Sampling
from lemma_hf.pipeline import Funnel, rollouts, verify_stage
from lemma_hf.pipeline.continuation import continuation_prompt
from lemma_hf.prompts import prompt_style
from lemma_hf.records import Attempt, DropReason, Error, Flawed, Problem

PROBLEM = Problem("p", "A pen costs $3. What do 4 pens and a pad for $5 cost?", "17")
FLAWED = Flawed(
    Attempt(PROBLEM, ("4 pens cost 3 * 4 = 12 dollars.\n", "12 + 5 = 18\n", "The answer is: 18"), id="a"),
    Error(None, 2),
)
RIGHT, WRONG = "12 + 5 = 17\nThe answer is: 17", "12 + 5 = 19\nThe answer is: 19"


class Student:
    """Writes these roll-outs for every prompt, and remembers the prompts."""

    def __init__(self, *completions: Completion) -> None:
        self.completions = list(completions)
        self.asked: list[str] = []

    def complete(self, prompts: Sequence[str], sampling: Sampling) -> list[list[Completion]]:
        assert sampling.n == len(self.completions)
        self.asked += prompts
        return [self.completions for _ in prompts]


def verify(student: Student, *items: Flawed) -> tuple[list[Flawed], dict[str, int], list[str]]:
    funnel = Funnel(progress=False)
    sampling = rollouts(Sampling(4, 0.7), len(student.completions))
    left = funnel.run(verify_stage(student, sampling, prompt_style("instruction")), items)
    (count,) = funnel.counts
    return left, {str(reason): number for reason, number in count.dropped.items()}, student.asked


def written(text: str) -> Completion:
    return Completion(text, True, 9)


def test_one_right_roll_out_is_enough() -> None:
    left, lost, asked = verify(Student(written(WRONG), written(RIGHT)), FLAWED)
    assert (left, lost) == ([FLAWED], {})
    style = prompt_style("instruction")
    assert asked == [style.prompt(PROBLEM.question) + style.completion("4 pens cost 3 * 4 = 12 dollars.\n")]


def test_a_model_that_chats_is_asked_in_words_to_go_on() -> None:
    student, style = Student(written(RIGHT)), prompt_style("step_by_step")
    stage = verify_stage(student, Sampling(1), style)
    assert stage.work([FLAWED]) == [FLAWED]
    (asked,) = student.asked
    assert asked == continuation_prompt(style, PROBLEM.question, ["4 pens cost 3 * 4 = 12 dollars.\n"])
    assert "write only what comes next:\n\n4 pens cost" in asked


def test_without_a_right_one_the_prefix_fails() -> None:
    cut_off = Completion(RIGHT, False, 9)
    left, lost, _ = verify(Student(written(WRONG), cut_off), FLAWED)
    assert (left, lost) == ([], {"prefix_fails": 1})


def test_an_error_in_the_first_step_has_no_prefix_that_could_fail() -> None:
    first = Flawed(FLAWED.attempt, Error(None, 1))
    left, lost, asked = verify(Student(written(WRONG)), first)
    assert (left, lost, asked) == ([first], {}, [])
    assert verify(Student(written(RIGHT)), first, FLAWED)[0] == [first, FLAWED]


def test_an_endpoint_that_gives_no_text_is_no_verdict_on_the_prefix() -> None:
    down = Completion("", False, 0, DropReason.CALL_FAILED, "503")
    assert verify(Student(down, down), FLAWED)[1] == {"call_failed": 1}
    assert verify(Student(down, written(WRONG)), FLAWED)[1] == {"prefix_fails": 1}
