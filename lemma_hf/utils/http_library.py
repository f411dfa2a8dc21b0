"""The HTTP library of huggingface_hub: httpx2 from its release 2.0 on, httpx before.

The Hub's client is given a session of ours, and its errors reach us, so both sides have to use the same library. The
two have the same names.
"""

from importlib.metadata import version
from typing import TYPE_CHECKING

from packaging.version import Version

if TYPE_CHECKING or Version(version("huggingface_hub")).major >= 2:
    import httpx2 as httpx
else:
    import httpx

__all__ = ["httpx"]
