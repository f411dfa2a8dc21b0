"""The protocol of a teacher: find, inject and correct mistakes.

A model behind an endpoint, the gold solutions of a dataset, and the oracle of an artificial world all do it. Each
method takes a batch and returns a list of the same length and order, so that a teacher is free to run the items side
by side, retry or cache them. An item it cannot do is a `Dropped` in that item's place; it never costs its siblings.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from lemma_hf.records import Attempt, Dropped, Error, Flawed, Problem, Trajectory
from lemma_hf.taxonomy import ErrorType


@dataclass(frozen=True, slots=True)
class Injection:
    """A request to write a solution of `problem` whose first wrong step is of `type`."""

    problem: Problem
    type: ErrorType
    id: str


@runtime_checkable
class Teacher(Protocol):
    """A source of corrections: it finds, injects and corrects mistakes."""

    def analyse(self, attempts: Sequence[Attempt]) -> list[Error | Dropped]:
        """The first wrong step of each attempt, and its type."""
        ...

    def inject(self, injections: Sequence[Injection]) -> list[Flawed | Dropped]:
        """A new wrong solution for each request."""
        ...

    def fix(self, flawed: Sequence[Flawed]) -> list[Trajectory | Dropped]:
        """Fix & Continue: keep everything up to and including the wrong step, reflect, correct it, go on."""
        ...

    def restart(self, flawed: Sequence[Flawed]) -> list[Trajectory | Dropped]:
        """Fresh & Restart: keep everything up to and including the wrong step, reflect, solve the problem anew."""
        ...

    def smooth(self, trajectories: Sequence[Trajectory]) -> list[Trajectory | Dropped]:
        """Make the turn from error to correction read naturally, with the same spans and the same answer."""
        ...
