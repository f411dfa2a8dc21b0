"""Prompts for a student: how a question is put to a model, and the worked examples that may stand before it.

- `styles`: the prompt styles.
- `shots`, `shots/*.md`: the worked examples (few-shots).

The prompts of a teacher are in `lemma_hf.teachers.prompts`.
"""

from lemma_hf.prompts.shots import SHOTS_FOLDER, Shot, load_shots
from lemma_hf.prompts.styles import PROMPT_STYLES, PromptStyle, prompt_style

__all__ = ["PROMPT_STYLES", "SHOTS_FOLDER", "PromptStyle", "Shot", "load_shots", "prompt_style"]
