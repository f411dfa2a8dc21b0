r"""Words by which a text takes a claim back, doubts it, or stands by it after all.

\boxed{12}. Wait, that is wrong.           denied: no answer, unless a new one follows
\boxed{12}. Let me double-check. …         doubted: a new claim counts, without one the old claim stands
\boxed{12} … yes, that is correct.         confirmed
Suppose the answer is 12.                  never claimed
"""

import re
from collections.abc import Iterator
from enum import IntEnum

_WRONG = (
    r"(?:wrong|incorrect|mistaken|false|erroneous|inaccurate|not (?:quite |entirely )?(?:right|correct|true)"
    r"|an? (?:error|mistake))\b"
)
_RIGHT = r"(?:right|correct|possible|true|valid)\b"
_MADE_ERROR = (
    r"(?:i|we) (?:have |had |also )?(?:made|found|see|spot|notice|noticed) (?:an?|my|the) (?:\w+ )?(?:mistake|error"
    r"|slip)"
    r"|(?:i|we) (?:have |had )?(?:misread|miscounted|miscalculated|misinterpreted|misunderstood|forgot|overlooked"
    r"|was wrong"
    r"|am wrong)\b"
)
_CLAIM = (
    r"(?:that|this|it|which|(?:that|this|the|my) (?:\w+ ){0,2}(?:answer|result|value|claim|number|solution|guess|one"
    r"|box"
    r"|sum|total))"
)
"""What a denial is about; "A is wrong" denies a choice and not the claim."""
_BEGINS = r"(?:^|[.!?:;,…—–\n(*>]\s*|\b(?:but|oh|ah|no|so|and|or|hm+)\b,?\s+)"
_PAUSE = r"(?:\s*[,.!?:;…—–]|\s+-)"

# "that is wrong"  "This is incorrect"  "it isn't right"  "I made a mistake"  "scratch that"  "doesn't add up"  "不对"
_DENIAL = re.compile(
    rf"\b{_CLAIM}(?:'s| is| was| seems| looks)(?: \w+)? ?{_WRONG}"
    rf"|\b{_CLAIM} (?:isn't|is not|wasn't|was not)(?: \w+)? {_RIGHT}"
    rf"|\b(?:{_MADE_ERROR})"
    rf"|\b(?:scratch|strike|ignore|disregard) (?:that|this|my)\b|\bmy mistake\b|\b(?:doesn't|does not) add up\b"
    rf"|{_BEGINS}(?:wrong|incorrect)\s*[.!,:]|\btake (?:that|it) back\b"
    r"|不对|错了|不正确|有误|間違|違います|틀렸|неверно|неправильно|es (?:incorrecto|falso)"
    r"|est (?:faux|fausse|incorrecte?)"
    r"|ist (?:falsch|nicht richtig)|está errad[oa]|è sbagliat[oa]",
    re.IGNORECASE,
)
# "Wait, "  "Hold on"  "On reflection"  "Actually, "  "Oops."  "that can't be right"  "Corrected answer"  "correcting"
_HALT = re.compile(
    rf"\bwait(?:{_PAUSE}|\s*$|\s+(?:no|i|that|that's|this|it|let|let's|but|is|actually|maybe|there|an? (?:minute"
    rf"|moment|second|sec))\b)"
    rf"|{_BEGINS}(?:hm+|oops|whoops|uh-oh|hold on|hang on|sorry|not so fast|correction|actually|no){_PAUSE}"
    rf"|{_BEGINS}actually\s+(?:the (?:\w+ )?answer|it(?:'s| is))\b"
    r"|\b(?:on|upon) (?:(?:further|closer|second|more careful) )?(?:reflection|inspection|thoughts?|review"
    r"|consideration)\b"
    r"|\b(?:correcting|corrected|revised|updated)\b|\bhold on\b|\breconsider"
    rf"|\b{_CLAIM} (?:can't|cannot|can not|doesn't|does not)(?: \w+)? {_RIGHT}"
    r"|等等|等一下|重新|待って|もう一度|잠깐|다시|подожди|стоп"
    r"|\b(?:espera|un momento|attends|attendez|warte|aspetta|moment mal)\b",
    re.IGNORECASE,
)
# "let me double-check"  "Let's verify"  "double check"
_CHECK = re.compile(
    r"\blet(?: me|'s| us) (?:just |quickly |carefully |now |also )?(?:re-?(?:check|do|compute|calculate|read|verify"
    r"|visit|think)"
    r"|double[- ]?check|check|verify|make sure|see if|confirm|try again|look again)|\bdouble[- ]check(?:ing)?\b"
    r"|\bre-?check(?:ing)?\b",
    re.IGNORECASE,
)
# "is correct"  "it checks out"  "the answer stands"  "✓"  "confirms"  "Yes, "  "was right"
_CONFIRMATION = re.compile(
    r"(?:\bis|\bwas|\b's|\bindeed)(?: \w+)? (?:correct|right|fine|ok|okay|valid|accurate|confirmed|true|consistent)\b"
    r"|\bcheck(?:s|ed)? out\b"
    r"|\bstands\b|\bconfirm(?:s|ed|ing)\b|\bverified\b|\bmatches\b|✓|✔|✅|\byes\b|\bis what we (?:got|had|found)\b"
    r"|\b(?:it|this|that) works\b",
    re.IGNORECASE,
)
_NOT_BEFORE = re.compile(
    r"(?:\bnot|n't|\bnor|\bnever|\bhardly)(?: \w+)? $|\bif (?:\w+ ){0,3}$", re.IGNORECASE
)  # "not "

