"""From training to the Hub and back: what `--push_to_hub` sends, what it keeps here, and what comes down again."""

import inspect
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from transformers import Trainer
from transformers import trainer as seam

from lemma_hf.testing import LoopbackHub
from lemma_hf.train import CURVES_FILE as CURVES
from lemma_hf.train.upload import belonging, belongs, only_what_belongs

ROOT = Path(__file__).resolve().parents[2]
WORLD = ROOT / "recipes" / "configs" / "world.yaml"
SMALL = [
    *("--hidden_size", "32", "--layers", "1", "--heads", "2", "--vocabulary_size", "320", "--logging_steps", "1"),
    *("--train_split", "train[:64]", "--eval_split", "test[:8]"),
]
FULL = {
    *(".gitattributes", "README.md", "config.json", "generation_config.json", "model.safetensors"),
    *("tokenizer.json", "tokenizer_config.json", "curves.png"),
}


class Here:
    """A folder to work in, a home for the Hub's clients, and processes that use the loopback Hub."""

    def __init__(self, hub: LoopbackHub, folder: Path) -> None:
        self.hub = hub
        self.folder = folder / "work"
        self.folder.mkdir()
        self.environment = hub.environment(folder / "home") | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}

    def run(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *command],
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=self.environment | more,
            timeout=300,
            check=False,
        )

    def sft(self, *arguments: str, launcher: tuple[str, ...] = (), **more: str) -> subprocess.CompletedProcess[str]:
        return self.run(*launcher, str(ROOT / "recipes" / "sft.py"), "--config", str(WORLD), *arguments, **more)

    def python(self, code: str) -> dict:
        """What the code leaves in `said`, as JSON."""
        done = self.run("-c", f"import json\nsaid = {{}}\n{code}\nprint('said:', json.dumps(said))")
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.rpartition("said:")[2])

    def leaks(self) -> list[str]:
        """Where on the Hub, in any commit, a place of this machine stands, or the token."""
        needles = [self.hub.token, str(self.folder.parent), str(Path.home()) + "/", str(ROOT)]
        return [
            f"{repo.id}@{commit.title}: {path} holds {needle}"
            for repo in self.hub.repos
            for commit in repo.commits
            for path, content in repo.files(commit.oid).items()
            for needle in needles
            if needle.encode() in content
        ]


@pytest.fixture
def here(loopback_hub: LoopbackHub, tmp_path: Path) -> Here:
    return Here(loopback_hub, tmp_path)


def snippet(card: str) -> str:
    found = re.search(r"```python\n(.*?)```", card, re.DOTALL)
    assert found, card
    return found[1]


