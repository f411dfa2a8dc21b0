"""Engine on Ray: stages as Ray Data map stages over Parquet files, with the results of `LocalEngine`.

For each stage the driver writes its batches to Parquet files; Ray Data reads them and hands each batch to the same
function that the local engine would call, in any process and order; the results are written to files in a second
folder, named by their place. The driver reads those in order while later ones are still being made.

    items → in/000000000000.parquet → read_parquet → map_batches → out/000000000000.parquet → results, in order

So a task that Ray runs again, because a machine was lost, writes the same file again. Only records are sent (see
`serialization`); a stage whose items are something else, or that compares all its items, runs on the driver.
"""

import pickle
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from lemma_hf.errors import ConfigError, LemmaError
from lemma_hf.pipeline.engine import In, LocalEngine, Out, Stage, cut
from lemma_hf.pipeline.ray._cluster import cluster_address, connect, load_ray
from lemma_hf.pipeline.ray._files import Folder, Rows
from lemma_hf.pipeline.ray._serialization import RECORDS, from_bytes, to_bytes
from lemma_hf.pipeline.ray._worker import Job, StageWorker, run_rows
from lemma_hf.records import Dropped

_TASKS_A_WORKER = 4
"""Tasks for each worker, so that one slow task does not keep all others waiting."""
_MOST_ITEMS_A_TASK = 4096
"""Items a task at most: they are done again where a machine is lost in the middle of it."""
MOST_BYTES = 256 * 2**20
"""Bytes of a stage's work at most: each worker gets a copy."""


class RayEngine:
    """An `Engine` on Ray: a cluster if `RAY_ADDRESS` is set, else all CPUs of this machine.

    Args:
        work_dir: the folder of the Parquet files between the stages. On a cluster one that all machines share, or that
            pyarrow can open there, such as `s3://bucket/folder`; on one machine a temporary folder by default.
        keep: leave those files in `work_dir`, one folder a stage.
        llm_workers: workers of a stage whose work asks a model (`Stage.shows_progress`) or holds one (`Stage.gpus`)
            and that does not set `Stage.actors`. Rate limits and concurrency count for each: give a client
            `Endpoint.share(llm_workers)`.
        cpus: CPUs of a Ray of this machine; by default all.

    Raises:
        MissingDependencyError: if Ray is not installed.
        ConfigError: if there is no cluster at `RAY_ADDRESS`, or no `work_dir` on a cluster.
    """

    def __init__(
        self, work_dir: str | Path = "", keep: bool = False, llm_workers: int = 1, cpus: int | None = None
    ) -> None:
        if llm_workers < 1:
            raise ConfigError(f"`llm_workers` must be at least 1, but is {llm_workers}")
        load_ray()
        if cluster_address() and not work_dir:
            raise ConfigError(
                "on a cluster (RAY_ADDRESS is set) `work_dir` has to name a folder that all machines share"
            )
        self.keep = keep
        self.llm_workers = llm_workers
        self.cpus = cpus
        self._temporary = None if work_dir else tempfile.TemporaryDirectory(prefix="lemma-ray-")
        self.work_dir = self._temporary.name if self._temporary else str(work_dir)
        self._stages = 0

    def batches(self, stage: Stage[In, Out], items: Sequence[In]) -> Iterator[tuple[int, Sequence[Out | Dropped]]]:
        """For each batch its number of items and its results, in order, as soon as all before them are done.

        Raises:
            LemmaError: an error that the work raised; or if its process died several times.
            ConfigError: if the work cannot be sent, or needs more GPUs than there are.
        """
        if not items or self._runs_here(stage, items):
            yield from LocalEngine().batches(stage, items)
            return
        ray = connect(self.cpus)
        plan = self._plan(ray, stage)
        name = re.sub(r"[^a-z0-9]+", "-", stage.name.lower())  # such as keep-wrong for "keep wrong"
        folder = Folder.from_work_dir(self.work_dir, f"{self._stages:02d}-{name}")
        self._stages += 1
        try:
            job = Job(stage.name, _pickled(ray, stage), folder)
            batches = list(cut(stage, items))
            share = _share(batches, plan.parallel)
            places = _write_batches(folder, batches, share)
            yield from _in_order(folder, places, _run(ray, job, plan, share, places))
        finally:
            if not self.keep:
                folder.remove()

    def shows_progress(self, stage: Stage[In, Out]) -> bool:
        """Whether the work runs on the driver and shows a bar: those of workers cannot be seen."""
        return stage.shows_progress and stage.batch is None

    def _runs_here(self, stage: Stage[In, Out], items: Sequence[In]) -> bool:
        return stage.batch is None or any(RECORDS.get(type(item).__name__) is not type(item) for item in items)

    def _plan(self, ray: Any, stage: Stage[In, Out]) -> "_Plan":
        """The number and size of a stage's workers."""
        actors = stage.actors or (self.llm_workers if stage.shows_progress or stage.gpus else 0)
        have = ray.cluster_resources()
        if stage.gpus and not cluster_address() and have.get("GPU", 0) < stage.gpus * actors:
            raise ConfigError(
                f"stage `{stage.name}` needs {actors} workers with {stage.gpus} GPUs each, but Ray finds "
                f"{have.get('GPU', 0):g} GPUs on this machine"
            )
        cpus = have.get("CPU", 1)
        return _Plan(actors, stage.gpus, actors or int(cpus), min(0.5, (cpus - 1) / actors) if actors else 1)


