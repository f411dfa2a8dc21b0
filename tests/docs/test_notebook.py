"""The notebook runs from top to bottom, in an empty folder, without a network; what it stores is what it says."""

import json
import os
import subprocess
import sys

import pytest
from docs_text import ROOT

NOTEBOOK = json.loads((ROOT / "docs" / "notebook.ipynb").read_text("utf-8"))
CELLS = ["".join(cell["source"]) for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]


@pytest.mark.slow
def test_the_notebook_runs_from_top_to_bottom(tmp_path):
    offline = {"HF_HUB_OFFLINE": "1", "HF_EVALUATE_OFFLINE": "1", "HF_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(CELLS).replace("max_steps=150", "max_steps=30")],
        cwd=tmp_path,
        env=os.environ | offline,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert (tmp_path / "outputs/notebook/page.html").is_file()
    assert "outputs contain a reflection" in done.stdout


def test_every_cell_was_executed_in_order_and_none_failed():
    executed = [cell for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in executed] == list(range(1, len(executed) + 1))
    assert {output["output_type"] for cell in executed for output in cell["outputs"]} == {"stream", "execute_result"}
