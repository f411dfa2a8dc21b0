"""Doubles that anybody can use in tests of their own: an LLM endpoint on this machine, with faults on demand."""

from lemma_hf.testing.faults import ALL, Fault, Faults
from lemma_hf.testing.log import Exchange, read_log, repeats
from lemma_hf.testing.loopback import LoopbackEndpoint

__all__ = ["ALL", "Exchange", "Fault", "Faults", "LoopbackEndpoint", "read_log", "repeats"]
