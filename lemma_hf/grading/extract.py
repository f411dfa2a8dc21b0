r"""The answer that a text finally claims.

Explicit claims come first, and the last one wins, since a text that corrects itself says the right answer last:

    "So it is \boxed{62}. Wait, that is wrong: \boxed{72}"   →  "72", by the rule `boxed`

A claim that is empty or cut off is no answer, and is never replaced by another number of the text. Where nothing is
claimed, the last number of the last line stands in, unless it is one of a row of candidates.
"""

import re

from lemma_hf.grading.policy import policy_of
from lemma_hf.grading.words import is_row_of_choices, named_choice
from lemma_hf.records import Extraction

_BOXES = (r"\boxed", r"\fbox")
_JSON_FIELD = '"answer"'
_SIGN_OUTSIDE = re.compile(r"=\s*-\s*\\?$")  # "a = -"
_GAP = r"(?:[\s$,]|\\[;,()\[\]]|\\q?quad)"
# ", "  " and "  "$ and $"  ", or for part (b), "  "\text{ and }"  "\quad"
_BETWEEN_BOXES = re.compile(
    rf"{_GAP}*(?:[a-z]{{1,12}}\s+|(?:for|in)\s+(?:part|case)\s*\(?\w{{1,3}}\)?\s*)?"
    r"(?:,|;|and|or|\\text\s*\{[^{}]*\b(?:and|or)\s*\}|\\q?quad|\\[;,])"
    rf"(?:{_GAP}|\\text\s*\{{[^{{}}]*\}})*|"
)
"""Nothing at all, or what joins the values of one answer; a line of its own starts anew."""
# "answer is"  "Answers:"  "answer to this question is"  "answer** ="  "answer $5$"
_PHRASE = re.compile(
    r"answers?\**\s*(?:\(s\)|choice|option|to (?:the|this) (?:question|problem))?\**\s*"
    r"(?:(?:is|are|:|=)(?!\w)|(?=\$|\\\(|\\\[))",
    re.IGNORECASE,
)
_LINE_A = re.compile(r"(?:^|\n)\s*(?:A|Answer)\s*:", re.IGNORECASE)  # "A: 5"  "Answer : 5"
_SENTENCE_END = re.compile(r"[.!?](?=\s+[A-Z\"'(]|\s*$)|(?<=\d)\.(?=\s)")  # "It is 5. So"  "is it?"  "5. so"
# "$5$"  "x is \(5\)"  "the area \[12\]"  up to 60 signs before the formula: more are a sentence of its own
_HEADED_MATHS = re.compile(r"[^$\\]{0,60}?(?:\$\$?((?:[^$\\]|\\.)+)\$\$?|\\\((.+?)\\\)|\\\[(.+?)\\\])", re.DOTALL)
# "2,74"  "-1,250.5"  "3 / 4"  "25\%"  "-.5"  "\frac{1}{2}"
_NUMBER = re.compile(
    r"(?<![\d,.])-?\d+,\d{1,2}(?![\d,.]|\s*/)|-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:\s*/\s*\d+)?(?:\s*\\?%)?|-?\.\d+|-?\\d?frac\s*\{[^{}]*\}\s*\{[^{}]*\}"
)
# "1, 2, 3, 4."  four numbers at least
_ROW_OF_CANDIDATES = re.compile(r"(?:-?\d+(?:\.\d+)?[\s,;]+){3,}-?\d+(?:\.\d+)?\W*$")
# "it is five"  "答案是"
_PROSE = re.compile(r"(?<![\\A-Za-z])[A-Za-z']+[,;:]?\s+[A-Za-z']+[,;:]?\s+[A-Za-z']+|[\u0400-\u1fff\u3040-\u9fff]{2}")
# "$5$"  "$$x+1$$"  "\(5\)"  "\[5\]"
_MATHS = re.compile(r"\$\$?((?:[^$\\]|\\.)+)\$\$?|\\\((.+?)\\\)|\\\[(.+?)\\\]", re.DOTALL)
_MORE = re.compile(r"\s*(?:,\s*and|,|and|or)\s*\$([^$]+)\$")  # " and $5$"  ", $7$"  ", and $2$"  " or $3$"
_DENIAL = re.compile(r"\b(?:not|cannot|no)\b|n't", re.IGNORECASE)  # "not 5"  "isn't"
_LETTER = re.compile(r"(?<![A-Za-z])([A-F])(?![A-Za-z'])")  # "(B)"
_TAIL = 4_000
"""Characters from the end that the fall-backs look at; a claim further back is not the final one."""

_NOTHING_CLAIMED = "nothing_claimed"
_CUT_OFF = "cut_off"


