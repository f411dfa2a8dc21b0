"""Steps of a solution: rules for where a step ends."""

import re
from itertools import pairwise

# "… 4 pens. So she …", "… 4 pens. x = 3 …", "… 4 pens #### 4": behind the end stands what may open a sentence, such as
# a capital, a number, a formula, a variable that is set to something.
_SENTENCE_END = re.compile(
    r"""[.!?]["')\]*]*(\s+)(?=["'(\[*]*(?:[A-Z0-9$]|\\[(\[a-z]|[a-z]\s*=))|(?<!\s)\s+(?=####\s)"""
)
# "… 4 pens. So she …": only what simple word problems have.
_PLAIN_SENTENCE_END = re.compile(r"(?<=[.!?])[ \t]+(?=[A-Z$(])")
# "Mr", "e.g" and the "x" of "by x. Then"
_ABBREVIATION = re.compile(r"(?:^|[\s(])(?:mr|mrs|ms|dr|prof|st|vs|eq|fig|e\.g|i\.e|[a-z])$", re.IGNORECASE)
# "3" of "3. Add them", "Step 12"
_ITEM_NUMBER = re.compile(r"\s*(?:step )?\d{1,3}", re.IGNORECASE)
_BLOCKS = {"\\[": "\\]", "$$": "$$", "\\begin{": "\\end{", "```": "```"}
# "\[" or "$$" at the beginning of a line
_BLOCK_OPENS = re.compile(r"\s*(\\\[|\$\$|\\begin\{|```)")


def split_steps(text: str) -> tuple[str, ...]:
    r"""Cut a solution into its steps; joined they are `text` again.

    One line is one step and keeps its line break; blank lines stick to the step before. A formula set on lines of its
    own, or a block of code, belongs to the line that introduces it. A text of a single line is cut by sentences. So a
    closing `The answer is: X` or `#### X` is a step of its own.

    Example:
        >>> split_steps("2 * 3 = 6.\n\n6 + 1 = 7.\nThe answer is: 7")
        ('2 * 3 = 6.\n\n', '6 + 1 = 7.\n', 'The answer is: 7')
        >>> split_steps("2 * 3 = 6. So 6 + 1 = 7. The answer is: 7")
        ('2 * 3 = 6. ', 'So 6 + 1 = 7. ', 'The answer is: 7')
    """
    lines = split_lines(text)
    if len(lines) == 1:
        return tuple(split_sentences(text))
    steps: list[list[str]] = []
    closer = ""
    for line in lines:
        if steps and (closer or _BLOCK_OPENS.match(line)):
            steps[-1].append(line)
        else:
            steps.append([line])
        closer = _open_after(line, closer)
    return tuple("".join(step) for step in steps)


def has_blocks(text: str) -> bool:
    """Whether a line of a solution opens a formula set apart, or a block of code."""
    return any(map(_BLOCK_OPENS.match, text.splitlines()))


def split_line_steps(text: str) -> tuple[str, ...]:
    r"""Cut a solution into its lines, or its sentences where it is all one line; joined they are `text` again.

    For solutions that are written one step a line, as GSM8K's are. Annotations such as "step 3 is wrong" count their
    lines, so each line is a step here, even one that holds only a part of a formula. `split_steps` is for any text: it
    keeps formulas and blocks of code with the line that introduces them.

    Example:
        >>> split_line_steps("We get\n$$\nx = 2\n$$\n")
        ('We get\n', '$$\n', 'x = 2\n', '$$\n')
        >>> split_steps("We get\n$$\nx = 2\n$$\n")
        ('We get\n$$\nx = 2\n$$\n',)
    """
    # "She has 4 pens.\n\n"; the blank lines at the very start are a piece of their own.
    lines = re.findall(r"[^\n]*\S[^\n]*\n*|\A\s+", text)
    return tuple(lines) if len(lines) > 1 else tuple(_plain_sentences(text))


def _plain_sentences(line: str) -> list[str]:
    cuts = [0, *(match.end() for match in _PLAIN_SENTENCE_END.finditer(line)), len(line)]
    return [line[start:end] for start, end in pairwise(cuts) if end > start]


def split_lines(text: str) -> list[str]:
    """Cut a text into lines; blank ones stick to the line before, at the very start to the one behind."""
    lines: list[list[str]] = []
    only_blank = True
    for line in re.findall(r"[^\n]*\n|[^\n]+", text):  # "x = 3\n", or "x = 3" at the end
        blank = not line.strip()
        if lines and (blank or only_blank):
            lines[-1].append(line)
        else:
            lines.append([line])
        only_blank = only_blank and blank
    return ["".join(line) for line in lines]


def split_sentences(line: str) -> list[str]:
    """Cut a line into sentences with the white space behind them. "Mr. Lee", "3. Add" and "1.5" end none."""
    starts = [0]
    first = len(line) - len(line.lstrip())
    for end in _SENTENCE_END.finditer(line):
        is_end = line[end.start()] != "." or not _is_no_end(line, starts[-1], end.start())
        if is_end and end.start() > first:
            starts.append(end.end())
    return [line[start:stop] for start, stop in pairwise([*starts, len(line)]) if start < stop]


def _is_no_end(line: str, start: int, dot: int) -> bool:
    """Whether the dot belongs to an abbreviation, or to the number of an item at the start of its sentence."""
    # 6 characters hold the longest abbreviation, "prof" or "i.e", and what stands before it.
    if _ABBREVIATION.search(line[max(start, dot - 6) : dot]):
        return True
    # "  Step 123" has fewer than 20 characters: a longer beginning is no item number.
    return dot - start < 20 and bool(_ITEM_NUMBER.fullmatch(line[start:dot]))


def _open_after(line: str, closer: str) -> str:
    """The mark that closes the formula or code still open after `line`; empty where none is."""
    if not closer and (opener := _BLOCK_OPENS.match(line)):
        closer, line = _BLOCKS[opener[1]], line[opener.end() :]
    return "" if closer and closer in line else closer
