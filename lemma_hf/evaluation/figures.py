"""Figures of a scored run: pass@k, maj@k, the parts of a benchmark, and how often there was no answer at all.

`lemma_hf.evaluation.score.Report` is the short version, of one sample a problem.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lemma_hf.errors import ConfigError
from lemma_hf.evaluation.pass_at import Groups, group_answers, pass_at_k
from lemma_hf.evaluation.score import Scored
from lemma_hf.records import DropReason, Outcome, Problem
from lemma_hf.utils.intervals import Estimate, Mean, estimate


@dataclass(frozen=True, slots=True)
class Scores:
    """The figures of one benchmark, each with its interval at 95 %.

    With one sample a problem, intervals are Wilson's; else, and for k > 1, they are a percentile bootstrap over
    problems (10,000 resamples, seeded). Shares of samples are means over problems of each problem's share.
    """

    pass_at: Mapping[int, Estimate]
    """By k: the chance that one of k samples is right, unbiased; pass@1 is the accuracy."""
    maj_at: Mapping[int, Estimate]
    """By k: whether the answer that most of the *first* k samples give is right."""
    by_subject: Mapping[str, Estimate]
    """pass@1 of the problems of each subject; empty if the benchmark names none."""
    by_level: Mapping[str, Estimate]
    no_answer: Estimate
    """Completions that claim nothing complete, those that were refused included."""
    timeout: Estimate
    """Completions whose grading was given up."""
    cut_off: Estimate
    """Completions that the length limit ended."""
    refused: Estimate
    """Completions that the model or its endpoint declined to give."""
    outcomes: Mapping[str, int]
    """Completions by verdict."""
    problems: int
    """Problems with a readable reference and at least one completion; of these are all shares."""
    samples: tuple[int, int]
    """Completions a problem, the fewest and the most. A problem with fewer than k counts in no figure at k."""
    unreadable_references: int
    """Problems left out because nothing can be compared with their reference."""
    failed_calls: int
    """Completions that never came; they count in nothing else."""
    no_votes: int
    """Problems none of whose samples has an answer: they have no majority, and count as wrong."""
    unsettled_votes: int
    """Problems with so many, or so hard, answers that some were grouped by their spelling alone."""
    tokens: float
    """Mean tokens a completion, 0 where the source does not say."""
    seed: int
    """Of the bootstrap."""

    @classmethod
    def from_items(
        cls,
        items: Sequence[Scored],
        *,
        pass_at: Iterable[int] | None = None,
        maj_at: Iterable[int] | None = None,
        benchmark: str = "math",
        seed: int = 0,
    ) -> "Scores":
        """Compute all figures of a benchmark.

        Args:
            items: of one benchmark; the samples of a problem keep their order.
            pass_at: the k of pass@k; by default 1 and, of n samples a problem, n.
            maj_at: the k of maj@k; by default n, none for one sample. The vote is among the first k, as the samples of
                a problem are drawn alike: any k of them are as good as any others, and these need no further draw.
            benchmark: how answers are compared for a vote, see `lemma_hf.grade`.
            seed: of the bootstrap.

        Raises:
            ConfigError: if a k is below 1, or no problem has as many samples.
        """
        everyone = _by_problem(items)
        groups = {problem: kept for problem, several in everyone.items() if (kept := [s for s in several if s.counts])}
        sizes = [len(group) for group in groups.values()] or [0]
        most = max(sizes)
        passes = _checked((1, most) if pass_at is None else pass_at, most)
        votes = _checked(((most,) if most > 1 else ()) if maj_at is None else maj_at, most)
        voted = {
            problem: group_answers([item.grade.extracted for item in several[: max(votes)]], benchmark)
            for problem, several in (groups.items() if votes else ())
        }
        counting = [item for several in groups.values() for item in several]
        came = [item for item in items if not item.call_failed]
        return cls(
            pass_at={k: _pass_at(groups.values(), k, seed) for k in passes},
            maj_at={k: _maj_at(groups, voted, k, seed) for k in votes},
            by_subject=_parts(groups, lambda problem: problem.subject, seed),
            by_level=_parts(groups, lambda problem: problem.level, seed),
            no_answer=_rate(groups.values(), lambda item: item.grade.outcome is Outcome.NO_ANSWER, seed),
            timeout=_rate(groups.values(), lambda item: item.grade.outcome is Outcome.TIMEOUT, seed),
            cut_off=_rate(groups.values(), lambda item: item.cut_off, seed),
            refused=_rate(groups.values(), _is_refused, seed),
            outcomes=dict(Counter(str(item.grade.outcome) for item in came)),
            problems=len(groups),
            samples=(min(sizes), most),
            unreadable_references=sum(_is_unreadable(several) for several in everyone.values()),
            failed_calls=len(items) - len(came),
            no_votes=sum(set(each.of) == {None} for each in voted.values()),
            unsettled_votes=sum(not each.settled for each in voted.values()),
            tokens=sum(item.completion.tokens for item in counting) / max(1, len(counting)),
            seed=seed,
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON; `pass@1` and the like are the keys at the top."""
        at = {f"pass@{k}": each.as_dict() for k, each in self.pass_at.items()}
        at |= {f"maj@{k}": each.as_dict() for k, each in self.maj_at.items()}
        rates = {name: getattr(self, name).as_dict() for name in ("no_answer", "timeout", "cut_off", "refused")}
        parts = {
            "by_subject": {name: each.as_dict() for name, each in self.by_subject.items()},
            "by_level": {name: each.as_dict() for name, each in self.by_level.items()},
        }
        counts = ("problems", "unreadable_references", "failed_calls", "no_votes", "unsettled_votes", "tokens")
        plain = {name: getattr(self, name) for name in counts} | {"bootstrap_seed": self.seed}
        return at | parts | rates | {"outcomes": dict(self.outcomes), "samples": list(self.samples)} | plain


