"""Stages `decontaminate`: problems that overlap a test set are left out, since training on them would spoil the score.

A problem overlaps a test set where they share any 13 words in a row, the convention of GPT-3 (Brown et al. 2020,
arXiv 2005.14165, appendix C) and of lm-evaluation-harness. That finds copies, also with something added or a name
changed; it finds no paraphrase.
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from lemma_hf.data.loading import load_any
from lemma_hf.data.sources import field_of, read_records
from lemma_hf.errors import ConfigError, DataError
from lemma_hf.pipeline.stage import Stage
from lemma_hf.records import Attempt, Dropped, DropReason, Problem

_WORDS = 13
"""Words in a row that make an overlap, see above."""
_WORD = re.compile(r"[^\W_]+")  # such as pens, 1200 or é
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")  # such as the comma in 1,200
_FILES = (".jsonl", ".json", ".ndjson", ".parquet")


def words_of(text: str) -> list[str]:
    r"""The words and numbers of a text in lower case; punctuation and the signs of LaTeX only separate them.

    Example:
        >>> words_of("Tom's 1,200 pens: $\\frac{1}{2}x$ of them.")
        ['tom', 's', '1200', 'pens', 'frac', '1', '2', 'x', 'of', 'them']
    """
    return _WORD.findall(_THOUSANDS.sub("", text.lower()))


@dataclass(frozen=True, slots=True)
class TestSetIndex:
    """The n-grams of test sets, as hashes of 8 bytes: ten bytes an n-gram, and the same in every process.

    Example:
        >>> index = TestSetIndex.from_questions({"mine": ["How many pens are in 4 boxes of 6?"]}, n=5)
        >>> index.overlap("Ann asks: how many pens are in all?"), index.overlap("How many boxes are there?")
        ('mine', None)
    """

    names: tuple[str, ...]
    n: int
    hashes: "array[int]"
    """Sorted."""
    owners: "array[int]"
    """For each hash the place in `names` of the test set that has it; the first of several."""

    @classmethod
    def from_questions(cls, test_sets: Mapping[str, Sequence[str]], n: int = _WORDS) -> "TestSetIndex":
        """Index questions by the name of their test set.

        Args:
            n: words in a row. A question with fewer words is one n-gram by itself: it overlaps only the same words and
                no others around them.

        Raises:
            ConfigError: if `n` is not at least 1.
        """
        if n < 1:
            raise ConfigError(f"an n-gram needs at least 1 word, found n = {n}")
        found: dict[int, int] = {}
        for place, questions in enumerate(test_sets.values()):
            for question in questions:
                for key in _keys(question, n):
                    found.setdefault(key, place)
        order = sorted(found)
        return cls(tuple(test_sets), n, array("Q", order), array("H", [found[key] for key in order]))

    def overlap(self, question: str) -> str | None:
        """The name of a test set that shares an n-gram with the question; None where none does."""
        for key in _keys(question, self.n):
            place = bisect_left(self.hashes, key)
            if place < len(self.hashes) and self.hashes[place] == key:
                return self.names[self.owners[place]]
        return None


def read_test_sets(names: Sequence[str], data_dir: Path = Path(), n: int = _WORDS) -> TestSetIndex:
    """Index test sets by name, see `read_test_set`."""
    return TestSetIndex.from_questions({name: read_test_set(name, data_dir) for name in names}, n)


def read_test_set(name: str, data_dir: Path = Path()) -> list[str]:
    """The questions of a test set.

    Args:
        name: a JSON Lines or Parquet file, `FILE` or `FILE:COLUMN`, relative to `data_dir`; or a dataset that
            `datasets` loads, such as `openai/gsm8k:main:test:question`, of which all behind the id may be left out or
            empty (`ID:CONFIG:SPLIT:COLUMN`). Unless named, the split is `test` and the column is `question`.

    Raises:
        ConfigError: if the name has too many parts.
        DataError: if the test set cannot be read, has no such column, or holds no questions.
    """
    path, _, column = name.partition(":")
    if path.removesuffix(".gz").endswith(_FILES):
        questions = _questions_in_file(data_dir / path, column or "question")
    else:
        questions = _questions_in_dataset(name)
    if not any(words_of(question) for question in questions):
        raise DataError(f"test set {name!r}: holds no questions, so nothing would be kept apart from it")
    return questions


def decontaminate_stage(index: TestSetIndex) -> Stage[Problem, Problem]:
    """Leave out the problems that overlap a test set."""

    def work(problems: Sequence[Problem]) -> list[Problem | Dropped]:
        found = _overlaps(index, problems)
        return [_dropped(p.id, name) if (name := found[p.question]) else p for p in problems]

    return Stage("decontaminate problems", work, batch=512)


def decontaminate_attempts_stage(index: TestSetIndex) -> Stage[Attempt, Attempt]:
    """Leave out the attempts at problems that overlap a test set."""

    def work(attempts: Sequence[Attempt]) -> list[Attempt | Dropped]:
        found = _overlaps(index, [attempt.problem for attempt in attempts])
        return [_dropped(a.name, name) if (name := found[a.problem.question]) else a for a in attempts]

    return Stage("decontaminate attempts", work, batch=512)


def _overlaps(index: TestSetIndex, problems: Sequence[Problem]) -> dict[str, str | None]:
    return {question: index.overlap(question) for question in {problem.question for problem in problems}}


def _dropped(item_id: str, test_set: str) -> Dropped:
    return Dropped(item_id, "decontaminate", DropReason.OVERLAPS_TEST_SET, test_set)


def _keys(question: str, n: int) -> Iterator[int]:
    """A hash for each n-gram; not Python's own, which differs from process to process."""
    words = words_of(question)
    for start in range(max(1, len(words) - n + 1) if words else 0):
        gram = " ".join(words[start : start + n])
        yield int.from_bytes(blake2b(gram.encode(), digest_size=8).digest(), "big")


def _questions_in_file(path: Path, column: str) -> list[str]:
    return [field_of(record, column, path, line) for line, record in read_records(path)]


def _questions_in_dataset(name: str) -> list[str]:
    parts = name.split(":")
    if len(parts) > 4:
        raise ConfigError(f"test set {name!r}: need FILE, FILE:COLUMN or ID:CONFIG:SPLIT:COLUMN, found too many parts")
    identity, config, split, column = parts + [""] * (4 - len(parts))
    rows = load_any(identity, config, split or "test")
    column = column or "question"
    if column not in rows.column_names:
        have = ", ".join(f"`{each}`" for each in rows.column_names)
        raise DataError(f"test set {name!r}: has no column `{column}`, but {have}; say {identity}:CONFIG:SPLIT:COLUMN")
    return [str(question) for question in rows[column]]
