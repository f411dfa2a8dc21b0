"""The trainers that `train.py` compares, each in its process: a step, the preparation of rows, and memory.

Rows of text are chains of the shipped trajectories, one to twelve behind each other: about 450 tokens on average, where
LEMMA's own have 623, their logarithms spread by 0.5. Rows of tokens are random, their lengths lognormal, so that the
spread can be chosen: reference solutions of GSM8K and MATH together have 0.6, outputs of one model on easy and hard
problems up to 0.8.
"""

import gc
import math
import os
import random
import tempfile
import time
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Size:
    """A random Llama, and how much of it is trained at a time."""

    hidden: int
    layers: int
    heads: int
    vocabulary: int
    max_length: int
    batch: int
    """Rows of a padded batch."""
    steps: int
    """Measured steps of a round; one more comes before them."""
    mean_tokens: int
    """Of the rows of tokens: LEMMA's 623, or as much less as `max_length` is less than its 4,096."""
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def flops_a_token(self) -> int:
        """Of a step: 6 for each weight in a matrix (Kaplan et al. 2020, arXiv 2001.08361); attention is left out."""
        layer = 4 * self.hidden**2 + 3 * self.hidden * 3 * self.hidden
        return 6 * (self.layers * layer + self.vocabulary * self.hidden)


# Wide for its length, so that attention is to the other layers as in a model of 8 billion parameters at 4,096 tokens.
CPU = Size(1024, 2, 8, 2048, 1024, batch=4, steps=6, mean_tokens=156, options={"use_cpu": True, "bf16": False})
GPU = Size(1536, 24, 12, 128_256, 4096, batch=4, steps=20, mean_tokens=623, options={"bf16": True})
"""Of 0.9 billion parameters."""


def size_here() -> Size:
    """The size that fits the device of this machine."""
    import torch

    return GPU if torch.cuda.is_available() else CPU


def device_here() -> str:
    """The device that the figures are measured on."""
    import torch

    if torch.cuda.is_available():
        return str(torch.cuda.get_device_name())
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "CPU")
    return f"{len(os.sched_getaffinity(0))} cores of {model}"


_PEAKS = {"H100": 989e12, "H200": 989e12, "A100": 312e12}
"""Dense FLOP a second in bf16, by NVIDIA's data sheets (the SXM forms)."""


def peak_flops() -> float:
    """Of the GPU here; 0 where there is none, or it is not in the list."""
    device = device_here()
    return next((peak for name, peak in _PEAKS.items() if name in device), 0.0)


def make_rows(count: int, chained: bool = True, seed: int = 0) -> list[Row]:
    """Rows with spans; `chained` ones are of mixed length, the others are those of the shipped dataset."""
    from datasets import load_dataset

    import lemma_hf

    shipped = load_dataset(str(lemma_hf.DATASET_DIR), split="train").to_list()
    dice = random.Random(seed)
    return [_chain(dice.choices(shipped, k=_links(dice) if chained else 1)) for _ in range(count)]


def _links(dice: random.Random) -> int:
    return min(12, max(1, round(dice.lognormvariate(0.5, 0.7))))


def _chain(parts: list[Row]) -> Row:
    text, kinds, ends = "", [], []
    for part in parts:
        ends += [len(text) + end for end in part["span_ends"]]
        kinds += part["span_kinds"]
        text += part["completion"] + "\n"
    ends[-1] += len(text) - ends[-1]
    return {"prompt": parts[0]["prompt"], "completion": text, "span_kinds": kinds, "span_ends": ends}


def make_tokenizer() -> Any:
    from lemma_hf.train.scratch import bpe_tokenizer

    return bpe_tokenizer((row["prompt"] + row["completion"] for row in make_rows(1500, chained=False)), 2048)


def make_model(size: Size, tokenizer: Any) -> Any:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=max(size.vocabulary, len(tokenizer)),
        hidden_size=size.hidden,
        intermediate_size=3 * size.hidden,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        max_position_embeddings=max(4096, size.max_length),
        tie_word_embeddings=True,
        pad_token_id=tokenizer.pad_token_id,
    )
    torch.manual_seed(0)
    return LlamaForCausalLM(config)


