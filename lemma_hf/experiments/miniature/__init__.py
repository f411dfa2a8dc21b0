"""The miniature experiment: a small student, its own mistakes, and arms of training that differ in one thing each.

problems ─ student ─ rows ─ arms: train, measure ─ figures ─ report
"""

from lemma_hf.experiments.miniature.arms import ARMS, Arm
from lemma_hf.experiments.miniature.settings import MiniatureSettings

__all__ = ["ARMS", "Arm", "MiniatureSettings"]
