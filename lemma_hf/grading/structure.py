r"""The kind of an answer, and its parts: split at the outermost level, so that parts are compared one by one.

"(1, 2]"        INTERVAL  ends "(" "]"    parts 1 | 2
"\{1, 2\}"      SET                        parts 1 | 2
"x = 3"         RELATION  "="              parts x | 3
"7"             SCALAR
"""

import re
from dataclasses import dataclass
from enum import StrEnum

_MAX_PARTS = 400
"""Of a list, or cells of a matrix: more than any answer has. Parts in order are compared one by one."""


class AnswerKind(StrEnum):
    """How the parts of an answer belong together."""

    SCALAR = "scalar"
    LIST = "list"
    """Values side by side, in any order: the roots of an equation."""
    SET = "set"
    TUPLE = "tuple"
    BRACKET = "bracket"
    """Square brackets around parts: a closed interval, a list or a row; which one is meant, the other answer shows."""
    INTERVAL = "interval"
    UNION = "union"
    MATRIX = "matrix"
    RELATION = "relation"
    RATIO = "ratio"


@dataclass(frozen=True, slots=True)
class ParsedAnswer:
    """An answer in parts; a SCALAR has none."""

    kind: AnswerKind
    text: str
    parts: tuple[str, ...] = ()
    mark: str = ""
    """What tells apart answers of one kind: the two ends of an interval, the sign of a relation, a matrix's shape."""


# "1 and 2"  "x=1 \text{ or } x=2"  "3or4"
_AND = re.compile(r"\s*,?\s*\\text\s*\{\s*(?:and|or)\s*\}\s*|\s*,?\s+(?:and|or)\s+|(?<=[\d)])\s*(?:and|or)\s*(?=[\d(])")
_RELATIONS = ("\\le", "\\ge", "\\ne", "\\in", "\\approx", "<", ">", "=")
_RELATION = re.compile(r"\\(?:le|ge|ne|in|approx|equiv)(?![A-Za-z])|[<>=]")  # "x \le 3"  "x=3"
_BOTH_SIGNS = re.compile(r"\\pm(?![A-Za-z])")  # "1 \pm \sqrt{2}"
# "\begin{pmatrix}1\\2\end{pmatrix}"
_MATRIX = re.compile(r"\(?\s*\\begin\{pmatrix\}(.*)\\end\{pmatrix\}\s*\)?", re.DOTALL)
_RATIO = re.compile(r"[^:]{1,40}(?::[^:]{1,40})+")  # "3:4"  "1:2:3"
"""Forty signs a part hold a fraction; a sentence with a colon in it is no ratio."""
_SPACED = re.compile(r"-?\d+(?:\.\d+)?(?: -?\d+(?:\.\d+)?)+")  # "1 2 -3.5"
_STEP = re.compile(r"\\[A-Za-z]+|\\.|.", re.DOTALL)  # "\frac"  "\{"  "x"
_OPENING = {"(": 1, "[": 1, "{": 1, "\\{": 1, ")": -1, "]": -1, "}": -1, "\\}": -1, "\\begin": 1, "\\end": -1}


def read_structure(text: str) -> ParsedAnswer:
    """The kind of a normalized answer, and its parts as text."""
    text = text.strip()
    if "\\pm" in text and (both := _both_signs(text)):
        return ParsedAnswer(AnswerKind.LIST, text, both)
    if "matrix" in text and (matrix := _matrix(text)):
        return matrix
    if len(text) < 2_000:  # bounds the search, whose branches all begin with optional white space
        text = _AND.sub(",", text)
    for separators in ((";",), (",",)):
        if separators[0] in text and len(parts := _split_at(text, separators)) > 1:
            return ParsedAnswer(AnswerKind.LIST, text, _without_empty(parts))
    if _SPACED.fullmatch(text):
        return ParsedAnswer(AnswerKind.TUPLE, text, tuple(text.split()))
    if "\\cup" in text and len(parts := _split_at(text, ("\\cup",))) > 1:
        return ParsedAnswer(AnswerKind.UNION, text, parts)
    if _RELATION.search(text) and (relation := _relation(text)):
        return relation
    if bracketed := _bracketed(text):
        return bracketed
    if ":" in text and _RATIO.fullmatch(text):
        return ParsedAnswer(AnswerKind.RATIO, text, tuple(text.split(":")))
    return ParsedAnswer(AnswerKind.SCALAR, text)


