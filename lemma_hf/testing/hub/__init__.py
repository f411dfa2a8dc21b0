"""A Hub on this machine, for tests of code that publishes: repositories, rights, faults on demand."""

from lemma_hf.testing.hub._faults import Break
from lemma_hf.testing.hub._hub import HubRequest, LoopbackHub
from lemma_hf.testing.hub._repository import Commit, Repo

__all__ = ["Break", "Commit", "HubRequest", "LoopbackHub", "Repo"]
