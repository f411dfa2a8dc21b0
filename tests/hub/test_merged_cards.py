"""A card on the Hub is merged: what a person wrote stays, what we wrote is renewed."""

import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lemma_hf.errors import DataError
from lemma_hf.hub.card import merge_cards
from lemma_hf.hub.front_matter import split_head, write_head

OURS = """---
license: mit
tags:
- lemma-hf
configs:
- config_name: default
  data_files: '*.parquet'
---

# Rows

About them.

## What is in it

10 rows.

## Known limits

Few.
"""


def head_of(card):
    return yaml.safe_load(split_head(card)[0])


def published(card=OURS, theirs=None):
    return merge_cards(card, theirs).text


def test_a_new_card_is_as_it_was_made_but_for_its_last_line():
    text = published()
    assert text.startswith(OURS.rstrip("\n"))
    assert text[len(OURS.rstrip("\n")) :].strip().startswith("<!-- lemma-hf wrote ")


def test_publishing_again_changes_nothing():
    once = published()
    assert merge_cards(OURS, once).text == once
    assert merge_cards(OURS, once).kept == ()


def test_what_we_wrote_is_renewed():
    text = published(OURS.replace("10 rows", "11 rows").replace("mit", "apache-2.0"), published())
    assert "11 rows" in text
    assert "10 rows" not in text
    assert head_of(text)["license"] == "apache-2.0"


def test_what_we_no_longer_write_goes():
    fewer = OURS.replace("\n## Known limits\n\nFew.\n", "").replace("license: mit\n", "")
    text = published(fewer, published())
    assert "Known limits" not in text
    assert "license" not in head_of(text)


def test_a_section_that_a_person_rewrote_stays_and_the_others_are_renewed():
    theirs = published().replace("Few.", "Many, ask me.")
    merged = merge_cards(OURS.replace("10 rows", "11 rows").replace("Few.", "Some."), theirs)
    assert "Many, ask me." in merged.text
    assert "Some." not in merged.text
    assert "11 rows" in merged.text
    assert merged.kept == ("## Known limits",)


def test_a_section_that_a_person_added_stays_where_it_is():
    theirs = published().replace("## What is in it", "## Thanks\n\nTo my cat.  \nAnd yours.\n\n## What is in it")
    text = published(OURS.replace("10 rows", "11 rows"), theirs)
    assert text.index("About them") < text.index("## Thanks\n\nTo my cat.  \nAnd yours.") < text.index("11 rows")


def test_a_section_that_a_person_took_out_stays_out():
    merged = merge_cards(OURS.replace("Few.", "Some."), published().replace("## Known limits\n\nFew.\n", ""))
    assert "Known limits" not in merged.text
    assert merged.kept == ("## Known limits (taken out)",)


def test_a_part_of_ours_comes_back_where_the_last_line_is_taken_out_with_a_persons():
    theirs = published().replace("Few.", "Many, ask me.")
    cleared = theirs[: theirs.index("<!--")].replace("## Known limits\n\nMany, ask me.\n", "")
    assert merge_cards(OURS, cleared) == merge_cards(OURS, None)


def test_a_new_section_of_ours_stands_behind_the_one_that_it_follows():
    text = published(OURS.replace("## Known", "## Loading\n\nSo.\n\n## Known"), published() + "")
    assert text.index("10 rows") < text.index("## Loading") < text.index("## Known limits")


def test_a_card_that_somebody_else_wrote_is_kept_and_ours_comes_in_behind():
    theirs = "---\nlicense: cc-by-4.0 # as we must\npretty_name: Mine\n---\n\nHello.\n\n# Rows\n\nMine.\n"
    merged = merge_cards(OURS, theirs)
    assert merged.text.startswith("---\nlicense: cc-by-4.0 # as we must\npretty_name: Mine\ntags:\n")
    assert "Hello.\n\n# Rows\n\nMine.\n\n## What is in it" in merged.text
    assert merged.kept == ("`license`", "# Rows")


def test_a_persons_configs_are_never_overwritten_and_ours_come_beside():
    entry = "- config_name: {}\n  data_files: {}\n".format
    theirs = f"---\nconfigs:\n{entry('default', 'mine.csv')}{entry('small', 's.csv')}---\n"
    more = OURS.replace(".parquet'\n", f".parquet'\n{entry('fix', 'f/*')}")
    merged = merge_cards(more, theirs)
    assert [(each["config_name"], each["data_files"]) for each in head_of(merged.text)["configs"]] == [
        ("default", "mine.csv"),
        ("fix", "f/*"),
        ("small", "s.csv"),
    ]
    assert merged.kept == ("`configs`",)


def test_sets_of_names_are_joined():
    text = published(OURS, published().replace("- lemma-hf", "- lemma-hf\n- german"))
    assert head_of(text)["tags"] == ["lemma-hf", "german"]


def test_row_counts_are_facts_so_ours_stand():
    ours = OURS.replace("license: mit\n", "dataset_info:\n- config_name: default\n  dataset_size: 10\n")
    theirs = "---\ndataset_info:\n  config_name: default\n  dataset_size: 3\n---\n"
    assert head_of(published(ours, theirs))["dataset_info"] == [{"config_name": "default", "dataset_size": 10}]


