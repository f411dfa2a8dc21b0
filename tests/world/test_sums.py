"""Chains: right by independent arithmetic, wrong where and how they were made wrong."""

import re
from collections import Counter

import pytest

from lemma_hf import Outcome, grade
from lemma_hf.errors import DataError
from lemma_hf.records import Attempt, Dropped, DropReason, Error, Flawed, SpanKind, Strategy
from lemma_hf.taxonomy import INJECTABLE, ErrorType
from lemma_hf.world.sums import (
    ALPHABET,
    SUMS,
    Fates,
    Sums,
    Turns,
    count_fates,
    count_turns,
    make_documents,
    read_chain,
    solve,
    worked_solution,
)

PROBLEMS = SUMS.problems(300, seed=5)


def hold(text: str) -> bool:
    """Whether each `a op b (+ c) = d` in the text is true modulo 1000, by Python's own arithmetic."""
    found = re.findall(r"(\d+)([*+])(\d+)(?:\+(\d+))?=(\d+)", text)
    return bool(found) and all(
        ((int(a) * int(b) if sign == "*" else int(a) + int(b)) + int(c or 0)) % 1000 == int(d)
        for a, sign, b, c, d in found
    )


def test_the_example_of_the_docs_is_solved_as_it_says():
    chain = read_chain("825*23*50+83")
    assert "".join(solve(chain)) == "825*23=975;975*50=750;750+83=833;####833"
    assert worked_solution(chain)[0] == (",5*3+0=15|2*3+1=07|8*3+0=24|5*2+0=10|2*2+1=05|7+0+0=07|4+5+0=09|825*23=975;")


def test_every_equation_of_every_solution_holds():
    for problem in PROBLEMS:
        chain = read_chain(problem.question)
        assert hold("".join(solve(chain)))
        assert hold("".join(worked_solution(chain)))
        assert problem.reference_solution.endswith(f"####{problem.reference_answer}")


def test_the_grader_reads_the_claim_of_a_solution():
    for problem in PROBLEMS[:20]:
        assert grade(problem.reference_solution, problem.reference_answer).outcome is Outcome.RIGHT
        assert grade(f"{problem.reference_solution[:-1]}x", problem.reference_answer).outcome is not Outcome.RIGHT


def test_the_work_of_a_product_spells_its_result():
    """The last digits written, read backwards, are the result: units of line 1, then of the two column sums."""
    for problem in PROBLEMS:
        for step in worked_solution(read_chain(problem.question)):
            if "|" in step:
                lines = step.split("|")
                assert lines[-1].endswith(f"={lines[-2][-1]}{lines[-3][-1]}{lines[0][-1]};")


def test_the_same_seed_gives_the_same_problems_and_a_longer_list_begins_with_the_shorter():
    assert SUMS.problems(50, seed=5) == PROBLEMS[:50]
    assert len({problem.question for problem in PROBLEMS}) == len({problem.id for problem in PROBLEMS}) == 300


@pytest.mark.parametrize(
    "question", ["", "825", "825*2", "825*23-11", "825*23*", "__import__('os')", "825*23" + "+11" * 99]
)
def test_a_question_of_another_kind_is_refused(question):
    with pytest.raises(DataError, match=r"no question of the world sums"):
        read_chain(question)


def test_a_right_solution_has_no_error():
    for solution in (solve, worked_solution):
        attempt = Attempt(PROBLEMS[0], solution(read_chain(PROBLEMS[0].question)))
        verdict = SUMS.analyse(attempt)
        assert isinstance(verdict, Dropped)
        assert verdict.reason is DropReason.ALREADY_RIGHT


