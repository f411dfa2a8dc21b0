"""Schedule of the tasks that are left: several processes at a time, each with its own log.

First the students, then the arms, the most telling arms of all seeds first; an arm that begins with another one's model
waits for it. Small models gain more from a process for each core than from several cores for one process (on 2 cores by
half).
"""

import os
import traceback
from collections.abc import Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread

from tqdm.auto import tqdm

from lemma_hf.errors import ConfigError, LemmaError
from lemma_hf.experiments.miniature._arms import ARMS, STUDENT, Arm
from lemma_hf.experiments.miniature._settings import MiniatureSettings
from lemma_hf.experiments.miniature._tasks import finished, prepare, prepared, run_arm, seed_folder
from lemma_hf.utils.extras import need


@dataclass(frozen=True, slots=True)
class Task:
    """A task for a process of its own: a student or an arm of one seed."""

    seed: int
    arm: str = ""
    """Empty: the student and the rows of the seed, which its arms wait for."""

    @property
    def waits_for(self) -> "Task | None":
        """The task whose model this one begins with; None for a student."""
        start = ARMS[self.arm].start if self.arm else None
        return None if start is None else Task(self.seed, "" if start == STUDENT else start)

    def needs(self, task: "Task") -> bool:
        """Whether this task cannot be done without another one, however far back."""
        before = self.waits_for
        return before is not None and (before == task or before.needs(task))

    def do(self, settings: MiniatureSettings) -> str:
        """Do the task, and return a line with its result."""
        return run_arm(settings, self.seed, self.arm) if self.arm else prepare(settings, self.seed)

    def log(self, settings: MiniatureSettings) -> Path:
        """The file for all output of the task."""
        return seed_folder(settings, self.seed) / f"{self.arm or 'prepare'}.log"


def run_all(settings: MiniatureSettings, arms: Sequence[Arm]) -> None:
    """Do the tasks that are left; after an interruption, the same call goes on.

    Raises:
        ConfigError: if something that is there was made with other settings, or if there is no GPU where one is wanted.
        LemmaError: naming the log of what failed; all else was done before.
    """
    tasks = what_is_left(settings, arms)
    if not tasks:
        return
    need("torch", "trl", "accelerate")
    if settings.device == "cuda":
        _need_a_gpu()
    workers = workers_for(settings, len(settings.seeds) * len(with_starts(arms)))
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _begin)
    try:
        failed = _run(pool, tasks, workers, settings)
    except BaseException:
        for process in list((pool._processes or {}).values()):
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
    if failed:
        raise LemmaError("\n".join([f"{len(failed)} of {len(tasks)} runs failed", *failed.values()]))


def what_is_left(settings: MiniatureSettings, arms: Sequence[Arm]) -> list[Task]:
    """The tasks that are not done, in the order in which they are wanted."""
    students = [Task(seed) for seed in settings.seeds if arms and not prepared(settings, seed)]
    trainings = [Task(seed, arm.name) for arm in with_starts(arms) for seed in settings.seeds]
    return students + [task for task in trainings if not finished(settings, task.seed, task.arm)]


def with_starts(arms: Sequence[Arm]) -> list[Arm]:
    """The arms, and before each the arm that it begins with.

    Example:
        >>> [arm.name for arm in with_starts([ARMS["sft_grpo"]])]
        ['sft', 'sft_grpo']
    """
    found: dict[str, Arm] = {}
    for arm in arms:
        begins = [] if arm.start == STUDENT else with_starts([ARMS[arm.start]])
        found |= {each.name: each for each in (*begins, arm)}
    return list(found.values())


def workers_for(settings: MiniatureSettings, tasks: int) -> int:
    """Number of processes for so many tasks: as set, or one for each core, or one on a GPU."""
    wanted = settings.workers or (1 if settings.device == "cuda" else cores())
    return max(1, min(wanted, tasks))


def threads_for(task: Task, workers: int, settings: MiniatureSettings) -> int:
    """Number of threads of a task: the cores divided by the workers, whatever else runs, so that it is reproducible."""
    side_by_side = workers if task.arm else min(workers, len(settings.seeds))
    return max(1, cores() // side_by_side)


def _run(
    pool: ProcessPoolExecutor, tasks: Sequence[Task], workers: int, settings: MiniatureSettings
) -> dict[Task, str]:
    """Run tasks and return the errors of those that failed; the others go on, except those that need a failed one."""
    waiting, running, failed = list(tasks), dict[Future[str], Task](), dict[Task, str]()
    with tqdm(total=len(tasks), desc="students and arms", unit="run") as bar:
        while waiting or running:
            for task in _ready(waiting, running.values())[: workers - len(running)]:
                waiting.remove(task)
                threads = threads_for(task, workers, settings)
                running[pool.submit(_logged, task, threads, settings)] = task
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                task = running.pop(future)
                line = _result(future, task, settings, failed)
                bar.write(line)
                bar.update()
                if task in failed:
                    lost = [each for each in waiting if each.needs(task)]
                    bar.update(len(lost))
                    waiting = [each for each in waiting if each not in lost]
    return failed


def _ready(waiting: Sequence[Task], running: Iterable[Task]) -> list[Task]:
    """The tasks of `waiting` whose model to begin with is trained."""
    missing = {*waiting, *running}
    return [task for task in waiting if task.waits_for not in missing]


def _begin() -> None:
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End a worker when its parent is killed: it would go on writing at the same time as the next run."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _logged(task: Task, threads: int, settings: MiniatureSettings) -> str:
    """Do the task, with its output, progress bars and traceback in its log."""
    import torch

    torch.set_num_threads(threads)
    log = task.log(settings)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as file, redirect_stdout(file), redirect_stderr(file):
        try:
            return task.do(settings)
        except LemmaError:
            raise
        except Exception as error:
            # Not every exception can be sent to another process.
            traceback.print_exc(file=file)
            raise LemmaError(f"{type(error).__name__}: {error}") from None


def _result(done: Future[str], task: Task, settings: MiniatureSettings, failed: dict[Task, str]) -> str:
    """The result line of a task; where it failed, its error, which is also recorded."""
    try:
        return done.result()
    except BrokenProcessPool:
        raise LemmaError(
            "a worker was killed, perhaps for want of memory: run the same command again to go on, with fewer --workers"
        ) from None
    except LemmaError as error:
        failed[task] = f"seed {task.seed}, {task.arm or 'student'}: {error} (log: {task.log(settings)})"
        return f"failed: {failed[task]}"


def _need_a_gpu() -> None:
    import torch

    if not torch.cuda.is_available():
        raise ConfigError("`device: cuda`, but torch finds no GPU here: set it to cpu, or install a torch with CUDA")


def cores() -> int:
    """Number of cores that this process may use; all of them where the system does not say (macOS, Windows)."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