def make_token_rows(size: Size, spread: float, count: int = 400) -> list[Row]:
    """Rows of random tokens, lengths lognormal; the first third is prompt."""
    dice = random.Random(0)
    center = math.log(size.mean_tokens) - spread**2 / 2
    lengths = [round(dice.lognormvariate(center, spread)) for _ in range(2 * count)]
    lengths = [length for length in lengths if 8 <= length <= size.max_length][:count]
    rows = [[dice.randrange(3, size.vocabulary) for _ in range(length)] for length in lengths]
    return [{"input_ids": ids, "labels": [-100] * (len(ids) // 3) + ids[len(ids) // 3 :]} for ids in rows]


def make_trainer(name: str, size: Size, rows: list[Row], **options: Any) -> Any:
    """Ours with all weights one, or TRL's, which is given the same texts without their spans."""
    from datasets import Dataset, disable_caching, disable_progress_bars
    from trl import SFTConfig, SFTTrainer

    from lemma_hf import LemmaSFTConfig, LemmaSFTTrainer

    disable_caching()
    disable_progress_bars()
    tokenizer = make_tokenizer()
    settings: dict[str, Any] = {
        "output_dir": tempfile.mkdtemp(),
        "max_length": size.max_length,
        "per_device_train_batch_size": size.batch,
        "gradient_checkpointing": False,
        "learning_rate": 1e-4,
        "save_strategy": "no",
        "report_to": [],
        "disable_tqdm": True,
        "logging_steps": 10_000,
    }
    settings |= size.options | options
    if name == "ours":
        trainer, config = LemmaSFTTrainer, LemmaSFTConfig(**settings, error_weight=1.0)
    else:
        trainer, config = SFTTrainer, SFTConfig(**settings)
        rows = [{key: value for key, value in row.items() if not key.startswith("span_")} for row in rows]
    return trainer(
        make_model(size, tokenizer), config, train_dataset=Dataset.from_list(rows), processing_class=tokenizer
    )


def train_rounds(
    variants: dict[str, tuple[str, dict[str, Any]]], rounds: int, spread: float | None
) -> dict[str, list[float]]:
    """Real (not padding) tokens a second of each variant by round, one after the other in every round.

    Args:
        variants: what to call each; its trainer (ours or stock), and options of its configuration.
        spread: of the lengths of rows of tokens; None for the shipped rows of text.
    """
    size = size_here()
    # The shipped rows are shorter than `max_length`, so that both trainers train on the same tokens.
    rows = make_token_rows(size, spread) if spread is not None else make_rows(400, chained=False)
    trainers = {
        title: quiet(make_trainer, name, size, rows, max_steps=size.steps + 1, **options)
        for title, (name, options) in variants.items()
    }
    clocks = {title: Clock(trainer) for title, trainer in trainers.items()}
    speeds: dict[str, list[float]] = {title: [] for title in variants}
    for number in range(rounds + 1):
        for title in sorted(trainers, reverse=bool(number % 2)):
            quiet(trainers[title].train)
            speed = clocks[title].take()
            if number:  # the first is for warming up
                speeds[title].append(speed)
    return speeds


class Clock:
    """Notes when the steps of a trainer end, and how many tokens were read by then."""

    def __init__(self, trainer: Any) -> None:
        from transformers import TrainerCallback

        self.marks: list[tuple[float, int]] = []
        marks = self.marks

        class Note(TrainerCallback):
            def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
                _wait_for_device()
                marks.append((time.perf_counter(), int(trainer._total_train_tokens)))

        trainer.add_callback(Note())

    def take(self) -> float:
        """Tokens a second from the end of the first step to that of the last."""
        (start, before), (end, after) = self.marks[0], self.marks[-1]
        self.marks.clear()
        return (after - before) / (end - start)


def prepare(name: str, count: int, chained: bool, packing: bool) -> dict[str, float]:
    """Rows a second of turning rows into tokens, and how far memory rose above what was in use before."""
    from datasets import Dataset

    rows = make_rows(count, chained)
    trainer = quiet(make_trainer, name, CPU, rows[:64], packing=packing, max_length=4096)
    fields = ["prompt", "completion", *(("span_kinds", "span_ends") if name == "ours" else ())]
    data = Dataset.from_list([{field: row[field] for field in fields} for row in rows])
    del rows
    memory = Memory()
    start = time.perf_counter()
    done = quiet(trainer._prepare_dataset, data, trainer.processing_class, trainer.args, packing, None, "train")
    seconds = time.perf_counter() - start
    return {"rows/s": count / seconds, "MB": memory.peak(), "tokens": sum(map(len, done["input_ids"])) / count}


def peak_of_step(name: str, length: int) -> dict[str, float]:
    """Peak memory of a training step and of an evaluation at a vocabulary of 128,256, above what lay there before.

    Args:
        name: ours, stock, or transformers' own trainer, whose model makes all logits.
        length: of the four rows of a batch, in tokens.
    """
    import torch

    gpu = torch.cuda.is_available()
    options = GPU.options if gpu else CPU.options
    size = Size(256 if gpu else 64, 2, 4, 128_256, length, batch=4, steps=1, mean_tokens=length, options=options)
    ids = [random.Random(number).choices(range(3, size.vocabulary), k=length) for number in range(4)]
    rows = [{"input_ids": row, "labels": row} for row in ids]
    settings = {"max_steps": 1, "optim": "sgd", "per_device_eval_batch_size": 4}
    trainer = quiet(make_trainer, "ours" if name == "ours" else "stock", size, rows, **settings)
    if name == "full logits":
        trainer = _plain_trainer(size, trainer)
    found = {}
    for what, run in (("train", trainer.train), ("eval", lambda: trainer.evaluate(trainer.train_dataset))):
        quiet(run)  # once before, so that what stays allocated is there
        memory = Memory()
        quiet(run)
        found[what] = memory.peak()
    return found


def _plain_trainer(size: Size, trainer: Any) -> Any:
    """transformers' own trainer for the rows and settings of another."""
    from transformers import Trainer, TrainingArguments

    keep = ("output_dir", "per_device_train_batch_size", "per_device_eval_batch_size", "max_steps", "optim", "bf16")
    settings = {key: getattr(trainer.args, key) for key in keep}
    args = TrainingArguments(
        **settings, use_cpu=trainer.args.use_cpu, report_to=[], save_strategy="no", disable_tqdm=True
    )
    model = make_model(size, trainer.processing_class)
    return Trainer(model, args, data_collator=trainer.data_collator, train_dataset=trainer.train_dataset)


class Memory:
    """How far memory rises above what is in use now, in MB: of the GPU where there is one, else of the process."""

    def __init__(self) -> None:
        import torch

        gc.collect()
        self.gpu = torch.cuda.is_available()
        if self.gpu:
            _wait_for_device()
            torch.cuda.reset_peak_memory_stats()
            self.before = torch.cuda.memory_allocated() / 2**20
        else:
            Path("/proc/self/clear_refs").write_text("5", "utf-8")  # the peak starts again from what is in use
            self.before = _status("VmRSS")

    def peak(self) -> float:
        """MB above what was in use at the beginning."""
        import torch

        return (torch.cuda.max_memory_allocated() / 2**20 if self.gpu else _status("VmHWM")) - self.before


def _status(name: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    raise LookupError(name)


def _wait_for_device() -> None:
    import torch

    if torch.cuda.is_available():
        torch.cuda.synchronize()


def quiet(function: Any, *args: Any, **options: Any) -> Any:
    """Call without anything being printed."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        return function(*args, **options)


def ratios(one: list[float], other: list[float]) -> tuple[float, float, float]:
    """Median, smallest and largest of `one` ÷ `other`, pair by pair."""
    pairs = [a / b for a, b in zip(one, other, strict=True)]
    return median(pairs), min(pairs), max(pairs)
