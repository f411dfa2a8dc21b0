"""Checks of an artifact before the first request to the Hub.

They find keys and passwords, paths of this machine, pickles, empty datasets, front matter that the Hub would refuse,
and configs that match no file.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any

from lemma_hf.errors import DataError
from lemma_hf.evaluation import HUB_FOLDER
from lemma_hf.hub.artifact import CARD, Artifact, File, RepoKind, path_matches
from lemma_hf.hub.eval_results import read_eval_results
from lemma_hf.hub.front_matter import read_head, split_head
from lemma_hf.utils.redaction import KEYS, find_leaks, find_secrets, known_places, known_secrets

_PROSE = {".md", ".json", ".jsonl", ".yaml", ".yml", ".txt", ".py", ".toml", ".cfg", ".csv", ".html", ".svg"}
"""Endings of files in which text like `/home/me` is a path. In a vocabulary it may be a token, in a chat template an
example, in Parquet a word of a problem."""
_VOCABULARIES = {
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.json",
    "vocab.txt",
    "merges.txt",
    "added_tokens.json",
}
_PICKLES = {".pt", ".pth", ".pkl", ".pickle", ".bin", ".ckpt", ".npy"}
_LARGEST_PROSE = 20 * 2**20
"""Bytes of a file that is searched for keys of any form, which takes about 15 seconds; larger files are weights."""
_PIECE = 2**22
"""Bytes that are read at a time (4 MiB), so that files of many gigabytes are searched in little memory."""
_LICENSE = re.compile(r"[a-z0-9][a-z0-9.\-]*")  # "apache-2.0"
_LANGUAGE = re.compile("[a-z]{2,3}|code|multilingual")  # "en"
_LONGEST_NAME = 255
"""Bytes of a file's name in all usual file systems: one that is longer cannot be downloaded."""
_MOST_FAULTS = 20
"""Faults that a message lists: they fit on one screen, and a hundred have the same few causes."""


def check(artifact: Artifact) -> None:
    """Check the files and the card of an artifact.

    Raises:
        DataError: with every fault that was found (at most twenty are listed).
    """
    faults = [*_file_faults(artifact), *_card_faults(artifact), *_leaks(artifact)]
    if faults:
        more = [f"… and {len(faults) - _MOST_FAULTS} more"] if len(faults) > _MOST_FAULTS else []
        listed = "".join(f"\n  - {fault}" for fault in (*faults[:_MOST_FAULTS], *more))
        raise DataError(f"{artifact.kind} {artifact.repo_id} cannot be published; nothing was sent:{listed}")


def check_configs(card: str, before: Iterable[str], after: Iterable[str]) -> None:
    """Check that no config of a dataset's merged card loses all its files by the deletions of a push.

    Args:
        before: the paths that are there now.
        after: those that will be.

    Raises:
        DataError: naming the patterns that matched something and will match nothing.
    """
    head = read_head(split_head(card)[0], "the merged card")
    lost = set(_lost_patterns(head, list(after))) - set(_lost_patterns(head, list(before)))
    if lost:
        raise DataError(
            f"the card would have configs without files: {', '.join(sorted(lost))}. They were edited on the Hub, so "
            "they are kept; take them out of the card there, or leave the files where they are"
        )


def _file_faults(artifact: Artifact) -> Iterator[str]:
    for file in artifact.files:
        path = PurePosixPath(file.path)
        if path.is_absolute() or ".." in path.parts or "\\" in file.path or not file.path:
            yield f"{file.path!r}: is no place inside a repository"
        elif fault := _name_fault(path):
            yield f"{file.path!r:.200}: {fault}"
        elif file.path == CARD:
            yield f"{CARD} is among the files; it is made from the card"
        elif path.suffix in _PICKLES:
            yield f"{file.path}: is a pickle, which runs code where it is loaded; publish safetensors"
        elif not file.size and path.name not in {"__init__.py", ".gitkeep"}:
            yield f"{file.path}: is empty"
        elif path_matches(file.path, f"{HUB_FOLDER}/*"):
            yield from _score_faults(file)
    if artifact.kind is RepoKind.DATASET and not any(file.path.endswith(".parquet") for file in artifact.files):
        yield "no Parquet file: the dataset is empty"


