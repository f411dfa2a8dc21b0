"""Prompts to completions: a model on this machine (`local`), or outputs that exist already (`from_file`)."""

from lemma_hf.generate.completions import Completion, Sampling, Student
from lemma_hf.generate.local import LocalStudent, evaluating

__all__ = ["Completion", "LocalStudent", "Sampling", "Student", "evaluating"]
