"""Artifacts of a scored run: figures as JSON, every output as Parquet, a table to read, and files for the Hub.

OUT/scores.json        all figures, settings, versions, and a prompt of each benchmark, verbatim
OUT/items.parquet      a row for each output: prompt, output, what was extracted, by which rule, verdict, turns
OUT/report.md          the figures, and the paper's
OUT/*.png              accuracy with its interval, first against final answers, kinds of mistakes
OUT/.eval_results/     one file a benchmark, as the Hub reads them from a model's repository; none for a benchmark of
                       which some calls got no reply
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.evaluation.paper import compare_with_paper
from lemma_hf.evaluation.plots import draw_plots
from lemma_hf.evaluation.result import BenchmarkResult
from lemma_hf.utils.files import whole_file, write_text
from lemma_hf.utils.markdown import markdown_cell, markdown_table
from lemma_hf.utils.versions import installed_version, installed_versions

SCORES_FILE = "scores.json"
"""The file with all figures, settings and versions of a run."""
_ITEMS_FILE = "items.parquet"
_COMPARED = ("benchmark", "id", "outcome")
_REPORT_FILE = "report.md"
HUB_FOLDER = ".eval_results"
"""The folder in which the Hub looks for a model's scores."""
_PACKAGES = ("lemma-hf", "transformers", "torch", "datasets", "huggingface-hub", "latex2sympy2_extended")
"""The packages whose versions a score can depend on."""


