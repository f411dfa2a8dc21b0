"""Pytest plugin with the fixture `loopback_hub`: `pytest_plugins = ["lemma_hf.testing.plugin"]`."""

from collections.abc import Iterator
from typing import Any

import pytest

from lemma_hf.testing.hub import LoopbackHub


@pytest.fixture
def loopback_hub() -> Iterator[LoopbackHub]:
    """A Hub on this machine, empty, for one test. A process reaches it with `loopback_hub.environment(home)`."""
    with LoopbackHub() as hub:
        yield hub


@pytest.fixture
def loopback_api(loopback_hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The stock client of `loopback_hub` (`HfApi`), in the process of the test.

    It is online also where `HF_HUB_OFFLINE` is set, which the client reads but once. What downloads needs a `cache_dir`
    or a `local_dir`, so as to leave nothing behind.
    """
    from huggingface_hub import HfApi, constants

    for name, value in {"HF_HUB_OFFLINE": False, "HF_HUB_DISABLE_XET": True}.items():
        monkeypatch.setattr(constants, name, value)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return HfApi(endpoint=loopback_hub.url, token=loopback_hub.token)
