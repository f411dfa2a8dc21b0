r"""The answer that a text finally claims.

All claims are found with their places, forms and denials, from the last one back; then one rule chooses:

* The last complete claim counts, whatever its form; one that is denied or only supposed is no claim.
* A marked claim (a box, a JSON field, an answer tag, `####`) outranks a sentence ("the answer is …") behind it, unless
  something in between takes it back: "Wait, that is wrong", "let me double-check", "on reflection".
* A claim that is taken back is replaced by what is claimed after that. Where nothing is, a doubt leaves the claim as it
  is, and a denial leaves no answer.

    "So it is \boxed{62}. Wait, that is wrong: \boxed{72}"                  →  "72", by the rule `boxed`
    "So it is \boxed{62}. Wait, that is wrong. The correct answer is 72."   →  "72", by the rule `answer_is`

A claim that is empty or cut off is no answer, and is never replaced by another number of the text. Where nothing is
claimed, the last number of the last line stands in, unless it is denied, bounded or one of a row of candidates. What is
only thought (`<think>…</think>`) is not looked at.
"""

import re
from collections.abc import Iterator, Sequence

from lemma_hf.grading._words import is_row_of_choices, named_choice, read_choice
from lemma_hf.grading.claims._doubts import Doubt, doubt_after, is_bounded, is_denied, offers_another
from lemma_hf.grading.claims._marked import Claim, box_content, marked_claims
from lemma_hf.grading.claims._said import ALIGNED, PROSE, is_bound, last_row, new_value, said_claims
from lemma_hf.grading.claims._special_tokens import without_special_tokens
from lemma_hf.grading.claims._thinking import Marks, holds_brackets, said_parts
from lemma_hf.grading.policy import policy_of
from lemma_hf.grading.spelling._unicode_maths import to_latex
from lemma_hf.records import Extraction

__all__ = ["bare_answer", "box_content", "extract_answer", "reference_answer"]

# "2,74"  "1.234,56"  "-1,250.5"  "3 / 4"  "25\%"  "-.5"  "\frac{1}{2}"  "3 1/2"  "3\sqrt{2}"
_NUMBER = re.compile(
    r"-?(?:\d{1,9}\s?)?\\sqrt\s*\{[^{}]{1,40}\}|"
    r"(?<![\d,.])-?\d+,\d{1,2}(?![\d,.]|\s*/)|(?<![\d,.])-?\d{1,3}(?:\.\d{3})+,\d{1,6}(?![\d,.])"
    r"|(?<![\d,.])-?\d{1,6} \d{1,6}/\d{1,6}(?![\d/])"
    r"|-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:\s*/\s*\d+)?(?:\s*\\?%)?|-?\.\d+|-?\\d?frac\s*\{[^{}]*\}\s*\{[^{}]*\}"
)
# "1, 2, 3, 4."  four numbers at least
_ROW_OF_CANDIDATES = re.compile(r"(?:(?<![\d.])-?\d{1,20}(?:\.\d{1,20})?[\s,;]{1,9}){3,}-?\d+(?:\.\d+)?\W*$")
# "1, 2, or "  "5 or "  "either 5 or "  the number at the end is one of several
_ONE_OF_SEVERAL = re.compile(r"\d\W{0,4}(?:\bor|\boder|\bou|\bили|或)\s*(?:maybe |perhaps |possibly )?[$\\(*]{0,4}-?$")
# "$5$"  "$$x+1$$"  "\(5\)"  "\[5\]"
_MATHS = re.compile(r"\$\$?((?:[^$\\]|\\.)+)\$\$?|\\\((.+?)\\\)|\\\[(.+?)\\\]", re.DOTALL)
_LETTER = re.compile(r"(?<![A-Za-z])([A-F])(?![A-Za-z'])")  # "(B)"
_TAIL = 4_000
"""Characters from the end that the fall-backs look at; a claim further back is not the final one."""

_NOTHING_CLAIMED = "nothing_claimed"
_CUT_OFF = "cut_off"
_TAKEN_BACK = "taken_back"
_SEVERAL = "several"
_DEEPEST = 3
"""Claims within claims: a box in a field in a tag."""


