r"""Answers in words, and choices: `\text{Evelyn}`, `even`, `(C)`, `True`."""

import re
from fractions import Fraction

from lemma_hf.grading.quantities._numerals import magnitude

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
# "it is D"  "A because"  but not the article in "A train" nor a letter of "$D$", "I'D" and "A$5"
_LETTER = re.compile(
    r"(?<![A-Za-z\\$'])"
    r"(?:A(?!\s+[a-z]|[A-Za-z'$_^])|A(?=\s+(?:because|since|is|as|or|and)\b)|[B-F](?![A-Za-z'$_^]))"
)
_OTHERWISE = r"(?:or|and|possibly|perhaps|maybe|also|even|else|probably|then|alternatively|as well as)"
# ", D"  " B"  ", possibly B"  "/ (C)"  "or maybe D"  a second choice right behind the first
_SECOND_CHOICE = re.compile(
    rf"(?:[\s,;:/&|+)→-]|\\to(?![A-Za-z]))*(?:\b{_OTHERWISE}\b[\s,]*){{0,3}}"
    r"\(?(?:[B-F](?![\w'])|A(?![\w']|\s+[a-z]))(?!\s*[=+*^(-])"
)
# "A, B, C, D"  "(A) or (B)."  "A/B"  a row of choices at the end of a line
_ROW = re.compile(
    r"(?<![A-Za-z])\(?[A-F]\)?(?:\s*[,;/&→]\s*|\s+)"
    rf"(?:{_OTHERWISE}\s+){{0,3}}\(?[A-F]\)?\W*$"
)
# "(B) "  "\text{(B)} "  "\text{(C) }"  "B. "  "\text{B) "
_CHOICE_BEFORE = re.compile(r"\{?(?:\\text\s*\{\s*)?(?:\(\s*[A-F]\s*\)|[A-F][.)](?=[\s}]))\s*\}?\s*")
# "not B"  "can't be A or B"  "不是B"  up to where the denial ends: "not C but D"
_DENIED = re.compile(
    r"(?:\b(?:not|non|cannot|never|neither)\b|n't|不是)(?:(?!\bbut\b|\bmais\b|而是)[^,;.!?，。；\n])*", re.IGNORECASE
)
_SENTENCE = re.compile(r"(?:[A-Za-z']{2,}\W+){2,}")  # "Sarah has 27 pens"
# "not 5"  "5 or 6"  "undefined"  "isn't"  while "no fewer than 5" denies nothing
_DENIAL = re.compile(
    r"\b(?:not?|cannot|never|or|unknown|undefined|error|impossible|none)\b(?! fewer| less| more)|n't", re.IGNORECASE
)
# "more than 5"  "at least 5"  "up to 5"  "between 5"  "half of 10"  "twice 5"  "5 degrees below zero"  "minus 5"
_BOUND = re.compile(
    r"\b(?:(?:more|less|fewer|greater|larger|smaller|higher|lower|bigger|other) than|at (?:least|most)|up to|between"
    r"|except|but not|anything but|exceeds?|above|below|under|(?:half|third|quarter|root|square|cube|multiple|power) of"
    r"|twice|double|triple|minus|negative)\s+\W{0,3}[\d$\\]|\bbelow zero\b",
    re.IGNORECASE,
)
# "27 pens"  "1,250.50"  "-3"  "3 1/2 pies"  "3/4"
_NUMBER = re.compile(r"(?<![\w.])-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+|(?: \d{1,3})?/\d{1,3})?(?![\w])")
_SAME_WORD = {"yes": "true", "no": "false", "t": "true"}
_NO_SOLUTION = "no solution"
_INFINITE = "infinitely many"
_NO_VALUE = "does not exist"
_SIGNS = {"\\emptyset": _NO_SOLUTION, "\\{\\}": _NO_SOLUTION, "\\{ \\}": _NO_SOLUTION, "\\infty": _INFINITE}
_SAYINGS = {
    "none": _NO_SOLUTION,
    "none exist": _NO_SOLUTION,
    "nothing": _NO_SOLUTION,
    "impossible": _NO_SOLUTION,
    "not possible": _NO_SOLUTION,
    "empty set": _NO_SOLUTION,
    "empty": _NO_SOLUTION,
    "solution set is empty": _NO_SOLUTION,
    "无解": _NO_SOLUTION,
    "無解": _NO_SOLUTION,
    "空集": _NO_SOLUTION,
    "解なし": _NO_SOLUTION,
    "keine lösung": _NO_SOLUTION,
    "aucune solution": _NO_SOLUTION,
    "pas de solution": _NO_SOLUTION,
    "sin solución": _NO_SOLUTION,
    "no hay solución": _NO_SOLUTION,
    "нет решений": _NO_SOLUTION,
    "infinitely many": _INFINITE,
    "infinite": _INFINITE,
    "infinity": _INFINITE,
    "infinite many": _INFINITE,
    "infinite number": _INFINITE,
    "infinite number of": _INFINITE,
    "infinitely": _INFINITE,
    "无穷多": _INFINITE,
    "无数": _INFINITE,
    "unendlich viele": _INFINITE,
    "une infinité": _INFINITE,
    "infinitas": _INFINITE,
    "бесконечно много": _INFINITE,
    "does not exist": _NO_VALUE,
    "doesnt exist": _NO_VALUE,
    "do not exist": _NO_VALUE,
    "dne": _NO_VALUE,
    "undefined": _NO_VALUE,
    "not defined": _NO_VALUE,
    "limit does not exist": _NO_VALUE,
}
"""Words for three answers that are no number. `none` is no zero, and a limit that does not exist is no empty set."""
_MAX_SAYING = 80
"""Characters of one of these answers as a sentence: "There are no real values of x that satisfy the equation"."""
# "there are "  "the equation has "
_SAID_BEFORE = re.compile(
    r"(?:(?:so|thus|hence|therefore) )?"
    r"(?:(?:there (?:are|is|exist|exists)|it has|we have|the (?:equation|system) has|an|the|it) )+"
)
# "no real solutions"  "no such n exists"  "no integer solutions for x"
_NO_SUCH = re.compile(
    r"no (?:(?:real|integer|such|positive|valid|possible|rational|whole|natural|finite|common) )*"
    r"(?:solutions?|roots?|values?|numbers?|integers?|pairs?|points?|answers?|triangles?|functions?|primes?|[a-z])"
    r"(?: (?:exists?|possible|(?:for|of|to) (?:x|n|the equation|this equation|the system)))*"
)
# " solutions exist"  " triangles"
_SAID_BEHIND = re.compile(
    r"(?: (?:solutions?|values?|real|of|for|the|x|n|such|that|exists?|satisfy|equation|system|possible|to|this|"
    r"triangles?|integers?|numbers?|pairs?|points?|lösungen|soluciones|de|解|个解))+$"
)


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


