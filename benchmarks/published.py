"""Our grader's scores of real outputs, compared with the published ones.

    python benchmarks/published.py graded.jsonl.gz [--json FIGURES] [--all-models]

The file holds one output a line: `id`, `source`, `benchmark`, `reference`, `output`, `label` (the publisher's own
verdict) and `truth` (that label, corrected by hand where it was disputed; null: not scored). Prints Markdown, a line
for each source and model:

    published   what the publisher printed for the whole benchmark, with where it stands
    label       the publisher's own verdicts on the rows at hand
    ours        our verdicts on the same rows, with the Wilson interval
    |z|         how many standard errors ours is from what was published, for as many rows of so large a benchmark, and
                in brackets the same of the label: where both are far off, it is the rows, not the grading

Where no score was printed, the label is all there is, and `published` says –. Only the sources in `SCORES` are read;
models of ZeroEval have about 50 or 130 rows each, and are summed up unless `--all-models` is given.
"""

import argparse
import json
import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import fmean
from typing import Any

from published_scores import SCORES, Score, model_of

from lemma_hf.data.sources import read_records
from lemma_hf.grading import grade_many
from lemma_hf.records import Outcome
from lemma_hf.utils.intervals import Share

_CHUNK = 512
_SUMMED_UP = "zeroeval"


@dataclass
class Line:
    """The rows of one model on one benchmark, as a publisher gave them out."""

    source: str
    model: str
    score: Score
    labels: list[bool] = field(default_factory=list)
    ours: list[bool] = field(default_factory=list)
    truths: list[bool | None] = field(default_factory=list)

    @property
    def label(self) -> Share:
        """Rows that are right to the publisher."""
        return Share(sum(self.labels), len(self.labels))

    @property
    def graded(self) -> Share:
        """Rows that are right to us."""
        return Share(sum(self.ours), len(self.ours))

    @property
    def only_ours(self) -> int:
        """Rows that are right to us and wrong to the publisher."""
        return sum(mine and not theirs for mine, theirs in zip(self.ours, self.labels, strict=True))

    @property
    def only_theirs(self) -> int:
        """Rows that are right to the publisher and wrong to us."""
        return sum(theirs and not mine for mine, theirs in zip(self.ours, self.labels, strict=True))

    @property
    def with_us(self) -> tuple[int, int]:
        """Of the disputed rows that were read by hand, those on which we were right, and all of them."""
        disputed = [
            mine == truth
            for mine, theirs, truth in zip(self.ours, self.labels, self.truths, strict=True)
            if mine != theirs and truth is not None
        ]
        return sum(disputed), len(disputed)

    @property
    def standard_error(self) -> float:
        """Of the share on these rows, drawn without replacement from a benchmark with the published share.

        Example: all rows of the benchmark leave no room for chance, 0.0.
        """
        rows, whole = len(self.ours), self.score.size
        if self.score.percent is None or rows >= whole:
            return 0.0
        p = self.score.percent / 100
        return math.sqrt(p * (1 - p) / rows * (whole - rows) / (whole - 1))

    def deviations(self, share: Share) -> float | None:
        """How many standard errors a share of these rows is from the published one; None where nothing can be said."""
        if self.score.percent is None or not self.standard_error or self.score.of_other_rows or self.score.no_truth:
            return None
        return (share.value - self.score.percent / 100) / self.standard_error


def main() -> None:
    options = _options()
    lines = grade_lines(read_lines(options.file))
    print(f"lemma-hf {version('lemma-hf')}, Python {sys.version.split()[0]}\n")
    shown = [line for line in lines if options.all_models or not line.source.startswith(_SUMMED_UP)]
    print_lines(shown)
    if len(shown) < len(lines):
        print_summed_up([line for line in lines if line.source.startswith(_SUMMED_UP)])
    print_sum(lines)
    print_sources(lines)
    if options.json:
        figures = {"version": version("lemma-hf"), "lines": [as_figures(line) for line in lines]}
        options.json.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="graded outputs, JSON Lines, with .gz or without")
    parser.add_argument("--json", type=Path, help="where the figures go as well")
    parser.add_argument("--all-models", action="store_true", help="a line for each model of ZeroEval too")
    return parser.parse_args()


def read_lines(path: Path) -> Iterator[tuple[Line, dict[str, Any]]]:
    """Each row whose source has a score, with the line it belongs to."""
    lines: dict[tuple[str, str], Line] = {}
    for _, row in read_records(path):
        source = str(row["source"])
        if source not in SCORES or row["label"] is None:
            continue
        model = model_of(source, str(row["id"]))
        score = SCORES[source].get(model) or SCORES[source].get("*")
        if score is not None:
            yield lines.setdefault((source, model), Line(source, model, score)), row


def grade_lines(rows: Iterable[tuple[Line, dict[str, Any]]]) -> list[Line]:
    """Grade the rows, and put each verdict into its line; the lines by source and model."""
    chunk: list[tuple[Line, dict[str, Any]]] = []
    lines: dict[int, Line] = {}
    for item in rows:
        chunk.append(item)
        lines[id(item[0])] = item[0]
        if len(chunk) == _CHUNK:
            _grade(chunk)
            chunk.clear()
    _grade(chunk)
    return sorted(lines.values(), key=lambda line: (list(SCORES).index(line.source), line.model))


def _grade(chunk: Sequence[tuple[Line, dict[str, Any]]]) -> None:
    rows = [row for _, row in chunk]
    grades = grade_many(
        [row["output"] for row in rows],
        [row["reference"] for row in rows],
        benchmark=[row["benchmark"] for row in rows],
    )
    for (line, row), found in zip(chunk, grades, strict=True):
        line.labels.append(bool(row["label"]))
        line.ours.append(found.outcome is Outcome.RIGHT)
        line.truths.append(row["truth"])


