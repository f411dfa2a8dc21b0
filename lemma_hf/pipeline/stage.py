"""Funnel: runs stages over lists of items and counts what became of each, so that in = out + dropped.

A stage is a function that one could call by hand: a list in, a list of the same length out, with a `Dropped` in the
place of each item that was dropped. The funnel has an engine run it batch by batch, counts, checks the sum, and writes
every reject to a file as it comes.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tqdm.auto import tqdm

from lemma_hf.errors import DataError, LemmaError
from lemma_hf.pipeline.engine import Engine, In, LocalEngine, Out, Stage
from lemma_hf.records import Dropped

__all__ = ["Funnel", "Stage", "StageCount"]


@dataclass(frozen=True, slots=True)
class StageCount:
    """Counts of the items of one stage."""

    stage: str
    entered: int
    left: int
    fan_out: int = 1
    dropped: dict[str, int] = field(default_factory=dict)
    """Dropped items by reason, the most frequent first."""

    def __post_init__(self) -> None:
        due, accounted = self.entered * self.fan_out, self.left + sum(self.dropped.values())
        if due != accounted:
            raise LemmaError(
                f"stage `{self.stage}` lost track of its items: {self.entered} went in, {due} results were due, "
                f"but {self.left} came out and {accounted - self.left} were dropped"
            )


class Funnel:
    """Runs stages one after the other and remembers the counts.

    Args:
        rejects: a JSONL file to which each dropped item is appended (id, stage, reason, detail) as soon as its batch is
            done; begun afresh. None keeps the counts only.
        progress: whether a bar with rate and time left is shown for each stage that shows none of its own.
        engine: runs the stages; by default in this process.

    Example:
        >>> from lemma_hf.records import DropReason
        >>> halve = lambda numbers: [n // 2 if n % 2 == 0 else Dropped(str(n), "", DropReason.BAD_ROW) for n in numbers]
        >>> funnel = Funnel(progress=False)
        >>> funnel.run(Stage("halve", halve), [2, 3, 4])
        [1, 2]
        >>> print(funnel.table())
        stage  in  out  dropped
        halve   3    2  bad_row 1
    """

    def __init__(self, rejects: str | Path | None = None, progress: bool = True, engine: Engine | None = None) -> None:
        self.counts: list[StageCount] = []
        self.rejects = Path(rejects) if rejects else None
        self.progress = progress
        self.engine: Engine = engine or LocalEngine()
        if self.rejects:
            self.rejects.parent.mkdir(parents=True, exist_ok=True)
            self.rejects.write_text("", "utf-8")

    def run(self, stage: Stage[In, Out], items: Sequence[In]) -> list[Out]:
        """Put all items through a stage and return those it keeps, in order. A stage without items is not counted.

        Raises:
            LemmaError: if the stage returns more or fewer results than are due.
        """
        if not items:
            return []
        kept: list[Out] = []
        reasons: Counter[str] = Counter()
        hidden = not self.progress or self.engine.shows_progress(stage)
        with tqdm(total=len(items), desc=stage.name, unit="item", disable=hidden) as bar:
            for count, results in self.engine.batches(stage, items):
                _check(stage, count, results)
                dropped = [item.at(stage.name) for item in results if isinstance(item, Dropped)]
                kept += [item for item in results if not isinstance(item, Dropped)]
                reasons.update(str(item.reason) for item in dropped)
                self._write(dropped)
                bar.update(count)
        self.counts.append(StageCount(stage.name, len(items), len(kept), stage.fan_out, dict(reasons.most_common())))
        return kept

    def to_json(self) -> list[dict[str, Any]]:
        """The counts as plain values, one a stage."""
        return [asdict(count) for count in self.counts]

    def table(self) -> str:
        """The counts as a table for people."""
        rows = [("stage", "in", "out", "dropped")]
        for count in self.counts:
            name = count.stage if count.fan_out == 1 else f"{count.stage} (x{count.fan_out})"
            reasons = ", ".join(f"{reason} {number}" for reason, number in count.dropped.items())
            rows.append((name, f"{count.entered:,}", f"{count.left:,}", reasons or "-"))
        wide = [max(len(row[column]) for row in rows) for column in range(3)]
        lines = [f"{a:<{wide[0]}}  {b:>{wide[1]}}  {c:>{wide[2]}}  {d}".rstrip() for a, b, c, d in rows]
        return "\n".join(lines)

    def _write(self, dropped: Sequence[Dropped]) -> None:
        if not self.rejects or not dropped:
            return
        try:
            with self.rejects.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(asdict(item), ensure_ascii=False) + "\n" for item in dropped)
        except OSError as error:
            raise DataError(f"{self.rejects}: rejects cannot be written ({error.strerror or error})") from None


def _check(stage: Stage[In, Out], items: int, results: Sequence[Out | Dropped]) -> None:
    if len(results) != items * stage.fan_out:
        raise LemmaError(
            f"stage `{stage.name}` has to return {items * stage.fan_out} results for {items} items, "
            f"but returned {len(results)}"
        )