def _saying(text: str) -> str | None:
    r"""Which of "no solution", "infinitely many" and "does not exist" a text says; None if it says none of them.

    Example:
        >>> _saying(r"\text{There are no solutions}"), _saying(r"\infty"), _saying("5")
        ('no solution', 'infinitely many', None)
    """
    text = text.strip()
    if text in _SIGNS or len(text) > _MAX_SAYING or not text or "=" in text:
        return _SIGNS.get(text)
    words = " ".join(re.findall(r"[^\W\d_]+", _plain_text(text).casefold().replace("'", "")))  # "half past"
    if said := _SAYINGS.get(words):
        return said
    if before := _SAID_BEFORE.match(words):
        words = words[before.end() :]
    if _NO_SUCH.fullmatch(words):
        return _NO_SOLUTION
    return _SAYINGS.get(words) or _SAYINGS.get(_SAID_BEHIND.sub("", words))


def same_saying(answer: str, reference: str) -> bool | None:
    """Whether two answers say that there is no solution, or infinitely many; None unless both say one of these."""
    if not (answer[-1:].isalpha() or answer[-1:] == "}") or not (reference[-1:].isalpha() or reference[-1:] == "}"):
        return None
    one = _saying(answer)
    other = _saying(reference) if one else None
    return one == other if one and other else None


