"""How are replies stored while the next ones are coming in? By a thread that commits whatever is there, together.

A commit waits for the disk. Done for each reply, it would take longer than the reply; done for all that came in during
the last commit, it costs next to nothing.
"""

import queue
import threading
import time

from lemma_hf.inference.endpoint.reply_store import ReplyLookup, Stored

_MOST = 1000
"""Rows a commit: keeps the longest wait of a reader short."""
_GATHER = 0.01
"""Seconds in which rows come together. Waking for each row took a sixth of a call's processor time; what a kill loses
beside the calls on their way is what came in during this time."""


class Writer:
    """Stores rows in the background; leaving the `with` block waits until the last one is safe.

    Raises:
        DataError: on leaving the block, if the store could not be written to.
    """

    def __init__(self, store: ReplyLookup) -> None:
        self._store = store
        self._rows: queue.SimpleQueue[Stored | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="reply-writer", daemon=True)
        self.error: Exception | None = None
        """What went wrong, as soon as it has: nothing more is stored then."""

    def __enter__(self) -> "Writer":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._rows.put(None)
        self._thread.join()
        if self.error is not None and error[0] is None:
            raise self.error

    def put(self, row: Stored) -> None:
        """Store a row soon."""
        self._rows.put(row)

    def _write(self) -> None:
        going = True
        while going:
            batch = [self._rows.get()]
            if batch[0] is not None:
                time.sleep(_GATHER)
            while len(batch) < _MOST:
                try:
                    batch.append(self._rows.get_nowait())
                except queue.Empty:
                    break
            going = None not in batch
            rows = [row for row in batch if row is not None]
            if not rows or self.error is not None:
                continue
            try:
                self._store.put_many(rows)
            except Exception as error:
                self.error = error
