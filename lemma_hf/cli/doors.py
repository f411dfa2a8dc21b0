"""Table of the commands of `lemma-hf`: name, one line of help, and the module that does the work.

A module is imported when its command is called, and not before; its `main(argv)` is all that it needs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module

from lemma_hf.errors import MissingDependencyError

__all__ = ["DOORS", "RECIPES", "Door"]

RECIPES = "lemma_hf.recipes"
"""The package of the recipes: the folder `recipes/` of the checkout."""


@dataclass(frozen=True, slots=True)
class Door:
    """A command: its name, its line of help, and where its `main` is."""

    name: str
    about: str
    """Its line in `lemma-hf --help`."""
    recipe: str = ""
    """The recipe that it runs, which is also the section of a config that it reads; empty where it runs none."""
    module: str = ""
    """The module of its `main`, if that is not the recipe's."""
    default_config: str = ""
    """The value of `--config`, where none is given."""

    def main(self) -> Callable[[Sequence[str]], int | None]:
        """Import the function that does the work; it gets the words after the command's name.

        Raises:
            MissingDependencyError: if it is a recipe, and the recipes are not installed.
        """
        try:
            module = import_module(self.module or f"{RECIPES}.{self.recipe}")
        except ModuleNotFoundError as error:
            if not (error.name or "").startswith(RECIPES):
                raise
            raise MissingDependencyError(
                f"{RECIPES} is not installed, so that `lemma-hf {self.name}` has nothing to run: install lemma-hf "
                "(once more: `pip install -e .` in a checkout)"
            ) from None
        main: Callable[[Sequence[str]], int | None] = module.main
        return main

    def arguments(self, given: Sequence[str]) -> list[str]:
        """Words of the command line, with the default config where none is given.

        Example:
            >>> Door("demo", "", recipe="miniature", default_config="demo").arguments(["--seeds", "1"])
            ['--config', 'demo', '--seeds', '1']
        """
        has_one = any(word.partition("=")[0] == "--config" for word in given)
        return [*([] if has_one or not self.default_config else ["--config", self.default_config]), *given]


DOORS = {
    door.name: door
    for door in (
        Door("make-dataset", "make a dataset of self-corrections", "make_dataset"),
        Door("sft", "train a model on it, in one process or several", "sft", module="lemma_hf.cli.launch"),
        Door("rounds", "train a model on its own mistakes, round after round", "rounds"),
        Door("sweep", "train once for every combination of some settings", "sweep"),
        Door("score", "score a model on benchmarks, and its self-corrections", "score"),
        Door("publish", "put a dataset, metrics, a model or its scores on the Hub", "publish"),
        Door(
            "demo",
            "compare SFT and LEMMA on a small model, on a CPU",
            "miniature",
            default_config="demo",
        ),
        Door("grade", "grade the model outputs in a JSONL, CSV or Parquet file", module="lemma_hf.cli.grade"),
        Door(
            "analyse",
            "find the first wrong step of each solution in a file",
            module="lemma_hf.cli.analyse",
        ),
        Door("show", "look at trajectories or outputs, colored by span and weight", module="lemma_hf.cli.show"),
        Door("audit", "audit self-correcting data: do its turns mend what is wrong", module="lemma_hf.cli.audit"),
        Door("export", "write trajectories as the rows of another trainer", module="lemma_hf.cli.export"),
        Door("doctor", "say which versions are installed, and which were tested", module="lemma_hf.cli.doctor"),
        Door("configs", "list, print or copy the configs that come with lemma-hf", module="lemma_hf.cli.configs"),
    )
}
"""All commands, in the order in which they are used."""