def _name_fault(path: PurePosixPath) -> str:
    if any(not char.isprintable() for char in str(path)):
        return "has a line break or another invisible character in its name"
    longest = max(len(part.encode("utf-8", "surrogatepass")) for part in path.parts)
    too_long = f"has a name of {longest} bytes, and no usual file system takes more than {_LONGEST_NAME}"
    return too_long if longest > _LONGEST_NAME else ""


def _score_faults(file: File) -> Iterator[str]:
    try:
        read_eval_results(file.read().decode("utf-8"), file.path)
    except (DataError, UnicodeDecodeError) as error:
        yield str(error)


def _card_faults(artifact: Artifact) -> Iterator[str]:
    try:
        head = read_head(split_head(artifact.card)[0], "the card")
    except DataError as error:
        yield str(error)
        return
    yield from head_faults(head, artifact.kind)
    yield from (f"configs: {lost} matches no file" for lost in _lost_patterns(head, [f.path for f in artifact.files]))


def head_faults(head: Mapping[str, Any], kind: RepoKind) -> Iterator[str]:
    """Faults of a card's front matter that the Hub would refuse, as far as its rules are known."""
    if not head:
        yield "the card has no front matter"
    licenses = head.get("license", "unknown")
    for name in licenses if isinstance(licenses, list) else [licenses]:
        if not isinstance(name, str) or not _LICENSE.fullmatch(name):
            yield f"license: need an identifier such as apache-2.0 or cc-by-4.0, found {name!r}"
    for key in ("tags", "language", "datasets", "task_categories", "size_categories", "metrics"):
        value = head.get(key, [])
        if not all(isinstance(item, str) and item for item in (value if isinstance(value, list) else [value])):
            yield f"{key}: need text or a list of texts, found {value!r}"
    yield from _name_faults(head)
    if kind is RepoKind.SPACE:
        yield from (f"{key}: is missing, and a Space needs it" for key in ("title", "sdk") if not head.get(key))
    if kind is RepoKind.DATASET:
        yield from _dataset_faults(head)
    if kind is RepoKind.MODEL and "model-index" in head:
        yield from _result_faults(head)


def _name_faults(head: Mapping[str, Any]) -> Iterator[str]:
    """Faults of languages, and of names of repositories."""
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    for code in _texts(head, "language"):
        if not _LANGUAGE.fullmatch(code):
            yield (
                f"language: need ISO 639 codes of two or three letters in lower case, such as en, `code` or "
                f"`multilingual`, found {code!r:.80}"
            )
    for key in ("base_model", "datasets"):
        for name in _texts(head, key):
            try:
                validate_repo_id(name)
            except HFValidationError:
                yield f"{key}: need the name of a repository, such as OWNER/NAME, found {name!r:.80}"


def _texts(head: Mapping[str, Any], key: str) -> list[str]:
    value = head.get(key, [])
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]


def _dataset_faults(head: Mapping[str, Any]) -> Iterator[str]:
    from datasets.info import DatasetInfosDict
    from datasets.utils.metadata import MetadataConfigs
    from huggingface_hub import DatasetCardData

    try:
        data = DatasetCardData(**head)
        configs = MetadataConfigs.from_dataset_card_data(data)
        infos = DatasetInfosDict.from_dataset_card_data(data)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        yield f"configs or dataset_info: `datasets` cannot read them ({error})"
        return
    for name, info in infos.items():
        if configs and name not in configs:
            yield f"dataset_info: {name} is none of the configs"
        if info.splits and not any(split.num_examples for split in info.splits.values()):
            yield f"dataset_info: {name} has no rows"


