r"""pass@k and maj@k of one problem: whether one of k samples is right, or the answer that most of them give.

    answers   \frac{1}{2}   0.5   3   none   3   1/2        groups   0 0 1 – 1 0        maj@6: \frac{1}{2}, 3 votes to 2

Answers are the same if the grader says so, not if they are spelled the same.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

from lemma_hf.errors import ConfigError
from lemma_hf.grading import MAX_CHARS, answers_equal, normalize, read_number
from lemma_hf.records import Outcome

_MAX_COMPARISONS = 500
"""Comparisons of two answers that one problem may take: enough for 32 samples that all differ (496)."""
_MAX_SECONDS = 10.0
"""Seconds that they may take together; a hostile formula can take nearly one each, so 500 of them minutes."""


def pass_at_k(right: int, total: int, k: int) -> float:
    """The chance that k of `total` samples, drawn without replacement, hold a right one: 1 - C(n - c, k) / C(n, k).

    The unbiased estimate of Chen et al. 2021 (arXiv 2107.03374, section 2.1). Whole numbers up to the one division, so
    nothing is lost for large n.

    Raises:
        ConfigError: if k is not between 1 and `total`, or `right` not between 0 and `total`.

    Example:
        >>> pass_at_k(1, 4, 2), pass_at_k(3, 4, 2)
        (0.5, 1.0)
    """
    if not (1 <= k <= total and 0 <= right <= total):
        raise ConfigError(f"need 1 ≤ k ≤ total and 0 ≤ right ≤ total, but got k={k}, total={total}, right={right}")
    draws = comb(total, k)
    return (draws - comb(total - right, k)) / draws


@dataclass(frozen=True, slots=True)
class Groups:
    """A problem's answers in groups that are equal."""

    of: tuple[int | None, ...]
    """For each answer its group, numbered in the order in which groups first come up; None where it says nothing."""
    settled: bool = True
    """False where a bound was reached, from where on answers were grouped by their spelling alone."""

    def winner(self, k: int) -> int | None:
        """The place, among the first k, of the first answer of the group with most votes; None if there is no vote.

        Ties go to the group that came first.
        """
        votes = Counter(group for group in self.of[:k] if group is not None)
        if not votes:
            return None
        # A counter keeps the order in which its keys came, and the first of several largest is taken.
        return self.of.index(max(votes, key=votes.__getitem__))


def group_answers(answers: Sequence[str | None], benchmark: str = "math") -> Groups:
    r"""Sort answers into groups that are equal as mathematics.

    Spelling decides first (white space, LaTeX wrappers and the ways to write a number do not count); what is left is
    compared with the first answer of each group, in the order of the groups, by `lemma_hf.answers_equal`. A comparison
    that times out finds no equality. `_MAX_COMPARISONS` and `_MAX_SECONDS` bound the work.

    Args:
        benchmark: how answers are read, see `lemma_hf.grade`.

    Example:
        >>> group_answers([r"\frac{1}{2}", "0.5", "3", None, " 3.0", "1/2"]).of
        (0, 0, 1, None, 1, 0)
    """
    seen: dict[str, int] = {}
    firsts: list[str] = []
    places: list[int | None] = []
    left, seconds, settled = _MAX_COMPARISONS, _MAX_SECONDS, True
    for answer in answers:
        if answer is None or not answer.strip():
            places.append(None)
            continue
        key = _spelling(answer)
        if key not in seen:
            for group, first in enumerate(firsts):
                if left <= 0 or seconds <= 0:
                    settled = False
                    break
                verdict = answers_equal(answer, first, benchmark=benchmark)
                left, seconds = left - 1, seconds - verdict.seconds
                if verdict.outcome is Outcome.RIGHT:
                    seen[key] = group
                    break
            if key not in seen:
                seen[key] = len(firsts)
                firsts.append(answer)
        places.append(seen[key])
    return Groups(tuple(places), settled)


def _spelling(answer: str) -> str:
    """The spelling of an answer without what may differ: white space, wrappers, the way to write a number."""
    if len(answer) > MAX_CHARS:
        return answer.strip()
    text = normalize(answer)
    number = read_number(text)
    return str(number.value) if number else text.replace(" ", "")