_ASCII_WORDS_OF_DENIAL = (
    r"wrong|incorrect|mistak|error|erron|inaccur|false|not |n't|scratch|strike|ignore|disregard|add up|take |misread"
    r"|misco|misca"
    r"|misin|misun|forgot|overlooked|slip|falsch|richtig|faux|fauss|sbagliat|errad|falso"
)
_ASCII_WORDS_OF_HALTING = (
    r"wait|hold on|hang on|hm|oops|uh-oh|sorry|not so|correcti|corrected|actually|reflection|inspection|thought"
    r"|review|consider"
    r"|revis|updat|can't|cannot|can not|doesn't|does not|no[,.!?:;]|no -|no\u2014|espera|attend|warte|aspetta|momento"
    r"|moment mal"
)
_DENIES = re.compile(_ASCII_WORDS_OF_DENIAL)  # "wrong"  "i forgot"
_HALTS = re.compile(_ASCII_WORDS_OF_HALTING)  # "wait"  "no,"
_CHECKS = re.compile("check|let me|let's|let us")  # "let me verify"
_HINT = re.compile(f"{_ASCII_WORDS_OF_DENIAL}|{_ASCII_WORDS_OF_HALTING}|check|let me|let's|let us")  # "wait"  "check"
"""Words one of which stands in every cue, in lower case: a quick search, which most texts pass without a find."""


class Doubt(IntEnum):
    """How far a text goes back on a claim."""

    NONE = 0
    CHECKED = 1
    """It begins to check: what comes out of that counts only where it is said to be the answer."""
    HALTED = 2
    """It stops: what comes after that counts."""
    DENIED = 3
    """It says that the claim is wrong."""


_CUES = ((_DENIAL, _DENIES, Doubt.DENIED), (_HALT, _HALTS, Doubt.HALTED), (_CHECK, _CHECKS, Doubt.CHECKED))


_FARTHEST = 20_000
"""Characters from the end that are searched for doubts: 5,000 words, after which no text speaks of a claim before."""


def doubt_after(text: str, start: int, end: int) -> tuple[Doubt, int]:
    """How far `text` goes back, between two places, on what it claimed before; and where it begins to do so."""
    start = max(start, end - _FARTHEST)
    part = text[start:end]
    if len(part) < 3:
        return Doubt.NONE, end
    lowered = part.lower()
    ascii_only = part.isascii()
    if ascii_only and not _HINT.search(lowered):
        return Doubt.NONE, end
    first: int | None = None
    worst = Doubt.NONE
    denied = -1
    for pattern, hint, kind in _CUES:
        for begin, stop in _windows(hint, lowered) if ascii_only else ((0, len(part)),):
            for found in pattern.finditer(part, begin, stop):
                first = found.start() if first is None else min(first, found.start())
                worst = max(worst, kind)
                denied = found.end() if kind is Doubt.DENIED else denied
    if first is None:
        return Doubt.NONE, end
    if _is_confirmed(part, max(denied, 0)):
        worst = Doubt.CHECKED
    return worst, start + first


