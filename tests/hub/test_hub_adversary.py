"""What a stranger's card or a careless folder must not do: each case was found by attacking."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.hub import Artifact, File, RepoKind
from lemma_hf.hub.card import merge_cards
from lemma_hf.hub.checks import check, check_configs
from lemma_hf.utils.redaction import find_leaks, known_secrets

KEY = "hf_AbCdEfGhIjKlMnOpQrStUv"
OURS = """---
license: mit
tags:
- lemma
- math
configs:
- config_name: a
  data_files: a/*.parquet
- config_name: b
  data_files: b/*.parquet
---

# Rows

One.

## Counts

10 rows
"""
NEW = OURS.replace("10 rows", "99 rows")


def test_what_a_person_appends_behind_our_last_line_does_not_freeze_our_parts():
    merged = merge_cards(NEW, merge_cards(OURS, None).text + "\n## Mine\n\nmy words\n").text
    assert "99 rows" in merged
    assert "my words" in merged
    assert merged.count("lemma-hf wrote") == 1


@pytest.mark.parametrize("part", ["- math\n", "- config_name: b\n  data_files: b/*.parquet\n"])
def test_a_tag_or_config_that_a_person_took_out_stays_out(part):
    theirs = merge_cards(OURS, None).text.replace(part, "")
    assert part not in merge_cards(NEW, theirs).text


def test_code_in_three_backticks_on_one_line_opens_no_fence():
    merged = merge_cards(NEW, "# Rows\n\n```pip install x```\n\n## Counts\n\nmy counts\n").text
    assert merged.count("## Counts") == 1


@pytest.mark.parametrize("head", ["date: 2024-13-45", f"n: {'9' * 5000}", "x: !!timestamp 'a'", "{a: 1}", "a: 1\n..."])
def test_front_matter_that_yaml_cannot_construct_is_refused_in_words_or_merged(head):
    try:
        merged = merge_cards(NEW, f"---\n{head}\n---\n# x\n").text
    except Exception as error:
        assert isinstance(error, DataError)
    else:
        assert "license: mit" in merged


@pytest.mark.parametrize("pattern", ["**/rows.csv", "./rows.csv"])
def test_patterns_that_datasets_resolves_are_not_called_lost(pattern):
    card = f"---\nconfigs:\n- config_name: mine\n  data_files:\n  - split: train\n    path: '{pattern}'\n---\n"
    check_configs(card, ["rows.csv", "b.csv"], ["rows.csv"])
    with pytest.raises(DataError):
        check_configs(card, ["rows.csv", "b.csv"], ["b.csv"])


@pytest.mark.parametrize("name", ["LICENSE", "chat_template.jinja", "tokenizer_config.json", "settings.json"])
def test_any_key_in_any_text_is_found_also_behind_an_escaped_line_break(name):
    text = '{"log": "failed\\n' + KEY + '"}'
    with pytest.raises(DataError, match="a key"):
        check(Artifact(RepoKind.MODEL, "me/m", (File(name, text.encode()),), "---\nlicense: mit\n---\n# M\n"))


def test_a_key_in_the_metadata_of_parquet_is_found():
    sink = pa.BufferOutputStream()
    table = pa.table({"completion": ["2"]}).replace_schema_metadata({"cmd": KEY})
    pq.write_table(table, sink)
    rows = File("a/0.parquet", sink.getvalue().to_pybytes())
    with pytest.raises(DataError, match="a key"):
        check(Artifact(RepoKind.DATASET, "me/rows", (rows,), "---\nlicense: mit\n---\n# M\n"))


@pytest.mark.parametrize(
    "text",
    [
        r'{"log": "failed\n/home/ann/rows.jsonl"}',
        "github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz",
        "glpat-abcdefghij1234567890",
        "hf_oauth_eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abcdefgh",
        "ASIAABCDEFGHIJKLMNOP",
        "https://ann:hunter2hunter2@host.org/v1",
        "https://host.org/v1?api_key=0123456789abcdef",
        "cache:/home/ann/x",
        "C:/Users/ann/x",
    ],
)
def test_these_are_leaks(text):
    assert list(find_leaks(text))


def test_an_environment_variable_that_is_no_utf8_does_not_stop_a_publish():
    assert known_secrets({"X_KEY": "\udcff" * 14}) == [b"\xff" * 14]


@pytest.mark.parametrize("name", ["me/a--b", "me/a..b", "mé/lemma", "me/.x", "me/x.git", "me/" + "x" * 100])
def test_a_name_that_the_hub_does_not_take_is_refused_in_words(name):
    with pytest.raises(ConfigError):
        Artifact(RepoKind.DATASET, name, (), "")
