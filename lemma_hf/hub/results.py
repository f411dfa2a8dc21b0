"""Files of a scored run for a model's repository: the Hub's results files, a section of the card, and the pictures.

A score of a dataset of the Hub stands in all three: `.eval_results/`, which the model's page and the benchmark's
leaderboard read, `model-index` in the card's front matter for older readers, and the table. A score of a file, of the
made-up world or of a sample of a benchmark stands in the table alone: there is no dataset on the Hub to name.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lemma_hf.errors import DataError
from lemma_hf.evaluation import BENCHMARKS, HUB_FOLDER, SCORES_FILE, read_scores
from lemma_hf.hub.artifact import File
from lemma_hf.hub.eval_results import read_eval_results
from lemma_hf.utils.markdown import markdown_table

_HEADING = "## Evaluation"
BEGINNING = f"{_HEADING}\n\nScored as `"
"""Beginning of our section of the card; one that begins otherwise is a person's."""
_PICTURES = {
    "accuracy.png": "right answers with their 95 % intervals",
    "first_final.png": "first answers against final answers, of the outputs that turn",
    "error_types.png": "kinds of mistakes in the wrong outputs",
}
"""Of a scored run, with what they show."""
_PLACE = "evaluation"
_METRIC = re.compile(r"(?:pass|maj)@[1-9]\d{0,5}")  # "maj@8"
_DATASET = re.compile(r"[\w.-]+/[\w.-]+")  # "openai/gsm8k"
_WORD = re.compile(r"[\w.-]*")  # "main", and the empty text
_DATE = re.compile(r"\d{4}-\d\d-\d\d")  # "2026-11-28", with which "2026-11-28T20:30:00+00:00" begins
_LARGEST = 50 * 2**20
"""Bytes of a file of results: figures of all benchmarks are below one MB, so a larger file is something else."""
_MOST = 10**12
"""Problems, tokens or samples: a larger number is no real count."""
RESULT_FILES = (*(f"{HUB_FOLDER}/{name}.yaml" for name in BENCHMARKS), *(f"{_PLACE}/{name}" for name in _PICTURES))
"""Files that an earlier publish may have written. Other files of `.eval_results` belong to other people, and stay."""


@dataclass(frozen=True, slots=True)
class Results:
    """A scored run, in the form in which it is published with a model."""

    files: tuple[File, ...]
    section: str
    """Of the card."""
    index: tuple[Any, ...]
    """`huggingface_hub.EvalResult`, for `model-index`."""
    left_out: Mapping[str, str]
    style: str
    """The prompt style of the run; empty where it is not known."""


def read_results(folder: str | Path) -> Results:
    """Read the scored run in a folder that `recipes/score.py` wrote.

    Benchmarks of which some calls got no reply are left out: the shares of the others are no score.

    Raises:
        DataError: if it is none, if no benchmark is complete, or if a results file is not in the Hub's format.
    """
    place = Path(folder)
    _bound(place / SCORES_FILE)
    scores = read_scores(place)
    try:
        lost = {name: _lost(found) for name, found in scores["benchmarks"].items()}
        scores = scores | {"benchmarks": {name: scores["benchmarks"][name] for name in lost if not lost[name]}}
        if not scores["benchmarks"]:
            raise DataError(f"{place}: every benchmark has calls that got no reply; run score.py once more, as before")
        table, index = _section(scores, place), tuple(_index(scores))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
        raise DataError(
            f"{place}: {SCORES_FILE} is not as this version of lemma-hf writes it ({repr(error)[:200]}); score again"
        ) from None
    results = sorted(place.glob(f"{HUB_FOLDER}/*.yaml"))
    _check(results)
    pictures = [place / name for name in _PICTURES if (place / name).is_file()]
    files = [File(f"{HUB_FOLDER}/{path.name}", path) for path in results]
    files += [File(f"{_PLACE}/{path.name}", path) for path in pictures]
    return Results(
        files=tuple(files),
        section=table,
        index=index,
        left_out=dict(_left_out(place, {*results, *pictures}))
        | {_cell(name): f"{count:,} calls got no reply; score it again" for name, count in lost.items() if count},
        style=str(scores.get("settings", {}).get("prompt_style", "")),
    )


