r"""Claims that a sentence makes, in English and other languages: what is claimed, and where.

The final answer is **4** because 2+2=4.    →  4
La réponse est $12{,}5$.                    →  $12{,}5$
答えは 12 個です。3袋あるからです。            →  12 個
The answer is not 5.                        →  nothing
"""

import re
from collections.abc import Iterator

from lemma_hf.grading.claims._doubts import is_bounded, is_denied, is_judgment
from lemma_hf.grading.claims._marked import Claim

_MOST = 20
"""Sentences that are looked at, from the last: a text that says "answer" without end costs no more."""
_TAIL = 4_000
"""Characters behind an announcement that may belong to its claim."""

# "answer is"  "Answers:"  "answer to this question is"  "answer** ="  "answer $5$"  "answer must be"  "answer comes to"
_PHRASE = re.compile(
    r"answers?\**\s*(?:\(s\)|choice|option|to (?:the|this) (?:question|problem))?\**\s*"
    r"(?:(?:is|are|:|=|：)(?!\w)|(?:must|should|would|will|could|may|might|can|has to) (?:only |then |thus "
    r"|therefore )?be\b"
    r"|(?:equals|becomes|was|comes (?:out )?to|turns out to be|works out to(?: be)?)\b|(?=\$|\\\(|\\\[)"
    r"|(?<=inal answer)\**\s*\n)",
    re.IGNORECASE,
)
_LINE_A = re.compile(r"(?:^|\n)\s*(?:A|Answer)\s*:", re.IGNORECASE)  # "A: 5"  "Answer : 5"

_NOUNS = (
    *(
        "respuesta",
        "resultado",
        "solución",
        "solução",
        "soluzione",
        "réponse",
        "reponse",
        "résultat",
        "antwort",
        "ergebnis",
        "lösung",
        "resposta",
    ),
    *("risposta", "risultato", "antwoord", "odpowied", "odpověď", "svaret", "svar", "răspuns", "válasz", "vastaus"),
    *("jawaban", "cevap", "yanıt", "đáp án", "đáp số", "câu trả lời", "kết quả", "ответ", "відповідь", "απάντηση"),
    *("תשובה", "الإجابة", "الجواب", "答案", "答え", "答", "正解", "답", "উত্তর", "उत्तर", "คำตอบ"),
)
"""Words for "answer" of other languages, in lower case: one stands before a claim that is announced in them."""
_ASCII_NOUNS = tuple(noun for noun in _NOUNS if noun.isascii())
# "respuesta final es"  "Antwort lautet"  "réponse :"  "ответ —"  "odpowiedź to"
_ANNOUNCED = re.compile(
    # No relative clause between the noun and its verb: "résultats qui ne sont pas pairs" announces nothing.
    r"[^\W\d]{0,4}(?:\s?\**)(?:\s(?!(?:qu[ei]|que|quando?|lorsque|die|das|der|che|который|которые)\b)[^\W\d]{1,12}){0,5}?"
    r"\**\s{0,3}"
    r"(?::|：|=|—|–|\b(?:es|será|sería|é|será|est|serait|ist|lautet|beträgt|wäre|sind|è|sono|sont|son|são|is|bedraagt"
    r"|är|er|este|to|je"
    r"|jest|on|adalah|ialah|là|равен|равно|равна|составляет|это|будет|є|είναι|היא|הוא|هي|هو|হল|হলো|হচ্ছে|है|คือ)(?!\w))"
    # "答案是"  "答えは"  "正解：は"  "정답은"  "คำตอบคือ"
    r"|(?:应该|應該|就|也|確實|确实|最终)?(?:是|为|為|：|:|は|が|즉|은|는|이|คือ)\s?(?:：|:|、)?",
    re.IGNORECASE,
)

