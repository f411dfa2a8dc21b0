"""Who finds, makes and mends mistakes? The teachers, and the protocol they share."""

from lemma_hf.teacher.llm import LLMTeacher
from lemma_hf.teacher.protocol import Injection, Teacher
from lemma_hf.teacher.reference import ReferenceTeacher
from lemma_hf.teacher.scripted import ScriptedTeacher
from lemma_hf.teacher.world import WorldTeacher

__all__ = ["Injection", "LLMTeacher", "ReferenceTeacher", "ScriptedTeacher", "Teacher", "WorldTeacher"]
