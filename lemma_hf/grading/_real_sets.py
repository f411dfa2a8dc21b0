r"""Sets of real numbers, in every notation: unions of intervals with their ends in order.

    "-2 < x < 2"  "|x| < 2"  "(-2, 2)"  "]-2, 2["  "\{x \mid -2 < x < 2\}"        one interval, both ends open
    "\mathbb{R} \setminus \{3\}"  "x \ne 3"  "(-\infty,3) \cup (3,\infty)"        two intervals
    "all real numbers"  "x \in \mathbb{R}"  "(-\infty, \infty)"                   the whole line

Only a variable alone beside its bound is read: `x^2 < 4` may be the question, and is no set that was found.
Inequalities side by side hold together if any number satisfies all of them (`x > 2, x < 5`); if none does, they are the
branches of a solution (`x < 2, x > 5`). The word "or" always means branches, intervals side by side too.
"""

import math
import re
from dataclasses import dataclass, replace
from fractions import Fraction

from lemma_hf.grading._structure import AnswerKind, both_signs, split_at
from lemma_hf.grading._work import Work
from lemma_hf.grading.formulas._probe import Same, floating
from lemma_hf.grading.formulas._rational import exact

_MAX_CHARS = 600
"""Longer texts describe no set of reals that a person would write as an answer."""
_MAX_PIECES = 60
"""Intervals and points of a set, for the same reason; each operation walks over all of them."""
_MAX_DEPTH = 6
"""Sets in sets in brackets: a builder within a union within brackets has three."""
_READING_COST = 50
"""Units of work that reading a set takes however short it is written."""
_CLOSE = 1e-12
"""In proportion: two ends closer than this are one, where they are irrational and known as floats."""

