"""Scores: a student whose answers are written down, graded and summed up by hand."""

import pytest

from lemma_hf.evaluation import Scored, Share, correct_many, score, summarize
from lemma_hf.inference import CachedStudent, Completion, LLMStudent, Sampling
from lemma_hf.inference.endpoint import ChatClient, Endpoint, ReplyStore
from lemma_hf.prompts import prompt_style
from lemma_hf.records import DropReason, Grade, Outcome, Problem
from lemma_hf.testing import Fault, Faults, LoopbackEndpoint

PROBLEMS = [Problem("a", "6 * 7?", "42"), Problem("b", "1 + 1?", "2"), Problem("c", "?", "")]
TEXTS = {
    "a": "6 * 7 = 41. Wait, that is wrong. 6 * 7 = 42. The answer is: 42",
    "b": "1 + 1 = 3. The answer is: 3",
    "c": "The answer is: 5",
}


class Written:
    """Answers from a book."""

    def complete(self, prompts, sampling):
        return [[Completion(text, finished, 10)] for text, finished in zip(TEXTS.values(), (1, 0, 1), strict=True)]


def scored():
    return score(Written(), PROBLEMS, prompt_style("instruction"), Sampling(), "gsm8k")


def test_each_completion_is_graded_against_its_own_problem():
    items = scored()
    assert [item.right for item in items] == [True, False, False]
    assert [item.as_row()["extracted"] for item in items[:2]] == ["42", "3"]
    assert items[0].prompt.startswith("### Instruction:\n6 * 7?")


def test_an_unreadable_reference_is_counted_apart_and_not_in_the_accuracy():
    report = summarize(scored())
    assert report.accuracy == Share(1, 2)
    assert report.outcomes == {"right": 1, "wrong": 1, "unreadable_reference": 1}


def test_reflections_cut_off_texts_and_tokens_are_counted():
    report = summarize(scored())
    assert (report.reflected, report.right_when_reflected) == (Share(1, 2), Share(1, 1))
    assert (report.unfinished, report.tokens) == (1, 10)


def test_what_counts_as_a_reflection_can_be_said():
    assert summarize(scored(), reflects=lambda text: "3" in text).reflected == Share(1, 2)
    assert summarize(scored(), reflects=lambda text: False).right_when_reflected == Share(0, 0)


def test_a_report_is_plain_values_with_its_intervals():
    plain = summarize(scored()).as_dict()
    assert plain["accuracy"]["count"] == 1
    assert plain["accuracy"]["ci95"] == list(Share(1, 2).interval)


def test_a_row_holds_what_a_benchmark_says_of_its_problem_and_no_completion_that_never_came_counts():
    problem = Problem("d", "?", "2", subject="Algebra", level="Level 5")
    lost = Scored(
        problem, "?", Completion("", False, 0, DropReason.CALL_FAILED), Grade(Outcome.NO_ANSWER, None, "2", "")
    )
    row = lost.as_row()
    assert (row["subject"], row["level"], row["refused"]) == ("Algebra", "Level 5", "call_failed")
    assert (lost.call_failed, lost.counts, lost.cut_off) == (True, False, False)
    assert [item.counts for item in scored()] == [True, True, False]
    report = summarize([*scored(), lost])
    assert (report.refused, report.accuracy) == (1, Share(1, 2))


WHOLE = "6 * 7 = 42. The answer is: 42"
GOES_ON = WHOLE + "\n\n### Instruction:\nWhat is 2 + 3?\n\n### Response: Let's think step by step. 2 + 3 = 5."


def test_the_last_number_of_a_text_that_was_cut_off_is_no_answer():
    class CutOff:
        def complete(self, prompts, sampling):
            return [[Completion("So there are 6 * 7 = 42 of them", finished, 9) for finished in (True, False)]]

    whole, cut = score(CutOff(), PROBLEMS[:1], prompt_style("instruction"), Sampling(2, 1.0), "gsm8k")
    assert (whole.grade.outcome, whole.grade.rule) == (Outcome.RIGHT, "last_number>number")
    assert (cut.grade.outcome, cut.grade.detail) == (Outcome.NO_ANSWER, "cut off before it said an answer")


class NeverStops:
    """Writes on behind its answer, until it is cut off."""

    def complete(self, prompts, sampling):
        return [[Completion(GOES_ON, False, 64)] for _ in prompts]


@pytest.mark.parametrize("where", ["here", "endpoint"])
def test_a_model_that_never_stops_is_scored_by_what_it_wrote_wherever_it_runs(where):
    cuts_in_half = {"faults": Faults(1.0, kinds=(Fault.LENGTH,))}
    twice_as_long = GOES_ON.ljust(2 * len(GOES_ON), ".")
    with LoopbackEndpoint(lambda messages: twice_as_long, **cuts_in_half) as server, ReplyStore(":memory:") as store:
        client = ChatClient(Endpoint.from_text(f"m@{server.url}"), store, progress=False)
        student = LLMStudent(client) if where == "endpoint" else CachedStudent(NeverStops(), store, "m")
        for _ in range(2):  # the second time from the store
            (item,) = score(student, PROBLEMS[:1], prompt_style("instruction"), Sampling(), "gsm8k")
            assert (item.right, item.cut_off, item.text) == (True, True, WHOLE)


def test_what_a_model_writes_behind_its_answer_is_neither_graded_nor_taken_for_second_thoughts():
    """Few-shots teach a base model to go on with a next question, and to change its mind there."""
    text = (
        " 2 + 2 = 4.\nThe answer is: 4\n\n### Instruction:\n3 + 3?\n\n### Response: It is 7. Wait, no. The answer is: 6"
    )

    class Student:
        def complete(self, prompts, sampling):
            return [[Completion(text, True, 40)] for _ in prompts]

    (item,) = score(Student(), [Problem("p", "2 + 2?", "4")], prompt_style("instruction"), Sampling())
    assert item.right
    assert item.as_row()["output"] == text
    (corrected,) = correct_many([item])
    assert corrected.turns == ()
