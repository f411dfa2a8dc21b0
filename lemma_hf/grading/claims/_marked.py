r"""Marked claims of a text: boxes, JSON fields, answer tags and `####`, each with its place, from the last one back.

    \boxed{5}        {"answer": 5}        <answer>5</answer>        #### 5

What stands in a block of program code is no claim.
"""

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

_BOXES = (r"\boxed", r"\fbox")
_MOST = 20
"""Claims that are looked at, from the last: no text takes back more, and each costs a search of the text."""
_LONGEST_VALUE = 4_000
"""Characters of a list or an object that is an answer: more than any has that can be compared."""


class Claim(NamedTuple):
    """A claim with its place in the text."""

    start: int
    end: int
    text: str | None
    """What is claimed, not stripped; None where the claim is cut off."""
    rule: str
    """Its form: `boxed`, `json`, `tag`, `####`, `answer_is`, `answer_line` or `corrected`."""


def marked_claims(text: str) -> Iterator[Claim]:
    """The last claims of `text` that are marked as such, from the last one back; of two that overlap, the outer one."""
    tags = list(_tags(text)) if ("<" in text or "[/" in text) and _MAY_BE_TAG.search(text) else []
    end = len(text)
    for _ in range(_MOST):
        claim = _last_mark(text, end)
        while tags and tags[-1].start >= end:
            tags.pop()
        if tags and (claim is None or claim.start < tags[-1].end):
            claim = tags.pop()
        if claim is None:
            return
        yield claim
        end = claim.start


def _last_mark(text: str, end: int) -> Claim | None:
    """The last box, JSON field or `####` that begins before `end`."""
    box = _last_box(text, end)
    field = _last_field(text, end)
    marker = text.rfind("####", 0, end) if "####" in text else -1
    line = _LINE_AFTER_HASHES.match(text, marker) if marker > max(box, field.start() if field else -1) else None
    # Behind a box, what begins with #### and goes on in further lines is a heading.
    if line and ((box < 0 and field is None) or (line[1].strip() and not text[line.end() :].strip())):
        return Claim(marker, line.end(), line[1], "####")
    if field and ((claim := _field_claim(text, field)).start > box or claim.end > box):
        return claim
    return _box_claim(text, box) if box >= 0 else None


_LINE_AFTER_HASHES = re.compile(r"#+\s*([^\n]*)")  # "#### 5"

# ── boxes ──

_SIGN_OUTSIDE = re.compile(r"=\s*-\s*\\?$")  # "a = -"
_GAP = r"(?:[\s$,]|\\[;,()\[\]]|\\q?quad)"
_NAME = r"(?:[A-Za-z](?:_\{?\w\}?|')?\s?=\s?)"
# ", "  " and "  "$ and $"  ", or for part (b), "  "\text{ and }"  "\quad"  "$ and $y = "  ", (b) "
_BETWEEN_BOXES = re.compile(
    rf"{_GAP}*(?:[a-z]{{1,12}}\s+|(?:for|in)\s+(?:part|case)\s*\(?\w{{1,3}}\)?\s*)?"
    r"(?:,|;|and|or|\\text\s*\{[^{}]*\b(?:and|or)\s*\}|\\q?quad|\\[;,])"
    rf"(?:{_GAP}|\\text\s*\{{[^{{}}]*\}})*(?:\(?[a-h1-9][.)][\s$]*)?{_NAME}?|"
)
"""Nothing at all, or what joins the values of one answer; a line of its own starts anew."""
_NEXT_ITEM = re.compile(rf"[\s$.,;*]*([-•]|\(?\w{{1,2}}[.):])?[\s*$]*{_NAME}?")  # ". 2. "  "$ - $"  "$ $"
_ITEM = re.compile(rf"\s*(?:[-•]|\(?\w{{1,2}}[.):])[\s*$]*{_NAME}?")  # "1. "  "(a) $x = "
_ANNOUNCED = re.compile(r"\b(?:answers|solutions|roots|values|zeros|are)\b[^\n]{0,40}\s*[$*]*$")  # "The answers are:"
_OPENING = re.compile(r"\\(?:boxed|fbox)\s{0,20}")  # "\boxed "
_UNBRACED = re.compile(r"(?:[^\s$.,{}]|[.,](?=\d)|\{[^{}]{0,40}\}){1,60}")  # "5"  "3.5"  "\frac{1}{2}"
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)  # "\{"  "}"
_FARTHEST = 60
"""Between boxes of one answer: `\text{ and }` or "for part (b)" with spaces; further apart, boxes are no list."""
# "```python"  "```cpp"  the beginning of a block that is code and no answer
_CODE = re.compile(
    r"```[ \t]*(?:python3?|py|sage|sympy|cpp|c\+\+|c#|csharp|c|java|javascript|js|typescript|ts|julia|matlab|octave|r"
    r"|ruby"
    r"|rust|go|bash|sh|shell|sql|haskell|kotlin|swift|php|perl|scala|lua|mathematica|wolfram)(?![\w+#])",
    re.IGNORECASE,
)


