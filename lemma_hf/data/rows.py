"""The columns of a row: their names, types and order, and how a trajectory is written and read.

A trajectory as a row; `prompt` and `completion` are what any SFT trainer takes, the rest says what the parts are:

    problem      "A box holds 6 pens. …"            span_kinds  [reasoning, error, reflection, correction]
    prompt       "Question: A box … Solution:"      span_ends   [55, 108, 151, 204]     characters of `completion`
    completion   " Each box … The answer is: 15"   error_types [calculation]   error_steps [2]   one each per error
                                                   error_starts [93]   where the mistake begins, in `completion`

`error_starts` came later than the rest: rows without the column are read as rows in which no such place is known.
Labels go into `datasets` as names and come out as class indices; both are read here. None, or the -1 that `datasets`
has for a missing label, is an unknown label or place.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache
from itertools import pairwise
from typing import Any, TypeVar

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.prompts import PromptStyle, prompt_style
from lemma_hf.records import Error, Origin, Problem, Span, SpanKind, Strategy, Trajectory
from lemma_hf.taxonomy import ErrorType

_TEXTS = (
    "id",
    "problem_id",
    "problem",
    "reference_answer",
    "reference_solution",
    "source",
    "prompt_style",
    "prompt",
    "completion",
)
_LABELS: dict[str, type[StrEnum]] = {
    "span_kinds": SpanKind,
    "error_types": ErrorType,
    "error_strategies": Strategy,
    "error_origins": Origin,
}
_NUMBERS = ("span_ends", "error_steps", "error_starts")
REQUIRED_COLUMNS = (
    *(*_TEXTS, "span_kinds", "span_ends"),
    *("error_types", "error_steps", "error_strategies", "error_origins"),
)
"""The names of the columns that every row has."""
COLUMNS = (*REQUIRED_COLUMNS, "error_starts")
"""The names of a row's columns, in their order."""

_Label = TypeVar("_Label", bound=StrEnum)


@cache
def features() -> Any:
    """The columns as `datasets.Features`; class names are in the order of the enums."""
    from datasets import ClassLabel, Features, List, Value

    kinds: dict[str, Any] = dict.fromkeys(_TEXTS, Value("string"))
    kinds |= {name: List(ClassLabel(names=[str(member) for member in labels])) for name, labels in _LABELS.items()}
    kinds |= dict.fromkeys(_NUMBERS, List(Value("int32")))
    return Features({name: kinds[name] for name in COLUMNS})


def trajectory_to_row(trajectory: Trajectory, style: PromptStyle) -> dict[str, Any]:
    """A trajectory as a row of plain values, asked in `style`; labels are names, unknown ones None."""
    problem, errors = trajectory.problem, trajectory.errors
    return {
        "id": trajectory.id,
        "problem_id": problem.id,
        "problem": problem.question,
        "reference_answer": problem.reference_answer,
        "reference_solution": problem.reference_solution,
        "source": problem.source,
        "prompt_style": style.name,
        "prompt": style.prompt(problem.question),
        "completion": style.completion(trajectory.text),
        "span_kinds": [str(span.kind) for span in trajectory.spans],
        "span_ends": [len(style.lead) + end for end in trajectory.ends],
        "error_types": [_name(error.type) for error in errors],
        "error_steps": [error.step for error in errors],
        "error_strategies": [_name(error.strategy) for error in errors],
        "error_origins": [_name(error.origin) for error in errors],
        "error_starts": _starts_in_completion(trajectory, len(style.lead)),
    }


def _starts_in_completion(trajectory: Trajectory, lead: int) -> list[int | None]:
    """The character of the completion at which each mistake begins."""
    begins = zip(trajectory.spans, (0, *trajectory.ends), strict=False)
    of_errors = (begin for span, begin in begins if span.kind is SpanKind.ERROR)
    pairs = zip(trajectory.errors, of_errors, strict=True)
    return [None if error.start is None else lead + begin + error.start for error, begin in pairs]


