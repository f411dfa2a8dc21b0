"""Which words does a model get to read, and what do its replies say? Prompt styles, a teacher's prompts, and parsers.

- `styles`: how a question is put to a student.
- `loader`, `teacher/*.md`: what a teacher is asked.
- `tags`, `replies`: what it answered.
"""

from lemma_hf.prompts.loader import FIELDS, Message, TeacherPrompt, load_prompt
from lemma_hf.prompts.replies import (
    Analysis,
    Turn,
    WrongSolution,
    parse_analysis,
    parse_correction,
    parse_injection,
    parse_smoothing,
)
from lemma_hf.prompts.styles import PROMPT_STYLES, PromptStyle, prompt_style
from lemma_hf.prompts.tags import Unreadable

__all__ = [
    "FIELDS",
    "PROMPT_STYLES",
    "Analysis",
    "Message",
    "PromptStyle",
    "TeacherPrompt",
    "Turn",
    "Unreadable",
    "WrongSolution",
    "load_prompt",
    "parse_analysis",
    "parse_correction",
    "parse_injection",
    "parse_smoothing",
    "prompt_style",
]
