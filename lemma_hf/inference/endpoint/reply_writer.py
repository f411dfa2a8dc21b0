"""Background writer of replies: a thread that commits, in one transaction, all that came in during the last commit.

A commit waits for the disk. Done for each reply, it would take longer than the reply; done for many at once, it costs
next to nothing.
"""

import queue
import threading
import time

from lemma_hf.inference.endpoint.reply_store import ReplyLookup, StoredReply

_MOST = 1000
"""Rows a commit at most: keeps the longest wait of a reader short."""
_GATHER_SECONDS = 0.01
"""Seconds in which rows are collected. Waking for each row took a sixth of a call's processor time; a kill loses what
came in during this time, and the calls in flight."""


class ReplyWriter:
    """Stores rows in the background; leaving the `with` block waits until the last one is safe.

    Raises:
        DataError: on leaving the block, if the store could not be written to.
    """

    def __init__(self, store: ReplyLookup) -> None:
        self._store = store
        self._rows: queue.SimpleQueue[StoredReply | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="reply-writer", daemon=True)
        self.error: Exception | None = None
        """The first error, as soon as it occurs: nothing more is stored after it."""
        self.stored = 0
        """Rows that are safe."""

    def __enter__(self) -> "ReplyWriter":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._rows.put(None)
        self._thread.join()
        if self.error is not None and error[0] is None:
            raise self.error

    def put(self, row: StoredReply) -> None:
        """Hand over a row to be stored."""
        self._rows.put(row)

    def _write(self) -> None:
        going = True
        while going:
            batch = [self._rows.get()]
            if batch[0] is not None:
                time.sleep(_GATHER_SECONDS)
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
                self.stored += len(rows)
            except Exception as error:
                self.error = error
