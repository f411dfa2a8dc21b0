"""Store of replies in one SQLite file, so that none is lost and none is paid for twice.

A batch of replies is one transaction that is on the disk when `put_many` returns (write-ahead log, fsync). After a
`kill -9` or a power cut, SQLite takes back a write that was torn, and everything before it is there.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lemma_hf.errors import DataError
from lemma_hf.inference.endpoint.chat import ChatResult, Refusal, Reply
from lemma_hf.records import DropReason

_FORMAT = 1
"""Version of the tables below, kept in the file as SQLite's `user_version`."""
_CHUNK = 500
"""Keys a query: SQLite takes 999 parameters by default before version 3.32."""
_SCHEMA = """
CREATE TABLE replies (
    key BLOB NOT NULL UNIQUE, model TEXT NOT NULL, stage TEXT NOT NULL, text TEXT, reason TEXT, detail TEXT,
    prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL, usd REAL NOT NULL
);
CREATE TABLE totals (
    model TEXT NOT NULL, stage TEXT NOT NULL, replies INTEGER NOT NULL, refusals INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL, usd REAL NOT NULL, PRIMARY KEY (model, stage)
);
"""
_SERVED = """
CREATE TABLE IF NOT EXISTS served (name TEXT NOT NULL, said TEXT NOT NULL, PRIMARY KEY (name, said))
"""
"""A table that came later: older files get it when they are opened, and older versions pass over it."""


@dataclass(frozen=True, slots=True)
class StoredReply:
    """A result as it is stored."""

    key: bytes
    model: str
    stage: str
    result: ChatResult
    usd: float = 0.0


@dataclass(frozen=True, slots=True)
class Totals:
    """Replies, tokens and price of one stage's calls of one model, over all runs that used the store."""

    model: str
    stage: str
    replies: int
    refusals: int
    prompt_tokens: int
    completion_tokens: int
    usd: float


class ReplyLookup(Protocol):
    """An object that keeps replies: a `ReplyStore` in this process, or a handle of one in another."""

    def get_many(self, keys: Sequence[bytes]) -> dict[bytes, ChatResult]:
        """The results of those keys that are stored."""
        ...

    def put_many(self, rows: Sequence[StoredReply]) -> None:
        """Store results; they are safe when this returns."""
        ...

    def totals(self) -> list[Totals]:
        """Totals so far, by model and stage."""
        ...

    def served(self, name: str, model: str, said: Sequence[str], note: bool) -> tuple[list[str], int]:
        """What else an endpoint said of its model before, and how many results of that name are stored."""
        ...


