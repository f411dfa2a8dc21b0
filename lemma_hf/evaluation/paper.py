"""LEMMA's published results, as data, and a run compared with them in a Markdown table.

All figures are of Pan et al. 2025 (arXiv 2503.17439): pass@1 with greedy decoding from tables 2 and 9, and maj@32 at
temperature 0.7 from table 10. In percent, as printed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from lemma_hf.errors import ConfigError
from lemma_hf.utils.markdown import markdown_cell, markdown_table

PAPER_BENCHMARKS = ("gsm8k", "math", "asdiv", "deepmind_math", "mawps", "svamp", "college_math")
"""The seven columns, in the paper's order."""
_TITLES = {
    "gsm8k": "GSM8K",
    "math": "MATH",
    "asdiv": "ASDiv",
    "deepmind_math": "Mathematics",
    "mawps": "MAWPS",
    "svamp": "SVAMP",
    "college_math": "CollegeMath",
}


@dataclass(frozen=True, slots=True)
class PaperRow:
    """One row of a table of the paper, in percent."""

    model: str
    method: str
    scores: Mapping[str, float]
    """By benchmark; only those that the table has."""
    average: float | None
    """As printed; None where the table has no average."""
    source: str
    """Tables of the paper."""
    samples: str = ""
    """Training samples as printed, such as `88.90k`; empty where the table has none."""


def _rows(model: str, *lines: str) -> tuple[PaperRow, ...]:
    made = []
    for line in lines:
        head, cells, average = line.split(" | ")
        method, _, samples = head.partition(", ")
        scores = dict(zip(PAPER_BENCHMARKS, map(float, cells.split("/")), strict=True))
        made.append(PaperRow(model, method, scores, float(average), "tables 2 and 9", samples))
    return tuple(made)


PASS_AT_1 = (
    *_rows(
        "LLaMA3-8B",
        "SFT, 14.97k | 65.5/19.3/72.1/23.5/83.0/67.1/13.3 | 49.1",
        "RFT, 86.52k | 67.3/21.1/74.8/24.9/81.8/69.9/16.7 | 50.9",
        "MetaMath, 394.99k | 79.2/34.1/81.9/35.3/88.9/76.1/20.5 | 59.4",
        "GPTAug, 88.62k | 72.1/31.8/81.2/36.5/85.9/79.7/21.2 | 58.3",
        "ISC, 86.78k | 70.8/33.4/81.1/31.8/82.3/79.7/20.2 | 57.0",
        "RefAug-90k, 89.92k | 77.4/34.2/82.1/35.7/87.7/81.8/21.9 | 60.1",
        "LEMMA, 88.90k | 79.2/38.3/84.2/39.2/88.8/82.6/24.7 | 62.4",
        "LEMMA + MetaMath, 403.59k | 86.4/42.3/87.1/45.8/89.5/82.8/24.3 | 65.5",
    ),
    *_rows(
        "DeepSeekMath-7B",
        "SFT, 14.97k | 68.1/35.2/80.9/39.6/88.1/68.1/28.8 | 58.4",
        "RFT, 86.52k | 73.3/39.3/85.2/46.2/89.3/70.9/31.7 | 62.3",
        "MetaMath, 394.99k | 79.4/42.0/87.8/49.0/90.2/79.4/31.6 | 65.6",
        "GPTAug, 88.62k | 77.8/45.5/88.7/52.6/89.6/71.0/31.0 | 65.2",
        "ISC, 86.78k | 66.3/36.8/82.2/43.1/89.3/71.2/32.0 | 60.1",
        "RefAug-90k, 89.92k | 76.7/42.5/82.4/57.5/83.1/74.1/30.6 | 63.8",
        "LEMMA, 88.90k | 80.4/50.6/89.8/61.6/90.9/81.6/35.6 | 70.1",
        "LEMMA + MetaMath, 403.59k | 83.0/51.7/90.4/65.8/91.9/82.1/35.2 | 71.4",
    ),
    *_rows(
        "Mistral-7B-v0.1",
        "SFT | 56.4/14.1/62.2/16.6/72.6/52.6/9.2 | 40.5",
        "RFT | 55.6/12.7/65.5/16.6/73.8/57.4/9.5 | 41.6",
        "RefAug-90k | 73.0/31.4/79.9/34.8/86.1/78.1/17.5 | 57.3",
        "LEMMA | 80.8/34.5/81.1/40.3/85.8/78.9/20.1 | 60.2",
    ),
    *_rows(
        "Qwen2-Math-7B",
        "SFT | 78.7/50.9/88.1/50.3/92.4/78.9/37.0 | 68.0",
        "RFT | 83.5/54.4/90.7/57.4/92.7/80.0/38.5 | 71.0",
        "RefAug-90k | 84.1/56.4/92.4/68.7/93.2/84.3/36.2 | 73.6",
        "LEMMA | 87.4/62.9/93.0/74.1/94.8/88.9/39.1 | 77.2",
    ),
)
"""pass@1, greedy; row by row as in the paper."""

