"""The Python blocks of each document run as they stand, one after the other, in an empty folder without a network."""

import os
import re
import subprocess
import sys

import pytest
from docs_text import DOCUMENTS, ROOT, blocks, name_of

PUBLISHED_ROW = (
    '{"instruction": "What is 2 + 2 + 1?", "input": "", "output": "2 + 2 = 5.\\nWait, that is wrong. 2 + 2 = 4.\\n'
    '4 + 1 = 5.\\nThe answer is: 5"}\n'
)
ABOUT_THE_HUB = ROOT / "docs" / "publishing.md"
"""Its blocks run in `tests/hub/test_circle.py`, against a Hub."""
WITH_PYTHON = [path for path in DOCUMENTS if blocks(path.read_text("utf-8"), "python") and path != ABOUT_THE_HUB]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A tiny model, in place of the one on the Hub that the documents name."""
    from lemma_hf.train.scratch import bpe_tokenizer, small_llama

    folder = tmp_path_factory.mktemp("model")
    tokenizer = bpe_tokenizer(["What is 2 + 2?"], 300)
    tokenizer.save_pretrained(folder)
    small_llama(tokenizer, hidden_size=32, layers=1, max_length=2048).save_pretrained(folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("document", WITH_PYTHON, ids=name_of)
def test_the_python_blocks_run_one_after_the_other(document, model, tmp_path):
    """As they stand, but for a model that is on this machine, fewer rows, and one training step."""
    (tmp_path / "my_rows.jsonl").write_text(PUBLISHED_ROW, "utf-8")
    code = "\n".join(blocks(document.read_text("utf-8"), "python"))
    code = code.replace("Qwen/Qwen2.5-0.5B", str(model)).replace('split="train")', 'split="train[:100]")')
    code = re.sub(
        r'\b(LemmaSFTConfig|DPOConfig|TrainingArguments)\("out", ',
        r'\1("out", max_steps=1, use_cpu=True, bf16=False, report_to=[], ',
        code,
    )
    offline = {"HF_HUB_OFFLINE": "1", "HF_EVALUATE_OFFLINE": "1", "HF_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": os.environ["OMP_NUM_THREADS"], **offline},
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_the_main_documents_have_python_blocks():
    names = {name_of(path) for path in WITH_PYTHON}
    assert {"README.md", *(f"docs/{page}.md" for page in ("quickstart", "data", "training", "grading"))} <= names