_SENTENCE_END = re.compile(
    r"[.!?](?=\s+[A-Z\"'(À-ÞА-Я]|\s*$)|(?<=\d)\.(?=\s)|[。！？]"
)  # "It is 5. So"  "is it?"  "5. so"
# "$5$"  "x is \(5\)"  "the area \[12\]"  up to 60 signs before the formula: more are a sentence of its own
_HEADED_MATHS = re.compile(r"[^$\\]{0,60}?(?:\$\$?((?:[^$\\]|\\.)+)\$\$?|\\\((.+?)\\\)|\\\[(.+?)\\\])", re.DOTALL)
_MORE = re.compile(
    r"\s*(?:,\s*and|,|and|or|und|oder|et|ou|y|o)\s*\$([^$]+)\$"
)  # " and $5$"  ", $7$"  ", and $2$"  " or $3$"
_DENIAL = re.compile(r"\b(?:not|cannot|no)\b|n't", re.IGNORECASE)  # "not 5"  "isn't"
# "it is five"  "答案是"
PROSE = re.compile(r"(?<![\\A-Za-z])[A-Za-z']+[,;:]?\s+[A-Za-z']+[,;:]?\s+[A-Za-z']+|[\u0400-\u1fff\u3040-\u9fff]{2}")
_BOLD = re.compile(r"\*\*([^*\n]{1,300})\*\*(?!\s*(?:,|;|/|&|\+|-|or\b|and\b)\s*\**\s*[\w$\\])")  # "**4** because"
_CODE = re.compile(r"`([^`\n]{1,300})`(?!\s*(?:,|;|or\b|and\b)\s*`)")  # "`4` because"
# "therefore 5"  "indeed $5$"  "given by 5"
_FILLER = re.compile(
    r"(?:(?:therefore|thus|hence|then|indeed|simply|clearly|now|given by|equal to|in fact|also"
    r"|still)[,:]?\s+)+(?=[\d$\\(*-])",
    re.IGNORECASE,
)
# " because 2+2=4"  ", weil 3 mal 4"  ", I am sure"  " 因为"  ", since x"  ", not 5"
_EXPLANATION = re.compile(
    r"(?:,\s*|\s+)(?:because|since|weil|parce que|parce qu'|puisque|porque|perché|poiché|omdat|ponieważ|потому что"
    r"|так как|поскольку"
    r"|karena|çünkü|vì)\b.*"
    r"|[,;]\s*(?:but|though|although|aber|mais|pero)\b.*"
    r"|[,;]\s*(?:in total|in all|altogether|overall|as|so|da|denn|car|pues|ya que|já que|pois|dado que|want|bo|i am"
    r"|i'm|i hope|i think|which|thus|hence|therefore|and not|not"
    r"|nicht|und nicht|et non|y no|e non|а не)\b.*"
    r"|\s+(?:and not|not|non|et non|y no|e non|nicht|und nicht|а не|не)\s+\(?[A-F]\b.*"  # "C non A"
    r"|\s*\((?:since|because|as|which|not|weil|da|denn|car|parce que|porque|perché)\b.*"
    r"|[，,、；;]?\s*(?:因为|因為|所以|なぜなら|왜냐하면).*",
    re.IGNORECASE | re.DOTALL,
)
_COPULA = re.compile(
    r"\s*(?:です|でした|である|だ|となります|になります|입니다|이다|예요|이에요|হয়)$"
)  # " 個です"  "12입니다"
_INSTEAD = re.compile(
    r"not\s+[^.!?\n]{1,40}?,?\s+but\s+(?:rather\s+|instead\s+)?(?=\S)", re.IGNORECASE
)  # "not A but B"
# ", no wait, 16"  " - actually 16"  ", or rather 16"
_CORRECTS_ITSELF = re.compile(
    r"(?:,|\s-|–|—|\.\.\.|…)\s*(?:(?:no|wait|actually|sorry|i mean|or rather|oops)[,:]?\s+){1,3}(?:it's "
    r"|it is )?(?=[\d$\\-])",
    re.IGNORECASE,
)
_NO_CLAIM = re.compile(
    r"(?:\w+ly )?(?:not|no longer|neither)\b|unlikely\b|wrong\b", re.IGNORECASE
)  # "definitely not 5"
_SHORT_WORDS = 4
"""Words of an answer in words, "half past ten o'clock"; what is longer is a sentence and keeps its explanation."""


_YES_OR_NO = re.compile(r"(yes|no)\s*[,;:]\s", re.IGNORECASE)  # "no, it is not divisible"


