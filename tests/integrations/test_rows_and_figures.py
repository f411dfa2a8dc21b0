r"""What both bridges share, and how a harness finds them; neither harness is needed here.

Two rows to check by eye: "9 * 2 = <<9*2=18>>18\n#### 18" as GSM8K has it, `$\boxed{\frac12}$` as MATH has it.
"""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from lemma_hf import grade
from lemma_hf.errors import ConfigError, DataError
from lemma_hf.integrations import BRIDGES, bridge_path
from lemma_hf.integrations.figures import HIGHER_IS_BETTER, harness_figures
from lemma_hf.integrations.lm_eval.utils import doc_to_target, doc_to_text, process_results, step_by_step
from lemma_hf.integrations.rows import question_of, reference_of, solution_of
from lemma_hf.prompts import prompt_style
from lemma_hf.records import Outcome

GSM8K = {"question": "Nine pairs?", "answer": "9 * 2 = <<9*2=18>>18\n#### 18"}
MATH = {"problem": "Half?", "solution": r"So it is $\boxed{\frac12}$.", "level": "Level 1", "type": "Algebra"}
MATH_500 = {**MATH, "answer": r"\frac{1}{2}", "subject": "Algebra", "level": 1}


def test_the_columns_of_the_three_datasets_are_read() -> None:
    assert [question_of(row) for row in (GSM8K, MATH, MATH_500)] == ["Nine pairs?", "Half?", "Half?"]
    assert [reference_of(row) for row in (GSM8K, MATH, MATH_500)] == ["18", r"\frac12", r"\frac{1}{2}"]


def test_a_solution_loses_its_calculator_notes_and_ends_as_lemma_writes_it() -> None:
    assert solution_of(GSM8K) == "9 * 2 = 18\nThe answer is: 18"
    assert solution_of(MATH_500) == r"So it is $\boxed{\frac12}$." + "\nThe answer is: \\frac{1}{2}"


@pytest.mark.parametrize(
    ("read", "row", "said"),
    [
        (question_of, {"text": "?"}, "`question` or `problem`, but has `text`"),
        (question_of, {}, "but has no columns"),
        (reference_of, {"question": "?", "answer": ""}, "`answer` or `solution`"),
        (reference_of, {"solution": "It is one half."}, "`solution` that boxes it"),
    ],
)
def test_a_row_without_what_is_needed_is_refused_by_its_columns(read, row, said) -> None:
    with pytest.raises(DataError, match=said):
        read(row)


@pytest.mark.parametrize(
    ("output", "reference", "ones"),
    [
        ("The answer is: 18", "18", {"accuracy"}),
        ("The answer is: 17", "18", set()),
        ("", "18", {"no_answer"}),
        (r"\boxed{18", "18", {"no_answer"}),
        ("The answer is: 18", "None", {"unreadable_reference"}),
        (r"It is \boxed{62}. Wait, that is wrong: \boxed{72}", "72", {"accuracy", "reflected", "fixed"}),
        (r"It is \boxed{62}. Wait, that is wrong: \boxed{72}", "62", {"reflected", "broken"}),
    ],
)
def test_each_output_comes_to_its_figures(output: str, reference: str, ones: set[str]) -> None:
    found = harness_figures(output, reference)
    assert {name for name, value in found.items() if value} == ones
    assert list(found) == list(HIGHER_IS_BETTER) and set(found.values()) <= {0.0, 1.0}
    assert found["accuracy"] == (grade(output, reference).outcome is Outcome.RIGHT)


def test_the_prompt_is_that_of_the_paper_and_ends_in_no_space() -> None:
    assert doc_to_text(GSM8K) == "### Instruction:\nNine pairs?\n\n### Response: Let's think step by step."
    assert doc_to_target(GSM8K) == solution_of(GSM8K)
    assert step_by_step(MATH) == prompt_style("step_by_step").prompt("Half?")
    for row in (GSM8K, MATH, MATH_500):
        assert not doc_to_text(row)[-1].isspace() and not step_by_step(row)[-1].isspace()


def test_the_first_output_of_a_row_is_graded() -> None:
    assert process_results(GSM8K, ["#### 18", "#### 17"])["accuracy"] == 1.0
    assert process_results(MATH, [r"\boxed{0.5}"])["accuracy"] == 1.0


@pytest.mark.parametrize("harness", BRIDGES)
def test_a_bridge_is_found_by_its_path_and_by_the_command(harness: str) -> None:
    command = [sys.executable, "-m", "lemma_hf.integrations", harness]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    assert said == bridge_path(harness) and Path(said).exists()


def test_an_unknown_harness_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="lm_eval, lighteval"):
        bridge_path("helm")


def test_the_metrics_of_the_yaml_are_the_figures() -> None:
    class Loader(yaml.SafeLoader):
        """`!function name` as the name."""

    Loader.add_constructor("!function", lambda loader, node: loader.construct_scalar(node))  # type: ignore[no-untyped-call]
    shared = yaml.load((Path(bridge_path("lm_eval")) / "common_yaml").read_text("utf-8"), Loader)
    assert {each["metric"]: each["higher_is_better"] for each in shared["metric_list"]} == HIGHER_IS_BETTER
    assert all(each["aggregation"] == "mean" for each in shared["metric_list"])
