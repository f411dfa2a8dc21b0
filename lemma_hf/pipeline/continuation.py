"""A prompt from which a student goes on behind steps that stand already, and the new part of what it then writes.

A model that reads plain text goes on from its end. One that chats begins a message of its own: it is shown the steps,
and asked for what comes next. Some repeat the steps all the same before they go on.
"""

import re
from collections.abc import Sequence

from lemma_hf.prompts import PromptStyle

GO_ON = "\n\nThe solution begins as follows. Take these steps as they are, and write only what comes next:\n\n"
"""Text before the steps in a message to a model that chats: it would not go on from the end of the message itself."""

_LABEL = re.compile(r"^(?:[-*•]|\(?\d+[.)]|step \d+[.:]?)\s+")  # "- ", "2. ", "(2) ", "step 2: "


def continuation_prompt(style: PromptStyle, question: str, steps: Sequence[str]) -> str:
    """The prompt for a student that is to go on behind `steps`; without steps, the prompt of the question alone.

    Example:
        >>> from lemma_hf.prompts import prompt_style
        >>> continuation_prompt(prompt_style("sums"), "2+3*4", ["2+3=5;"])
        '2+3*4:2+3=5;'
    """
    asked, before = style.prompt(question), "".join(steps)
    if not before.strip():
        return asked
    return asked + (f"{GO_ON}{before}" if style.chat else style.completion(before))


def new_steps(before: Sequence[str], written: Sequence[str]) -> tuple[str, ...] | None:
    r"""What a model that chats wrote behind the steps that it was given, without those that it repeats.

    Steps are compared without labels such as `Step 2:`, bold type, case and white space.

    Returns:
        The new steps; None where it began the given solution again and departed from it, so that what it wrote does not
        go on from the given steps.

    Example:
        >>> given = ["2 * 3 = 6\n", "6 + 1 = 7\n"]
        >>> new_steps(given, ["7 - 2 = 5\n"]), new_steps(given, ["Step 2: 6 + 1 = 7\n", "7 - 2 = 5\n"])
        (('7 - 2 = 5\n',), ('7 - 2 = 5\n',))
        >>> new_steps(given, ["2 * 3 = 6\n", "6 + 1 = 7\n", "7 - 2 = 5\n"])
        ('7 - 2 = 5\n',)
        >>> new_steps(given, ["2 * 3 = 6\n", "6 + 2 = 8\n"]) is None
        True
    """
    given, found = [_bare(step) for step in before], [_bare(step) for step in written]
    for count in range(min(len(given), len(found)), 0, -1):
        if found[:count] == given[-count:]:
            return tuple(written[count:])
    return None if given and found and found[0] == given[0] else tuple(written)


def _bare(step: str) -> str:
    return " ".join(_LABEL.sub("", step.strip().lower().replace("**", "")).split()).rstrip(".")
