r"""Mathematics written in Unicode, in the LaTeX spelling that the rest of the grader reads.

    to_latex("x¹⁰ ≤ 3√2.5")  →  "x^{10} \\le  3\\sqrt{2.5}"

Styled letters and full-width forms become the plain ones, digits of any script the digits 0 to 9. Compatibility
decomposition (NFKC) is used block by block and not for the whole text: it would turn `²` into `2`, `㎡` into `m2`, and
`ℝ` into a variable.
"""

import re
import unicodedata

_SIGNS = {
    "−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "‒": "-", "―": "-", "﹣": "-",
    "×": r"\times ", "✕": r"\times ", "⋅": r"\cdot ", "·": r"\cdot ", "∙": r"\cdot ", "÷": "/", "∕": "/", "⁄": "/",
    "≤": r"\le ", "⩽": r"\le ", "≦": r"\le ", "≥": r"\ge ", "⩾": r"\ge ", "≧": r"\ge ", "≠": r"\ne ",
    "≈": r"\approx ", "≃": r"\approx ", "≡": r"\equiv ", "±": r"\pm ", "∓": r"\mp ",
    "∞": r"\infty ", "∪": r"\cup ", "∩": r"\cap ", "∈": r"\in ", "∅": r"\emptyset ", "∖": r"\setminus ",
    "√": r"\sqrt ", "∛": r"\sqrt[3]", "∜": r"\sqrt[4]", "∑": r"\sum ", "∏": r"\prod ", "∫": r"\int ",
    "∂": r"\partial ", "→": r"\to ", "∣": "|", "｜": "|", "⌊": r"\lfloor ", "⌋": r"\rfloor ", "⌈": r"\lceil ",
    "⌉": r"\rceil ", "⟨": r"\langle ", "⟩": r"\rangle ", "〈": r"\langle ", "〉": r"\rangle ", "…": "...", "⋯": "...",
    "°": r"^\circ ", "º": r"^\circ ", "˚": r"^\circ ", "℃": r"^\circ C", "℉": r"^\circ F",
    "ℝ": r"\mathbb{R}", "ℤ": r"\mathbb{Z}", "ℕ": r"\mathbb{N}", "ℚ": r"\mathbb{Q}", "ℂ": r"\mathbb{C}",
    "‘": "'", "’": "'", "′": "'", "“": '"', "”": '"', "″": '"', "、": ", ", "。": ".", "∶": ":", "٫": ".", "٬": ",",
    "٪": "%", "｛": r"\{", "｝": r"\}", "∆": r"\Delta ", "Ω": r"\Omega ", "µ": r"\mu ",
    "㎡": "m^2", "㎥": "m^3", "㎠": "cm^2", "㎤": "cm^3", "㎢": "km^2", "\x00": "",
    "✓": "", "✔": "", "✅": "", "■": "", "□": "", "∎": "",
}  # fmt: skip
"""Each sign with its LaTeX; the last line is what stands behind a finished proof or a right answer."""
_GREEK = [
    *(
        "alpha",
        "beta",
        "gamma",
        "delta",
        "epsilon",
        "zeta",
        "eta",
        "theta",
        "iota",
        "kappa",
        "lambda",
        "mu",
        "nu",
        "xi",
    ),
    *("omicron", "pi", "rho", ".", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega"),
]
"""From U+03B1 on; the point is the final sigma, which is no letter of mathematics."""
_CAPITALS = {"gamma", "delta", "theta", "lambda", "xi", "pi", "sigma", "upsilon", "phi", "psi", "omega"}
"""Those for which LaTeX has a command; the others look like Latin letters."""
_SIGNS |= {chr(0x3B1 + place): f"\\{name} " for place, name in enumerate(_GREEK) if name not in (".", "omicron")}
_SIGNS |= {chr(0x391 + place): f"\\{name.title()} " for place, name in enumerate(_GREEK) if name in _CAPITALS}
_SIGNS |= {"ϕ": r"\phi ", "ϵ": r"\epsilon ", "ϑ": r"\theta "}

_UNSEEN = [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF, 0xFE0F, 0xAD]
"""Characters that take no room: joiners, marks of direction, the soft hyphen."""
_SIGNS |= {chr(code): "" for code in _UNSEEN}
_SPACES = [0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000]
_SIGNS |= {chr(code): " " for code in _SPACES}

_FRACTIONS = {
    chr(code): "\\frac{{{}}}{{{}}}".format(*unicodedata.normalize("NFKC", chr(code)).split("⁄"))
    for code in (*range(0xBC, 0xBF), *range(0x2150, 0x215F), 0x2189)
}
"""`½` and its like; NFKC alone would make `3½` a `31⁄2`."""
_SIGNS |= _FRACTIONS

_PLAIN_BLOCKS = (
    range(0x1D400, 0x1D800),  # mathematical letters and digits: 𝑥, 𝟏, 𝜋
    range(0xFF01, 0xFFEF),  # full-width and half-width forms: ｘ, ＋, １
    range(0x2100, 0x2150),  # letter-like: ℎ, ℓ
    range(0xFB00, 0xFB07),  # ligatures: ﬁ
    range(0x3371, 0x33E0),  # squared units: ㎝, ㎏
)
"""Blocks of which NFKC keeps the meaning."""

# "¹⁰"  "⁻³"  "ⁿ⁺¹"
_SUPERSCRIPTS = re.compile("[⁰¹²³⁴-⁹⁺⁻⁼⁽⁾ⁿⁱᴬ-ᵡᶜᶠᶻ]+")
_SUBSCRIPTS = re.compile("[₀-₉₊₋₌₍₎ₐₑₒₓₕ-ₜᵢ-ᵥⱼ]+")  # "₁₂"  "₍₈₎"
_SPLIT_FRACTION = re.compile("([⁰¹²³⁴-⁹]+)[⁄/]([₀-₉]+)")  # "³⁄₄"
_ROOT = re.compile(r"([√∛∜])\s*(\d+(?:[.,]\d+)*|[A-Za-z])")  # "√2.5"  "∛8"  "√x"
_ROOT_OF_BRACKET = re.compile(r"([∛∜])\s*\(([^()]*)\)")  # "∛(x+1)"
_INDEX = {"√": "", "∛": "[3]", "∜": "[4]"}


def to_latex(text: str) -> str:
    r"""`text` with its mathematical signs in LaTeX, and without characters that cannot be seen.

    Example:
        >>> to_latex("１０⁻³ × √12"), to_latex("٣½")
        ('10^{-3} \\times  \\sqrt{12}', '3\\frac{1}{2}')
    """
    text = _SPLIT_FRACTION.sub(lambda found: f"\\frac{{{_plain(found[1])}}}{{{_plain(found[2])}}}", text)
    text = _SUPERSCRIPTS.sub(lambda found: f"^{{{_plain(found.group())}}}", text)
    text = _SUBSCRIPTS.sub(lambda found: f"_{{{_plain(found.group())}}}", text)
    text = "".join(char if char.isascii() or char in _SIGNS else _one_plain(char) for char in text)
    text = _ROOT.sub(lambda found: f"\\sqrt{_INDEX[found[1]]}{{{found[2]}}}", text)
    text = _ROOT_OF_BRACKET.sub(lambda found: f"\\sqrt{_INDEX[found[1]]}{{{found[2]}}}", text)
    return text.translate(_TRANSLATE)


def _plain(raised: str) -> str:
    return unicodedata.normalize("NFKC", raised).replace("−", "-")


def _one_plain(char: str) -> str:
    """A character by its block: a digit of any script, a styled letter, or itself."""
    if unicodedata.category(char) == "Nd":
        return str(unicodedata.digit(char))
    if any(ord(char) in block for block in _PLAIN_BLOCKS):
        return unicodedata.normalize("NFKC", char)
    return char


_TRANSLATE = str.maketrans(_SIGNS)
