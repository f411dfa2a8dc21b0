"""Stages and engines: a `Stage` is named work on lists, an `Engine` runs it over all items.

`LocalEngine` runs one batch after the other in this process; every other engine (`lemma_hf.pipeline.ray`) has to
give the same results in the same order.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from lemma_hf.records import Dropped

In = TypeVar("In")
Out = TypeVar("Out")


@dataclass(frozen=True, slots=True)
class Stage(Generic[In, Out]):
    """A named piece of work on lists."""

    name: str
    work: Callable[[Sequence[In]], Sequence[Out | Dropped]]
    """Takes a batch; returns `fan_out` results for each item, in order."""
    fan_out: int = 1
    """Results due for each item, such as 2 where both strategies are written; then in x fan_out = out + dropped."""
    batch: int | None = 64
    """Items a call (64: short enough for a progress bar); None hands over all at once, for work that compares items
    with each other."""
    shows_progress: bool = False
    """Whether the work shows a bar of its own; then the funnel shows none."""
    actors: int = 0
    """On a cluster: workers that stay, each with its own copy of what the work holds, such as a model or a client.
    0 leaves it to the engine."""
    gpus: int = 0
    """On a cluster: GPUs that each worker needs."""


class Engine(Protocol):
    """An object that runs the work of a stage over all its items."""

    def batches(self, stage: Stage[In, Out], items: Sequence[In]) -> Iterator[tuple[int, Sequence[Out | Dropped]]]:
        """For each batch its number of items and its results, in the order of the items."""
        ...

    def shows_progress(self, stage: Stage[In, Out]) -> bool:
        """Whether the bar that the stage's work shows can be seen here."""
        ...


class LocalEngine:
    """Runs batches one after the other, in this process."""

    def batches(self, stage: Stage[In, Out], items: Sequence[In]) -> Iterator[tuple[int, Sequence[Out | Dropped]]]:
        """For each batch its number of items and its results."""
        for batch in cut(stage, items):
            yield len(batch), stage.work(batch)

    def shows_progress(self, stage: Stage[In, Out]) -> bool:
        """Whether the stage's work shows a bar."""
        return stage.shows_progress


def cut(stage: Stage[In, Out], items: Sequence[In]) -> Iterator[Sequence[In]]:
    """Cut items into the batches of a stage, the same for every engine: what a model draws may depend on its batch.

    Example:
        >>> [list(batch) for batch in cut(Stage("s", list, batch=2), [1, 2, 3])]
        [[1, 2], [3]]
    """
    size = stage.batch or max(len(items), 1)
    return (items[start : start + size] for start in range(0, len(items), size))


def stage_hints(*workers: object) -> dict[str, Any]:
    """The fields of a `Stage` that a teacher or student sets: its `batch`, `shows_progress`, `actors` and `gpus`.

    Where a stage has several workers, each gets at least what it asks for: the largest value is taken.

    Example:
        >>> class Slow:
        ...     batch = 4096
        >>> Stage("analyse", list, **stage_hints(Slow())).batch
        4096
    """
    names = ("batch", "shows_progress", "actors", "gpus")
    asked = {name: [getattr(worker, name) for worker in workers if hasattr(worker, name)] for name in names}
    return {name: max(values) for name, values in asked.items() if values}
