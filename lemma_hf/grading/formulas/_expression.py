r"""Formulas: a small parser for the LaTeX of answers, without sympy.

    "2x^2 - \frac{1}{2}"  →  add(mul(2, pow(x, 2)), neg(div(1, 2)))

It reads numbers, variables, the four operations, powers, roots, absolute values, factorials, combinations and the usual
functions in their usual spellings. Integrals, sums, products, limits and derivatives are read
too, for computer algebra to carry out. What it does not know raises `ParseError` and is left to the symbolic layer.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

_MAX_CHARS = 1_500
"""Longer formulas are no answers."""
_MAX_DEPTH = 80
"""Two for each bracket in a bracket, which takes about ten calls here; Python ends at 1,000."""
_MAX_AFTER = 20
"""Powers, factorials and percent signs in a row, each of which is a level of the tree."""
_MAX_NUMBER_DIGITS = 400
"""More than a float holds (308). Without a bound, `int` ends with an error of its own at 4,300 digits."""


class ParseError(ValueError):
    """The text is no formula of the kind that is read here."""


@dataclass(frozen=True, slots=True)
class Node:
    """A formula: an operation on smaller formulas, or a leaf (`number`, `name`)."""

    op: str
    args: tuple["Node", ...] = ()
    value: Fraction | None = None
    name: str = ""
    """Of a variable or a constant; for `BINDING` and `derivative` the variable that runs."""

    def names(self) -> set[str]:
        """The variables in it, but for those that only run through a sum, an integral or a limit."""
        if self.op == "name":
            return {self.name}
        if self.op in BINDING and len(self.args) > 1:
            body, *bounds = (arg.names() for arg in self.args)
            return (body - {self.name}).union(*bounds)
        return set().union(*(arg.names() for arg in self.args)) if self.args else set()

    def walk(self) -> Iterator["Node"]:
        """All parts of the formula, itself included."""
        rest = [self]
        while rest:
            node = rest.pop()
            yield node
            rest.extend(node.args)


BINDING = frozenset(("integral", "sum", "product", "limit"))
"""Operations with a variable of their own. With bounds: (body, from, to); a limit: (body, where, side)."""
CALCULUS = BINDING | {"derivative"}
"""What only computer algebra carries out."""

_TRIGONOMETRIC = (
    "sin cos tan cot sec csc arcsin arccos arctan arccot arcsec arccsc sinh cosh tanh arsinh arcosh artanh cis"
)
_FUNCTIONS = frozenset(f"{_TRIGONOMETRIC} log ln lg exp sqrt abs floor ceil gcd lcm max min sgn".split())
_SPELLINGS = {
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "lg": "log10", "cosec": "csc", "sign": "sgn",
    "arctg": "arctan", "arcctg": "arccot", "ctg": "cot", "tg": "tan", "cotg": "cot", "tgh": "tanh",
    "arcsinh": "arsinh", "arccosh": "arcosh", "arctanh": "artanh", "asinh": "arsinh", "acosh": "arcosh",
    "atanh": "artanh",
}  # fmt: skip
_SHORT_SPELLINGS = {"sh": "sinh", "ch": "cosh", "th": "tanh"}
"""As commands only: letters side by side are a product."""
_SMALL_GREEK = "alpha beta gamma delta epsilon zeta eta theta kappa lambda mu nu xi rho sigma tau phi chi psi omega"
_OTHER_LETTERS = "varepsilon vartheta varphi upsilon Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega ell hbar"
_GREEK = frozenset(f"{_SMALL_GREEK} {_OTHER_LETTERS}".split())
_FRACTIONS = frozenset(("frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac", "xfrac"))
_BINOMIALS = frozenset(("binom", "dbinom", "tbinom"))
# "12"  "3.5"  ".5"  "12E2"  "1.5E-12"
_DIGITS = re.compile(r"(?:\d+(?:\.\d+)?|\.\d+)(?:E[-+]?\d{1,3}(?![\dA-Za-z]))?")
_COMMAND = re.compile(r"\\([A-Za-z]+|[%$#_])")  # "\frac"  "\%"
_BY_LENGTH = sorted(_FUNCTIONS | _SPELLINGS.keys(), key=len, reverse=True)
_GLUED = "sinh|cosh|tanh|arcsin|arccos|arctan|sin|cos|tan|cot|sec|csc|ln|log|exp"
# "sqrt(2)"  "asin x"  "2pi"  "cosx"  "sinxcosx"  "tg x", while the letters of "tg" alone are a product
_PLAIN_FUNCTION = re.compile(
    rf"((?:{'|'.join(name for name in _BY_LENGTH if name not in ('tg', 'lg'))}|pi)(?![a-z])"
    r"|(?:tg|lg)(?=\s*[\d(^\\]|\s+[a-z](?![a-z]))"
    rf"|(?:{_GLUED})(?=[a-z](?![a-z])|[a-z]?(?:{_GLUED})|theta|alpha|beta|pi))"
)
_TEXT_FUNCTION = re.compile(rf"\\text\s*\{{\s*({'|'.join(_BY_LENGTH)})\s*\}}")  # "\text{sin}"
_LOG_OF_BASE = re.compile(r"\\?log(\d{1,4})(?=\s*\()")  # "log2(8)"
# "theta"  "2alpha"
_PLAIN_GREEK = re.compile(r"(alpha|beta|gamma|delta|epsilon|theta|lambda|sigma|omega|phi|rho)(?![a-z])")
# "\frac{d}{dx}"  "\frac{d^2 y}{dx^2}"  "\frac{\partial f}{\partial x}"
_DERIVATIVE = re.compile(r"\\frac\s*\{\s*(?:d|\\partial)\b\s*[\^}{A-Za-z]*|\\frac\s*\{\s*d\s*(?:\^|\})")
# "\frac{d}{dx}"  "\frac{d^2}{dx^2}"  "\frac{\partial}{\partial y}"
_OPERATOR = re.compile(
    r"\\frac\s*\{\s*(?:d|\\partial)\s*(?:\^\s*\{?\s*(\d)\s*\}?)?\s*\}"
    r"\s*\{\s*(?:d|\\partial)\s*([a-z])\s*(?:\^\s*\{?\s*(\d)\s*\}?)?\s*\}"
)
_PROPER = re.compile(r"\s*\\frac\s*(?:\{(\d{1,9})\}|(\d))\s*(?:\{(\d{1,9})\}|(\d))")  # "\frac{1}{2}"  "\frac12"
_SUBSCRIPT = re.compile(r"\{([A-Za-z0-9,^ ]{1,12})\}|([A-Za-z0-9])")  # "{max}"  "{i,j}"  "1"
"""Twelve signs at most: names of variables. What is longer is a formula or a text."""
_DIFFERENTIAL = re.compile(
    r"d ?(?:([a-z])(?=d ?[a-z\\]|[^a-z]|$)|\\(theta|phi|rho|alpha|tau|varphi)(?![a-z]))"
)  # "dx"  "dxdy"
# "k=1"  "n\to"
_RUNNING = re.compile(r"\s*\{?\s*([A-Za-z]|\\[a-z]+)\s*(=|\\to|\\rightarrow|->)(?![A-Za-z])")
_SIDE = re.compile(r"\s*\^\s*(?:\{\s*([-+])\s*\}|([-+]))")  # "^+"  "^{-}"
_NOT_FINITE = re.compile(r"\s*([-+]?)\s*\\infty(?![A-Za-z])")  # "\infty"  "-\infty"
_EULER = Node("constant", name="e")
_IMAGINARY = Node("constant", name="i")
_PI = Node("constant", name="pi")
INFINITY = Node("constant", name="infinity")
_LETTERS = {"e": _EULER, "i": _IMAGINARY}
_ONE = Node("number", value=Fraction(1))
_COUNTED = {"C": "binom", "P": "perm", "A": "perm"}
"""`C_5^2` are the choices of two among five, `A_5^2` and `P_5^2` the choices in order."""


def renamed(node: Node, new: dict[str, str]) -> Node:
    """A formula with other names for its variables."""
    if node.op == "name":
        return Node("name", name=new.get(node.name, node.name))
    return Node(node.op, tuple(renamed(arg, new) for arg in node.args), node.value, node.name)


def is_function(text: str) -> bool:
    r"""Whether a trigonometric function stands in a text: a degree sign behind it belongs to its argument.

    Example:
        >>> is_function(r"\sin 30^\circ"), is_function(r"30^\circ")
        (True, False)
    """
    return _TRIGONOMETRIC_FUNCTION.search(text) is not None


# "\sin 30"  "2cos(60)"  "\tg"
_TRIGONOMETRIC_FUNCTION = re.compile(r"(?<![A-Za-z])\\?(?:sin|cos|tan|cot|sec|csc|c?tg|cosec|cis)(?![a-z]{2})")


def in_degrees(node: Node) -> Node:
    """The angle, in radians, of so many degrees."""
    return Node("mul", (node, Node("div", (_PI, number(180)))))


def number(value: int) -> Node:
    """A whole number as a formula."""
    return Node("number", value=Fraction(value))


def parse(text: str) -> Node:
    r"""The formula that the whole of a normalized `text` writes.

    Raises:
        ParseError: if it is none, is too long or nested too deep.

    Example:
        >>> sorted(parse(r"\frac{x+2y}{7}").names())
        ['x', 'y']
    """
    if len(text) > _MAX_CHARS:
        raise ParseError("too long")
    if "\\int" not in text and _DERIVATIVE.search(_OPERATOR.sub("", text)):
        raise ParseError("a derivative")
    parser = _Parser(text)
    node = parser.group()
    parser.skip()
    if parser.at < len(parser.text):
        raise ParseError(f"unexpected {parser.text[parser.at :][:10]!r}")
    return node


class _Parser:
    """Recursive descent: sum → product → signed → power → atom. `at` is the place in the text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0
        self.bars = 0
        self.integrals: list[_Integral] = []
        self.running: list[str] = []

    def skip(self) -> None:
        while self.at < len(self.text) and self.text[self.at] == " ":
            self.at += 1

    def peek(self) -> str:
        self.skip()
        return self.text[self.at : self.at + 1]

    def take(self, token: str) -> bool:
        self.skip()
        if not self.text.startswith(token, self.at):
            return False
        end = self.at + len(token)
        if token[0] == "\\" and token[-1].isalpha() and self.text[end : end + 1].isalpha():
            return False
        self.at = end
        return True

    def take_match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def need(self, token: str) -> None:
        if not self.take(token):
            raise ParseError(f"no {token!r} at {self.at}")

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise ParseError("nested too deep")

    def sum(self) -> Node:
        self.deeper()
        terms = [self.product()]
        while (sign := self.peek()) and sign in "+-" and not self.integral_ended():
            self.at += 1
            term = self.product()
            terms.append(term if sign == "+" else Node("neg", (term,)))
        self.depth -= 1
        return terms[0] if len(terms) == 1 else Node("add", tuple(terms))

    def product(self) -> Node:
        factors = [self.signed()]
        while not self.integral_ended():
            if self.take("/") or self.take("\\div"):
                factors.append(Node("div", (_ONE, self.signed())))
            elif self.take("*") or self.take("\\cdot") or self.take("\\times") or self.take("\\ast"):
                factors.append(self.signed())
            elif self.take("\\bmod") or self.take("\\mod"):
                factors = [Node("mod", (_multiplied(factors), self.signed()))]
            elif self.starts_factor():
                before = self.text[: self.at].rstrip()[-1:]
                if self.peek().isdigit() and (before.isdigit() or before == ".") and factors[-1].op == "number":
                    raise ParseError("two numbers side by side")
                factors.append(self.power())
            else:
                break
        return _multiplied(factors)

    def signed(self) -> Node:
        negative = False
        while (sign := self.peek()) and sign in "+-":
            self.at += 1
            negative ^= sign == "-"
        node = self.power()
        return Node("neg", (node,)) if negative else node

    def starts_factor(self) -> bool:
        sign = self.peek()
        if not sign or sign in "+-*/^_!,;:=<>)]}&'\"%?":
            return False
        if sign == "|":
            return self.bars == 0
        if sign == "c" and self.text.startswith("choose", self.at):
            return False
        if sign == ".":
            return self.text[self.at + 1 : self.at + 2].isdigit()
        if sign == "\\":
            found = _COMMAND.match(self.text, self.at)
            return found is not None and found[1] not in _NOT_A_FACTOR
        return sign.isascii() and (sign.isalnum() or sign in "({.[")

    def power(self) -> Node:
        node = self.atom()
        for _ in range(_MAX_AFTER):
            if self.take("!!"):
                node = Node("double factorial", (node,))
            elif self.take("!"):
                node = Node("factorial", (node,))
            elif self.take("^\\circ"):
                node = in_degrees(node)
            elif self.take("^"):
                node = Node("pow", (node, self.exponent()))
            elif self.take("\\%"):
                node = Node("div", (node, number(100)))
            else:
                return node
        raise ParseError("too many signs after a factor")

    def exponent(self) -> Node:
        if self.peek() == "{":
            return self.braced()
        self.deeper()
        sign = self.peek()
        if sign and sign in "+-":
            self.at += 1
            inner = self.exponent()
            node = Node("neg", (inner,)) if sign == "-" else inner
        else:
            base = self.atom()
            node = Node("pow", (base, self.exponent())) if self.take("^") else base
        self.depth -= 1
        return node

    def braced(self) -> Node:
        self.need("{")
        node = self.group()
        self.need("}")
        return node

    def group(self) -> Node:
        r"""The content of braces: a sum, or two with the `\over` of plain TeX between them."""
        node = self.sum()
        if self.take("\\choose") or self.take("choose"):
            return Node("binom", (node, self.sum()))
        return Node("div", (node, self.sum())) if self.take("\\over") else node

    def argument(self) -> Node:
        """What LaTeX takes as the argument of a command: a group, else one digit, letter or command."""
        if self.peek() == "{":
            return self.braced()
        if self.peek().isdigit():
            self.at += 1
            return number(int(self.text[self.at - 1]))
        return self.atom()

    def atom(self) -> Node:
        self.deeper()
        node = self.one_atom()
        self.depth -= 1
        return node

    def one_atom(self) -> Node:
        sign = self.peek()
        if found := _DIGITS.match(self.text, self.at):
            return self.digits(found)
        if sign == "{":
            if self.take("{}"):
                return self.counted_among()
            return self.braced()
        for opening, closing in (("(", ")"), ("[", "]")):
            if sign == opening:
                self.at += 1
                node = self.sum()
                self.need(closing)
                return node
        if sign == "|":
            return self.absolute("|")
        if sign == "\\":
            return self.command()
        if sign and sign in "_^":
            return self.counted_among()
        if sign.isascii() and sign.isalpha():
            return self.word()
        raise ParseError(f"unexpected {sign!r}")

    def digits(self, found: re.Match[str]) -> Node:
        if len(found.group()) > _MAX_NUMBER_DIGITS:
            raise ParseError("too many digits")
        self.at = found.end()
        value = Fraction(found.group())
        return Node("number", value=value + self.proper_fraction() if value.denominator == 1 else value)

    def proper_fraction(self) -> Fraction:
        r"""What makes a mixed number of the whole number before it: the 1/2 of `3\frac{1}{2}`; else 0."""
        part = _PROPER.match(self.text, self.at)
        if part is None:
            return Fraction(0)
        upper, lower = int(part[1] or part[2]), int(part[3] or part[4])
        if not 0 < upper < lower:
            return Fraction(0)
        self.at = part.end()
        return Fraction(upper, lower)

    def absolute(self, bar: str) -> Node:
        self.need(bar)
        self.bars += 1
        node = self.sum()
        self.need(bar)
        self.bars -= 1
        return Node("abs", (node,))

    def word(self) -> Node:
        if self.integrals and (found := self.take_match(_DIFFERENTIAL)):
            return self.differential(found[1] or found[2])
        if found := self.take_match(_LOG_OF_BASE):
            return self.function("log", base=number(int(found[1])))
        if found := self.take_match(_PLAIN_FUNCTION):
            return _PI if found[1] == "pi" else self.function(_SPELLINGS.get(found[1], found[1]), plain=True)
        if found := self.take_match(_PLAIN_GREEK):
            return self.subscripted(found[1]) if self.peek() == "_" else Node("name", name=found[1])
        letter = self.text[self.at]
        if letter in "CPn" and (counted := self.counted_in_brackets()):
            return counted
        self.at += 1
        if self.peek() == "_":
            return self.subscripted(letter)
        if self.peek() == "'":
            raise ParseError("a derivative")
        constant = None if letter in self.running else _LETTERS.get(letter)
        return constant or Node("name", name=letter)

    def subscripted(self, letter: str) -> Node:
        self.need("_")
        found = self.take_match(_SUBSCRIPT)
        if found:
            return Node("name", name=f"{letter}_{found[1] or found[2]}")
        if letter not in _COUNTED:
            raise ParseError("a subscript that is no name")
        among = self.argument()
        self.need("^")
        return Node(_COUNTED[letter], (among, self.argument()))

    def counted_in_brackets(self) -> Node | None:
        """`C(5,2)`, `P(10,3)` and `nCr(5,2)`; None where the letter is a variable."""
        found = _COUNT.match(self.text, self.at)
        if found is None or not self.comma_follows(found.end()):
            return None
        self.at = found.end()
        among = self.sum()
        self.need(",")
        node = Node(_COUNTED[found[1] or found[2]], (among, self.sum()))
        self.need(")")
        return node

    def comma_follows(self, at: int) -> bool:
        """Whether exactly one comma stands before the bracket that is open at `at` is closed."""
        depth, commas = 1, 0
        for sign in self.text[at : at + 100]:  # 100 signs: two short formulas
            depth += (sign in "([{") - (sign in ")]}")
            if depth == 0:
                return commas == 1
            commas += depth == 1 and sign == ","
        return False

    def counted_among(self) -> Node:
        r"""`_{10}C_3`, `^{10}C_{3}`, `{}_5C_2` and `{}_5P_2`."""
        if not (self.take("_") or self.take("^")):
            raise ParseError("an empty group")
        among, letter = self.argument(), self.peek()
        if letter not in ("C", "P"):
            raise ParseError("a subscript of nothing")
        self.at += 1
        self.need("_")
        return Node(_COUNTED[letter], (among, self.argument()))

    def command(self) -> Node:
        if found := self.take_match(_LOG_OF_BASE):
            return self.function("log", base=number(int(found[1])))
        if found := self.take_match(_OPERATOR):
            order = int(found[1] or 1)
            if order != int(found[3] or 1):
                raise ParseError("a mixed derivative")
            return Node("derivative", (self.product(), number(order)), name=found[2])
        if found := self.take_match(_TEXT_FUNCTION):
            return self.function(_SPELLINGS.get(found[1], found[1]))
        found = self.take_match(_COMMAND)
        if not found:
            raise ParseError("a lone backslash" if self.text[self.at : self.at + 2] != "\\{" else "a set")
        name = found[1]
        if name in _FRACTIONS or name in _BINOMIALS:
            upper = self.argument()
            self.take("/")  # \nicefrac may be written with one
            return Node("div" if name in _FRACTIONS else "binom", (upper, self.argument()))
        if name == "sqrt":
            return self.root()
        if name in _SPELLINGS or name in _FUNCTIONS or name in _SHORT_SPELLINGS:
            return self.function(_SPELLINGS.get(name) or _SHORT_SPELLINGS.get(name, name))
        if name == "pi":
            return _PI
        if name in ("lfloor", "lceil"):
            node = self.sum()
            self.need("\\r" + name[1:])
            return Node("floor" if name == "lfloor" else "ceil", (node,))
        if name in _GREEK:
            return self.subscripted(name) if self.peek() == "_" else Node("name", name=name)
        return self.calculus(name)

    def calculus(self, name: str) -> Node:
        """Integrals, sums, products and limits."""
        if name == "int":
            return self.integral()
        if name in ("sum", "prod"):
            return self.series("sum" if name == "sum" else "product")
        if name == "lim":
            return self.limit()
        raise ParseError(f"the command \\{name}")

    def integral(self) -> Node:
        bounds: dict[str, Node] = {}
        while (sign := self.peek()) and sign in "_^" and sign not in bounds:
            self.at += 1
            bounds[sign] = self.bound()
        if len(bounds) == 1:
            raise ParseError("an integral with one bound")
        self.integrals.append(_Integral(self.depth + 1))
        body = self.sum()
        variable = self.integrals.pop().variable
        if not variable:
            raise ParseError("an integral without its differential")
        return Node("integral", (body, bounds["_"], bounds["^"]) if bounds else (body,), name=variable)

    def bound(self) -> Node:
        if self.peek() == "{":
            self.at += 1
            node = self.infinite() or self.sum()
            self.need("}")
            return node
        return self.infinite() or self.argument()

    def infinite(self) -> Node | None:
        found = self.take_match(_NOT_FINITE)
        if not found:
            return None
        return Node("neg", (INFINITY,)) if found[1] == "-" else INFINITY

    def differential(self, variable: str) -> Node:
        integral = self.integrals[-1]
        if integral.variable:
            raise ParseError("an integral with two differentials")
        integral.variable = variable
        return _ONE

    def integral_ended(self) -> bool:
        """Whether the differential of the integral that is read at this level has been read."""
        return bool(self.integrals) and self.integrals[-1].variable != "" and self.integrals[-1].level == self.depth

    def series(self, op: str) -> Node:
        self.need("_")
        found = self.take_match(_RUNNING)
        if not found or found[2] != "=":
            raise ParseError("a sum over no range")
        lower = self.sum()
        self.need("}")
        self.need("^")
        upper, name = self.bound(), found[1].lstrip("\\")
        self.running.append(name)  # within the sum, i is an index
        body = self.product()
        self.running.pop()
        return Node(op, (body, lower, upper), name=name)

    def limit(self) -> Node:
        self.need("_")
        found = self.take_match(_RUNNING)
        if not found or found[2] == "=":
            raise ParseError("a limit without its place")
        where = self.infinite() or self.place()
        side = self.take_match(_SIDE)
        self.need("}")
        sign = 0 if side is None else 1 if (side[1] or side[2]) == "+" else -1
        return Node("limit", (self.product(), where, number(sign)), name=found[1].lstrip("\\"))

    def place(self) -> Node:
        """Where a limit is taken: no power follows, for `0^+` is the side that it is taken from."""
        negative = self.take("-")
        node = self.atom()
        return Node("neg", (node,)) if negative else node

    def root(self) -> Node:
        index, spaced = None, self.text[self.at : self.at + 1] == " "
        if self.take("["):
            index = self.sum()
            self.need("]")
        # "\sqrt 25", as a sign of the root becomes: nobody writes five times the root of two like this
        if spaced and index is None and self.peek() and (found := _DIGITS.match(self.text, self.at)):
            inside = self.digits(found)
        else:
            inside = self.argument()
        return Node("root", (inside, index)) if index else Node("sqrt", (inside,))

    def function(self, name: str, plain: bool = False, base: Node | None = None) -> Node:
        if name == "sqrt":
            return Node("sqrt", (self.power() if plain and self.peek().isdigit() else self.argument(),))
        base = self.base() if name == "log" and base is None else base
        power = self.exponent() if self.take("^") else None
        if name == "log" and base is None:
            base = self.base()
        args = self.arguments()
        if len(args) > 1 and name not in _OF_SEVERAL:
            raise ParseError("too many arguments")
        node = Node(name, (*args, base) if base else args)
        if power is None:
            return node
        if power == Node("neg", (_ONE,)) and name in ("sin", "cos", "tan", "cot", "sec", "csc"):
            return Node(f"arc{name}", args)
        return Node("pow", (node, power))

    def base(self) -> Node | None:
        return self.argument() if self.take("_") else None

    def arguments(self) -> tuple[Node, ...]:
        """In brackets where there are brackets; else the factors that follow, up to the next operator or function."""
        for opening, closing in (("(", ")"), ("[", "]"), ("\\{", "\\}")):
            if self.take(opening):
                args = [self.sum()]
                while self.take(","):
                    args.append(self.sum())
                self.need(closing)
                return tuple(in_degrees(arg) for arg in args) if self.take("^\\circ") else tuple(args)
        self.deeper()
        factors = [self.power() if self.peek() != "-" else self.signed()]
        while (
            not self.integral_ended()
            and self.starts_factor()
            and not self.function_follows()
            and self.peek() != "("
            and not (self.integrals and _DIFFERENTIAL.match(self.text, self.at))
        ):
            factors.append(self.power())
        self.depth -= 1
        return (_multiplied(factors),)

    def function_follows(self) -> bool:
        found = _COMMAND.match(self.text, self.at)
        if found is not None:
            return found[1] in _FUNCTIONS or found[1] in _SPELLINGS
        # "2cosxsin x": pi is no function
        plain = _PLAIN_FUNCTION.match(self.text, self.at)
        return plain is not None and plain[1] != "pi"


@dataclass(slots=True)
class _Integral:
    """An integral that is being read: where its integrand stands, and its variable once the differential is read."""

    level: int
    variable: str = ""


def _multiplied(factors: list[Node]) -> Node:
    if len(factors) == 2 and factors[1].op == "div" and factors[1].args[0] is _ONE:
        return Node("div", (factors[0], factors[1].args[1]))
    return factors[0] if len(factors) == 1 else Node("mul", tuple(factors))


_OF_SEVERAL = frozenset(("gcd", "lcm", "max", "min"))
_COUNT = re.compile(r"(?:([CP])|n([CP])r)\s*\(")  # "C("  "nCr("
_SIGNS = (
    "cdot times div ast pm mp le ge ne in cup cap to rightarrow Rightarrow approx equiv sim bmod mod pmod over choose"
)
_NOT_A_FACTOR = frozenset(f"{_SIGNS} rfloor rceil text % $ # _ quad begin end infty circ land wedge".split())
