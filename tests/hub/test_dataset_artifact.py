"""A dataset's folder becomes a repository: what goes along, what stays, and what is found wrong before."""

import re
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from datasets.info import DatasetInfosDict
from datasets.utils.metadata import MetadataConfigs
from huggingface_hub import DatasetCardData

import lemma_hf
from lemma_hf.errors import DataError
from lemma_hf.hub.artifact import path_matches
from lemma_hf.hub.checks import check, head_faults
from lemma_hf.hub.dataset import PICTURE, dataset_artifact
from lemma_hf.hub.picture import error_picture


@pytest.fixture
def folder(tmp_path):
    """The dataset that ships, to be spoiled."""
    return shutil.copytree(lemma_hf.DATASET_DIR, tmp_path / "rows")


def contents(artifact):
    return {file.path: file.read() for file in artifact.files}


def test_rows_settings_counts_and_a_picture_go_along_and_nothing_else(folder):
    (folder / "notes.txt").write_text("mine")
    (folder / "fix_and_continue" / "draft.csv").write_text("mine")
    artifact = dataset_artifact(folder, "me/lemma")
    parquet = {path.relative_to(folder).as_posix() for path in folder.rglob("*.parquet")}
    assert contents(artifact).keys() == parquet | {"funnel.json", "settings.json", PICTURE}
    assert artifact.left_out.keys() == {"notes.txt", "fix_and_continue/draft.csv"}
    check(artifact)


def test_the_same_folder_gives_the_same_bytes(folder):
    first, second = dataset_artifact(folder, "me/lemma"), dataset_artifact(folder, "me/lemma")
    assert contents(first) == contents(second)
    assert first.card == second.card


def test_the_card_has_the_name_on_the_hub_and_the_picture_in_words(folder):
    card = dataset_artifact(folder, "me/lemma").card
    assert "PATH_OR_HUB_NAME" not in card
    assert 'load_dataset("me/lemma", "fix_and_continue", split="train")' in card
    assert re.search(r"!\[errors by type: calculation \d+, .*\]\(error_types\.png\)", card)
    assert contents(dataset_artifact(folder, "me/lemma"))[PICTURE].startswith(b"\x89PNG")


def test_the_picture_is_the_same_whatever_style_the_publisher_has_chosen():
    import matplotlib

    errors = {("calculation", "fix_and_continue"): 3, ("counting", "fresh_and_restart"): 1}
    plain = error_picture(errors)
    with matplotlib.rc_context({"savefig.facecolor": "black", "text.color": "white", "font.size": 20}):
        assert error_picture(errors) == plain
    assert error_picture({("calculation", "fix_and_continue"): 4}) != plain


def test_the_counts_of_the_picture_are_those_of_the_rows(folder):
    card = dataset_artifact(folder, "me/lemma").card
    words = re.search(r"errors by type: (.*)\]", card)[1]
    said = {name: int(count) for name, count in (each.split() for each in words.split(", "))}
    table = dict(re.findall(r"^\| (\w+) \| ([\d,]+) \|$", card.partition("| error type |")[2].split("\n\n")[0], re.M))
    assert said == {name: int(count.replace(",", "")) for name, count in table.items()}
    assert sum(said.values()) == 2000


def test_datasets_and_the_hub_read_the_head(folder):
    head = yaml.safe_load(dataset_artifact(folder, "me/lemma").card.split("---\n")[1])
    data = DatasetCardData(**head)
    assert list(MetadataConfigs.from_dataset_card_data(data)) == ["default", "fix_and_continue", "fresh_and_restart"]
    infos = DatasetInfosDict.from_dataset_card_data(data)
    assert {name: split.num_examples for name, split in infos["default"].splits.items()} == {"train": 1800, "test": 200}
    assert list(head_faults(head, "dataset")) == []


def test_sources_have_their_licences_and_stages_their_counts(folder):
    card = dataset_artifact(folder, "me/lemma").card
    assert "| world/stories | 2,000 | apache-2.0, made by lemma-hf |" in card
    assert "| inject | 2,600 | 2,130 | cannot inject 470 |" in card


def test_without_matplotlib_there_is_no_picture_and_that_is_said(folder, monkeypatch, capsys):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr("lemma_hf.hub.picture.import_module", missing)
    artifact = dataset_artifact(folder, "me/lemma")
    assert PICTURE not in contents(artifact)
    assert PICTURE not in artifact.card
    assert "lemma-hf[plot]" in capsys.readouterr().out


def test_a_lost_file_is_noticed(folder):
    next(folder.glob("fix_and_continue/train-*")).unlink()
    with pytest.raises(DataError, match=r"its card promises 1,800 rows of default/train, and there are 1,3\d\d"):
        dataset_artifact(folder, "me/lemma")


