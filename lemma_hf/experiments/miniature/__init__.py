"""The miniature experiment: a small student, its own mistakes, and arms of training that differ in one thing each.

problems ─ student ─ rows ─ arms: train, measure ─ figures ─ report
"""

from lemma_hf.experiments.miniature.arms import ARMS, Arm, arms_named
from lemma_hf.experiments.miniature.document import example, summary, write_document
from lemma_hf.experiments.miniature.over_seeds import SeedResults, read_file, read_folder
from lemma_hf.experiments.miniature.schedule import run_all
from lemma_hf.experiments.miniature.settings import MiniatureSettings
from lemma_hf.experiments.miniature.tables import points

__all__ = [
    "ARMS",
    "Arm",
    "MiniatureSettings",
    "SeedResults",
    "arms_named",
    "example",
    "points",
    "read_file",
    "read_folder",
    "run_all",
    "summary",
    "write_document",
]