def print_lines(lines: Sequence[Line]) -> None:
    """A line for each model: published, label, ours, the differences, and how far that is from chance."""
    head = ("source", "model", "rows", "published", "label", "ours [95 %]", "ours − label", "only ours", "only label")
    _row(*head, "ours − published", "\\|z\\| (label's)")
    _row("---", "---", *("--:" for _ in range(9)))
    for line in lines:
        z, theirs = (line.deviations(share) for share in (line.graded, line.label))
        low, high = (100 * end for end in line.graded.interval)
        _row(
            line.source,
            line.model,
            f"{len(line.ours):,} of {line.score.size:,}",
            _published(line.score),
            f"{100 * line.label.value:.1f}",
            f"{100 * line.graded.value:.1f} [{low:.1f}, {high:.1f}]",
            f"{100 * (line.graded.value - line.label.value):+.1f}",
            line.only_ours,
            line.only_theirs,
            "–" if z is None else f"{100 * line.graded.value - (line.score.percent or 0):+.1f}",
            "–" if z is None or theirs is None else f"{abs(z):.1f} ({abs(theirs):.1f})",
        )
    for mark, reason in _notes(lines):
        print(f"\n{mark} {reason}.")


def _notes(lines: Sequence[Line]) -> list[tuple[str, str]]:
    """The reasons why a line is not held against its published score, once each."""
    reasons = [("\\*", f"{line.source}: {line.score.of_other_rows}") for line in lines if line.score.of_other_rows]
    reasons += [("†", f"{line.source}: {line.score.no_truth}") for line in lines if line.score.no_truth]
    return list(dict.fromkeys(reasons))


def _published(score: Score) -> str:
    if score.percent is None:
        return "–"
    mark = "\\*" if score.of_other_rows else "†" if score.no_truth else ""
    return f"{score.percent:g}{mark} ({score.where})"


def print_summed_up(lines: Sequence[Line]) -> None:
    """One line for all models of a source that has too many to show."""
    print("\nMany models, few rows each: means over models.\n")
    _row("source", "models", "rows", "published", "label", "ours", "ours − label", "only ours", "only label", "r")
    _row("---", *("--:" for _ in range(9)))
    for source in dict.fromkeys(line.source for line in lines):
        some = [line for line in lines if line.source == source and line.score.percent is not None]
        published = [line.score.percent or 0.0 for line in some]
        labels, ours = ([100 * getattr(line, name).value for line in some] for name in ("label", "graded"))
        _row(
            source,
            len(some),
            f"{sum(len(line.ours) for line in some):,}",
            f"{fmean(published):.1f}",
            f"{fmean(labels):.1f}",
            f"{fmean(ours):.1f}",
            f"{fmean(ours) - fmean(labels):+.1f}",
            sum(line.only_ours for line in some),
            sum(line.only_theirs for line in some),
            f"{correlation(published, ours):.3f}",
        )


def correlation(these: Sequence[float], those: Sequence[float]) -> float:
    """Pearson's r; NaN where one of them does not vary."""
    a, b = ([value - fmean(values) for value in values] for values in (these, those))
    norm = math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))
    return sum(x * y for x, y in zip(a, b, strict=True)) / norm if norm else math.nan


def print_sum(lines: Sequence[Line]) -> None:
    """Print how often ours and the labels differ, which is right then, and how far from chance the scores are."""
    lines = [line for line in lines if not line.score.no_truth]
    rows = sum(len(line.ours) for line in lines)
    more, less = sum(line.only_ours for line in lines), sum(line.only_theirs for line in lines)
    us, judged = (sum(line.with_us[i] for line in lines) for i in (0, 1))
    print(
        f"\nAll rows but those marked †: {rows:,}. We agree with the label on {Share(rows - more - less, rows)};",
        end="",
    )
    print(f" {more} are right only to us, {less} only to the label.")
    print(f"Of those {more + less}, {judged} have a corrected truth; it is with us in {us}.")
    ours = [line.deviations(line.graded) for line in lines]
    theirs = [line.deviations(line.label) for line in lines]
    outside, outside_too = (sum(abs(z) > 1.96 for z in each if z is not None) for each in (ours, theirs))
    held = len(lines) - ours.count(None)
    print(
        f"Held against a published score: {held} lines. More than 1.96 standard errors off: {outside} by our verdicts,",
        end="",
    )
    print(f" {outside_too} by the label.")


def print_sources(lines: Sequence[Line]) -> None:
    """Where each published score stands."""
    print("\nPublished scores:")
    for where, source in dict.fromkeys((line.score.where, line.score.source) for line in lines if line.score.source):
        print(f"- {where}: {source}")


def as_figures(line: Line) -> dict[str, Any]:
    """A line as plain values, for JSON."""
    low, high = line.graded.interval
    return {
        "source": line.source,
        "model": line.model,
        "rows": len(line.ours),
        "size": line.score.size,
        "published": line.score.percent,
        "published_where": line.score.source,
        "published_of_other_rows": line.score.of_other_rows,
        "no_truth": line.score.no_truth,
        "label": {"right": line.label.count, "value": line.label.value},
        "ours": {"right": line.graded.count, "value": line.graded.value, "ci95": [low, high]},
        "only_ours": line.only_ours,
        "only_label": line.only_theirs,
        "disputed_with_truth": line.with_us[1],
        "disputed_truth_with_us": line.with_us[0],
        "standard_error": line.standard_error,
        "z": line.deviations(line.graded),
        "z_of_label": line.deviations(line.label),
    }


def _row(*cells: object) -> None:
    print(f"| {' | '.join(map(str, cells))} |")


if __name__ == "__main__":
    main()