def extract_answer(output: str, *, benchmark: str = "math", thoughts: Sequence[Marks] = ()) -> Extraction:
    r"""What `output` finally claims, and the rule that found it.

    The last of `\boxed{…}`, a JSON field `"answer"`, `<answer>…</answer>` and `####` counts, unless the text takes it
    back; then "the answer is …", in many languages, and `A:`; then, where nothing is claimed, the last number (in
    multiple choice: the last letter), or else the one letter that the last line names.

    Args:
        thoughts: your own marks of what is only thought, each an opening and a closing text, beside the known ones.

    Returns:
        An `Extraction`; its text is None where nothing is claimed, or where the last claim is empty, cut off or taken
        back.

    Example:
        >>> extract_answer(r"It is \boxed{62}. Wait, no: \boxed{72}").text
        '72'
        >>> extract_answer(r"It is \boxed{62}. Wait, that is wrong. The answer is 72.").text
        '72'
    """
    return _extract(_spoken(output, thoughts), policy_of(benchmark).choices, 0)


def _spoken(output: str, thoughts: Sequence[Marks] = ()) -> str:
    """What is said and not only thought, without special tokens."""
    if not thoughts and not holds_brackets(output):
        return output
    return without_special_tokens("\n\n".join(said_parts(output, thoughts)))


def _extract(text: str, choices: bool, depth: int) -> Extraction:
    found = _chosen(text, marked_claims(text), depth)
    if choices and found and found.text and read_choice(found.text, named=True) is None:
        found = _said_choice(text, depth) or found
    if found is None or found.rule.endswith(_TAKEN_BACK):
        found = _chosen(text, said_claims(text), depth) or found
    found = found or _whole(text)
    if found is not None:
        return found
    if choices:
        return _last_letter(text)
    found = _display(text) or _last_number(text)
    return found if found.text else _only_letter(text)


def _is_asked(text: str, claim: Claim) -> bool:
    """Whether a sentence only asks: "The answer is 7? No." """
    return claim.rule == "answer_is" and text.startswith("?", claim.end)


def _said_choice(text: str, depth: int) -> Extraction | None:
    """The letter that a sentence claims in multiple choice, where the marked claim names none."""
    said = _chosen(text, said_claims(text), depth)
    return said if said and said.text and read_choice(said.text, named=True) else None


def _chosen(text: str, claims: Iterator[Claim], depth: int) -> Extraction | None:
    """The one rule of choice, for claims from the last one back; None where none is made."""
    end = len(text)
    nothing: Extraction | None = None
    for claim in claims:
        denied = is_denied(text, claim.start, claim.end) or _is_asked(text, claim)
        if not denied and claim.rule == "answer_is" and is_bound(claim.text or ""):
            nothing = nothing or _read(claim, depth)
            end = claim.start
            continue
        doubt, place = (Doubt.DENIED, claim.end) if denied else doubt_after(text, claim.end, end)
        if doubt and (found := _replacement(text[:end], place, doubt, depth)):
            return found
        if not denied and doubt is not Doubt.DENIED:
            return (
                _read(claim, depth)
                if not offers_another(text, claim.end)
                else Extraction(None, f"{claim.rule}>{_SEVERAL}")
            )
        nothing = nothing or Extraction(None, f"{claim.rule}>{_TAKEN_BACK}")
        if not denied:
            break
        end = claim.start
    return nothing


def _replacement(text: str, start: int, doubt: Doubt, depth: int) -> Extraction | None:
    """What `text` claims from `start` on in place of a claim that it doubts."""
    if (found := _chosen(text, said_claims(text, start), depth)) and found.text:
        return found
    new = new_value(text, start, len(text), corrected=doubt is Doubt.CHECKED)
    return _read(new, depth) if new else None


def _read(claim: Claim, depth: int) -> Extraction:
    """What is claimed. A field, a tag or a line may itself hold a sentence with a claim, or a box."""
    if claim.text is None:
        return Extraction(None, f"{claim.rule}>{_CUT_OFF}")
    text = claim.text.strip()
    if not text:
        return Extraction(None, f"{claim.rule}>empty")
    if claim.rule in ("json", "tag", "####") and depth < _DEEPEST:
        return Extraction(_within(text, claim.rule, depth + 1), claim.rule)
    if claim.rule == "boxed" and "nswer" in text and (said := next(said_claims(text), None)) and said.text:
        return Extraction(said.text, claim.rule)  # "\\text{The answer is } 12"
    return Extraction(text, claim.rule)


