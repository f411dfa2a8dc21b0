"""Figures of the arms over all seeds: means with intervals, paired differences, and the sums of turns.

A seed is a student of its own, and the spread over seeds says whether a difference would be seen again: so intervals
are Student's t over seeds, not over problems.
"""

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lemma_hf.errors import DataError
from lemma_hf.evaluation import ContingencyTable
from lemma_hf.experiments.miniature._arms import ARMS
from lemma_hf.experiments.miniature._tasks import FIGURES
from lemma_hf.utils.files import write_text
from lemma_hf.utils.intervals import Over, wilson
from lemma_hf.world.sums import Fates, Turns

_SETS = ("held_out", "longer", "larger")
_NEEDED = ("arm", "seed", "rows", "training", "nll", "vote", "example", "settings", "made_with", *_SETS)
_MEASURED = ("accuracy", "reflected", "tokens", "by_steps", "turns", "fates", "left_out", "right")
"""Needed in each of `_SETS`."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One arm against another, seed by seed, on the same problems."""

    accuracy: Over
    """Of the second minus that of the first."""
    better: int
    """Seeds in which the second is better by McNemar's exact test, p < 0.05."""
    worse: int

    @property
    def seeds(self) -> int:
        """The seeds that both arms have."""
        return len(self.accuracy.values)


@dataclass(frozen=True)
class SeedResults:
    """The figures of all arms and seeds."""

    runs: Mapping[str, Mapping[int, Mapping[str, Any]]]
    """By arm and seed, in the order of `ARMS`: what is in `figures.json`."""

    @property
    def arms(self) -> list[str]:
        """The arms that have figures."""
        return list(self.runs)

    @property
    def seeds(self) -> list[int]:
        """The seeds of all arms."""
        return sorted({seed for by_seed in self.runs.values() for seed in by_seed})

    @property
    def made_with(self) -> Mapping[str, str]:
        """Versions, device and threads; where runs differ, all values."""
        names = self.any_run["made_with"]
        runs = [run for by_seed in self.runs.values() for run in by_seed.values()]
        return {name: "; ".join(sorted({run["made_with"][name] for run in runs})) for name in names}

    @property
    def settings(self) -> Mapping[str, Any]:
        """The settings of the experiment."""
        found: Mapping[str, Any] = self.any_run["settings"]
        return found

    @property
    def any_run(self) -> Mapping[str, Any]:
        """One run, for facts that are the same in all."""
        return next(iter(next(iter(self.runs.values())).values()))

    def of(self, arm: str) -> list[Mapping[str, Any]]:
        """The figures of an arm by seed; none of an arm that was not run."""
        return [run for _, run in sorted(self.runs.get(arm, {}).items())]

    def over(self, arm: str, value: Callable[[Mapping[str, Any]], float]) -> Over:
        """The mean over seeds of any figure."""
        return Over.from_values([value(run) for run in self.of(arm)])

    def accuracy(self, arm: str, problems: str = "held_out", steps: str = "") -> Over:
        """Accuracy on one set of problems, or on those with so many steps; a single seed has Wilson's interval."""
        shares = [run[problems]["by_steps"][steps] if steps else run[problems]["accuracy"] for run in self.of(arm)]
        return _of_shares(shares)

    def vote(self, arm: str) -> tuple[Over, float, int] | None:
        """Accuracy of the majority vote, tokens of all samples, and their number; None where there was no vote."""
        votes = [run["vote"] for run in self.of(arm) if run["vote"]]
        if not votes:
            return None
        over = _of_shares([each["accuracy"] for each in votes])
        return over, math.fsum(each["tokens"] for each in votes) / len(votes), votes[0]["samples"]

    def beyond_vote(self, voter: str, arm: str) -> Over | None:
        """An arm's accuracy minus that of another arm's vote, over the seeds that both have; None without such seeds.

        Only shares of votes are kept, no verdicts, so it is paired by seed and not by problem.
        """
        ours, theirs = self.runs.get(arm, {}), self.runs.get(voter, {})
        both = [seed for seed in sorted(ours.keys() & theirs.keys()) if theirs[seed]["vote"]]
        gaps = [
            ours[seed]["held_out"]["accuracy"]["value"] - theirs[seed]["vote"]["accuracy"]["value"] for seed in both
        ]
        return Over.from_values(gaps) if gaps else None

    def turns(self, arm: str, problems: str = "held_out") -> Turns:
        """The turns of all seeds, added up."""
        return sum((Turns(**run[problems]["turns"]) for run in self.of(arm)), Turns())

    def fates(self, arm: str, problems: str = "held_out") -> Fates:
        """First steps against final steps, added up over all seeds."""
        return sum((Fates(**run[problems]["fates"]) for run in self.of(arm)), Fates())

    def difference(self, first: str, second: str) -> Difference | None:
        """The difference between two arms over the seeds that both have; None without such seeds."""
        both = sorted(self.runs.get(first, {}).keys() & self.runs.get(second, {}).keys())
        if not both:
            return None
        tables = [_table(self.runs[first][seed], self.runs[second][seed]) for seed in both]
        sure = [table for table in tables if table.p_value < 0.05]
        return Difference(
            Over.from_values([table.difference for table in tables], tables[0].interval),
            better=sum(table.difference > 0 for table in sure),
            worse=sum(table.difference < 0 for table in sure),
        )


