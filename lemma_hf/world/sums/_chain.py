"""Problems of `sums`: a chain of operations, done from left to right modulo 1000.

    question      825*23*50+83
    in the head   825*23=975;975*50=750;750+83=833;####833
    showing work  ,5*3+0=15|2*3+1=07|8*3+0=24|5*2+0=10|2*2+1=05|7+0+0=07|4+5+0=09|825*23=975;…;####833

Every value has three digits. Adding a two-digit number is easy; multiplying by one is more than a small model can do in
one forward pass, but each digit of the long-hand work is not: that is the gap which self-correction can close.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from lemma_hf.errors import DataError
from lemma_hf.records import Problem

MODULUS = 1000
"""Values stay below it: each is three digits long, so that work has one form and a model sees one length."""
_SOURCE = "world/sums"
ALPHABET = "0123456789+*=;:>,|#!?"
"""All characters of problems, solutions, work and turns."""
NUMBERS = range(12, 100)
"""The numbers that operations add or multiply by, by default: two digits, without 10 and 11, whose products are the
easiest."""

_PATIENCE = 20
"""Draws for each problem that is wanted: with fewer than one new problem in twenty draws, they are nearly exhausted."""
MAX_OPERATIONS = 16
"""Most operations of a problem: a bound on the text that the pattern below reads."""
_QUESTION = re.compile(rf"\d{{3}}(?:[+*]\d{{2}}){{1,{MAX_OPERATIONS}}}")  # 825*23*50+83


@dataclass(frozen=True, slots=True)
class Operation:
    """`+` or `*` with a number below 100, which is written with two digits: `*07`."""

    sign: str
    number: int

    def __call__(self, value: int) -> int:
        """The next value of the chain."""
        return (value + self.number if self.sign == "+" else value * self.number) % MODULUS

    def __str__(self) -> str:
        return f"{self.sign}{self.number:02}"


@dataclass(frozen=True, slots=True)
class Chain:
    """A start value, 100 to 999, and the operations to do on it."""

    start: int
    operations: tuple[Operation, ...]

    @property
    def values(self) -> tuple[int, ...]:
        """The start value and the value after each operation, `len(operations) + 1` in all."""
        return tuple(accumulate(self.operations, lambda value, operation: operation(value), initial=self.start))

    @property
    def question(self) -> str:
        """The chain as a question, such as `825*23*50+83`."""
        return f"{self.start:03}" + "".join(map(str, self.operations))


def read_chain(question: str) -> Chain:
    """The chain in the text of a question.

    Raises:
        DataError: if the question is none of this world.

    Example:
        >>> read_chain("825*23+83").values
        (825, 975, 58)
    """
    if not _QUESTION.fullmatch(question):
        raise DataError(f"{question[:60]!r} is no question of the world sums: need one such as '825*23*50+83'")
    # "825*23+83" → "*23", "+83"
    operations = tuple(Operation(part[0], int(part[1:])) for part in re.findall(r"[+*]\d{2}", question))
    return Chain(int(question[:3]), operations)


def equation(value: int, operation: Operation, result: int) -> str:
    """One step done in the head: `825*23=975;`."""
    return f"{value:03}{operation}={result:03};"


def claim(value: int) -> str:
    """The last step, which claims the answer as GSM8K does: `####833`."""
    return f"####{value:03}"


def solve(chain: Chain) -> tuple[str, ...]:
    """The right steps, all done in the head."""
    values = chain.values
    steps = [equation(values[i], operation, values[i + 1]) for i, operation in enumerate(chain.operations)]
    return (*steps, claim(values[-1]))


def make_problems(count: int, seed: int, operations: tuple[int, ...] = (3,), numbers: range = NUMBERS) -> list[Problem]:
    """`count` different problems, the same for the same seed.

    Args:
        operations: how many a problem may have; each number of them is as likely as any other.
        numbers: what the operations draw their numbers from, within 1 to 99.

    Raises:
        DataError: if there are not so many, or so few more that drawing does not find them.
    """
    found: dict[str, Problem] = {}
    for index, chain in enumerate(_chains(seed, operations, numbers)):
        if len(found) == count:
            break
        if index > _PATIENCE * (count + _PATIENCE):
            raise DataError(
                f"the world sums has too few problems of {operations} operations with {numbers.start} to "
                f"{numbers.stop - 1}: {len(found):,} were found of {count:,}. Ask for fewer, or for longer ones"
            )
        if chain.question not in found:
            found[chain.question] = Problem(
                id=f"sums-{seed}-{index:06}",
                question=chain.question,
                reference_answer=f"{chain.values[-1]:03}",
                reference_solution="".join(solve(chain)),
                source=_SOURCE,
            )
    return list(found.values())


def _chains(seed: int, operations: tuple[int, ...], numbers: range) -> Iterator[Chain]:
    dice = random.Random(f"sums/{seed}/{operations}/{numbers.start}/{numbers.stop}")
    while True:
        start, length = dice.randrange(100, MODULUS), dice.choice(operations)
        drawn = tuple(Operation(dice.choice("+*"), dice.choice(numbers)) for _ in range(length))
        # Equal operations would make a skipped step and a repeated one look the same.
        if len(set(drawn)) == length:
            yield Chain(start, drawn)
