"""Trajectories as rows: their columns, folders of them, readers of files, and `load_dataset("lemma")`.

`import lemma_hf` comes through here, so nothing heavy may be imported at this level.

`rows` declares, writes and reads the columns (list columns stand in `loading` too), `folder` and `card` write a
dataset, `loading`, `sources`, `conversations`, `published` and `benchmark_rows` read files, `mixtures` mixes right
solutions in, `export` writes trajectories as the rows of other trainers, `builder` and `register` make the short name
work.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lemma_hf.data.register import DATASET_DIR as DATASET_DIR
from lemma_hf.data.register import DATASET_NAME as DATASET_NAME
from lemma_hf.data.register import register_when_imported as register_when_imported

if TYPE_CHECKING:
    from lemma_hf.data.card import DATASET_TAG as DATASET_TAG
    from lemma_hf.data.card import PLACEHOLDER as PLACEHOLDER
    from lemma_hf.data.card import Card as Card
    from lemma_hf.data.card import card_text as card_text
    from lemma_hf.data.conversations import EXCHANGE_COLUMNS as EXCHANGE_COLUMNS
    from lemma_hf.data.conversations import FORM_COLUMNS as FORM_COLUMNS
    from lemma_hf.data.conversations import Exchange as Exchange
    from lemma_hf.data.conversations import RowForm as RowForm
    from lemma_hf.data.conversations import form_of as form_of
    from lemma_hf.data.conversations import read_exchange as read_exchange
    from lemma_hf.data.conversations import rows_within as rows_within
    from lemma_hf.data.conversations import unknown_form as unknown_form
    from lemma_hf.data.export import ExportForm as ExportForm
    from lemma_hf.data.export import ExportOptions as ExportOptions
    from lemma_hf.data.export import SolutionPair as SolutionPair
    from lemma_hf.data.export import StepPair as StepPair
    from lemma_hf.data.export import clean_solution as clean_solution
    from lemma_hf.data.export import export_rows as export_rows
    from lemma_hf.data.export import minimally_corrected as minimally_corrected
    from lemma_hf.data.export import step_pairs as step_pairs
    from lemma_hf.data.folder import KINDS as KINDS
    from lemma_hf.data.folder import STRATEGY_CONFIGS as STRATEGY_CONFIGS
    from lemma_hf.data.folder import write_folder as write_folder
    from lemma_hf.data.loading import load_any as load_any
    from lemma_hf.data.loading import load_rows as load_rows
    from lemma_hf.data.mixtures import Mixture as Mixture
    from lemma_hf.data.mixtures import mix as mix
    from lemma_hf.data.mixtures import read_columns as read_columns
    from lemma_hf.data.published import published_to_row as published_to_row
    from lemma_hf.data.rows import COLUMNS as COLUMNS
    from lemma_hf.data.rows import features as features
    from lemma_hf.data.rows import row_to_trajectory as row_to_trajectory
    from lemma_hf.data.rows import trajectory_to_row as trajectory_to_row
    from lemma_hf.data.sources import field_of as field_of
    from lemma_hf.data.sources import read_problems as read_problems
    from lemma_hf.data.sources import read_records as read_records

_HOME_OF = {
    "COLUMNS": "lemma_hf.data.rows",
    "Card": "lemma_hf.data.card",
    "DATASET_TAG": "lemma_hf.data.card",
    "EXCHANGE_COLUMNS": "lemma_hf.data.conversations",
    "Exchange": "lemma_hf.data.conversations",
    "ExportForm": "lemma_hf.data.export",
    "ExportOptions": "lemma_hf.data.export",
    "FORM_COLUMNS": "lemma_hf.data.conversations",
    "KINDS": "lemma_hf.data.folder",
    "Mixture": "lemma_hf.data.mixtures",
    "PLACEHOLDER": "lemma_hf.data.card",
    "RowForm": "lemma_hf.data.conversations",
    "STRATEGY_CONFIGS": "lemma_hf.data.folder",
    "SolutionPair": "lemma_hf.data.export",
    "StepPair": "lemma_hf.data.export",
    "card_text": "lemma_hf.data.card",
    "clean_solution": "lemma_hf.data.export",
    "export_rows": "lemma_hf.data.export",
    "features": "lemma_hf.data.rows",
    "field_of": "lemma_hf.data.sources",
    "form_of": "lemma_hf.data.conversations",
    "load_any": "lemma_hf.data.loading",
    "load_rows": "lemma_hf.data.loading",
    "minimally_corrected": "lemma_hf.data.export",
    "mix": "lemma_hf.data.mixtures",
    "published_to_row": "lemma_hf.data.published",
    "read_columns": "lemma_hf.data.mixtures",
    "read_exchange": "lemma_hf.data.conversations",
    "read_problems": "lemma_hf.data.sources",
    "read_records": "lemma_hf.data.sources",
    "row_to_trajectory": "lemma_hf.data.rows",
    "rows_within": "lemma_hf.data.conversations",
    "step_pairs": "lemma_hf.data.export",
    "trajectory_to_row": "lemma_hf.data.rows",
    "unknown_form": "lemma_hf.data.conversations",
    "write_folder": "lemma_hf.data.folder",
}

__all__ = ["DATASET_DIR", "DATASET_NAME", "register_when_imported", *_HOME_OF]  # noqa: PLE0604 - the names are all strings


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'lemma_hf.data' has no attribute {name!r}")
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value
