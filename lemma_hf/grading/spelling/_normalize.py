r"""Answers in one spelling: one way to write each sign, and no wrappers.

    normalize("$\\left( 3,\\ \\dfrac{\\pi}{2} \\right)$.")  →  "(3, \\frac{\\pi}{2})"

Brackets, braces and signs that carry meaning stay: what is dropped here could have been dropped by a typesetter.
"""

import re

from lemma_hf.grading.spelling._dress import undress
from lemma_hf.grading.spelling._unicode_maths import to_latex

# "\textbf{no}"  "\mbox{ cm}"  "\emph {x}"
_WORD_COMMANDS = re.compile(r"\\(?:textbf|textit|textrm|textnormal|texttt|emph|mbox|hbox|textsf)(?=\s*\{)")
# "\mathbb R"  "\Bbb{Z}"  "\R"
_NAMED_SETS = re.compile(
    r"\\(?:(?:mathbb|Bbb)(?![A-Za-z])\s*(?:\{\s*([NZQRC])\s*\}|([NZQRC])(?![A-Za-z]))|([RZNQ])(?![A-Za-z]))"
)
# "\mathbf{x}"  "\overline{AB}"
_FONTS = re.compile(
    r"(\\[A-Za-z]+)?\\(?:mathrm|mathbf|mathit|mathsf|mathcal|boldsymbol|bm|mathbb(?!\{[NZQRC]\})|overline|vec|bar|hat|underline)"
    r"\s*\{([^{}]*)\}"
)
# "\mathbf{\frac{1}{2}}"  "\underline{\underline{5}}"  of which the inner braces stay
_FONTS_AROUND = re.compile(r"\\(?:mathbf|mathit|mathsf|boldsymbol|bm|underline)(?=\s*\{)")
_OPERATOR_NAME = re.compile(r"\\operatorname\*?\s*\{\s*([A-Za-z]+)\s*\}")  # "\operatorname{lcm}"  "\operatorname*{max}"
_EITHER_SIGN = re.compile(r"\+/-|^\+-(?=\d)")  # "x = +/- 2"  "+-2"
_INNER_MATHS = re.compile(r"(?<!\\)\$(?=[^\s$])([^$]*[^\s$\\])\$")  # "$12$ and $-15$"
# "\left("  "\displaystyle x"  "\right."  the point of the last one stands for a bracket that is not printed
_NOTHING = re.compile(
    r"\\(?:left|right|mleft|mright|bigl|bigr|Bigl|Bigr|biggl|biggr|big|Big|bigg|Bigg|displaystyle|textstyle|limits|nolimits|noindent)"
    r"(?![A-Za-z])\s*\.?(?<!\d\.)"
)
# "1{,}000"  "11,\! 111"  "10\,000"  "10~000"  "11,\!5"
_THOUSANDS_GAP = re.compile(r"(?<=\d)(?:\{,\}|,?\\!|\\,|~|,\\!)\s*(?=\d{3}(?!\d))|(?<=\d),\\!\s*(?=\d)")
_DECIMAL_COMMA = re.compile(r"(?<=\d)\{,\}(?=\d)")  # "12{,}5"  where no thousands follow
# "5\,cm"  "x\quad y"  "a~b"  "a b"
_SPACES = re.compile(r"(?<!\\)\\[,;:! ]|\\(?:quad|qquad|thinspace|enspace|space)(?![A-Za-z])|~|\s+")
_DOUBLED = re.compile(r"\\\\(?=[A-Za-z({\[])")  # "\\frac{1}{2}"  "\\{1, 2\\}"
_HALF_ROW_BREAK = re.compile(r"(?<!\\)\\(?=[-+]?[\d.])")  # "1 & 2 \3 & 4"  "0 \-1"
"""What JSON makes of the row break of a matrix that was not escaped; no command begins with a digit."""
# "0.1\overline{6}"  "2.\dot3"
_REPEATING = re.compile(r"(\d{0,20})\.(\d{0,20})\s*\\(?:overline|bar|dot)\s*(?:\{(\d{1,20})\}|(\d))")
"""Twenty digits a part, more than anyone writes: without a bound, a long number is read anew from each digit."""
_DOTTED_THOUSANDS = re.compile(r"(?<![\d.,])[1-9]\d{0,2}(?:\.\d{3}){2,}(?![\d.])")  # "1.234.567"
"""Two points at least: `1.234` is a decimal."""
_SAME = (
    (re.compile(r"\\(?:d|t|c|nice|s|x)frac(?![A-Za-z])"), r"\\frac"),  # "\dfrac"  "\nicefrac"
    (re.compile(r"\\(?:leq|leqslant|leqq)(?![A-Za-z])|<=|=<"), r"\\le "),  # "\leq 3"  "x<=3"  "x=<3"
    (re.compile(r"\\(?:geq|geqslant|geqq)(?![A-Za-z])|>=|=>"), r"\\ge "),  # "\geqslant 3"  "x>=3"  "x=>3"
    (re.compile(r"\\neq(?![A-Za-z])|!="), r"\\ne "),  # "\neq"  "x!=3"
    (re.compile(r"\\lt(?![A-Za-z])"), "<"),  # "x \lt 3"
    (re.compile(r"\\gt(?![A-Za-z])"), ">"),  # "x \gt 3"
    (re.compile(r"\\(?:lvert|rvert|vert|mid)(?![A-Za-z])"), "|"),  # "\lvert x \rvert"
    (re.compile(r"\\(?:lbrace)(?![A-Za-z])"), r"\\{"),  # "\lbrace 1"
    (re.compile(r"\\(?:rbrace)(?![A-Za-z])"), r"\\}"),  # "1 \rbrace"
    (re.compile(r"\\lbrack(?![A-Za-z])"), "["),  # "\lbrack 0, 1"
    (re.compile(r"\\rbrack(?![A-Za-z])"), "]"),  # "0, 1 \rbrack"
    # "90^{\circ}"  "90\degree"  "\sin{30^\circ}"
    (re.compile(r"\^\s*(?:\{\s*\\(?:circ|degree)\s*\}|\\(?:circ|degree)(?![A-Za-z]))|\\degree\b"), r"^\\circ "),
    (re.compile(r"\\(?:varnothing)(?![A-Za-z])"), r"\\emptyset"),  # "\varnothing"
    # "\begin{bmatrix}"  "\end{matrix}"
    (re.compile(r"\\(begin|end)\{(?:b|B|small|psmall|bsmall)?matrix\}"), r"\\\1{pmatrix}"),
    (re.compile(r"\\begin\{array\}\s*\{[^{}]*\}"), r"\\begin{pmatrix}"),  # "\begin{array}{cc}"
    (re.compile(r"\\end\{array\}"), r"\\end{pmatrix}"),  # "\end{array}"
    (re.compile(r"\*\*(?=\S)"), "^"),  # "x**2"
    (re.compile(r"\\text\s*\{\s*([-\d.,/: ]+)\s*\}"), r" \1 "),  # "\text{3.5}"  "\text{1:2}"
    (re.compile(r"\\(?:dots|ldots|cdots)(?![A-Za-z])"), "..."),  # "1, 2, \ldots"
    (re.compile(r"\\text\s*\{\s*(?:i|e)\s*\}"), lambda found: found.group()[-2]),  # "\text{i}"  "3\text{ e}"
)
# "x^2_1"  "a^{n}_{k}"  the subscript goes first
_SUBSCRIPT_LAST = re.compile(r"(\^(?:\{[^{}]*\}|[A-Za-z0-9]))(_(?:\{[^{}]*\}|[A-Za-z0-9]))")
_PAIRS = (("$$", "$$"), ("$", "$"), (r"\(", r"\)"), (r"\[", r"\]"), ("**", "**"), ("`", "`"), ('"', '"'))