def test_results_of_others_stay_and_ours_take_the_place_of_our_older_ones():
    def index(*results):
        found = [
            {
                "task": {"type": "text-generation"},
                "dataset": {"name": name, "type": name},
                "metrics": [{"type": "accuracy", "value": value}],
            }
            for name, value in results
        ]
        return f"---\n{yaml.safe_dump({'model-index': [{'name': 'm', 'results': found}]}, sort_keys=False)}---\n# M\n"

    text = published(index(("gsm8k", 40.0), ("math", 10.0)), index(("gsm8k", 30.0), ("mmlu", 50.0)))
    results = head_of(text)["model-index"][0]["results"]
    assert {each["dataset"]["type"]: each["metrics"][0]["value"] for each in results} == {
        "mmlu": 50.0,
        "gsm8k": 40.0,
        "math": 10.0,
    }


SCORES = "---\nmodel-index: []\n---\n\n## Evaluation\n\n50 %.\n"


def test_what_is_added_takes_nothing_away_and_stays_ours():
    added = merge_cards(SCORES, published(), whole=False).text
    assert head_of(added) == head_of(OURS) | {"model-index": []}
    assert "About them." in added and "10 rows" in added and added.index("Few.") < added.index("50 %.")
    assert merge_cards(SCORES, added, whole=False).text == added

    # Publishing the rest again, as an addition too, leaves the scores; as a whole, it takes them away.
    rest = OURS.replace("10 rows", "11 rows")
    again = merge_cards(rest, added, whole=False)
    assert "11 rows" in again.text and "50 %." in again.text and again.kept == ()
    assert merge_cards(rest, again.text).text == published(rest)


def test_headings_in_code_are_no_headings():
    card = "# A\n\n```bash\n# a comment\n## another\n```\n\n~~~\n# x\n~~~\n"
    theirs = published(card).replace("# a comment", "# my comment")
    assert "# my comment" in published(card, theirs)
    assert merge_cards(card, theirs).kept == ("# A",)


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("a: [1\n", "is no YAML"),
        ("- a\n", "need keys and values"),
        ("a: &x [1]\nb: *x\n", "aliases"),
        (f"a: {'[' * 100_000}\n", "correct it"),
        ("a: !!python/object/apply:os.system ['true']\n", "is no YAML"),
        (f"a: {'b' * 300_000}\n", "at most"),
    ],
    ids=["broken", "list", "aliases", "deep", "code", "long"],
)
def test_a_hostile_front_matter_is_an_error_that_says_so(head, said):
    with pytest.raises(DataError, match=said):
        merge_cards(OURS, f"---\n{head}---\n# Rows\n")


@pytest.mark.parametrize("line", ["<!-- lemma-hf wrote {} -->", '<!-- lemma-hf wrote {"head": 3, "text": []} -->'])
def test_a_last_line_that_was_tampered_with_makes_everything_a_persons(line):
    text = published()
    theirs = text[: text.index("<!--")] + line
    merged = merge_cards(OURS.replace("10 rows", "11 rows"), theirs)
    assert "10 rows" in merged.text
    assert merged.kept == ("## What is in it",)


def test_blocks_of_yaml_that_stay_keep_their_comments():
    before = "# mine\nlicense: mit # yes\ntags: # these\n- a\n- b\n"
    assert write_head({"license": "mit", "tags": ["a", "b"], "x": 1}, before) == before + "x: 1\n"
    assert write_head({"license": "mit", "tags": ["a"]}, before) == "# mine\nlicense: mit # yes\ntags:\n- a\n"


def test_a_card_from_windows_is_read_as_any_other():
    theirs = "\ufeff" + published().replace("Few.", "Many.").replace("\n", "\r\n")
    merged = merge_cards(OURS.replace("10 rows", "11 rows"), theirs)
    assert head_of(merged.text) == head_of(OURS)
    assert "Many." in merged.text and "11 rows" in merged.text and "10 rows" not in merged.text


@pytest.mark.parametrize(
    "text",
    [
        "# " + "#" * 10**6,
        "# a\n" * 10**5,
        "\n" * 10**6,
        "<!-- lemma-hf wrote {" * 10**5,
        "`" * 10**6,
        " " * 10**6 + "---",
    ],
    ids=["hashes", "headings", "breaks", "marks", "fence", "spaces"],
)
def test_no_text_takes_long(text):
    began = time.perf_counter()
    assert len(merge_cards(OURS, f"# Rows\n{text}").text) >= len(text.strip())
    assert time.perf_counter() - began < 5


TEXT = st.text(st.sampled_from("ab#`~-: \n[]*&!'\"<>é😀"), max_size=60)


@given(ours=TEXT, theirs=TEXT)
def test_merging_is_finished_after_one_time_whatever_the_texts(ours, theirs):
    card = f"---\nlicense: mit\n---\n\n# A\n\n{ours}\n\n## B\n\nb\n"
    try:
        once = merge_cards(card, theirs)
    except DataError:
        return
    again = merge_cards(card, once.text)
    assert again.text == once.text
    for line in theirs.split("\n"):
        if line.strip(" -"):
            assert line in once.text
