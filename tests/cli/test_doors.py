"""The commands of `lemma-hf`: each is its recipe, is loaded when it is called, and ends with the recipe's status."""

import ast
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest
from accelerate.commands.launch import launch_command_parser

from lemma_hf.cli import launch, main
from lemma_hf.cli.doors import DOORS, Door
from lemma_hf.errors import ConfigError
from lemma_hf.settings import EXIT_UNANSWERED, shipped_configs
from lemma_hf.utils import extras

RECIPES = Path(__file__).resolve().parents[2] / "recipes"
SCRIPTS = {path.stem: path for path in RECIPES.glob("*.py") if path.stem != "__init__"}
BY_RECIPE = {door.recipe: door for door in DOORS.values() if door.recipe}
NEEDED = {
    "make-dataset": ["--output_dir", "out"],
    "sweep": ["--config", "mask_study"],
    "rounds": ["--config", "rounds_world"],
    "publish": ["all"],
}
"""What a command asks for before it looks at other options."""
HEAVY = ("torch", "transformers", "datasets", "trl", "accelerate", "sympy", "evaluate", "numpy")


def test_every_recipe_has_a_door_of_its_name():
    assert BY_RECIPE.keys() == SCRIPTS.keys()
    assert {name: door.name for name, door in BY_RECIPE.items() if door.name != name.replace("_", "-")} == {
        "miniature": "demo"
    }
    assert all(name == door.name for name, door in DOORS.items())


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_recipe_is_a_main_that_takes_a_command_line(name):
    tree = ast.parse(SCRIPTS[name].read_text("utf-8"))
    (main_,) = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "main")
    assert ast.unparse(main_.args) == "argv: Sequence[str] | None=None"
    assert ast.unparse(tree.body[-1]) == "if __name__ == '__main__':\n    run_recipe(main)"


@pytest.mark.parametrize("name", BY_RECIPE)
def test_the_help_of_a_door_is_that_of_its_recipe_under_its_own_name(name, capsys):
    before = list(sys.argv)
    with pytest.raises(SystemExit) as ended:
        main([BY_RECIPE[name].name, "--help"])
    printed = capsys.readouterr().out
    assert ended.value.code == 0 and f"usage: lemma-hf {BY_RECIPE[name].name} " in printed
    doc = ast.get_docstring(ast.parse(SCRIPTS[name].read_text("utf-8")))
    assert doc and (doc.splitlines()[0] in printed or name == "make_dataset")
    assert sys.argv == before


def test_help_and_configs_are_light_and_name_every_door_in_a_line():
    code = (
        "import sys; from lemma_hf.cli import main\n"
        "for arguments in (['configs'], ['--help']):\n"
        "    try: main(arguments)\n"
        f"    except SystemExit: pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ | {"COLUMNS": "80"}
    )
    *printed, loaded = done.stdout.splitlines()
    assert loaded == "[]"
    for door in DOORS.values():
        assert f"  {door.name:<14}{door.about}" in printed
    assert max(map(len, printed[printed.index("options:") :])) <= 80


def test_an_option_that_is_unknown_is_refused_before_anything_heavy_is_imported():
    code = (
        "import sys; from lemma_hf.cli import main; from lemma_hf.cli.doors import DOORS\n"
        "for name in DOORS:\n"
        f"    try: print(name, main([name, *{NEEDED!r}.get(name, []), '--no_such_option', '1']))\n"
        "    except SystemExit as ended: print(name, ended.code)\n"
        "    print([each for each in ('torch', 'trl', 'datasets', 'accelerate', 'sympy') if each in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert lines[1::2] == ["[]"] * len(DOORS)
    for name, line in zip(DOORS, lines[::2], strict=True):
        assert line == f"{name} {1 if DOORS[name].recipe else 2}"  # 2: as argparse ends


@pytest.mark.parametrize(
    ("ends", "status"),
    [
        ("return None", 0),
        (f"return {EXIT_UNANSWERED}", 3),
        ("raise ConfigError('what was wrong')", 1),
        ("raise KeyboardInterrupt", 130),
    ],
)
def test_the_status_is_the_recipes(ends, status, monkeypatch, capsys):
    recipe = ModuleType("a_recipe")
    exec(f"from lemma_hf.errors import ConfigError\ndef main(argv):\n    print(argv)\n    {ends}", recipe.__dict__)
    monkeypatch.setitem(sys.modules, "a_recipe", recipe)
    door = Door("demo", "", module="a_recipe", default_config="demo")
    monkeypatch.setitem(DOORS, "demo", door)
    assert main(["demo", "--seeds", "1"]) == status
    printed = capsys.readouterr()
    assert printed.out == "['--config', 'demo', '--seeds', '1']\n"
    assert {1: "error: what was wrong\n", 130: "stopped: run the same command again to go on\n"}.get(
        status, ""
    ) == printed.err


def test_a_config_that_is_given_takes_the_place_of_the_default_one():
    assert DOORS["demo"].arguments(["--config=mine.yaml"]) == ["--config=mine.yaml"]
    assert DOORS["demo"].arguments(["--config", "mine.yaml"]) == ["--config", "mine.yaml"]
    assert DOORS["sft"].arguments([]) == []


def test_without_the_recipes_the_message_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "lemma_hf.recipes", None)
    monkeypatch.delitem(sys.modules, "lemma_hf.recipes.sweep", raising=False)
    assert main(["sweep"]) == 1
    assert "`lemma-hf sweep` has nothing to run: install lemma-hf" in capsys.readouterr().err


