"""Files of a dataset's folder for its repository: rows, card, picture, settings and counts, all checked.

The folder is one that `recipes/make_dataset.py` (or `lemma_hf.data.write_folder`) wrote. The same folder gives the same
bytes, so that a second push finds nothing to do.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lemma_hf.data.card import DATASET_TAG, PLACEHOLDER
from lemma_hf.data.folder import EXPORTS, KINDS, STRATEGY_CONFIGS
from lemma_hf.data.rows import features
from lemma_hf.errors import DataError
from lemma_hf.hub.artifact import CARD, Artifact, File, RepoKind
from lemma_hf.hub.exports import export_files
from lemma_hf.hub.front_matter import read_head, split_head
from lemma_hf.hub.picture import error_picture

PICTURE = "error_types.png"
_BESIDE = ("funnel.json", "settings.json")
_LABELS = ("error_types", "error_strategies")
_BEHIND = "\n\n| error type | errors |\n"
"""The table of the card before which the picture is placed."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """Parquet files of a dataset, with the counts of their rows and errors."""

    files: Sequence[Path]
    counts: Mapping[tuple[str, str], int]
    """Of rows, by the folder of a kind and the split."""
    errors: Counter[tuple[str, str]]
    """By type and strategy."""


def dataset_artifact(folder: str | Path, repo_id: str) -> Artifact:
    """Make the artifact of a dataset from its folder.

    Args:
        folder: as `recipes/make_dataset.py` writes it.
        repo_id: OWNER/NAME; the card's snippets load it by this name.

    Raises:
        DataError: if the folder is none of ours, has no rows, has files that cannot be read or other columns than ours,
            or holds more or fewer rows than its card says.

    Example:
        >>> import lemma_hf
        >>> artifact = dataset_artifact(lemma_hf.DATASET_DIR, "me/lemma")
        >>> len([file for file in artifact.files if file.path.endswith(".parquet")])
        6
    """
    place = Path(folder)
    text = _card_of(place)
    rows = _read_rows(place)
    _check_counts(place, text, rows)
    picture = error_picture(rows.errors)
    paths = [*rows.files, *export_files(place), *(place / name for name in _BESIDE if (place / name).is_file())]
    files = [File(path.relative_to(place).as_posix(), path) for path in paths]
    if picture is not None:
        text = text.replace(_BEHIND, f"\n\n![{_words(rows.errors)}]({PICTURE}){_BEHIND}", 1)
        files.append(File(PICTURE, picture))
    return Artifact(
        kind=RepoKind.DATASET,
        repo_id=repo_id,
        files=tuple(files),
        card=text.replace(PLACEHOLDER, repo_id),
        owned=(
            *(f"{kind}/*-?????-of-?????.parquet" for kind in (*KINDS, f"{EXPORTS}/*")),
            *(() if rows.errors else (PICTURE,)),
        ),
        left_out=dict(_left_out(place, {place / CARD, *paths})),
    )


def _card_of(place: Path) -> str:
    try:
        text = (place / CARD).read_text("utf-8")
    except (OSError, ValueError) as error:
        found = "no such folder" if not place.is_dir() else f"no README.md that can be read ({error})"
        raise DataError(
            f"{place}: {found}; make a dataset with `lemma-hf make-dataset`, or write trajectories of your own with "
            "lemma_hf.data.write_folder"
        ) from None
    tags = read_head(split_head(text)[0], f"{place / CARD}").get("tags")
    if not isinstance(tags, list) or DATASET_TAG not in tags:
        raise DataError(
            f"{place}: was not written by lemma-hf (its card has no tag {DATASET_TAG}). Rows in our columns become "
            "such a folder through row_to_trajectory and write_folder of lemma_hf.data; another dataset is pushed with "
            "its own `push_to_hub`"
        )
    return text


def _read_rows(place: Path) -> _Rows:
    files = sorted(path for kind in KINDS for path in (place / kind).glob("*.parquet"))
    counts: Counter[tuple[str, str]] = Counter()
    errors: Counter[tuple[str, str]] = Counter()
    for path in files:
        for batch in _batches(path):
            counts[path.parent.name, _split_of(path)] += batch.num_rows
            errors.update(_errors(path, batch))
    if not counts.total():
        raise DataError(f"{place}: there are no rows in it; see the counts of what was dropped when it was made")
    return _Rows(files, counts, errors)


def _split_of(path: Path) -> str:
    """The split of a file: `train-00000-of-00001.parquet` gives `train`."""
    return re.split(r"-\d", path.name)[0]


def _batches(path: Path) -> Iterator[Any]:
    """Read the rows of a file with all columns: a broken page or text that is no UTF-8 is found only by reading it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            _check_columns(path, file.schema_arrow)
            for batch in file.iter_batches():
                batch.validate(full=True)
                yield batch
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{path}: cannot be read as Parquet ({error}); make the dataset again") from None