def _last_box(text: str, end: int) -> int:
    if "box" not in text:
        return -1
    at = max(text.rfind("\\boxed", 0, end), text.rfind("\\fbox", 0, end))
    if at >= 0 and "```" in text:
        for _ in range(_MOST):
            fence = text.rfind("```", 0, at)
            if fence < 0 or not _CODE.match(text, fence):
                break
            at = max(text.rfind(command, 0, fence) for command in _BOXES)
    return at


def _box_claim(text: str, box: int) -> Claim:
    content, end = box_content(text, box)
    if content is None:
        return Claim(box, end, None, "boxed")
    found = [(box, _signed(content, text[max(0, box - 8) : box]))]  # 8: room for "= - $" and spaces
    loose = False
    while content.strip() and len(found) < 20:  # a list of more answers than any problem has
        earlier = max(text.rfind(command, 0, box) for command in _BOXES)
        if earlier < 0:
            break
        content, ending = box_content(text, earlier)
        if content is None or ending > box or box - ending > _FARTHEST:
            break
        if not _BETWEEN_BOXES.fullmatch(text, ending, box):
            item = _NEXT_ITEM.fullmatch(text, ending, box) if "\n" in text[ending:box] else None
            line = text[max(text.rfind("\n", 0, earlier) + 1, earlier - _FARTHEST) : earlier]
            if not item or bool(item[1]) != bool(_ITEM.fullmatch(line)) or (not item[1] and line.strip(" $*")):
                break
            loose = loose or not item[1]
        found.append((earlier, content))
        box = earlier
    # Boxes on lines of their own are one answer where they are announced as several.
    if loose and not _ANNOUNCED.search(text, max(0, box - 100), box):  # 100: the words of an announcement
        found = found[:1]
    values = [content for _, content in reversed(found)]
    return Claim(found[-1][0], end, values[0] if len(set(values)) == 1 else ", ".join(values), "boxed")


def _signed(content: str, before: str) -> str:
    """With the sign that was left outside of the box: `a = -\\boxed{256}`; after words it may be a dash."""
    # "256"  "\frac12"  ".5"
    return f"-{content}" if _SIGN_OUTSIDE.search(before) and re.match(r"\s*[\d\\.]", content) else content


def box_content(text: str, start: int) -> tuple[str | None, int]:
    """What stands in the box that opens at `start`, and where it ends; None if it is cut off."""
    opening = _OPENING.match(text, start)
    at = opening.end() if opening else start
    if text[at : at + 1] != "{":
        word = _UNBRACED.match(text, at) if opening else None
        return (word[0], word.end()) if word else (None, len(text))
    depth = 0
    for found in _BRACE.finditer(text, at):
        depth += {"{": 1, "}": -1}.get(found.group(), 0)
        if depth == 0:
            return text[at + 1 : found.start()], found.end()
    return None, len(text)


# ── JSON ──

# ""answer": "  "'final_answer':"  ""Answer" :"
_KEY = re.compile(r"""(["'])(?:(?:final|correct|my)[_ -]?)?answers?\1\s{0,20}:\s{0,20}""", re.IGNORECASE)
# ""5 \"m\"""  "'5'"
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"' + r"|'((?:[^'\\\n]|\\.)*)'", re.DOTALL)
_NEXT_FIELD = re.compile(r"""[\n}]|,\s{0,20}(?=["'])""")  # "}"  ", ""
_MOST_WORDS = 200
"""Words "answer" that are looked at, from the last, for one that is a key."""
_DECODER = json.JSONDecoder(strict=False)


