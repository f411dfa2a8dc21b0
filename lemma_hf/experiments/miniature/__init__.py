"""The miniature experiment: a small student, its own mistakes, and arms of training that differ in one thing each.

problems ─ student ─ rows ─ arms: train, measure ─ figures ─ report
"""

from lemma_hf.experiments.miniature._arms import ARMS, Arm, arms_named
from lemma_hf.experiments.miniature._document import example, summary, write_document
from lemma_hf.experiments.miniature._over_seeds import SeedResults, read_file, read_folder
from lemma_hf.experiments.miniature._schedule import run_all
from lemma_hf.experiments.miniature._settings import MiniatureSettings
from lemma_hf.experiments.miniature._tables import points

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
