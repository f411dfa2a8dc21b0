"""Paired comparison of two runs on the same problems, with McNemar's test and intervals.

                  second right   second wrong
first right           612             41          the runs differ in the 41 and the 63 only:
first wrong            63            284          McNemar's test asks whether a fair coin would split them so
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lemma_hf.errors import DataError
from lemma_hf.evaluation.score import Scored
from lemma_hf.records import DropReason, Outcome
from lemma_hf.utils.intervals import Estimate, bootstrap, estimate, wilson

_LONGEST_LIST = 3
"""The ids that a warning names: enough to look at, few enough for one line."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One problem as a run solved it."""

    question: str
    reference: str
    prompt: str
    right: tuple[bool, ...]
    """The verdict of each sample."""


@dataclass(frozen=True, slots=True)
class ScoredRun:
    """A scored run: its problems by id, and what its verdicts depend on. see `from_items` and `from_rows`."""

    name: str
    problems: Mapping[str, Judged]
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The settings that should be the same in compared runs: grader and version, benchmark, shots, length limit …"""
    left_out: int = 0
    """Completions that never came, or whose reference cannot be read."""

    @classmethod
    def from_items(cls, items: Iterable[Scored], name: str, settings: Mapping[str, Any] | None = None) -> "ScoredRun":
        """A run from its scored items, see `from_rows`."""
        return cls.from_rows((item.as_row() for item in items), name, settings)

    @classmethod
    def from_rows(
        cls, rows: Iterable[Mapping[str, Any]], name: str, settings: Mapping[str, Any] | None = None
    ) -> "ScoredRun":
        """A run from rows as `Scored.as_row` writes them; rows with the same id are samples of one problem.

        Args:
            rows: with `id` and `outcome`, and for the checks of `compare_runs` with `question`, `reference`, `prompt`
                and `refused`.
            settings: what the verdicts depend on; only what should be the same in another run.

        Raises:
            DataError: if a row has no id or outcome, or two problems have the same id.
        """
        problems: dict[str, Judged] = {}
        left_out = 0
        for row in rows:
            if "id" not in row or "outcome" not in row:
                raise DataError(f"{name}: a scored row needs `id` and `outcome`, found {', '.join(row) or 'nothing'}")
            if row.get("refused") == DropReason.CALL_FAILED or row["outcome"] == Outcome.UNREADABLE_REFERENCE:
                left_out += 1
                continue
            identity = str(row["id"])
            question, reference, prompt = (str(row.get(key) or "") for key in ("question", "reference", "prompt"))
            found = Judged(question, reference, prompt, (row["outcome"] == Outcome.RIGHT,))
            before = problems.get(identity, found)
            if not _is_same(before, found):
                raise DataError(
                    f"{name}: the id {identity[:80]!r} stands for two problems, so their samples cannot be separated: "
                    f"{before.question[:40]!r} and {question[:40]!r}. Give each problem an id of its own"
                )
            right = (*before.right, *found.right) if identity in problems else found.right
            problems[identity] = replace(found, right=right)
        return cls(name, problems, dict(settings or {}), left_out)


@dataclass(frozen=True, slots=True)
class ContingencyTable:
    """The four cells of two runs with one sample a problem.

    Example:
        >>> table = ContingencyTable(both=50, only_first=2, only_second=10, neither=38)
        >>> round(table.p_value, 4), round(table.mid_p, 4)
        (0.0386, 0.0225)
    """

    both: int
    only_first: int
    only_second: int
    neither: int

    @property
    def total(self) -> int:
        """All problems."""
        return self.both + self.only_first + self.only_second + self.neither

    @property
    def p_value(self) -> float:
        """McNemar's exact test, two-sided: whether a fair coin would split the problems in which the runs differ so."""
        less, as_seen = self._chances
        return min(1.0, 2 * (less + as_seen))

    @property
    def mid_p(self) -> float:
        """The same with half the weight of what was seen: less conservative, and still close to its level.

        Fagerland, Lydersen and Laake 2013 (doi:10.1186/1471-2288-13-91).
        """
        less, as_seen = self._chances
        if as_seen == 1.0:
            return 1.0  # the runs differ in no problem, so nothing speaks against their being alike
        # An even split is its own mirror image, and counts once.
        return 1 - as_seen / 2 if self.only_first == self.only_second else 2 * less + as_seen

    @property
    def _chances(self) -> tuple[float, float]:
        """The chances, with a fair coin, that the smaller count is less than it is, and that it is the same."""
        apart, seen = self.only_first + self.only_second, min(self.only_first, self.only_second)
        term, less = 1, 0
        for i in range(seen):  # whole numbers: C(n, i + 1) from C(n, i)
            less += term
            term = term * (apart - i) // (i + 1)
        return less / 2**apart, term / 2**apart

    @property
    def difference(self) -> float:
        """Accuracy of the second run minus that of the first."""
        return (self.only_second - self.only_first) / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The interval at 95 % of the difference: Newcombe's for paired shares, from the Wilson intervals of both.

        Method 10 of Newcombe 1998 (doi:10.1002/(SICI)1097-0258(19981130)17:22<2635::AID-SIM954>3.0.CO;2-C).
        """
        if not self.total:
            return -1.0, 1.0
        n = self.total
        second, first = (self.both + self.only_second) / n, (self.both + self.only_first) / n
        (low2, high2), (low1, high1) = wilson(second, n), wilson(first, n)
        phi = self._correlation
        below = _root((second - low2) ** 2 - 2 * phi * (second - low2) * (high1 - first) + (high1 - first) ** 2)
        above = _root((high2 - second) ** 2 - 2 * phi * (high2 - second) * (first - low1) + (first - low1) ** 2)
        return max(-1.0, self.difference - below), min(1.0, self.difference + above)

    @property
    def _correlation(self) -> float:
        """The correlation of the runs' verdicts, corrected for continuity where it is positive, as method 10 has it."""
        first, second = self.both + self.only_first, self.both + self.only_second
        margins = first * second * (self.total - first) * (self.total - second)
        if not margins:
            return 0.0
        product = self.both * self.neither - self.only_first * self.only_second
        return (max(product - self.total / 2, 0) if product > 0 else product) / math.sqrt(margins)