def _check_columns(path: Path, found: Any) -> None:
    due = features().arrow_schema
    if [(each.name, each.type) for each in found] != [(each.name, each.type) for each in due]:
        missing = [each.name for each in due if each.name not in found.names]
        raise DataError(
            f"{path}: its columns are not ours ({'missing: ' + ', '.join(missing) if missing else found.names}); "
            "make the dataset again with this version of lemma-hf"
        )


def _errors(path: Path, batch: Any) -> Iterator[tuple[str, str]]:
    """Pair the type and the strategy of each error."""
    types, strategies = (features()[name].feature.names for name in _LABELS)
    for row in batch.select(_LABELS).to_pylist():
        try:
            pairs = zip(*(row[name] or () for name in _LABELS), strict=True)
            yield from [(_label(types, type_), _label(strategies, strategy)) for type_, strategy in pairs]
        except (IndexError, ValueError):
            found = ", ".join(f"`{name}` {row[name]!r:.60}" for name in _LABELS)
            raise DataError(
                f"{path}: a row has unknown labels, or not as many types as strategies ({found}); make "
                "the dataset again"
            ) from None


def _check_counts(place: Path, card: str, rows: _Rows) -> None:
    """Check the rows against `dataset_info`: loading fails on another count, and skips rows that no config names."""
    there: Counter[tuple[str, str]] = Counter()
    for (kind, split), count in rows.counts.items():
        for name in {"default", kind} & {"default", *STRATEGY_CONFIGS}:
            there[name, split] += count
    there += _count_exports(place)
    said = _promised(read_head(split_head(card)[0], f"{place / CARD}"))
    for name, split in sorted({*there, *said}):
        promised, found = said.get((name, split)), there[name, split]
        if promised != found:
            rows_said = "no number of rows" if promised is None else f"{promised:,} rows"
            raise DataError(
                f"{place}: its card promises {rows_said} of {name}/{split}, and there are {found:,}; files were lost "
                "or added, or the card was edited: make the dataset again"
            )


def _count_exports(place: Path) -> Counter[tuple[str, str]]:
    """Rows of the exports, by config and split."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    counts: Counter[tuple[str, str]] = Counter()
    for path in export_files(place):
        try:
            counts[path.parent.name, _split_of(path)] += pq.read_metadata(path).num_rows
        except (pa.ArrowException, OSError) as error:
            raise DataError(f"{path}: cannot be read as Parquet ({error}); export it again") from None
    return counts


def _promised(head: Mapping[str, Any]) -> dict[tuple[str, str], int]:
    """Number of rows in the card, by config and split, for the configs that `datasets` will find."""
    named = [each.get("config_name") for each in _mappings(head.get("configs"))]
    return {
        (str(info.get("config_name")), str(split.get("name"))): split["num_examples"]
        for info in _mappings(head.get("dataset_info"))
        if info.get("config_name") in named
        for split in _mappings(info.get("splits"))
        if isinstance(split.get("num_examples"), int)
    }


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    """Keep the mappings of a value that should be a list of them, but may have been edited by hand."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _label(names: Sequence[str], index: int | None) -> str:
    return "not given" if index is None or index < 0 else names[index]


def _words(errors: Mapping[tuple[str, str], int]) -> str:
    """Describe the picture in words, as the alternative text for readers who cannot see it."""
    types = Counter[str]()
    for (kind, _), count in errors.items():
        types[kind] += count
    return "errors by type: " + ", ".join(f"{name} {count:,}" for name, count in types.most_common())


def _left_out(place: Path, taken: set[Path]) -> Iterator[tuple[str, str]]:
    for path in sorted(place.rglob("*")):
        if path.is_file() and path not in taken:
            yield path.relative_to(place).as_posix(), "is no part of the dataset"
