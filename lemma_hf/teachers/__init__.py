"""Teachers: they find, inject and correct mistakes, by one protocol.

protocol      the five methods: analyse, inject, fix, restart, smooth
loading       a setting's name → the teacher; a new teacher gets its name here
llm           a model behind an endpoint; what it is asked is in `prompts`
checked       the same, with its verdicts put to the vote and held against another teacher
reference     reference solutions, without a model: `first_error`, `error_type`, `injection`, `reflections`
world         the oracle of a made-up world
scripted      replies given beforehand, for tests
"""

from lemma_hf.teachers.checked import CheckedTeacher
from lemma_hf.teachers.llm import LLMTeacher
from lemma_hf.teachers.protocol import Injection, Teacher
from lemma_hf.teachers.reference import ReferenceTeacher, without_claim
from lemma_hf.teachers.scripted import ScriptedTeacher
from lemma_hf.teachers.world import WorldTeacher

__all__ = [
    "CheckedTeacher",
    "Injection",
    "LLMTeacher",
    "ReferenceTeacher",
    "ScriptedTeacher",
    "Teacher",
    "WorldTeacher",
    "without_claim",
]
