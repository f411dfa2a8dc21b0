"""Settings of a recipe: a section of a YAML file, overridden by the command line.

One file describes one experiment; each recipe reads the section that has its name:

    make_dataset: {world: stories, problems: 1200}
    sft: {learning_rate: 1.0e-3, error_weight: 0.0}
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

from lemma_hf.errors import ConfigError, LemmaError


def read_section(path: str | Path, section: str) -> dict[str, Any]:
    """Read the settings under `section` of a YAML file.

    Raises:
        ConfigError: if the file is missing, is no YAML, or has no such section.
    """
    import yaml

    try:
        found = yaml.safe_load(Path(path).read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror or error})") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: is not valid YAML: {error}") from None
    if not isinstance(found, dict) or not isinstance(found.get(section), dict):
        have = ", ".join(map(str, found)) if isinstance(found, dict) else "no sections"
        raise ConfigError(f"{path}: need a section `{section}:` with settings in it, found {have}")
    return {str(key): value for key, value in found[section].items()}


def parse_settings(
    kinds: Sequence[type], section: str, description: str = "", argv: Sequence[str] | None = None
) -> Any:
    """Fill dataclasses from `--config FILE` (its `section`), then from `--field value` on the command line.

    Args:
        kinds: the dataclasses, fields of which become options (through transformers' `HfArgumentParser`).
        section: which section of the file is read.
        argv: the command line, by default this process's own.

    Returns:
        One filled instance for each of `kinds`, as a tuple.

    Raises:
        ConfigError: on a file that cannot be read or an unknown setting, naming the nearest known one.
    """
    from transformers import HfArgumentParser

    first = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    first.add_argument("--config")
    chosen, rest = first.parse_known_args(argv)
    settings = read_section(chosen.config, section) if chosen.config else {}
    known = [item.name for kind in kinds for item in fields(kind) if item.init]
    for name in settings:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f": did you mean `{near[0]}`?" if near else f"; known are {', '.join(sorted(known))}"
            raise ConfigError(f"{chosen.config}: `{section}` has no setting `{name}`{hint}")
    parser = HfArgumentParser(kinds, description=description, allow_abbrev=False, formatter_class=_Help)
    parser.add_argument("--config", help=f"a YAML file with a section `{section}:`", default=chosen.config)
    for action in parser._actions:
        if action.dest in settings:
            action.required = False
    parser.set_defaults(**settings)
    try:
        *filled, unknown = parser.parse_args_into_dataclasses(args=rest, return_remaining_strings=True)
    except ValueError as error:
        raise ConfigError(str(error)) from error
    if unknown:
        # Without its value, which may be a key.
        raise ConfigError(f"nobody knows the option {unknown[0].split('=')[0]!r}: `--help` lists those of this recipe")
    return tuple(filled[: len(kinds)])


class _Help(argparse.ArgumentDefaultsHelpFormatter, argparse.RawDescriptionHelpFormatter):
    """Help with the default after each option, and the commands of a recipe's description on lines of their own."""


def run_recipe(main: Callable[[], int | None]) -> NoReturn:
    """Run a recipe; an error raised on purpose becomes a message and exit status 1, without a traceback.

    What `main` returns is the exit status, 0 for None; after Ctrl-C it is 130, as shells have it.
    """
    try:
        status = main()
    except LemmaError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        print("stopped: run the same command again to go on", file=sys.stderr)
        sys.exit(130)
    sys.exit(status or 0)
