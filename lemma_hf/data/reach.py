"""Whether there is a way to the Hub, asked once before `datasets` tries: it goes on trying for half a minute."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit
from urllib.request import getproxies

_SECONDS = 5.0
"""For a connection; one that takes longer would be of no use for a download."""


@contextmanager
def hub_or_cache() -> Iterator[None]:
    """Have `datasets` look into its cache at once, as with HF_HUB_OFFLINE=1, where the Hub cannot be reached.

    Raises:
        ConnectionError: in place of the block's own, where the cache does not have it either.
    """
    from datasets import config

    if config.HF_HUB_OFFLINE or is_reachable(config.HF_ENDPOINT):
        yield
        return
    config.HF_HUB_OFFLINE = True
    try:
        yield
    except ConnectionError:
        said = f"{config.HF_ENDPOINT} cannot be reached from here, and no copy is in the cache"
        raise ConnectionError(said) from None
    finally:
        config.HF_HUB_OFFLINE = False


def is_reachable(url: str) -> bool:
    """Whether the server of an address takes connections; what lies behind a proxy is taken to be there.

    Example:
        >>> is_reachable("http://127.0.0.1:9")
        False
    """
    parts = urlsplit(url)
    if parts.hostname is None or parts.scheme in getproxies() or "all" in getproxies():
        return True
    port = parts.port or (80 if parts.scheme == "http" else 443)
    try:
        socket.create_connection((parts.hostname, port), _SECONDS).close()
    except OSError:
        return False
    return True
