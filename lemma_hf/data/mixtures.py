"""Mixtures of trajectories and right solutions, in a stated share, drawn by a seed, every row accounted for.

A model that only ever sees solutions with a mistake in them learns to doubt right ones too. RLERR's best mix
(arXiv 2601.12720) is two rows from wrong to right for one from right to right: a share of 1/3.

TRL mixes datasets as well (`trl.scripts.utils.get_dataset`, its `fraction` is our share), but takes the first rows of
each, and where one dataset is too small it silently takes fewer of the other. Here all trajectories stay, the right
rows are drawn at random, and too few of them are an error.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lemma_hf.data.conversations import RowForm, form_of, read_exchange
from lemma_hf.errors import ConfigError, DataError
from lemma_hf.prompts import PromptStyle

_SPANS = ("span_kinds", "span_ends", "error_types", "error_strategies", "error_starts")
_ROW_WEIGHT = "loss_weight"
"""A column of the trajectories that stays; right rows get a 1 there."""


@dataclass(frozen=True, slots=True)
class Mixture:
    """The mixed rows, and where they come from."""

    rows: Any
    """A `datasets.Dataset` with `prompt`, `completion` and the columns of spans and errors that the trainer reads; in a
    right row these are empty."""
    trajectories: int
    right: int
    found: int
    """Right rows there were to draw from."""
    empty: int
    """Right rows that could not be used, since their question or solution is empty."""
    repeated: int
    """Right rows that could not be used, since the same question and solution stood above."""

    def __str__(self) -> str:
        unused = f"{self.empty:,} empty and {self.repeated:,} repeated ones left out"
        return (
            f"mixture: {self.trajectories:,} trajectories and {self.right:,} right solutions "
            f"({self.right / (self.right + self.trajectories):.1%}), drawn from {self.found:,}; {unused}"
        )


def mix(
    trajectories: Any, right: Any, *, share: float, columns: Mapping[str, str], style: PromptStyle, seed: int
) -> Mixture:
    """All trajectories, and as many right solutions as make `share` of the whole.

    Args:
        trajectories: a `datasets.Dataset` of rows with `prompt` and `completion`.
        right: a `datasets.Dataset` of right solutions: with `prompt` and `completion`, in one of the other forms of
            `lemma_hf.data.conversations`, or, if `columns` says so, with a question and a solution.
        share: of the right rows among all, above 0 and below 1.
        columns: which columns are the `question` and the `solution`; empty for rows with a prompt.
        style: in which questions are put; those of the trajectories should be put in the same.

    Raises:
        ConfigError: if the share or the columns make no sense.
        DataError: if columns are missing, right rows have errors in them, or there are too few.
    """
    from datasets import concatenate_datasets

    if not 0 < share < 1:
        raise ConfigError(f"mix_share is {share}, but it is the share of right rows among all: above 0 and below 1")
    _need(trajectories, ("prompt", "completion"), "the trajectories")
    usable, empty, repeated = _usable(_texts(right, columns, style))
    wanted = round(len(trajectories) * share / (1 - share))
    if wanted > len(usable):
        possible = len(usable) / (len(usable) + len(trajectories))
        raise DataError(
            f"a share of {share:.3g} with {len(trajectories):,} trajectories needs {wanted:,} right solutions, but "
            f"there are {len(usable):,} ({len(right):,} rows, {empty:,} of them empty, {repeated:,} repeated): set "
            f"mix_share to {possible:.3f} or less, take fewer trajectories (dataset_train_split: train[:50%]), or add "
            "rows"
        )
    drawn = random.Random(seed).sample(usable, wanted)
    more = (name for name in (*_SPANS, _ROW_WEIGHT) if name in trajectories.features)
    kept = trajectories.select_columns(["prompt", "completion", *more])
    rows = concatenate_datasets([kept, _as_rows(drawn, kept.features)])
    return Mixture(rows, len(trajectories), wanted, len(right), empty, repeated)


def read_columns(pairs: Sequence[str]) -> dict[str, str]:
    """`["question=query", "solution=response"]` as a mapping; an empty list as an empty one.

    Raises:
        ConfigError: if it says anything else.
    """
    found = dict(pair.partition("=")[::2] for pair in pairs)
    if found and (set(found) != {"question", "solution"} or not all(found.values())):
        raise ConfigError(
            f"mix_columns is {list(pairs)}: need `question=COLUMN` and `solution=COLUMN`, or nothing where the rows "
            "have prompt and completion"
        )
    return found


def _texts(right: Any, columns: Mapping[str, str], style: PromptStyle) -> list[tuple[str, str]]:
    """Prompt and completion of every row; two empty texts where one is missing."""
    if not columns and _is_exchange(right):
        pairs = _exchanges(right)
        return [(style.prompt(q), style.completion(a)) if q.strip() and a.strip() else ("", "") for q, a in pairs]
    names = (columns["question"], columns["solution"]) if columns else ("prompt", "completion")
    _need(right, names, "the rows to mix in")
    if not columns and "span_kinds" in right.features:
        raise DataError(
            "the rows to mix in have spans, so they are trajectories, whose errors would be trained on as if they "
            "were right: name the columns of right solutions, mix_columns: [question=problem, "
            "solution=reference_solution] for the dataset `lemma`"
        )
    pairs = list(zip(*(right[name][:] for name in names), strict=True))
    for number, pair in enumerate(pairs):
        if not all(text is None or isinstance(text, str) for text in pair):
            raise DataError(f"the rows to mix in, row {number}: {' and '.join(names)} have to be text")
    pairs = [pair if all(text and text.strip() for text in pair) else ("", "") for pair in pairs]
    if not columns:
        return pairs
    return [(style.prompt(question), style.completion(text)) if text else ("", "") for question, text in pairs]


def _is_exchange(right: Any) -> bool:
    """Whether rows hold question and answer in a known form; prompts and completions of plain text stay as is."""
    form = form_of(right.features)
    if form is RowForm.PROMPT_COMPLETION:
        return bool(len(right)) and any(isinstance(right[0][name], list) for name in ("prompt", "completion"))
    return form is not None


def _exchanges(right: Any) -> list[tuple[str, str]]:
    """The question and the answer of every row; one of them is empty where the row lacks it."""
    pairs = []
    for number, row in enumerate(right, 1):
        try:
            exchange = read_exchange(row)
        except DataError as error:
            raise DataError(f"the rows to mix in, row {number}, {error}") from None
        pairs.append((exchange.asked, exchange.output))
    return pairs


def _usable(texts: Sequence[tuple[str, str]]) -> tuple[list[tuple[str, str]], int, int]:
    """The different rows that hold text, in their order; how many hold none; and how many are repetitions."""
    full = [pair for pair in texts if all(pair)]
    different = list(dict.fromkeys(full))
    return different, len(texts) - len(full), len(full) - len(different)


def _as_rows(texts: Sequence[tuple[str, str]], features: Any) -> Any:
    from datasets import Dataset

    columns: dict[str, list[Any]] = {name: [[] for _ in texts] for name in features if name in _SPANS}
    columns |= {_ROW_WEIGHT: [1] * len(texts)}
    columns |= {"prompt": [prompt for prompt, _ in texts], "completion": [text for _, text in texts]}
    return Dataset.from_dict({name: columns[name] for name in features}, features=features)


def _need(rows: Any, names: Sequence[str], what: str) -> None:
    missing = [name for name in names if name not in rows.features]
    if missing:
        raise DataError(
            f"{what} have no column {' and no '.join(missing)}; they have {', '.join(rows.features)}"
            + ("; say which hold the texts: mix_columns: [question=COLUMN, solution=COLUMN]" if "mix" in what else "")
        )
