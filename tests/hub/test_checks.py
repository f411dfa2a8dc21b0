"""What must not be published is found before the first request, and every reason is told."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.hub import Artifact, File, RepoKind
from lemma_hf.hub.checks import check, check_configs
from lemma_hf.utils.redaction import find_leaks, known_secrets

CARD = """---
license: mit
configs:
- config_name: default
  data_files:
  - split: train
    path: a/*.parquet
---
# Rows
"""


def parquet(*texts):
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"completion": list(texts)}), sink)
    return sink.getvalue().to_pybytes()


def dataset(*files, card=CARD):
    return Artifact(RepoKind.DATASET, "me/rows", (File("a/0.parquet", parquet("2 + 2 = 4")), *files), card)


def faults_of(artifact):
    with pytest.raises(DataError) as found:
        check(artifact)
    return str(found.value)


def test_what_is_sound_passes():
    settings = File("settings.json", b'{"model": "a/b", "ratio": "1/2", "url": "https://x.org/home/me"}')
    assert check(dataset(settings)) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/home/ann/rows.jsonl", "a path of a machine (/home/ann)"),
        ('"C:\\\\Users\\\\ann"', "a path of a machine (C:"),
        ("cd /Users/ann/x", "a path of a machine (/Users/ann)"),
        ("~/rows.jsonl", "a path of a machine (~/rows.jsonl)"),
        ("token: hf_AbCdEfGhIjKlMnOpQr", "a key (hf_…)"),
        ("Authorization: Bearer abcdefghijkl", "a key (Bea…)"),
    ],
)
def test_paths_and_keys_are_found_in_texts_and_not_repeated(text, said):
    told = faults_of(dataset(File("settings.json", text.encode())))
    assert f"settings.json: holds {said}" in told
    assert "AbCdEfGh" not in told
    assert "abcdefghijkl" not in told


def test_they_are_found_in_the_card_too():
    assert "README.md: holds a path of a machine (/home/ann)" in faults_of(dataset(card=CARD + "/home/ann/x\n"))


@pytest.mark.parametrize(
    "text",
    [
        "1/2",
        "km/h and /h",
        "a/b/c",
        "https://huggingface.co/home/me",
        "x ~ y",
        "/tmp",
        "-/opt",
        "./data/x",
        "../home/x",
    ],
)
def test_what_only_looks_like_a_path_is_let_through(text):
    assert list(find_leaks(text)) == []


def test_keys_are_found_in_rows_though_they_are_compressed():
    leaky = File("a/1.parquet", parquet("fine", "call it with sk-abcdefghijklmnopqrst"))
    assert "a/1.parquet: holds a key (sk-…) in column `completion`" in faults_of(dataset(leaky))


def test_the_keys_of_this_machine_are_found_whatever_they_look_like(monkeypatch):
    monkeypatch.setenv("MY_SERVICE_TOKEN", "correct horse battery")
    plain, row = (
        File("weights.safetensors", b"\0correct horse battery\0"),
        File("a/1.parquet", parquet("correct horse battery")),
    )
    told = faults_of(dataset(plain, row))
    assert "weights.safetensors: holds a key of this machine, word for word" in told
    assert "a/1.parquet: holds a key of this machine, word for word, in column `completion`" in told
    assert "correct horse" not in told


def test_a_key_is_found_where_two_pieces_of_a_large_file_meet(monkeypatch, tmp_path):
    monkeypatch.setenv("MY_SERVICE_TOKEN", "correct horse battery")
    large = tmp_path / "weights.safetensors"
    large.write_bytes(b"\0" * (2**22 - 5) + b"correct horse battery" + b"\0" * 100)
    assert "word for word" in faults_of(dataset(File("weights.safetensors", large)))


def test_short_values_are_not_looked_for():
    assert known_secrets({"A_TOKEN": "short", "PATH": "/usr/bin:/usr/local/bin", "B_KEY": "long enough to tell"}) == [
        b"long enough to tell"
    ]


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (File("training_args.bin", b"x"), "is a pickle"),
        (File("/etc/passwd", b"x"), "is no place inside a repository"),
        (File("../x.json", b"x"), "is no place inside a repository"),
        (File("README.md", b"x"), "is made from the card"),
        (File("funnel.json", b""), "is empty"),
        (File("a\nb.json", b"{}"), "has a line break or another invisible character in its name"),
        (File("a/\u202eb.json", b"{}"), "has a line break or another invisible character in its name"),
        (File(f"{'x' * 300}.json", b"{}"), "has a name of 305 bytes"),
        (File(".eval_results/gsm8k.yaml", b"garbage"), "gsm8k.yaml: is not in the Hub's format of results"),
        (
            File(".eval_results/a.yaml", b"- dataset: {id: not a name, task_id: main}\n  value: 1\n"),
            "a.yaml: is not in the Hub's format of results",
        ),
        (
            File(".eval_results/a.yaml", b"- dataset: {id: a/b, task_id: main}\n  value: true\n"),
            "a.yaml: holds a value that is no percentage",
        ),
        (File("a/1.parquet", b"PAR1 and no more"), "no rows that can be read"),
    ],
    ids=lambda value: repr(value.path)[:40] if isinstance(value, File) else "",
)
def test_files_that_do_not_belong_are_named(file, said):
    assert said in faults_of(dataset(file))


@pytest.mark.parametrize(
    ("card", "said"),
    [
        ("# no head\n", "the card has no front matter"),
        (CARD.replace("mit", "My Own Licence"), "license: need an identifier such as apache-2.0"),
        (CARD.replace("license: mit", "license: mit\ntags: [1, x]"), "tags: need text or a list of texts"),
        (CARD.replace("license", "language: EN\nlicense"), "language: need ISO 639 codes"),
        (CARD.replace("license", "language: [en, english]\nlicense"), "found 'english'"),
        (CARD.replace("license", "base_model: not a name\nlicense"), "base_model: need the name of a repository"),
        (CARD.replace("license", "datasets: [a/b, a/b/c]\nlicense"), "datasets: need the name of a repository"),
        (CARD.replace("a/*", "b/*"), "configs: default (b/*.parquet) matches no file"),
        (CARD.replace("license", "dataset_info: {config_name: other}\nlicense"), "dataset_info: other is none of the"),
        ("---\na: [\n---\n", "is no YAML"),
    ],
)
def test_cards_that_the_hub_would_refuse_are_refused_here(card, said):
    assert said in faults_of(dataset(card=card))


def test_an_empty_dataset_is_refused():
    assert "the dataset is empty" in faults_of(Artifact(RepoKind.DATASET, "me/rows", (), "---\nlicense: mit\n---\n"))
    no_rows = "dataset_info:\n- config_name: default\n  splits:\n  - name: train\n    num_examples: 0\n"
    assert "default has no rows" in faults_of(dataset(card=CARD.replace("license", f"{no_rows}license")))


def test_a_space_needs_a_title_and_an_sdk():
    told = faults_of(Artifact(RepoKind.SPACE, "me/metric", (File("app.py", b"x"),), "---\nlicense: mit\n---\n"))
    assert "title: is missing" in told
    assert "sdk: is missing" in told


def test_all_faults_are_told_at_once_up_to_twenty():
    told = faults_of(dataset(*(File(f"{n}.pkl", b"x") for n in range(30))))
    assert told.count("is a pickle") == 20
    assert "and 10 more" in told


def test_configs_kept_from_a_person_must_still_find_files():
    check_configs(CARD, ["a/0.parquet", "a/1.parquet"], ["a/0.parquet"])
    check_configs(CARD, ["b/0.parquet"], ["b/0.parquet"])  # it found nothing before either
    with pytest.raises(DataError, match=r"default \(a/\*\.parquet\)"):
        check_configs(CARD, ["a/0.parquet"], ["b/0.parquet"])


@pytest.mark.parametrize("name", ["lemma", "a/b/c", "", "me/", "/lemma", "me/le mma", "https://huggingface.co/me/x"])
def test_a_repository_has_an_owner_and_a_name(name):
    with pytest.raises(ConfigError, match="need OWNER/NAME"):
        Artifact(RepoKind.MODEL, name, (), "")


def test_no_file_is_there_twice():
    with pytest.raises(ConfigError, match=r"two files have the same path: x\.json"):
        Artifact(RepoKind.MODEL, "me/m", (File("x.json", b"1"), File("x.json", b"2")), "")
