r"""The kind of an answer, and its parts: split at the outermost level, so that parts are compared one by one.

"(1, 2]"        INTERVAL  ends "(" "]"    parts 1 | 2
"\{1, 2\}"      SET                        parts 1 | 2
"x = 3"         RELATION  "="              parts x | 3
"7"             SCALAR
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

BUILDER = "builder"
"""The mark of a set of all values of a formula: its parts are the formula and the conditions on its variable."""
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
    PIECEWISE = "piecewise"
    """Rows of a value and the condition under which it holds: the parts are value, condition, value, condition."""


@dataclass(frozen=True, slots=True)
class ParsedAnswer:
    """An answer in parts; a SCALAR has none."""

    kind: AnswerKind
    text: str
    parts: tuple[str, ...] = ()
    mark: str = ""
    """What tells apart answers of one kind: the two ends of an interval, the sign of a relation, a matrix's shape."""


_JOINING = "and|or|und|oder|et|ou|y|e|o|и|или|og|och|en"
"""In a `\\text` or between numbers; `2 y 3` is a list, and `2 y \\cos x` a product."""
# "1 and 2"  "x=1 \text{ or } x=2"  "3or4"  "17 und 44"  "17和44"
_AND = re.compile(
    rf"\s*,?\s*\\text\s*\{{\s*(?:{_JOINING})\s*\}}\s*|\s*,?\s+(?:and|or|und|oder)\s+"
    rf"|(?<=\d)\s+(?:{_JOINING})\s+(?=-?\d|[a-z]\s*=)|(?<=[\d)}}])\s+(?:et|ou|или)\s+(?=[-\d(\\])|(?<=[\d)])\s*(?:and|or|和|或|と)\s*(?=[-\d(]|[a-z]\s*=)"
)
_RELATIONS = ("\\le", "\\ge", "\\ne", "\\in", "\\approx", "<", ">", "=")
_RELATION = re.compile(r"\\(?:le|ge|ne|in|approx|equiv)(?![A-Za-z])|[<>=]")  # "x \le 3"  "x=3"
_BOTH_SIGNS = re.compile(r"\\(?:pm|mp)(?![A-Za-z])")  # "1 \pm \sqrt{2}"  "a \pm b \mp c"
_MAX_BOTH_SIGNS = 3
"""Of one value: each that stands for itself doubles the values, and three are more than answers have."""
_HEAD = re.compile(r"[^,;|:]+|\([^|:]*\)")  # "2k+1"  "(x,y)"
_ABOUT = re.compile(r"([A-Za-z])(?![A-Za-z(])")  # "k \in \mathbb{Z}"
_NEXT_LABEL = re.compile(r"(?<=[^,;\s{])\s+(?=(?:\\text\s*\{\s*)?\([b-h]\))")  # "(a) 3 (b) 5"
_WHOLE = re.compile(r"-?\d{1,9}")  # "10"
_ANGLED = re.compile(r"(?:\\langle(?![A-Za-z])|<)([^<>=]{1,200}?)(?:\\rangle|>)")  # "\langle 1, 2 \rangle"  "<1,2>"
# "(1,2)^T"  "\begin{pmatrix}1&2\end{pmatrix}^{\top}"
_TRANSPOSED = re.compile(r"(.*[)\]}])\s*\^\s*(?:\{\s*)?(?:T|t|\\top|\\intercal)(?:\s*\})?", re.DOTALL)
# "\begin{cases} x=1 \\ y=2 \end{cases}"  "\{\begin{pmatrix}x=1\\y=2\end{pmatrix}"
_ROWS = re.compile(
    r"(?:\\\{\s*)?\\begin\{(?:[dr]?cases|aligned|align\*?|gathered|split)\}(?:\[\w\])?(.*)\\end\{(?:[dr]?cases|aligned|align\*?|gathered|split)\}"
    r"|\\\{\s*\\begin\{pmatrix\}(.*)\\end\{pmatrix\}",
    re.DOTALL,
)
_SAID_CONDITION = re.compile(r"\\text\s*\{\s*(?:if|for|when)\s+([^{}]+)\}")  # "\text{if x \ge 0}"
# "x^2, & x \ge 0"  "x^2 \text{ if } x \ge 0"  "x^2, x \ge 0"
_CONDITION = re.compile(
    r"\s*,?\s*&\s*,?\s*(?:\\text\s*\{\s*,?\s*(?:if|for|when)\s*\}|(?:if|for|when)\s)?|\s*,?\s*\\text\s*\{\s*,?\s*(?:if|for|when)\s*\}"
    r"|\s*,?\s+(?:if|for|when)\s|\s*,\s*(?=\\text|otherwise|else|[^,]*(?:[<>]|\\[lgn]e(?![A-Za-z])))"
)
# "\begin{pmatrix}1\\2\end{pmatrix}"
_MATRIX = re.compile(r"[(\[]?\s*\\begin\{pmatrix\}(.*)\\end\{pmatrix\}\s*[)\]]?", re.DOTALL)
_NAMED_UNION = re.compile(r"([A-Za-z]|[A-Za-z]\([a-z]\))\s*(=|\\in)(?![A-Za-z])([^=<>]+)")  # "D = (0,1) \cup (2,3)"
_RATIO = re.compile(r"[^:]{1,40}(?::[^:]{1,40})+")  # "3:4"  "1:2:3"
"""Forty signs a part hold a fraction; a sentence with a colon in it is no ratio."""
_SPACED = re.compile(r"-?\d+(?:\.\d+)?(?: -?\d+(?:\.\d+)?)+")  # "1 2 -3.5"
_STEP = re.compile(r"\\[A-Za-z]+|\\.|.", re.DOTALL)  # "\frac"  "\{"  "x"
_OPENING = {"(": 1, "[": 1, "{": 1, "\\{": 1, ")": -1, "]": -1, "}": -1, "\\}": -1, "\\begin": 1, "\\end": -1,
    "\\langle": 1, "\\rangle": -1,
}  # fmt: skip


