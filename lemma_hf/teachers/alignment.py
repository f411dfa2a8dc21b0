"""Alignment of an attempt with the reference: steps worded alike, and how far the reference is done."""

from collections import Counter
from collections.abc import Sequence

from lemma_hf.solutions.equations import is_close
from lemma_hf.solutions.step_facts import StepFacts, likeness
from lemma_hf.teachers.path import Path

_ALIKE = 0.75
"""From this likeness on a step is taken for a version of a reference step: three of four words in the same order."""
_FEWEST_WORDS = 3
"""Shorter steps are alike by chance."""


def twins(path: Path, step: StepFacts) -> list[int]:
    """The reference steps that `step` is a version of: those worded most alike, if alike enough."""
    if len(step.wording.split()) < _FEWEST_WORDS:
        return []
    scores = [likeness(step, other) if other.results or not step.results else 0.0 for other in path.read]
    best = max(scores, default=0.0)
    # 0.02: of steps that are alike but for a word in fifty, all are twins.
    return [index for index, score in enumerate(scores) if score >= _ALIKE and score > best - 0.02]


def same_outcome(step: StepFacts, twin: StepFacts) -> bool:
    """Whether a step comes to what its twin comes to."""
    if step.algebra and twin.algebra and step.algebra != twin.algebra:
        return False
    if step.result is None or twin.result is None:
        return step.result is twin.result
    return is_close(step.result, twin.result) or any(is_close(step.result, other) for other in twin.results)


def counterpart(path: Path, steps: Sequence[StepFacts], index: int) -> int | None:
    """The reference step that a wrong step should have been: worded like it, or else the first not yet done."""
    if not path.read:
        return None
    alike = twins(path, steps[index])
    if alike:
        return alike[0]
    done = covered(path, steps[:index])
    operands = {operand for equation in steps[index].equations for operand in equation.operands}
    following = range(done, len(path.read))
    # Of the steps still to do, the one that works on the same numbers; the first of them where none does.
    shared = [len(operands & {o for e in path.read[at].equations for o in e.operands}) for at in following]
    if shared and max(shared) > 0:
        return following[shared.index(max(shared))]
    return min(done, len(path.read) - 1)


def covered(path: Path, right: Sequence[StepFacts]) -> int:
    """Count the steps of the reference, from its first on without a gap, that the right steps have done.

    Each result counts once: two steps of the reference that come to the same number need it twice.
    """
    texts = {step.text for step in right}
    unused = Counter(result for step in right for result in (step.results or (step.result,)))
    done = 0
    for step in path.read:
        outcome = step.results[-1] if step.results else None
        match = next(
            (r for r, n in unused.items() if n and r is not None and outcome is not None and is_close(outcome, r)), None
        )
        if step.text not in texts and match is None and not any(_is_version(other, step) for other in right):
            break
        unused[match] -= 1
        done += 1
    return done


def _is_version(step: StepFacts, of: StepFacts) -> bool:
    return likeness(step, of) >= _ALIKE and same_outcome(step, of)