def only_number(text: str) -> str | None:
    """The number of a sentence that states just one and denies nothing: "Sarah has 27 pens." is 27."""
    # 200 characters: a sentence that states one answer; what is longer is a solution with other numbers in it
    if len(text) > 200 or not _SENTENCE.search(text) or _DENIAL.search(text) or _BOUND.search(text):
        return None
    numbers = list(_NUMBER.finditer(text))
    # "x = 5"  "2^3"  a number in a formula is a part of it
    if len(numbers) != 1 or re.search(r"[\\=<>^_{}]", text.replace("\\$", "")):
        return None
    # "5 more than x"
    if re.search(r"\b(?:more|less|fewer|greater|smaller) than [A-Za-z]\b", text):
        return None
    number, next_word = numbers[0].group(), text[numbers[0].end() :].lstrip(" -").partition(" ")[0].strip(".,!")
    if (factor := magnitude(next_word)) is None:
        return number
    return str(Fraction(number.replace(",", "")) * factor) if " " not in number else None  # "5 million"


def read_choice(text: str, *, named: bool) -> str | None:
    r"""The one choice an answer names: `C`, `(C)`, `C. 24`; None where it names none, or two, or denies one.

    Args:
        named: whether letters alone are choices (in multiple choice); else only letters in round brackets.

    Example:
        >>> read_choice(r"\text{(C)}", named=False), read_choice("not C", named=True)
        ('C', None)
    """
    # "25^\circ C"
    text = re.sub(r"\\circ\s*(?:\\text\s*\{)?\s*[CF]\b", " ", text) if "\\circ" in text else text
    plain = _plain_text(text).strip().strip("$*.").strip()
    if named and (found := _CHOICE_NAMED.fullmatch(plain)):
        return found[1].upper()
    plain = plain[1:-1] if plain[:1] + plain[-1:] == "{}" else plain
    if named and (found := re.fullmatch(r"\(?\s*([a-f])\s*[).]?", plain)):  # "(c)"  "b"  "b)"
        return found[1].upper()
    found = re.fullmatch(r"\(\s*([A-F])\s*\)(.*)", plain, re.DOTALL)  # "(C)"  "(C) 24"
    if found is None and named:
        found = re.fullmatch(r"([A-F])(?![\w'])\s*([).:,;\s].*)?", plain, re.DOTALL)  # "C"  "C. 24"  "C because"
    if found is None:
        return named_choice(plain) if named else None
    rest = _DENIED.sub(" ", found[2] or "")
    # "C or D"  "and (B)"  a second choice
    if re.search(r"\b(?:or|and)\b\W*[A-F]\b", rest) or _SECOND_CHOICE.match(rest):
        return None
    return found[1]


def choice_value(text: str) -> str | None:
    r"""What a choice stands for, where an answer gives both: `12` of `\textbf{(B)}\ 12` and of `B. 12`.

    Example:
        >>> choice_value(r"\text{(B)} 12"), choice_value("(B)"), choice_value("AB + 12")
        ('12', None, None)
    """
    if text[:1] not in ("(", "\\", "A", "B", "C", "D", "E", "F", "{") or len(text) > _MAX_SENTENCE:
        return None
    found = _CHOICE_BEFORE.match(text)
    rest = text[found.end() :].strip().strip(":").strip() if found else ""
    if found and found.group().count("{") > found.group().count("}"):
        # "}12"  "12}"  the brace that closes the command around the letter
        rest = re.sub(r"^\s*\}|\}$", "", rest, count=1).strip()
    return rest if rest and not _CHOICE_BEFORE.match(rest) else None


def named_choice(text: str) -> str | None:
    """The one choice that a sentence names and does not deny; the article "A" names none.

    Example:
        >>> named_choice("It can't be A or B, so I think it is D"), named_choice("A or B"), named_choice("not C")
        ('D', None, None)
    """
    letters = set(_LETTER.findall(_DENIED.sub(" ", text))) if len(text) <= _MAX_SENTENCE else set()
    return letters.pop() if len(letters) == 1 else None


def names_a_choice(reference: str) -> bool:
    """Whether a reference announces its choice: `Option B`."""
    return _CHOICE_NAMED.fullmatch(_plain_text(reference).strip()) is not None


def is_row_of_choices(line: str) -> bool:
    """Whether a line ends in choices side by side, of which it names none: `A, B, C, D`."""
    return _ROW.search(line[-40:]) is not None  # 40: the last two letters and what is between them


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
        if not (answer.isascii() or reference.isascii()):  # words of another script
            answer, reference = _plain_text(answer), _plain_text(reference)
        alphabetic = answer.isalpha() and (len(reference) > 1 or not reference.isascii())
        return True if alphabetic and answer.casefold() == reference.casefold() else None
    return (one or answer).casefold() == (other or reference).casefold()
