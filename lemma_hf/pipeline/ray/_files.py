"""Parquet files of batches, in a folder on a disk or in a bucket.

A row is a batch: the place of its first item, its number of items, and its records as JSON (see `serialization`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from lemma_hf.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Rows:
    """A batch of items, or their results."""

    place: int
    """Index of its first item among the items of the stage, from 0."""
    items: int
    records: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Folder:
    """The files of one stage, in any file system of pyarrow."""

    files: Any
    """A `pyarrow.fs.FileSystem`."""
    path: str

    @classmethod
    def from_work_dir(cls, work_dir: str, name: str) -> "Folder":
        """Create an empty folder; files of an earlier run in it are removed.

        Raises:
            ConfigError: if `work_dir` cannot be opened or written to.
        """
        from pyarrow import fs

        try:
            files, base = fs.FileSystem.from_uri(work_dir if "://" in work_dir else Path(work_dir).absolute().as_uri())
            folder = cls(files, f"{base.rstrip('/')}/{name}")
            folder.remove()
            for kind in ("in", "out", "tries"):
                files.create_dir(f"{folder.path}/{kind}")
        except (OSError, ValueError) as error:  # pyarrow's own errors are children of these
            raise ConfigError(f"`work_dir`: {work_dir} cannot be used: {error}") from None
        return folder

    def write(self, kind: str, batches: Sequence[Rows]) -> str:
        """Write a whole file or none, named by its first place; writing it again leaves the same file."""
        import pyarrow as pa
        from pyarrow import parquet

        columns = {
            "place": pa.array([batch.place for batch in batches], pa.int64()),
            "items": pa.array([batch.items for batch in batches], pa.int64()),
            "records": pa.array([batch.records for batch in batches], pa.large_list(pa.large_binary())),
        }
        name = f"{batches[0].place:012d}.parquet"
        part = f"{self.path}/{uuid4().hex}.part"
        parquet.write_table(pa.table(columns), part, filesystem=self.files, compression="zstd")
        self.files.move(part, f"{self.path}/{kind}/{name}")
        return name

    def read(self, name: str) -> Iterable[Rows]:
        """Read the batches of a file of results."""
        from pyarrow import parquet

        with self.files.open_input_file(f"{self.path}/out/{name}") as file:
            return list(rows_of(parquet.ParquetFile(file).read()))

    def begin(self, place: int) -> int:
        """Record that the work on a file begins; returns how many times it has begun."""
        from pyarrow import fs

        tries = f"{self.path}/tries/{place:012d}"
        # Without its parents: where the driver has given up and removed the folder, it must not be made again.
        self.files.create_dir(tries, recursive=False)
        self.files.open_output_stream(f"{tries}/{uuid4().hex}").close()
        return len(self.files.get_file_info(fs.FileSelector(tries)))

    def names(self, kind: str) -> list[str]:
        """The paths of all files, in the order of their places."""
        from pyarrow import fs

        return sorted(info.path for info in self.files.get_file_info(fs.FileSelector(f"{self.path}/{kind}")))

    def remove(self) -> None:
        """Delete the folder, if it exists."""
        from pyarrow import fs

        if self.files.get_file_info(self.path).type is not fs.FileType.NotFound:
            self.files.delete_dir(self.path)


def rows_of(table: Any) -> Iterator[Rows]:
    """The batches in an Arrow table."""
    for row in table.to_pylist():
        yield Rows(row["place"], row["items"], row["records"])