def _windows(hint: re.Pattern[str], lowered: str) -> Iterator[tuple[int, int]]:
    """The stretches around the words of `hint`, in which its cues stand; they do not overlap."""
    begin, end = 0, -1
    for found in hint.finditer(lowered):
        if found.start() - _AROUND > end:
            if end >= 0:
                yield begin, end
            begin = max(0, found.start() - _AROUND)
        end = min(len(lowered), found.end() + _AROUND)
    if end >= 0:
        yield begin, end


_AROUND = 80
"""Characters: more than the longest cue has on either side of such a word."""


def _is_confirmed(part: str, start: int) -> bool:
    return any(
        not _NOT_BEFORE.search(part, max(0, found.start() - 30), found.start())  # 30: the words before a verb
        for found in _CONFIRMATION.finditer(part, start)
    )


# "not "  "isn't equal to $"  "instead of "  "rather than \("  "except "
_DENIES_NEXT = re.compile(
    r"(?:\b(?:not|never|unlikely to|except(?: for)?|neither|nor|instead of|rather than|other than|different from"
    r"|anything but|cannot be|exclud(?:ing|es)|excluded:?)|n't)"
    r"\s+(?:(?:be|equal(?: to)?|simply|just|exactly|actually|the (?:number|value|answer)|have been)\s+)*"
    r"(?:\$|\\\(|\\\[|\*|\s){0,6}$",
    re.IGNORECASE,
)
# " is wrong"  "$ cannot be right"  " does not work"  " isn't the answer"  " is not a solution"  " fails"
_DENIES_LAST = re.compile(
    rf"[\s$*)\]}}\\.\"'`]{{0,6}}\b(?:(?:is|was|would be|seems|looks)(?: \w+)? ?{_WRONG}"
    r"|(?:is|was|are)(?: not|n't)(?: \w+)? (?:right|correct|possible|the (?:\w+ )?(?:answer|solution|one)"
    r"|an? (?:\w+ )?(?:answer|solution|valid)|valid|allowed)"
    r"|was (?:my|the|our) (?:first|initial|earlier|previous|wrong) (?:guess|answer|attempt|result)"
    r"|should (?:be|have been) \W{0,3}\d"
    r"|is (?:an? )?(?:impossible|excluded|extraneous|spurious|rejected|inadmissible"
    r"|invalid|ruled out|too (?:big|small|large|high|low))"
    r"|(?:does|do|did|will|would)(?: not|n't) (?:work|satisfy|fit|count|hold|qualify|solve|divide)"
    r"|(?:can(?:not|'t| not)|could(?: not|n't)) (?:be|work|hold)\b|fails\b)",
    re.IGNORECASE,
)
# "Suppose the "  "if our final "  "Assume that the correct "  "say "
_SUPPOSES_NEXT = re.compile(
    r"\b(?:suppos(?:e|ing)|assum(?:e|es|ing)|if|whether|unless|imagine|say|let's say|guess(?:ing)?|pretend"
    r"|verify(?:ing)?|check(?:ing)?|not (?:true|correct|the case)|false|doubt(?:ful)?)\s+"
    r"(?:that\s+)?(?:(?:the|my|our|your|this|an?|final|correct|right|true|actual|only)\s+){0,3}(?:\$|\\\(|\*|\s){0,4}$",
    re.IGNORECASE,
)


# "my first answer was $"  "Initially I got "  "an earlier guess of "
_FORMER_NEXT = re.compile(
    r"(?:\b(?:first|initial|earlier|previous|original|wrong|incorrect) (?:answer|guess|result|attempt|value)"
    r" (?:was|of|gave)"
    r"|\b(?:initially|at first|originally),? (?:i|we) (?:got|get|found|thought|had|wrote|said)(?: it was)?)\s\W{0,6}$"
    r"|\b(?:wrong|incorrect|false|my first|our first|earlier|previous) $",
    re.IGNORECASE,
)

