"""A Hub on this machine, for tests of code that publishes: repositories, rights, faults on demand."""

from lemma_hf.testing.hub.faults import Break
from lemma_hf.testing.hub.hub import LoopbackHub
from lemma_hf.testing.hub.record import HubRequest
from lemma_hf.testing.hub.repository import Commit, Repo

__all__ = ["Break", "Commit", "HubRequest", "LoopbackHub", "Repo"]
