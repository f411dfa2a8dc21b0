"""Completions to figures: accuracy with intervals, and how often a text reflects on itself."""

from lemma_hf.evaluation.intervals import Share
from lemma_hf.evaluation.score import Report, Scored, score, summarise

__all__ = ["Report", "Scored", "Share", "score", "summarise"]
