"""Settings of a recipe: a section of a YAML file, overridden by the command line.

One file describes one experiment; each recipe reads the section that has its name:

    make_dataset: {world: stories, problems: 1200}
    sft: {learning_rate: 1.0e-3, error_weight: 0.0}
"""

import argparse
import os
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from typing import Any, NoReturn

from lemma_hf.errors import ConfigError, LemmaError
from lemma_hf.utils.extras import extras_explained
from lemma_hf.utils.names import refuse_unknown_option, refuse_unknown_settings
from lemma_hf.utils.pipes import READER_LEFT, reader_may_leave
from lemma_hf.utils.redaction import escape_invisible
from lemma_hf.utils.storage import storage_explained

EXIT_UNANSWERED = 3
"""Exit status of a command that came to its end, though some calls got no reply."""
_INTERRUPTED = 130
"""The status that a shell gives a command which Ctrl-C ended: 128 + SIGINT."""


def shipped_configs(folder: str = "configs") -> dict[str, Path]:
    """The YAML files that come with the recipes, by their names; empty where `lemma_hf.recipes` is not installed.

    Args:
        folder: `configs`, what `--config` reads, or `accelerate`, what `accelerate launch --config_file` reads.
    """
    try:
        place = resources.files("lemma_hf.recipes") / folder
    except ModuleNotFoundError:
        return {}
    found = [Path(str(file)) for file in place.iterdir() if file.name.endswith(".yaml")]
    return {path.stem: path for path in sorted(found)}


def find_config(name: str | Path, folder: str = "configs") -> Path:
    """The file that `--config NAME_OR_FILE` means: a file on disk before one that comes with the recipes.

    What ends in `.yaml` or `.yml`, or has a folder in it, is a file, whether it is there or not.

    Args:
        folder: see `shipped_configs`.

    Raises:
        ConfigError: if there is neither such a file nor such a name; names the nearest ones.

    Example:
        >>> find_config("my/experiment.yaml").as_posix()
        'my/experiment.yaml'
        >>> find_config("world").name
        'world.yaml'
    """
    path = Path(name)
    if path.is_file() or path.suffix in (".yaml", ".yml") or len(path.parts) > 1:
        return path
    shipped = shipped_configs(folder)
    if found := shipped.get(str(name)):
        return found
    if not shipped:
        raise ConfigError(f"{name}: is no file here, and no configs are installed with this copy of lemma-hf")
    near = get_close_matches(str(name), shipped, n=3)
    known = f"did you mean {' or '.join(near)}?" if near else f"those that come with lemma-hf: {', '.join(shipped)}."
    raise ConfigError(f"{name}: is neither a file here nor the name of a config; {known} `lemma-hf configs` lists them")


def read_section(path: str | Path, section: str) -> dict[str, Any]:
    """Read the settings under `section` of a YAML file.

    Args:
        path: the file, or the name of one that comes with the recipes (see `find_config`).
        section: its name, such as `sft`.

    Raises:
        ConfigError: if the file is missing, is no YAML, or has no such section.
    """
    import yaml

    try:
        found = yaml.safe_load(find_config(path).read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror or error})") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: is not valid YAML: {error}") from None
    if not isinstance(found, dict) or not isinstance(found.get(section), dict):
        have = ", ".join(map(str, found)) if isinstance(found, dict) else "no sections"
        raise ConfigError(f"{path}: need a section `{section}:` with settings in it, found {have}")
    return {str(key): value for key, value in found[section].items()}


