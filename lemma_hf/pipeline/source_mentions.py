r"""Mentions of a source that the reader never sees: a previous attempt, a student, a reference solution.

Teachers that are models get a wrong solution to correct, and some speak of it as somebody else's ("The student's
mistake was …"). The model that is trained on it makes the mistake itself, in the same text.

The patterns are narrow, since problems speak of students, answers and solutions too: "each student has 3 pens", "the
given solution is 20% salt", "the correct answer is 5", "my previous step" are no source. Of 31,052 outputs of models
that solve benchmark problems, and were handed nothing, 22 are caught.
"""

import re

_SOLUTION = r"(?:solution|answer|attempt|response|reasoning|work|approach|calculation)s?"
_BAD = r"(?:wrong|incorrect|flawed|erroneous|faulty)"
_PATTERNS = (
    # the previous attempt; my earlier attempt
    r"(?:previous|earlier|prior|original|initial|above|given|provided|student's|students') attempts?\b",
    # the previous solution; not: my previous solution
    r"(?<!my )(?<!our )(?:previous|prior|student's|students') (?:solution|response)s?\b",
    # the student's first mistake; not: the student's pens
    rf"the student's (?:\w+ )?(?:{_SOLUTION}|mistake|error|step|method|interpretation|misunderstanding)\b",
    # the student then made a mistake; the student misread
    r"the student (?:\w+ )?(?:made (?:an?|the|this|some|several) (?:\w+ )?(?:mistake|error)|mistakenly|incorrectly"
    r"|wrongly|erroneously|misread|misinterpret|miscalculat|misunderst|miscount)",
    # the reference solution; the ground-truth answer
    r"(?:reference|gold|golden|ground[- ]truth|official|model|sample) (?:solution|answer)s?\b",
    # the ground truth
    r"ground[- ]truth\b",
    # according to the answer key
    r"(?:according to|matches|match|from|in|as in|see) the answer key\b",
    # the answer key says
    r"the answer key (?:says|gives|states|shows)\b",
    # the provided correct solution; not: the provided answer choices
    rf"provided (?:(?:correct|right|{_BAD}) )?(?:solution|answer)s?\b(?! (?:choice|option))",
    # the given wrong solution
    rf"given (?:correct|right|{_BAD}) (?:solution|answer)s?\b",
    # the given solution assumes; not: the given solution is 20% salt
    r"given (?:solution|answer)(?:'s|[,.;:)]| (?:uses|says|states|shows|makes|assumes|claims|mistakenly|incorrectly)\b"
    rf"| (?:is|was) (?:correct|right|mistaken|{_BAD})\b)",
    # the solution that was provided.
    rf"{_SOLUTION} (?:that (?:was|is|were|are) )?(?:provided|given)(?: (?:above|below|here|earlier)\b|[,.;:])",
    # the incorrect reasoning
    rf"the {_BAD} (?:solution|attempt|reasoning|response)s?\b",
    # compared with the correct solution; as stated in the correct answer
    r"(?:according to|based on|as (?:shown|given|stated) in|(?:compared|comparing) (?:it )?(?:to|with)) the"
    r" (?:correct|right) (?:solution|answer)\b",
    # the mistake in the solution
    r"the (?:mistake|error)s? in (?:the|this) (?:solution|attempt|response)\b",
)
_MENTION = re.compile("|".join(rf"\b(?:{pattern})" for pattern in _PATTERNS))


def mention_of_source(text: str) -> str | None:
    """The words that mention a source, in lower case; None where none do.

    Example:
        >>> mention_of_source("Wait, the student's mistake was to add."), mention_of_source("Each student has 3 pens.")
        ("the student's mistake", None)
    """
    match = _MENTION.search(" ".join(text.lower().replace("’", "'").split()))
    return match[0] if match else None
