"""Every command in the documents names a recipe, a door, a configuration and options that exist; cheap ones are run."""

import json
import re
import shlex
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import cache
from importlib import import_module
from io import StringIO
from itertools import pairwise
from unittest.mock import patch

import pytest
from docs_text import DOCUMENTS, ROOT, commands, name_of

from lemma_hf.cli import main

COMMANDS = [(name_of(path), command) for path in DOCUMENTS for command in commands(path.read_text("utf-8"))]
RECIPE_OF = {"make-dataset": "make_dataset", "demo": "miniature"} | {
    name: name for name in ("sft", "rounds", "sweep", "score", "publish")
}
"""Door → the recipe behind it."""
OTHERS = re.compile(
    r"(for|done|name=|export|git|cd|hf|pip|vllm|lm_eval|accelerate launch (--cpu|-m)"
    r"|(fresh/bin/|python -m )?(pip|build|twine|pytest|venv|lemma_hf)\b|--|RAY_ADDRESS=auto$)"
)
"""Commands that are not ours, or parts of one."""
PLACEHOLDER = re.compile(r"[A-Z_]+(\.yaml)?|…")


def options_in(show_help: Callable[[], object]) -> set[str]:
    """The options that a `--help` lists, with underscores."""
    said = StringIO()
    with redirect_stdout(said), pytest.raises(SystemExit) as left:
        show_help()
    assert not left.value.code, said.getvalue()
    return {option.replace("-", "_") for option in re.findall(r"(?<![\w-])--?(\w[\w-]*)", said.getvalue())}


@cache
def options_of_recipe(recipe: str) -> set[str]:
    with patch.object(sys, "argv", [f"{recipe}.py", "--help"]):
        found = options_in(import_module(f"lemma_hf.recipes.{recipe}").main)
    return found | options_of_recipe("sft") if recipe == "sweep" else found  # it passes them on


@cache
def options_of_door(door: str) -> set[str]:
    found = options_in(lambda: main([door, "--help"]))
    return found | options_of_recipe(RECIPE_OF[door]) if door in RECIPE_OF else found


def options_in_source(path: str) -> set[str]:
    return {name.replace("-", "_") for name in re.findall(r'"--?(\w[\w-]*)"', (ROOT / path).read_text("utf-8"))}


def check_options(words: list[str], known: set[str]) -> None:
    given = [re.sub(r"=.*", "", word) for word in words if re.match(r"--?[a-zA-Z]", word)]
    assert [word for word in given if word.lstrip("-").replace("-", "_") not in known] == []


def check_files(words: list[str]) -> None:
    """Configurations by name or path, launch configurations, and the names that stand for something of the reader's."""
    folders = {"--config": "configs", "--print": "configs", "--copy": "configs"}
    folders |= {"--accelerate": "accelerate", "--config_file": "accelerate"}
    for option, value in pairwise(words):
        if option in folders and not PLACEHOLDER.fullmatch(value):
            assert (ROOT / value).is_file() or (ROOT / "recipes" / folders[option] / f"{value}.yaml").is_file(), value


@pytest.mark.parametrize(("document", "command"), COMMANDS)
def test_a_command_is_one_that_exists(document, command):
    words = shlex.split(command)
    check_files(words)
    if found := re.search(r"(?:python|accelerate launch.*?) recipes/(\w+)\.py", command):
        behind = words[words.index(f"recipes/{found[1]}.py") + 1 :]
        check_options(behind, options_of_recipe(found[1]))
    elif found := re.search(r"(?:^|\s|/)lemma-hf ([\w-]+)", command):
        check_options(words[words.index(found[1]) + 1 :], options_of_door(found[1]))
    elif found := re.match(r"python (benchmarks/\w+\.py)", command):
        check_options(words[2:], options_in_source(found[1]))
    elif words[0] == "make":
        targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
        assert [word for word in words[1:] if word not in targets] == []
    else:
        assert OTHERS.match(command), f"{document}: `{command}` is checked by no rule; add one, or name it in OTHERS"


def test_an_option_that_is_unknown_is_found():
    with pytest.raises(AssertionError):
        check_options(shlex.split("--config world --sede 7"), options_of_recipe("make_dataset"))
    with pytest.raises(AssertionError):
        check_files(["--config", "wrold"])


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder with the files that the commands about grading name."""
    import pandas as pd

    rows = [{"id": "ID", "output": "The answer is: 18", "reference": "18"}, {"output": "#### 7", "reference": "8"}]
    (tmp_path / "outputs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    pd.DataFrame(rows).assign(id=["a", "b"]).to_parquet(tmp_path / "outputs.parquet")
    monkeypatch.chdir(tmp_path)
    main(["grade", "outputs.parquet", "-o", "graded_last_week.parquet"])
    return tmp_path


CHEAP = re.compile(r"lemma-hf (grade outputs\.\w+ .*|doctor|configs.*|show lemma)")


@pytest.mark.parametrize("command", sorted({command for _, command in COMMANDS if CHEAP.fullmatch(command)}))
def test_a_cheap_command_runs(command, folder):
    assert main(shlex.split(command)[1:]) == 0