_LAST_WORDS_TEXT = (
    "a actual actually an answer assume assumes assuming be been but check checking correct earlier equal exactly "
    "except excluded excluded: excludes excluding false final first for found from gave get got guess guessing "
    "had if imagine incorrect is just my neither never nor not number of only our pretend previous right said say "
    "simply suppose supposing than that the this thought to true unless value verify verifying was whether wrong "
    "wrote your "
)
_LAST_WORDS = frozenset(_LAST_WORDS_TEXT.split())
"""The last words of the regexes above, one of which most texts lack at that place."""


def is_denied(text: str, start: int, end: int) -> bool:
    """Whether the sentence around the stretch from `start` to `end` denies it or only supposes it."""
    if _DENIES_LAST.match(text, end, end + 60):  # 60, here and below: the longest words of the regexes
        return True
    before = text[max(0, start - 60) : start]
    word = (
        before.rstrip(" \n$\\([*{")[-12:].replace("\n", " ").rpartition(" ")[2].lower()
    )  # 12: the longest of the words
    if word not in _LAST_WORDS and not word.endswith("n't"):
        return False
    return any(pattern.search(before) for pattern in (_DENIES_NEXT, _SUPPOSES_NEXT, _FORMER_NEXT))


# " (alternatively $4"  "; it could also be 4"  ". Or it is (B"  ", or maybe 4"
_ANOTHER = re.compile(
    r"[\s$)\].,;*}]{0,6}\(?(?:alternatively|or(?: else)? (?:it (?:is|could be|might be|may be)|maybe|possibly|perhaps)"
    r"|(?:but )?(?:it|this|that) (?:could|might|may) (?:also |as well )?be|(?:but )?(?:possibly|perhaps|maybe))\b"
    r"[\s$(\\*]{0,6}[-\dA-F]",
    re.IGNORECASE,
)


def offers_another(text: str, end: int) -> bool:
    """Whether the words behind a claim offer another answer beside it."""
    return _ANOTHER.match(text, end, end + 80) is not None  # 80: the longest words of the regex


# "less than "  "at least $"  "> "  "no more than "  "\geq "  "under "  "between "
_BOUNDS_NEXT = re.compile(
    r"(?:\b(?:less|more|fewer|greater|larger|smaller|bigger|higher|lower|older|younger|other|rather) than"
    r"|\bat (?:least|most)|\bup to"
    r"|\b(?:under|over|above|below|beyond|exceeds?|exceeding|within|between)|\bno (?:less|more|fewer) than"
    r"|(?<![<>])[<>≤≥≠]=?"
    r"|\\(?:le|ge|leq|geq|lt|gt|ne|neq|leqslant|geqslant))\s*(?:or equal to\s+)?(?:the (?:number|value)\s+)?(?:\$"
    r"|\\\(|\*|\s){0,6}-?$",
    re.IGNORECASE,
)


def is_bounded(before: str) -> bool:
    """Whether what comes after `before` is a bound: "at least "."""
    return _BOUNDS_NEXT.search(before[-60:]) is not None  # 60: the longest words of the regex


# "correct"  "indeed correct."  "wrong"  "verified, as above"
_JUDGMENT = re.compile(
    r"(?:indeed |really |also |thus |therefore |clearly |now |in fact |completely )*(?:correct|incorrect|wrong"
    r"|verified|confirmed|mistaken|consistent|reasonable"
    r"|not (?:correct|right|wrong|possible|reasonable)|likely (?:wrong|incorrect|correct)|right)\b(?!\s*(?:triangle"
    r"|angle|isosceles))",
    re.IGNORECASE,
)


def is_judgment(claim: str) -> bool:
    """Whether a claim says of an answer that it is right or wrong, and not what it is."""
    found = _JUDGMENT.match(claim.strip(" *$.,:"))
    return found is not None
