"""Prompts to completions: a model on this machine (`local`), or one behind an endpoint (`endpoint`)."""

from lemma_hf.inference.completions import Completion, Sampling, Student
from lemma_hf.inference.llm import LLMStudent
from lemma_hf.inference.local import LocalStudent, evaluating

__all__ = ["Completion", "LLMStudent", "LocalStudent", "Sampling", "Student", "evaluating"]
