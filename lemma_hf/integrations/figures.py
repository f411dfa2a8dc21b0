r"""Figures of one output for a harness: seven, each 0 or 1, whose means the harness reports."""

from lemma_hf.records import Outcome
from lemma_hf.solutions.reflection import Change, reflect_many

HIGHER_IS_BETTER = {
    "accuracy": True,
    "no_answer": False,
    "timeout": False,
    "unreadable_reference": False,
    "reflected": True,
    "fixed": True,
    "broken": False,
}


def harness_figures(output: str, reference: str, benchmark: str = "math") -> dict[str, float]:
    r"""Grade a whole model output by its last claim, and say whether a turn corrected or spoiled the answer.

    Harnesses divide by every row, so an unreadable reference lowers `accuracy` here; `lemma_hf`'s own scores leave it
    out. The published benchmarks have none.

    Args:
        benchmark: see `lemma_hf.grade`.

    Returns:
        `accuracy`; `no_answer`, `timeout` and `unreadable_reference`, the outcomes that are neither right nor wrong;
        `reflected`: the text turns on something it wrote; `fixed`: the answer before the turn is wrong and the final
        one right; `broken`: the other way round.

    Example:
        >>> harness_figures(r"It is \boxed{62}. Wait, that is wrong: \boxed{72}", "72")["fixed"]
        1.0
    """
    found = reflect_many([output], [reference], benchmark=benchmark)[0]
    return {
        "accuracy": float(found.final.outcome is Outcome.RIGHT),
        "no_answer": float(found.final.outcome is Outcome.NO_ANSWER),
        "timeout": float(found.final.outcome is Outcome.TIMEOUT),
        "unreadable_reference": float(found.final.outcome is Outcome.UNREADABLE_REFERENCE),
        "reflected": float(found.reflects),
        "fixed": float(found.change is Change.FIXED),
        "broken": float(found.change is Change.BROKEN),
    }