# "\cup"  "x<3"  "\mathbb{R}"  "all reals"  "(0,1) U (2,3)"  "(-inf,5)"  "]2,5["  "\{x : x=3\}"
_CLEARLY_SET = re.compile(
    r"\\(?:cup|cap|setminus|backslash|mathbb|infty|leq?|geq?|neq?|in|notin|emptyset)(?![A-Za-z])|[<>]|\breals?\b"
    r"|[)\]}]\s*U\s*[(\[\\]|\b[Ii]nf(?:inity)?\b|\boo\b|^\]|\[$|\ball\b|\\\{.{1,20}[|:]"
)
_TEXT = re.compile(r"\\text\s*\{([^{}]*)\}")  # "\text{ or }"
_NUMBER = re.compile(r"-?[\d./]+")  # "3"
_LETTER_UNION = re.compile(r"(?<=[)\]}\[])\s*U\s*(?=[(\[\\\]])")  # "(0,1) U (2,3)"
# "\infty"  "infinity"  "inf"  "oo"
_INFINITY = re.compile(r"\\infty(?![A-Za-z])|(?<![A-Za-z\\])(?:[Ii]nfinity|infty|[Ii]nf|oo)(?![A-Za-z])")
_TURNED = re.compile(
    r"([\[\]])((?:(?!\\c[au]p|\\set)[^\[\],;]){1,60})[,;]((?:(?!\\c[au]p|\\set)[^\[\],;]){1,60})([\[\]])"
)  # "]2,5["  "[0;1["
"""Sixty signs hold any formula that is the end of an interval."""
_OR = re.compile(r",?\s*(?:\\(?:lor|vee)|\b(?:or|oder|ou|или))(?![A-Za-z])")  # "x<2 or x>5"
_AND = re.compile(r",?\s*(?:\\(?:land|wedge)|\b(?:and|und|et)|&)(?![A-Za-z])")  # "x>2 and x<5"
_IN_SET = re.compile(r"([A-Za-z]|\\[a-z]+)\s*(\\in|\\notin)(?![A-Za-z])\s*(.+)")  # "x \in [1,2] \cup [3,4]"
_DIFFERENCE = re.compile(r"\\(?:setminus|smallsetminus|backslash)(?![A-Za-z])")  # "\mathbb{R}\setminus\{3\}"
_MINUS_SET = re.compile(r"(?<=[)\]}R])\s*-\s*(?=\\\{)")  # "\mathbb{R}-\{3\}"
# "\mathbb{R}"  "\mathbb{R}^+"  "\mathbb{R}_{>0}"  "R"
_REALS = re.compile(r"(?:\\mathbb\{R\}|R)\s*(?:[\^_]\s*(\{\s*[^{}]{1,6}\s*\}|[-+*]))?")
_PART_OF_LINE = {
    "+": "(0,\\infty)", ">0": "(0,\\infty)", "-": "(-\\infty,0)", "<0": "(-\\infty,0)", "\\ge0": "[0,\\infty)",
    "\\le0": "(-\\infty,0]", "*": "x\\ne0", "positive": "(0,\\infty)", "negative": "(-\\infty,0)",
    "nonnegative": "[0,\\infty)", "nonpositive": "(-\\infty,0]", "nonzero": "x\\ne0",
}  # fmt: skip
# "all real numbers"  "x can be any real number"  "all positive reals"  "all real x"  "the set of real numbers"
_REALS_IN_WORDS = re.compile(
    r"(?:([a-z])\s*(?:\\in|is|can be|may be|:|=)?\s*)?(?:the\s+)?(?:set of\s+)?(?:all|any|every|a)?\s*(?:the\s+)?(?:"
    r"((?:non-?)?(?:positive|negative|zero))?\s*real(?:s|\s+numbers?|\s+values?)?(?:\s+(?:of\s+)?([a-z])(?![a-z]))?"
    r"|(?<=all )([xyzt])|(?<=all )(?:numbers|values)(?:\s+of\s+([a-z])(?![a-z]))?)"
)
_FOR_ALL = re.compile(r"^for\s+(?=all|any|every)")  # "for all real x"
_EACH = re.compile(r"^(?:[Ff]or\s+)?(?:[Aa]ll|[Aa]ny|[Ee]very)\s+(?=[a-z]\s*(?:[<>]|\\[lgn]e|\\in))")  # "all x > 3"
_LOOSE = re.compile(r"(R|\\mathbb\{R\})\s*(?:-|\\setminus|\\backslash)?\s*\\?\{([^{}]*?)\\?\}")  # "R - {3}"
_LINE_EXCEPT = re.compile(r"^\\mathbb\{R\}\s*,?\s*(?=except|excluding|but|other|without)")  # "\mathbb{R} except 3"
# " except 3"  " such that x > 3"  " greater than 3"
_RESTRICTED = re.compile(
    r"\s*,?\s*(?:(except|excluding|but|other than|apart from|besides|not equal to|different from)"
    r"|(such that|where|with|for which|satisfying)|(at least)|(at most)"
    r"|(greater than|more than|larger than|above)|(less than|smaller than|below))\s*"
)
_COMPARED = ("\\ge", "\\le", ">", "<")
_NAME = re.compile(
    r"(?!e$)(?:[A-Za-z](?:_(?:\{\w+\}|\w)|\([a-z]\))?|\\(?!pi$|infty$)[a-z]+)"
)  # "x"  "\theta"  "x_{12}"  "f(x)"
_MODULUS = re.compile(r"\|\s*([A-Za-z])\s*(?:([-+])\s*([^|]{1,60}))?\|")  # "|x|"  "|x-3|"
# "\mathbb{Z}"  "\mathbb{Z}^+"  "\mathbb{Z}_{>0}"
_SYMBOL = re.compile(r"\\mathbb\{([NZQC])\}(?:\s*[\^_]\s*(?:\{\s*([^{}]{1,6})\s*\}|([-+*])))?")
_SIGN_OF = {"positive": "+", ">0": "+", "negative": "-", "<0": "-", "nonnegative": "\\ge0", "": ""}
# "the set of all integers"  "rational numbers"
_SET_IN_WORDS = re.compile(
    r"(?:the\s+)?(?:set\s+of\s+)?(?:all\s+)?(?:the\s+)?((?:non-?)?(?:positive|negative))?\s*(natural|integer|whole|rational|complex)(?:s|\s+numbers?)"
)
_LETTER_OF = {"natural": "N", "integer": "Z", "whole": "W", "rational": "Q", "complex": "C"}
_DOWN = {">": "<", "\\ge": "\\le"}


@dataclass(frozen=True, slots=True)
class End:
    """An end of an interval: how it is written, and its value."""

    text: str
    value: Fraction | float

    def meets(self, other: "End") -> bool:
        """Whether two ends are one point of the line."""
        if isinstance(self.value, Fraction) and isinstance(other.value, Fraction):
            return self.value == other.value
        return math.isclose(self.value, other.value, rel_tol=_CLOSE, abs_tol=_CLOSE)

    def below(self, other: "End") -> bool:
        """Whether it lies below another end, and is not the same point."""
        return not self.meets(other) and self.value < other.value


