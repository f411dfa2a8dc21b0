"""Rows below a cell of a notebook: what is shown, and that no text of a row becomes markup."""

import pytest
from datasets import load_dataset
from seen_html import Seen

from lemma_hf.data import row_to_trajectory
from lemma_hf.errors import ConfigError, DataError
from lemma_hf.records import SpanKind
from lemma_hf.show import OutputColumns, colored

TURNING = "9 * 7 = 62. Wait, that is wrong. 9 * 7 = 63. The answer is: 63"


@pytest.fixture(scope="module")
def rows():
    import lemma_hf  # noqa: F401 - makes the name known

    return load_dataset("lemma", split="test")


def test_spans_stand_in_order_with_kind_and_weight() -> None:
    html = colored(TURNING, weights=dict.fromkeys(SpanKind, 0.25))._repr_html_()
    said = Seen(html).text
    places = [said.index(each) for each in ("error 0.25  9 * 7 = 62.", "reflection 0.25  Wait", "correction 0.25  9 *")]
    assert places == sorted(places)
    assert html.count("background:#fdeae1;color:#93380a'><small>error") == 1


def test_a_row_of_a_dataset_a_trajectory_and_a_dataset_are_shown_alike(rows) -> None:
    one = colored(rows[0])._repr_html_()
    assert colored(row_to_trajectory(rows[0]))._repr_html_() == one
    said = Seen(colored(rows, limit=1)._repr_html_()).text
    assert said == Seen(one).text + "199 more rows"
    assert "calculation, fix and continue" in said and rows[0]["problem"] in said


def test_no_text_of_a_row_becomes_markup() -> None:
    bad = "<script>alert(1)</script> <img src=x onerror=alert(1)> ' \" & \u202e"
    row = {
        "id": bad,
        "question": bad,
        "output": bad,
        "reference": bad,
        "outcome": "wrong",
        "extracted": bad,
        "source": bad,
    }
    page = Seen(colored(row)._repr_html_())
    assert set(page.tags) == {"div", "b", "p", "small"} and page.attributes == {"style"}
    assert page.text.count(bad.replace("\u202e", "⟨U+202E⟩")) == 6


def test_elsewhere_the_text_is_that_of_a_terminal() -> None:
    assert repr(colored([TURNING, "no turn", "more"], limit=2)).splitlines() == [
        "output",
        "error 0         │ 9 * 7 = 62.",
        "reflection 1    │ Wait, that is wrong.",
        "correction 1    │ 9 * 7 = 63. The answer is: 63",
        "",
        "output",
        "output          │ no turn",
        "",
        "1 more rows",
    ]


def test_columns_of_outputs_have_names_of_ones_choice_and_what_cannot_be_shown_is_named() -> None:
    assert "no turn" in colored([{"said": "no turn"}], columns=OutputColumns(output="said"))._repr_html_()
    with pytest.raises(DataError, match=r"row 2: need text in the field 'output', found only said"):
        colored([TURNING, {"said": "no turn"}])
    with pytest.raises(DataError, match="row 1: need a trajectory, a row or a text, found int"):
        colored([5])
    with pytest.raises(ConfigError, match="limit is 0"):
        colored(TURNING, limit=0)
