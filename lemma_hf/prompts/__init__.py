"""Which words does a model get to read, and what do its replies say? Prompt styles, a teacher's prompts, and parsers.

- `styles`: how a question is put to a student.
- `shots`, `shots/*.md`: the worked examples that may stand before it.
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
from lemma_hf.prompts.shots import SHOTS_FOLDER, Shot, load_shots
from lemma_hf.prompts.styles import PROMPT_STYLES, PromptStyle, prompt_style
from lemma_hf.prompts.tags import Unreadable

__all__ = [
    "FIELDS",
    "PROMPT_STYLES",
    "SHOTS_FOLDER",
    "Analysis",
    "Message",
    "PromptStyle",
    "Shot",
    "TeacherPrompt",
    "Turn",
    "Unreadable",
    "WrongSolution",
    "load_prompt",
    "load_shots",
    "parse_analysis",
    "parse_correction",
    "parse_injection",
    "parse_smoothing",
    "prompt_style",
]