@dataclass(frozen=True, slots=True)
class Piece:
    """An interval; a point is one whose two closed ends meet."""

    low: End
    high: End
    has_low: bool
    has_high: bool


_LEAST, _GREATEST = End("-\\infty", -math.inf), End("\\infty", math.inf)
_LINE = (Piece(_LEAST, _GREATEST, False, False),)


@dataclass(frozen=True, slots=True)
class RealSet:
    """Intervals in order, none of which meet, and the variable that was said to lie in them ("" if none was)."""

    pieces: tuple[Piece, ...]
    name: str = ""
    is_relation: bool = False
    """Whether it was written as a condition on its variable."""


class _NoSetError(ValueError):
    """The text describes no set of reals in a way that is read here."""


def may_be_set(text: str) -> bool:
    """Whether a text has a mark that only sets of reals have; a pair of round brackets alone may be a point."""
    return len(text) <= _MAX_CHARS and _CLEARLY_SET.search(text) is not None


def same_real_set(answer: str, reference: str, work: Work) -> Same:
    """Whether two texts describe the same set of reals; UNKNOWN if one of them describes none."""
    left = work.once(read_real_set, answer)
    right = work.once(read_real_set, reference) if left else None
    if left is None or right is None:
        return Same.UNKNOWN
    if left.name and right.name and left.name != right.name:
        return Same.NO
    if len(left.pieces) != len(right.pieces):
        return Same.NO
    found = Same.YES
    for one, other in zip(left.pieces, right.pieces, strict=True):
        if (one.has_low, one.has_high) != (other.has_low, other.has_high):
            return Same.NO
        for end, twin in ((one.low, other.low), (one.high, other.high)):
            same = _same_end(end, twin, work)
            if same is Same.NO:
                return Same.NO
            found = Same.UNKNOWN if same is Same.UNKNOWN else found
    return found


def _same_end(end: End, twin: End, work: Work) -> Same:
    if end.text == twin.text:
        return Same.YES
    return Same.NO if math.isinf(end.value) or math.isinf(twin.value) else work.same(end.text, twin.text)


def same_named_set(answer: str, reference: str) -> Same | None:
    r"""Whether two texts name the same set of numbers, `\mathbb{Z}` or "all integers"; None if one names none."""
    one, other = _named(answer), _named(reference)
    return None if one is None or other is None else Same.YES if one == other else Same.NO


def _named(text: str) -> str | None:
    if found := _SYMBOL.fullmatch(text):
        sign = (found[2] or found[3] or "").replace(" ", "")
        return found[1] + _SIGN_OF.get(sign, sign)
    found = _SET_IN_WORDS.fullmatch(_TEXT.sub(r" \1 ", text).strip().casefold()) if len(text) <= _MAX_CHARS else None
    return _LETTER_OF[found[2]] + _SIGN_OF[(found[1] or "").replace("-", "")] if found else None


def read_real_set(text: str, work: Work) -> RealSet | None:
    """The set of reals that a normalized text describes; None where it describes none."""
    if not text or len(text) > _MAX_CHARS:
        return None
    work.spend(_READING_COST + 2 * len(text))
    plain = _LETTER_UNION.sub(r"\\cup ", _TEXT.sub(r" \1 ", text)) if "text" in text or "U" in text else text
    plain = _TURNED.sub(_turned_back, _INFINITY.sub(r"\\infty ", plain))
    if " or equal to" in plain:
        plain = plain.replace("greater than or equal to", "at least").replace("less than or equal to", "at most")
    if "R" in plain:
        plain = _LINE_EXCEPT.sub("all reals ", _LOOSE.sub(r"\1\\setminus\\{\2\\}", plain))
    plain = " ".join(_AND.sub(",", _OR.sub(r"\\lor ", plain)).split())
    try:
        return _Reader(work).branches(_EACH.sub("", plain), 0)
    except _NoSetError:
        return None


def _turned_back(found: re.Match[str]) -> str:
    """`]2,5[` as `(2,5)`: a bracket that is turned away leaves its end out."""
    if any(end.count("(") != end.count(")") for end in found.groups()):  # two intervals: "[0,1) or [2,3]"
        return found.group()
    return f"{'[' if found[1] == '[' else '('}{found[2]},{found[3]}{']' if found[4] == ']' else ')'}"