@pytest.mark.parametrize(
    ("text", "error_type", "step"),
    [
        ("825*23=974;974*50=700;700+83=783;####783", ErrorType.CALCULATION, 1),
        ("825*23=975;975*23=425;425*50=250;####250", ErrorType.COUNTING, 2),
        ("825*50=250;250+83=333;####333", ErrorType.MISSING_STEP, 1),
        ("825*23=975;825*50=250;250+83=333;####333", ErrorType.CONFUSING_CONCEPT, 2),
        ("825*32=400;400*50=000;000+83=083;####083", ErrorType.QUESTION_MISINTERPRETATION, 1),
        ("825*23=975;975+50=025;025+83=108;####108", ErrorType.FORMULA_CONFUSION, 2),
        ("825*23=975;957*50=850;850+83=933;####933", ErrorType.CONTEXT_VALUE, 2),
        ("825*23=975;975*50=750;750+83=833;####838", ErrorType.CONTEXT_VALUE, 4),
        ("825*23=975;975*50=750;750+83=833;", ErrorType.MISSING_STEP, 3),
        ("825*23=975;975*50=750;####750", ErrorType.MISSING_STEP, 3),
        ("825*23=975;+++;", ErrorType.NONSENSICAL, 2),
        ("825*23=975;975*50=750;750+83=833;####833825*23=975;", ErrorType.NONSENSICAL, 4),
    ],
)
def test_the_oracle_names_the_first_wrong_step_and_its_type(text, error_type, step):
    problem = SUMS.problems(1, seed=0)[0]
    problem = type(problem)("p", "825*23*50+83", "833")
    assert SUMS.analyse(Attempt(problem, SUMS.split(text))) == Error(error_type, step)


def test_an_attempt_without_steps_is_empty():
    assert SUMS.analyse(Attempt(PROBLEMS[0], ())).reason is DropReason.EMPTY


@pytest.mark.parametrize("error_type", INJECTABLE)
def test_what_is_injected_is_found_again_and_mended_both_ways(error_type):
    made = 0
    for problem in PROBLEMS:
        flawed = SUMS.inject(problem, error_type, f"{problem.id}/{error_type}")
        if isinstance(flawed, Dropped):
            assert flawed.reason in (DropReason.CANNOT_INJECT, DropReason.ANSWER_STILL_RIGHT)
            continue
        made += 1
        assert flawed.error.type is error_type
        assert not flawed.attempt.text.endswith(f"####{problem.reference_answer}")
        for trajectory, strategy in (
            (SUMS.fix(flawed), "fix_and_continue"),
            (SUMS.restart(flawed), "fresh_and_restart"),
        ):
            assert trajectory.errors[0].strategy is Strategy(strategy)
            assert trajectory.text.startswith("".join((*flawed.right_steps, flawed.wrong_step)))
            correction = next(trajectory.of_kind(SpanKind.CORRECTION)).text
            assert correction.endswith(f"####{problem.reference_answer}")
            assert set(trajectory.text) <= set(ALPHABET)
    assert made > 150


def test_mistakes_and_turns_vary():
    flawed = [SUMS.inject(p, ErrorType.CALCULATION, p.id) for p in PROBLEMS]
    flawed = [item for item in flawed if isinstance(item, Flawed)]
    assert set(Counter(item.error.step for item in flawed)) == {1, 2, 3}
    assert {next(SUMS.fix(item).of_kind(SpanKind.REFLECTION)).text for item in flawed} == {"!", "!!"}


def test_a_superfluous_step_is_mended_by_the_claim_alone():
    problem = type(PROBLEMS[0])("p", "100+11*12+13", "345")
    steps = SUMS.split("100+11=111;111*12=332;332+13=345;345+13=358;####358")
    error = SUMS.analyse(Attempt(problem, steps))
    assert error == Error(ErrorType.COUNTING, 4)
    assert next(SUMS.fix(Flawed(Attempt(problem, steps), error)).of_kind(SpanKind.CORRECTION)).text == "####345"


def test_a_family_with_too_few_problems_says_so_and_does_not_search_for_ever():
    with pytest.raises(DataError, match=r"were found of 9,000. Ask for fewer"):
        Sums(operations=(1,), numbers=range(12, 14)).problems(9000, seed=0)


def test_a_family_may_mix_lengths_and_draw_other_numbers():
    chains = [read_chain(p.question) for p in Sums(operations=(1, 2), numbers=range(80, 100)).problems(100, seed=3)]
    assert {len(chain.operations) for chain in chains} == {1, 2}
    assert {operation.number for chain in chains for operation in chain.operations} == set(range(80, 100))


