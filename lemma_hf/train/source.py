"""What is a model or dataset called where others read it? By its name on the Hub, or by the last name of a folder."""

import re
from dataclasses import dataclass
from pathlib import Path

_SHIPPED = "lemma"
"""The name under which this package registers its own dataset; the Hub has another by it, or none."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a model or dataset comes from."""

    name: str
    """On the Hub, or the last name of a folder."""
    is_local: bool = False

    @classmethod
    def from_name(cls, name: str) -> "Source":
        """A name on the Hub, or a path, of which only the last part is kept.

        Example:
            >>> Source.from_name("panzs19/LEMMA"), Source.from_name("/home/me/rows.parquet").name
            (Source(name='panzs19/LEMMA', is_local=False), 'rows.parquet')
        """
        is_path = name.startswith(("/", ".", "~")) or "\\" in name or name.count("/") > 1 or Path(name).exists()
        if is_path:
            return cls(re.split(r"[/\\]", name.rstrip("/\\"))[-1], True)
        return cls(name, name == _SHIPPED)

    def linked(self, folder: str = "") -> str:
        """The name in Markdown, with its address where it has one.

        Args:
            folder: `datasets/` for a dataset, nothing for a model.
        """
        return (
            f"`{self.name}` (local)" if self.is_local else f"[{self.name}](https://huggingface.co/{folder}{self.name})"
        )