class _Reader:
    """Reads branches → conditions → one condition, a set, or words; each method raises `_NoSetError`."""

    def __init__(self, work: Work) -> None:
        self.work = work

    def branches(self, text: str, depth: int) -> RealSet:
        """Sets parted by "or"."""
        if depth > _MAX_DEPTH:
            raise _NoSetError
        self.work.spend(len(text))
        parts = split_at(text, ("\\lor",))
        return (
            _joined([self.conditions(part, depth) for part in parts])
            if len(parts) > 1
            else self.conditions(text, depth)
        )

    def conditions(self, text: str, depth: int) -> RealSet:
        """Sets side by side, parted by a comma or "and"."""
        if words := self.words(text, depth):
            return words
        parts = split_at(text, (",", ";"))
        if len(parts) == 1:
            return self.one(text, depth)
        found: list[RealSet] = []
        for part in parts:
            excluded = found and "\\ne" in parts[0] and not re.search(r"[<>=]|\\(?:le|ge|ne|in)\b", part)  # "x>3"
            found.append(self.one(f"{found[0].name or 'x'}\\ne {part}" if excluded else part, depth))
        if not all(item.is_relation for item in found):
            return _joined(found)
        together = found[0]
        for item in found[1:]:
            together = _common(together, item)
        return together if together.pieces else _joined(found)

    def one(self, text: str, depth: int) -> RealSet:
        """One condition, or one set."""
        if words := self.words(text, depth):
            return words
        if found := _IN_SET.fullmatch(text):
            return self.relation((found[1], found[3]), [found[2]], depth)
        reading = self.work.structure(text)
        if reading.kind is AnswerKind.RELATION and not text.startswith("\\{"):
            return self.relation(reading.parts, reading.mark.split(), depth)
        if "\\ne" in text and (signs := both_signs(text)):
            return _all_common([self.one(part, depth) for part in signs])
        return self.operation(text, depth)

    def relation(self, parts: tuple[str, ...], signs: list[str], depth: int) -> RealSet:
        if signs in (["\\in"], ["\\notin"]) and _NAME.fullmatch(parts[0]):
            found = self.branches(parts[1], depth + 1)
            pieces = found.pieces if signs == ["\\in"] else _complement(found.pieces)
            return RealSet(pieces, parts[0], True)
        if signs == ["\\ne"]:
            name, value = (parts[0], parts[1]) if _NAME.fullmatch(parts[0]) else (parts[1], parts[0])
            return RealSet(_complement((_point(self.end(value)),)), _name(name), True)
        if signs == ["="]:
            return RealSet((_point(self.end(parts[1])),), _name(parts[0]), True)
        if set(signs) <= {">", "\\ge"}:
            parts, signs = parts[::-1], [_DOWN[sign] for sign in reversed(signs)]
        if not set(signs) <= {"<", "\\le"}:
            raise _NoSetError
        links = zip(parts, signs, parts[1:], strict=False)
        # Of `a < x < b` each link is a condition; one without a variable in it (`2 < 3`) is not read.
        return _all_common([self.link(low, sign == "\\le", high) for low, sign, high in links])

    def link(self, low: str, has_end: bool, high: str) -> RealSet:
        r"""The reals for which `low < high`, one side of which is a variable or its distance from a point."""
        if _NAME.fullmatch(high):
            end = self.end(low)
            return RealSet((Piece(end, _GREATEST, has_end and end != _LEAST, False),), high, True)
        if _NAME.fullmatch(low):
            end = self.end(high)
            return RealSet((Piece(_LEAST, end, False, has_end and end != _GREATEST),), low, True)
        modulus, within = _MODULUS.fullmatch(low), True
        if modulus is None:
            modulus, within = _MODULUS.fullmatch(high), False
        if modulus is None:
            raise _NoSetError
        return self.around(modulus, self.end(high if within else low), has_end, within)

    def around(self, modulus: re.Match[str], radius: End, has_end: bool, within: bool) -> RealSet:
        """The reals nearer to the middle of a modulus than its bound, or farther."""
        name, sign, shift = modulus.groups()
        if radius.value < 0 or math.isinf(radius.value):
            raise _NoSetError
        if shift is None:
            low, high = self.end(f"-({radius.text})"), radius
        else:
            middle = f"({shift})" if sign == "-" else f"-({shift})"
            low, high = self.end(f"{middle}-({radius.text})"), self.end(f"{middle}+{radius.text}")
        # What is farther than the bound, without it, is all that is not within the bound, with it.
        closed = has_end if within else not has_end
        inner = (Piece(low, high, closed, closed),) if closed or low.below(high) else ()
        return RealSet(inner if within else _complement(inner), name, True)

    def operation(self, text: str, depth: int) -> RealSet:
        r"""Sets joined by one kind of sign: `\cup`, `\cap` or `\setminus`."""
        text = _MINUS_SET.sub(r"\\setminus ", _DIFFERENCE.sub(r"\\setminus ", text))
        cuts = {sign: parts for sign in ("\\cup", "\\cap", "\\setminus") if len(parts := split_at(text, (sign,))) > 1}
        if len(cuts) > 1:
            raise _NoSetError  # which one is done first is a convention
        for sign, parts in cuts.items():
            sets = [self.operation(part, depth + 1) for part in parts[:1]]
            for part in parts[1:]:
                is_point = sign == "\\setminus" and _NUMBER.fullmatch(part)
                sets.append(RealSet((_point(self.end(part)),)) if is_point else self.operation(part, depth + 1))
            if sign == "\\cup":
                return _joined(sets)
            return _all_common(sets if sign == "\\cap" else [sets[0], *(_outside(other) for other in sets[1:])])
        return self.single(text.strip(), depth)

    def single(self, text: str, depth: int) -> RealSet:
        if depth > _MAX_DEPTH:
            raise _NoSetError
        if text in ("\\emptyset", "\\{\\}", "\\{ \\}"):
            return RealSet(())
        if found := _REALS.fullmatch(text):
            return self.part_of_line(found[1].strip("{} ").replace(" ", "") if found[1] else "")
        if text.startswith("\\{") and text.endswith("\\}"):
            return self.braces(text[2:-2].strip(), depth)
        if text[:1] not in ("(", "[") or text[-1:] not in (")", "]"):
            raise _NoSetError
        parts = split_at(text[1:-1], (",", ";"))
        if len(parts) == 1 and text[0] + text[-1] == "()":
            return self.branches(parts[0], depth + 1)
        if len(parts) != 2:
            raise _NoSetError
        low, high = self.end(parts[0]), self.end(parts[1])
        closed = text[0] == "[" and low != _LEAST, text[-1] == "]" and high != _GREATEST
        if not low.below(high) and not (low.meets(high) and all(closed)):
            raise _NoSetError
        return RealSet((Piece(low, high, *closed),))

    def part_of_line(self, mark: str) -> RealSet:
        if not mark:
            return RealSet(_LINE)
        if mark not in _PART_OF_LINE:
            raise _NoSetError
        return replace(self.one(_PART_OF_LINE[mark], 0), name="", is_relation=False)

    def braces(self, inner: str, depth: int) -> RealSet:
        r"""A builder (`x \mid x > 3`) or points (`2, 5`)."""
        at = next((at for at, sign in enumerate(inner) if sign in "|:"), None)
        if at is None:
            points = [part for item in split_at(inner, (",", ";")) for part in both_signs(item) or (item,)]
            return _joined([RealSet((_point(self.end(point)),)) for point in points])
        head, condition = inner[:at].strip(), inner[at + 1 :].strip()
        name = head.split("\\in")[0].strip()
        found = self.branches(condition, depth + 1)
        if not _NAME.fullmatch(name) or found.name not in ("", name):
            raise _NoSetError
        if head != name:
            found = _common(found, self.branches(head, depth + 1))
        return RealSet(found.pieces)

    def words(self, text: str, depth: int) -> RealSet | None:
        """`all real numbers except 3`."""
        if "all" not in text and "real" not in text and "any" not in text:
            return None
        folded = text.replace("All", "all").replace("Any", "any").replace("Real", "real").strip()
        folded = _FOR_ALL.sub("", folded)
        found = _REALS_IN_WORDS.match(folded)
        if found is None:
            return None
        kind = (found[2] or "").replace("-", "")
        whole = self.part_of_line(kind)
        name = found[1] or found[3] or found[4] or found[5] or ""
        rest = folded[found.end() :]
        if not rest.strip():
            return RealSet(whole.pieces, name, name != "")
        restricted = _RESTRICTED.match(rest)
        if restricted is None:
            return None
        value = rest[restricted.end() :]
        if restricted[1]:
            value = re.sub(r"^(?:for|when|if)\s+", "", value)  # "for x = 3"
            sets = [self.excluded(part) for part in split_at(value, (",",))]
            other = _all_common([_outside(item) for item in sets])
        elif restricted[2]:
            other = self.branches(value, depth + 1)
        else:
            sign = next(sign for sign, said in zip(_COMPARED, restricted.groups()[2:], strict=True) if said)
            other = self.one(f"{name or 'x'}{sign} {value}", depth + 1)
        if name and other.name and name != other.name:
            raise _NoSetError
        return RealSet(_common(replace(whole, name=""), other).pieces, name or other.name)

    def excluded(self, text: str) -> RealSet:
        """A point that is left out, `3` or `x = 3`, or a set of them."""
        if text.startswith("\\{"):
            return self.single(text, 0)
        name, _, value = text.rpartition("=")
        points = [RealSet((_point(self.end(part)),)) for part in both_signs(value) or (value,)]
        return replace(_joined(points), name=name.strip())

    def end(self, text: str) -> End:
        text = text.strip()
        if (bare := text.replace(" ", "").lstrip("+")) in ("\\infty", "-\\infty"):
            return _GREATEST if bare == "\\infty" else _LEAST
        tree = self.work.tree(text)
        if tree is None or tree.names():
            raise _NoSetError
        self.work.spend(2 * len(text))
        try:
            ratio = exact(tree)
            float(ratio)  # what overflows there cannot be compared with an irrational end
            return End(text, ratio)
        except ArithmeticError:
            pass
        try:
            value = floating(tree, {})
        except (ArithmeticError, ValueError) as error:
            raise _NoSetError from error
        if not math.isfinite(value.real) or abs(value.imag) > _CLOSE * abs(value):
            raise _NoSetError
        return End(text, value.real)


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise _NoSetError
    return text