def results_head(results: Results, name: str) -> dict[str, Any]:
    """Entries that the results add to the card's front matter.

    Args:
        name: of the model, in the index.
    """
    from huggingface_hub.repocard_data import eval_results_to_model_index

    return {"model-index": eval_results_to_model_index(name, list(results.index))} if results.index else {}


def _lost(found: Mapping[str, Any]) -> int:
    """Calls of a benchmark that got no reply."""
    return _count(found["scores"].get("failed_calls", 0))


def _bound(path: Path) -> None:
    if path.is_file() and path.stat().st_size > _LARGEST:
        raise DataError(f"{path}: has more than {_LARGEST:,} bytes, so it is no file of scores; score again")


def _check(paths: Iterable[Path]) -> None:
    for path in paths:
        _bound(path)
        try:
            text = path.read_text("utf-8")
        except (OSError, ValueError) as error:
            raise DataError(f"{path}: cannot be read ({error}); score again") from None
        read_eval_results(text, str(path))


def _left_out(place: Path, taken: set[Path]) -> Iterator[tuple[str, str]]:
    why = {
        "items.parquet": "every output; publish it as a dataset if it is to be read",
        "scores.json": "its figures are on the card; its settings name places of this machine",
        "report.md": "its figures are on the card",
        "replies.sqlite": "what the model was asked and wrote, so that a run goes on",
    }
    for path in sorted(place.iterdir()):
        if path not in taken and path.name != HUB_FOLDER:
            yield f"{place.resolve().name}/{path.name}", why.get(path.name, "no part of the results")


def _index(scores: Mapping[str, Any]) -> Iterator[Any]:
    from huggingface_hub import EvalResult

    for name, found in scores["benchmarks"].items():
        identity, config, revision = _dataset(found["dataset"])
        if not identity:
            continue
        for metric in _metrics(found["scores"]):
            yield EvalResult(
                task_type="text-generation",
                dataset_type=identity,
                dataset_name=name[:200],
                dataset_config=config or None,
                dataset_revision=revision or None,
                metric_type="accuracy",
                metric_name=metric,
                metric_value=round(100 * _fraction(found["scores"][metric]["value"]), 2),
            )


def _section(scores: Mapping[str, Any], place: Path) -> str:
    benchmarks: Mapping[str, Any] = scores["benchmarks"]
    metrics = list(dict.fromkeys(key for found in benchmarks.values() for key in _metrics(found["scores"])))
    head = ["benchmark", "from", "problems", *(f"{metric} [95 %]" for metric in metrics), "no answer", "cut off"]
    elsewhere = [name for name, found in benchmarks.items() if not _dataset(found["dataset"])[0]]
    rows = [
        [
            _cell(name),
            _origin(name, found["dataset"]),
            f"{_count(found['scores']['problems']):,}",
            *(_share(found["scores"].get(metric)) for metric in metrics),
            *(_percent(found["scores"][rate]) for rate in ("no_answer", "cut_off")),
        ]
        for name, found in benchmarks.items()
    ]
    parts = [_how(scores), markdown_table(head, rows), _read_as(metrics, elsewhere), _corrections(benchmarks)]
    parts += [f"![{words}]({_PLACE}/{name})" for name, words in _PICTURES.items() if (place / name).is_file()]
    return "\n\n".join(parts)


def _how(scores: Mapping[str, Any]) -> str:
    settings, versions = scores["settings"], scores["versions"]
    samples, temperature = _count(settings["samples"]), float(settings["temperature"])
    drawn = f"at temperature {temperature:g}" if temperature else "greedy"
    shots = int(settings["shots"])
    asked = "worked examples as in the paper" if shots < 0 else _counted(shots, "worked example")
    date = _DATE.match(str(scores.get("date")))
    return (
        f"{BEGINNING}{_code(scores['model'])}`{f' on {date[0]}' if date else ''}: prompt style "
        f"`{_code(settings['prompt_style'])}`, {asked}, {_counted(samples, 'sample')} a problem, {drawn}, at most "
        f"{_count(settings['max_new_tokens']):,} tokens. Graded by lemma-hf {_cell(str(versions['lemma-hf']))} "
        f"(latex2sympy2_extended {_cell(str(versions['latex2sympy2_extended']))}); transformers "
        f"{_cell(str(versions['transformers']))}, torch {_cell(str(versions['torch']))}."
    )


