r"""What formula does a text write? A small parser for the LaTeX of answers, without sympy.

    "2x^2 - \frac{1}{2}"  →  add(mul(2, pow(x, 2)), neg(div(1, 2)))

It reads numbers, variables, the four operations, powers, roots, absolute values, factorials, binomials and the usual
functions. What it does not know (integrals, sums, limits) raises `UnparsableError` and is left to the symbolic layer.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

_MAX_CHARS = 1_500
_MAX_DEPTH = 40
_MAX_NUMBER_DIGITS = 400


class UnparsableError(ValueError):
    """The text is no formula of the kind that is read here."""


@dataclass(frozen=True, slots=True)
class Node:
    """A formula: an operation on smaller formulas, or a leaf (`number`, `name`)."""

    op: str
    args: tuple["Node", ...] = ()
    value: Fraction | None = None
    name: str = ""

    def names(self) -> set[str]:
        """The variables in it."""
        if self.op == "name":
            return {self.name}
        return set().union(*(arg.names() for arg in self.args)) if self.args else set()


_TRIGONOMETRIC = "sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh"
_FUNCTIONS = frozenset(f"{_TRIGONOMETRIC} log ln lg exp sqrt abs floor ceil gcd lcm max min".split())
_SPELLINGS = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "lg": "log10", "cosec": "csc"}
_SMALL_GREEK = "alpha beta gamma delta epsilon zeta eta theta kappa lambda mu nu xi rho sigma tau phi chi psi omega"
_OTHER_LETTERS = "varepsilon vartheta varphi upsilon Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega ell hbar"
_GREEK = frozenset(f"{_SMALL_GREEK} {_OTHER_LETTERS}".split())
_DIGITS = re.compile(r"\d+(?:\.\d+)?|\.\d+")
_COMMAND = re.compile(r"\\([A-Za-z]+|[%$#_])")
_BY_LENGTH = sorted(_FUNCTIONS | _SPELLINGS.keys(), key=len, reverse=True)
_PLAIN_FUNCTION = re.compile(rf"({'|'.join(_BY_LENGTH)}|pi)(?![a-z])")
_PLAIN_GREEK = re.compile(r"(alpha|beta|gamma|delta|epsilon|theta|lambda|sigma|omega|phi|rho)(?![a-z])")
_DERIVATIVE = re.compile(r"\\frac\s*\{\s*(?:d|\\partial)\b\s*[\^}{A-Za-z]*|\\frac\s*\{\s*d\s*(?:\^|\})")
_PROPER = re.compile(r"\s*\\frac\s*(?:\{(\d{1,9})\}|(\d))\s*(?:\{(\d{1,9})\}|(\d))")
_SUBSCRIPT = re.compile(r"\{([A-Za-z0-9,^ ]{1,12})\}|([A-Za-z0-9])")
_EULER = Node("constant", name="e")
_IMAGINARY = Node("constant", name="i")
_PI = Node("constant", name="pi")
_LETTERS = {"e": _EULER, "i": _IMAGINARY}
_ONE = Node("number", value=Fraction(1))


def parse(text: str) -> Node:
    r"""The formula that the whole of a normalised `text` writes.

    Raises:
        UnparsableError: if it is none, is too long or nested too deep.

    Example:
        >>> sorted(parse(r"\frac{x+2y}{7}").names())
        ['x', 'y']
    """
    if len(text) > _MAX_CHARS:
        raise UnparsableError("too long")
    if _DERIVATIVE.search(text):
        raise UnparsableError("a derivative")
    parser = _Parser(text)
    node = parser.sum()
    parser.skip()
    if parser.at < len(text):
        raise UnparsableError(f"unexpected {text[parser.at :][:10]!r}")
    return node


class _Parser:
    """Recursive descent: sum → product → signed → power → atom. `at` is the place in the text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0
        self.bars = 0

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

    def need(self, token: str) -> None:
        if not self.take(token):
            raise UnparsableError(f"no {token!r} at {self.at}")

    def sum(self) -> Node:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise UnparsableError("nested too deep")
        terms = [self.product()]
        while (sign := self.peek()) and sign in "+-":
            self.at += 1
            term = self.product()
            terms.append(term if sign == "+" else Node("neg", (term,)))
        self.depth -= 1
        return terms[0] if len(terms) == 1 else Node("add", tuple(terms))

    def product(self) -> Node:
        node = self.signed()
        while True:
            if self.take("/") or self.take("\\div"):
                node = Node("div", (node, self.signed()))
            elif self.take("*") or self.take("\\cdot") or self.take("\\times"):
                node = Node("mul", (node, self.signed()))
            elif self.starts_factor():
                before = self.text[: self.at].rstrip()[-1:]
                if self.peek().isdigit() and (before.isdigit() or before == ".") and node.op == "number":
                    raise UnparsableError("two numbers side by side")
                node = Node("mul", (node, self.power()))
            else:
                return node

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
        if sign == "\\":
            found = _COMMAND.match(self.text, self.at)
            return found is not None and found[1] not in _NOT_A_FACTOR
        return sign.isascii() and (sign.isalnum() or sign in "({.[")

    def power(self) -> Node:
        node = self.atom()
        while True:
            if self.take("!"):
                node = Node("factorial", (node,))
            elif self.take("^"):
                if self.take("\\circ"):
                    node = Node("mul", (node, Node("div", (_PI, Node("number", value=Fraction(180))))))
                else:
                    node = Node("pow", (node, self.exponent()))
            elif self.take("\\%"):
                node = Node("div", (node, Node("number", value=Fraction(100))))
            else:
                return node

    def exponent(self) -> Node:
        if self.peek() == "{":
            return self.braced()
        sign = self.peek()
        if sign and sign in "+-":
            self.at += 1
            inner = self.exponent()
            return Node("neg", (inner,)) if sign == "-" else inner
        base = self.atom()
        return Node("pow", (base, self.exponent())) if self.take("^") else base

    def braced(self) -> Node:
        self.need("{")
        node = self.sum()
        self.need("}")
        return node

    def argument(self) -> Node:
        """What LaTeX takes as the argument of a command: a group, else one digit, letter or command."""
        if self.peek() == "{":
            return self.braced()
        if self.peek().isdigit():
            self.at += 1
            return Node("number", value=Fraction(int(self.text[self.at - 1])))
        return self.atom()

    def atom(self) -> Node:
        sign = self.peek()
        if found := _DIGITS.match(self.text, self.at):
            if len(found.group()) > _MAX_NUMBER_DIGITS:
                raise UnparsableError("too many digits")
            self.at = found.end()
            value = Fraction(found.group())
            return Node("number", value=value + self.proper_fraction() if value.denominator == 1 else value)
        for opening, closing in (("{", "}"), ("(", ")"), ("[", "]")):
            if sign == opening:
                self.at += 1
                node = self.sum()
                self.need(closing)
                return node
        if sign == "|":
            return self.absolute("|")
        if sign == "\\":
            return self.command()
        if sign.isascii() and sign.isalpha():
            return self.word()
        raise UnparsableError(f"unexpected {sign!r}")

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
        if found := _PLAIN_FUNCTION.match(self.text, self.at):
            self.at = found.end()
            return _PI if found[1] == "pi" else self.function(_SPELLINGS.get(found[1], found[1]))
        if found := _PLAIN_GREEK.match(self.text, self.at):
            self.at = found.end()
            return self.subscripted(found[1]) if self.peek() == "_" else Node("name", name=found[1])
        letter = self.text[self.at]
        self.at += 1
        if self.peek() == "_":
            return self.subscripted(letter)
        if self.peek() == "'":
            raise UnparsableError("a derivative")
        return _LETTERS.get(letter) or Node("name", name=letter)

    def subscripted(self, letter: str) -> Node:
        self.need("_")
        found = _SUBSCRIPT.match(self.text, self.at)
        if not found:
            raise UnparsableError("a subscript that is no name")
        self.at = found.end()
        return Node("name", name=f"{letter}_{found[1] or found[2]}")

    def command(self) -> Node:
        found = _COMMAND.match(self.text, self.at)
        if not found:
            raise UnparsableError("a lone backslash")
        self.at = found.end()
        name = found[1]
        if name in ("frac", "binom"):
            upper = self.argument()
            return Node("div" if name == "frac" else "binom", (upper, self.argument()))
        if name == "sqrt":
            return self.root()
        if name in _SPELLINGS or name in _FUNCTIONS:
            return self.function(_SPELLINGS.get(name, name))
        if name == "pi":
            return _PI
        if name in ("lfloor", "lceil"):
            node = self.sum()
            self.need("\\r" + name[1:])
            return Node("floor" if name == "lfloor" else "ceil", (node,))
        if name in _GREEK:
            return self.subscripted(name) if self.peek() == "_" else Node("name", name=name)
        raise UnparsableError(f"the command \\{name}")

    def root(self) -> Node:
        index = None
        if self.take("["):
            index = self.sum()
            self.need("]")
        inside = self.argument()
        return Node("root", (inside, index)) if index else Node("sqrt", (inside,))

    def function(self, name: str) -> Node:
        if name == "sqrt":
            return Node("sqrt", (self.argument(),))
        base = self.base() if name == "log" else None
        power = self.exponent() if self.take("^") else None
        if name == "log" and base is None:
            base = self.base()
        args = self.arguments()
        node = Node(name, (*args, base) if base else args)
        if power is None:
            return node
        if power == Node("neg", (_ONE,)) and name in ("sin", "cos", "tan"):
            return Node(f"arc{name}", args)
        return Node("pow", (node, power))

    def base(self) -> Node | None:
        return self.argument() if self.take("_") else None

    def arguments(self) -> tuple[Node, ...]:
        """In brackets where there are brackets; else the factors that follow, up to the next operator or function."""
        if self.peek() in ("(", "["):
            closing = ")" if self.peek() == "(" else "]"
            self.at += 1
            args = [self.sum()]
            while self.take(","):
                args.append(self.sum())
            self.need(closing)
            return tuple(args)
        node = self.power() if self.peek() != "-" else self.signed()
        while self.starts_factor() and not self.function_follows() and self.peek() != "(":
            node = Node("mul", (node, self.power()))
        return (node,)

    def function_follows(self) -> bool:
        found = _COMMAND.match(self.text, self.at)
        return (found is not None and found[1] in _FUNCTIONS) or bool(_PLAIN_FUNCTION.match(self.text, self.at))


_SIGNS = "cdot times div pm mp le ge ne in cup cap to rightarrow Rightarrow approx equiv sim"
_NOT_A_FACTOR = frozenset(f"{_SIGNS} rfloor rceil text % $ # _ quad begin end infty circ".split())