def extract_answer(output: str, *, benchmark: str = "math") -> Extraction:
    r"""What `output` finally claims, and the rule that found it.

    The rules, strongest first: the last of `\boxed{…}`, a JSON field `"answer"` and `####`; then "the answer is …",
    `Answer:` and `A:`; then, where nothing is claimed, the last number (in multiple choice: the last letter), or else
    the one letter that the last line names.

    Returns:
        An `Extraction`; its text is None where nothing is claimed, or where the last claim is empty or cut off.

    Example:
        >>> extract_answer(r"It is \boxed{62}. Wait, no: \boxed{72}").text
        '72'
    """
    output = _after_thinking(output)
    found = _marked(output) or _said(output) or _whole(output)
    if found is not None:
        return found
    if policy_of(benchmark).choices:
        return _last_letter(output)
    found = _last_number(output)
    return found if found.text else _only_letter(output)


def _after_thinking(output: str) -> str:
    end = output.rfind("</think>")
    after = output[end + len("</think>") :]
    return after if end >= 0 and after.strip() else output


def _marked(output: str) -> Extraction | None:
    box = max(output.rfind(command) for command in _BOXES)
    field = output.rfind(_JSON_FIELD)
    while field >= 0 and not output[field + len(_JSON_FIELD) :].lstrip().startswith(":"):
        field = output.rfind(_JSON_FIELD, 0, field)
    marker = output.rfind("####")
    last = max(box, field, marker)
    if last < 0:
        return None
    if last == field:
        return _json_field(output, field)
    if last == marker:
        line, _, after = output[marker:].lstrip("#").strip().partition("\n")
        if max(box, field) < 0 or (line and not after.strip()):
            return _claim(line, "####")
        return _boxed(output, box) if box > field else _json_field(output, field)
    return _boxed(output, box)


def _whole(output: str) -> Extraction | None:
    """An output that is nothing but an answer."""
    text = output.strip()
    # 300 characters: a long matrix is shorter, a solution on one line is longer
    if 0 < len(text) <= 300 and "\n" not in text and not _PROSE.search(text):
        return Extraction(text, "whole")
    return None


def _claim(text: str | None, rule: str) -> Extraction:
    if text is None:
        return Extraction(None, f"{rule}>{_CUT_OFF}")
    text = text.strip()
    return Extraction(text or None, rule if text else f"{rule}>empty")


def _boxed(output: str, box: int) -> Extraction:
    content, _ = box_content(output, box)
    if content is None:
        return _claim(None, "boxed")
    contents = [_signed(content, output[max(0, box - 8) : box])]  # 8: room for "= - $" and spaces
    while content.strip() and len(contents) < 20:  # a list of more answers than any problem has
        earlier = max(output.rfind(command, 0, box) for command in _BOXES)
        if earlier < 0:
            break
        text, end = box_content(output, earlier)
        # 60: "\text{ and }" or "for part (b)" with spaces; further apart, boxes are no list
        if text is None or end > box or box - end > 60 or not _BETWEEN_BOXES.fullmatch(output, end, box):
            break
        contents.append(text)
        box = earlier
    if len(set(contents)) == 1:
        return _claim(contents[0], "boxed")
    return _claim(", ".join(reversed(contents)), "boxed")


def _signed(content: str, before: str) -> str:
    """With the sign that was left outside of the box: `a = -\\boxed{256}`; after words it may be a dash."""
    # "256"  "\frac12"  ".5"
    return f"-{content}" if _SIGN_OUTSIDE.search(before) and re.match(r"\s*[\d\\.]", content) else content


def box_content(text: str, start: int) -> tuple[str | None, int]:
    """What stands in the box that opens at `start`, and where it ends; None if it is cut off."""
    opening = start
    while opening < len(text) and text[opening] not in "{ \n":
        opening += 1
    rest = text[opening : opening + 20].lstrip()  # 20, and 40 below: spaces, and an answer without braces
    if not rest.startswith("{"):
        word = re.match(r"\s*([^\s$.,]+)", text[opening : opening + 40])  # " 5$"
        return (word[1], opening + word.end()) if word else (None, len(text))
    opening = text.index("{", opening)
    depth = 0
    for found in re.compile(r"\\.|[{}]", re.DOTALL).finditer(text, opening):  # "\{"  "}"
        depth += {"{": 1, "}": -1}.get(found.group(), 0)
        if depth == 0:
            return text[opening + 1 : found.start()], found.end()
    return None, len(text)


def _json_field(output: str, field: int) -> Extraction:
    value = output[field + len(_JSON_FIELD) :].lstrip().removeprefix(":").lstrip()
    if value.startswith('"'):
        found = re.match(r'"((?:[^"\\]|\\.)*)"', value, re.DOTALL)  # ""5 \"m\"""
        return _in_sentence(_claim(_unescaped(found[1]) if found else None, "json"))
    if value.startswith("["):
        return _claim(value.partition("]")[0] + "]" if "]" in value else None, "json")
    return _claim(re.split(r"[\n}]", value, maxsplit=1)[0].rstrip().rstrip(","), "json")  # "12}"


