r"""What is only dress: color, size, fonts, space and numbering of LaTeX, tags of HTML, emphasis of Markdown.

    undress(r"\textcolor{red}{12}\tag{1}")  →  "12"

Everything here could have been left out, or chosen otherwise, without another value on the page.
"""

import re

# "\color{red}{12}"  "\color[rgb]{1,0,0}{12}"  "\hspace{1cm}"  "\tag*{1}"  "\phantom{0}"
_WITH_ARGUMENT = re.compile(
    r"\\(?:text|math)?color\s*(?:\[[^\[\]]*\])?\s*\{[^{}]*\}"
    r"|\\(?:hspace|vspace|tag|label|phantom|hphantom|vphantom)\*?\s*\{[^{}]*\}"
    r"|\\m?kern\s*-?\d+(?:\.\d+)?\s*[a-z]{2}"  # "\mkern3mu"
)
# "\large 12"  "{\bf 12}"  "12\checkmark"
_WITHOUT_ARGUMENT = re.compile(
    r"\\(?:tiny|scriptsize|footnotesize|small|normalsize|large|Large|LARGE|huge|Huge|bf|rm|it|sf|tt|bfseries|boldmath"
    r"|nonumber|notag|hfill|vfill|mathstrut|strut|null|centering|scriptstyle|checkmark|blacksquare|square|qed|quad|qquad)(?![A-Za-z])"
)
# "\pmb{12}"  "\ensuremath{12}"  "\boxed{12}" whose content stays as it is
_AROUND = re.compile(
    r"\\(?:pmb|mathnormal|ensuremath|underbrace|overbrace|uwave"
    r"|framebox|fbox|boxed|textnormal|textsc|textsl|mathop|mathord|colorbox|displaystyle|large|Large|LARGE"
    r"|huge|Huge|small)(?=\s*\{)"
)
_ONE_ROW = re.compile(  # "\begin{aligned} x &= 12 \end{aligned}"  "\begin{array}{c}12\end{array}"
    r"\\begin\s*\{(align(?:ed|at)?|gather(?:ed)?|equation|split|multline|displaymath|math|center|array|[bpvBV]?matrix)(\*?)\}"
    r"(?:\s*\{[^{}]*\})?((?:(?!\\\\|\\[-+\d.]|\\begin|\\end).){0,400})(?:\\\\\s*)?\\end\s*\{\1\2\}",
    re.DOTALL,
)
"""Four hundred signs: more than a row of an answer has. What has more rows than one is a system or a matrix."""
# "\\[2pt]12"  "\therefore 12"
_OPENING = re.compile(
    r"(?:\\\\(?:\[[^\[\]]{0,9}\]|(?=[\s\d]))\s*|\\(?:therefore|Rightarrow|Longrightarrow|implies)(?![A-Za-z])\s*)+"
)
_RAISED = re.compile(r"\\textsuperscript\s*\{([^{}]*)\}|<sup>([^<>]*)</sup>")  # "x\textsuperscript{2}"  "x<sup>2</sup>"
_LOWERED = re.compile(r"\\textsubscript\s*\{([^{}]*)\}|<sub>([^<>]*)</sub>")  # "x<sub>1</sub>"
# "<b>"  "<p align=left>"  but not "a<b and c>d"
_HTML = re.compile(
    r"</?(?:b|i|u|em|strong|span|p|div|br|code|mark|center|font)(?:\s+[a-z-]+=[^<>]{0,80})?\s*/?>", re.IGNORECASE
)
_ENTITIES = (("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&le;", r"\le "), ("&ge;", r"\ge "), ("&amp;", "&"))
_EMPHASIS = re.compile(r"([*_]{1,3})([^*_\s](?:[^*_]*[^*_\s])?)\1")  # "*12*"  "__12__"
# "\text{The answer is } 12"  "\text{Therefore, } 12"
_ANNOUNCED = re.compile(
    r"\\text\s*\{(?:[A-Za-z ,']{0,60}\b(?:is|are|equals|be)|\s*(?:so|therefore|hence|thus|finally))\s*[:,]?\s*\}"
    r"\s*:?\s*(?=\S)",
    re.IGNORECASE,
)
_OVER = re.compile(r"\{?\s*([^{}\\]{1,40}?)\s*\\over(?![A-Za-z])\s*([^{}\\]{1,40}?)\s*\}?")  # "{1 \over 2}"
_SLANTED = re.compile(r"\\(?:nicefrac|sfrac|flatfrac|xfrac)(?![A-Za-z])")  # "\nicefrac{1}{2}"


def undress(text: str) -> str:
    r"""`text` without what only makes it look better.

    Example:
        >>> undress(r"{\bf 12}\hspace{1cm}"), undress("x<sup>2</sup>"), undress("**12**")
        ('{  12}', 'x^{2}', '12')
    """
    if "<" in text and ">" in text:
        text = _HTML.sub("", _RAISED.sub(_raised, _LOWERED.sub(_lowered, text)))
    if "&" in text:
        for entity, sign in _ENTITIES:
            text = text.replace(entity, sign)
    if text[:1] in "*_" and (found := _EMPHASIS.fullmatch(text)):
        text = found[2]
    return _plain_latex(text) if "\\" in text else text


def _plain_latex(text: str) -> str:
    if opening := _OPENING.match(text):
        text = text[opening.end() :]
    text = text.rstrip("\\ \n")  # "12\\\\": the break behind a row
    text = text.replace("\\!=", "=").replace("=\\!", "=")
    if "\\begin" in text:
        text = _ONE_ROW.sub(_one_row, text)
    if "script" in text:
        text = _RAISED.sub(_raised, _LOWERED.sub(_lowered, text))
    text = _SLANTED.sub(r"\\frac", text)
    if "\\over" in text:
        text = _OVER.sub(r"\\frac{\1}{\2}", text)
    if text.startswith("\\text"):
        text = _ANNOUNCED.sub("", text, count=1)
    return _WITHOUT_ARGUMENT.sub(" ", _AROUND.sub("", _WITH_ARGUMENT.sub("", text)))


def _one_row(found: re.Match[str]) -> str:
    is_table = "matrix" in found[1] or found[1] == "array"
    return found.group() if is_table and "&" in found[3] else found[3].replace("&", " ")


def _raised(found: re.Match[str]) -> str:
    return f"^{{{found[1] or found[2]}}}"


def _lowered(found: re.Match[str]) -> str:
    return f"_{{{found[1] or found[2]}}}"
