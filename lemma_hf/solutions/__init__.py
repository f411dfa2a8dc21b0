"""The text of a solution: its steps, the spans of a self-correction, and the effect of a reflection on the answer.

Whether a text *turns*, which means goes back on something it wrote, is asked in four ways:

- `cues.opens_turn(sentence)`: whether one sentence begins with a cue such as "Wait,".
- `reflection.turn_offsets(text)`: where a text turns, by its English words. A doubt that changes nothing counts too.
- `corrects_itself(text)`: whether a text has an error, a reflection and a correction that can be trained on.
- `World.has_turn(text)`: whether a solution of a made-up world turns; `sums` write `!` and `?` in place of words.
  `lemma_hf.evaluation.marked_turns("!?")` says where, as `turn_offsets` does for English.
"""

from lemma_hf.solutions.reflection import reflect_many
from lemma_hf.solutions.spans import corrects_itself, segment
from lemma_hf.solutions.steps import split_steps

__all__ = ["corrects_itself", "reflect_many", "segment", "split_steps"]
