"""`lemma-hf sft`: training in this process or, with options of `accelerate launch` among its own, in several.

    lemma-hf sft --config world
    lemma-hf sft --accelerate fsdp2 --num_processes 4 --config llama3_8b

`--accelerate` (or `--accelerate_config`, as in TRL) takes a file for accelerate or the name of one that comes with
lemma-hf. The second command is the same as

    accelerate launch --config_file recipes/accelerate/fsdp2.yaml --num_processes 4 -m lemma_hf.recipes.sft \\
      --config llama3_8b
"""

import ast
import os
import shlex
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from lemma_hf.cli.doors import RECIPES
from lemma_hf.errors import ConfigError
from lemma_hf.experiments.commands import refuse_without_deepspeed
from lemma_hf.settings import find_config, shipped_configs
from lemma_hf.train.setting_names import sft_names
from lemma_hf.utils.class_fields import parsed
from lemma_hf.utils.names import refuse_unknown_option, unknown_options

__all__ = ["main", "split_options"]

_SFT = f"{RECIPES}.sft"
_LAUNCHER = "accelerate.commands.launch"
_CONFIG_NAMES = ("--accelerate", "--accelerate_config", "--accelerate-config")
_OURS = ("help", "debug", "gradient_accumulation_steps", "module", "no_python")
"""Options of the launcher that are not passed to it: three that the training has as well, two that are set here."""


def main(argv: Sequence[str]) -> int | None:
    """Train in this process or, if an option is one of the launcher, replace this process by the launcher."""
    options, rest = split_options(argv)
    if options:
        refuse_without_deepspeed(options)
        _launch([*options, "--quiet", "-m", _SFT, *rest])  # quiet: no traceback of the launcher below our message
    if {"-h", "--help"} & set(argv):
        print(f"{_about()}\n")
    status: int | None = import_module(_SFT).main(rest)
    return status


def _launch(words: Sequence[str]) -> NoReturn:
    print("$", shlex.join(["accelerate", "launch", *words]), file=sys.stderr)
    sys.stdout.flush()
    # In place of this process, so that a signal to it is one to the launcher.
    os.execv(sys.executable, [sys.executable, "-m", _LAUNCHER, *words])


def split_options(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """Split a command's options into those of `accelerate launch` and the others, each in their order.

    Raises:
        ConfigError: if an option belongs to neither of them, or there is no config for accelerate of that name.

    Example:
        >>> split_options(["--config", "world", "--num_processes", "2", "--multi_gpu", "--learning_rate", "1e-5"])
        (['--num_processes', '2', '--multi_gpu'], ['--config', 'world', '--learning_rate', '1e-5'])
    """
    if not _has_others(argv):
        return [], list(argv)
    from accelerate.commands.launch import launch_command_parser

    actions = [action for action in launch_command_parser()._actions if action.dest not in _OURS]
    takes_value = {name: action.nargs != 0 for action in actions for name in action.option_strings}
    options: list[str] = []
    rest: list[str] = []
    words = iter(argv)
    for word in words:
        name, equals, value = word.partition("=")
        if name in _CONFIG_NAMES:
            config = value if equals else next(words, "")
            options += ["--config_file", _config_file(config)]
        elif name.startswith("--") and name in takes_value:
            more = [next(words, "")] if takes_value[name] and not equals else []
            options += [word, *more]
        else:
            rest.append(word)
    return options, rest


def _has_others(argv: Sequence[str]) -> bool:
    """Whether there are options that are none of the training's: then those of the launcher have to be known.

    Both are read in sources first, since the launcher imports torch.

    Raises:
        ConfigError: if an option is none of the launcher's either.
    """
    if not sft_names():
        return True
    others = unknown_options(argv, sft_names())
    for option in others:
        if option not in _CONFIG_NAMES and option.replace("-", "_") not in _launcher_words():
            refuse_unknown_option(option, sft_names())
    return bool(others)


def _launcher_words() -> set[str]:
    """All texts in the source of the launcher, among them its options, with `_` for `-`."""
    texts = (node.value for node in ast.walk(parsed(_LAUNCHER)) if isinstance(node, ast.Constant))
    return {text.replace("-", "_") for text in texts if isinstance(text, str)}


def _config_file(config: str) -> str:
    if not config or config.startswith("--"):
        raise ConfigError(f"--accelerate needs a file, or one of {', '.join(shipped_configs('accelerate'))}")
    return str(find_config(config, "accelerate"))


def _about() -> str:
    names = ", ".join(shipped_configs("accelerate"))
    return (
        "In several processes: lemma-hf sft --accelerate CONFIG [options of `accelerate launch`] [options below]\n"
        f"CONFIG is a file for accelerate, or one of {names}. The same by hand:\n"
        f"accelerate launch --config_file FILE -m {_SFT} [options below]"
    )
