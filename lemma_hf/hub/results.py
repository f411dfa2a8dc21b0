"""What of a scored run goes beside a model? The Hub's results files, a section of the card, and the pictures.

A score of a dataset of the Hub stands in all three: `.eval_results/`, which the model's page and the benchmark's
leaderboard read, `model-index` in the card's front matter for older readers, and the table. A score of a file, of the
made-up world or of a sample of a benchmark stands in the table alone: there is no dataset on the Hub to name.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lemma_hf.errors import DataError
from lemma_hf.evaluation import BENCHMARKS, read_scores
from lemma_hf.evaluation.artifacts import HUB_FOLDER
from lemma_hf.hub.artifact import File

HEADING = "## Evaluation"
PICTURES = {
    "accuracy.png": "right answers with their 95 % intervals",
    "first_final.png": "first answers against final answers, of the outputs that turn",
    "error_types.png": "kinds of mistakes in the wrong outputs",
}
"""Of a scored run, with what they show."""
_PLACE = "evaluation"
OWNED = (*(f"{HUB_FOLDER}/{name}.yaml" for name in BENCHMARKS), *(f"{_PLACE}/{name}" for name in PICTURES))
"""What an earlier publish may have left. Other files of `.eval_results` are other people's, and stay."""


@dataclass(frozen=True, slots=True)
class Results:
    """A scored run, as it goes beside a model."""

    files: tuple[File, ...]
    section: str
    """Of the card."""
    index: tuple[Any, ...]
    """`huggingface_hub.EvalResult`, for `model-index`."""
    left_out: Mapping[str, str]
    style: str
    """The prompt style by which questions were put; empty where it is not known."""


def read_results(folder: str | Path) -> Results:
    """The scored run in a folder that `recipes/score.py` wrote.

    Raises:
        DataError: if it is none, or if a results file is not in the Hub's format.
    """
    place = Path(folder)
    scores = read_scores(place)
    try:
        table, index = _section(scores, place), tuple(_index(scores))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise DataError(
            f"{place}: scores.json is not as this version of lemma-hf writes it ({error!r}); score again"
        ) from None
    results = sorted(place.glob(f"{HUB_FOLDER}/*.yaml"))
    _check(results)
    pictures = [place / name for name in PICTURES if (place / name).is_file()]
    files = [File(f"{HUB_FOLDER}/{path.name}", path) for path in results]
    files += [File(f"{_PLACE}/{path.name}", path) for path in pictures]
    return Results(
        files=tuple(files),
        section=table,
        index=index,
        left_out=dict(_left_out(place, {*results, *pictures})),
        style=str(scores.get("settings", {}).get("prompt_style", "")),
    )


def results_head(results: Results, name: str) -> dict[str, Any]:
    """What the results add to the card's front matter.

    Args:
        name: of the model, in the index.
    """
    from huggingface_hub.repocard_data import eval_results_to_model_index

    return {"model-index": eval_results_to_model_index(name, list(results.index))} if results.index else {}


