"""Audit of self-correcting data: how many turns stand behind something wrong, what they did, and what is suspicious.

- `audit_rows`: items (`lemma_hf.show.read_items`) → findings for each row
- `summarize`: findings → figures, checks, and the most suspicious rows
- `audit_text`, `audit_items`: for the terminal, and for the page of `lemma_hf.show`
"""

from lemma_hf.audit.claims import MAX_TURNS, Claimed, grade_claims
from lemma_hf.audit.doubts import Doubt, find_doubts
from lemma_hf.audit.figures import Audit, Check, Limits, rank, summarize
from lemma_hf.audit.report import audit_items, audit_text
from lemma_hf.audit.rows import Audited, CountTokens, Effect, Fault, audit_rows
from lemma_hf.audit.turns import Basis, Behind, Did, Turn, Unknown, judge_turns
from lemma_hf.audit.twins import Twin, find_twins
from lemma_hf.pipeline.false_steps import false_step

__all__ = [
    "MAX_TURNS",
    "Audit",
    "Audited",
    "Basis",
    "Behind",
    "Check",
    "Claimed",
    "CountTokens",
    "Did",
    "Doubt",
    "Effect",
    "Fault",
    "Limits",
    "Turn",
    "Twin",
    "Unknown",
    "audit_items",
    "audit_rows",
    "audit_text",
    "false_step",
    "find_doubts",
    "find_twins",
    "grade_claims",
    "judge_turns",
    "rank",
    "summarize",
]