def test_rows_that_no_config_of_the_card_reads_are_noticed(folder):
    # 1,800 rows in all, of which the first half of the fixes would be there once more, as a split of its own.
    path = sorted(folder.glob("fix_and_continue/train-*"))[0]
    shutil.copy(path, path.with_name("dev-00000-of-00001.parquet"))
    with pytest.raises(DataError, match="promises no number of rows of default/dev, and there are 452"):
        dataset_artifact(folder, "me/lemma")


@pytest.mark.parametrize(
    ("part", "instead"),
    [
        (r"    num_examples: 1800\n", ""),
        (r"num_examples: 1800", "num_examples: many"),
        (r"dataset_info:.*?\n---\n", "---\n"),
        (r"dataset_info:.*?\n---\n", "dataset_info: none\n---\n"),
        (r"configs:.*?\ndataset_info", "dataset_info"),
    ],
)
def test_a_card_whose_head_was_edited_is_refused(folder, part, instead):
    card = folder / "README.md"
    text, times = re.subn(part, instead, card.read_text(), count=1, flags=re.DOTALL)
    card.write_text(text)
    assert times == 1
    with pytest.raises(DataError, match=r"promises no number of rows of default/t.* the card was edited"):
        dataset_artifact(folder, "me/lemma")


@pytest.mark.parametrize(
    ("column", "value"), [("error_types", [99]), ("error_strategies", [0, 1]), ("error_types", None)]
)
def test_labels_that_fit_nothing_are_refused(folder, column, value):
    path = next(folder.glob("fix_and_continue/train-*"))
    table = pq.read_table(path, partitioning=None)
    place, field = table.schema.get_field_index(column), table.schema.field(column)
    pq.write_table(table.set_column(place, field, pa.array([value] * len(table), field.type)), path)
    with pytest.raises(DataError, match="a row has unknown labels, or not as many types as strategies"):
        dataset_artifact(folder, "me/lemma")


def test_a_broken_page_is_noticed_in_any_column(folder):
    path = next(folder.glob("fix_and_continue/train-*"))
    group = pq.ParquetFile(path).metadata.row_group(0)
    prompt = next(each for each in map(group.column, range(group.num_columns)) if each.path_in_schema == "prompt")
    data = bytearray(path.read_bytes())
    middle = prompt.data_page_offset + prompt.total_compressed_size // 2
    data[middle : middle + 200] = bytes(200)
    path.write_bytes(data)
    with pytest.raises(DataError, match="cannot be read as Parquet"):
        dataset_artifact(folder, "me/lemma")


def test_rows_with_other_columns_are_refused(folder):
    path = next(folder.glob("fix_and_continue/train-*"))
    pq.write_table(pq.read_table(path).drop_columns(["span_ends"]), path)
    with pytest.raises(DataError, match=r"its columns are not ours \(missing: span_ends"):
        dataset_artifact(folder, "me/lemma")


def test_a_file_that_is_no_parquet_is_refused(folder):
    next(folder.glob("fix_and_continue/train-*")).write_bytes(b"PAR1")
    with pytest.raises(DataError, match="cannot be read as Parquet"):
        dataset_artifact(folder, "me/lemma")


def test_an_empty_dataset_is_refused(folder):
    for path in folder.rglob("*.parquet"):
        path.unlink()
    with pytest.raises(DataError, match="there are no rows in it"):
        dataset_artifact(folder, "me/lemma")


def test_a_folder_of_somebody_else_is_told_what_to_do(tmp_path):
    with pytest.raises(DataError, match=r"no such folder; make a dataset with `lemma-hf make-dataset`"):
        dataset_artifact(tmp_path / "nowhere", "me/lemma")
    (tmp_path / "rows.jsonl").write_text("{}\n")
    with pytest.raises(DataError, match="write trajectories of your own with"):
        dataset_artifact(tmp_path, "me/lemma")
    (tmp_path / "README.md").write_text("---\ntags: [mine]\n---\n# Mine\n")
    with pytest.raises(DataError, match="was not written by lemma-hf"):
        dataset_artifact(tmp_path, "me/lemma")
    (tmp_path / "README.md").write_text("---\ntags:\n---\n# Mine\n")
    with pytest.raises(DataError, match="was not written by lemma-hf"):
        dataset_artifact(tmp_path, "me/lemma")


def test_stale_shards_of_ours_are_owned_and_a_persons_files_are_not(folder):
    owned = dataset_artifact(folder, "me/lemma").owned

    def goes(path):
        return any(path_matches(path, pattern) for pattern in owned)

    assert goes("fix_and_continue/train-00002-of-00003.parquet") and goes("right/train-00000-of-00001.parquet")
    mine = ["fix_and_continue/mine.parquet", "fix_and_continue/more/train-00000-of-00001.parquet", "data/train.parquet"]
    assert not any(map(goes, [*mine, PICTURE, "README.md"]))