def write_artifacts(
    folder: str | Path,
    results: Sequence[BenchmarkResult],
    *,
    model: str,
    settings: Mapping[str, Any],
    paper_model: str = "",
    date: str | None = None,
) -> list[Path]:
    """Write all files; return them in the order of the list above. Pictures are left out where matplotlib is missing.

    Args:
        model: what the run is called in tables.
        settings: what the run was started with; it goes into `scores.json` as it is.
        paper_model: the paper's base model whose rows are shown with the run's; empty: none.
        date: of the run, in ISO 8601, for the Hub's files.

    Raises:
        DataError: if the folder cannot be written to.
    """
    folder = Path(folder)
    facts = {
        "model": model,
        "date": date,
        "benchmarks": {result.benchmark: result.as_dict() for result in results},
        "settings": dict(settings),
        "versions": installed_versions(_PACKAGES),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_text(folder / SCORES_FILE, json.dumps(facts, indent=1, ensure_ascii=False) + "\n")
        with whole_file(folder / _ITEMS_FILE) as draft:
            _write_items(draft, results)
        write_text(folder / _REPORT_FILE, _report_text(results, model, paper_model))
        return [
            *(folder / name for name in (SCORES_FILE, _ITEMS_FILE, _REPORT_FILE)),
            *draw_plots(folder, results, model),
            *_write_results_files(folder / HUB_FOLDER, results, settings, date),
        ]
    except OSError as error:
        raise DataError(f"{folder}: cannot be written ({error.strerror or error})") from None


def read_scored_items(folder: str | Path) -> Iterator[dict[str, Any]]:
    """The rows of `items.parquet` of an earlier run.

    Raises:
        DataError: if there is no such file, or it lacks the columns by which runs are compared.
    """
    import pyarrow.parquet as pq

    path = Path(folder) / _ITEMS_FILE
    try:
        found = pq.read_table(path)
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: is no file of scored items ({error})") from None
    if missing := [name for name in _COMPARED if name not in found.column_names]:
        raise DataError(
            f"{path}: lacks {', '.join(missing)}, found {', '.join(found.column_names) or 'no columns'}; need the "
            "folder of a run of `lemma-hf score`"
        )
    yield from found.to_pylist()


def read_scores(folder: str | Path) -> dict[str, Any]:
    """The content of `scores.json` of an earlier run.

    Raises:
        DataError: if there is no such file, or it is not one that `write_artifacts` wrote.
    """
    path = Path(folder) / SCORES_FILE
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{path}: is no file of scores ({error}); recipes/score.py writes one") from None
    if not isinstance(found, dict) or not isinstance(found.get("benchmarks"), dict) or not found["benchmarks"]:
        raise DataError(f"{path}: holds no benchmarks; need a file that recipes/score.py wrote")
    return found


def _report_text(results: Sequence[BenchmarkResult], model: str, paper_model: str = "") -> str:
    """The report in Markdown."""
    parts = [f"# {markdown_cell(model)}", _accuracy_table(results), _correction_table(results)]
    parts += [_parts_table(result) for result in results if result.scores.by_subject or result.scores.by_level]
    if paper_model:
        try:
            shares = {result.benchmark: result.scores.pass_at[1].value for result in results if result.is_complete}
            parts.append(f"## Beside the paper\n\n{compare_with_paper(shares, paper_model, model)}")
        except ConfigError as error:
            parts.append(f"## Beside the paper\n\n{error}")
    return "\n\n".join(part for part in parts if part) + "\n"


def _accuracy_table(results: Sequence[BenchmarkResult]) -> str:
    ks = sorted({k for result in results for k in result.scores.pass_at if k > 1})
    votes = sorted({k for result in results for k in result.scores.maj_at})
    head = ["benchmark", "problems", "pass@1 [95 %]", *(f"pass@{k}" for k in ks), *(f"maj@{k}" for k in votes)]
    rows = []
    for result in results:
        found = result.scores
        more = [*(found.pass_at.get(k) for k in ks), *(found.maj_at.get(k) for k in votes)]
        rates = [f"{100 * each.value:.1f} %" for each in (found.no_answer, found.cut_off, found.timeout)]
        cells = [str(found.pass_at[1]), *("–" if each is None else str(each) for each in more)]
        rows.append([markdown_cell(result.benchmark), f"{found.problems:,}", *cells, *rates, f"{found.tokens:.0f}"])
    table = markdown_table([*head, "no answer", "cut off", "timed out", "tokens"], rows)
    return "\n\n".join(["## Accuracy", table, *_gaps(results)])


def _gaps(results: Sequence[BenchmarkResult]) -> list[str]:
    """What is missing in the table: a share of the problems that were answered is no score of a benchmark."""
    lost = {result.benchmark: result.scores.failed_calls for result in results if not result.is_complete}
    if not lost:
        return []
    counts = ", ".join(f"{markdown_cell(name)} {count:,}" for name, count in lost.items())
    return [
        f"**Incomplete.** Calls that got no reply: {counts}. Shares are of the others, and no score of these "
        "benchmarks: run the same command again."
    ]


def _correction_table(results: Sequence[BenchmarkResult]) -> str:
    head = ["benchmark", "reflects", "wrong → right", "right → wrong", "wrong → wrong", "unclear", "before", "after"]
    rows = []
    for result in results:
        found = result.correction
        shares = (found.reflected, found.fixed, found.broken, found.kept_wrong, found.unclear)
        cells = [*(str(share) for share in shares), str(found.before), str(found.after)]
        spent = "–" if found.tokens_spent is None else f"{found.tokens_spent:.0f}"
        rows.append([markdown_cell(result.benchmark), *cells, spent])
    note = (
        "Shares of all outputs. *before* and *after*: right first and right final answers of those that turn and had "
        "claimed an answer; *tokens*: mean behind the first turn."
    )
    return f"## Self-correction\n\n{markdown_table([*head, 'tokens'], rows)}\n\n{note}"


def _parts_table(result: BenchmarkResult) -> str:
    parts = [*result.scores.by_subject.items(), *result.scores.by_level.items()]
    rows = [[markdown_cell(name), str(each.total), str(each)] for name, each in parts]
    return f"## {result.benchmark} by subject and level\n\n" + markdown_table(
        ["part", "problems", "pass@1 [95 %]"], rows
    )


def _write_items(path: Path, results: Sequence[BenchmarkResult]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [row for result in results for row in result.rows()]
    text, whole = pa.string(), pa.int64()
    kinds = {"finished": pa.bool_(), "tokens": whole, "tokens_spent": pa.float64()}
    kinds |= {"turns": pa.list_(whole), "span_ends": pa.list_(whole), "span_kinds": pa.list_(text)}
    names = list(rows[0]) if rows else ["benchmark", "id"]
    schema = pa.schema([(name, kinds.get(name, text)) for name in names])
    pq.write_table(pa.Table.from_pylist([_storable(row) for row in rows], schema=schema), path, compression="zstd")


def _storable(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row without lone surrogates, which Parquet cannot hold."""
    return {
        name: value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value
        for name, value in row.items()
    }


def _write_results_files(
    folder: Path, results: Sequence[BenchmarkResult], settings: Mapping[str, Any], date: str | None
) -> list[Path]:
    import yaml
    from huggingface_hub import EvalResultEntry, eval_result_entries_to_yaml

    written = []
    for stale in folder.glob("*.yaml"):  # of an earlier run in the same place
        stale.unlink()
    for result in results:
        identity, config, revision = result.dataset
        if not identity or not result.is_complete:
            continue  # the Hub's files name a dataset of the Hub, and hold the score of all of it
        entry = EvalResultEntry(
            dataset_id=identity,
            task_id=config or "default",
            value=round(100 * result.scores.pass_at[1].value, 2),
            dataset_revision=revision or None,
            date=date,
            notes=_note(result, settings),
        )
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{result.benchmark}.yaml"
        write_text(path, yaml.safe_dump(eval_result_entries_to_yaml([entry]), sort_keys=False))
        written.append(path)
    return written


def _note(result: BenchmarkResult, settings: Mapping[str, Any]) -> str:
    found = result.scores.pass_at[1]
    low, high = (f"{100 * end:.1f}" for end in found.interval)
    style = settings.get("prompt_style")
    return ", ".join(
        [
            f"pass@1 of {found.total} problems in percent (95 % interval {low} to {high})",
            f"{result.scores.samples[1]} samples a problem",
            *([f"prompt style {style}"] if style else []),
            f"graded by lemma-hf {installed_version('lemma-hf')}, policy {result.policy}",
        ]
    )