def _root(square: float) -> float:
    return math.sqrt(max(0.0, square))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs on the problems that both have."""

    first: str
    second: str
    problems: int
    """Compared."""
    accuracies: tuple[Estimate, Estimate]
    """On the compared problems."""
    difference: float
    """The second run's accuracy minus the first one's."""
    interval: tuple[float, float]
    """At 95 %, paired."""
    method: str
    """`newcombe` where both runs have one sample a problem, else `bootstrap` over problems' means, 10,000 resamples."""
    table: ContingencyTable | None
    """Where both runs have one sample a problem; holds McNemar's p."""
    only_in_first: int
    """Problems that the second run lacks: left out."""
    only_in_second: int
    differing: int
    """Problems with the same id, but another question or reference: left out."""
    warnings: tuple[str, ...]
    """Why the difference may come from something else than the models."""

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        skipped = ("accuracies", "interval", "table", "warnings")
        plain = {name: getattr(self, name) for name in self.__slots__ if name not in skipped}
        table = None
        if self.table is not None:
            cells = {name: getattr(self.table, name) for name in ("both", "only_first", "only_second", "neither")}
            table = cells | {"mcnemar_p": self.table.p_value, "mcnemar_mid_p": self.table.mid_p}
        return plain | {
            "ci95": list(self.interval),
            "accuracies": [each.as_dict() for each in self.accuracies],
            "table": table,
            "warnings": list(self.warnings),
        }

    def __str__(self) -> str:
        low, high = self.interval
        lines = [
            f"{self.first}: {self.accuracies[0]}",
            f"{self.second}: {self.accuracies[1]}",
            f"difference on {self.problems:,} problems: {100 * self.difference:+.1f} points "
            f"[{100 * low:+.1f}, {100 * high:+.1f}] ({self.method})",
        ]
        if self.table is not None:
            lines += [
                f"both right {self.table.both:,}, only {self.first} {self.table.only_first:,}, "
                f"only {self.second} {self.table.only_second:,}, neither {self.table.neither:,}",
                f"McNemar: exact p = {self.table.p_value:.3g}, mid-p = {self.table.mid_p:.3g}",
            ]
        return "\n".join(lines + [f"warning: {warning}" for warning in self.warnings])


