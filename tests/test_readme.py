"""README: every Python block runs, every file it names is there, and its tree is the tree."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")

PUBLISHED_ROW = (
    '{"instruction": "What is 2 + 2 + 1?", "input": "", "output": "2 + 2 = 5.\\nWait, that is wrong. 2 + 2 = 4.\\n'
    '4 + 1 = 5.\\nThe answer is: 5"}\n'
)
BEFORE = """
outputs, references = ["The answer is: 18", "#### 7"], ["18", "8"]
from lemma_hf.train.scratch import bpe_tokenizer, small_llama
tokenizer = bpe_tokenizer(["What is 2 + 2?"], 300)
tokenizer.save_pretrained("model")
small_llama(tokenizer, hidden_size=32, layers=1, max_length=2048).save_pretrained("model")
"""


def python_blocks():
    """All but those about the Hub, which `tests/hub/test_circle.py` runs against one."""
    before, _, publishing = README.partition("\n## Publish\n")
    return re.findall(r"```python\n(.*?)```", before + publishing[publishing.index("\n## ") :], re.DOTALL)


@pytest.mark.slow
def test_the_python_blocks_run_one_after_the_other(tmp_path):
    """As they stand, but for a model that is on this machine, one training step, and short rows."""
    (tmp_path / "my_rows.jsonl").write_text(PUBLISHED_ROW, "utf-8")
    code = BEFORE + "\n".join(python_blocks())
    code = code.replace("Qwen/Qwen2.5-0.5B", "model")
    code = code.replace('LemmaSFTConfig("out", ', 'LemmaSFTConfig("out", max_steps=1, use_cpu=True, bf16=False, ')
    environment = {"HF_HUB_OFFLINE": "1", "HF_EVALUATE_OFFLINE": "1", "HF_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", **environment},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert (tmp_path / "my_rows.jsonl").exists()
    assert len(python_blocks()) >= 5


@pytest.mark.parametrize("name", sorted(set(re.findall(r"(?:recipes|benchmarks|lemma_hf|docs)/[\w./-]+\.\w+", README))))
def test_a_file_that_is_named_is_there(name):
    assert (ROOT / name).exists()


def test_the_tree_names_every_room_and_every_recipe():
    tree = README[README.index("## The house") :]
    rooms = {path.name for path in (ROOT / "lemma_hf").iterdir() if path.is_dir() and (path / "__init__.py").exists()}
    missing = [room for room in rooms if f"  {room}/" not in tree]
    missing += [path.name for path in (ROOT / "recipes").glob("*.py") if path.name not in tree]
    assert missing == []
