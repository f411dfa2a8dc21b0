"""Tests of what the stock client of the Hub does, which its older releases do not do."""

import huggingface_hub
import pytest
from packaging.version import Version


def hub_is_from(release: str) -> bool:
    """Whether the installed huggingface_hub is this release or a later one."""
    return Version(huggingface_hub.__version__) >= Version(release)


def from_hub(release: str, older: str) -> pytest.MarkDecorator:
    """Skips with older releases of huggingface_hub, of which `older` says what they do in its place."""
    skip: pytest.MarkDecorator = pytest.mark.skipif(
        not hub_is_from(release), reason=f"huggingface_hub before {release} {older}"
    )
    return skip