def _last_field(text: str, end: int) -> re.Match[str] | None:
    if 'swer"' not in text and "swer'" not in text and 'swers"' not in text and 'SWER"' not in text:
        return None
    word = "swer" if "swer" in text else "SWER"
    for _ in range(_MOST_WORDS):
        at = text.rfind(word, 0, end)
        if at < 0:
            break
        if text[at + 4 : at + 5] in ('"', "'", "s"):
            # 20 characters hold the beginning of a key, 60 its end with spaces
            found = _KEY.search(text, max(0, at - 20), min(len(text), at + 60))
            if found and found.end() > at:
                return found
        end = at
    return None


def _field_claim(text: str, field: re.Match[str]) -> Claim:
    at = field.end()
    value, end = _json_value(text, at)
    # A box within a later string of the same object is no later claim.
    brace = text.rfind("{", max(0, field.start() - _LONGEST_VALUE), field.start())
    if brace >= 0 and not text[brace + 1 : field.start()].strip():
        try:
            found, close = _DECODER.raw_decode(text, brace)
        except (ValueError, RecursionError):
            pass
        else:
            end = close if isinstance(found, dict) else end
    return Claim(field.start(), end, value, "json")


def _json_value(text: str, at: int) -> tuple[str | None, int]:
    """The value that begins at `at` as text, None where it is cut off; and where it ends."""
    if text[at : at + 1] in ('"', "'"):
        # Strings are read tolerantly: models write "\frac" for "\\frac", which is a form feed to a decoder.
        string = _STRING.match(text, at)
        if string is None:
            return None, len(text)
        return _unescaped(string[1] if string[1] is not None else string[2]), string.end()
    part = text[at : at + _LONGEST_VALUE]
    if part[:1] in ("[", "{"):
        try:
            value, length = _DECODER.raw_decode(part)
        except (ValueError, RecursionError):
            close = part.find("]" if part[0] == "[" else "}")
            return (part[: close + 1], at + close + 1) if close >= 0 else (None, len(text))
        return _as_text(value, part[:length]), at + length
    stop = _NEXT_FIELD.search(part)
    value = part[: stop.start() if stop else len(part)]
    return ("" if value.strip() == "null" else value.rstrip().rstrip(",")), at + len(value)


def _as_text(value: object, raw: str) -> str:
    """A list of strings as its values; an object with one value as that; anything else as it is written."""
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    if isinstance(value, dict):
        inner = list(value.values()) if len(value) == 1 else [value.get("value", value.get("answer"))]
        return str(inner[0]) if isinstance(inner[0], str | int | float) else raw
    return raw


def _unescaped(text: str) -> str:
    r"""The text of a JSON string. Models write `"\frac"` for `"\\frac"`, so only quotes and backslashes are undone."""
    return text.replace("\\\\", "\\").replace('\\"', '"').replace("\\/", "/") if "\\" in text else text


# ── tags ──

# "<answer>"  "</final_answer>"  "<FINAL ANSWER>"  "<|begin_of_box|>"  "[/ANSWER]"  "<solution>"
_TAG = re.compile(
    r"<(/?)((?:final[_ -]?|correct[_ -]?)?answers?|solution|ans|result|(?:final[_ -]?)?response)(?:\s[^<>]{0,40})?>"
    r"|\[(/?)((?:final[_ -]?)?answer)\]"
    r"|<\|(?:begin_of|(end_of))_(box|solution)\|>",
    re.IGNORECASE,
)


_MAY_BE_TAG = re.compile(r"</?[A-Za-z]|<\|[be]|\[/[Aa]", re.IGNORECASE)  # "<answer>"


def _tags(text: str) -> Iterator[Claim]:
    """Answer tags in order. The last one may lack its closing tag, which is a stop string of many samplers."""
    opened: re.Match[str] | None = None
    before: re.Match[str] | None = None
    last = 0
    for tag in _TAG.finditer(text):
        closes = bool(tag[1] or tag[3] or tag[5])
        if not closes:
            before, opened = opened, tag
        elif opened:
            yield Claim(opened.start(), tag.end(), text[opened.end() : tag.start()], "tag")
            before = opened = None
        elif last == 0 and text[: tag.start()].strip():  # the prompt held the opening tag
            yield Claim(0, tag.end(), text[: tag.start()], "tag")
        last = tag.end()
    if opened and before and not text[opened.end() :].strip():  # "<answer>5<answer>"
        yield Claim(before.start(), len(text), text[before.end() : opened.start()], "tag")
    elif opened and text[opened.end() :].strip():
        yield Claim(opened.start(), len(text), text[opened.end() :], "tag")
