"""Facts of a run's report: counts, losses, costs and a few trajectories, gathered from its records.

All of it is bounded: texts are cut to a length that people read, and of many items a few are shown. So the report of
ten million rows is as long as that of ten thousand.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lemma_hf.errors import DataError
from lemma_hf.inference.endpoint import Usage
from lemma_hf.pipeline.run.weaknesses import NOT_GIVEN, find_weaknesses
from lemma_hf.pipeline.stage import StageCount
from lemma_hf.records import Trajectory
from lemma_hf.utils.files import JsonObject, json_lines

MAX_TEXT = 2000
"""Characters of a question or a span that are shown."""
MAX_DETAIL = 300
"""Characters of an id or of the detail of a reject that are shown."""
NO_ERROR = "no error"
"""In the place of an error type: a solution without an error."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """The records of a run. All but the title may be left out; what is missing is not shown."""

    title: str
    funnel: Sequence[StageCount] = ()
    trajectories: Sequence[Trajectory] = ()
    """The kept ones."""
    student_errors: Mapping[str, int] = field(default_factory=dict)
    """Counts of the error types in the student's attempts."""
    injected_errors: Mapping[str, int] = field(default_factory=dict)
    """Counts of the error types that were injected."""
    costs: Sequence[Usage] = ()
    rejects: str | Path | None = None
    """The JSONL file that the funnel wrote."""
    outcome: str = "finished"
    """End of the run, such as "finished" or "stopped: the budget is spent"."""
    command: str = ""
    began: str = ""
    """Date and time as text, such as "2026-11-24T12:00:00+00:00"."""
    seconds: float = 0.0
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The settings that may be published, see `lemma_hf.pipeline.run.provenance`."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Versions of packages and prompts."""


@dataclass(frozen=True, slots=True)
class _RejectShown:
    """A dropped item, cut to a length that people read."""

    id: str
    detail: str


@dataclass(frozen=True, slots=True)
class Loss:
    """One reason for which one stage dropped items."""

    stage: str
    reason: str
    count: int
    examples: tuple[_RejectShown, ...] = ()


@dataclass(frozen=True, slots=True)
class _ErrorShown:
    """The labels of one error."""

    type: str
    step: int
    strategy: str
    origin: str


@dataclass(frozen=True, slots=True)
class FunnelExample:
    """A trajectory, its texts cut to a length that people read."""

    id: str
    source: str
    question: str
    reference_answer: str
    errors: tuple[_ErrorShown, ...]
    spans: tuple[tuple[str, str], ...]
    """Kind and text of each."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The content of the report; the page and the JSON file are two forms of it."""

    title: str
    outcome: str
    command: str
    began: str
    seconds: float
    weaknesses: tuple[str, ...]
    """What keeps the data from teaching, each as a part of a sentence."""
    kept: int
    usd: float
    usd_saved: float
    funnel: tuple[StageCount, ...]
    losses: tuple[Loss, ...]
    rejects_unreadable: int
    """Lines of the file of rejects that are incomplete or no rejects."""
    error_types: Mapping[str, Mapping[str, int]]
    """Counts by error type: the student's, the injected ones, and those of the rows that were kept."""
    turns: Mapping[str, int]
    """Counts of the kept rows by their number of turns, the fewest first."""
    by_source: Mapping[str, Mapping[str, int]]
    """Errors of the kept rows by where the problem comes from, then by error type."""
    by_strategy: Mapping[str, Mapping[str, int]]
    by_origin: Mapping[str, Mapping[str, int]]
    costs: tuple[Usage, ...]
    examples: tuple[FunnelExample, ...]
    settings: Mapping[str, Any]
    versions: Mapping[str, str]