def _within(text: str, rule: str, depth: int) -> str:
    if "```" in text and (fenced := _FENCED.fullmatch(text)):
        text = fenced[1].strip()
    if rule == "####":
        text = text.strip("*").strip()
    elif "\\boxed" in text or (rule == "tag" and ('swer"' in text or "####" in text)):
        found = _chosen(text, marked_claims(text), depth)
        if found and found.text:
            return found.text
    if ":" in text or PROSE.search(text):
        found = _chosen(text, said_claims(text), depth)
        if found and found.text:
            return found.text
    if rule == "tag" and (len(text) > _LONGEST_WHOLE or "\n" in text):
        found = _display(text) or _last_number(text)
        return found.text or text
    return text


_FENCED = re.compile(r"```[a-z]{0,10}\s([^`]*)```")  # "``` 5 ```"
UNSAID = ("whole", "last_number", "last_maths", "last_letter")
"""Rules that take an answer from where it stands, in a text that claims none."""
_LONGEST_WHOLE = 300
"""Characters of an output that is nothing but an answer: a long matrix is shorter, a solution on one line is longer."""

# "So 5"  "Thus, $5$."  "Then 6 * 7 = 42 eggs": such a word leads to the answer, and is no part of it.
_LEADS_ON = re.compile(
    r"(?:(?:so|thus|hence|therefore|then|first|next|finally|now|indeed|clearly|ok|okay|well)\b[,:]?\s+)+(?=[\d$\\(*-])",
    re.IGNORECASE,
)


def _whole(output: str) -> Extraction | None:
    """An output that is nothing but an answer."""
    text = output.strip()
    text = text[found.end() :] if (found := _LEADS_ON.match(text)) else text
    if 0 < len(text) <= _LONGEST_WHOLE and "\n" not in text and not PROSE.search(text):
        return Extraction(text, "whole")
    return None


def _last_line(output: str) -> str:
    lines = output[-_TAIL:].rstrip().rsplit("\n", 1)
    return lines[-1]


_CLOSES_DISPLAY = re.compile(r"(?:\$\$|\\\]|\\end\{([a-z]{1,12}\*?)\})[\s.]*")  # "$$"  "\]."  "\end{align*}"


def _display(output: str) -> Extraction | None:
    """The formula that is set on lines of its own, where it is the last thing of a text."""
    line = _last_line(output).strip()
    closing = _CLOSES_DISPLAY.fullmatch(line)
    if not closing or (closing[1] and closing[1].rstrip("*") not in ALIGNED):
        return None
    tail = output[-_TAIL:].rstrip()
    tail = tail[: tail.rindex(line)]
    opening = {"$": "$$", "\\]": "\\["}.get(line[:1] if line[0] == "$" else line[:2], f"\\begin{{{closing[1]}}}")
    at = tail.rfind(opening)
    if at < 0:
        return None
    formula = tail[at + len(opening) :].strip()
    # "\begin{aligned} x &= 5 \end{aligned}"
    inner = re.fullmatch(r"\\begin\{([a-z]{1,12})\*?\}(.*)\\end\{[a-z]{1,12}\*?\}", formula, re.DOTALL)
    if closing[1] or (inner and inner[1] in ALIGNED):
        formula = last_row(inner[2] if inner and not closing[1] else formula)
    return Extraction(formula, "last_maths") if formula else None


def _last_number(output: str) -> Extraction:
    line = _last_line(output)
    if "√" in line:
        line = to_latex(line)
    if _ROW_OF_CANDIDATES.search(line) or _SUPPOSED.search(line[-_SENTENCE_CHARS:]):
        return Extraction(None, _NOTHING_CLAIMED)
    maths = None
    for maths in _MATHS.finditer(line):  # noqa: B007 - the last one is wanted
        pass
    for last in reversed(list(_NUMBER.finditer(line, maths.end() if maths else 0))):
        if _is_claimed(line, last.start(), last.end()):
            return Extraction(last.group(), "last_number")
        if not _DENIED_ALONE.search(line, 0, last.start()):
            return Extraction(None, _NOTHING_CLAIMED)
    if maths and _is_claimed(line, maths.start(), maths.end()):
        return Extraction(next(group for group in maths.groups() if group).strip(), "last_maths")
    return Extraction(None, _NOTHING_CLAIMED)


