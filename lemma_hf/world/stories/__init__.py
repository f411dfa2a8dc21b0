"""Multi-step word problems in the manner of grade-school maths, of which every step and every mistake is known."""

from lemma_hf.world.stories.world import Stories

STORIES = Stories()

__all__ = ["STORIES", "Stories"]
