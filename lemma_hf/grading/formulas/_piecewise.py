r"""Functions by cases: rows of a value and the condition under which it holds.

Two of them are the same if each row of one has a twin in the other, in any order. Where they are cut in another way
(`|x|` and its two cases), both are evaluated at the ends of all conditions, between them and beyond.
"""

import cmath
import math
import random
import re
from itertools import pairwise

from lemma_hf.grading._real_sets import RealSet, holds, outside, read_real_set
from lemma_hf.grading._structure import AnswerKind, ParsedAnswer
from lemma_hf.grading._work import Work
from lemma_hf.grading.formulas._expression import Node
from lemma_hf.grading.formulas._probe import Same, floating

_MAX_ROWS = 12
"""More cases than a function of an answer has."""
_POINT_COST = 40
"""Units of work for each case at each point: a small formula has five nodes, each of which costs eight."""
_CLOSE = 1e-9
"""In proportion; doubles carry 16 digits, of which sums that cancel lose some."""
_REST = re.compile(r"(?:\\text\s*\{\s*)?(?:otherwise|else|elsewhere|other)\s*\}?")  # "\text{otherwise}"  "else"

_TEXT = re.compile(r"\\text\s*\{([^{}]*)\}")  # "n \text{ even}"

_Rows = list[tuple[str, str]]
_Pieces = list[tuple[RealSet, Node]]


def same_piecewise(left: ParsedAnswer, right: ParsedAnswer, work: Work) -> Same:
    """Whether two functions, one of which at least is given by cases, are the same."""
    rows = _rows(left), _rows(right)
    if max(map(len, rows)) > _MAX_ROWS:
        return Same.NO
    if len(rows[0]) == len(rows[1]) and _same_rows(*rows, work):
        return Same.YES
    pieces = _pieces(rows[0], work), _pieces(rows[1], work)
    if pieces[0] is None or pieces[1] is None:
        return Same.UNKNOWN
    return _same_everywhere(pieces[0], pieces[1], work)


def _rows(answer: ParsedAnswer) -> _Rows:
    if answer.kind is not AnswerKind.PIECEWISE:
        return [(answer.text, "")]
    return list(zip(answer.parts[::2], answer.parts[1::2], strict=True))


def _same_rows(ours: _Rows, theirs: _Rows, work: Work) -> bool:
    left = list(theirs)
    for value, condition in ours:
        twin = next((row for row in left if _same_condition(condition, row[1], work)), None)
        if twin is None or work.same(value, twin[0]) is not Same.YES:
            return False
        left.remove(twin)
    return True


def _same_condition(one: str, other: str, work: Work) -> bool:
    rest = [_REST.fullmatch(text) is not None for text in (one, other)]
    if any(rest):
        return all(rest)
    plain = [_TEXT.sub(r"\1", text).replace(" is ", " ").replace(" ", "") for text in (one, other)]
    # A word of a condition is no unit that may be left out: `n \text{ even}`.
    return plain[0] == plain[1] if "text" in one + other else work.same(one, other) is Same.YES


def _pieces(rows: _Rows, work: Work) -> _Pieces | None:
    """Each value with the reals at which it holds; None where one of them is not read."""
    found: _Pieces = []
    for value, condition in rows:
        tree = work.tree(value)
        if not condition:
            where = read_real_set("\\mathbb{R}", work)
        elif _REST.fullmatch(condition):
            where = outside([piece[0] for piece in found])
        else:
            where = read_real_set(condition, work)
        if tree is None or where is None:
            return None
        found.append((where, tree))
    return found


def _same_everywhere(ours: _Pieces, theirs: _Pieces, work: Work) -> Same:
    variables = {where.name for where, _ in ours + theirs if where.name}
    names = set().union(*(tree.names() for _, tree in ours + theirs))
    if len(variables) != 1:
        return Same.UNKNOWN
    variable = variables.pop()
    rng = random.Random("lemma" + variable)
    # Other letters are parameters, the same at all points, and of each sign once.
    size = {name: rng.uniform(0.3, 2.7) for name in sorted(names - {variable})}
    for sign in (1, -1):
        others = {name: complex(sign * value) for name, value in size.items()}
        for point in _points(ours + theirs, rng):
            work.spend(_POINT_COST * (len(ours) + len(theirs)))
            values = {**others, variable: complex(point)}
            if not _close(_value_at(ours, point, values), _value_at(theirs, point, values)):
                return Same.NO
    return Same.YES


def _close(one: complex | None, other: complex | None) -> bool:
    if one is None or other is None:
        return one is other
    return cmath.isclose(one, other, rel_tol=_CLOSE, abs_tol=_CLOSE)


def _points(pieces: _Pieces, rng: random.Random) -> list[float]:
    """All ends of the conditions; and in each stretch between them two points, which no formula was made for."""
    ends = {float(end.value) for where, _ in pieces for piece in where.pieces for end in (piece.low, piece.high)}
    finite = sorted(end for end in ends if math.isfinite(end))
    # 9 beyond the outermost ends: far enough that different formulas differ, near enough that none overflows.
    cuts = [finite[0] - 9, *finite, finite[-1] + 9] if finite else [-9.0, 9.0]
    return [*finite, *(rng.uniform(low, high) for low, high in pairwise(cuts) for _ in range(2))]


def _value_at(pieces: _Pieces, point: float, values: dict[str, complex]) -> complex | None:
    """The value of the first case that holds at a point; None where none does, or it is undefined."""
    tree = next((tree for where, tree in pieces if holds(where, point)), None)
    if tree is None:
        return None
    try:
        return floating(tree, values)
    except (ArithmeticError, ValueError):
        return None
