"""The documents, and what can be run in them: Python blocks, and the commands of bash blocks and of inline code."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "recipes/README.md", "benchmarks/README.md")),
    *PAGES,
]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def blocks(text: str, language: str) -> list[str]:
    """The contents of the fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def commands(text: str) -> list[str]:
    """Each command of the bash blocks, on one line and without its comment, then each command in inline code."""
    found = []
    for block in blocks(text, "bash"):
        lines = re.sub(r"\\\n\s*", " ", block).splitlines()
        found += [re.sub(r"(^|\s+)#.*", "", line).strip() for line in lines]
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    inline = re.findall(r"`((?:lemma-hf|python|accelerate launch|make) [^`]+)`", prose)
    found += [re.sub(r"\s+", " ", command) for command in inline if " | " not in command]
    return list(dict.fromkeys(command for command in found if command))
