"""A teacher for tests, with prepared replies and an error when none is left."""

from collections.abc import Iterable, Sequence
from typing import Any

from lemma_hf.errors import TeacherError
from lemma_hf.records import Attempt, Dropped, Error, Flawed, Trajectory
from lemma_hf.teachers.protocol import Injection


class ScriptedTeacher:
    """A `Teacher` with a script for each method; replies are taken in order, one an item.

    Raises:
        TeacherError: when a method is asked for more replies than its script has.

    Example:
        >>> from lemma_hf.records import Attempt, Problem
        >>> from lemma_hf.taxonomy import ErrorType
        >>> teacher = ScriptedTeacher(analyse=[Error(ErrorType.COUNTING, step=2)])
        >>> teacher.analyse([Attempt(Problem("p", "?", "1"), ("a", "b"))])[0].step
        2
    """

    def __init__(
        self,
        *,
        analyse: Iterable[Error | Dropped] = (),
        inject: Iterable[Flawed | Dropped] = (),
        fix: Iterable[Trajectory | Dropped] = (),
        restart: Iterable[Trajectory | Dropped] = (),
        smooth: Iterable[Trajectory | Dropped] = (),
    ) -> None:
        self._scripts: dict[str, list[Any]] = {
            "analyse": list(analyse),
            "inject": list(inject),
            "fix": list(fix),
            "restart": list(restart),
            "smooth": list(smooth),
        }

    @property
    def unused(self) -> dict[str, int]:
        """The number of replies left in each script."""
        return {name: len(script) for name, script in self._scripts.items()}

    def analyse(self, attempts: Sequence[Attempt]) -> list[Error | Dropped]:
        """The next replies of the script."""
        return self._take("analyse", len(attempts))

    def inject(self, injections: Sequence[Injection]) -> list[Flawed | Dropped]:
        """The next replies of the script."""
        return self._take("inject", len(injections))

    def fix(self, flawed: Sequence[Flawed]) -> list[Trajectory | Dropped]:
        """The next replies of the script."""
        return self._take("fix", len(flawed))

    def restart(self, flawed: Sequence[Flawed]) -> list[Trajectory | Dropped]:
        """The next replies of the script."""
        return self._take("restart", len(flawed))

    def smooth(self, trajectories: Sequence[Trajectory]) -> list[Trajectory | Dropped]:
        """The next replies of the script."""
        return self._take("smooth", len(trajectories))

    def _take(self, name: str, count: int) -> list[Any]:
        script = self._scripts[name]
        if count > len(script):
            raise TeacherError(
                f"the script of `{name}` ran out: {count} replies were asked for, {len(script)} are left"
            )
        taken, self._scripts[name] = script[:count], script[count:]
        return taken
