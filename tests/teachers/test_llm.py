"""A language model as the teacher: what it is asked, what becomes of its replies, and that no item costs another."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from lemma_hf.errors import ConfigError
from lemma_hf.inference.endpoint.chat import ChatRequest, ChatResult, Refusal, Reply
from lemma_hf.pipeline import Funnel, correct_stage, smooth_stage
from lemma_hf.records import (
    Attempt,
    Dropped,
    DropReason,
    Error,
    Flawed,
    Grade,
    Origin,
    Outcome,
    Problem,
    Span,
    SpanKind,
    Strategy,
    Trajectory,
)
from lemma_hf.taxonomy import INJECTABLE, ErrorType
from lemma_hf.teachers import Injection, LLMTeacher, Teacher
from lemma_hf.teachers.prompts.loader import FOLDER

# 3 * 4 = 12 and 12 + 5 = 17; the attempt computes 12 + 5 = 18.
PENS = Problem(
    "pens",
    "A pen costs $3. What do 4 pens and a pad for $5 cost?",
    "17",
    "The pens cost 3*4=$<<3*4=12>>12.\nAll in all it is 12+5=$<<12+5=17>>17.\n#### 17",
)
STEPS = ("The pens cost 3 * 4 = 12 dollars.\n", "With the pad it is 12 + 5 = 18 dollars.\n", "The answer is: 18")
FOUND = Reply("12 + 5 is 17.\n<step>2</step>\n<type>calculation</type>")
TURN = Reply(
    "<reflection>Wait, 12 and 5 are not 18.</reflection><correction>12 + 5 = 17\nThe answer is: 17</correction>"
)
TALK = Reply("I am not sure.")
DOWN = Refusal(DropReason.CALL_FAILED, "503, eight times")
CALCULATION = Error(ErrorType.CALCULATION, 2)


class ScriptedChat:
    """Gives the answers it was handed, in order, and remembers what it was asked."""

    def __init__(self, *answers: ChatResult) -> None:
        self.script = list(answers)
        self.calls: list[tuple[str, list[ChatRequest]]] = []

    def ask(self, requests: Sequence[ChatRequest], title: str) -> list[ChatResult]:
        self.calls.append((title, list(requests)))
        assert len(requests) <= len(self.script), "the script ran out"
        taken, self.script = self.script[: len(requests)], self.script[len(requests) :]
        return taken

    @property
    def asked(self) -> list[str]:
        """What stood in the last message of each request."""
        return [request.messages[-1]["content"] for _, requests in self.calls for request in requests]


def attempt(name: str = "a", steps: tuple[str, ...] = STEPS, grade: Grade | None = None) -> Attempt:
    return Attempt(PENS, steps, grade, id=name)


def flawed(name: str = "a", step: int = 2, steps: tuple[str, ...] = STEPS, target: str = "") -> Flawed:
    return Flawed(attempt(name, steps), Error(ErrorType.CALCULATION, step), target)


def reasons(outcomes: Sequence[object]) -> list[DropReason | None]:
    return [outcome.reason if isinstance(outcome, Dropped) else None for outcome in outcomes]


def test_it_is_a_teacher_and_says_how_it_wants_to_be_run() -> None:
    teacher = LLMTeacher(ScriptedChat())
    assert isinstance(teacher, Teacher)
    assert (teacher.batch, teacher.shows_progress, teacher.error_types) == (4096, True, INJECTABLE)


def test_analyse_shows_problem_reference_and_numbered_steps_and_reads_the_verdict() -> None:
    chat = ScriptedChat(FOUND)
    assert LLMTeacher(chat).analyse([attempt()]) == [CALCULATION]
    assert chat.asked == [
        "Problem:\nA pen costs $3. What do 4 pens and a pad for $5 cost?\n\n"
        "Reference solution:\nThe pens cost 3*4=$12.\nAll in all it is 12+5=$17.\nSo the answer is 17.\n\n"
        "Reference answer: 17\n\n"
        "Steps of the attempt:\n[1] The pens cost 3 * 4 = 12 dollars.\n"
        "[2] With the pad it is 12 + 5 = 18 dollars.\n[3] The answer is: 18\n\n"
        "Whether the answer of the attempt is right is not known: every step may be right."
    ]
    ((title, (request,)),) = chat.calls
    assert (title, request.temperature, request.sample, request.max_tokens) == ("analyse", 0.0, 0, 2048)


def test_a_problem_without_a_reference_can_be_asked_about_too() -> None:
    chat = ScriptedChat(FOUND)
    LLMTeacher(chat).analyse([Attempt(Problem("p", "1 + 1?", ""), ("1 + 1 = 3\n", "3"))])
    assert "Reference solution:\n(not known)\n\nReference answer: (not known)\n" in chat.asked[0]


WRONG = Grade(Outcome.WRONG, "18", "17", "said>number")


def test_of_a_wrong_attempt_the_model_is_told_so() -> None:
    chat = ScriptedChat(FOUND)
    LLMTeacher(chat).analyse([attempt(grade=WRONG)])
    assert chat.asked[0].endswith("The answer of the attempt, 18, is wrong: at least one of its steps is wrong.")
    long = Grade(Outcome.WRONG, "1" * 101, "17", "said>number")
    chat = ScriptedChat(FOUND)
    LLMTeacher(chat).analyse([attempt(grade=long)])
    assert chat.asked[0].endswith("The answer of the attempt is wrong: at least one of its steps is wrong.")


def test_a_model_that_calls_every_step_of_a_wrong_attempt_right_is_asked_again_at_once() -> None:
    none = Reply("<step>none</step>")
    chat = ScriptedChat(none, FOUND)
    assert LLMTeacher(chat).analyse([attempt(grade=WRONG)]) == [CALCULATION]
    assert [title for title, _ in chat.calls] == ["analyse", "analyse, again"]
    (outcome,) = LLMTeacher(ScriptedChat(none, none)).analyse([attempt(grade=WRONG)])
    detail = "the teacher calls every step right, though the answer is wrong"
    assert outcome == Dropped("a", "analyse", DropReason.ERROR_NOT_FOUND, detail)


def test_each_vote_is_a_draw_of_its_own_and_the_first_one_is_that_of_analyse() -> None:
    chat = ScriptedChat(FOUND, TALK, FOUND, FOUND)
    (votes,) = LLMTeacher(chat).vote([attempt()], 3)
    assert votes == (CALCULATION, CALCULATION, CALCULATION)
    first, again = (requests for _, requests in chat.calls)
    drawn = [(request.temperature, request.sample) for request in (*first, *again)]
    # The second vote was idle talk; its second try is no draw that another vote makes.
    assert drawn == [(0.0, 0), (0.7, 2), (0.7, 4), (0.7, 3)]
    alone = ScriptedChat(FOUND)
    LLMTeacher(alone).analyse([attempt()])
    assert alone.calls[0][1] == first[:1]


def test_a_prompt_of_ones_own_may_leave_out_the_verdict(tmp_path: Path) -> None:
    for name in ("analyse", "inject", "fix", "restart", "smooth"):
        text = (FOLDER / f"{name}.md").read_text("utf-8")
        if name == "analyse":  # without its examples, which say the verdict too
            text = text.partition("# Example\n")[0].replace("{verdict}", "")
        (tmp_path / f"{name}.md").write_text(text, "utf-8")
    chat = ScriptedChat(FOUND)
    assert LLMTeacher(chat, tmp_path).analyse([attempt(grade=WRONG)]) == [CALCULATION]
    assert chat.asked[0].endswith("[3] The answer is: 18")


def test_the_small_prompts_are_at_most_half_as_long() -> None:
    small, ours = LLMTeacher(ScriptedChat(), "small"), LLMTeacher(ScriptedChat())

    def length(teacher: LLMTeacher, name: str) -> int:
        return sum(len(message["content"]) for message in teacher.prompts[name].opening)

    assert all(2 * length(small, name) < length(ours, name) for name in ours.prompts)


def test_the_small_prompts_do_not_say_the_kind_of_a_mistake_that_is_to_be_corrected() -> None:
    chat = ScriptedChat(TURN, TURN)
    teacher = LLMTeacher(chat, "small")
    flawed = Flawed(attempt(), CALCULATION)
    assert all(isinstance(done, Trajectory) for done in (*teacher.fix([flawed]), *teacher.restart([flawed])))
    assert not any("alculation" in asked for asked in chat.asked)


def test_a_teacher_that_finds_no_error_is_believed_at_once() -> None:
    (outcome,) = LLMTeacher(ScriptedChat(Reply("<step>none</step>"))).analyse([attempt()])
    assert outcome == Dropped("a", "analyse", DropReason.ALL_STEPS_RIGHT, "the teacher calls every step right")


def test_a_bad_item_costs_its_siblings_nothing_and_the_order_is_kept() -> None:
    # a, c and f are read at once; b is right and d empty, so nobody is asked; e talks twice, g gets no call through,
    # h talks first; i names a step that is not there, twice.
    right = Grade(Outcome.RIGHT, "17", "17", "number")
    attempts = [
        attempt("a"),
        attempt("b", grade=right),
        attempt("c"),
        attempt("d", (" \n",)),
        *map(attempt, "efghi"),
    ]
    third = Reply("<step>3</step><type>counting</type>")
    far = Reply("<step>4</step><type>counting</type>")
    chat = ScriptedChat(FOUND, third, TALK, FOUND, DOWN, TALK, far, TALK, third, far)
    outcomes = LLMTeacher(chat).analyse(attempts)
    third_step = Error(ErrorType.COUNTING, 3)
    assert [outcome for outcome in outcomes if isinstance(outcome, Error)] == [
        CALCULATION,
        third_step,
        CALCULATION,
        third_step,
    ]
    assert [(o.id, o.stage, o.reason) for o in outcomes if isinstance(o, Dropped)] == [
        ("b", "analyse", DropReason.ALREADY_RIGHT),
        ("d", "analyse", DropReason.EMPTY),
        ("e", "analyse", DropReason.UNREADABLE_REPLY),
        ("g", "analyse", DropReason.CALL_FAILED),
        ("i", "analyse", DropReason.STEP_OUT_OF_RANGE),
    ]
    assert [isinstance(outcome, Dropped) for outcome in outcomes] == [
        False,
        True,
        False,
        True,
        True,
        False,
        True,
        False,
        True,
    ]
    details = [outcome.detail for outcome in outcomes if isinstance(outcome, Dropped)]
    assert details[2:] == [
        "the teacher's reply: it has no tags with anything in them, only talk",
        "503, eight times",
        "said to be step 4 of 3",
    ]


def test_an_unreadable_reply_is_asked_for_again_as_another_draw() -> None:
    chat = ScriptedChat(TALK, FOUND, TALK, FOUND)
    assert LLMTeacher(chat, tries=3).analyse([attempt("a"), attempt("b")]) == [CALCULATION, CALCULATION]
    titles = [title for title, _ in chat.calls]
    draws = [[(r.sample, r.temperature) for r in requests] for _, requests in chat.calls]
    assert titles == ["analyse", "analyse, again", "analyse, again"]
    assert draws == [[(0, 0.0), (0, 0.0)], [(1, 0.7)], [(2, 0.7)]]
    once = ScriptedChat(TALK)
    assert reasons(LLMTeacher(once, tries=1).analyse([attempt()])) == [DropReason.UNREADABLE_REPLY]


def test_what_is_far_too_long_is_never_sent() -> None:
    long = attempt("a", ("1 + 1 = 3\n",) * 2100)
    chat = ScriptedChat()
    teacher = LLMTeacher(chat)
    (outcome,) = teacher.analyse([long])
    assert isinstance(outcome, Dropped)
    assert (outcome.reason, outcome.detail.partition(":")[0]) == (DropReason.TOO_LONG, "steps")
    late = Flawed(long, Error(ErrorType.CALCULATION, 2100))
    assert reasons([*teacher.fix([late]), *teacher.restart([flawed(target="so " * 9000)])]) == [DropReason.TOO_LONG] * 2
    assert chat.calls == []


def test_nothing_to_do_is_no_call() -> None:
    chat = ScriptedChat()
    teacher = LLMTeacher(chat)
    assert [
        method([]) for method in (teacher.analyse, teacher.inject, teacher.fix, teacher.restart, teacher.smooth)
    ] == [[]] * 5
    assert chat.calls == []


def test_inject_names_the_type_and_takes_the_solution_as_steps() -> None:
    chat = ScriptedChat(Reply("<solution>\n3 * 4 = 12\n12 is all.\nThe answer is: 12\n</solution><step>2</step>"))
    (made,) = LLMTeacher(chat).inject([Injection(PENS, ErrorType.MISSING_STEP, "pens/injected-0")])
    steps = ("3 * 4 = 12\n", "12 is all.\n", "The answer is: 12")
    assert made == Flawed(Attempt(PENS, steps, id="pens/injected-0"), Error(ErrorType.MISSING_STEP, 2, Origin.INJECTED))
    assert chat.asked[0].endswith("Kind of mistake: missing_step (A step that the answer needs is left out.)")
    assert chat.calls[0][1][0].temperature == 0.7


def test_injections_of_one_type_into_one_problem_are_different_draws_wherever_they_stand() -> None:
    def samples(*numbers: int) -> list[int]:
        chat = ScriptedChat(*[DOWN] * len(numbers))
        LLMTeacher(chat).inject([Injection(PENS, ErrorType.COUNTING, f"pens/injected-{n}") for n in numbers])
        return [request.sample for request in chat.calls[0][1]]

    drawn = samples(*range(50))
    assert len(set(drawn)) == 50
    assert all(0 <= sample < 2**30 for sample in drawn)
    assert samples(31, 7) == [drawn[31], drawn[7]]


def test_an_injection_is_dropped_where_the_step_is_not_there() -> None:
    beyond = Reply("<solution>3 * 4 = 13. The answer is: 13</solution><step>3</step>")
    (outcome,) = LLMTeacher(ScriptedChat(beyond, beyond)).inject([Injection(PENS, ErrorType.COUNTING, "i")])
    assert outcome == Dropped("i", "inject", DropReason.STEP_OUT_OF_RANGE, "said to be step 3 of 2")


def test_fix_puts_right_steps_and_wrong_step_in_front_of_what_the_model_writes() -> None:
    chat = ScriptedChat(TURN)
    (made,) = LLMTeacher(chat).fix([flawed()])
    assert isinstance(made, Trajectory)
    assert [(span.kind, span.text) for span in made.spans] == [
        (SpanKind.REASONING, "The pens cost 3 * 4 = 12 dollars.\n"),
        (SpanKind.ERROR, "With the pad it is 12 + 5 = 18 dollars.\n"),
        (SpanKind.REFLECTION, "Wait, 12 and 5 are not 18.\n"),
        (SpanKind.CORRECTION, "12 + 5 = 17\nThe answer is: 17"),
    ]
    assert made.errors == (Error(ErrorType.CALCULATION, 2, Origin.STUDENT, Strategy.FIX_AND_CONTINUE),)
    assert made.id == "a/fix_and_continue"
    assert (
        "Right steps so far:\nThe pens cost 3 * 4 = 12 dollars.\n\n"
        "Wrong step:\nWith the pad it is 12 + 5 = 18 dollars.\n\n"
        "Kind of mistake: calculation (The operation is the right one, but its result is computed wrongly.)"
    ) in chat.asked[0]


@pytest.mark.parametrize(
    ("steps", "step", "text"),
    [
        # The first step is wrong: no right steps.
        (("3 * 4 = 13\n", "The answer is: 18"), 1, "3 * 4 = 13\nWait, 12 and 5 are not 18.\n12 + 5"),
        # The last step is wrong, and nothing ends its line.
        (("3 * 4 = 12\n", "The answer is: 18"), 2, "3 * 4 = 12\nThe answer is: 18\nWait, 12 and 5 are not 18.\n12 + 5"),
        # Sentences of one line.
        (("It is 12. ", "It is 18. ", "So 18."), 2, "It is 12. It is 18. Wait, 12 and 5 are not 18.\n12 + 5"),
        # A blank line behind each step.
        (("It is 12.\n\n", "It is 18.\n\n"), 2, "It is 12.\n\nIt is 18.\n\nWait, 12 and 5 are not 18.\n12 + 5"),
    ],
)
def test_steps_reflection_and_correction_never_run_into_each_other(
    steps: tuple[str, ...], step: int, text: str
) -> None:
    item = flawed("a", step, steps)
    (made,) = Funnel(progress=False).run(correct_stage(LLMTeacher(ScriptedChat(TURN, TURN))), [item])
    assert made.text.startswith(text)
    assert all(span.text for span in made.spans)


def test_a_first_step_that_is_wrong_and_a_type_that_nobody_named_are_said_in_words() -> None:
    chat = ScriptedChat(TURN)
    LLMTeacher(chat).fix([Flawed(attempt(), Error(None, 1))])
    assert "Right steps so far:\n(none: the first step is the wrong one)\n" in chat.asked[0]
    assert chat.asked[0].endswith("Kind of mistake: not known (Nobody said what kind of mistake it is.)")


def test_restart_follows_the_target_and_without_one_the_reference() -> None:
    chat = ScriptedChat(TURN, TURN, TURN)
    teacher = LLMTeacher(chat)
    first, second = teacher.restart([flawed(target="A pad and 4 pens: 5 + 12 = 17.\n#### 17"), flawed("b")])
    teacher.fix([flawed(target="A pad and 4 pens: 5 + 12 = 17.")])
    assert isinstance(first, Trajectory) and isinstance(second, Trajectory)
    assert (first.id, second.id) == ("a/fresh_and_restart", "b/fresh_and_restart")
    assert first.errors[0].strategy is Strategy.FRESH_AND_RESTART
    assert "Solution to reach:\nA pad and 4 pens: 5 + 12 = 17.\nSo the answer is 17.\n" in chat.asked[0]
    assert "Solution to reach:\nThe pens cost 3*4=$12.\n" in chat.asked[1]
    # Fix & Continue has no target: it goes on from the student's own steps.
    assert "Reference solution:\nThe pens cost 3*4=$12.\n" in chat.asked[2]


def test_a_blank_wrong_step_is_dropped_and_a_correction_that_cannot_be_read_too() -> None:
    chat = ScriptedChat(TALK, TURN, TALK)
    blank = flawed("blank", 1, ("\n", "1"))
    outcomes = LLMTeacher(chat).fix([blank, flawed("talk"), flawed("fine")])
    assert reasons(outcomes) == [DropReason.EMPTY, DropReason.UNREADABLE_REPLY, None]
    assert [o.id for o in outcomes] == ["blank/fix_and_continue", "talk/fix_and_continue", "fine/fix_and_continue"]
    assert [o.stage for o in outcomes if isinstance(o, Dropped)] == ["correct", "correct"]


def trajectory(reflection: str = "Error found. ", correction: str = "12+5=17\nThe answer is: 17\n") -> Trajectory:
    spans = (
        Span(SpanKind.REASONING, STEPS[0]),
        Span(SpanKind.ERROR, STEPS[1]),
        Span(SpanKind.REFLECTION, reflection),
        Span(SpanKind.CORRECTION, correction),
    )
    return Trajectory(PENS, spans, (Error(ErrorType.CALCULATION, 2, strategy=Strategy.FIX_AND_CONTINUE),), "t")


def test_smooth_rewrites_the_turn_and_leaves_the_steps_and_the_joints() -> None:
    chat = ScriptedChat(TURN)
    before = trajectory()
    (after,) = Funnel(progress=False).run(smooth_stage(LLMTeacher(chat)), [before])
    assert after.spans[:2] == before.spans[:2]
    assert [span.text for span in after.spans[2:]] == [
        "Wait, 12 and 5 are not 18. ",
        "12 + 5 = 17\nThe answer is: 17\n",
    ]
    assert (after.errors, after.id) == (before.errors, "t")
    assert chat.asked[0].endswith(
        "Steps:\nThe pens cost 3 * 4 = 12 dollars.\nWith the pad it is 12 + 5 = 18 dollars.\n\n"
        "Reflection:\nError found.\n\nCorrection:\n12+5=17\nThe answer is: 17"
    )


@pytest.mark.parametrize(
    ("reflection", "correction", "joined"),
    [
        ("\nHm.\n\n", "17", "\nWait, 12 and 5 are not 18.\n\n12 + 5"),
        ("Hm.", "\n17", "Wait, 12 and 5 are not 18.\n12 + 5"),
        ("Hm.", "17", "Wait, 12 and 5 are not 18.\n12 + 5"),
        ("\n", "17", "Wait, 12 and 5 are not 18.\n12 + 5"),
    ],
)
def test_a_smoothed_turn_stands_between_the_old_white_space(reflection: str, correction: str, joined: str) -> None:
    (after,) = LLMTeacher(ScriptedChat(TURN)).smooth([trajectory(reflection, correction)])
    assert isinstance(after, Trajectory)
    assert after.text.startswith("".join(STEPS[:2]) + joined)


def test_a_solution_without_an_error_is_not_smoothed_and_of_several_turns_the_last_is() -> None:
    right = Trajectory(PENS, (Span(SpanKind.REASONING, "17"),), (), "right")
    first = trajectory()
    twice = Trajectory(PENS, (*first.spans, *first.spans[1:]), (*first.errors, *first.errors), "twice")
    chat = ScriptedChat(TURN, TALK, TALK)
    outcomes = LLMTeacher(chat).smooth([right, twice, first])
    assert outcomes[0] is right
    assert isinstance(outcomes[1], Trajectory)
    assert outcomes[1].spans[:5] == twice.spans[:5]
    assert outcomes[1].spans[5].text.startswith("Wait, 12")
    assert isinstance(outcomes[2], Dropped)
    assert (outcomes[2].id, outcomes[2].stage, outcomes[2].reason) == ("t", "smooth", DropReason.UNREADABLE_REPLY)


def test_settings_reach_the_requests() -> None:
    chat = ScriptedChat(FOUND, TURN, TALK, TURN)
    teacher = LLMTeacher(chat, max_tokens=99, temperature=1.0)
    teacher.analyse([attempt()])
    teacher.fix([flawed()])
    teacher.restart([flawed()])
    asked = [request for _, requests in chat.calls for request in requests]
    assert {request.max_tokens for request in asked} == {99}
    assert [(request.temperature, request.sample) for request in asked] == [(0.0, 0), (1.0, 0), (1.0, 0), (1.0, 1)]
    with pytest.raises(ConfigError, match="`tries` must be at least 1, but is 0"):
        LLMTeacher(chat, tries=0)


def test_requests_share_all_but_the_question() -> None:
    chat = ScriptedChat(FOUND, FOUND)
    LLMTeacher(chat).analyse([attempt("a"), attempt("b", ("1\n", "2\n"))])
    one, other = chat.calls[0][1]
    assert all(a is b for a, b in zip(one.messages[:-1], other.messages[:-1], strict=True))


def test_prompts_of_ones_own_are_used_and_their_versions_told(tmp_path: Path) -> None:
    for path in FOLDER.glob("*.md"):
        (tmp_path / path.name).write_text(path.read_text("utf-8").replace("careful teacher", "stern teacher"), "utf-8")
    chat = ScriptedChat(FOUND)
    ours, theirs = LLMTeacher(chat), LLMTeacher(chat, tmp_path)
    theirs.analyse([attempt()])
    assert "stern teacher" in chat.calls[0][1][0].messages[0]["content"]
    changed = [name for name, version in theirs.prompt_versions.items() if version != ours.prompt_versions[name]]
    assert changed == ["analyse"]
    with pytest.raises(ConfigError, match=r"analyse\.md: no such file"):
        LLMTeacher(chat, tmp_path / "elsewhere")