def read_folder(folder: Path) -> SeedResults:
    """The figures of all arms that are done.

    Raises:
        DataError: naming a file that is no such figures, the folder if there are none, or a run that does not go with
            the others.
    """
    return _results([_checked(path) for path in sorted(folder.glob(f"seed-*/*/{FIGURES}"))], folder)


def read_file(path: Path) -> SeedResults:
    """The figures as `write_file` wrote them.

    Raises:
        DataError: if it holds no figures, or those of runs that do not go together.
    """
    try:
        runs = json.loads(path.read_text("utf-8"))["runs"]
        for run in runs:
            for name in _SETS:
                run[name]["right"] = f"{int(run[name]['right'], 16):b}"[1:]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path}: holds no figures of this experiment ({error!r})") from None
    return _results(runs, path)


def write_file(results: SeedResults, path: Path) -> None:
    """Write all figures to one file, a line for each run: enough to write the report again."""
    runs = [_packed(run) for by_seed in results.runs.values() for run in by_seed.values()]
    lines = ",\n".join(json.dumps(run, separators=(",", ":")) for run in runs)
    write_text(path, f'{{"runs":[\n{lines}\n]}}\n')


def _packed(run: Mapping[str, Any]) -> dict[str, Any]:
    """The verdicts as hexadecimal digits, four to a digit, with a 1 before the first so that no zeros are lost."""
    sets = {name: dict(run[name]) | {"right": f"{int('1' + run[name]['right'], 2):x}"} for name in _SETS}
    return dict(run) | sets


def _checked(path: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise DataError(f"{path}: is no JSON ({error}); delete it, and its arm is run again") from None
    missing = _missing(found)
    if missing:
        raise DataError(f"{path}: lacks {', '.join(missing)}; delete it, and its arm is run again")
    checked: Mapping[str, Any] = found
    return checked


def _missing(found: Any) -> list[str]:
    """The missing fields; those of a set of problems are named like `held_out.turns`."""
    if not isinstance(found, dict):
        return list(_NEEDED)
    sets = [name for name in _SETS if isinstance(found.get(name), dict)]
    return [name for name in _NEEDED if name not in found or (name in _SETS and name not in sets)] + [
        f"{name}.{part}" for name in sets for part in _MEASURED if part not in found[name]
    ]


def _results(runs: Iterable[Mapping[str, Any]], source: Path) -> SeedResults:
    found: dict[str, dict[int, Mapping[str, Any]]] = {}
    for run in sorted(runs, key=lambda run: run["seed"]):
        found.setdefault(run["arm"], {})[run["seed"]] = run
    if not found:
        raise DataError(f"{source}: no arm has figures yet")
    _check_same([run for by_seed in found.values() for run in by_seed.values()], source)
    return SeedResults({name: found[name] for name in ARMS if name in found})


def _check_same(runs: Sequence[Mapping[str, Any]], source: Path) -> None:
    """Refuse figures of different experiments, whose means would look valid, and figures of unknown arms."""
    first = runs[0]
    for run in runs:
        where = f"{source}: {run['arm']} of seed {run['seed']}"
        if run["arm"] not in ARMS:
            raise DataError(f"{where}: no arm is called so. Delete its figures; known are {', '.join(ARMS)}")
        other = [name for name in first["settings"] if run["settings"].get(name) != first["settings"][name]]
        if other or any(len(run[name]["right"]) != len(first[name]["right"]) for name in _SETS):
            raise DataError(
                f"{where} was made with other settings than {first['arm']} of seed {first['seed']} "
                f"({', '.join(other) or 'another number of problems'}): delete one of them, or report them apart"
            )


def _of_shares(shares: Sequence[Mapping[str, Any]]) -> Over:
    """The mean of shares, with its interval cut at 0 and 1."""
    over = Over.from_values([each["value"] for each in shares], wilson(shares[0]["value"], shares[0]["total"]))
    return Over(over.values, max(0.0, over.low), min(1.0, over.high))


def _table(first: Mapping[str, Any], second: Mapping[str, Any]) -> ContingencyTable:
    pairs = list(zip(first["held_out"]["right"], second["held_out"]["right"], strict=True))
    return ContingencyTable(*(pairs.count(pair) for pair in (("1", "1"), ("1", "0"), ("0", "1"), ("0", "0"))))
