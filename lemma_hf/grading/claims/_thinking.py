r"""What a model said, apart from what it only thought.

    <think>maybe \boxed{6}</think> It is \boxed{5}.        →  It is \boxed{5}.
    <think>I guess \boxed{6}. Let me                       →  nothing: the thought does not end
    so it is 6.</think> It is \boxed{5}.                   →  It is \boxed{5}.    the prompt held the opening mark

One table of marks serves whoever reads a model's text: the grader, the rules that find turns, and the replies of
teachers. What is only thought is no answer, also where nothing is said after it.
"""

import re
from collections.abc import Sequence

Marks = tuple[str, str]
"""The text that opens a thought and the one that closes it."""

_NAME = (
    r"(?:(?:seed:)?think(?:ing)?|thoughts?|thought_process|reason(?:ing)?|analysis|scratchpad|antthinking|cot"
    r"|(?:inner|internal)_monologue)"
)
_CHANNEL = r"(?:<\|start\|>assistant)?<\|channel\|>"
# "<think>"  "[THINK]"  "<|begin_of_thought|>"  "<|START_THINKING|>"  "◁think▷"  "<|channel>thought"
_OPENS = (
    rf"<{_NAME}>|\[{_NAME}\]|<\|think(?:ing)?\|>|<\|(?:begin_of|start)_(?:thought|thinking)\|>|◁think▷"
    rf"|{_CHANNEL}(?!final)[^<]{{1,40}}<\|message\|>|\A\s*analysis(?=[A-Z\s])(?=[\s\S]*assistantfinal)"
    r"|<\|channel>\s*thought\b|<unused94>\s*thought\b"
)
"""In this order: DeepSeek, Qwen and many more; Magistral; Open-R1; Sky-T1 and Command A; Kimi; the channels of gpt-oss,
of which all but "final" are thoughts, with their special tokens and without; Gemma 4; MedGemma."""
# "</think>"  "[/THINK]"  "<|end_of_thought|>"  "<|channel|>final<|message|>"  "assistantfinal"  "<channel|>"
_CLOSES = (
    rf"</{_NAME}>|\[/{_NAME}\]|<\|/think(?:ing)?\|>|<\|end_(?:of_)?(?:thought|thinking)\|>|◁/think▷"
    rf"|(?:<\|end\|>|<\|return\|>|<\|call\|>)?\s{{0,4}}{_CHANNEL}final[^<]{{0,40}}<\|message\|>"
    rf"|(?-i:assistantfinal(?![a-z]))"
    r"|<channel\|>|<unused95>"
)
_MARK = re.compile(f"({_OPENS})|({_CLOSES})", re.IGNORECASE)  # "<thinking>"  "◁/think▷"
"""The table of marks: group 1 is set for one that opens a thought. Any closing mark ends the thought it stands in."""
_SIGN = re.compile(r"<[/|A-Za-z]")  # "<think>"  "</"  "<|"
# "[THINK]"  "[/think"  "[EOS"
_BRACKET = re.compile(r"\[/?(?:think|thought|reason|analysis|inst|eos)", re.IGNORECASE)
_HINTS = ("hink", "HINK", "hought", "HOUGHT", "eason", "EASON", "channel", "nalysis", "ANALYSIS", "scratch", "onologue")
_RARE_HINTS = ("cot>", "unused9")
"""Parts of the names of all marks: without one, what stands in brackets is something else."""


def holds_brackets(text: str) -> bool:
    """Whether something stands in `text` that might be a mark or a special token, which few texts have."""
    return (
        ("<" in text and _SIGN.search(text) is not None)
        or ("[" in text and _BRACKET.search(text) is not None)
        or (not text.isascii() and ("◁" in text or "｜" in text))
        or text[:20].lstrip().startswith("analysis")  # 20: white space before the first word
    )


def _may_hold_marks(text: str) -> bool:
    return holds_brackets(text) and ("◁" in text or any(hint in text for hint in (*_HINTS, *_RARE_HINTS)))


def _places(text: str, own: Sequence[Marks]) -> list[tuple[int, int, bool]]:
    """Begin and end of each mark, in order, and whether it opens a thought."""
    found = [(mark.start(), mark.end(), mark[1] is not None) for mark in _MARK.finditer(text)]
    for sides in own:
        for mark, opens in zip(sides, (True, False), strict=True):
            at = text.find(mark) if mark else -1
            while at >= 0:
                found.append((at, at + len(mark), opens))
                at = text.find(mark, at + len(mark))
    return sorted(found)


def said_parts(text: str, marks: Sequence[Marks] = ()) -> list[str]:
    r"""The stretches of `text` that stand outside of thoughts, in order.

    A thought that does not end takes all that follows; a closing mark without an opening one takes all before it.

    Args:
        marks: of your own, each the text that opens a thought and the one that closes it, beside the known ones.

    Example:
        >>> said_parts("<think>2 or 3?</think>It is 3."), said_parts("It is 3. <plan>or 2", [("<plan>", "</plan>")])
        (['It is 3.'], ['It is 3. '])
    """
    if not marks and not _may_hold_marks(text):
        return [text]
    kept: list[str] = []
    start, inside = 0, False
    for begin, end, opens in _places(text, marks):
        if opens and not inside:
            kept.append(text[start:begin])
        elif not opens and not inside:
            kept.clear()
        inside, start = opens, end
    return [part for part in (kept if inside else [*kept, text[start:]]) if part]


def without_thoughts(text: str, marks: Sequence[Marks] = ()) -> str:
    """Return `text` without its thoughts, whichever of their two marks is missing; see `said_parts`."""
    return "".join(said_parts(text, marks))


def holds_marks(text: str) -> bool:
    """Whether a mark of a thought stands in `text`."""
    return _may_hold_marks(text) and _MARK.search(text) is not None


def with_marks_blank(text: str) -> str:
    """`text` with a space for each character of a mark, so that a thought reads as plain text, and offsets stay."""
    return _MARK.sub(lambda mark: " " * len(mark.group()), text) if _may_hold_marks(text) else text