def parse_settings(
    kinds: Sequence[type],
    section: str,
    description: str = "",
    argv: Sequence[str] | None = None,
    renamed: Mapping[str, str] | None = None,
) -> Any:
    """Fill dataclasses from `--config FILE` (its `section`), then from `--field value` on the command line.

    Args:
        kinds: the dataclasses, fields of which become options (through transformers' `HfArgumentParser`).
        section: which section of the file is read.
        argv: the command line, by default this process's own.
        renamed: old names of settings and the new ones. The old ones still work, in the file and on the command line;
            one warning names both.

    Returns:
        One filled instance for each of `kinds`, as a tuple.

    Raises:
        ConfigError: on a file that cannot be read, a setting that is given under its old and its new name, or one that
            is not known, naming the nearest known one.
    """
    from transformers import HfArgumentParser

    first = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    first.add_argument("--config")
    chosen, words = first.parse_known_args(argv)
    names = _Renamed(renamed or {})
    settings = names.keys(read_section(chosen.config, section), chosen.config) if chosen.config else {}
    rest = names.options(words)
    names.warn()
    known = [item.name for kind in kinds for item in fields(kind) if item.init]
    refuse_unknown_settings(settings, known, chosen.config, section)
    parser = HfArgumentParser(kinds, description=description, allow_abbrev=False, formatter_class=_Help)
    parser.add_argument(
        "--config", help=f"a YAML file with a section `{section}:`, or the name of a shipped one", default=chosen.config
    )
    for action in parser._actions:
        if action.dest in settings:
            action.required = False
    parser.set_defaults(**settings)
    try:
        *filled, unknown = parser.parse_args_into_dataclasses(args=rest, return_remaining_strings=True)
    except ValueError as error:
        raise ConfigError(str(error)) from error
    if unknown:
        refuse_unknown_option(unknown[0].partition("=")[0], known)
    return tuple(filled[: len(kinds)])


def deprecation_notice(text: str) -> None:
    """Warn of an old form of a setting; of several processes only the first one does.

    A `FutureWarning` is the kind that Python shows to people who run a program; a `DeprecationWarning` it hides.
    """
    if os.environ.get("RANK", "0") == "0":
        warnings.warn(text, FutureWarning, stacklevel=3)


class _Renamed:
    """Old names of settings replaced by the new ones, and which of them were met."""

    def __init__(self, renamed: Mapping[str, str]) -> None:
        self._new = renamed
        self._met: list[str] = []

    def keys(self, settings: Mapping[str, Any], path: str) -> dict[str, Any]:
        """The settings of a file under their new names."""
        for name in settings:
            if name in self._new and self._new[name] in settings:
                raise ConfigError(
                    f"{path}: `{name}` is the old name of `{self._new[name]}`, and both are there: leave `{name}` out"
                )
        return {self._rename(name): value for name, value in settings.items()}

    def options(self, words: Sequence[str]) -> list[str]:
        """A command line with new names: `--dataset x`, `--dataset=x` and `--train-split x` are all seen."""
        return [self._option(word) for word in words]

    def warn(self) -> None:
        """One warning for all old names that were met; none if there were none."""
        if self._met:
            pairs = ", ".join(f"`{old}` is now `{self._new[old]}`" for old in dict.fromkeys(self._met))
            deprecation_notice(f"settings have new names: {pairs}; the old names still work")

    def _option(self, word: str) -> str:
        option, equals, value = word.partition("=")
        name = option.removeprefix("--").replace("-", "_")
        # Values never begin with `--`: argparse would take them for options.
        return f"--{self._rename(name)}{equals}{value}" if option.startswith("--") and name in self._new else word

    def _rename(self, name: str) -> str:
        if name not in self._new:
            return name
        self._met.append(name)
        return self._new[name]


class _Help(argparse.ArgumentDefaultsHelpFormatter, argparse.RawDescriptionHelpFormatter):
    """Help with the default after each option, and the commands of a recipe's description on lines of their own."""


def run_recipe(main: Callable[[], int | None]) -> NoReturn:
    """Run a recipe, and end the process with its `exit_status`."""
    sys.exit(exit_status(main))


def exit_status(main: Callable[[], int | None]) -> int:
    """Run a program, and return its exit status; an error raised on purpose becomes a message without a traceback.

    What `main` returns, 0 for None; 1 after such an error; 130 after Ctrl-C; 141 where all was done, but the reader of
    the output left before its end, as `| head` does. The last two are those that shells have.

    Example:
        >>> exit_status(lambda: None), exit_status(lambda: 3)
        (0, 3)
    """
    with reader_may_leave() as has_left:
        try:
            with extras_explained(), storage_explained():
                status = main() or 0
        except LemmaError as error:
            print(escape_invisible(f"error: {error}"), file=sys.stderr)  # it may quote what a file or a server holds
            status = 1
        except KeyboardInterrupt:
            print("stopped: run the same command again to go on", file=sys.stderr)
            status = _INTERRUPTED
    return status or (READER_LEFT if has_left() else 0)
