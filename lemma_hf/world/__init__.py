"""Two small worlds of which everything is known: `sums`, symbolic chains, and `stories`, word problems."""

from lemma_hf.errors import ConfigError
from lemma_hf.world.protocol import World

WORLDS = ("sums", "stories")


def get_world(name: str) -> World:
    """The dialect called `sums` or `stories`.

    Raises:
        ConfigError: if there is none of that name.
    """
    if name == "sums":
        from lemma_hf.world.sums import SUMS

        return SUMS
    if name == "stories":
        from lemma_hf.world.stories import STORIES

        return STORIES
    raise ConfigError(f"no dialect of the world is called {name!r}; known are {', '.join(WORLDS)}")