def row_to_trajectory(row: Mapping[str, Any]) -> Trajectory:
    """The trajectory that a row holds: the inverse of `trajectory_to_row`.

    Raises:
        DataError: if a field is missing or of the wrong type, or the fields do not fit each other; the message names
            the field.
    """
    texts = {name: _text(row, name) for name in _TEXTS}
    problem = Problem(
        texts["problem_id"],
        texts["problem"],
        texts["reference_answer"],
        texts["reference_solution"],
        texts["source"],
    )
    lead = _lead(texts)
    found = read_spans(row, len(texts["completion"]), len(lead))
    starts = read_starts(row, found, len(lead))
    return Trajectory(problem, _spans(texts["completion"], found, lead), _errors(row, starts), texts["id"])


def _lead(texts: Mapping[str, str]) -> str:
    """What opens the completion before the trajectory's own text."""
    try:
        style = prompt_style(texts["prompt_style"])
    except ConfigError as error:
        raise DataError(f"field `prompt_style`: {error}") from None
    if texts["prompt"] != style.prompt(texts["problem"]):
        raise DataError(f"field `prompt`: is not what the prompt style {style.name!r} makes of field `problem`")
    if not texts["completion"].startswith(style.lead):
        raise DataError(
            f"field `completion`: has to begin with {style.lead!r}, as the prompt style {style.name!r} says"
        )
    return style.lead


def read_spans(row: Mapping[str, Any], length: int, start: int = 0) -> list[tuple[SpanKind, int]]:
    """The kind and the end of each span, from the columns `span_kinds` and `span_ends`.

    Args:
        row: kinds are names, or indices in the order of `SpanKind`; ends are offsets in characters.
        length: of the text that the spans make up, in characters.
        start: where the first span begins.

    Raises:
        DataError: if a column is missing, holds something else, or does not fit the other or the text; the message
            names the field.

    Example:
        >>> read_spans({"span_kinds": ["reasoning", 1], "span_ends": [4, 9]}, length=9)
        [(<SpanKind.REASONING: 'reasoning'>, 4), (<SpanKind.ERROR: 'error'>, 9)]
    """
    ends = _numbers(row, "span_ends")
    kinds = _labels(row, "span_kinds", SpanKind)
    if len(ends) != len(kinds):
        raise DataError(f"field `span_ends`: has {len(ends)} entries, but `span_kinds` has {len(kinds)}")
    bounds = [start, *ends]
    if any(end <= begin for begin, end in pairwise(bounds)) or bounds[-1] != length:
        raise DataError(
            f"field `span_ends`: has to rise from above {start} to {length}, the length of the completion in "
            f"characters (not bytes or tokens), but is {ends[:20]}"
        )
    if None in kinds:
        raise DataError("field `span_kinds`: a span without a kind")
    return [(kind, end) for kind, end in zip(kinds, ends, strict=True) if kind is not None]


def read_starts(row: Mapping[str, Any], spans: Sequence[tuple[SpanKind, int]], start: int = 0) -> list[int | None]:
    """For each ERROR span the character *of that span* at which the mistake begins, from the column `error_starts`.

    Args:
        row: places are offsets in characters of the completion, None or -1 where they are not known; the column may be
            missing, or None.
        spans: as `read_spans` gives them.
        start: where the first span begins.

    Raises:
        DataError: if the column holds something else, has not one place an ERROR span, or a place lies outside of its
            span.

    Example:
        >>> read_starts({"error_starts": [7]}, [(SpanKind.REASONING, 4), (SpanKind.ERROR, 9)])
        [3]
    """
    bounds = pairwise([start, *(end for _, end in spans)])
    errors = [bound for bound, (kind, _) in zip(bounds, spans, strict=True) if kind is SpanKind.ERROR]
    if row.get("error_starts") is None:
        return [None] * len(errors)
    places = [-1 if place is None else place for place in _list(row, "error_starts")]
    _check_numbers("error_starts", places)
    if len(places) != len(errors):
        raise DataError(f"field `error_starts`: has {len(places)} entries, but there are {len(errors)} error spans")
    for place, (begin, end) in zip(places, errors, strict=True):
        if place != -1 and not begin <= place < end:
            raise DataError(
                f"field `error_starts`: {place} lies outside of its error span, characters {begin} to {end - 1} of the "
                "completion; need a character inside, or null where the place is not known"
            )
    return [None if place == -1 else place - begin for place, (begin, _) in zip(places, errors, strict=True)]


