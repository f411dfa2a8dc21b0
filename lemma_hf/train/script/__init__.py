"""The parts of the training script `recipes/sft.py`: its settings, reporters, rows, problems, model, and closing table.

The settings have TRL's names, so that the options of `trl sft` are options of this script too.
"""

from lemma_hf.train.old_names import RENAMED
from lemma_hf.train.script.model import make_model, quantization, refuse_diverged
from lemma_hf.train.script.problems import solve_callback, solve_problems
from lemma_hf.train.script.reporters import check_reporters
from lemma_hf.train.script.rows import held_out_rows, training_rows
from lemma_hf.train.script.settings import SETTINGS, LemmaModelConfig, LemmaScriptArguments
from lemma_hf.train.script.summary import last_figures, span_table

__all__ = [
    "RENAMED",
    "SETTINGS",
    "LemmaModelConfig",
    "LemmaScriptArguments",
    "check_reporters",
    "held_out_rows",
    "last_figures",
    "make_model",
    "quantization",
    "refuse_diverged",
    "solve_callback",
    "solve_problems",
    "span_table",
    "training_rows",
]
