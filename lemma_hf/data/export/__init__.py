"""One trajectory for every trainer: rows for SFT, preference pairs, labeled answers and labeled steps.

`repairs` reads the mistakes of a trajectory, each with the right steps before it; `pairs` makes wrong and right texts
of them; `forms` writes these as the rows that trainers take; `reading` and `writing` are the files.
"""

from lemma_hf.data.export.forms import (
    CHOSEN,
    TRAINERS,
    ExportForm,
    ExportOptions,
    ExportRow,
    dpo_rows,
    export_rows,
    kto_rows,
    messages_rows,
    prm_rows,
    sft_rows,
    spot_rows,
    step_dpo_rows,
)
from lemma_hf.data.export.pairs import SolutionPair, StepPair, clean_solution, minimally_corrected, step_pairs
from lemma_hf.data.export.repairs import Repair, read_repairs

__all__ = [
    "CHOSEN",
    "TRAINERS",
    "ExportForm",
    "ExportOptions",
    "ExportRow",
    "Repair",
    "SolutionPair",
    "StepPair",
    "clean_solution",
    "dpo_rows",
    "export_rows",
    "kto_rows",
    "messages_rows",
    "minimally_corrected",
    "prm_rows",
    "read_repairs",
    "sft_rows",
    "spot_rows",
    "step_dpo_rows",
    "step_pairs",
]
