"""How is Ray reached? A cluster where `RAY_ADDRESS` names one, else a Ray of this machine, started for this process.

Ray is an extra and loaded only here. It is kept quiet (its logs lie in its session folder, by default /tmp/ray; set
`RAY_DATA_LOG_LEVEL=INFO` to see those of Ray Data), reports nothing to its makers, and starts no dashboard.
"""

import logging
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lemma_hf.errors import ConfigError, MissingDependencyError

_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DATA_LOG_LEVEL": "CRITICAL",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".",  # all that raylets would have us print; a worker that dies for good is an error
}
"""Read by Ray as it is imported or started; what you set yourself stays."""
_LEAST_CPUS = 2
"""Ray Data lists files in one task while actors wait in others: with one CPU they would wait for each other."""
_PATIENCE = 10.0
"""Seconds for the machine at `RAY_ADDRESS` to say that it is there."""


def load_ray() -> Any:
    """The `ray` module, with `ray.data`.

    Raises:
        MissingDependencyError: if it is not installed.
    """
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise MissingDependencyError(
            f"`engine: ray` needs Ray Data, which is not installed ({error}): pip install 'lemma-hf[ray]'"
        ) from None
    return ray


def connect(cpus: int | None = None) -> Any:
    """The `ray` module, connected; whoever has connected before is asked nothing.

    Args:
        cpus: of a Ray of this machine; by default all.

    Raises:
        MissingDependencyError: if Ray is not installed.
        ConfigError: if there is no cluster at `RAY_ADDRESS`.
    """
    ray = load_ray()
    if ray.is_initialized():
        return ray
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.CRITICAL}
    address = cluster_address()
    if address:
        _refuse_silent(address)
    else:
        options |= {"num_cpus": max(_LEAST_CPUS, cpus or os.cpu_count() or 1), "include_dashboard": False}
    try:
        with _silence():
            ray.init(address=address or "local", **options)
    except (ConnectionError, RuntimeError, ValueError) as error:
        # Ray says that it did not work; its cause says why, such as a token (RAY_AUTH_MODE) that is not there.
        reason = str(error.__cause__ or error).strip().rpartition("\n")[2][:400]
        where = f"RAY_ADDRESS is {address!r}, but no cluster answers there" if address else "Ray does not start here"
        raise ConfigError(f"{where}: {reason}") from None
    return ray


def cluster_address() -> str:
    """Where the cluster is; empty for a Ray of this machine."""
    address = os.environ.get("RAY_ADDRESS", "").strip()
    return "" if address == "local" else address


def _refuse_silent(address: str) -> None:
    """Ray itself would wait for minutes where nobody listens."""
    if address.startswith("ray://"):
        raise ConfigError(
            f"RAY_ADDRESS is {address!r}, for a client outside the cluster: run the recipe on a machine of the "
            "cluster, or as a job (`ray job submit`), with HOST:PORT or `auto`"
        )
    host, _, port = address.rpartition(":")
    if not port.isdecimal():
        return  # `auto`, which Ray looks up
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_PATIENCE).close()
    except OSError as error:
        raise ConfigError(f"RAY_ADDRESS is {address!r}, but no cluster answers there: {error}") from None


@contextmanager
def _silence() -> Iterator[None]:
    """No standard error: as it starts, Ray's C++ part says there which log level it was given, at any level."""
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
