"""Names that a user has typed: the nearest of those that are known, and refusals of all others."""

from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches

from lemma_hf.errors import ConfigError


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: the nearest known one or, where none is near, all of them.

    Example:
        >>> nearest("gsm-8k", ["gsm8k", "math"]), nearest("xyz", ["gsm8k", "math"])
        ('did you mean `gsm8k`?', 'known are gsm8k, math')
    """
    names = list(known)
    near = get_close_matches(name, names, n=1)
    return f"did you mean `{near[0]}`?" if near else f"known are {', '.join(sorted(names))}"


def unknown_options(words: Sequence[str], known: Collection[str]) -> list[str]:
    """Names of the options in a command line, such as `--learning-rat`, that are none of the known settings.

    Example:
        >>> unknown_options(["--learning-rate", "1", "--no_bf16", "--typo=2"], {"learning_rate", "bf16"})
        ['--typo']
    """
    options = [word.partition("=")[0] for word in words if word.startswith("--")]
    names = {option: option.removeprefix("--").replace("-", "_") for option in options}
    ours = {*known, "config", "help"}
    # `--no_bf16` turns off what is on by default.
    return [option for option, name in names.items() if name not in ours and name.removeprefix("no_") not in ours]


def refuse_unknown_option(option: str, known: Iterable[str]) -> None:
    """Refuse an option by its name alone, for its value may be a key.

    Raises:
        ConfigError: always, with the nearest known option.
    """
    near = get_close_matches(option.removeprefix("--").replace("-", "_"), list(known), n=1)
    hint = f"did you mean --{near[0]}?" if near else "`--help` lists those of this recipe"
    raise ConfigError(f"unknown option {option!r}: {hint}")


def refuse_unknown_settings(settings: Iterable[str], known: Collection[str], file: str, section: str) -> None:
    """Refuse names under a section of a file that are no settings.

    Raises:
        ConfigError: for the first one, with the nearest known name.
    """
    for name in settings:
        if name not in known:
            raise ConfigError(f"{file}: `{section}` has no setting `{name}`: {nearest(name, known)}")