@dataclass(frozen=True, slots=True)
class _Plan:
    """The workers of one stage."""

    actors: int
    """Processes that stay for the whole stage; 0: tasks, as many at a time as there are CPUs."""
    gpus: int
    parallel: int
    cpus: float
    """CPUs of each. Actors wait for an endpoint or a GPU; if they had all CPUs, the tasks that feed them could not
    run."""

    def options(self, ray: Any) -> dict[str, Any]:
        """The arguments of `map_batches`."""
        if not self.actors:
            return {"num_cpus": self.cpus}
        pool = ray.data.ActorPoolStrategy(size=self.actors, max_tasks_in_flight_per_actor=1)
        return {"compute": pool, "num_cpus": round(self.cpus, 3)} | ({"num_gpus": self.gpus} if self.gpus else {})


def _pickled(ray: Any, stage: Stage[In, Out]) -> bytes:
    """The work as bytes, which each worker loads once."""
    try:
        work: bytes = ray.cloudpickle.dumps(stage.work)
    except Exception as error:
        raise ConfigError(
            f"the work of stage `{stage.name}` cannot be sent to other processes: {error}. It must not hold open "
            "files, connections or locks; a client's replies go to a `RayReplyStore`"
        ) from None
    if len(work) > MOST_BYTES:
        raise ConfigError(
            f"the work of stage `{stage.name}` holds {len(work) / 2**20:.0f} MB, more than is sent to every worker: "
            "for a model in memory take `engine: local`, or one that each worker loads itself (`vllm:`), or an endpoint"
        )
    return work


def _write_batches(folder: Folder, batches: Sequence[Sequence[In]], share: int) -> list[int]:
    """Write the batches to files of `share` each; returns the places of the batches."""
    places = list(accumulate((len(batch) for batch in batches[:-1]), initial=0))
    for start in range(0, len(batches), share):
        some = slice(start, start + share)
        rows = [
            Rows(place, len(batch), [to_bytes(item) for item in batch])
            for place, batch in zip(places[some], batches[some], strict=True)
        ]
        folder.write("in", rows)
    return places


def _share(batches: Sequence[Sequence[In]], parallel: int) -> int:
    """The number of batches a task."""
    fair = len(batches) // (_TASKS_A_WORKER * parallel)
    return max(1, min(fair, _MOST_ITEMS_A_TASK // len(batches[0])))


def _run(ray: Any, job: Job, plan: "_Plan", share: int, places: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Run the stage: places of batches as they are done, in any order, each with the name of its file."""
    data = ray.data.read_parquet(job.folder.names("in"), filesystem=job.folder.files)
    data.context.enable_progress_bars = False
    # Left alone, Ray reads many small files in one task, and one process would do all the work.
    data = data.repartition(target_num_rows_per_block=share)
    options: dict[str, Any] = {"batch_size": share, "batch_format": "pyarrow"} | plan.options(ray)
    if plan.actors:
        data = data.map_batches(StageWorker, fn_constructor_args=(job,), **options)
    else:
        data = data.map_batches(run_rows, fn_args=(job,), **options)
    left = set(places)  # a task that ran again may return its notices twice
    try:
        for notices in data.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0):
            for notice in notices.to_pylist():
                if notice["error"] is not None:
                    raise pickle.loads(notice["error"])
                left.discard(notice["place"])
                yield notice["place"], notice["name"]
    except ray.exceptions.RayError as error:
        raise LemmaError(f"stage `{job.stage}` failed on Ray: {_reason(error)}") from None
    if left:
        raise LemmaError(f"stage `{job.stage}`: Ray ended, but {len(left)} of {len(places)} batches were not done")


def _in_order(
    folder: Folder, places: Sequence[int], done: Iterator[tuple[int, str]]
) -> Iterator[tuple[int, list[Any]]]:
    """Results of batches in the order of their places, as soon as all before them are done."""
    known: dict[int, str] = {}
    name, rows = "", dict[int, Rows]()
    for place in places:
        while place not in known:
            found, file = next(done)
            known[found] = file
        if known[place] != name:
            name = known[place]
            rows = {row.place: row for row in folder.read(name)}
        yield rows[place].items, [from_bytes(record) for record in rows[place].records]
    for _ in done:  # to the end, where an error says which batches are missing
        pass


def _reason(error: Exception) -> str:
    """The last line of an error of Ray, without its pages of traces."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[-1] if lines else 'no reason given'}"[:500]  # characters of one line
