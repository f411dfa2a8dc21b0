"""Which rows do we store, and where do they come from? Rows, folders of them, readers, and `load_dataset("lemma")`.

`import lemma_hf` comes through here, so nothing heavy may be imported at this level.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lemma_hf.data.register import DATASET_DIR as DATASET_DIR

if TYPE_CHECKING:
    from lemma_hf.data.folder import write_folder as write_folder
    from lemma_hf.data.published import published_to_row as published_to_row
    from lemma_hf.data.rows import features as features
    from lemma_hf.data.rows import row_to_trajectory as row_to_trajectory
    from lemma_hf.data.rows import trajectory_to_row as trajectory_to_row
    from lemma_hf.data.sources import read_records as read_records

_HOME_OF = {
    "features": "lemma_hf.data.rows",
    "published_to_row": "lemma_hf.data.published",
    "read_records": "lemma_hf.data.sources",
    "row_to_trajectory": "lemma_hf.data.rows",
    "trajectory_to_row": "lemma_hf.data.rows",
    "write_folder": "lemma_hf.data.folder",
}

__all__ = ["DATASET_DIR", *_HOME_OF]  # noqa: PLE0604 - the names are all strings


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'lemma_hf.data' has no attribute {name!r}")
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value
