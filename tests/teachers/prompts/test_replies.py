"""Replies of teachers: what is read from them, and that nothing they hold can do harm."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lemma_hf.grading.claims._thinking import without_thoughts
from lemma_hf.taxonomy import ErrorType
from lemma_hf.teachers.prompts import (
    Analysis,
    Turn,
    Unreadable,
    WrongSolution,
    parse_analysis,
    parse_correction,
    parse_injection,
    parse_smoothing,
)
from lemma_hf.teachers.prompts.replies import PARSERS
from lemma_hf.teachers.prompts.tags import TAGS, stray_tag, unfenced

SECOND = Analysis(2, ErrorType.CALCULATION)
VERDICT = "<step>2</step>\n<type>calculation</type>"
TURN = Turn("Wait, no.", "6 * 7 = 42\nThe answer is: 42")
CORRECTION = "<reflection>Wait, no.</reflection>\n<correction>\n6 * 7 = 42\nThe answer is: 42\n</correction>"


def why(read: object) -> str:
    assert isinstance(read, Unreadable), read
    return read.why


@pytest.mark.parametrize(
    "reply",
    [
        VERDICT,
        f"Step 1 holds. Step 2 says 3 < 2, so it does not.\n\n{VERDICT}\n\nI hope this helps!",
        f"<think>Is it step 3? <step>3</step><type>counting</type></think>\n{VERDICT}",
        f"the prompt had opened the thought <step>3</step>\n</think>{VERDICT}",
        f"<step>3</step><think>one</think> two\n</think>{VERDICT}",
        f"<THINKING>one</THINKING><think>two\n</think>{VERDICT}",
        f"{VERDICT}\n<think>or was it <step>3</step>",
        f"```xml\n{VERDICT}\n```",
        "<STEP>2</STEP> <Type>Calculation</tYPE>",
        "<step>2</step>\r\n<type>calculation</type>\r\n",
        "<step>\n```\n2\n```\n</step><type>`calculation`</type>",
        "<step>2</step><type>calculation",
        "<step>2<type>calculation</type>",
        "<step>2<step/><type>calculation<type/>",
        "< step >2</ step>< type >calculation< /type >",
        "<type>calculation</type><step>2</step>",
        "**<step>2</step>**\n**<type>calculation</type>**",
        "**<step>**2**</step>**\n**<type>** calculation **</type>**",
        "1: right\n2: wrong, 168 - 96 is 72\nStep: 2\nType: calculation",
        "Step 2: wrong.\n\n**Step:** 2\n**Type:** calculation",
        "```\nStep: 2\nType: calculation\n```",
        f"{VERDICT}\nSo, to sum up:\n{VERDICT}",
        f"Write <step></step> and <type></type>, or <step>N</step> and <type>KIND</type>. {VERDICT}",
    ],
)
def test_a_verdict_is_read_whatever_stands_around_it(reply: str) -> None:
    assert parse_analysis(reply) == SECOND


@pytest.mark.parametrize(
    "number", ["Step 2", "step 2:", "2.", "**2**", "[2]", "#2", "Step [2]", "Line 2", "2 of 7", "２"]
)
def test_a_step_may_be_called_by_several_names(number: str) -> None:
    assert parse_analysis(f"<step>{number}</step><type>calculation</type>") == SECOND


@pytest.mark.parametrize("number", ["0", "-2", "2.5", "two", "the last", "12345", "1,000"])
def test_what_is_no_number_of_a_step_is_not_guessed(number: str) -> None:
    assert "cannot be read" in why(parse_analysis(f"<step>{number}</step><type>calculation</type>"))


@pytest.mark.parametrize(
    ("name", "type_"),
    [
        ("Calculation Error", ErrorType.CALCULATION),
        ("confusing formula", ErrorType.FORMULA_CONFUSION),
        ("Referencing Context Value Error", ErrorType.CONTEXT_VALUE),
        ("**Missing step**", ErrorType.MISSING_STEP),
        ("4. counting", ErrorType.COUNTING),
        ("question_misinterpretation (it says each)", ErrorType.QUESTION_MISINTERPRETATION),
        ("operator: a sum in place of a product", ErrorType.OPERATOR),
    ],
)
def test_a_type_may_go_by_any_of_its_names(name: str, type_: ErrorType) -> None:
    assert parse_analysis(f"<step>1</step><type>{name}</type>") == Analysis(1, type_)


@pytest.mark.parametrize("none", ["none", "None.", "**none**", "no wrong step", "No", "N/A", "none (all 5 are right)"])
def test_a_teacher_may_find_no_error(none: str) -> None:
    assert parse_analysis(f"All is well.\n<step>{none}</step>") == Analysis(None, None)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("", "it is empty"),
        (" \r\n ", "it is empty"),
        ("The second step is wrong, it should be 15.", "only talk"),
        ("<step></step><type> </type>", "only talk"),
        ("<think>hm, <step>2</step>", "a thought that does not end"),
        ("<step>2</step>", "no <type>"),
        ("<type>calculation</type>", "no <step>"),
        ("<step>2</step><type>sloppiness</type>", "its <type> says 'sloppiness'"),
        ("<step>2</step><step>3</step><type>calculation</type>", "several <step> that contradict each other: 2, 3"),
        ("<step>2</step><step>none</step><type>calculation</type>", "contradict"),
        ("<step>2</step><type>counting</type><type>operator</type>", "several <type> that contradict"),
        ('{"step": 2, "type": "calculation"}', "only talk"),
        ("Step: 1\nType: counting\nStep: 2\nType: operator", "no tags, and several headings `Step:`"),
        ("Step: 2", "no <type>"),
        ("Step 2: calculation", "only talk"),
        ("<step></step>\nStep: 2\nType: calculation", "only talk"),
    ],
)
def test_a_verdict_that_is_none_says_why(reply: str, reason: str) -> None:
    assert reason in why(parse_analysis(reply))


@pytest.mark.parametrize(
    "reply",
    [
        CORRECTION,
        CORRECTION.replace("\n", "\r\n"),
        CORRECTION.upper().replace("WAIT, NO.", "Wait, no.").replace("THE ANSWER", "The answer"),
        f"<think>{CORRECTION.replace('42', '43')}</think>{CORRECTION}",
        f"Sure! Here it is:\n```\n{CORRECTION}\n```\nDone.",
        CORRECTION.removesuffix("</correction>"),
        CORRECTION.replace("</reflection>", ""),
        CORRECTION.replace("<correction>\n", "<correction>```text\n").replace("\n</correction>", "\n```</correction>"),
        # The last draft counts, with its own reflection.
        f"<reflection>Hm.</reflection><correction>The answer is: 41</correction> No, better: {CORRECTION}",
        f"{CORRECTION} Or else: <reflection>Hm, wait, as I said",
        CORRECTION.replace("The answer is: 42", "So the final answer is **42**."),
        CORRECTION.replace("The answer is: 42", "**The answer is:** 42"),
        CORRECTION.replace("The answer is: 42", "the answer is 42"),
        CORRECTION.replace("The answer is: 42", "**Answer:** 42"),
        CORRECTION.replace("The answer is: 42", "#### 42"),
        CORRECTION.replace("<", "**<").replace(">", ">**"),
        "Here is my reply:\n**Reflection:** Wait, no.\n\n**Correction:**\n6 * 7 = 42\nThe answer is: 42",
        "```\nReflection:\nWait, no.\nCorrection:\n6 * 7 = 42\nThe answer is: 42\n```",
        "## Reflection:\nWait, no.\n## Correction:\n```\n6 * 7 = 42\nThe answer is: 42\n```",
    ],
)
def test_a_turn_is_read_whatever_stands_around_it(reply: str) -> None:
    assert parse_correction(reply) == TURN
    assert parse_smoothing(reply) == TURN


def test_latex_comes_through_untouched() -> None:
    body = "If $0 < x$ and $x<step$, then $\\frac{x}{2} \\le \\left\\{1\\right\\}$, \\nu and <b> too.\n\nÄ, π, 数, 🙂"
    read = parse_correction(f"<reflection>a < b > c</reflection><correction>{body}\nThe answer is: $\\frac{{1}}{{2}}$")
    assert read == Turn("a < b > c", f"{body}\nThe answer is: $\\frac{{1}}{{2}}$")


def test_a_claim_inside_a_sentence_stays_as_it_is() -> None:
    said = "So she sold 72 clips, and the answer is: 72."
    assert parse_correction(CORRECTION.replace("The answer is: 42", said)) == Turn("Wait, no.", f"6 * 7 = 42\n{said}")


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("I would rather not.", "only talk"),
        (CORRECTION.replace("Wait, no.", " "), "no <reflection>, or an empty one"),
        ("<reflection>Wait, no.</reflection>", "no <correction>"),
        # Behind the closing tag the correction might begin, or talk: which of them, is not guessed.
        ("<reflection>Wait, no.</reflection>\n6 * 7 = 42\nThe answer is: 42", "no <correction>"),
        ("Wait, no.\n</reflection>\n<correction>6 * 7 = 42\nThe answer is: 42", "no <reflection>"),
        ("Wait, no.\nCorrection: 6 * 7 = 42\nThe answer is: 42", "no <reflection>"),
        ("Reflection: A\nCorrection: The answer is: 1\nCorrection: The answer is: 2", "several headings `Correction:`"),
        (CORRECTION.replace("The answer is: 42", "Done."), "does not end in a line"),
        (CORRECTION.replace("The answer is: 42", "The answer is: **."), "claims no answer"),
        (CORRECTION.replace("6 * 7", "<step>1</step> 6 * 7"), "a <step> stands inside its <correction>"),
        (CORRECTION.replace("6 * 7", "\x0crac{6}{7}"), "U+000C"),
        (CORRECTION.replace("6 * 7", "\ud83d"), "U+D83D"),
    ],
)
def test_a_turn_that_cannot_be_used_says_why(reply: str, reason: str) -> None:
    assert reason in why(parse_correction(reply))


def test_a_wrong_solution_comes_with_the_step_that_is_wrong() -> None:
    solution = "There are 15 gaps.\nSo there are 15 trees.\nThe answer is: 15"
    assert parse_injection(f"<solution>\n{solution}\n</solution>\n<step>2</step>") == WrongSolution(solution, 2)
    assert parse_injection(f"<step>2</step><solution>{solution}") == WrongSolution(solution, 2)
    drafts = f"<solution>15</solution><solution>{solution}</solution><step>2</step>"
    assert parse_injection(drafts) == WrongSolution(solution, 2)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("<solution>1 + 1 = 3</solution>", "no <step>"),
        ("<step>1</step>", "no <solution>"),
        ("<solution>1 + 1 = 2</solution><step>none</step>", "no step of its solution is wrong"),
        ("<solution><step>1 + 1 = 3</step></solution><step>1</step>", "a <step> stands inside its <solution>"),
        ("Sorry.", "only talk"),
    ],
)
def test_a_wrong_solution_that_cannot_be_used_says_why(reply: str, reason: str) -> None:
    assert reason in why(parse_injection(reply))


@pytest.mark.parametrize("parse", [parse_analysis, parse_injection, parse_correction])
@pytest.mark.parametrize(
    "piece",
    [
        "<step>",
        "**<step>**",
        "**",
        "Step:\n",
        "<step>2</step>",
        "</think>",
        "<think>",
        "<",
        "<correction>a\n",
        "```\n",
        "\r",
        "* ",
        " \n",
        "9",
    ],
)
def test_a_reply_of_a_megabyte_is_read_in_a_moment(parse: Callable[[str], object], piece: str) -> None:
    start = time.perf_counter()
    parse(f"{CORRECTION}<correction>{piece * (10**6 // len(piece))}")
    # Half a second; what grows with the square of the length would take many minutes.
    assert time.perf_counter() - start < 10


PIECES = st.sampled_from([*(f"{o}{t}>" for t in TAGS for o in "</"), *(f"<{t}>" for t in TAGS), "<think>", "</think>"])
REPLIES = st.lists(st.one_of(st.text(max_size=12), PIECES, st.just("The answer is: ")), max_size=30).map("".join)


@given(st.one_of(st.text(), REPLIES))
def test_a_parser_never_raises_and_lets_no_tag_through(reply: str) -> None:
    for parse in PARSERS.values():
        read = parse(reply)
        assert isinstance(read, (Unreadable, Analysis, WrongSolution, Turn))
        texts = [read.reflection, read.correction] if isinstance(read, Turn) else []
        texts += [read.solution] if isinstance(read, WrongSolution) else []
        assert not any(stray_tag(text) or not text.strip() for text in texts)


# Texts as a reply can hold them: no tag of ours, nothing to strip or unwrap, no character that stands in no text.
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t")).map(str.strip)
WORDS = TEXTS.filter(lambda text: text and not stray_tag(text) and without_thoughts(text) == text == unfenced(text))
STEPS = st.integers(1, 9999)


@given(STEPS, st.sampled_from(ErrorType))
def test_a_verdict_that_is_written_down_is_read_again(step: int, type_: ErrorType) -> None:
    assert parse_analysis(f"<step>{step}</step><type>{type_}</type>") == Analysis(step, type_)


@given(WORDS, STEPS)
def test_a_wrong_solution_that_is_written_down_is_read_again(solution: str, step: int) -> None:
    written = f"<solution>\n{solution}\n</solution>\n<step>{step}</step>"
    assert parse_injection(written) == WrongSolution(solution, step)


@given(WORDS, WORDS, st.integers())
def test_a_turn_that_is_written_down_is_read_again(reflection: str, steps: str, answer: int) -> None:
    turn = Turn(reflection, f"{steps}\nThe answer is: {answer}")
    written = f"<reflection>{turn.reflection}</reflection>\n<correction>\n{turn.correction}\n</correction>"
    assert parse_correction(written) == parse_smoothing(written) == turn
