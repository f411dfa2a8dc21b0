"""The first so many problems, and the attempts at them."""

from lemma_hf.pipeline.first_problems import keep_first_problems
from lemma_hf.pipeline.inputs import Inputs
from lemma_hf.pipeline.stage import Funnel
from lemma_hf.records import Attempt, Problem

ONE, TWO, THREE = (Problem(name, f"{name}?", "1") for name in ("one", "two", "three"))


def kept(problems, attempts, most):
    funnel = Funnel(progress=False)
    found = keep_first_problems(funnel, Inputs(problems, [Attempt(each, ("1\n",)) for each in attempts]), most)
    dropped = [count.dropped for count in funnel.counts]
    return [p.id for p in found.problems], [a.problem.id for a in found.attempts], dropped


def test_the_others_are_counted_with_their_attempts():
    over = {"over_cap": 1}
    assert kept([ONE, TWO, THREE], [THREE, ONE, ONE], 2) == (["one", "two"], ["one", "one"], [over, over])


def test_problems_that_attempts_bring_along_count_behind_the_others():
    assert kept([TWO], [ONE, THREE, ONE], 2) == (["two"], ["one", "one"], [{}, {"over_cap": 1}])


def test_with_more_than_there_are_nothing_is_left_out():
    assert kept([ONE, TWO], [], 5) == (["one", "two"], [], [{}])
