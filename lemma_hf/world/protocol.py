"""World: a family of made-up problems with an oracle for their solutions.

A world writes problems, finds the first error of any solution, makes mistakes on purpose, and corrects them. It works
on single items and holds no state: a problem is made again from its id.
"""

from collections.abc import Sequence
from typing import Protocol

from lemma_hf.records import Attempt, Dropped, Error, Flawed, Problem, Trajectory
from lemma_hf.taxonomy import ErrorType


class World(Protocol):
    """A seeded family of problems with an oracle for solutions of them."""

    @property
    def name(self) -> str:
        """The short name, such as `stories`; problems have the source `world/<name>`."""
        ...

    @property
    def error_types(self) -> Sequence[ErrorType]:
        """The error types that `inject` can write."""
        ...

    def problems(self, count: int, seed: int) -> list[Problem]:
        """`count` different problems, the same for the same seed; a longer list begins with the shorter one."""
        ...

    def split(self, text: str) -> tuple[str, ...]:
        """The steps of a solution; joined they are `text` again."""
        ...

    def bare_step(self, step: str) -> str:
        """A right step as it stands in a solution without mistakes: without work that only a correction shows."""
        ...

    def has_turn(self, text: str) -> bool:
        """Whether a solution contains a turn, in which it corrects itself."""
        ...

    def analyse(self, attempt: Attempt) -> Error | Dropped:
        """The first wrong step of an attempt and its type; dropped as ALREADY_RIGHT where there is none."""
        ...

    def inject(self, problem: Problem, error_type: ErrorType, item_id: str) -> Flawed | Dropped:
        """A solution with a first wrong step of that type, which ends in a wrong answer."""
        ...

    def fix(self, flawed: Flawed) -> Trajectory | Dropped:
        """Correct a flawed solution by Fix & Continue."""
        ...

    def restart(self, flawed: Flawed) -> Trajectory | Dropped:
        """Correct a flawed solution by Fresh & Restart."""
        ...
