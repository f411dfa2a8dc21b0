"""The policy on the page about grading: each row of its table is graded as it says, both ways."""

import re

import pytest
from docs_text import ROOT

from lemma_hf.grading import answers_equal, grade
from lemma_hf.records import Outcome

PAGE = (ROOT / "docs" / "grading.md").read_text("utf-8")
ROW = re.compile(r"^\| (`.+?`) \| (`.+?`) \| (=|≠) \|", re.MULTILINE)
CLAIM = re.compile(r"^\| (`.+`) \| (`.+`|no answer) \|$", re.MULTILINE)


def code(cell: str) -> str:
    """A cell as it is meant: without the backticks, with the pipes and the line breaks that a table cannot hold."""
    return cell.strip().strip("`").strip().replace("\\|", "|").replace("⏎", "\n")


def part(heading: str) -> str:
    return PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]


PAIRS = [(code(one), code(other), sign) for one, other, sign in ROW.findall(part("What is equal"))]
CLAIMS = [(code(text), code(claim)) for text, claim in CLAIM.findall(part("What counts as the answer"))]


@pytest.mark.parametrize(("one", "other", "sign"), PAIRS)
def test_each_pair_of_the_policy_is_graded_as_the_page_says(one: str, other: str, sign: str) -> None:
    wanted = sign == "="
    assert (answers_equal(one, other).outcome is Outcome.RIGHT) is wanted
    assert (answers_equal(other, one).outcome is Outcome.RIGHT) is wanted


@pytest.mark.parametrize(("text", "claim"), CLAIMS)
def test_each_text_claims_what_the_page_says(text: str, claim: str) -> None:
    verdict = grade(text, "4711" if claim == "no answer" else claim)
    assert verdict.outcome is (Outcome.NO_ANSWER if claim == "no answer" else Outcome.RIGHT)


def test_the_tables_are_found() -> None:
    assert len(PAIRS) >= 40
    assert len(CLAIMS) >= 12