def test_configs_are_listed_with_their_commands_and_what_they_are_for(capsys):
    assert main(["configs"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for path in [*RECIPES.glob("configs/*.yaml"), *RECIPES.glob("accelerate/*.yaml")]:
        (at,) = (number for number, line in enumerate(lines) if line.split()[:1] == [path.stem])
        about = path.read_text("utf-8").splitlines()[0]
        assert about.startswith("# ") and " ".join(lines[at : at + 2]).find(about[2:]) > 0
    (world,) = (line for line in lines if line.split()[:1] == ["world"])
    assert world.split(maxsplit=1)[1] == "make-dataset, sft, publish"


def test_a_config_has_one_name():
    assert not shipped_configs().keys() & shipped_configs("accelerate").keys()
    assert shipped_configs().keys() == {path.stem for path in RECIPES.glob("configs/*.yaml")}


@pytest.mark.parametrize("path", [RECIPES / "configs" / "world.yaml", RECIPES / "accelerate" / "ddp.yaml"])
def test_a_config_is_printed_and_copied_as_it_is_and_nothing_is_overwritten(path, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["configs", "--print", path.stem]) == 0
    assert capsys.readouterr().out == path.read_text("utf-8")
    (tmp_path / "folder").mkdir()
    for place, where in (([], path.name), (["mine.yaml"], "mine.yaml"), (["folder"], f"folder/{path.name}")):
        assert main(["configs", "--copy", path.stem, *place]) == 0
        assert (tmp_path / where).read_bytes() == path.read_bytes()
    (tmp_path / "mine.yaml").write_text("mine: {}\n", "utf-8")
    assert main(["configs", "--copy", path.stem, "mine.yaml"]) == 1
    assert "error: mine.yaml: is there already" in capsys.readouterr().err
    assert (tmp_path / "mine.yaml").read_text("utf-8") == "mine: {}\n"
    assert main(["configs", "--copy", path.stem, "no/such/folder.yaml"]) == 1
    assert "cannot be written (No such file" in capsys.readouterr().err


def test_a_config_of_no_such_name_is_refused_with_the_nearest(capsys):
    assert main(["configs", "--print", "wold"]) == 1
    assert "did you mean world?" in capsys.readouterr().err


def test_options_of_the_launcher_that_training_has_too_are_the_trainings(capsys):
    with pytest.raises(SystemExit):
        main(["sft", "--help"])
    trainings = set(re.findall(r"(?<![\w-])--\w[\w-]*", capsys.readouterr().out.partition("usage: ")[2]))
    both = {action.dest for action in launch_command_parser()._actions if trainings.intersection(action.option_strings)}
    assert both == set(launch._OURS) - {"module", "no_python"}


def test_launch_options_are_taken_out_from_anywhere():
    ddp = str(shipped_configs("accelerate")["ddp"])
    given = [
        "--accelerate=ddp",
        "--config",
        "world",
        "--num-processes=2",
        "--multi_gpu",
        "--debug",
        "x",
        "--mixed_precision",
        "no",
    ]
    assert launch.split_options(given) == (
        ["--config_file", ddp, "--num-processes=2", "--multi_gpu", "--mixed_precision", "no"],
        ["--config", "world", "--debug", "x"],
    )
    assert launch.split_options(["--accelerate_config", "ddp"]) == (["--config_file", ddp], [])


@pytest.mark.parametrize("given", [["--accelerate"], ["--accelerate", "--config", "world"], ["--accelerate="]])
def test_accelerate_without_a_config_is_refused(given):
    with pytest.raises(ConfigError, match="--accelerate needs a file, or one of ddp, fsdp2, zero2, zero3"):
        launch.split_options(given)


@pytest.mark.parametrize(
    "command",
    [
        ["sft", "--accelerate", "zero2", "--config", "world"],
        ["sft", "--config", "world", "--use_deepspeed"],
        ["sweep", "--config", "mask_study", "--output_dir", "out", "--accelerate", "zero3 --num_processes 2"],
    ],
)
def test_without_deepspeed_the_message_says_what_to_install(command, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == "deepspeed" else find_spec(name))
    assert main(command) == 1
    printed = capsys.readouterr()
    assert "error: this needs deepspeed, which is not installed: pip install 'lemma-hf[deepspeed]'" in printed.err
    assert not printed.out and not list(tmp_path.iterdir())
