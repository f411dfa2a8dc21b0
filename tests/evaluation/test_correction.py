"""What second thoughts did to a handful of outputs, counted by eye."""

import pytest

from lemma_hf.errors import ConfigError
from lemma_hf.evaluation import Scored, Share, correct_many, error_types, marked_turns, self_correction
from lemma_hf.grading import grade
from lemma_hf.inference import Completion
from lemma_hf.records import Dropped, DropReason, Error, Outcome, Problem
from lemma_hf.solutions.reflection import Change, reflect_many, turn_offsets
from lemma_hf.taxonomy import ErrorType
from lemma_hf.teachers import ScriptedTeacher, WorldTeacher
from lemma_hf.world.sums import SUMS

RIGHT, WRONG, TURN = "The answer is: 72\n", "The answer is: 62\n", "Wait, that can't be right. Let me check again.\n"
TEXTS = {
    "plain right": RIGHT,
    "plain wrong": WRONG,
    "fixed": WRONG + TURN + RIGHT,
    "broken": RIGHT + TURN + WRONG,
    "kept right": RIGHT + TURN + RIGHT,
    "kept wrong": WRONG + TURN + WRONG,
    "unclear": "9 * 7 = 62.\n" + TURN + RIGHT,
    "twice": WRONG + TURN + WRONG + TURN + RIGHT,
}


def item(key, text, reference="72", tokens=10, refused=None):
    problem = Problem(key, f"What is {key}?", reference)
    return Scored(problem, "?", Completion(text, refused is None, tokens, refused), grade(text, reference))


def corrected(texts=TEXTS, **more):
    return correct_many([item(key, text, **more) for key, text in texts.items()])


def test_each_kind_of_change_is_counted_once():
    found = self_correction(corrected())
    assert found.accuracy == Share(5, 8)  # plain right, fixed, kept right, unclear, twice
    assert found.reflected == Share(6, 8)
    assert (found.fixed, found.broken, found.kept_right) == (Share(2, 8), Share(1, 8), Share(1, 8))
    assert (found.kept_wrong, found.unclear, found.unchanged) == (Share(1, 8), Share(1, 8), Share(2, 8))
    assert found.right_when_reflected == Share(4, 6)


def test_the_accuracy_before_and_after_is_of_the_same_outputs():
    found = self_correction(corrected())
    # Before: broken and kept right of five; after: fixed, kept right and twice.
    assert (found.before, found.after) == (Share(2, 5), Share(3, 5))
    # With the two that never turn, one of them right.
    assert (found.before_over_all, found.after_over_all) == (Share(3, 7), Share(4, 7))


def test_the_changes_fill_the_whole_and_the_matrix_the_clear_ones():
    found = self_correction(corrected())
    changes = (found.fixed, found.broken, found.kept_right, found.kept_wrong, found.unclear, found.unchanged)
    assert sum(share.count for share in changes) == found.accuracy.total
    assert found.matrix == {(False, False): 1, (False, True): 2, (True, False): 1, (True, True): 1}
    assert sum(found.matrix.values()) == found.before.total


def test_turns_and_what_was_written_after_the_first_are_measured():
    (one,) = corrected({"fixed": TEXTS["fixed"]}, tokens=84)
    behind = len(TURN + RIGHT)
    assert (one.turns, one.characters) == ((len(WRONG),), behind)
    assert one.tokens == 84 * behind / len(TEXTS["fixed"])
    found = self_correction(corrected({"plain": RIGHT, "twice": TEXTS["twice"]}))
    assert found.turns == 2.0
    assert found.characters_spent == len(TURN + WRONG + TURN + RIGHT) / len(RIGHT + TEXTS["twice"])


def test_tokens_that_nobody_counted_are_not_known_rather_than_none():
    assert self_correction(corrected(tokens=0)).tokens_spent is None
    assert self_correction(corrected({"plain": RIGHT})).tokens_spent is None
    known = correct_many([item("a", TEXTS["fixed"], tokens=100), item("b", TEXTS["fixed"], tokens=0)])
    assert self_correction(known).tokens_spent == known[0].tokens


def test_failed_calls_and_unreadable_references_count_in_nothing():
    items = [
        item("a", RIGHT),
        item("lost", "", refused=DropReason.CALL_FAILED),
        item("bad", WRONG + TURN + RIGHT, reference=""),
    ]
    found = self_correction(correct_many(items))
    assert found.accuracy == Share(1, 1) and found.reflected == Share(0, 1)
    assert found.characters_spent == 0.0 and found.unreadable_references == 1


def test_the_final_grade_is_the_one_that_was_scored():
    scored = item("a", TEXTS["fixed"])
    (found,) = correct_many([scored])
    assert found.verdict.final is scored.grade and found.change is Change.FIXED