def _shared_name(sets: list[RealSet]) -> str:
    names = {item.name for item in sets if item.name}
    if len(names) > 1:
        raise _NoSetError
    return names.pop() if names else ""


def _point(end: End) -> Piece:
    if math.isinf(end.value):
        raise _NoSetError
    return Piece(end, end, True, True)


def _joined(sets: list[RealSet]) -> RealSet:
    """The union."""
    pieces = [piece for item in sets for piece in item.pieces]
    if len(pieces) > _MAX_PIECES:
        raise _NoSetError
    # Of pieces that begin at one point, those that have it come first.
    pieces.sort(key=lambda piece: (piece.low.value, not piece.has_low))
    merged: list[Piece] = []
    for piece in pieces:
        last = merged[-1] if merged else None
        touches = last is not None and last.high.meets(piece.low) and (last.has_high or piece.has_low)
        if last is None or not (touches or piece.low.below(last.high)):
            merged.append(piece)
            continue
        # Irrational ends that meet may be sorted either way, so the first one of them may lack a point of the second.
        has_low = last.has_low or (piece.has_low and piece.low.meets(last.low))
        if last.high.below(piece.high):
            merged[-1] = Piece(last.low, piece.high, has_low, piece.has_high)
        else:
            has_high = last.has_high or (piece.has_high and piece.high.meets(last.high))
            merged[-1] = Piece(last.low, last.high, has_low, has_high)
    return RealSet(tuple(merged), _shared_name(sets), all(item.is_relation for item in sets))


