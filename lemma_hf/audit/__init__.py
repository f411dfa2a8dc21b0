"""Audit of self-correcting data: how many turns stand behind something wrong, what they did, and what is suspicious.

- `audit_rows`: items (`lemma_hf.show.read_items`) → findings for each row
- `summarize`: findings → figures, checks, and the most suspicious rows
- `audit_text`, `audit_items`: for the terminal, and for the page of `lemma_hf.show`
"""

from lemma_hf.audit.figures import Audit, Check, Limits, summarize
from lemma_hf.audit.report import audit_items, audit_text
from lemma_hf.audit.rows import Audited, CountTokens, Effect, Fault, audit_rows
from lemma_hf.audit.turns import Basis, Behind, Doubt, Turn, find_doubts, judge_turns

__all__ = [
    "Audit",
    "Audited",
    "Basis",
    "Behind",
    "Check",
    "CountTokens",
    "Doubt",
    "Effect",
    "Fault",
    "Limits",
    "Turn",
    "audit_items",
    "audit_rows",
    "audit_text",
    "find_doubts",
    "judge_turns",
    "summarize",
]
