"""Fit the weights of `lemma_hf.teachers.sureness` to solutions in which people marked the first wrong step.

    python benchmarks/fit_sureness.py marked.jsonl.gz --eic eic.jsonl

A row has `source`, `problem`, `reference`, `steps` and `first_error` (from 0); rows without a reference or with a right
answer say nothing here. `--eic` adds a file in the format of Li et al. 2024, without the rows whose marked step stands
word for word in the reference. Prints the weights, and for each source the share that is right, and too late, among the
surest findings; each problem's findings are scored with weights that were fitted without it.
"""

import argparse
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lemma_hf.data.sources import read_records
from lemma_hf.grading import extract_answer, grade
from lemma_hf.records import Outcome, Problem
from lemma_hf.teachers.first_error import find_first_error
from lemma_hf.teachers.path import read_path
from lemma_hf.teachers.statements import read_attempt
from lemma_hf.teachers.sureness import Evidence, Sign, find_signs

_FOLDS = 10
_RIDGE = 3.0
"""Strength of the penalty on weights: a sign that is seen ten times keeps a third of what it would get without."""
_LATE = 2.0
"""Weight of a step found too late, which leaves a wrong step among the right ones."""
_SHARES = (0.2, 0.3, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8)
_NAMES = (*Evidence, *Sign)

_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Marked:
    source: str
    problem: Problem
    steps: tuple[str, ...]
    first_error: int


@dataclass(frozen=True)
class _Found:
    marked: _Marked
    index: int
    names: frozenset[str]

    @property
    def is_right(self) -> bool:
        return self.index == self.marked.first_error

    @property
    def is_late(self) -> bool:
        return self.index > self.marked.first_error


def main() -> None:
    """Fit, and print weights and curves."""
    parser = argparse.ArgumentParser(description="Fit the weights of the reference teacher's sureness.")
    parser.add_argument("marked", type=Path)
    parser.add_argument("--eic", type=Path, help="a file in the format of Li et al. 2024")
    parser.add_argument("--without", nargs="*", default=["PRMBench"], help="sources to leave out, by how they begin")
    options = parser.parse_args()
    rows = [*_marked(options.marked), *(_eic(options.eic) if options.eic else ())]
    rows = [row for row in rows if not row.source.startswith(tuple(options.without)) and not _is_right(row)]
    found = [item for row in rows if (item := _find(row)) is not None]
    _print_curves(rows, found, _scores_apart(found))
    base, *weights = _fit(found)
    print(f"\n_BASE = {base:.2f}")
    for name, weight in zip(_NAMES, weights, strict=True):
        print(f"    {type(name).__name__}.{name.name}: {weight:.2f},")


def _marked(path: Path) -> Iterator[_Marked]:
    for _, row in read_records(path):
        reference = row.get("reference")
        if reference and row["first_error"] >= 0:
            answer = reference.rpartition("####")[2].strip() if "####" in reference else extract_answer(reference).text
            problem = Problem(row["id"], row["problem"], answer or "", reference)
            steps = tuple(step if step.endswith("\n") else f"{step}\n" for step in row["steps"])
            yield _Marked(row["source"], problem, steps, row["first_error"])


def _eic(path: Path) -> Iterator[_Marked]:
    for _, row in read_records(path):
        steps = tuple(f"{line}\n" for line in row["wrong_solution"].split("\n") if line.strip())
        own = {line.strip() for line in row["reference_solution"].split("\n")}
        if row["error_step"] <= len(steps) and steps[row["error_step"] - 1].strip() not in own:
            answer = f"{row['reference_answer']:.12g}"
            problem = Problem(row["id"], row["question"], answer, row["reference_solution"])
            yield _Marked("EIC", problem, steps, row["error_step"] - 1)


def _is_right(row: _Marked) -> bool:
    answer = row.problem.reference_answer
    return bool(answer) and grade("".join(row.steps), answer).outcome is Outcome.RIGHT


def _find(row: _Marked) -> _Found | None:
    path = read_path(row.problem)
    found = find_first_error(path, row.steps)
    if found is None or found.evidence is None:
        return None
    signs = find_signs(path, read_attempt(path, row.steps), found.index, found.evidence)
    return _Found(row, found.index, frozenset((found.evidence, *signs)))


def _fit(found: Sequence[_Found]) -> _Floats:
    """Weights of a ridge-penalized logistic regression, the base first; every source counts as much as another."""
    design = np.array([[1.0, *(float(name in item.names) for name in _NAMES)] for item in found])
    right = np.array([float(item.is_right) for item in found])
    sources = [item.marked.source for item in found]
    each = np.array([len(found) / len(set(sources)) / sources.count(source) for source in sources])
    each *= np.array([_LATE if item.is_late else 1.0 for item in found])
    penalty = _RIDGE * np.diag([0.0, *np.ones(len(_NAMES))])
    weights = np.zeros(design.shape[1])
    for _ in range(30):  # Newton's method: converges in fewer than ten steps
        share = 1 / (1 + np.exp(-design @ weights))
        gradient = design.T @ (each * (right - share)) - penalty @ weights
        curvature = (design * (each * share * (1 - share))[:, None]).T @ design + penalty
        weights = weights + np.linalg.solve(curvature, gradient)
    return weights


def _scores_apart(found: Sequence[_Found]) -> list[float]:
    """The score of each finding, with weights that were fitted without its problem."""
    folds = [int(hashlib.sha256(item.marked.problem.question.encode()).hexdigest(), 16) % _FOLDS for item in found]
    fitted = [_fit([item for item, at in zip(found, folds, strict=True) if at != fold]) for fold in range(_FOLDS)]
    return [_score(fitted[fold], item) for item, fold in zip(found, folds, strict=True)]


def _score(weights: _Floats, item: _Found) -> float:
    base, *rest = weights
    return float(base + sum(weight for name, weight in zip(_NAMES, rest, strict=True) if name in item.names))


def _print_curves(rows: Sequence[_Marked], found: Sequence[_Found], scores: Sequence[float]) -> None:
    print("| source | rows | " + " | ".join(f"surest {share:.0%}" for share in _SHARES) + " |")
    print("|---|--:|" + "--:|" * len(_SHARES))
    for source in dict.fromkeys(row.source for row in rows):
        total = sum(row.source == source for row in rows)
        pairs = [(score, item) for score, item in zip(scores, found, strict=True) if item.marked.source == source]
        ranked = [item for _, item in sorted(pairs, key=lambda pair: -pair[0])]
        cells = []
        for share in _SHARES:
            best = ranked[: round(share * total)]
            right, late = (sum(map(test, best)) / len(best) for test in (_right, _late))
            cells.append(f"{right:.0%}, late {late:.0%}" if len(best) == round(share * total) else "")
        print(f"| {source} | {total} | {' | '.join(cells)} |")


def _right(item: _Found) -> bool:
    return item.is_right


def _late(item: _Found) -> bool:
    return item.is_late


if __name__ == "__main__":
    main()
