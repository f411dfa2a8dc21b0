"""Teachers: they find, inject and correct mistakes, by one protocol."""

from lemma_hf.teachers.llm import LLMTeacher
from lemma_hf.teachers.protocol import Injection, Teacher
from lemma_hf.teachers.reference import ReferenceTeacher, without_claim
from lemma_hf.teachers.scripted import ScriptedTeacher
from lemma_hf.teachers.world import WorldTeacher

__all__ = ["Injection", "LLMTeacher", "ReferenceTeacher", "ScriptedTeacher", "Teacher", "WorldTeacher", "without_claim"]
