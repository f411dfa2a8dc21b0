"""The world `stories`: multi-step word problems of grade-school maths, whose steps and mistakes are all known."""

from lemma_hf.world.stories._world import Stories

STORIES = Stories()

__all__ = ["STORIES", "Stories"]