def read_structure(text: str) -> ParsedAnswer:
    """The kind of a normalized answer, and its parts as text."""
    text = text.strip()
    if ("<" in text or "\\" in text) and (angled := _ANGLED.fullmatch(text)):
        text = f"({angled[1]})"
    if ("\\" in text or "^" in text) and (found := _of_commands(text)):
        return found
    if len(text) < 2_000:  # bounds the search, whose branches all begin with optional white space
        text = _AND.sub(",", text)
        if text.startswith(("(a)", "\\text{(a)")):
            text = _NEXT_LABEL.sub(", ", text)
    for separators in ((";",), (",",)):
        if separators[0] in text and len(parts := split_at(text, separators)) > 1:
            return ParsedAnswer(AnswerKind.LIST, text, _written_out(_without_empty(parts)))
    if _SPACED.fullmatch(text):
        return ParsedAnswer(AnswerKind.TUPLE, text, tuple(text.split()))
    if "\\cup" in text and (named := _NAMED_UNION.fullmatch(text)):
        return ParsedAnswer(AnswerKind.RELATION, text, (named[1], named[3].strip()), named[2])
    if "\\cup" in text and len(parts := split_at(text, ("\\cup",))) > 1:
        return _finite_union(text, parts) or ParsedAnswer(AnswerKind.UNION, text, parts)
    if _RELATION.search(text) and (relation := _relation(text)):
        return relation
    if bracketed := _bracketed(text):
        return bracketed
    if ":" in text and _RATIO.fullmatch(text):
        return ParsedAnswer(AnswerKind.RATIO, text, tuple(text.split(":")))
    return ParsedAnswer(AnswerKind.SCALAR, text)


def _of_commands(text: str) -> ParsedAnswer | None:
    """A system, a matrix, a transposed one, or a value with both signs."""
    if "\\begin" in text and (rows := _ROWS.fullmatch(text)):
        return _of_rows(text, rows[1] or rows[2] or "")
    if "^" in text and text[-1] in "Ttp}l" and (found := _TRANSPOSED.fullmatch(text)) and (turned := _turned(found[1])):
        return turned
    if ("\\pm" in text or "\\mp" in text) and (both := both_signs(text)):
        return ParsedAnswer(AnswerKind.LIST, text, both)
    return _matrix(text) if "matrix" in text else None


