r"""Answers in words, and choices: `\text{Evelyn}`, `even`, `(C)`, `True`."""

import re

_TEXT = re.compile(r"\\text\s*\{([^{}]*)\}")  # "\text{Evelyn}"
_COMMAND = re.compile(r"\\[A-Za-z]+")  # "\pi"
_LONG_WORD = re.compile(r"[A-Za-z]{4,}")  # "even"
"""Four letters: up to three may be a product of variables, `abc`."""
# "arcsin"  "sqrt"  "theta"  "x_{max}"  what is no word of an answer although it is made of letters
_NO_WORDS = re.compile(
    r"(?:arc)?(?:sin|cos|tan|sec|csc|cot)h?|ln(?=[a-z](?![a-z]))|sqrt|exp|log|floor|ceil|abs|pmatrix|begin|end|cases|binom|choose|alpha|beta|gamma|delta|epsilon|theta|lambda|sigma|omega|"
    r"_\{[^{}]*\}"
)
_MAX_SENTENCE = 1_000
"""Characters. What is longer names no choice: it is a solution and not its last line."""
_ALPHABETIC = re.compile(r"[A-Za-z][A-Za-z '-]+")  # "two o'clock"
_ARTICLE = re.compile(r"^(?:the|a|an) ")  # "the third"
# "option C"  "Answer: (C)"
_CHOICE_NAMED = re.compile(r"(?:option|choice|answer)\s*:?\s*\(?([A-F])\)?", re.IGNORECASE)
# "it is D"  "A because"  but not the article in "A train" nor the D of "$D$" and "I'D"
_LETTER = re.compile(
    r"(?<![A-Za-z\\$'])(?:A(?!\s+[a-z]|[A-Za-z'])|A(?=\s+(?:because|since|is|as|or|and)\b)|[B-F](?![A-Za-z']))"
)
# "not B"  "can't be A or B"  "不是B"  up to where the denial ends: "not C but D"
_DENIED = re.compile(
    r"(?:\b(?:not|non|cannot|never|neither)\b|n't|不是)(?:(?!\bbut\b|\bmais\b|而是)[^,;.!?，。；\n])*", re.IGNORECASE
)
_SENTENCE = re.compile(r"(?:[A-Za-z']{2,}\W+){2,}")  # "Sarah has 27 pens"
# "not 5"  "5 or 6"  "undefined"  "isn't"  while "no fewer than 5" denies nothing
_DENIAL = re.compile(
    r"\b(?:not?|cannot|never|or|unknown|undefined|error|impossible|none)\b(?! fewer| less| more)|n't", re.IGNORECASE
)
_NUMBER = re.compile(r"(?<![\w.])-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\w])")  # "27 pens"  "1,250.50"  "-3"
_SAME_WORD = {"yes": "true", "no": "false", "t": "true"}


def _plain_text(text: str) -> str:
    r"""`text` with each `\text{…}` replaced by its content."""
    return _TEXT.sub(r" \1 ", text).strip() if "\\text" in text else text


def _read_words(text: str) -> str | None:
    r"""The words of an answer in words, folded so that equal ones are equal strings; None for a formula.

    Example:
        >>> _read_words(r"\text{Even}"), _read_words("2x+1")
        ('even', None)
    """
    whole = _TEXT.fullmatch(text.strip())
    plain = _plain_text(text)
    letters = _NO_WORDS.sub("", _COMMAND.sub(" ", plain))
    is_text = bool(whole and _ALPHABETIC.fullmatch(whole[1].strip()))
    if not is_text and not _LONG_WORD.search(letters) and plain.strip().lower() not in ("true", "yes", "no"):
        return None
    words = _ARTICLE.sub("", " ".join(re.findall(r"[^\W_]+", plain.casefold())))  # "half past"
    return _SAME_WORD.get(words, words)


def only_number(text: str) -> str | None:
    """The number of a sentence that states just one and denies nothing: "Sarah has 27 pens." is 27."""
    # 200 characters: a sentence that states one answer; what is longer is a solution with other numbers in it
    if len(text) > 200 or not _SENTENCE.search(text) or _DENIAL.search(text):
        return None
    numbers = _NUMBER.findall(text)
    # "x = 5"  "2^3"  a number in a formula is a part of it
    return numbers[0] if len(numbers) == 1 and not re.search(r"[\\=<>^_{}]", text.replace("\\$", "")) else None


def read_choice(text: str, *, named: bool) -> str | None:
    r"""The one choice an answer names: `C`, `(C)`, `C. 24`; None where it names none, or two, or denies one.

    Args:
        named: whether letters alone are choices (in multiple choice); else only letters in round brackets.

    Example:
        >>> read_choice(r"\text{(C)}", named=False), read_choice("not C", named=True)
        ('C', None)
    """
    plain = _plain_text(text).strip().strip("$*.").strip()
    if named and (found := _CHOICE_NAMED.fullmatch(plain)):
        return found[1].upper()
    plain = plain[1:-1] if plain[:1] + plain[-1:] == "{}" else plain
    if named and (found := re.fullmatch(r"\(\s*([a-f])\s*\)", plain)):  # "(c)"
        return found[1].upper()
    found = re.fullmatch(r"\(\s*([A-F])\s*\)(.*)", plain, re.DOTALL)  # "(C)"  "(C) 24"
    if found is None and named:
        found = re.fullmatch(r"([A-F])(?![\w'])\s*([).:,;\s].*)?", plain, re.DOTALL)  # "C"  "C. 24"  "C because"
    if found is None:
        return named_choice(plain) if named else None
    # "C or D"  ", D"  "and (B)"  a second choice
    if re.search(r"\b(?:or|and)\b\W*[A-F]\b|^\W*[,&/]\W*[A-F]\b", _DENIED.sub(" ", found[2] or "")):
        return None
    return found[1]


def named_choice(text: str) -> str | None:
    """The one choice that a sentence names and does not deny; the article "A" names none.

    Example:
        >>> named_choice("It can't be A or B, so I think it is D"), named_choice("A or B"), named_choice("not C")
        ('D', None, None)
    """
    letters = set(_LETTER.findall(_DENIED.sub(" ", text))) if len(text) <= _MAX_SENTENCE else set()
    return letters.pop() if len(letters) == 1 else None


def is_sentence(text: str) -> bool:
    """Whether a text is a sentence rather than a formula."""
    # "你好"  "да"  a script that leaves no spaces, or none of the letters above
    return _SENTENCE.search(text) is not None or re.search(r"[\u0400-\u1fff\u3040-\u9fff]{2}", text) is not None


def same_words(answer: str, reference: str) -> bool | None:
    """Whether two answers in words are the same; None if neither is in words."""
    one, other = _read_words(answer), _read_words(reference)
    if one is not None and other is not None:
        return one == other
    if one is None and other is None:
        alphabetic = answer.isalpha() and len(reference) > 1
        return True if alphabetic and answer.casefold() == reference.casefold() else None
    return (one or answer).casefold() == (other or reference).casefold()