def said_claims(text: str, start: int = 0) -> Iterator[Claim]:
    """The claims that sentences of `text` make from `start` on, from the last one back; denied ones are left out."""
    lowered = text.lower()
    if len(lowered) != len(text):  # "İ" is two characters in lower case
        lowered = text
    end = len(text)
    nouns = [noun for noun in (_ASCII_NOUNS if text.isascii() else _NOUNS) if noun in lowered]
    needles = ["answer", *nouns]
    for _ in range(_MOST):
        at, noun = max((lowered.rfind(needle, start, end), needle) for needle in needles)
        if at < 0:
            break
        end = at
        found = _PHRASE.match(text, at) if noun == "answer" else _ANNOUNCED.match(text, at + len(noun))
        claim = _claim_at(text, at, found.end()) if found else None
        if claim is not None:
            yield claim
    line = _last_match(_LINE_A, text, max(start, len(text) - _TAIL))
    if line:
        claimed = claimed_after(text, line.end())
        yield Claim(line.start(), line.end() + len(claimed), claimed, "answer_line")


def _claim_at(text: str, start: int, end: int) -> Claim | None:
    """The claim of the announcement between two places, if it claims anything."""
    claimed = claimed_after(text, end)
    if (instead := _INSTEAD.match(claimed)) is not None:
        claimed = claimed[instead.end() :]
    if (better := _last_match(_CORRECTS_ITSELF, claimed)) is not None:
        claimed = claimed[better.end() :]
    if (plain := _YES_OR_NO.match(claimed)) is not None:
        claimed = plain[1]
    if _NO_CLAIM.match(claimed) or is_judgment(claimed):
        return None
    if is_denied(text, start, start):
        return None
    place = text.find(claimed, end) if claimed else end
    if claimed.count("}") > claimed.count("{"):  # "\\text{The answer is } 12"
        claimed = claimed.lstrip("} ")
        if claimed.endswith("}") and claimed.count("}") > claimed.count("{"):
            claimed = claimed[:-1].rstrip()
    return Claim(start, (place if place >= 0 else end) + len(claimed), claimed, "answer_is")


def is_bound(claimed: str) -> bool:
    """Whether a claim only bounds the answer: "less than 5"."""
    number = re.search(r"\d", claimed)  # "5"
    if not number or "\\" in claimed or not claimed[:1].isalpha():
        return False
    return is_bounded(claimed[: number.start()])


def claimed_after(text: str, start: int) -> str:
    """What is claimed behind an announcement that ends at `start`."""
    rest = text[start : start + _TAIL].lstrip(" \t:\n：")
    if rest.startswith(("\\begin{", "**\\begin{")):
        return _environment(rest.lstrip("*"))
    marked = _BOLD.match(rest) or _CODE.match(rest)
    if marked and marked[1].strip():
        rest = marked[1] + "\n"
    rest = rest.lstrip(" \t*:\n")
    if maths := _HEADED_MATHS.match(rest):
        heading = rest[: maths.start(maths.lastindex or 0)]
        after = rest[maths.end() :].split("\n", 1)[0]
        # " is equal to 5"
        if re.match(r"[^.$\\]*\d", after) and not _MORE.match(after) and not _EXPLANATION.match(after):
            heading = "\n"  # the formula is what the sentence is about, not what it says
        # "for part 2, "
        if "\n" not in heading and not _SENTENCE_END.search(heading) and not re.search(r"\d", heading.rstrip("$")):
            value = _with_label(next(group for group in maths.groups() if group), rest[maths.end() :])
            return " ".join((heading.strip(" $(\\["), value)) if is_bounded(heading) else value
    return _of_line(rest.split("\n", 1)[0])


