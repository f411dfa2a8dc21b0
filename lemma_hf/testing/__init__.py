"""Test doubles: an LLM endpoint and a Hub on this machine, with faults on demand."""

from lemma_hf.testing.faults import ALL, Fault, Faults
from lemma_hf.testing.hub import Break, HubRequest, LoopbackHub
from lemma_hf.testing.log import Exchange, read_log, repeats
from lemma_hf.testing.loopback import LoopbackEndpoint

__all__ = [
    "ALL",
    "Break",
    "Exchange",
    "Fault",
    "Faults",
    "HubRequest",
    "LoopbackEndpoint",
    "LoopbackHub",
    "read_log",
    "repeats",
]