def _in_sentence(found: Extraction) -> Extraction:
    """A field that holds a sentence with a claim of its own ("…, so the answer is 10.") holds that claim."""
    said = _said(found.text) if found.text and _PROSE.search(found.text) else None
    return Extraction(said.text, found.rule) if said and said.text else found


def _unescaped(text: str) -> str:
    r"""The text of a JSON string. Models write `"\frac"` for `"\\frac"`, so only quotes and backslashes are undone."""
    return text.replace("\\\\", "\\").replace('\\"', '"').replace("\\/", "/") if "\\" in text else text


def _said(output: str) -> Extraction | None:
    end = len(output)
    lowered = output.lower()
    for _ in range(20):  # the last claims of a text; one that says "answer" without end costs no more
        at = lowered.rfind("answer", 0, end)
        if at < 0:
            break
        end = at
        found = _PHRASE.match(output, at)
        # "not 5"
        if found and (claim := _claimed_after(output, found.end())) and not re.match(r"not\b", claim, re.IGNORECASE):
            return _claim(claim, "answer_is")
    last = _last_match(_LINE_A, output, max(0, len(output) - _TAIL))
    return _claim(_claimed_after(output, last.end()), "answer_line") if last else None


def _claimed_after(output: str, start: int) -> str:
    rest = output[start : start + _TAIL].lstrip(" \t*:\n")
    if maths := _HEADED_MATHS.match(rest):
        heading = rest[: maths.start(maths.lastindex or 0)]
        after = rest[maths.end() :].split("\n", 1)[0]
        if re.match(r"[^.$\\]*\d", after) and not _MORE.match(after):  # " is equal to 5"
            heading = "\n"  # the formula is what the sentence is about, not what it says
        # "for part 2, "
        if "\n" not in heading and not _SENTENCE_END.search(heading) and not re.search(r"\d", heading.rstrip("$")):
            return _with_label(next(group for group in maths.groups() if group), rest[maths.end() :])
    line = rest.split("\n", 1)[0]
    if stop := _SENTENCE_END.search(line):
        line = line[: stop.start()]
    if _PROSE.search(line) and not _DENIAL.search(line):
        line = re.sub(r"^.*\b(?:is|are|equals)\s+(?=\S)", "", line)  # "the sum of both is 5"
    return line.lstrip(" *").rstrip(" *.")  # a leading point may open a decimal: .5


def _with_label(maths: str, after: str) -> str:
    r"""Maths goes on where a list does: "$3$ and $5$" is two answers."""
    more = _MORE.match(after)
    return f"{maths}, {more[1]}" if more else maths


def _last_match(pattern: re.Pattern[str], text: str, start: int = 0) -> re.Match[str] | None:
    found = None
    for found in pattern.finditer(text, start):  # noqa: B007 - the last one is wanted
        pass
    return found


def _last_line(output: str) -> str:
    lines = output[-_TAIL:].rstrip().rsplit("\n", 1)
    return lines[-1]


def _last_number(output: str) -> Extraction:
    line = _last_line(output)
    if _ROW_OF_CANDIDATES.search(line):
        return Extraction(None, _NOTHING_CLAIMED)
    maths = _last_match(_MATHS, line)
    last = _last_match(_NUMBER, line, maths.end() if maths else 0)
    if last:
        return Extraction(last.group(), "last_number")
    if maths:
        return Extraction(next(group for group in maths.groups() if group).strip(), "last_maths")
    return Extraction(None, _NOTHING_CLAIMED)


def _last_letter(output: str) -> Extraction:
    line = _last_line(output)
    letters = [] if is_row_of_choices(line) else _LETTER.findall(line)
    return Extraction(letters[-1], "last_letter") if letters else Extraction(None, _NOTHING_CLAIMED)


def _only_letter(output: str) -> Extraction:
    """The choice that the last line names, in a text that has no number to be mistaken for its answer."""
    letter = named_choice(_last_line(output))
    return Extraction(letter, "last_letter" if letter else _NOTHING_CLAIMED)


def bare_answer(answer: str) -> Extraction:
    r"""The answer in a text that is said to be one: it may still be boxed, announced, or the one formula of a sentence.

    No number is picked from a sentence here: what is no clear claim stays as it is.
    """
    text = _after_thinking(answer)
    if any(command in text for command in _BOXES):
        return extract_answer(text)
    if len(text) > _TAIL or _PROSE.search(text):
        if said := _said(text):
            return said
        maths = list(_MATHS.finditer(text[-_TAIL:]))
        # "there are 5 of them"
        if len(maths) == 1 and not re.search(r"\d", _MATHS.sub("", text[-_TAIL:])):
            return Extraction(next(group for group in maths[0].groups() if group).strip(), "only_maths")
    return Extraction(answer.strip() or None, "")