def _check(paths: Iterable[Path]) -> None:
    import yaml
    from huggingface_hub import parse_eval_result_entries

    for path in paths:
        try:
            entries = parse_eval_result_entries(yaml.safe_load(path.read_text("utf-8")))
            good = all(0 <= entry.value <= 100 for entry in entries)
        except (yaml.YAMLError, OSError, KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise DataError(f"{path}: is not in the Hub's format of results ({error!r}); score again") from None
        if not entries or not good:
            raise DataError(f"{path}: holds {'a value that is no percentage' if entries else 'nothing'}; score again")


def _left_out(place: Path, taken: set[Path]) -> Iterator[tuple[str, str]]:
    why = {
        "items.parquet": "every output; publish it as a dataset if it is to be read",
        "scores.json": "its figures are on the card; its settings name places of this machine",
        "report.md": "its figures are on the card",
    }
    for path in sorted(place.iterdir()):
        if path not in taken and path.name != HUB_FOLDER:
            yield f"{place.name}/{path.name}", why.get(path.name, "no part of the results")


def _index(scores: Mapping[str, Any]) -> Iterator[Any]:
    from huggingface_hub import EvalResult

    for name, found in scores["benchmarks"].items():
        dataset = found["dataset"]
        if not dataset["id"]:
            continue
        for metric in [key for key in found["scores"] if key.startswith(("pass@", "maj@"))]:
            yield EvalResult(
                task_type="text-generation",
                dataset_type=str(dataset["id"]),
                dataset_name=str(name),
                dataset_config=str(dataset["config"]) or None,
                dataset_revision=str(dataset["revision"]) or None,
                metric_type="accuracy",
                metric_name=metric,
                metric_value=round(100 * float(found["scores"][metric]["value"]), 2),
            )


def _section(scores: Mapping[str, Any], place: Path) -> str:
    benchmarks: Mapping[str, Any] = scores["benchmarks"]
    metrics = list(dict.fromkeys(key for found in benchmarks.values() for key in _metrics(found["scores"])))
    head = ["benchmark", "from", "problems", *(f"{metric} [95 %]" for metric in metrics), "no answer", "cut off"]
    rows = [
        [
            _cell(name),
            _origin(name, found["dataset"]),
            f"{int(found['scores']['problems']):,}",
            *(_share(found["scores"].get(metric)) for metric in metrics),
            *(_percent(found["scores"][rate]) for rate in ("no_answer", "cut_off")),
        ]
        for name, found in benchmarks.items()
    ]
    parts = [HEADING, _how(scores), _table(head, rows), _corrections(benchmarks)]
    if not all(found["dataset"]["id"] for found in benchmarks.values()):
        parts.append(
            f"Scores without a dataset on the Hub (a file, a sample, the made-up world) stand in this table alone, and "
            f"not in `{HUB_FOLDER}`."
        )
    parts += [f"![{words}]({_PLACE}/{name})" for name, words in PICTURES.items() if (place / name).is_file()]
    return "\n\n".join(parts)


def _how(scores: Mapping[str, Any]) -> str:
    settings, versions = scores["settings"], scores["versions"]
    samples, temperature = int(settings["samples"]), float(settings["temperature"])
    drawn = f"at temperature {temperature:g}" if temperature else "greedy"
    shots = int(settings["shots"])
    asked = "worked examples as in the paper" if shots < 0 else f"{shots} worked examples"
    date = f" on {_cell(str(scores['date']))[:10]}" if scores.get("date") else ""
    return (
        f"Scored as `{_cell(str(scores['model']))}`{date}: prompt style `{_cell(str(settings['prompt_style']))}`, "
        f"{asked}, {samples} {'sample' if samples == 1 else 'samples'} a problem, {drawn}, at most "
        f"{int(settings['max_new_tokens']):,} tokens. Graded by lemma-hf {_cell(str(versions['lemma-hf']))} "
        f"(latex2sympy2_extended {_cell(str(versions['latex2sympy2_extended']))}); transformers "
        f"{_cell(str(versions['transformers']))}, torch {_cell(str(versions['torch']))}."
    )


def _corrections(benchmarks: Mapping[str, Any]) -> str:
    head = ["self-correction", "reflects", "wrong → right", "right → wrong", "right before", "right after"]
    names = ("reflected", "fixed", "broken", "before", "after")
    rows = [
        [_cell(name), *(_share(found["self_correction"][each]) for each in names)] for name, found in benchmarks.items()
    ]
    note = "Shares of all outputs; *before* and *after* are of those that turn and had claimed an answer."
    return f"{_table(head, rows)}\n\n{note}"


def _metrics(scores: Mapping[str, Any]) -> list[str]:
    return [key for key in scores if key.startswith(("pass@", "maj@"))]


def _origin(name: str, dataset: Mapping[str, Any]) -> str:
    if dataset["id"]:
        identity, config = _cell(str(dataset["id"])), _cell(str(dataset["config"]))
        at = f" at `{_cell(str(dataset['revision']))[:8]}`" if dataset["revision"] else ""
        return f"[{identity}](https://huggingface.co/datasets/{identity}){f' ({config})' if config else ''}{at}"
    return "the made-up world" if name.startswith("world/") else "not from the Hub"


def _share(value: Mapping[str, Any] | None) -> str:
    if not value or not value["total"]:
        return "–"
    low, high = value["ci95"]
    return f"{100 * float(value['value']):.1f} % [{100 * float(low):.1f}, {100 * float(high):.1f}]"


def _percent(value: Mapping[str, Any]) -> str:
    return f"{100 * float(value['value']):.1f} %"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([f"| {' | '.join(head)} |", f"|---|{'--:|' * (len(head) - 1)}", *lines])


def _cell(text: str) -> str:
    """Text from a file as it may stand in a table: one line, no markup."""
    plain = " ".join(text.split())[:200]
    for sign, written in (("&", "&amp;"), ("<", "&lt;"), ("|", "\\|"), ("`", "'")):
        plain = plain.replace(sign, written)
    return plain