def gather_facts(report: RunReport, examples: int = 12, rejects_each: int = 3) -> Facts:
    """Gather the facts of a run.

    Args:
        examples: trajectories shown, of as many combinations of error type, strategy and origin as there are.
        rejects_each: dropped items shown for each stage and reason, the first ones.

    Raises:
        DataError: if the file of rejects is there and cannot be read.
    """
    shown, unreadable = read_rejects(report.rejects, rejects_each) if report.rejects else ({}, 0)
    kept = [labels for trajectory in report.trajectories for labels in _labels(trajectory)]
    return Facts(
        title=shorten(report.title, MAX_DETAIL),
        outcome=shorten(report.outcome, MAX_TEXT),
        command=shorten(report.command, MAX_TEXT),
        began=shorten(report.began, MAX_DETAIL),
        seconds=report.seconds,
        weaknesses=find_weaknesses(report.funnel, report.trajectories, report.student_errors),
        kept=len(report.trajectories),
        usd=sum(cost.usd for cost in report.costs),
        usd_saved=sum(cost.usd_saved for cost in report.costs),
        funnel=tuple(report.funnel),
        losses=_losses(report.funnel, shown),
        rejects_unreadable=unreadable,
        error_types={
            "student": _by_count(report.student_errors),
            "injected": _by_count(report.injected_errors),
            "kept": _by_count(Counter(type_ for type_, *_ in kept)),
        },
        turns={str(n): count for n, count in sorted(Counter(len(t.errors) for t in report.trajectories).items())},
        by_source=_cross((source, type_) for type_, source, _, _ in kept),
        by_strategy=_cross((strategy, type_) for type_, _, strategy, _ in kept),
        by_origin=_cross((origin, type_) for type_, _, _, origin in kept),
        costs=merge_costs(report.costs),
        examples=tuple(map(_example, choose(report.trajectories, examples))),
        settings=_plain(dict(report.settings)),
        versions=_plain(dict(report.versions)),
    )


def merge_costs(costs: Iterable[Usage]) -> tuple[Usage, ...]:
    """Merge the usage of each stage and model into one entry; a stage asks batch by batch."""
    found: dict[tuple[str, str], Usage] = {}
    for cost in costs:
        place = cost.stage, cost.model
        # A plain mapping: `asdict` makes something else of a Counter.
        counted = replace(cost, refused=_by_count(cost.refused))
        found[place] = _together(found[place], counted) if place in found else counted
    return tuple(found.values())


def _together(one: Usage, other: Usage) -> Usage:
    return replace(
        one,
        requests=one.requests + other.requests,
        from_store=one.from_store + other.from_store,
        refused=_by_count(Counter(one.refused) + Counter(other.refused)),
        prompt_tokens=one.prompt_tokens + other.prompt_tokens,
        completion_tokens=one.completion_tokens + other.completion_tokens,
        usd=one.usd + other.usd,
        usd_saved=one.usd_saved + other.usd_saved,
        calls=one.calls + other.calls,
        new=one.new + other.new,
    )


def shorten(text: str, most: int) -> str:
    """The beginning of a long text, with its length.

    Example:
        >>> shorten("24 - 9 = 15", 6)
        '24 - 9 … (11 characters in all)'
    """
    return text if len(text) <= most else f"{text[:most]} … ({len(text):,} characters in all)"


