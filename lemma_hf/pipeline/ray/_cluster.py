"""Connection to Ray: to the cluster at `RAY_ADDRESS` where it is set, else to a Ray started for this process.

Ray is an extra and imported only here. Its messages are turned off (its logs are in its session folder, by default
/tmp/ray; set `RAY_DATA_LOG_LEVEL=INFO` to see those of Ray Data), and so are usage statistics and the dashboard.
"""

import logging
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lemma_hf.errors import ConfigError, MissingDependencyError
from lemma_hf.utils.extras import how_to_install

_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DATA_LOG_LEVEL": "CRITICAL",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".",  # all that raylets would have us print; a worker that dies for good is an error
}
"""Environment variables that Ray reads when it is imported or started; those that are set already stay."""
_LEAST_CPUS = 2
"""Ray Data lists files in one task while actors wait in others: with one CPU they would wait for each other."""
_CONNECT_SECONDS = 10.0
"""Seconds for the machine at `RAY_ADDRESS` to accept a connection; Ray itself would wait for minutes."""


def load_ray() -> Any:
    """Import the `ray` module, with `ray.data`.

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
            f"`engine: ray` needs Ray Data, which is not installed ({error}): {how_to_install('ray')}"
        ) from None
    return ray


def connect(cpus: int | None = None) -> Any:
    """Import and connect the `ray` module; a process that is connected already stays so.

    Args:
        cpus: CPUs of a Ray of this machine; by default all.

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
        _check_address(address)
    else:
        options |= {"num_cpus": max(_LEAST_CPUS, cpus or os.cpu_count() or 1), "include_dashboard": False}
    try:
        with _no_standard_error():
            ray.init(address=address or "local", **options)
    except (ConnectionError, RuntimeError, ValueError) as error:
        # The reason is in the cause of Ray's error, such as a missing token (RAY_AUTH_MODE).
        reason = str(error.__cause__ or error).strip().rpartition("\n")[2][:400]
        where = f"RAY_ADDRESS is {address!r}, but no cluster answers there" if address else "Ray does not start here"
        raise ConfigError(f"{where}: {reason}") from None
    return ray


def cluster_address() -> str:
    """The address of the cluster; empty for a Ray of this machine."""
    address = os.environ.get("RAY_ADDRESS", "").strip()
    return "" if address == "local" else address


def _check_address(address: str) -> None:
    """Refuse an address at which no cluster answers."""
    if address.startswith("ray://"):
        raise ConfigError(
            f"RAY_ADDRESS is {address!r}, for a client outside the cluster: run the recipe on a machine of the "
            "cluster, or as a job (`ray job submit`), with HOST:PORT or `auto`"
        )
    host, _, port = address.rpartition(":")
    if not port.isdecimal():
        return  # `auto`, which Ray looks up
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_CONNECT_SECONDS).close()
    except OSError as error:
        raise ConfigError(f"RAY_ADDRESS is {address!r}, but no cluster answers there: {error}") from None


@contextmanager
def _no_standard_error() -> Iterator[None]:
    """Turn standard error off: when it starts, Ray's C++ part prints its log level there, whatever the level."""
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
