"""Two worlds of made-up problems, each with an oracle: `sums`, symbolic chains, and `stories`, word problems."""

from lemma_hf.errors import ConfigError
from lemma_hf.world.protocol import World

__all__ = ["WORLDS", "World", "get_world"]

WORLDS = ("sums", "stories")
"""The names of all worlds."""


def get_world(name: str) -> World:
    """The world called `sums` or `stories`.

    Raises:
        ConfigError: if there is none of that name.
    """
    if name == "sums":
        from lemma_hf.world.sums import SUMS

        return SUMS
    if name == "stories":
        from lemma_hf.world.stories import STORIES

        return STORIES
    raise ConfigError(f"no world is called {name!r}; need one of {', '.join(WORLDS)}")