def _result_faults(head: Mapping[str, Any]) -> Iterator[str]:
    from huggingface_hub.repocard_data import model_index_to_eval_results

    try:
        model_index_to_eval_results(head["model-index"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        yield f"model-index: cannot be read ({error!r})"


def _lost_patterns(head: Mapping[str, Any], paths: list[str]) -> Iterator[str]:
    configs = head.get("configs", [])
    for config in configs if isinstance(configs, list) else []:
        files = config.get("data_files", []) if isinstance(config, dict) else []
        for item in files if isinstance(files, list) else []:
            patterns = item.get("path", []) if isinstance(item, dict) else item
            for pattern in patterns if isinstance(patterns, list) else [patterns]:
                if not any(_matches(path, str(pattern)) for path in paths):
                    yield f"{config.get('config_name', 'default')} ({pattern})"


def _matches(path: str, pattern: str) -> bool:
    """Whether a path matches a pattern as `datasets` resolves it, or a little more generously."""
    plain = pattern.removeprefix("./")
    return fnmatchcase(path, plain) or fnmatchcase(path, plain.removeprefix("**/"))


def _leaks(artifact: Artifact) -> Iterator[str]:
    secrets, places = known_secrets(), known_places()
    if token := _token():
        secrets.append(token)
    for file in (*artifact.files, File(CARD, artifact.card.encode("utf-8", "surrogatepass"))):
        found = [*_known(file, secrets, places), *_unknown(file)]
        if file.path.endswith(".parquet"):
            found += _row_leaks(file, secrets)
        yield from (f"{file.path}: {leak}" for leak in dict.fromkeys(found))


def _known(file: File, secrets: Sequence[bytes], places: Sequence[bytes]) -> Iterator[str]:
    """Search any file for the keys and paths of this machine, word for word."""
    # With the place `/home/me`: matches in b"see /home/me/x.json", not in b"/home/me-too". No places: never matches.
    pattern = b"|".join([rb"(?<![\w.~-])" + re.escape(place) + rb"(?![\w-])" for place in places]) or rb"(?!)"
    longest = max(map(len, (*secrets, *places, b"")))
    for piece in _pieces(file, longest + 1):
        if any(secret in piece for secret in secrets):
            yield "holds a key of this machine, word for word"
        yield from (f"names a path of this machine ({found.decode()})" for found in set(re.findall(pattern, piece)))


def _unknown(file: File) -> Iterator[str]:
    """Search a file that is not too large for text in the form of a key, and prose for text in the form of a path."""
    path = PurePosixPath(file.path)
    if path.suffix == ".safetensors":
        text = _safetensors_head(file)
    elif file.size <= _LARGEST_PROSE:
        text = file.read().decode("utf-8", "replace")
    else:
        return
    is_prose = path.suffix in _PROSE and path.name not in _VOCABULARIES
    yield from (f"holds {leak}" for leak in (find_leaks(text) if is_prose else find_secrets(text)))


def _safetensors_head(file: File) -> str:
    """Read the header with names and metadata, which precedes the numbers."""
    with BytesIO(file.source) if isinstance(file.source, bytes) else file.source.open("rb") as stream:
        size = int.from_bytes(stream.read(8), "little")  # the format begins with the header's size, in 8 bytes
        return stream.read(min(size, _LARGEST_PROSE)).decode("utf-8", "replace")


def _row_leaks(file: File, secrets: Sequence[bytes]) -> Iterator[str]:
    """Search the rows of a Parquet file for keys: its bytes are compressed. A path there may be a word of a problem."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    try:
        source = pq.ParquetFile(pa.BufferReader(file.source) if isinstance(file.source, bytes) else file.source)
        said = b" ".join(text for entry in (source.metadata.metadata or {}).items() for text in entry)
        yield from (f"holds {leak} in its metadata" for leak in find_secrets(said.decode("utf-8", "replace")))
        texts = [field.name for field in source.schema_arrow if pa.types.is_string(field.type)]
        for batch in source.iter_batches(columns=texts):
            for name in texts:
                column = batch.column(name)
                # Arrow filters first: it is many times faster than Python's `re`.
                for text in column.filter(pc.match_substring_regex(column, KEYS.pattern)).to_pylist():
                    yield from (f"holds {leak} in column `{name}`" for leak in find_secrets(text))
                if any(pc.any(pc.match_substring(column, secret)).as_py() for secret in secrets):
                    yield f"holds a key of this machine, word for word, in column `{name}`"
    except (pa.ArrowException, OSError) as error:
        yield f"holds no rows that can be read ({error})"


def _pieces(file: File, overlap: int) -> Iterator[bytes]:
    """Read a file in pieces, each of which begins with the last bytes of the piece before."""
    if isinstance(file.source, bytes):
        yield file.source
        return
    end = b""
    with file.source.open("rb") as stream:
        while piece := stream.read(_PIECE):
            yield end + piece
            end = piece[-overlap:] if overlap else b""


def _token() -> bytes | None:
    from huggingface_hub import get_token

    found = get_token()
    return found.encode() if found else None