def _of_line(line: str) -> str:
    if stop := _SENTENCE_END.search(line):
        line = line[: stop.start()]
    line = _FILLER.sub("", line, count=1)
    if (cut := _EXPLANATION.search(line)) is not None:
        head = line[: cut.start()]
        # "4"
        if re.match(r"\W*[\d$\\(\[{-]", head) or 0 < len(head.split()) <= _SHORT_WORDS:
            line = head
    if PROSE.search(line) and not _DENIAL.search(line):
        line = re.sub(r"^.*\b(?:is|are|equals)\s+(?=\S)", "", line)  # "the sum of both is 5"
    elif not line.isascii() and PROSE.search(line):
        line = re.sub(r"^.*(?:应该是|應該是|是|为|為|等于|等於)\s*(?=\S)", "", line)  # "每份应该是 5 吨"
    line = line.lstrip(" *").rstrip(" *.")  # a leading point may open a decimal: .5
    return line if line.isascii() else _COPULA.sub("", line)


def _environment(rest: str) -> str:
    r"""A formula that is set as `\begin{align*} … \end{align*}`: its last row."""
    # "\begin{align*} x &= 5 \end{align*}"
    found = re.match(r"\\begin\{([a-z]{1,12}\*?)\}(.*?)\\end\{\1\}", rest, re.DOTALL)
    if not found:
        return rest.split("\n", 1)[0]
    return last_row(found[2]) if found[1].rstrip("*") in ALIGNED else found.group()


ALIGNED = frozenset(
    ("align", "aligned", "gather", "gathered", "equation", "eqnarray", "multline", "split", "displaymath")
)
"""Environments that set a formula, or several below each other; a matrix or a system of cases is itself an answer."""


def last_row(rows: str) -> str:
    r"""The last row of an aligned formula, without what aligns it: "a &= b \\ &= 5" says 5."""
    row = next((row for row in reversed(rows.split("\\\\")) if row.strip()), "")
    return row.replace("&", "").strip().removeprefix("=").strip()


def _with_label(maths: str, after: str) -> str:
    r"""Maths goes on where a list does: "$3$ and $5$" is two answers."""
    more = _MORE.match(after)
    return f"{maths}, {more[1]}" if more else maths


def _last_match(pattern: re.Pattern[str], text: str, start: int = 0) -> re.Match[str] | None:
    found = None
    for found in pattern.finditer(text, start):  # noqa: B007 - the last one is wanted
        pass
    return found


# "so it is 9"  "it should be $9$"  "that makes 9"  "we get **9**"  "hence 9"
_NEW_VALUE = re.compile(
    r"(?:\b(?:it|this|that|there|he|she|they|we|i|x|result|total|value|sum|number|one|count|price|cost)\s+(?:now\s+)?"
    r"(?:is|was|are|equals?|gives?|get|have|has|makes?|should (?:be|have been)|must be|comes? (?:out )?to|becomes?)"
    r"|\b(?:it's|that's|should be|must be|actually|rather|correction|edit|so|giving|therefore|thus|hence)[,:]?)"
    r"\s+(?:(?:actually|really|instead|then|in fact|only|just|simply|rather|equal to)\s+)?(?=[*$(\\]{0,4}-?\.?\d|\$"
    r"|\\\(|\*\*)",
    re.IGNORECASE,
)
_SHOULD = re.compile(r"\b(?:should|must) be\b|\binstead\b|\bactually\b", re.IGNORECASE)  # "should be"
_RESULT = re.compile(r"=\s*(\**\\?\$?-?[\d.,/]*\d\**\$?)[^=\d\n]{0,40}$")  # "5 + 4 = 9 pens."


def new_value(text: str, start: int, end: int, *, corrected: bool) -> Claim | None:
    """What a text that doubts a claim puts in its place without saying "answer": "so it is 9".

    Args:
        corrected: whether only what is said to be a correction counts ("it should be 9"): what it checks may be a step.
    """
    part = text[:end]
    for found in reversed(list(_NEW_VALUE.finditer(part, max(start, end - _TAIL)))):
        if corrected and not _SHOULD.search(found.group()):
            continue
        claimed = claimed_after(part, found.end())
        # "5"
        if re.search(r"\d", claimed) and not is_denied(part, found.start(), found.end() + len(claimed)):
            return Claim(found.start(), found.end() + len(claimed), claimed, "corrected")
    if corrected:
        return None
    last = _RESULT.search(part, max(start, len(part.rstrip()) - 200))  # 200: the last equation of a sentence
    return Claim(last.start(), last.end(), last[1].strip("*$"), "corrected") if last else None