def compare_runs(first: ScoredRun, second: ScoredRun, seed: int = 0) -> Comparison:
    """Compare two runs problem by problem; what is not in both is counted and left out.

    Args:
        seed: of the bootstrap.
    """
    shared = [identity for identity in first.problems if identity in second.problems]
    same = [identity for identity in shared if _is_same(first.problems[identity], second.problems[identity])]
    ours = [first.problems[identity].right for identity in same]
    theirs = [second.problems[identity].right for identity in same]
    single = all(len(right) == 1 for right in (*ours, *theirs))
    table = _table(ours, theirs) if single else None
    if table is not None:
        difference, interval = table.difference, table.interval
    else:
        gaps = [sum(b) / len(b) - sum(a) / len(a) for a, b in zip(ours, theirs, strict=True)]
        difference, interval = math.fsum(gaps) / len(gaps), bootstrap(gaps, seed)
    warnings = list(_warnings(first, second, shared, same))
    if interval[0] == interval[1]:
        warnings.append("all problems differ by the same amount, so resampling shows no spread: trust no such interval")
    return Comparison(
        first=first.name,
        second=second.name,
        problems=len(same),
        accuracies=(estimate(ours, seed), estimate(theirs, seed)),
        difference=difference,
        interval=interval,
        method="bootstrap" if table is None else "newcombe",
        table=table,
        only_in_first=len(first.problems) - len(shared),
        only_in_second=len(second.problems) - len(shared),
        differing=len(shared) - len(same),
        warnings=tuple(warnings),
    )


def _is_same(one: Judged, other: Judged) -> bool:
    return (one.question, one.reference) == (other.question, other.reference)


def _table(ours: Sequence[tuple[bool, ...]], theirs: Sequence[tuple[bool, ...]]) -> ContingencyTable:
    cells = Counter((a, b) for (a,), (b,) in zip(ours, theirs, strict=True))
    return ContingencyTable(cells[True, True], cells[True, False], cells[False, True], cells[False, False])


def _warnings(first: ScoredRun, second: ScoredRun, shared: Sequence[str], same: Sequence[str]) -> Iterable[str]:
    for key in sorted(first.settings.keys() | second.settings.keys()):
        one, other = first.settings.get(key), second.settings.get(key)
        if one != other:
            yield f"`{key}` differs: {one!r} in {first.name}, {other!r} in {second.name}"
    prompts = [key for key in same if first.problems[key].prompt != second.problems[key].prompt]
    if prompts:
        yield f"the prompts of {len(prompts):,} problems differ: {_named(prompts)}"
    differing = sorted(set(shared) - set(same))
    if differing:
        yield f"{len(differing):,} ids stand for another question or reference, and are left out: {_named(differing)}"
    counts = Counter(len(run.problems[key].right) for run in (first, second) for key in same)
    if len(counts) > 1:
        yield f"not all problems have the same number of samples: {min(counts)} to {max(counts)}"
    missing = len(first.problems) + len(second.problems) - 2 * len(shared)
    if missing:
        yield f"{missing:,} problems are in one run only, and left out"
    for run in (first, second):
        if run.left_out:
            yield f"{run.left_out:,} completions of {run.name} never came or have no readable reference"
    if not same:
        yield "the runs share no problem: nothing is compared"


def _named(keys: Sequence[str]) -> str:
    return ", ".join(key[:40] for key in keys[:_LONGEST_LIST]) + (", …" if len(keys) > _LONGEST_LIST else "")
