"""Settings: a section of a file, overridden on the command line; mistakes named, without a traceback."""

import subprocess
import sys
import warnings
from dataclasses import dataclass, field

import pytest

from lemma_hf.errors import ConfigError
from lemma_hf.settings import find_config, parse_settings, read_section, shipped_configs


@dataclass
class Example:
    learning_rate: float = field(default=1e-5, metadata={"help": "How fast."})
    name: str = "a"
    many: list[str] = field(default_factory=list)
    flag: bool = False


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "experiment.yaml"
    path.write_text("train: {learning_rate: 1e-3, many: [x, y], flag: true}\nother: {name: b}\n", "utf-8")
    return path


def parse(*argv):
    (settings,) = parse_settings((Example,), "train", argv=argv)
    return settings


def test_without_a_file_the_defaults_hold():
    assert parse() == Example()


def test_the_file_overrides_the_defaults_and_the_command_line_overrides_the_file(config):
    assert parse("--config", str(config)) == Example(1e-3, "a", ["x", "y"], True)
    assert parse("--config", str(config), "--learning_rate", "0.5", "--many", "z").learning_rate == 0.5


def test_each_recipe_reads_its_own_section(config):
    assert read_section(config, "other") == {"name": "b"}


def test_an_unknown_setting_names_the_nearest_known_one(config):
    config.write_text("train: {learning_rat: 1}\n", "utf-8")
    with pytest.raises(ConfigError, match="no setting `learning_rat`: did you mean `learning_rate`"):
        parse("--config", str(config))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("train: [1", "not valid YAML"),
        ("other: {}", "need a section `train:` .* found other"),
        ("- 1", "found no sections"),
        ("", "found no sections"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_what_was_found(config, text, message):
    config.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=message) as caught:
        parse("--config", str(config))
    assert str(config) in str(caught.value)


def test_a_missing_file_is_named():
    with pytest.raises(ConfigError, match=r"nowhere\.yaml: cannot be read \(No such file"):
        parse("--config", "nowhere.yaml")


def test_a_recipe_ends_with_a_message_and_status_1_instead_of_a_traceback():
    code = (
        "from lemma_hf.settings import run_recipe, read_section\n"
        "run_recipe(lambda: read_section('nowhere.yaml', 'sft'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.strip() == "error: nowhere.yaml: cannot be read (No such file or directory)"


def test_a_config_that_comes_with_the_recipes_is_read_by_its_name_unless_a_file_has_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert find_config("world") == shipped_configs()["world"]
    assert read_section("world", "make_dataset")["world"] == "stories"
    (tmp_path / "world").write_text("train: {name: mine}\n", "utf-8")
    assert parse("--config", "world").name == "mine"
    assert find_config("ddp", "accelerate").name == "ddp.yaml"


def test_a_name_that_is_neither_a_file_nor_a_config_is_refused_with_the_nearest_ones():
    with pytest.raises(
        ConfigError, match=r"llama_8b: is neither .*; did you mean llama3_8b.*\? `lemma-hf configs` lists"
    ):
        parse("--config", "llama_8b")
    with pytest.raises(
        ConfigError, match=r"xyz: is neither .*; those that come with lemma-hf: ddp, fsdp2, zero2, zero3"
    ):
        find_config("xyz", "accelerate")


def test_without_the_recipes_a_name_is_refused_and_a_file_still_read(config, monkeypatch):
    monkeypatch.setitem(sys.modules, "lemma_hf.recipes", None)
    assert shipped_configs() == {} and parse("--config", str(config)).flag
    with pytest.raises(ConfigError, match="world: is no file here, and no configs are installed"):
        parse("--config", "world")


RENAMED = {"rate": "learning_rate", "all_of_them": "many"}


def parse_old(*argv):
    """The settings, and the warnings."""
    with warnings.catch_warnings(record=True) as met:
        warnings.simplefilter("always")
        (settings,) = parse_settings((Example,), "train", argv=argv, renamed=RENAMED)
    return settings, [str(warning.message) for warning in met]


@pytest.mark.parametrize("argv", [["--rate", "0.5"], ["--rate=0.5"], ["--learning_rate", "1", "--rate", "0.5"]])
def test_an_old_name_works_on_the_command_line_and_is_named_with_the_new_one(argv):
    settings, (notice,) = parse_old(*argv)
    assert settings == Example(learning_rate=0.5)
    assert notice == "settings have new names: `rate` is now `learning_rate`; the old names still work"


def test_an_old_name_works_in_a_file_and_all_of_them_are_named_once(config):
    config.write_text("train: {rate: 1e-3, all_of_them: [x]}\n", "utf-8")
    settings, (notice,) = parse_old("--config", str(config), "--rate", "0.5", "--all-of-them", "y", "z")
    assert settings == Example(learning_rate=0.5, many=["y", "z"])
    assert "`rate` is now `learning_rate`, `all_of_them` is now `many`;" in notice


def test_new_names_bring_no_notice_and_a_value_that_looks_like_an_old_name_stays(config):
    settings, notices = parse_old("--config", str(config), "--name", "rate", "--many", "rate", "all_of_them")
    assert (settings.name, settings.many, notices) == ("rate", ["rate", "all_of_them"], [])


def test_a_setting_under_both_of_its_names_is_refused(config):
    config.write_text("train: {rate: 1, learning_rate: 2}\n", "utf-8")
    with pytest.raises(ConfigError, match="`rate` is the old name of `learning_rate`, and both are there"):
        parse_old("--config", str(config))


def test_only_the_first_of_several_processes_gives_the_notice(monkeypatch):
    monkeypatch.setenv("RANK", "1")
    assert parse_old("--rate", "0.5") == (Example(learning_rate=0.5), [])
