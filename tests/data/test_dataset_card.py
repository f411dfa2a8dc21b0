"""What the card of a data folder says to people: from the rows and the run, and safe where others chose the words."""

import re
from dataclasses import replace
from html import unescape

import pytest

from lemma_hf.data.card import Card, card_text

INFOS = [{"config_name": "default", "splits": [{"name": "train", "num_examples": 11}]}]


@pytest.fixture
def written(splits):
    """Writes the card of the eleven training rows, with facts of one's own."""

    def write(source="hand", **facts):
        rows = [replace(item, problem=replace(item.problem, source=source)) for item in splits["train"]]
        return card_text(Card(**facts), [{"config_name": "default"}], INFOS, {"train": rows})

    return write


def cells(card, beginning):
    """The cells of the first table row that begins so."""
    row = next(line for line in card.splitlines() if line.startswith(f"| {beginning}"))
    return [cell.strip() for cell in row.strip("|").split("|")]


def test_a_source_has_the_licence_that_was_stated_and_no_other(written):
    assert cells(written(licenses={"hand": "MIT"}), "hand") == ["hand", "11", "MIT"]
    assert cells(written("gsm8k", licenses={"hand": "MIT"}), "gsm8k") == ["gsm8k", "11", "not stated"]
    assert cells(written(""), "not given") == ["not given", "11", "not stated"]


def test_the_funnel_says_how_many_were_asked_for_each_and_why_some_went(written):
    sample = {"stage": "sample", "entered": 1000, "left": 3990, "fan_out": 4, "dropped": {"no_reply": 10}}
    assert cells(written(funnel=[sample]), "sample") == ["sample × 4", "1,000", "3,990", "no reply 10"]
    assert "How it was made" not in written()


def test_makers_prompts_and_packages_are_told(written):
    card = written(made_by={"teacher": "reference", "prompt `judge`": "2", "packages": "datasets 5.2.0"})
    assert cells(card, "teacher") == ["teacher", "reference"]
    assert cells(card, "prompt") == ["prompt `judge`", "2"]
    assert cells(card, "packages") == ["packages", "datasets 5.2.0"]


@pytest.mark.parametrize(
    "source",
    [
        "a|b",
        "a\\|b",
        "<img src=//tracker.example>",
        "![x](http://tracker.example/x.png)",
        "a\n\n## Known limits\n\nnone",
        "&lt;script&gt;",
    ],
)
def test_the_name_of_a_source_stays_text_in_its_cell(written, source):
    table = written(source).partition("| source of the problem |")[2].partition("\n## ")[0].strip().splitlines()
    assert len(table) == 3
    name, count, licence = (cell.strip() for cell in table[-1].strip("|").split("|"))
    assert (count, licence) == ("11", "not stated")
    assert unescape(name) == " ".join(source.split())
    assert not re.search(r"[<\[\\]", name)
