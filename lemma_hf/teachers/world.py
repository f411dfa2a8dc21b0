"""The world as a teacher: an oracle, for problems that a dialect of `lemma_hf.world` made."""

from collections.abc import Sequence

from lemma_hf.records import Attempt, Dropped, Error, Flawed, Trajectory
from lemma_hf.teachers.protocol import Injection
from lemma_hf.world.protocol import World


class WorldTeacher:
    """A `Teacher` that is never wrong, because it made the problems."""

    def __init__(self, dialect: World) -> None:
        self.dialect = dialect

    def analyse(self, attempts: Sequence[Attempt]) -> list[Error | Dropped]:
        """The first wrong step of each attempt, and its type."""
        return [self.dialect.analyse(attempt) for attempt in attempts]

    def inject(self, injections: Sequence[Injection]) -> list[Flawed | Dropped]:
        """A new wrong solution for each request."""
        return [self.dialect.inject(wanted.problem, wanted.type, wanted.id) for wanted in injections]

    def fix(self, flawed: Sequence[Flawed]) -> list[Trajectory | Dropped]:
        """Fix & Continue."""
        return [self.dialect.fix(item) for item in flawed]

    def restart(self, flawed: Sequence[Flawed]) -> list[Trajectory | Dropped]:
        """Fresh & Restart."""
        return [self.dialect.restart(item) for item in flawed]

    def smooth(self, trajectories: Sequence[Trajectory]) -> list[Trajectory | Dropped]:
        """Nothing to do: a dialect writes its turns smoothly from the start."""
        return list(trajectories)
