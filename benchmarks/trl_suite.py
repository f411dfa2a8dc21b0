"""TRL's own tests of its `SFTTrainer`, on ours: which of those that the stock trainer passes does ours pass?

    python benchmarks/trl_suite.py TRL_CHECKOUT        about seven minutes on two cores

Takes a checkout of TRL's repository, since its source distribution holds no tests. The tests load models and rows from
the Hub; here they find stand-ins in folders of the same names: TRL's own scripts write the rows, and the models are
small, random and of the same classes, all with one tokenizer. Models that see images have no stand-in, so tests of
them fail on both sides. Prints Markdown.
"""

import argparse
import os
import re
import runpy
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

CONFTEST = """
import os, re
from pathlib import Path
import torch, trl
from trl import import_utils
from trl.trainer import sft_trainer

# Names of another release than the one that is installed: the tests that use them fail, the others can be run.
for file in Path(__file__).parent.glob("*.py"):
    for module in (import_utils, sft_trainer):
        for names in re.findall(rf"from {re.escape(module.__name__)} import \\(?([^)\\n]+|[^)]+\\))", file.read_text()):
            for name in re.findall(r"\\w+", names):
                if not hasattr(module, name):
                    setattr(module, name, lambda *args: False)
if os.environ["SUITE_TRAINER"] == "ours":
    from lemma_hf import LemmaSFTConfig, LemmaSFTTrainer
    trl.SFTConfig, trl.SFTTrainer = LemmaSFTConfig, LemmaSFTTrainer
elif not torch.cuda.is_available():
    stock = trl.SFTConfig
    class SFTConfig(stock):
        def __init__(self, *args, **options):
            super().__init__(*args, **{"bf16": False} | options)
    trl.SFTConfig = SFTConfig
"""
TEMPLATES = {"Qwen2": "qwen2_5", "Llama": "llama3_2", "GptOss": "gptoss", "Gemma2": "gemma", "Qwen3Moe": "qwen3"}
"""The chat template of a model, by its class; for the others the file has the name of the class in small letters."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", type=Path)
    checkout = parser.parse_args().checkout.resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        suite = folder / "suite"
        suite.mkdir()
        (suite / "__init__.py").touch()
        (suite / "conftest.py").write_text(CONFTEST)
        for file in ("test_sft_trainer.py", "testing_utils.py"):
            shutil.copy(checkout / "tests" / file, suite)
        make_rows(checkout / "scripts", folder)
        make_models((suite / "test_sft_trainer.py").read_text(), folder)
        with ThreadPoolExecutor() as pool:
            stock, ours = pool.map(lambda trainer: passed(folder, trainer), ("stock", "ours"))
    print(f"lemma-hf {version('lemma-hf')}, trl {version('trl')}, tests of trl {(checkout / 'VERSION').read_text()}\n")
    print("| tests | passed by stock | of these by ours | by ours only |\n|--:|--:|--:|--:|")
    names = stock.keys() | ours.keys()
    both = [name for name in names if stock.get(name) and ours.get(name)]
    print(f"| {len(names)} | {sum(stock.values())} | {len(both)} | {sum(ours.values()) - len(both)} |\n")
    for name in sorted(name for name in names if stock.get(name) and not ours.get(name)):
        print(f"- not passed by ours: `{name}`")


def make_rows(scripts: Path, folder: Path) -> None:
    """The data sets that TRL's scripts push to the Hub, as folders that `load_dataset` reads."""
    from datasets import DatasetDict

    written: dict[Path, list[str]] = {}

    def keep(splits: Any, repository: str, config_name: str = "default", **_: Any) -> None:
        home = folder / repository
        home.mkdir(parents=True, exist_ok=True)
        lines = written.setdefault(home, [])
        lines += [f"- config_name: {config_name}", "  data_files:"]
        for split, rows in splits.items():
            rows.to_parquet(str(home / f"{config_name}-{split}.parquet"))
            lines += [f"  - split: {split}", f"    path: {config_name}-{split}.parquet"]

    DatasetDict.push_to_hub = keep
    for name in ("zen", "toolcall", "harmony"):
        script = runpy.run_path(str(scripts / f"generate_{name}_dataset.py"))
        script["main"](test_size=0.1, push_to_hub=True, repo_id=f"trl-internal-testing/{name}")
    for home, lines in written.items():
        (home / "README.md").write_text("\n".join(["---", "configs:", *lines, "---", ""]))


def make_models(tests: str, folder: Path) -> None:
    """A small random model, with a tokenizer, for each name of a model of text in the tests."""
    import torch
    import transformers
    import trl

    from lemma_hf.train.scratch import bpe_tokenizer

    templates = Path(trl.__file__).parent / "chat_templates"
    for name, kind in sorted(set(re.findall(r"(trl-internal-testing/tiny-(\w+)ForCausalLM[\w.-]*)", tests))):
        tokenizer = bpe_tokenizer([tests], 1000)
        template = templates / f"{TEMPLATES.get(kind, kind.lower())}.jinja"
        if template.exists():
            tokenizer.chat_template = template.read_text()
        made = getattr(transformers, f"{kind}ForCausalLM", None)
        if made is None:
            print(f"- no stand-in: {name}", file=sys.stderr)
            continue
        torch.manual_seed(0)
        made(getattr(transformers, f"{kind}Config")(**_sizes(kind, tokenizer))).save_pretrained(folder / name)
        tokenizer.save_pretrained(folder / name)


def _sizes(kind: str, tokenizer: Any) -> dict[str, Any]:
    sizes = {"vocab_size": len(tokenizer), "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2}
    sizes |= {"num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 1024}
    sizes |= {f"{token}_token_id": getattr(tokenizer, f"{token}_token_id") for token in ("pad", "bos", "eos")}
    if kind == "GPTNeoX":
        sizes.pop("num_key_value_heads")
    if kind in {"GptOss", "Gemma", "Gemma2", "Qwen3Moe", "Glm4Moe"}:
        sizes["head_dim"] = 8
    if kind in {"GptOss", "Qwen3Moe", "Glm4Moe", "DeepseekV3"}:
        sizes |= {"num_experts": 4, "num_local_experts": 4, "n_routed_experts": 4, "num_experts_per_tok": 2}
        sizes |= {"moe_intermediate_size": 16, "first_k_dense_replace": 1}
    if kind == "DeepseekV3":
        sizes |= {"kv_lora_rank": 8, "q_lora_rank": 8, "qk_rope_head_dim": 4, "qk_nope_head_dim": 4, "v_head_dim": 4}
        sizes |= {"n_group": 2, "topk_group": 1}
    return sizes


def passed(folder: Path, trainer: str) -> dict[str, bool]:
    """Whether each test passes; those that are skipped are left out."""
    report = folder / f"{trainer}.xml"
    command = [sys.executable, "-m", "pytest", "suite", "-q", "-k", "TestSFTTrainer and not Slow", "--timeout=120"]
    offline = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "OMP_NUM_THREADS": "1", "SUITE_TRAINER": trainer}
    subprocess.run(
        [*command, "-p", "no:cacheprovider", f"--junitxml={report}"],
        cwd=folder,
        env=os.environ | offline,
        stdout=subprocess.DEVNULL,
        check=False,
    )
    cases = ElementTree.parse(report).iter("testcase")
    counted = [case for case in cases if case.find("skipped") is None]
    return {case.get("name", ""): case.find("failure") is None and case.find("error") is None for case in counted}


if __name__ == "__main__":
    main()