def _without_empty(parts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part for part in parts if part) or parts


def both_signs(text: str) -> tuple[str, ...] | None:
    r"""The values that `\pm` stands for; None where it stands for none, or the text is a list or a set.

    Beside `\mp` the upper signs belong together, and the lower ones; else each sign is chosen by itself.
    """
    signs = [found.group() for found in _BOTH_SIGNS.finditer(text)]
    if not 0 < len(signs) <= _MAX_BOTH_SIGNS or text.startswith("\\{") or split_at(text, (",",))[1:]:
        return None
    if len(set(signs)) > 1:
        choices = [
            ["+" if sign == "\\pm" else "-" for sign in signs],
            ["-" if sign == "\\pm" else "+" for sign in signs],
        ]
    else:
        choices = [list(choice) for choice in product("+-", repeat=len(signs))]
    between = _BOTH_SIGNS.split(text)
    return tuple(between[0] + "".join(map("".join, zip(choice, between[1:], strict=True))) for choice in choices)


def _written_out(parts: tuple[str, ...]) -> tuple[str, ...]:
    r"""Parts with both values of each `\pm`, and with what `...` leaves out."""
    if "..." in parts:
        parts = _progression(parts) or parts
    if any("\\pm" in part or "\\mp" in part for part in parts):
        parts = tuple(value for part in parts for value in both_signs(part) or (part,))
    return parts


def _progression(parts: tuple[str, ...]) -> tuple[str, ...] | None:
    """Whole numbers at one distance, written out: `1, 2, ..., 10`; an endless one as three and `...`."""
    at = parts.index("...")
    known = parts[:at] + parts[at + 1 :]
    if at == 0 or not all(map(_WHOLE.fullmatch, known)) or len(known) < 2:
        return None
    before, after = [int(part) for part in parts[:at]], [int(part) for part in parts[at + 1 :]]
    step = before[1] - before[0] if len(before) > 1 else 1
    if step == 0 or before != [before[0] + step * index for index in range(len(before))]:
        return None
    if not after:
        return *(str(before[0] + step * index) for index in range(3)), "..."
    size, rest = divmod(after[-1] - before[0], step)
    if rest or not len(known) - 1 <= size < _MAX_PARTS:
        return None
    found = tuple(str(before[0] + step * index) for index in range(size + 1))
    return found if found[-len(after) :] == parts[at + 1 :] else None


def _finite_union(text: str, parts: tuple[str, ...]) -> ParsedAnswer | None:
    r"""The union of sets that are written out: one set; braces may lack their backslashes, as in `{1,2} \cup {3}`."""
    marked = [f"\\{{{part[1:-1]}\\}}" if part[:1] + part[-1:] == "{}" else part for part in parts]
    sets = [_bracketed(part) if part.startswith("\\{") else None for part in marked]
    if any(item is None or item.kind is not AnswerKind.SET for item in sets):
        return None
    return ParsedAnswer(AnswerKind.SET, text, tuple(part for item in sets if item for part in item.parts if part))


def _of_rows(text: str, body: str) -> ParsedAnswer:
    """A system of relations as a list of them; a function by cases in rows of value and condition."""
    if "\\begin" in body:
        return ParsedAnswer(AnswerKind.SCALAR, text)
    rows = [row.strip() for row in re.split(r"\\\\+(?:\[\d*\w*\])?", body.strip())]  # "x=1 \\ y=2"
    rows = [row.rstrip(" ,;.") for row in rows if row.strip(" &,;.")][:_MAX_PARTS]
    if any(re.search(r"&\s*(?:[<>=]|\\(?:le|ge|ne|in|equiv|approx)(?![A-Za-z]))", row) for row in rows):  # "x &= 1"
        rows = [row.replace("&", "") for row in rows]
    rows = [_SAID_CONDITION.sub(r"\\text{if} \1", row) for row in rows]
    pieces = [_CONDITION.split(row, maxsplit=1) for row in rows]
    if rows and all(len(piece) == 2 for piece in pieces):
        cells = tuple(cell.strip() for piece in pieces for cell in piece)
        return ParsedAnswer(AnswerKind.PIECEWISE, text, cells)
    joined: list[str] = []
    for row in (row.replace("&", "").strip() for row in rows):
        if joined and row[:1] == "=":  # goes on with the line before
            joined[-1] += row
        else:
            joined.append(row)
    if len(joined) == 1:
        return read_structure(joined[0])
    return ParsedAnswer(AnswerKind.LIST, text, tuple(joined))


