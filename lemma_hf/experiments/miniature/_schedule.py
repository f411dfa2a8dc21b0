"""Schedule of the tasks that are left: several processes at a time, each with its own log.

First the students, then the arms, the most telling arms of all seeds first. Small models gain more from a process for
each core than from several cores for one process (on 2 cores by half).
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
from lemma_hf.experiments.miniature._arms import Arm
from lemma_hf.experiments.miniature._settings import MiniatureSettings
from lemma_hf.experiments.miniature._tasks import finished, prepare, prepared, run_arm, seed_folder


@dataclass(frozen=True, slots=True)
class Task:
    """A task for a process of its own: a student or an arm of one seed."""

    seed: int
    arm: str = ""
    """Empty: the student and the rows of the seed, which its arms wait for."""

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
    if settings.device == "cuda":
        _need_a_gpu()
    workers = workers_for(settings, len(settings.seeds) * len(arms))
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
    trainings = [Task(seed, arm.name) for arm in arms for seed in settings.seeds]
    return students + [task for task in trainings if not finished(settings, task.seed, task.arm)]


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
    """Run tasks and return the errors of those that failed; the others go on, except the arms of a failed student."""
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
                if task in failed and not task.arm:
                    lost = [each for each in waiting if each.seed == task.seed]
                    bar.update(len(lost))
                    waiting = [each for each in waiting if each.seed != task.seed]
    return failed


def _ready(waiting: Sequence[Task], running: Iterable[Task]) -> list[Task]:
    """The tasks of `waiting` whose student is trained."""
    missing = {task.seed for task in (*waiting, *running) if not task.arm}
    return [task for task in waiting if not task.arm or task.seed not in missing]


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