@pytest.mark.slow
def test_a_model_and_an_adapter_on_it_go_up_whole_come_down_bit_by_bit_and_do_what_their_cards_say(here: Here) -> None:
    push = ["--push_to_hub", "--hub_model_id", "me/tiny", "--max_steps", "20", "--output_dir", "out"]
    saving = ["--hub_strategy", "every_save", "--save_strategy", "steps", "--save_steps", "10"]
    done = here.sft(*SMALL, *push, *saving, launcher=("-m", "accelerate.commands.launch", "--cpu"))
    assert done.returncode == 0, done.stderr[-3000:]
    assert f"published: {here.hub.url}/me/tiny/commit/" in done.stdout
    repo, out = here.hub.repo("me/tiny", "model"), here.folder / "out"
    assert set(repo.files()) == FULL
    titles = [commit.title for commit in repo.commits]
    assert titles[0] == "initial commit" and titles[-1] == "End of training"
    assert titles[1].startswith("Training in progress") and "README.md" not in repo.files(repo.commits[1].oid)
    assert {"training_args.bin", "trainer_state.json", "checkpoint-10"} <= {path.name for path in out.iterdir()}
    assert here.leaks() == []
    card = repo.files()["README.md"].decode()
    assert 'model = "me/tiny"\n' in card and "# Model Card for tiny" in card and "![curves](curves.png)" in card
    assert "licence" not in card and "on `lemma` (local)." in card

    adapting = ["--scratch", "false", "--model", "me/tiny", "--lora_r", "2", "--max_steps", "4"]
    publish = ["--push_to_hub", "--hub_model_id", "me/adapter", "--output_dir", "adapted"]
    done = here.sft("--train_split", "train[:64]", *adapting, *publish)
    assert done.returncode == 0, done.stderr[-3000:]
    adapter = here.hub.repo("me/adapter", "model").files()
    assert {"adapter_config.json", "adapter_model.safetensors", "tokenizer.json"} <= adapter.keys()
    assert json.loads(adapter["adapter_config.json"])["base_model_name_or_path"] == "me/tiny"
    told = adapter["README.md"].decode()
    assert "base_model: me/tiny" in told and "[me/tiny](https://huggingface.co/me/tiny)" in told
    assert here.leaks() == []

    said = here.python(f"""
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

model = AutoModelForCausalLM.from_pretrained("me/tiny")
tokenizer = AutoTokenizer.from_pretrained("me/tiny")
kept = load_file({str(out / "model.safetensors")!r})
came = model.state_dict()
said["missing"] = [name for name in kept if name not in came]
said["same"] = all(came[name].dtype == kept[name].dtype and torch.equal(came[name], kept[name]) for name in kept)
said["end"] = [model.generation_config.eos_token_id, tokenizer.eos_token_id]
for name, code in {{"full": {snippet(card)!r}, "adapter": {snippet(told)!r}}}.items():
    world = {{}}
    exec(code, world)
    said[name] = world["output"]["generated_text"]
    said[name + "_end"] = world["end"]
    said[name + "_peft"] = any("lora" in each for each, _ in world["generator"].model.named_parameters())
""")
    assert said["missing"] == [] and said["same"] is True
    assert said["end"] == [2, 2] and said["full_end"] == said["adapter_end"] == 2
    assert isinstance(said["full"], str) and isinstance(said["adapter"], str)
    assert (said["full_peft"], said["adapter_peft"]) == (False, True)

    score = str(ROOT / "recipes" / "score.py")
    asked = ["--world", "stories", "--problems", "20", "--max_new_tokens", "24", "--output_dir", "scores"]
    done = here.run(score, "--model", "me/tiny", *asked)
    assert done.returncode == 0, done.stderr[-3000:]
    scores = json.loads((here.folder / "scores" / "scores.json").read_text("utf-8"))
    assert scores["model"] == "me/tiny" and scores["benchmarks"]["world/stories"]["scores"]["problems"] == 20


@pytest.mark.slow
def test_a_token_that_may_not_write_is_found_out_before_and_a_push_that_fails_leaves_the_model_here(here: Here) -> None:
    push = [*SMALL, "--max_steps", "2", "--push_to_hub", "--hub_model_id", "me/tiny", "--output_dir", "out"]
    done = here.sft(*push, HF_TOKEN="hf_" + "nobody" * 5)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "making the repository me/tiny: " in done.stderr and "hf auth login" in done.stderr
    assert not (here.folder / "out" / "config.json").exists()

    done = here.sft(*push, "--hub_token", here.hub.token)
    assert done.returncode == 1 and "hub_token would be stored" in done.stderr and here.hub.token not in done.stderr

    # Taken away while it trained.
    here.hub.fail(403, "POST */commit/", times=None)
    done = here.sft(*push)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "may not write here" in done.stderr and "The model is trained and saved, in out." in done.stderr
    command = "python recipes/publish.py model --model out --model_repo me/tiny --push"
    assert command in done.stderr and here.hub.token not in done.stderr + done.stdout
    assert (here.folder / "out" / "model.safetensors").is_file()
    assert [commit.title for commit in here.hub.repo("me/tiny", "model").commits] == ["initial commit"]


@pytest.mark.slow
def test_the_trainers_own_push_takes_only_what_belongs_and_no_adapter_of_a_folder(here: Here) -> None:
    said = here.python(f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(ROOT / "tests" / "train")!r})
