"""What do the tests look at? Eight made-up outputs, hostile ones, and trajectories of the dataset in the package."""

import json
from pathlib import Path
from typing import Any

TURN = "9 * 7 = 62. Wait, that is wrong. 9 * 7 = 63. The answer is: 63"

OUTPUTS: list[dict[str, Any]] = [
    {"id": "a/1", "question": "What is 9 * 7?", "output": TURN, "reference": "63", "outcome": "right"},
    {"id": "a/2", "question": "What is 9 * 7?", "output": "The answer is: 62", "reference": "63", "outcome": "wrong"},
    {
        "id": "b/1",
        "question": "How many eggs?",
        "output": "Twelve eggs. #### 12",
        "reference": "12",
        "outcome": "right",
    },
    {"id": "b/2", "question": "How many eggs?", "output": "No idea.", "reference": "12", "outcome": "no_answer"},
    {"id": "c/1", "question": "Half of a zebra?", "output": "#### 5", "reference": "5", "outcome": "right"},
    {"id": "c/2", "question": "Half of a zebra?", "output": "#### 6", "reference": "5", "outcome": "wrong"},
    {"id": "d/1", "question": "What is x?", "output": "\\boxed{1}", "reference": "1", "outcome": "right"},
    {"id": "d/2", "question": "What is x?", "output": "\\boxed{2}", "reference": "1", "outcome": "wrong"},
]
for _row in OUTPUTS:
    _row |= {"subject": {"a": "Products", "b": "Counting"}.get(_row["id"][0], "Other"), "rule": "boxed>number"}
"""Right: a/1, b/1, c/1, d/1. Wrong: a/2, c/2, d/2. Products: a/1, a/2; Counting: b/1, b/2; Other: the four others."""

EVIL = "<img src=x onerror='window.pwned=1'></script><script>window.pwned=1</script><!--"
HOSTILE: list[dict[str, Any]] = [
    {"id": EVIL, "question": EVIL, "output": EVIL, "reference": EVIL, "subject": EVIL, EVIL: EVIL, "outcome": "wrong"},
    {"id": "javascript:window.pwned=1", "output": "\u202egnorw\u2028\u2029\x00\x1b[31m\ud800", "outcome": "wrong"},
    {"id": "__proto__", "output": "constructor " * 20, "subject": "__proto__", "outcome": "right"},
    {"id": "z\u0301" * 300, "output": "z" + "\u0301" * 500, "outcome": "right"},
    {"id": "%E0%A4%A?#&", "output": "W" * 30_000, "subject": "w" * 5_000, "outcome": "right"},
    {"id": "rtl", "output": "שלום 123 עולם", "outcome": "right"},
]


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    """As JSON Lines; half characters are spelled."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path
