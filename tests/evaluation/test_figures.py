"""All figures of a benchmark, of samples whose verdicts are written down."""

from itertools import combinations

import pytest

from lemma_hf.errors import ConfigError
from lemma_hf.evaluation import Mean, Scored, Scores, Share
from lemma_hf.grading import grade
from lemma_hf.inference import Completion
from lemma_hf.records import DropReason, Grade, Outcome, Problem


def sampled(problem, *texts):
    """Samples of one problem, graded."""
    return [Scored(problem, "?", Completion(text, True, 10), grade(text, problem.reference_answer)) for text in texts]


A = Problem("a", "?", "42", subject="Algebra", level="Level 1")
B = Problem("b", "?", "2", subject="Geometry", level="Level 1")
C = Problem("c", "?", "7", subject="Algebra", level="Level 2")
FOUR = [
    *sampled(A, "#### 42", "#### 42.0", "#### 41", "#### 40"),
    *sampled(B, "#### 3", "#### 2", "#### 2", "#### 3"),
    *sampled(C, "#### 8", "#### 9", "I do not know.", "#### 6"),
]


def test_pass_at_k_is_the_mean_over_problems_of_each_problems_own():
    found = Scores.from_items(FOUR, pass_at=(1, 2, 4)).pass_at
    rights = [[True, True, False, False], [False, True, True, False], [False] * 4]
    for k in (1, 2, 4):
        each = [sum(map(any, draws)) / len(draws) for right in rights if (draws := list(combinations(right, k)))]
        assert found[k].value == pytest.approx(sum(each) / 3)
        assert isinstance(found[k], Mean) and found[k].total == 3


def test_the_majority_is_that_of_the_first_k_by_equality():
    # a: 42 twice. b: 3 is first, then a tie of two and two goes to the 3. c: three answers, none right.
    found = Scores.from_items(FOUR, maj_at=(1, 3, 4)).maj_at
    assert {k: round(3 * each.value) for k, each in found.items()} == {1: 1, 3: 2, 4: 1}


def test_one_sample_a_problem_has_wilsons_interval_and_no_vote():
    found = Scores.from_items([*sampled(A, "#### 42"), *sampled(B, "#### 3"), *sampled(C, "#### 7")])
    assert found.pass_at == {1: Share(2, 3)} and found.maj_at == {}
    assert found.by_subject == {"Algebra": Share(2, 2), "Geometry": Share(0, 1)}
    assert found.by_level == {"Level 1": Share(1, 2), "Level 2": Share(1, 1)}


def test_by_default_k_is_one_and_the_number_of_samples():
    found = Scores.from_items(FOUR)
    assert (list(found.pass_at), list(found.maj_at), found.samples) == ([1, 4], [4], (4, 4))
    assert list(Scores.from_items(FOUR, pass_at=(4, 1, 2, 1)).pass_at) == [1, 2, 4]


def test_votes_are_compared_as_the_benchmark_reads_answers():
    problem = Problem("a", "?", "B")
    texts = ["The answer is (A)", "The answer is B", "The answer is option B"]
    items = [Scored(problem, "?", Completion(text, True, 1), grade(text, "B", benchmark="aqua")) for text in texts]
    extracted = [item.grade.extracted for item in items]
    assert len(set(extracted)) == 3, extracted
    assert Scores.from_items(items, benchmark="aqua").maj_at[3].value == 1.0


def test_a_benchmark_without_subjects_has_no_parts():
    found = Scores.from_items(sampled(Problem("a", "?", "1"), "#### 1"))
    assert (found.by_subject, found.by_level) == ({}, {})


def test_what_kept_an_answer_from_being_read_is_a_rate_each():
    def item(key, completion, outcome):
        return Scored(Problem(key, key, "1"), "?", completion, Grade(outcome, None, "1", ""))

    cut = Completion("1 +", False, 3, DropReason.TRUNCATED)
    items = [
        item("a", Completion("", True, 1), Outcome.NO_ANSWER),
        item("b", cut, Outcome.NO_ANSWER),
        item("c", Completion("", False, 0, DropReason.REFUSED), Outcome.NO_ANSWER),
        item("d", Completion("x", True, 4), Outcome.TIMEOUT),
        item("e", Completion("#### 1", True, 4), Outcome.RIGHT),
    ]
    found = Scores.from_items(items)
    assert found.no_answer == Share(3, 5)
    assert found.cut_off == found.refused == found.timeout == found.pass_at[1] == Share(1, 5)
    assert found.tokens == 12 / 5
    assert found.outcomes == {"no_answer": 3, "timeout": 1, "right": 1}


def test_a_call_that_failed_and_a_reference_that_cannot_be_read_count_in_nothing_else():
    lost = Scored(A, "?", Completion("", False, 0, DropReason.CALL_FAILED), Grade(Outcome.NO_ANSWER, None, "42", ""))
    bad = sampled(Problem("bad", "?", ""), "#### 1", "#### 1")
    found = Scores.from_items(
        [*sampled(A, "#### 42"), lost, *bad, *sampled(B, "#### 3", "#### 3")], pass_at=(1, 2), maj_at=(2,)
    )
    assert (found.failed_calls, found.unreadable_references, found.problems, found.samples) == (1, 1, 2, (1, 2))
    assert found.pass_at[1].value == 0.5
    # Only b has two samples.
    assert (found.pass_at[2].total, found.maj_at[2].total, found.maj_at[2].value) == (1, 1, 0.0)
    assert found.outcomes == {"right": 1, "unreadable_reference": 2, "wrong": 2}


def test_a_problem_of_which_no_sample_has_an_answer_has_no_majority_and_is_wrong():
    found = Scores.from_items([*sampled(A, "I do not know.", "I do not know."), *sampled(B, "#### 2", "#### 2")])
    assert (found.no_votes, found.maj_at[2].value) == (1, 0.5)


def test_samples_of_two_problems_with_one_id_are_not_mixed():
    found = Scores.from_items(
        [*sampled(Problem("1", "6 * 7?", "42"), "#### 42"), *sampled(Problem("1", "?", "2"), "#### 3")]
    )
    assert found.pass_at[1] == Share(1, 2)


def test_a_k_beyond_the_samples_is_refused_and_no_items_are_no_error():
    with pytest.raises(ConfigError, match="more than 4 samples"):
        Scores.from_items(FOUR, pass_at=(8,))
    with pytest.raises(ConfigError, match="within 1 and 4"):
        Scores.from_items(FOUR, maj_at=(0,))
    assert Scores.from_items([]).pass_at == {1: Share(0, 0)}


def test_the_figures_are_plain_values_with_their_seed():
    import json

    plain = json.loads(json.dumps(Scores.from_items(FOUR, seed=5).as_dict()))
    assert plain["pass@1"]["value"] == pytest.approx(1 / 3)
    assert {"maj@4", "pass@4", "by_subject", "no_answer", "failed_calls"} <= plain.keys()
    assert plain["bootstrap_seed"] == 5
    assert Scores.from_items(FOUR, seed=5) == Scores.from_items(FOUR, seed=5)
