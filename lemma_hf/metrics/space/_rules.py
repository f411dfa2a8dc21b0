r"""Rules of a verdict in words: `boxed>number` is the last `\boxed{…}`, compared as exact numbers."""

from collections.abc import Mapping

RULES: Mapping[str, str] = {
    # how the answer was found
    "boxed": r"read from the last \boxed{…}",
    "json": 'read from the last field "answer"',
    "tag": "read from the last answer tag, such as <answer>…</answer>",
    "####": "read after the last ####",
    "answer_is": "read after the last “the answer is”",
    "answer_line": "read from the last line that begins with “Answer:” or “A:”",
    "corrected": "read from the sentence that corrects what was claimed before",
    "whole": "the output is nothing but an answer",
    "last_number": "nothing is claimed in so many words, so the last number of the last line stands in",
    "last_maths": "nothing is claimed in so many words, so the last formula of the last line stands in",
    "only_maths": "the only formula of a sentence",
    "last_letter": "the choice that the last line names",
    "nothing_claimed": "the output claims no answer",
    "cut_off": "that claim is cut off, and no other number of the text takes its place",
    "several": "another answer is offered beside it",
    "taken_back": "that claim is taken back, and no new one takes its place",
    "empty": "that claim is empty, and no other number of the text takes its place",
    "reference": "the reference answer was looked at first",
    # how it was compared
    "number": "compared as exact numbers",
    "percent": "compared as shares: the percent sign means a hundredth",
    "unit": "the units differ",
    "decimal": "a decimal that rounds the value",
    "decimal_comma": "compared as numbers, one of them with a decimal comma",
    "sentence": "compared by the only number of a sentence",
    "string": "written the same",
    "long_string": "too long to be understood: compared as text",
    "nested_string": "too deeply nested to be understood: compared as text",
    "words": "compared as words",
    "choice": "compared as choices",
    "base": "compared as numbers of a base",
    "undefined": "one of them divides by zero",
    "probing": "compared as formulas, at random points",
    "symbolic": "left to computer algebra, which runs in a process of its own with a time limit",
    "kind": "they are different kinds of answers",
    "list": "compared part by part, in any order",
    "set": "compared as sets",
    "tuple": "compared part by part, in order",
    "bracket": "compared part by part",
    "interval": "compared as intervals: their ends, and whether these belong to them",
    "union": "compared as unions of intervals",
    "matrix": "compared entry by entry",
    "ratio": "compared as ratios",
    "vector": "compared as vectors, entry by entry",
    "relation": "compared as equations or inequalities",
    "scalar": "compared as single values",
    "result": "a calculation that is right, by its result",
    "family": "compared as general solutions, with an integer or a constant of any name",
    "moment": "compared as times of the day or dates",
    "real_set": "compared as sets of real numbers",
    "piecewise": "compared as functions by cases",
    "angle": "an angle in degrees and in radians",
    "congruence": "compared as residues of one modulus",
    "labels": "compared label by label",
    "builder": "compared as sets of all values of a formula",
    "matrix_shape": "their shapes differ",
    "work": "more work than one comparison may take",
}


def rule_parts(rule: str) -> list[tuple[str, str]]:
    """Split a rule into its parts, each with its meaning; an unknown part has an empty one.

    Example:
        >>> rule_parts("whole>number")
        [('whole', 'the output is nothing but an answer'), ('number', 'compared as exact numbers')]
    """
    return [(part, _meaning(part)) for part in rule.split(">") if part]


def _meaning(part: str) -> str:
    return RULES.get(part) or ("their shapes differ" if part.endswith("_shape") else "")