def _complement(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    gaps: list[Piece] = []
    low, has_low = _LEAST, False
    for piece in pieces:
        if low.below(piece.low) or (has_low and not piece.has_low):
            gaps.append(Piece(low, piece.low, has_low, not piece.has_low and piece.low != _LEAST))
        low, has_low = piece.high, not piece.has_high
    if low.below(_GREATEST):
        gaps.append(Piece(low, _GREATEST, has_low and low != _LEAST, False))
    return tuple(gaps)


def _outside(item: RealSet) -> RealSet:
    return replace(item, pieces=_complement(item.pieces))


def _common(one: RealSet, other: RealSet) -> RealSet:
    """The intersection, which is what lies outside of neither."""
    name = _shared_name([one, other])
    outside = _joined([replace(_outside(item), name="") for item in (one, other)])
    return RealSet(_complement(outside.pieces), name, one.is_relation and other.is_relation)


def _all_common(sets: list[RealSet]) -> RealSet:
    together = sets[0]
    for item in sets[1:]:
        together = _common(together, item)
    return together


def holds(item: RealSet, point: float) -> bool:
    """Whether a point lies in a set."""
    at = End("", point)
    for piece in item.pieces:
        above = piece.has_low if piece.low.meets(at) else piece.low.value < point
        below = piece.has_high if piece.high.meets(at) else point < piece.high.value
        if above and below:
            return True
    return False


def outside(sets: list[RealSet]) -> RealSet | None:
    """The reals that lie in none of some sets; None where these are of different variables."""
    try:
        return _outside(_joined(sets)) if sets else None
    except _NoSetError:
        return None
