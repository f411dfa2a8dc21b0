"""`lemma-hf configs`: list, print or copy the configs that come with the recipes."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from lemma_hf.cli.doors import DOORS
from lemma_hf.errors import ConfigError
from lemma_hf.settings import find_config, shipped_configs

__all__ = ["main"]


def main(argv: Sequence[str]) -> int:
    """List the configs, or print or copy one."""
    parser = argparse.ArgumentParser(prog="lemma-hf configs", description=__doc__)
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--print", metavar="NAME", help="print one, as it stands")
    chosen.add_argument(
        "--copy", nargs="+", metavar=("NAME", "PATH"), help="write one to PATH (default: NAME.yaml), to be edited"
    )
    options = parser.parse_args(argv)
    if options.print:
        print(_shipped(options.print).read_text("utf-8"), end="")
    elif options.copy:
        name, *path = options.copy
        if len(path) > 1:
            parser.error("--copy takes a name and at most one path")
        _copy(_shipped(name), Path(path[0] if path else f"{name}.yaml"))
    else:
        print(_list())
    return 0


def _list() -> str:
    """List the name, the commands with a section, and the first line of each config."""
    lines = ["lemma-hf COMMAND --config NAME"]
    for name, path in shipped_configs().items():
        lines += [f"  {name:<18}{', '.join(_commands(path))}", f"  {'':<18}{_first_comment(path)}"]
    lines += ["", "lemma-hf sft --accelerate NAME"]
    for name, path in shipped_configs("accelerate").items():
        lines.append(f"  {name:<18}{_first_comment(path)}")
    return "\n".join([*lines, "", "lemma-hf configs --print NAME; lemma-hf configs --copy NAME [PATH]"])


def _commands(path: Path) -> list[str]:
    import yaml

    sections = yaml.safe_load(path.read_text("utf-8"))
    return [door.name for door in DOORS.values() if door.recipe in sections]


def _first_comment(path: Path) -> str:
    """First line of a config, without its `# `.

    Example:
        >>> _first_comment(shipped_configs("accelerate")["ddp"])
        'Every GPU holds the whole model and its optimizer: the fastest where that fits.'
    """
    return path.read_text("utf-8").partition("\n")[0].removeprefix("# ")


def _shipped(name: str) -> Path:
    """Find a shipped config for accelerate or a recipe; a file on disk is refused."""
    accelerate = shipped_configs("accelerate")
    return accelerate.get(name) or shipped_configs().get(name) or find_config(name)


def _copy(source: Path, path: Path) -> None:
    """Write a copy of a config.

    Raises:
        ConfigError: if there is such a file already, or it cannot be written.
    """
    place = path / source.name if path.is_dir() else path
    try:
        with place.open("x", encoding="utf-8") as file:
            file.write(source.read_text("utf-8"))
    except FileExistsError:
        raise ConfigError(f"{place}: is there already; name another path, or delete it") from None
    except OSError as error:
        raise ConfigError(f"{place}: cannot be written ({error.strerror or error})") from None
    print(f"written: {place}")