def read_error_labels(row: Mapping[str, Any], count: int) -> list[tuple[ErrorType | None, Strategy | None]]:
    """The type and the strategy of each error, from columns that may be missing, or None.

    Raises:
        DataError: if a column is there and holds something else, or has not `count` entries.

    Example:
        >>> read_error_labels({"error_strategies": ["fix_and_continue"]}, count=1)
        [(None, <Strategy.FIX_AND_CONTINUE: 'fix_and_continue'>)]
    """
    types = _labels_if_any(row, "error_types", ErrorType, count)
    return list(zip(types, _labels_if_any(row, "error_strategies", Strategy, count), strict=True))


def _labels_if_any(row: Mapping[str, Any], name: str, labels: type[_Label], count: int) -> list[_Label | None]:
    if row.get(name) is None:
        return [None] * count
    found = _labels(row, name, labels)
    if len(found) != count:
        raise DataError(f"field `{name}`: has {len(found)} entries, but there are {count} error spans")
    return found


def _spans(text: str, found: Sequence[tuple[SpanKind, int]], lead: str) -> tuple[Span, ...]:
    starts = (len(lead), *(end for _, end in found))
    return tuple(Span(kind, text[start:end]) for start, (kind, end) in zip(starts, found, strict=False))


def _errors(row: Mapping[str, Any], starts: Sequence[int | None]) -> tuple[Error, ...]:
    steps = _numbers(row, "error_steps")
    types = _labels(row, "error_types", ErrorType)
    strategies = _labels(row, "error_strategies", Strategy)
    origins = _labels(row, "error_origins", Origin)
    lengths = {"error_types": len(types), "error_strategies": len(strategies), "error_origins": len(origins)}
    for name, length in lengths.items():
        if length != len(steps):
            raise DataError(f"field `{name}`: has {length} entries, but `error_steps` has {len(steps)}")
    # Where there are fewer or more spans than records, the trajectory refuses them, and says so.
    places = starts if len(starts) == len(steps) else [None] * len(steps)
    return tuple(
        Error(type_, step, origin, strategy, start=place)
        for type_, step, origin, strategy, place in zip(types, steps, origins, strategies, places, strict=True)
    )


def _text(row: Mapping[str, Any], name: str) -> str:
    value = _field(row, name)
    if not isinstance(value, str):
        raise DataError(f"field `{name}`: need a text, found {_shown(value)}")
    return value


def _numbers(row: Mapping[str, Any], name: str) -> list[int]:
    values = list(_list(row, name))
    _check_numbers(name, values)
    return values


def _check_numbers(name: str, values: Sequence[object]) -> None:
    for value in values:
        if not isinstance(value, int) or isinstance(value, bool):
            raise DataError(f"field `{name}`: need whole numbers, found {_shown(value)}")


def _labels(row: Mapping[str, Any], name: str, labels: type[_Label]) -> list[_Label | None]:
    members = list(labels)
    found: list[_Label | None] = []
    for value in _list(row, name):
        if value is None or value == -1:
            found.append(None)
        elif isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(members):
            found.append(members[value])
        elif isinstance(value, str) and value in members:
            found.append(labels(value))
        else:
            known = ", ".join(members)
            raise DataError(f"field `{name}`: no label {_shown(value)}; known are {known}, or their indices from 0")
    return found


def _list(row: Mapping[str, Any], name: str) -> Sequence[Any]:
    value = _field(row, name)
    if not isinstance(value, list | tuple):
        raise DataError(f"field `{name}`: need a list, found {_shown(value)}")
    return value


def _field(row: Mapping[str, Any], name: str) -> Any:
    if name not in row:
        # 500: a row of other people may have any number of columns
        raise DataError(f"field `{name}`: missing; the row has {', '.join(map(str, row)) or 'no fields'}"[:500])
    return row[name]


def _name(label: StrEnum | None) -> str | None:
    return None if label is None else str(label)


def _shown(value: object) -> str:
    text = repr(value)  # a completion has hundreds of characters; 60 show what it is
    return text if len(text) <= 60 else f"{text[:60]}…"
