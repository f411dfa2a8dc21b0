"""What a benchmark changes: how answers are read, never which answer is right."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """How to read the answers of one benchmark."""

    choices: bool = False
    """Answers are the letters A to F of a multiple-choice question."""


_MATH = Policy()
_CHOICES = Policy(choices=True)
_OF_BENCHMARK = {"talscq_mc": _CHOICES, "aqua": _CHOICES}


def policy_of(benchmark: str) -> Policy:
    """The policy of a benchmark; an unknown name is read as mathematics."""
    return _OF_BENCHMARK.get(benchmark, _MATH)
