"""Report of a run: its results, costs and losses, as a page for people and a JSON file for programs.

    write_report(RunReport("GSM8K, round 1", funnel.counts, trajectories), "report.html", "report.json")

The page is one file that needs nothing else: no script, no font, no network.
"""

import json
from dataclasses import asdict
from pathlib import Path

from lemma_hf.errors import DataError
from lemma_hf.pipeline.run.report_facts import Facts, RunReport, gather_facts
from lemma_hf.pipeline.run.report_page import report_html
from lemma_hf.utils.files import write_text

__all__ = ["RunReport", "write_report"]


def write_report(report: RunReport, html_path: str | Path, json_path: str | Path) -> Facts:
    """Write both files, each whole or not at all, in the place of an earlier one.

    Returns:
        The facts that they hold.

    Raises:
        DataError: if the rejects cannot be read, or a file cannot be written.
    """
    facts = gather_facts(report)
    _write(Path(html_path), report_html(facts))
    # Escapes of everything but ASCII: half a surrogate pair in a model's output is no text that could be encoded.
    _write(Path(json_path), json.dumps(asdict(facts), indent=1, ensure_ascii=True, allow_nan=False) + "\n")
    return facts


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, text)
    except OSError as error:
        raise DataError(f"{path}: the report cannot be written ({error.strerror or error})") from None