def _read_as(metrics: Sequence[str], elsewhere: Sequence[str]) -> str:
    """Explain the table, as far as its figures need it."""
    parts = ["Brackets hold 95 % intervals."]
    if any(not metric.endswith("@1") for metric in metrics):
        parts.append(
            "*pass@k*: one of k samples is right, and pass@1 is the accuracy; *maj@k*: the answer that most of k "
            "samples give is right."
        )
    if elsewhere:
        parts.append(
            f"Scores without a dataset on the Hub ({', '.join(_cell(name) for name in elsewhere)}) stand in this table "
            f"alone, and not in `{HUB_FOLDER}`."
        )
    return " ".join(parts)


def _corrections(benchmarks: Mapping[str, Any]) -> str:
    head = ["self-correction", "reflects", "wrong → right", "right → wrong", "right before", "right after"]
    names = ("reflected", "fixed", "broken", "before", "after")
    rows = [
        [_cell(name), *(_share(found["self_correction"][each]) for each in names)] for name, found in benchmarks.items()
    ]
    note = (
        "Shares of all outputs. An output *reflects* where it turns on a mistake of its own; *right before* and *right "
        "after* are shares of those that do and had claimed an answer before."
    )
    return f"{markdown_table(head, rows)}\n\n{note}"


def _metrics(scores: Mapping[str, Any]) -> list[str]:
    return [key for key in scores if _METRIC.fullmatch(key)]


def _dataset(said: Mapping[str, Any]) -> tuple[str, str, str]:
    """Read id on the Hub, config and revision; they become a link, so each must be a plain name."""
    identity, config, revision = (str(said[key] or "") for key in ("id", "config", "revision"))
    if (identity and not _DATASET.fullmatch(identity)) or not (_WORD.fullmatch(config) and _WORD.fullmatch(revision)):
        raise ValueError(f"{identity[:50]!r}, {config[:50]!r}, {revision[:50]!r} name no dataset of the Hub")
    return identity, config, revision


def _origin(name: str, dataset: Mapping[str, Any]) -> str:
    identity, config, revision = _dataset(dataset)
    if identity:
        at = f" at `{revision[:8]}`" if revision else ""
        return f"[{identity}](https://huggingface.co/datasets/{identity}){f' ({config})' if config else ''}{at}"
    return "the made-up world" if name.startswith("world/") else "not from the Hub"


def _share(value: Mapping[str, Any] | None) -> str:
    if not value or not value["total"]:
        return "–"
    low, high = (_fraction(end) for end in value["ci95"])
    return f"{_percent(value)} [{100 * low:.1f}, {100 * high:.1f}]"


def _percent(value: Mapping[str, Any]) -> str:
    return f"{100 * _fraction(value['value']):.1f} %"


def _fraction(value: Any) -> float:
    """Read a share between 0 and 1; JSON that Python wrote may hold NaN."""
    if not 0 <= float(value) <= 1:
        raise ValueError(f"{str(value)[:50]} is no share between 0 and 1")
    return float(value)


def _count(value: Any) -> int:
    if not 0 <= int(value) <= _MOST:
        raise ValueError(f"{str(value)[:50]} is no count")
    return int(value)


def _counted(number: int, noun: str) -> str:
    return f"{_count(number)} {noun}{'' if number == 1 else 's'}"


def _cell(text: str) -> str:
    """Escape text from a file for a table: one line, no markup."""
    plain = _line(text).replace("&", "&amp;").replace("\\", "&#92;").replace("<", "&lt;")
    return re.sub(r"([\[\]|*~])", r"\\\1", plain)  # "a|b" gives a\|b


def _code(text: Any) -> str:
    """Clean text from a file for use between backticks, where no sign can be escaped."""
    return _line(str(text)).replace("<", "‹") or "?"


def _line(text: str) -> str:
    return " ".join(text.split())[:200].replace("`", "'")