def _without_empty(parts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part for part in parts if part) or parts


def _both_signs(text: str) -> tuple[str, ...] | None:
    if len(_BOTH_SIGNS.findall(text)) != 1 or _split_at(text, (",",))[1:]:
        return None
    return _BOTH_SIGNS.sub("+", text), _BOTH_SIGNS.sub("-", text)


def _split_at(text: str, separators: tuple[str, ...]) -> tuple[str, ...]:
    """`text` cut at the separators that stand outside of all brackets.

    Example:
        >>> _split_at("(1,2), 3", (",",))
        ('(1,2)', '3')
    """
    parts, depth, start = [], 0, 0
    for found in _STEP.finditer(text):
        token = found.group()
        depth += _OPENING.get(token, 0)
        if depth <= 0 and token in separators:
            parts.append(text[start : found.start()].strip())
            start = found.end()
            if len(parts) > _MAX_PARTS:
                break
    return (*parts, text[start:].strip())


def nesting(text: str) -> int:
    """How deep the brackets of a text are nested, whether or not they are closed."""
    deepest = depth = 0
    for sign in text:
        if sign in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in ")]}":
            depth -= 1
    return deepest


def _relation(text: str) -> ParsedAnswer | None:
    parts, signs, depth, start = [], [], 0, 0
    for found in _STEP.finditer(text):
        token = found.group()
        depth += _OPENING.get(token, 0)
        if depth == 0 and (token in _RELATIONS or token == "\\equiv"):
            parts.append(text[start : found.start()].strip())
            signs.append(token)
            start = found.end()
    if not signs or len(signs) > 20:  # a longer chain is a calculation, or hostile
        return None
    return ParsedAnswer(AnswerKind.RELATION, text, (*parts, text[start:].strip()), " ".join(signs))


def _matrix(text: str) -> ParsedAnswer | None:
    found = _MATRIX.fullmatch(text)
    if not found or "\\begin" in found[1]:
        return None
    body = re.sub(r"\\hline", "", found[1]).strip().removesuffix("\\\\").strip()  # "1 & 2 \\ \hline 3 & 4"
    rows = [row.split("&") for row in re.split(r"\\\\+", body)]  # "1 & 2 \\ 3 & 4"
    if len({len(row) for row in rows}) != 1 or len(rows) * len(rows[0]) > _MAX_PARTS:
        return None
    cells = tuple(cell.strip() for row in rows for cell in row)
    return ParsedAnswer(AnswerKind.MATRIX, text, cells, f"{len(rows)}x{len(rows[0])}")


def _bracketed(text: str) -> ParsedAnswer | None:
    if text.startswith("\\{") and text.endswith("\\}") and _encloses(text, 2):
        return ParsedAnswer(AnswerKind.SET, text, _split_at(text[2:-2], (",", ";")))
    if text[:1] not in ("(", "[", "{") or text[-1:] not in (")", "]", "}") or not _encloses(text, 1):
        return None
    ends, parts = text[0] + text[-1], _split_at(text[1:-1], (",", ";"))
    if ends == "{}":
        # LaTeX prints these braces not at all, so they say no more than a list does.
        return ParsedAnswer(AnswerKind.LIST, text, parts) if len(parts) > 1 else read_structure(text[1:-1])
    infinite = len(parts) == 2 and any("\\infty" in part for part in parts)
    if ends in ("(]", "[)") or infinite:
        return ParsedAnswer(AnswerKind.INTERVAL, text, parts, ends) if len(parts) == 2 else None
    if ends == "[]":
        return ParsedAnswer(AnswerKind.BRACKET, text, parts)
    return ParsedAnswer(AnswerKind.TUPLE, text, parts) if ends == "()" and len(parts) > 1 else _inside(text)


def _inside(text: str) -> ParsedAnswer | None:
    inner = read_structure(text[1:-1]) if text[0] + text[-1] == "()" else None
    return inner if inner and inner.kind is not AnswerKind.SCALAR else None


def _encloses(text: str, width: int) -> bool:
    """Whether the first bracket is closed by the last one."""
    depth = 0
    for found in _STEP.finditer(text):
        depth += _OPENING.get(found.group(), 0)
        if depth == 0:
            return found.end() == len(text)
    return False