from datasets import Dataset
from peft import LoraConfig
from small_worlds import BARE, ROWS, TOKENIZERS
from lemma_hf.errors import ConfigError
from lemma_hf.train import LemmaSFTConfig, LemmaSFTTrainer
from lemma_hf.train.scratch import small_llama

tokenizer = TOKENIZERS["byte_level"]()
small = lambda: small_llama(tokenizer, hidden_size=32, layers=1, heads=2, max_length=512)
small().save_pretrained("base")

def trainer(model, out, peft=None, **options):
    args = LemmaSFTConfig(output_dir=str(Path(out).absolute()), **(BARE | options))
    rows = Dataset.from_list(ROWS)
    return LemmaSFTTrainer(model, args, train_dataset=rows, processing_class=tokenizer, peft_config=peft)

mine = trainer(small(), "mine", hub_token={here.hub.token!r})
Path("mine").mkdir(exist_ok=True)
for name in ("train.rejects.jsonl", "notes.txt", "runs/1/events.out"):
    Path("mine", name).parent.mkdir(parents=True, exist_ok=True)
    Path("mine", name).write_text(str(Path.cwd()))
mine.train()
said["url"] = str(mine.push_to_hub(dataset_name="org/rows"))
said["stored"] = {here.hub.token!r}.encode() in Path("mine/training_args.bin").read_bytes()
lora = LoraConfig(r=2, target_modules="all-linear", task_type="CAUSAL_LM")
refused = {{"adapter": dict(model="base", peft=lora), "strategy": dict(model=small(), hub_strategy="checkpoint")}}
for name, options in refused.items():
    try:
        trainer(out=name, push_to_hub=True, **options)
    except ConfigError as error:
        said[name] = str(error)
""")
    repo = here.hub.repo("me/mine", "model")
    assert set(repo.files()) == FULL - {"curves.png"}
    assert said["stored"]  # which is why that file does not go up
    assert "datasets: org/rows" in repo.files()["README.md"].decode()
    assert here.leaks() == []
    assert "the adapter's base model is a folder here (base)" in said["adapter"] and "--base_model" in said["adapter"]
    assert "every_save" in said["strategy"]
    assert [repo.id for repo in here.hub.repos] == ["me/mine"]


def test_of_an_output_folder_only_what_the_model_needs_belongs(tmp_path: Path) -> None:
    kept = ["README.md", "adapter_config.json", "additional_chat_templates/tool.jinja", "model.safetensors", CURVES]
    others = ["training_args.bin", "optimizer.pt", "train.rejects.jsonl", "trainer_state.json", "notes.md", "a.png"]
    deeper = ["checkpoint-3/model.safetensors", "runs/1/events", "old/config.json", ".git/config.json"]
    for name in (*kept, *others, *deeper):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    assert belonging(tmp_path) == sorted(kept)
    assert not any(belongs(name) for name in (*others, *deeper))


def test_transformers_uploads_through_the_one_client_that_is_sieved() -> None:
    for method, uploads in ((Trainer.push_to_hub, 1), (Trainer._push_from_checkpoint, 2)):
        code = inspect.getsource(method)
        assert code.count("hf_api().upload_folder(") == uploads == code.count("hf_api()"), method
        assert "upload_file" not in code and "create_commit" not in code
    assert list(inspect.signature(Trainer.push_to_hub).parameters)[:2] == ["self", "commit_message"]
    assert list(inspect.signature(Trainer._push_from_checkpoint).parameters) == ["self", "checkpoint_folder"]
    assert list(inspect.signature(Trainer.init_hf_repo).parameters) == ["self", "token", "private"]
    assert "not _internal_call" in inspect.getsource(Trainer.save_model)  # so that the recipe's call does not push


def test_outside_the_sieve_transformers_has_its_own_client_again() -> None:
    stock = seam.hf_api
    with pytest.raises(RuntimeError), only_what_belongs():
        assert seam.hf_api is not stock
        raise RuntimeError
    assert seam.hf_api is stock
