"""Work of a stage in a worker of Ray: batches in, results to a file, a notice of each to the driver."""

import pickle
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lemma_hf.errors import LemmaError
from lemma_hf.grading import limit_workers
from lemma_hf.pipeline.ray._files import Folder, Rows, rows_of
from lemma_hf.pipeline.ray._serialization import from_bytes, to_bytes

_TRIES = 4
"""Starts of a task at most, where its process dies (out of memory, a machine that is gone). Ray itself would never
stop."""


@dataclass(frozen=True, slots=True)
class Job:
    """The work of a stage, as it is sent to a worker."""

    stage: str
    work: bytes
    folder: Folder


class StageWorker:
    """A process that stays for the whole stage, and keeps what the work holds, such as a model."""

    def __init__(self, job: Job) -> None:
        self.job = job

    def __call__(self, table: Any) -> Any:
        """See `run_rows`."""
        return run_rows(table, self.job)


def run_rows(table: Any, job: Job) -> Any:
    """Do the work on some batches, write the results, and return a notice of where each is.

    An error is returned as a notice too: if it were raised, Ray would print it and wrap it in an error of its own.
    """
    import pyarrow as pa

    schema = pa.schema([("place", pa.int64()), ("name", pa.string()), ("error", pa.binary())])
    notices: list[dict[str, Any]]
    try:
        name, places = _work_on(list(rows_of(table)), job)
        notices = [{"place": place, "name": name, "error": None} for place in places]
    except Exception as error:
        notices = [{"place": -1, "name": "", "error": _pickled(error)}]
    return pa.Table.from_pylist(notices, schema)


def _work_on(batches: Sequence[Rows], job: Job) -> tuple[str, list[int]]:
    tries = job.folder.begin(batches[0].place)
    if tries > _TRIES:
        raise LemmaError(
            f"stage `{job.stage}`: the process that works on items {batches[0].place} to "
            f"{batches[-1].place + batches[-1].items - 1} died {tries - 1} times; look for its end in Ray's logs "
            "(out of memory?)"
        )
    work = _load(job.work)
    results = [
        Rows(
            batch.place, batch.items, [to_bytes(result) for result in work([from_bytes(one) for one in batch.records])]
        )
        for batch in batches
    ]
    return job.folder.write("out", results), [batch.place for batch in batches]


@lru_cache(maxsize=2)
def _load(work: bytes) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """Load the work, once a process, so that a model or a client in it stays."""
    limit_workers(1)  # of computer algebra: this process is one of many on its machine
    found: Callable[[Sequence[Any]], Sequence[Any]] = pickle.loads(work)
    return found


def _pickled(error: Exception) -> bytes:
    """An error as bytes, with the worker's own traceback where it was not raised on purpose."""
    if not isinstance(error, LemmaError):
        error.add_note(f"in a worker of Ray:\n{''.join(traceback.format_exception(error))}")
    try:
        pickled = pickle.dumps(error)
        pickle.loads(pickled)
    except Exception:  # of a class with arguments of its own, or of a module that only the worker has
        pickled = pickle.dumps(LemmaError(f"{type(error).__name__}: {error}"))
    return pickled