def normalize(text: str) -> str:
    r"""`text` with one spelling for each sign, and without wrappers, sizing, spacing and a full stop at the end.

    Example:
        >>> normalize(r"$11,\! 111,\! 100$.")
        '11111100'
    """
    if not text.isascii() or "\x00" in text:
        text = to_latex(text)
    text = undress(_unwrap(text))
    if "+/-" in text or "+-" in text:
        text = _EITHER_SIGN.sub(r"\\pm ", text)
    if text.count("$") > 1:
        text = _INNER_MATHS.sub(r"\1", text)
    if text.count(".") > 1:
        text = _DOTTED_THOUSANDS.sub(lambda found: found.group().replace(".", ""), text)
    if "\\" in text or "{,}" in text or "{:}" in text:
        text = _plain_latex(text)
    for pattern, spelling in _SAME[1:4] if "\\" not in text else _SAME:
        text = pattern.sub(spelling, text)
    if "_" in text and "^" in text:
        text = _SUBSCRIPT_LAST.sub(r"\2\1", text)
    if "**" in text:
        text = text.replace("**", "^")
    return _unwrap(_SPACES.sub(" ", text))


def _plain_latex(text: str) -> str:
    text = _DOUBLED.sub(r"\\", text) if "\\begin" not in text else _HALF_ROW_BREAK.sub(r"\\\\", text)
    text = _REPEATING.sub(_as_fraction, text)
    text = _WORD_COMMANDS.sub(r"\\text", text)
    if "bb" in text or "\\R" in text or "\\Z" in text or "\\N" in text or "\\Q" in text:
        text = _NAMED_SETS.sub(lambda found: f"\\mathbb{{{found[1] or found[2] or found[3]}}}", text)
    text = _FONTS_AROUND.sub("", _OPERATOR_NAME.sub(r"\\\1 ", _FONTS.sub(_without_font, text)))
    text = _THOUSANDS_GAP.sub("", text)
    if "{,}" in text:
        text = _DECIMAL_COMMA.sub(".", text)
    text = text.replace("{:}", ":")
    return _NOTHING.sub("", text)


def _without_font(found: re.Match[str]) -> str:
    r"""The letters alone, apart from a command right before them: `\pi\mathrm{r}` is `\pi r`."""
    return f"{found[1]} {found[2]}" if found[1] else found[2]


def _as_fraction(repeating: re.Match[str]) -> str:
    r"""`0.1\overline{6}` as the fraction that it is."""
    before, period = repeating[1] + repeating[2], repeating[3] or repeating[4]
    upper = int(before + period) - int(before or 0)
    return f"\\frac{{{upper}}}{{{'9' * len(period)}{'0' * len(repeating[2])}}}"


def _unwrap(text: str) -> str:
    """`text` without the dollars, quotes and full stops around it."""
    while True:
        before = text
        text = text.strip().rstrip(".;:" if len(text) > 1 else "").rstrip()
        # 1,000: what is as long is no answer, and a row of equal signs must not be stripped one by one
        text = text.lstrip(":=").lstrip() if text[:1] in (":", "=") and len(text) < 1000 else text
        for opening, closing in _PAIRS:
            inner = text[len(opening) : -len(closing)]
            if len(text) > len(opening) + len(closing) and text.startswith(opening) and text.endswith(closing):
                within = inner.replace("\\$", "")
                if opening not in within and closing not in within:
                    text = inner
                break
        if text == before:
            return text