_Groups = Mapping[Problem, Sequence[Scored]]


def _by_problem(items: Sequence[Scored]) -> dict[Problem, list[Scored]]:
    # By the whole record, not its id: in a careless file two problems may share one.
    groups: dict[Problem, list[Scored]] = {}
    for item in items:
        groups.setdefault(item.problem, []).append(item)
    return groups


def _checked(ks: Iterable[int], most: int) -> list[int]:
    ks = sorted(set(ks))
    if most == 0:
        return [k for k in ks if k == 1]
    if ks and not 1 <= ks[0] <= ks[-1] <= most:
        raise ConfigError(f"no problem has more than {most} samples, so k must be within 1 and {most}, but is {ks}")
    return ks


def _rate(groups: Iterable[Sequence[Scored]], is_so: Callable[[Scored], bool], seed: int) -> Estimate:
    return estimate([[is_so(item) for item in several] for several in groups], seed)


def _pass_at(groups: Iterable[Sequence[Scored]], k: int, seed: int) -> Estimate:
    if k == 1:
        return _rate(groups, lambda item: item.right, seed)
    enough = [several for several in groups if len(several) >= k]
    return Mean.from_values(
        [pass_at_k(sum(item.right for item in several), len(several), k) for several in enough], seed
    )


def _maj_at(groups: _Groups, voted: Mapping[Problem, Groups], k: int, seed: int) -> Estimate:
    winners = {problem: voted[problem].winner(k) for problem, several in groups.items() if len(several) >= k}
    # A group's answers are all the same, so the verdict of its first is the verdict of all.
    return Mean.from_values([float(w is not None and groups[problem][w].right) for problem, w in winners.items()], seed)


def _parts(groups: _Groups, name_of: Callable[[Problem], str], seed: int) -> dict[str, Estimate]:
    parts: dict[str, list[Sequence[Scored]]] = {}
    for problem, several in groups.items():
        parts.setdefault(name_of(problem), []).append(several)
    if set(parts) <= {""}:
        return {}
    return {name: _rate(parts[name], lambda item: item.right, seed) for name in sorted(parts)}


def _is_refused(item: Scored) -> bool:
    return item.completion.refused not in (None, DropReason.TRUNCATED)


def _is_unreadable(several: Sequence[Scored]) -> bool:
    return any(item.grade.outcome is Outcome.UNREADABLE_REFERENCE for item in several)