class ReplyStore:
    """Replies in an SQLite file that one process uses at a time.

    Args:
        path: the file; it and its folder are created where missing. `:memory:` keeps nothing.

    Raises:
        DataError: if the file is no reply store, another run is using it, or it cannot be written.

    Example:
        >>> with ReplyStore(":memory:") as store:
        ...     store.put_many([StoredReply(b"key", "a-model", "fix", Reply("Wait, 24 - 9 = 15.", 210, 12))])
        ...     store.get_many([b"key", b"another"])[b"key"].text
        'Wait, 24 - 9 = 15.'
    """

    def __init__(self, path: str | Path) -> None:
        self.path = str(path)
        self._lock = threading.Lock()
        with self._explained():
            if self.path != ":memory:":
                Path(self.path).parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(self.path, timeout=1.0, isolation_level=None, check_same_thread=False)
            # The lock goes with the process, so a killed run leaves none behind.
            self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            with self._transaction():
                self._make_tables()

    def __enter__(self) -> "ReplyStore":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Fold the log into the file and release it."""
        with self._lock:
            self._connection.close()

    def get_many(self, keys: Sequence[bytes]) -> dict[bytes, ChatResult]:
        """The results of those `keys` that are stored."""
        found: dict[bytes, ChatResult] = {}
        with self._lock, self._explained():
            for start in range(0, len(keys), _CHUNK):
                some = keys[start : start + _CHUNK]
                query = (
                    "SELECT key, text, reason, detail, prompt_tokens, completion_tokens FROM replies "
                    f"WHERE key IN ({','.join('?' * len(some))})"
                )
                found |= {row[0]: _result(*row[1:]) for row in self._connection.execute(query, list(some))}
        return found

    def put_many(self, rows: Sequence[StoredReply]) -> None:
        """Store results in one transaction; the first result of a key stays, unless that was a failed call."""
        with self._lock, self._explained(), self._transaction():
            for row in rows:
                self._put(row)

    def totals(self) -> list[Totals]:
        """Totals so far, by model and stage."""
        with self._lock, self._explained():
            return [Totals(*row) for row in self._connection.execute("SELECT * FROM totals ORDER BY model, stage")]

    def served(self, name: str, model: str, said: Sequence[str], note: bool) -> tuple[list[str], int]:
        """Compare what an endpoint says of the model that it serves with what it said before.

        Args:
            name: of the endpoint.
            model: by its name in the store.
            said: one text or several, of which each stands for another model.
            note: whether to note it, since results of it are going to be stored.

        Returns:
            The other texts that were noted, and the number of results that are stored of the model.
        """
        with self._lock, self._explained(), self._transaction():
            (stored,) = self._connection.execute(
                "SELECT coalesce(sum(replies + refusals), 0) FROM totals WHERE model = ?", (model,)
            ).fetchone()
            if note and not stored:
                self._connection.execute("DELETE FROM served WHERE name = ?", (name,))  # nothing came of what was there
            for text in said if note else ():
                self._connection.execute("INSERT OR IGNORE INTO served VALUES (?, ?)", (name, text))
            noted = {text for (text,) in self._connection.execute("SELECT said FROM served WHERE name = ?", (name,))}
        return sorted(noted - set(said)), stored

    def count(self) -> int:
        """The number of stored results."""
        return sum(total.replies + total.refusals for total in self.totals())

    def _put(self, row: StoredReply) -> None:
        result = row.result
        text = result.text if isinstance(result, Reply) else result.text or None
        reason, detail = (result.reason, result.detail) if isinstance(result, Refusal) else (None, None)
        tokens = result.prompt_tokens, result.completion_tokens
        again = "DELETE FROM replies WHERE key = ? AND reason = ? RETURNING model, stage"
        for place in self._connection.execute(again, (row.key, str(DropReason.CALL_FAILED))).fetchall():
            self._connection.execute("UPDATE totals SET refusals = refusals - 1 WHERE model = ? AND stage = ?", place)
        added = self._connection.execute(
            "INSERT OR IGNORE INTO replies VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (row.key, row.model, row.stage, text, reason, detail, *tokens, row.usd),
        )
        if added.rowcount:
            self._connection.execute(
                "INSERT INTO totals VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (model, stage) DO UPDATE SET "
                "replies = replies + excluded.replies, refusals = refusals + excluded.refusals, "
                "prompt_tokens = prompt_tokens + excluded.prompt_tokens, "
                "completion_tokens = completion_tokens + excluded.completion_tokens, usd = usd + excluded.usd",
                (row.model, row.stage, int(reason is None), int(reason is not None), *tokens, row.usd),
            )

    def _make_tables(self) -> None:
        (format_,) = self._connection.execute("PRAGMA user_version").fetchone()
        (tables,) = self._connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if format_ == _FORMAT:
            self._connection.execute(_SERVED)
            return
        if format_ or tables:
            raise DataError(f"{self.path}: is no reply store of this version; name another file")
        for statement in (*filter(str.strip, _SCHEMA.split(";")), _SERVED):
            self._connection.execute(statement)
        self._connection.execute(f"PRAGMA user_version = {_FORMAT}")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn errors of SQLite and of the system into a `DataError` that says what to do."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise DataError(f"{self.path}: another run is using it; wait for it, or name another file") from None
            raise DataError(f"{self.path}: replies cannot be stored ({error})") from None
        except sqlite3.DatabaseError as error:
            raise DataError(f"{self.path}: is no reply store, or broken ({error}); name another file") from None
        except OSError as error:
            raise DataError(f"{self.path}: cannot be made ({error.strerror or error})") from None


def _result(
    text: str | None, reason: str | None, detail: str | None, prompt_tokens: int, completion_tokens: int
) -> ChatResult:
    if reason is None:
        return Reply(text or "", prompt_tokens, completion_tokens)
    return Refusal(DropReason(reason), detail or "", prompt_tokens, completion_tokens, text or "")
