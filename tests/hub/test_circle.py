"""The whole circle over HTTP, by docs/publishing.md: make, push, load, train, push, load, score, push.

Every command of its first block is run as it stands, in an empty folder, by the real clients, against a Hub on
loopback. For time's sake there are fewer rows, steps and problems.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from lemma_hf.testing import LoopbackHub

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "publishing.md").read_text("utf-8")
COMMANDS, *_ = re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL)
LOADING, DOUBLE = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)

LESS = {
    "make-dataset --config world": " --problems 200 --injections 220 --max_rows 150",
    "sft --config world": " --max_steps 20 --hidden_size 32 --layers 1",
    "--problems 100": " --problems 8 --max_new_tokens 40",
}
"""What is put behind a command so that it takes seconds: options that come later win."""


def run(command: str, folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def commands() -> list[str]:
    """The commands one by one, with the name of the user of the Hub, and small."""
    joined = COMMANDS.replace("\\\n", " ").replace("YOUR_NAME", "me")
    found = []
    for line in (re.sub(r"  +#.*", "", line).strip() for line in joined.splitlines()):
        if line and not line.startswith("hf auth"):
            found.append(line + "".join(more for part, more in LESS.items() if part in line))
    return found


@pytest.fixture
def stranger(tmp_path, loopback_hub):
    """An empty folder, and an environment that knows this Hub alone."""
    environment = loopback_hub.environment(tmp_path / "home") | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "OMP_NUM_THREADS": "1",
        "ACCELERATE_USE_CPU": "true",
    }
    return tmp_path, environment


@pytest.mark.slow
def test_the_whole_circle(stranger, loopback_hub: LoopbackHub):
    folder, environment = stranger
    said = {}
    setup = ""
    for command in commands():
        if command.startswith("export"):
            setup += f"{command}\n"
        else:
            writes = len([each for each in loopback_hub.requests if each.method == "POST"])
            said[command] = run(setup + command, folder, environment)
            if " publish " in command and "--push" not in command:
                assert len([each for each in loopback_hub.requests if each.method == "POST"]) == writes
                assert "nothing was sent" in said[command]

    # The dataset: one commit, and what was made here is what is there.
    dataset = loopback_hub.repo("me/lemma", "dataset")
    assert len(dataset.commits) == 2
    made = folder / "outputs/world"
    for path in made.rglob("*.parquet"):
        assert dataset.files()[path.relative_to(made).as_posix()] == path.read_bytes()

    # It was trained on by its name, and the card of the model says so; the weights are those in the folder.
    model = loopback_hub.repo("me/lemma-tiny", "model")
    assert model.files()["model.safetensors"] == (folder / "outputs/sft/model.safetensors").read_bytes()
    card = model.files()["README.md"].decode()
    head = yaml.safe_load(card.split("---\n")[1])
    assert head["datasets"] in ("me/lemma", ["me/lemma"])
    assert "| reasoning | 1 |" in card

    # Its scores landed on the card, beside what the trainer wrote.
    assert "## Evaluation" in card
    assert "## What it learned from" in card
    scores = json.loads((folder / "outputs/score/scores.json").read_text("utf-8"))
    (name,) = scores["benchmarks"]
    assert f"| {name} | the made-up world | 8 |" in card

    # Anybody can load all of it by name.
    loading = LOADING.replace("YOUR_NAME", "me")
    assert run(f"python - <<'END'\n{loading}\nEND", folder, environment).rstrip().endswith("1.0")

    # The same commands again change nothing.
    before = {repo.id: repo.head() for repo in loopback_hub.repos}
    for command in commands():
        if " publish " in command:
            run(setup + command, folder, environment)
    assert {repo.id: repo.head() for repo in loopback_hub.repos} == before

    # Nothing that was sent holds the token or a place of this machine.
    everything = [(repo.id, path, data) for repo in loopback_hub.repos for path, data in repo.files().items()]
    for secret in (loopback_hub.token, str(folder), str(ROOT)):
        assert [(repo, path) for repo, path, data in everything if secret.encode() in data] == []


@pytest.mark.slow
def test_the_snippet_about_the_double_runs(tmp_path):
    (tmp_path / "my_upload.py").write_text(
        "from huggingface_hub import HfApi\n"
        "here = {'repo_id': 'me/mine', 'repo_type': 'dataset'}\n"
        "HfApi().create_repo(**here)\n"
        "HfApi().upload_file(path_or_fileobj=b'# Mine', path_in_repo='README.md', **here)\n"
    )
    code = f"import subprocess\nhome = 'home'\n{DOUBLE}".replace('["python"', f'["{sys.executable}"')
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, "503" in done.stderr) == (0, True), done.stderr[-3000:]
