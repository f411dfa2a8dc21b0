"""What a benchmark changes: how answers are read, never which answer is right."""

from dataclasses import dataclass

from lemma_hf.errors import ConfigError
from lemma_hf.utils.names import nearest


@dataclass(frozen=True, slots=True)
class Policy:
    """How to read the answers of one benchmark."""

    choices: bool = False
    """Answers are the letters A to F of a multiple-choice question."""


_MATH = Policy()
_CHOICES = Policy(choices=True)
_OF_BENCHMARK = {
    **dict.fromkeys(("math", "math500", "gsm8k", "asdiv", "mawps", "svamp", "college_math", "deepmind_math"), _MATH),
    **dict.fromkeys(("talscq_mc", "aqua"), _CHOICES),
}


def policy_of(benchmark: str) -> Policy:
    """The policy of a benchmark; an unknown name is read as mathematics."""
    return _OF_BENCHMARK.get(benchmark, _MATH)


def check_benchmark(name: str, setting: str = "benchmark") -> None:
    """Refuse the name of a benchmark that a user has set and that is not known: it may be a misspelled `aqua`.

    A name in a column of rows is another matter: there `policy_of` reads what it does not know as mathematics.

    Raises:
        ConfigError: with the nearest name.

    Example:
        >>> check_benchmark("gsm8k")
    """
    if name not in _OF_BENCHMARK:
        hint = nearest(name.lower().replace("-", "_"), _OF_BENCHMARK)
        raise ConfigError(
            f"`{setting}`: no benchmark is called {name!r} (say `math` for any other mathematics): {hint}"
        )
