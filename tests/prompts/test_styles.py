"""Prompt styles: exactly the text a model sees."""

import hashlib
import time

import pytest

from lemma_hf.errors import ConfigError
from lemma_hf.prompts import PROMPT_STYLES, Shot, prompt_style
from lemma_hf.solutions import find_equations, shows_work, split_steps

ONE = Shot("What is 1+1?", "Count on from 1.", "2")
TWO = Shot("What is {question}?", "Half of \\frac{8}{2}.", "\\frac{4}{2}")


def test_the_style_of_the_paper_is_its_prompt_with_the_last_space_moved_to_the_completion():
    style = prompt_style("instruction")
    paper = "### Instruction:\nWhat is 2+2?\n\n### Response: Let's think step by step. "
    assert style.prompt("What is 2+2?") + style.completion("4") == paper + "4"


@pytest.mark.parametrize("style", PROMPT_STYLES.values(), ids=PROMPT_STYLES)
def test_no_prompt_ends_in_a_space(style):
    assert style.prompt("Q") == style.prompt("Q").rstrip()


def test_a_question_with_braces_is_left_as_it_is():
    assert prompt_style("sums").prompt("{question} {x} \\frac{1}{2}") == "{question} {x} \\frac{1}{2}:"


def test_an_unknown_style_is_refused_with_the_known_ones():
    with pytest.raises(ConfigError, match=r"'chatty'.*instruction"):
        prompt_style("chatty")


def test_an_instruct_model_is_told_how_to_write():
    prompt = prompt_style("step_by_step").prompt("What is \\frac{4}{2}?")
    assert prompt.startswith("What is \\frac{4}{2}?\n\nSolve this problem step by step")
    assert "one step a line" in prompt and "`The answer is: X`" in prompt
    assert prompt_style("step_by_step").completion("2") == "2"


def test_a_small_instruct_model_is_shown_steps_before_the_answer():
    prompt = prompt_style("show_steps").prompt("What is \\frac{4}{2}?")
    example = prompt.split("Problem: ")[1].partition("\n\n")[2].partition("\n\n")[0]
    assert example.splitlines() == [
        "1. In the 4 boxes there are 4 * 6 = 24 pens.",
        "2. She gives 9 of them away, so she has 24 - 9 = 15 pens left.",
        "The answer is: 15",
    ]
    assert shows_work(split_steps(example)) and all(find_equations(step)[0].holds for step in split_steps(example)[:2])
    assert prompt.endswith("Problem: What is \\frac{4}{2}?") and "Then write the answer in the last line." in prompt


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("instruction", "bf78238b"),
        ("question", "d129fb1e"),
        ("chat", "46507170"),
        ("step_by_step", "459de25f"),
        ("show_steps", "c17b2552"),
        ("boxed", "e32f94ff"),
        ("sums", "b05fa1b4"),
        ("sums_work", "c5189c95"),
    ],
)
def test_a_style_that_is_in_datasets_stays_as_it_is(name, digest):
    style = prompt_style(name)
    text = "\0".join([style.template, style.lead, str(style.chat), style.claim])
    assert hashlib.sha256(text.encode()).hexdigest()[:8] == digest


def test_shots_in_the_papers_form_are_whole_prompts_with_their_completions():
    # As the authors' evaluation joins them; its last prompt too is stripped of the space that is our lead.
    assert prompt_style("instruction").prompt("What is 2+3?", [ONE, TWO]) == (
        "### Instruction:\nWhat is 1+1?\n\n### Response: Let's think step by step. "
        "Count on from 1.\nThe answer is: 2\n\n"
        "### Instruction:\nWhat is {question}?\n\n### Response: Let's think step by step. "
        "Half of \\frac{8}{2}.\nThe answer is: \\frac{4}{2}\n\n"
        "### Instruction:\nWhat is 2+3?\n\n### Response: Let's think step by step."
    )


def test_shots_for_a_chat_stand_in_the_one_message_with_the_instruction_once():
    assert prompt_style("boxed").prompt("What is 2+3?", [ONE]) == (
        "Question: What is 1+1?\nAnswer: Count on from 1.\nThe answer is: \\boxed{2}\n\n"
        "Question: What is 2+3?\nPlease reason step by step, and put your final answer within \\boxed{}."
    )


def test_without_shots_a_prompt_is_as_it_always_was():
    for style in PROMPT_STYLES.values():
        assert style.prompt("Q", []) == style.prompt("Q") == style.template.replace("{question}", "Q")


def test_the_boxed_style_asks_for_a_box():
    style = prompt_style("boxed")
    assert style.prompt("What is $x$?").startswith("What is $x$?\n") and style.prompt("?").endswith("within \\boxed{}.")
    assert style.completion("2") == "2"


def test_a_chat_template_belongs_around_the_texts_for_instruct_models_and_around_no_other():
    assert {style.name for style in PROMPT_STYLES.values() if style.chat} == {
        "chat",
        "step_by_step",
        "show_steps",
        "boxed",
    }
    assert prompt_style("chat").prompt("What is 2+2?") == "What is 2+2?"


@pytest.mark.parametrize(
    ("style", "output", "own"),
    [
        ("instruction", " 2.\nThe answer is: 5\n\n### Instruction:\nWhat is 9+9?", " 2.\nThe answer is: 5"),
        ("instruction", " 2.\n### Instruction:", " 2."),
        ("instruction", " As the ### Instruction: says, 5.\n\n#### 5", " As the ### Instruction: says, 5.\n\n#### 5"),
        ("question", " 5.\n\nQuestion: What is 7?\nSolution: 7", " 5."),
        ("boxed", "5.\n\nQuestion: is it?", "5.\n\nQuestion: is it?"),
        ("sums", "5\n5", "5\n5"),
    ],
)
def test_a_next_question_that_the_model_asks_itself_is_not_its_answer(style, output, own):
    assert prompt_style(style).own_part(output) == own


def test_an_output_of_a_megabyte_of_line_breaks_is_cut_in_a_moment():
    start = time.perf_counter()
    assert prompt_style("instruction").own_part("5" + "\n" * 10**6 + "### Instruction:") == "5"
    assert time.perf_counter() - start < 1
