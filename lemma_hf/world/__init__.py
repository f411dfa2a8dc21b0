"""Two small worlds of which everything is known: `sums`, symbolic chains, and `stories`, word problems."""

from lemma_hf.errors import ConfigError
from lemma_hf.world.dialect import Dialect

DIALECTS = ("sums", "stories")


def dialect_named(name: str) -> Dialect:
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
    raise ConfigError(f"no dialect of the world is called {name!r}; known are {', '.join(DIALECTS)}")
