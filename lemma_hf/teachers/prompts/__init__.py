"""Prompts for a teacher that is a model, and the parsers of its replies.

- `loader`, `*.md`: the prompts, one file for each of the five methods of a teacher.
- `tags`, `replies`: what the replies say.
"""

from lemma_hf.teachers.prompts.loader import FIELDS, TeacherPrompt, load_prompt
from lemma_hf.teachers.prompts.replies import (
    Analysis,
    Turn,
    WrongSolution,
    parse_analysis,
    parse_correction,
    parse_injection,
    parse_smoothing,
)
from lemma_hf.teachers.prompts.tags import Unreadable

__all__ = [
    "FIELDS",
    "Analysis",
    "TeacherPrompt",
    "Turn",
    "Unreadable",
    "WrongSolution",
    "load_prompt",
    "parse_analysis",
    "parse_correction",
    "parse_injection",
    "parse_smoothing",
]