def _plain(value: Any) -> Any:
    """A value that JSON can hold, long texts cut; numbers that are not finite, and all other values, as text.

    Example:
        >>> _plain({"limit": float("inf"), "files": ("a", "b")})
        {'limit': 'inf', 'files': ['a', 'b']}
    """
    if isinstance(value, Mapping):
        return {shorten(str(name), MAX_DETAIL): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return shorten(str(value), MAX_TEXT)


def read_rejects(path: str | Path, each: int) -> tuple[dict[tuple[str, str], list[_RejectShown]], int]:
    """Read the first `each` rejects by stage and reason, and count unreadable lines; a missing file has none."""
    found: dict[tuple[str, str], list[_RejectShown]] = {}
    unreadable = 0
    for row in _lines(Path(path)):
        try:
            if isinstance(row, str):  # what is wrong with the line
                raise KeyError(row)
            place = found.setdefault((str(row["stage"]), str(row["reason"])), [])
            name, detail = str(row["id"]), str(row.get("detail") or "")
        except (KeyError, RecursionError):
            unreadable += 1
            continue
        if len(place) < each:
            place.append(_RejectShown(shorten(name, MAX_DETAIL), shorten(detail, MAX_DETAIL)))
    return found, unreadable


def _lines(path: Path) -> Iterator[JsonObject | str]:
    """The objects of a file of rejects; where a line holds none, what is wrong with it."""
    if not path.is_file():
        return
    try:
        with path.open("rb") as file:
            yield from (found for _, found in json_lines(file, str(path)))
    except OSError as error:
        raise DataError(f"{path}: rejects cannot be read ({error.strerror or error})") from None


def choose(trajectories: Sequence[Trajectory], count: int) -> list[Trajectory]:
    """Choose a few of each combination of error type, strategy and origin; always the same ones of the same rows."""
    groups: dict[tuple[str, ...], list[tuple[str, int]]] = {}
    for place, trajectory in enumerate(trajectories):
        first = _labels(trajectory)[0]
        name = hashlib.sha256(trajectory.id.encode(errors="replace")).hexdigest()
        group = groups.setdefault((first[0], *first[2:]), [])
        group.append((name, place))
        if len(group) > 4 * count:  # which bounds the memory; sorting every time would take longer
            group[:] = sorted(group)[:count]
    ranked = [sorted(groups[label])[:count] for label in sorted(groups)]
    turns = [group[turn] for turn in range(count) for group in ranked if turn < len(group)]
    return [trajectories[place] for _, place in turns[:count]]


def _labels(trajectory: Trajectory) -> list[tuple[str, str, str, str]]:
    """Error type, source, strategy and origin of each error; of a right solution one line that says so."""
    source = shorten(trajectory.problem.source or NOT_GIVEN, MAX_DETAIL)
    errors = [
        (str(error.type or NOT_GIVEN), source, str(error.strategy or NOT_GIVEN), str(error.origin or NOT_GIVEN))
        for error in trajectory.errors
    ]
    return errors or [(NO_ERROR, source, NO_ERROR, NO_ERROR)]


def _losses(funnel: Sequence[StageCount], shown: Mapping[tuple[str, str], list[_RejectShown]]) -> tuple[Loss, ...]:
    return tuple(
        Loss(count.stage, reason, number, tuple(shown.get((count.stage, reason), ())))
        for count in funnel
        for reason, number in count.dropped.items()
    )


def _cross(pairs: Iterable[tuple[str, str]]) -> dict[str, dict[str, int]]:
    """Counts of the second by the first of each pair, the most frequent first."""
    table: dict[str, Counter[str]] = {}
    for row, column in pairs:
        table.setdefault(row, Counter())[column] += 1
    order = sorted(table, key=lambda row: (-table[row].total(), row))
    return {row: _by_count(table[row]) for row in order}


def _by_count(counts: Mapping[str, int]) -> dict[str, int]:
    order = sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))
    return {shorten(str(name), MAX_DETAIL): number for name, number in order}


def _example(trajectory: Trajectory) -> FunnelExample:
    problem = trajectory.problem
    return FunnelExample(
        id=shorten(trajectory.id, MAX_DETAIL),
        source=_labels(trajectory)[0][1],
        question=shorten(problem.question, MAX_TEXT),
        reference_answer=shorten(problem.reference_answer, MAX_DETAIL),
        errors=tuple(
            _ErrorShown(type_, error.step, strategy, origin)
            for error, (type_, _, strategy, origin) in zip(trajectory.errors, _labels(trajectory), strict=False)
        ),
        spans=tuple((str(span.kind), shorten(span.text, MAX_TEXT)) for span in trajectory.spans),
    )
