r"""Place in an output where its answer was read: a stretch of the text, which the page marks.

So it is \boxed{62}. Wait, that is wrong: \boxed{72}
                                          ^^^^^^^^^^
"""

import re

_OPENINGS = {
    "boxed": r"\\boxed|\\fbox",  # r"\boxed{72}"
    "json": r"""(?i:["'](?:final[_ ])?answer["'])(?=\s*:)""",  # '{"answer": 72}'
    "tag": r"(?i:<(?:final[_ ]?)?answer>|<solution>|\|begin_of_box\|>)",  # "<answer>72</answer>"
    "####": "####",  # "#### 72"
    "answer_is": "(?i:answer)",  # "The answer is 72."
    "answer_line": r"(?i:(?:^|\n)\s*(?:A|Answer)\s*:)",  # "A: 72"
}
"""Regexes for the beginning of a claim, by the rule of `lemma_hf.extract_answer` that found it."""
_FAR = 4_000
"""Characters between the beginning of a claim and its answer: more than any claim has."""
_MOST_OPENINGS = 20
"""Beginnings that are tried, from the last: the claim that counts is one of the last ones, and each costs a search."""


def claim_span(output: str, extracted: str | None, rule: str) -> tuple[int, int] | None:
    r"""Start and end of the claim in characters; None where the text does not hold it word for word.

    Args:
        output: the whole text.
        extracted: the answer it claims; None: its last claim is cut off or empty, and its beginning is searched.
        rule: of a `Grade` or an `Extraction`, such as `boxed>number`.

    Example:
        >>> text = r"It is \boxed{62}. Wait, no: \boxed{72}"
        >>> start, end = claim_span(text, "72", "boxed>number")
        >>> text[start:end]
        '\\boxed{72}'
    """
    opening = _OPENINGS.get(rule.partition(">")[0])
    if opening is None:
        at = output.rfind(extracted) if extracted else -1
        return (at, at + len(extracted or "")) if at >= 0 else None
    starts = [found.start() for found in re.finditer(opening, output)]
    if not starts:
        return None
    for start in reversed(starts[-_MOST_OPENINGS:]):
        if extracted and (at := output.find(extracted, start, start + len(extracted) + _FAR)) >= 0:
            end = at + len(extracted)
            return start, end + output.startswith("}", end)
    # Several boxes in a row, or an escaped string: the line of the last opening is near enough for a reader.
    end = output.find("\n", starts[-1] + 1)
    return starts[-1], len(output) if end < 0 else end