def test_first_answers_are_read_as_the_benchmark_has_it():
    text = "The answer is option B\n" + TURN + "The answer is option A\n"
    scored = Scored(Problem("a", "?", "B"), "?", Completion(text, True, 9), grade(text, "B", benchmark="aqua"))
    changes = [correct_many([scored], benchmark=name)[0].verdict.first.extracted for name in ("aqua", "math")]
    assert correct_many([scored], benchmark="aqua")[0].change is Change.BROKEN, changes
    with pytest.raises(ConfigError, match="1 outputs, 1 references, 1 benchmarks and 0 grades"):
        reflect_many([text], ["B"], finals=[])


def test_a_turn_that_takes_several_run_ups_is_one_turn():
    talk = "Wait, that can't be right. Hmm. Let me check again. "
    assert turn_offsets(f"9 * 7 = 62. {talk}9 * 7 = 63.") == (12,)
    # Something was worked out, or claimed, in between: two turns.
    assert len(turn_offsets("9 * 7 = 62. Wait, 9 * 7 = 64. Hmm, no, 9 * 7 = 63.")) == 2
    assert len(turn_offsets(r"9 * 7 = 62. Wait, \boxed{64}. Hmm, no. \boxed{63}")) == 2


def test_a_row_says_where_the_spans_end():
    (one,) = corrected({"fixed": TEXTS["fixed"]})
    row = one.as_row()
    assert row["span_kinds"] == ["error", "reflection", "correction"]
    assert row["span_ends"] == [len(WRONG), len(WRONG + TURN), len(WRONG + TURN + RIGHT)]
    assert (row["change"], row["first_answer"], row["first_outcome"], row["turns"]) == (
        "fixed",
        "62",
        "wrong",
        [len(WRONG)],
    )
    plain = corrected({"plain": RIGHT})[0].as_row()
    assert (plain["span_kinds"], plain["first_answer"], plain["turns"]) == ([], None, [])


def test_figures_are_plain_values():
    import json

    plain = json.loads(json.dumps(self_correction(corrected()).as_dict()))
    assert plain["broken"]["count"] == 1 and plain["turns"] == pytest.approx(7 / 6)
    assert plain["fixed"]["ci95"] == list(Share(2, 8).interval)


def test_no_outputs_are_no_error():
    found = self_correction([])
    assert (found.accuracy, found.turns, found.characters_spent) == (Share(0, 0), 0.0, 0.0)


def test_marks_can_be_turns():
    text = "825*23=951;!,5*3+0=15|825*23=975;??975*50=750;####833"
    (found,) = correct_many([item("a", text, "833")], turns=marked_turns("!?"))
    assert found.turns == (11, 33)
    assert found.change is Change.UNCLEAR  # `####` comes last: nothing was claimed before
    assert marked_turns("!?")("!2+2=4") == ()
    claimed = "####832!1+1=2;####833"
    (found,) = correct_many([item("a", claimed, "833")], turns=marked_turns("!?"))
    assert found.change is Change.FIXED
    (plain,) = correct_many([item("a", claimed, "833")])
    assert plain.change is Change.NONE


def test_a_teacher_names_the_mistakes_that_remain():
    items = [item(key, text) for key, text in TEXTS.items()] + [item("none", "I give up.")]
    # Wrong in the end: plain wrong, broken, kept wrong; the one without an answer is not asked about.
    gone = Dropped("kept wrong", "analyse", DropReason.ERROR_NOT_FOUND)
    teacher = ScriptedTeacher(analyse=[Error(ErrorType.CALCULATION, 1), Error(None, 2), gone])
    found = error_types(items, teacher)
    assert found.types == {ErrorType.CALCULATION: 1}
    assert (found.untyped, found.dropped) == (1, {DropReason.ERROR_NOT_FOUND: 1})
    assert teacher.unused["analyse"] == 0
    plain = found.as_dict()
    assert plain == {"types": {"calculation": 1}, "untyped": 1, "dropped": {"error_not_found": 1}}


def test_the_oracle_of_a_world_names_them_with_its_own_steps():
    problems = SUMS.problems(40, seed=5)
    flawed = [
        SUMS.inject(problem, SUMS.error_types[i % len(SUMS.error_types)], str(i)) for i, problem in enumerate(problems)
    ]
    kept = [each for each in flawed if not isinstance(each, Dropped)]
    items = [
        Scored(
            each.problem,
            "?",
            Completion(each.attempt.text, True, 9),
            grade(each.attempt.text, each.problem.reference_answer),
        )
        for each in kept
    ]
    assert len(items) > 20 and all(each.grade.outcome is Outcome.WRONG for each in items)
    found = error_types(items, WorldTeacher(SUMS), SUMS.split)
    wanted = [each.error.type for each in kept]
    assert found.types == {kind: wanted.count(kind) for kind in wanted} and not found.dropped
