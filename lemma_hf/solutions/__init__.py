"""The text of a solution: its steps, the spans of a self-correction, and the effect of a reflection on the answer.

Whether a text *turns*, which means goes back on something it wrote, is asked in four ways:

- `cues.opens_turn(sentence)`: whether one sentence begins with a cue such as "Wait,".
- `reflection.turn_offsets(text)`: where a text turns, by its English words. A doubt that changes nothing counts too.
- `corrects_itself(text)`: whether a text has an error, a reflection and a correction that can be trained on.
- `World.has_turn(text)`: whether a solution of a made-up world turns; `sums` write `!` and `?` in place of words.
  `lemma_hf.evaluation.marked_turns("!?")` says where, as `turn_offsets` does for English.
"""

from lemma_hf.solutions.arithmetic import Expression, NotArithmeticError, decimal_text, parse_expression
from lemma_hf.solutions.departure import departs_at, mistake_at, with_start
from lemma_hf.solutions.equations import Equation, find_equations, is_close
from lemma_hf.solutions.line_tokens import Token, TokenKind, find_numbers, tokenize_line, without_latex
from lemma_hf.solutions.reflection import (
    Change,
    FindTurns,
    Reflected,
    ReflectionTally,
    claims_answer,
    count_reflections,
    reflect_many,
    reflection_rates,
    turn_offsets,
)
from lemma_hf.solutions.shown_work import shows_work
from lemma_hf.solutions.spans import corrects_itself, segment
from lemma_hf.solutions.step_facts import (
    MAX_STEPS,
    StepFacts,
    claimed_answer,
    has_code_or_json,
    likeness,
    parse_amount,
    read_step,
    split_prose_steps,
    to_prose,
    without_notes,
)
from lemma_hf.solutions.steps import split_line_steps, split_sentences, split_steps

__all__ = [
    "MAX_STEPS",
    "Change",
    "Equation",
    "Expression",
    "FindTurns",
    "NotArithmeticError",
    "Reflected",
    "ReflectionTally",
    "StepFacts",
    "Token",
    "TokenKind",
    "claimed_answer",
    "claims_answer",
    "corrects_itself",
    "count_reflections",
    "decimal_text",
    "departs_at",
    "find_equations",
    "find_numbers",
    "has_code_or_json",
    "is_close",
    "likeness",
    "mistake_at",
    "parse_amount",
    "parse_expression",
    "read_step",
    "reflect_many",
    "reflection_rates",
    "segment",
    "shows_work",
    "split_line_steps",
    "split_prose_steps",
    "split_sentences",
    "split_steps",
    "to_prose",
    "tokenize_line",
    "turn_offsets",
    "with_start",
    "without_latex",
    "without_notes",
]
