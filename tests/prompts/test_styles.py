"""Prompt styles: exactly the text a model sees."""

import pytest

from lemma_hf.errors import ConfigError
from lemma_hf.prompts import PROMPT_STYLES, prompt_style


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