_VOTED = ("gsm8k", "math", "asdiv", "deepmind_math", "college_math")


def _voted(model: str, method: str, *scores: float) -> PaperRow:
    return PaperRow(model, method, dict(zip(_VOTED, scores, strict=True)), None, "table 10")


MAJ_AT_32 = (
    _voted("LLaMA3-8B", "SFT", 80.3, 30.8, 82.3, 35.0, 20.2),
    _voted("LLaMA3-8B", "LEMMA", 90.3, 53.1, 90.1, 53.3, 32.1),
    _voted("DeepSeekMath-7B", "LEMMA", 89.2, 63.6, 93.1, 77.4, 36.8),
)
"""The answer that most of 32 samples give, at temperature 0.7; five benchmarks, no average."""

PAPER_MODELS = tuple(dict.fromkeys(row.model for row in PASS_AT_1))
"""The models of the paper's tables, such as `LLaMA3-8B`."""


def compare_with_paper(
    scores: Mapping[str, float], model: str = "LLaMA3-8B", name: str = "this run", *, maj_at_32: bool = False
) -> str:
    """A Markdown table: the paper's rows of one base model, and a run's own below them.

    Args:
        scores: accuracies by benchmark, as shares from 0 to 1. A benchmark that is missing becomes a dash. One that the
            paper's table lacks, such as `math500`, is named below the table and counts in no average.
        model: the base model whose rows are shown.
        name: what the run is called.
        maj_at_32: show the majority votes of table 10; by default pass@1.

    Returns:
        Eight columns and the method; the run's average only where it has all seven benchmarks.

    Raises:
        ConfigError: if the paper has no such model, or a score is no share.

    Example:
        >>> print(compare_with_paper({"gsm8k": 0.8, "math": 0.4}, "Mistral-7B-v0.1").splitlines()[-1])
        | **this run** | 80.0 | 40.0 | – | – | – | – | – | – |
    """
    rows = [row for row in (MAJ_AT_32 if maj_at_32 else PASS_AT_1) if row.model == model]
    if not rows:
        known = dict.fromkeys(row.model for row in (MAJ_AT_32 if maj_at_32 else PASS_AT_1))
        raise ConfigError(f"the paper has no rows of a model {model!r}; it has {', '.join(known)}")
    if bad := [f"{key}: {value}" for key, value in scores.items() if not 0 <= value <= 1]:
        raise ConfigError(f"scores are shares from 0 to 1, not percent, but got {', '.join(bad)}")
    own = {key: 100 * scores[key] for key in PAPER_BENCHMARKS if key in scores}
    average = sum(own.values()) / len(own) if len(own) == len(PAPER_BENCHMARKS) else None
    head = [f"{model}, {rows[0].source}", *(_TITLES[key] for key in PAPER_BENCHMARKS), "average"]
    lines = [[_method(row), *_cells(row.scores, row.average)] for row in rows]
    lines.append([f"**{markdown_cell(name)}**", *_cells(own, average)])
    table = markdown_table(head, lines, (" --- ", " ---: "))
    others = [markdown_cell(key) for key in scores if key not in PAPER_BENCHMARKS]
    return table + (f"\n\nNot in the paper's table: {', '.join(others)}." if others else "")


def _method(row: PaperRow) -> str:
    return f"{row.method} ({row.samples})" if row.samples else row.method


def _cells(scores: Mapping[str, float], average: float | None) -> list[str]:
    values = [*(scores.get(key) for key in PAPER_BENCHMARKS), average]
    return ["–" if value is None else f"{value:.1f}" for value in values]