@pytest.mark.parametrize(
    ("text", "turns"),
    [
        ("100+11=111;111*12=332;332+13=345;####345", Turns(kept=3)),
        ("100+11=111;111*12=330;!111*12=332;332+13=345;####345", Turns(wrong_to_right=1, kept=2)),
        ("100+11=111;111*12=330;!!,1*2+0=02|111*12=334;334+13=347;####347", Turns(wrong_to_wrong=1, missed=1, kept=2)),
        ("100+11=111;!100+11=111;111*12=332;332+13=345;####345", Turns(right_to_right=1, kept=2)),
        ("100+11=111;!100+11=112;112*12=344;344+13=357;####357", Turns(right_to_wrong=1, missed=1, kept=2)),
        ("100+11=111;111*12=330;330+13=343;####343", Turns(missed=1, kept=2)),
        ("100+11=112;?100+11=111;111*12=332;332+13=345;####345", Turns(wrong_to_right=1, kept=3)),
        ("100+11=111;?100+11=111;111*12=330;330+13=343;####343", Turns(right_to_wrong=1, missed=1, kept=2)),
        ("100+11=112;?100+11=112;?100+11=111;", Turns(wrong_to_wrong=2, kept=1)),
        ("100+11=111;111*12=330;330+13=343;####343!111*12=332;332+13=345;####345", Turns(wrong_to_right=1, kept=2)),
        ("100+11=111;!!111*12=332;", Turns(right_to_right=1, kept=2)),
        ("100+11=112;!112*12=344;", Turns(wrong_to_wrong=1, missed=1, kept=1)),
        ("!100+11=111;", Turns(kept=1)),
        ("100+11=112;", Turns(missed=1)),
    ],
)
def test_turns_are_counted_by_what_stood_before_and_what_came_after(text, turns):
    assert count_turns(read_chain("100+11*12+13"), text) == turns


@pytest.mark.parametrize(
    ("text", "fates"),
    [
        ("100+11=111;111*12=332;332+13=345;####345", Fates(stayed_right=3)),
        ("100+11=111;111*12=330;!111*12=332;332+13=345;####345", Fates(stayed_right=2, repaired=1)),
        # right, wrong, right again: nothing was broken, and nothing repaired
        ("100+11=111;!100+11=112;!100+11=111;111*12=332;332+13=345;####345", Fates(stayed_right=3)),
        ("100+11=112;!100+11=111;!100+11=113;113*12=356;356+13=369;####369", Fates(stayed_right=2, stayed_wrong=1)),
        ("100+11=111;!100+11=112;112*12=344;344+13=357;####357", Fates(stayed_right=2, broken=1)),
        ("100+11=112;112*12=344;?100+11=111;111*12=330;330+13=343;####343", Fates(1, 1, 1, 0)),
        ("100+11=111;111*12=330;?100+11=111;", Fates(stayed_right=1)),  # the second step stands no longer
        ("", Fates()),
    ],
)
def test_the_fate_of_a_step_is_what_it_was_first_and_what_stands_in_the_end(text, fates):
    assert count_fates(read_chain("100+11*12+13"), text) == fates


def test_a_repair_that_is_wrong_itself_and_left_so_is_a_miss():
    """The turn 330 → 334 is wrong to wrong; 334 is then a wrong step that nobody noticed."""
    counts = count_turns(read_chain("100+11*12+13"), "100+11=111;111*12=330;!111*12=334;!111*12=332;332+13=345;####345")
    assert counts == Turns(wrong_to_wrong=1, wrong_to_right=1, kept=2)
    assert (counts.reflections, counts.caught) == (2, 2)


def test_documents_show_their_work_exactly_where_the_prompt_asks_for_it():
    documents = make_documents(PROBLEMS, work_share=0.75, seed=1)
    asked = [document for document in documents if document["prompt"].endswith(">")]
    assert 190 < len(asked) < 260
    for document in documents:
        if "*" in document["prompt"]:
            assert ("|" in document["completion"]) == document["prompt"].endswith(">")
