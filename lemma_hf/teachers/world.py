"""The world as a teacher: an oracle for the problems that a world of `lemma_hf.world` made."""

from collections.abc import Sequence

from lemma_hf.records import Attempt, Dropped, Error, Flawed, Trajectory
from lemma_hf.teachers.protocol import Injection
from lemma_hf.world import World


class WorldTeacher:
    """A `Teacher` that is never wrong, because it made the problems."""

    def __init__(self, world: World) -> None:
        self.world = world

    def analyse(self, attempts: Sequence[Attempt]) -> list[Error | Dropped]:
        """The first wrong step of each attempt, and its type."""
        return [self.world.analyse(attempt) for attempt in attempts]

    def inject(self, injections: Sequence[Injection]) -> list[Flawed | Dropped]:
        """A new wrong solution for each request."""
        return [self.world.inject(wanted.problem, wanted.type, wanted.id) for wanted in injections]

    def fix(self, flawed: Sequence[Flawed]) -> list[Trajectory | Dropped]:
        """Fix & Continue: the step corrected, and the steps that are still needed."""
        return [self.world.fix(item) for item in flawed]

    def restart(self, flawed: Sequence[Flawed]) -> list[Trajectory | Dropped]:
        """Fresh & Restart: a whole right solution."""
        return [self.world.restart(item) for item in flawed]

    def smooth(self, trajectories: Sequence[Trajectory]) -> list[Trajectory | Dropped]:
        """The trajectories as they are: a world writes its turns smoothly from the start."""
        return list(trajectories)