_SENTENCE_CHARS = 200
"""Characters of the last line in which its last sentence begins."""
# "Suppose the number is 5"  "Assume x = 5"
_SUPPOSED = re.compile(
    r"(?:^|[.!?]\s+)(?:(?:now|so|first|let us|let's),?\s)?(?:suppos|assum|imagin|pretend)[^.!?]*\W*$", re.IGNORECASE
)
_CONDITION = re.compile(
    r"\b(?:if|suppose|assume|whether|unless|not (?:true|the case) that|false that"
    r"|let (?:the|[a-z] (?:=|be)))\s[^.!?,;:]*$",
    re.IGNORECASE,
)  # "if it is "
_DENIED_ALONE = re.compile(
    r",\s*(?:and )?not\s\W{0,4}$|\b(?:instead of|rather than)\s\W{0,4}$"
)  # "5, not "  "5 rather than $"


def _is_claimed(line: str, start: int, end: int) -> bool:
    """Whether a number of a line is neither denied nor bounded nor one of several."""
    if line.startswith("?", end):
        return False
    before = line[max(0, start - 80) : start]  # 80: the words that deny or bound it
    if is_denied(line, start, end) or is_bounded(before):
        return False
    if _ONE_OF_SEVERAL.search(before) or _CONDITION.search(before):
        return False
    return doubt_after(line, end, len(line))[0] is not Doubt.DENIED


def _last_letter(output: str) -> Extraction:
    line = _last_line(output)
    if not is_row_of_choices(line):
        for letter in reversed(list(_LETTER.finditer(line))):
            if not is_denied(line, letter.start(), letter.end()):
                return Extraction(letter[1], "last_letter")
    return Extraction(None, _NOTHING_CLAIMED)


def _only_letter(output: str) -> Extraction:
    """The choice that the last line names, in a text that has no number to be mistaken for its answer."""
    letter = named_choice(_last_line(output))
    return Extraction(letter, "last_letter" if letter else _NOTHING_CLAIMED)


_LABEL = re.compile(
    r"[^\W\d]{2}\W{0,6}[:：]|[^\W\d]{3}\s+(?:is|es|ist|est|è|é)\s"
)  # "Answer:"  "Réponse :"  "Antwort ist "
_MARKED_SIGNS = ("\\boxed", "\\fbox", "nswer>", "NSWER>", "olution>", "_of_box", 'swer":', 'swer" :')
"""Parts of marked claims that a bare answer or a reference may come with."""


def bare_answer(answer: str) -> Extraction:
    r"""The answer in a text that is said to be one: it may still be boxed, announced, or the one formula of a sentence.

    No number is picked from a sentence here: what is no clear claim stays as it is.
    """
    text = _spoken(answer)
    if any(sign in text for sign in _MARKED_SIGNS) and (marked := _chosen(text, marked_claims(text), 0)):
        return marked
    prose = len(text) > _TAIL or PROSE.search(text) is not None
    if (prose or _LABEL.search(text)) and (said := _chosen(text, said_claims(text), 0)):
        return said
    if prose:
        maths = list(_MATHS.finditer(text[-_TAIL:]))
        # "there are 5 of them"
        if len(maths) == 1 and not re.search(r"\d", _MATHS.sub("", text[-_TAIL:])):
            return Extraction(next(group for group in maths[0].groups() if group).strip(), "only_maths")
    return Extraction(text.strip() or None, "")


def reference_answer(reference: str) -> str:
    r"""The answer of a reference that comes with its solution, or is announced; a bare one as it is.

    Example:
        >>> reference_answer("4 * 4 = 16 pens.\n#### 16"), reference_answer("The answer is 16."), reference_answer("16")
        ('16', '16', '16')
    """
    if len(reference) < 4 or reference.isdigit():  # "[]" and "x=5" hold no more than themselves
        return reference
    found = None
    if "####" in reference or any(sign in reference for sign in _MARKED_SIGNS):
        found = _chosen(reference, marked_claims(reference), 0)
    elif reference.lstrip()[:2] in ('["', "['"):
        found = _chosen('{"answer": ' + reference + "}", marked_claims('{"answer": ' + reference + "}"), 0)
    elif _LABEL.search(reference) or PROSE.search(reference):
        found = _chosen(reference, said_claims(reference), 0)
    return found.text if found and found.text else reference
