"""Reply store on Ray: one process on the driver's machine has the file, and workers on all machines ask it.

A client in a worker holds a `RayReplyStore`, which is no more than the name of that process: so it can be sent to any
machine, and a reply that one worker has paid for serves all of them, and the next run.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from lemma_hf.errors import LemmaError
from lemma_hf.inference.endpoint.chat import ChatResult
from lemma_hf.inference.endpoint.reply_store import ReplyStore, StoredReply, Totals
from lemma_hf.pipeline.ray._cluster import connect


class RayReplyStore:
    """A `ReplyStore` in a process of its own on the driver's machine; to be closed by the driver.

    Args:
        path: the SQLite file, on the driver's machine.
        cpus: CPUs of a Ray of this machine, if it has yet to start; by default all.

    Raises:
        DataError: as `ReplyStore` does.
    """

    def __init__(self, path: str | Path, cpus: int | None = None) -> None:
        ray = connect(cpus)
        self.path = os.fspath(path)
        self.name = f"lemma-hf-replies-{uuid4().hex}"
        here = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(
            ray.get_runtime_context().get_node_id(), soft=False
        )
        # It takes no CPU: it waits for the disk. A new process finds all that was stored in the file.
        keeper = ray.remote(num_cpus=0, max_restarts=3, max_task_retries=3, scheduling_strategy=here)(_Keeper)
        where = self.path if self.path == ":memory:" else str(Path(path).absolute())
        self._keeper = keeper.options(name=self.name).remote(where)
        self.totals()  # says at once where the file cannot be used

    def __enter__(self) -> "RayReplyStore":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path, "name": self.name}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.path, self.name, self._keeper = state["path"], state["name"], None

    def get_many(self, keys: Sequence[bytes]) -> dict[bytes, ChatResult]:
        """The results of those `keys` that are stored."""
        found: dict[bytes, ChatResult] = self._ask("get_many", list(keys))
        return found

    def put_many(self, rows: Sequence[StoredReply]) -> None:
        """Store results; they are on the driver's disk when this returns."""
        self._ask("put_many", list(rows))

    def totals(self) -> list[Totals]:
        """Totals so far, by model and stage."""
        found: list[Totals] = self._ask("totals")
        return found

    def served(self, name: str, model: str, said: Sequence[str], note: bool) -> tuple[list[str], int]:
        """What else an endpoint said of its model before, and how many results of that name are stored."""
        found: tuple[list[str], int] = self._ask("served", name, model, list(said), note)
        return found

    def close(self) -> None:
        """End the process and release the file."""
        if self._keeper is not None:
            self._ask("close")
            connect().kill(self._keeper)
            self._keeper = None

    def _ask(self, method: str, *arguments: Any) -> Any:
        ray = connect()
        if self._keeper is None:
            self._keeper = ray.get_actor(self.name)
        outcome = ray.get(self._keeper.ask.remote(method, *arguments))
        if isinstance(outcome, LemmaError):
            raise outcome
        return outcome


class _Keeper:
    """The process that has the file. Errors on purpose are returned, since Ray would wrap those that are raised."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.store: ReplyStore | None = None

    def ask(self, method: str, *arguments: Any) -> Any:
        """Call a method of the store; returns its result or its error."""
        try:
            self.store = self.store or ReplyStore(self.path)
            return getattr(self.store, method)(*arguments)
        except LemmaError as error:
            return error
