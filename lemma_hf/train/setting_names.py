"""Names of the settings of `recipes/sft.py`, known before torch and trl are imported: a misspelled one ends at once."""

import argparse
from collections.abc import Sequence
from functools import cache

from lemma_hf.settings import read_section
from lemma_hf.train.old_names import RENAMED
from lemma_hf.utils.class_fields import field_names
from lemma_hf.utils.names import refuse_unknown_option, refuse_unknown_settings, unknown_options

_CLASSES = {
    "lemma_hf.train.config": ("LemmaSFTConfig",),
    "lemma_hf.train.script.settings": ("LemmaScriptArguments", "LemmaModelConfig"),
}
"""The dataclasses of `lemma_hf.train.script.SETTINGS`, by the module of each."""


@cache
def sft_names() -> frozenset[str]:
    """Names of all settings, old ones too; empty where the sources of trl or transformers cannot be read."""
    try:
        found = [field_names(module, name) for module, names in _CLASSES.items() for name in names]
    except LookupError:
        return frozenset()
    return frozenset(RENAMED).union(*found)


def refuse_unknown(argv: Sequence[str]) -> None:
    """Refuse a command line of the script with a name in it, or in the config that it names, that is no setting.

    Where the names cannot be known without importing trl, nothing is refused here: the script does it later.

    Raises:
        ConfigError: with the nearest known name; also if the config cannot be read.
    """
    if not sft_names():
        return
    for option in unknown_options(argv, sft_names()):
        refuse_unknown_option(option, sft_names())
    first = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    first.add_argument("--config")
    if file := first.parse_known_args(argv)[0].config:
        refuse_unknown_settings(read_section(file, "sft"), sft_names(), file, "sft")
