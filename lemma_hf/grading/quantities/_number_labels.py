"""What may follow a number without changing it: a label. Other words make it another answer, or none.

"pens"  "of the students"  "(rounded)"      labels
"or more"  "(wrong)"  ", perhaps 4"          no labels
"""

import re

from lemma_hf.grading.formulas._expression import is_function

_TURN_WORDS = (
    "is are was were be been isn't aren't wasn't not no never nor neither none or either if unless else otherwise "
    "than least most minimum maximum bound bounds limit up upwards upward down over above below under between "
    "through until till to maybe perhaps possibly probably presumably likely guess guessed approximately wrong "
    "incorrect false error mistake mistaken invalid rejected reject extraneous impossible undefined but however "
    "without plus minus divided mod modulo factorial except excluding higher lower fewer greater bigger "
    "smaller larger too root roots fail fails work works think thinks believe believes suppose supposed i we you "
    "because since therefore so thus may might can could would should must will does do did that which where when "
    "while whereas instead again exceeds exceed excess squared cubed negative almost nearly around unknown unsure "
    # the same in Spanish, French, German, Italian, Portuguese and Russian
    "o ou oder más mas mehr plus più mais weniger moins menos menor mayor falsch faux falso nicht pas non peut-être "
    "vielleicht quizás mindestens höchstens или не нет больше меньше неверно возможно"
)
_TURNS = frozenset(_TURN_WORDS.split())
"""Words that say something about a number rather than what is counted."""
LETTER = r"(?:[^\W\d_]|[\u0300-\u036f\u0900-\u0dff\u0e00-\u0eff])"
"""A letter of any script, or a vowel sign of one: those of Indian scripts and of Thai are signs of their own."""
_TURNS_HAN = re.compile("以上|以下|以内|或|不|超过|超過|错|錯|误|非|可能|ではない|以外")  # "5 以上"
_LABEL = re.compile(rf"[\s(\[]*{LETTER}(?:{LETTER}|[\s.'’/()\[\]-])*")  # "pens"  "of the students"  "(rounded)"
_REPEATED = re.compile(r"[(,]?\s*(?:with )?multiplicity (?:of )?\w+\)?\s*$")  # "(multiplicity 2)"  a root counted twice
_MAX_LABEL = 80
"""Characters. What is longer is a sentence."""
_FUNCTIONS = "pi sqrt sin cos tan cot sec csc log ln exp lim max min gcd lcm det mod"
_FORMULA_NAMES = frozenset(_FUNCTIONS.split())
_SHORT_WORDS = frozenset(("of", "in", "by", "on", "at"))
_VOWELS = frozenset("aeiouyäöüáéíóúàèùâêîôûœæå")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def is_label(text: str) -> bool:
    """Whether a text behind a number only says what is counted or measured.

    Example:
        >>> is_label("red pens"), is_label("or more"), is_label("(wrong)")
        (True, False, False)
    """
    text = _REPEATED.sub("", text) if "multiplicity" in text else text
    if not text or (len(text) <= _MAX_LABEL and text.isspace()):
        return True
    if len(text) > _MAX_LABEL or not _LABEL.fullmatch(text) or _TURNS_HAN.search(text):
        return False
    if text.lower().lstrip(" ([").startswith(("and ", "und ", "et ")):
        return False  # "and a half"
    return not any(word.strip(".'’-") in _TURNS for word in re.split(r"[\s/()\[\]]+", text.lower()))  # "a (b)"


def is_word(text: str) -> bool:
    """Whether letters are a word of a language rather than a product of variables such as `xy`, `abc` and `mgh`."""
    letters = text.lower().replace("'", "").replace(".", "")
    if not text.isascii():
        return len(text) > 1 or ord(text) > 0x2E7F  # from there on a sign is a word: Chinese, Japanese, Korean
    if letters in _FORMULA_NAMES or letters in _ALPHABET or is_function(text):
        return False
    if len(letters) == 3:
        return [sign in _VOWELS for sign in letters] == [False, True, False]  # "pen", "men", but not "abh"
    return letters in _SHORT_WORDS or (len(letters) > 3 and any(sign in _VOWELS for sign in letters))