def _turned(text: str) -> ParsedAnswer | None:
    """A vector or matrix, transposed."""
    inner = (_matrix(text) if "matrix" in text else None) or _bracketed(text)
    if inner is None or inner.kind not in (AnswerKind.MATRIX, AnswerKind.TUPLE, AnswerKind.BRACKET):
        return None
    if inner.kind is AnswerKind.MATRIX:
        rows, columns = map(int, inner.mark.split("x"))
        cells = tuple(inner.parts[row * columns + column] for column in range(columns) for row in range(rows))
        return ParsedAnswer(AnswerKind.MATRIX, text, cells, f"{columns}x{rows}")
    inner = as_matrix(inner) or inner
    return ParsedAnswer(AnswerKind.MATRIX, text, inner.parts, f"{len(inner.parts)}x1")


def as_matrix(answer: ParsedAnswer) -> ParsedAnswer | None:
    """Rows in brackets (`[[1,2],[3,4]]`, `[1,2;3,4]`) as the matrix that they may mean."""
    if answer.kind not in (AnswerKind.BRACKET, AnswerKind.TUPLE):
        return None
    inner = answer.text.strip()[1:-1]
    if ";" in inner:
        rows = [split_at(row, (",",)) if "," in row else tuple(row.split()) for row in split_at(inner, (";",))]
    else:
        found = [_bracketed(part) for part in answer.parts]
        rows = [row.parts for row in found if row and row.kind in (AnswerKind.BRACKET, AnswerKind.TUPLE)]
        if len(rows) < len(found):
            return None
    if len({len(row) for row in rows}) != 1:
        return None
    cells = tuple(cell for row in rows for cell in row)
    return ParsedAnswer(AnswerKind.MATRIX, answer.text, cells, f"{len(rows)}x{len(rows[0])}")


def split_at(text: str, separators: tuple[str, ...]) -> tuple[str, ...]:
    """`text` cut at the separators that stand outside of all brackets.

    Example:
        >>> split_at("(1,2), 3", (",",))
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
        if builder := _builder(text[2:-2]):
            return ParsedAnswer(AnswerKind.SET, text, builder, BUILDER)
        return ParsedAnswer(AnswerKind.SET, text, _written_out(split_at(text[2:-2], (",", ";"))))
    if text[:1] not in ("(", "[", "{") or text[-1:] not in (")", "]", "}") or not _encloses(text, 1):
        return None
    ends, parts = text[0] + text[-1], split_at(text[1:-1], (",", ";"))
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


def _builder(inner: str) -> tuple[str, ...] | None:
    r"""The formula and the conditions of `2k+1 \mid k \in \mathbb{Z}`; a condition on the formula is one of these."""
    at = next((at for at, sign in enumerate(inner) if sign in "|:"), 0)
    head, condition = inner[:at], inner[at + 1 :]
    if not _HEAD.fullmatch(head.strip()) or not any(map(str.isalpha, head)):
        return None
    conditions = split_at(condition, (",",))
    if "\\in" in head:
        conditions = (head.strip(), *conditions)
        head = head.partition("\\in")[0]
    return head.strip(), *conditions


def variable_of(builder: ParsedAnswer) -> str | None:
    """The letter that the conditions of a set are about, if there is one."""
    names = {found[1] for part in builder.parts[1:] if (found := _ABOUT.match(part))}
    return names.pop() if len(names) == 1 else None


def _encloses(text: str, width: int) -> bool:
    """Whether the first bracket is closed by the last one."""
    depth = 0
    for found in _STEP.finditer(text):
        depth += _OPENING.get(found.group(), 0)
        if depth == 0:
            return found.end() == len(text)
    return False
