from pathlib import Path

import pytest

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.pipeline.run import open_run, read_settings


def opened(folder: Path, *options: str) -> None:
    with open_run(read_settings("x", ["--world", "stories", "--output_dir", str(folder), *options])):
        pass


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--max_rows", "-1"), "`max_rows`: need 1 or more, found -1"),
        (("--test_share", "nan"), "`test_share`: need 0 or more and less than 1, found nan"),
        (("--test_share", "1"), "`test_share`: need 0 or more and less than 1, found 1"),
        (("--top_p", "7"), "`top_p`: need 0 or more and 1 at most, found 7"),
        (("--budget_usd", "nan"), "`budget_usd`: need 0 or more, found nan"),
        (("--budget_usd", "-3"), "`budget_usd`: need 0 or more, found -3"),
        (("--samples", "0"), "`samples`: need 1 or more, found 0"),
        (("--temperature", "inf"), "`temperature`: need 0 or more, found inf"),
    ],
)
def test_a_number_out_of_range_is_refused_before_anything_is_loaded(
    tmp_path: Path, options: tuple[str, ...], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        opened(tmp_path / "out", *options)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_something_else_and_a_link_are_refused_before_anything_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("x")
    with pytest.raises(DataError, match=r"mine: is there already and was not written by"):
        opened(tmp_path / "mine")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigError, match=r"`output_dir`: .*link is a link, which would be replaced"):
        opened(tmp_path / "link")
