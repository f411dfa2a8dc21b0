"""`lemma-hf grade --against`: verdicts that have changed since a file was graded before.

Rows are matched by their id, if every row of both files has a unique one, otherwise by their line. A row whose output
or reference has changed is no flip: it is counted separately.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lemma_hf import __version__
from lemma_hf.cli.rows import FIELD, InputRow, encodable, read_input_rows
from lemma_hf.errors import DataError
from lemma_hf.records import Grade, Outcome
from lemma_hf.utils.files import place_of
from lemma_hf.utils.redaction import one_line

_SHOWN = 60
"""Characters of an answer, so that both claims of a flip fit into about two lines of a terminal."""


@dataclass(frozen=True, slots=True)
class _Old:
    """A file that was graded earlier."""

    path: Path
    rows: list[InputRow]

    @property
    def versions(self) -> str:
        """The versions of lemma-hf that graded it, as recorded."""
        found = sorted({str(row.values[FIELD].get("version") or "an unknown version") for row in self.rows})
        return " and ".join(found)


def read_old(path: Path) -> _Old:
    """Read a graded file.

    Raises:
        DataError: if it cannot be read, or a row holds no grade.
    """
    rows = read_input_rows(path)
    for row in rows:
        grade = row.values.get(FIELD)
        if not isinstance(grade, Mapping) or grade.get("outcome") not in set(Outcome):
            raise DataError(
                f"{path}, {place_of(row.line)}: holds no grade; need a file that `lemma-hf grade FILE -o …` wrote"
            )
    return _Old(path, rows)


def print_flips(
    rows: Sequence[InputRow], grades: Sequence[Grade], old: _Old, id_column: str, columns: Sequence[str]
) -> None:
    """Print how many verdicts changed in which direction, then each of them."""
    by_id = _all_own(rows, id_column) and _all_own(old.rows, id_column)
    then = {_key(row, id_column, by_id): row for row in old.rows}
    pairs = [(row, then.pop(_key(row, id_column, by_id), None), grade) for row, grade in zip(rows, grades, strict=True)]
    both = [(row, before, grade) for row, before, grade in pairs if before is not None]
    same = [item for item in both if _unchanged(item[0], item[1], columns)]
    flips = [item for item in same if item[1].values[FIELD]["outcome"] != item[2].outcome]
    how = f"matched by {id_column}" if by_id else "matched by line"
    print(f"\nagainst {old.path} (lemma-hf {old.versions} then, {__version__} now), {how}: {len(same)} rows", end="")
    print(_apart(len(rows) - len(both), len(then), len(both) - len(same)))
    counts = Counter(_direction(before, grade) for _, before, grade in flips)
    print(f"  {'verdicts that changed':<32}{len(flips):>7}")
    for direction, count in counts.most_common():
        print(f"  {direction:<32}{count:>7}")
    for row, before, grade in sorted(flips, key=lambda item: _direction(item[1], item[2])):
        print(_line(row, before, grade, id_column))


def _all_own(rows: Sequence[InputRow], id_column: str) -> bool:
    ids = [row.values.get(id_column) for row in rows]
    return None not in ids and len(set(map(str, ids))) == len(ids)


def _key(row: InputRow, id_column: str, by_id: bool) -> str:
    return str(encodable(row.values[id_column]) if by_id else row.line)


def _unchanged(row: InputRow, before: InputRow, columns: Sequence[str]) -> bool:
    here = {column: row.values.get(column) for column in columns if column in before.values}
    return all(encodable(value) == encodable(before.values[column]) for column, value in here.items())


def _apart(only_now: int, only_then: int, changed: int) -> str:
    named = ((only_now, "only here"), (only_then, "only there"), (changed, "with another output or reference"))
    return "".join(f", {count} {text}" for count, text in named if count)


def _direction(before: InputRow, grade: Grade) -> str:
    return f"{before.values[FIELD]['outcome']} -> {grade.outcome}"


def _line(row: InputRow, before: InputRow, grade: Grade, id_column: str) -> str:
    name = f"{id_column} {one_line(str(row.values[id_column]))}, " if id_column in row.values else ""
    then: dict[str, Any] = before.values[FIELD]
    claims = " | ".join(_claim(*claim) for claim in ((then.get("extracted"), then.get("rule")), _claimed(grade)))
    reference = one_line(grade.reference, _SHOWN)
    return f"  {_direction(before, grade)}: {name}{place_of(row.line)}: reference {reference} | {claims}"


def _claimed(grade: Grade) -> tuple[str | None, str]:
    return grade.extracted, grade.rule


def _claim(extracted: Any, rule: Any) -> str:
    return f"{'nothing' if extracted is None else one_line(str(extracted), _SHOWN)} by {rule}"
