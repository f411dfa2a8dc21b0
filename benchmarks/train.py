"""Speed and memory of the trainer, compared with TRL's own on the same rows in the same run.

    python benchmarks/train.py                     all of it, about fifteen minutes on two cores
    python benchmarks/train.py --only prepare      one part: step, packing, prepare or memory

A small random Llama on the CPU; where there is a GPU, one of 0.9 billion parameters in bf16. Prints Markdown. Speeds
are given as ratios of pairs that ran one after the other, since the speed of a machine drifts; what is compared runs in
turn, and in processes of its own where memory or a cold start counts.
"""

import argparse
import multiprocessing
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from statistics import median
from typing import Any

from trainers import (
    device_here,
    make_token_rows,
    peak_flops,
    peak_of_step,
    prepare,
    ratios,
    size_here,
    train_rounds,
)


def main() -> None:
    options = _options()
    names = ("lemma-hf", "trl", "transformers", "datasets", "torch")
    print(f"{', '.join(f'{name} {version(name)}' for name in names)}; Python {sys.version.split()[0]}")
    print(f"{in_new_process(device_here)}; {options.rounds} rounds")
    for name in options.only:
        PARTS[name](options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=tuple(PARTS))
    parser.add_argument("--rounds", type=int, default=5, help="how often each side is measured")
    parser.add_argument("--rows", type=int, default=16000, help="rows that are prepared")
    return parser.parse_args()


def in_new_process(function: Callable[..., Any], *args: Any) -> Any:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as one:
        return one.submit(function, *args).result()


def step(options: argparse.Namespace) -> None:
    """A training step, weights of one, on the same rows and settings."""
    size = in_new_process(size_here)
    print(f"\n### A training step, ours ÷ stock (width {size.hidden}, {size.layers} layers)\n")
    peak = in_new_process(peak_flops)
    _head("setting", "ours, tokens/s", "stock, tokens/s", "ratio [least, most]", *(["MFU"] if peak else []))
    half = {"gradient_accumulation_steps": 2, "per_device_train_batch_size": size.batch // 2}
    settings: dict[str, dict[str, Any]] = {
        f"padded, {size.batch} rows": {},
        f"padded, {size.batch // 2} × 2 rows": half,
        f"packed (bfd), {size.max_length} tokens": {"packing": True, "per_device_train_batch_size": 1},
    }
    for title, setting in settings.items():
        variants = {name: (name, setting) for name in ("ours", "stock")}
        speeds = in_new_process(train_rounds, variants, options.rounds, None)
        used = [f"{median(speeds['ours']) * size.flops_a_token / peak:.0%}"] if peak else []
        _row(title, *_compared(speeds["ours"], speeds["stock"]), *used)


def packing(options: argparse.Namespace) -> None:
    """Packed blocks against the paper's padded batches of 4 (LEMMA, section 4.1)."""
    size = in_new_process(size_here)
    print("\n### Packed ÷ padded batches of 4, the paper's setting: real tokens\n")
    _head("spread of log lengths", "padding", "packed, tokens/s", "padded, tokens/s", "ratio [least, most]")
    variants: dict[str, tuple[str, dict[str, Any]]] = {
        "packed": ("ours", {"packing": True, "per_device_train_batch_size": 1}),
        "padded": ("ours", {"per_device_train_batch_size": 4}),
    }
    for spread in (0.6, 0.8, 1.0):
        speeds = in_new_process(train_rounds, variants, options.rounds, spread)
        share = 1 - _filled(make_token_rows(size, spread))
        _row(spread, f"{share:.0%}", *_compared(speeds["packed"], speeds["padded"]))


def _filled(rows: list[dict[str, Any]]) -> float:
    """The share of real tokens in batches of four in the order of the rows."""
    lengths = [len(row["input_ids"]) for row in rows]
    batches = [lengths[at : at + 4] for at in range(0, len(lengths) - 3, 4)]
    return sum(map(sum, batches)) / sum(4 * max(batch) for batch in batches)


def preparation(options: argparse.Namespace) -> None:
    """From rows of text to tokens, labels and (ours) weights and kinds, the first time in a process."""
    print(f"\n### Preparation of {options.rows:,} rows, ours ÷ stock\n")
    titles = ("ours, rows/s", "stock, rows/s", "ratio [least, most]", "ours, peak MB", "stock, peak MB")
    _head("rows", "tokens a row", *titles)
    for chained, packs in ((True, True), (True, False), (False, True)):
        found: dict[str, list[dict[str, float]]] = {"ours": [], "stock": []}
        for number in range(options.rounds):
            for name in sorted(found, reverse=bool(number % 2)):
                found[name].append(in_new_process(prepare, name, options.rows, chained, packs))
        ours, stock = ([each["rows/s"] for each in found[name]] for name in ("ours", "stock"))
        peaks = [f"{median(each['MB'] for each in found[name]):,.0f}" for name in ("ours", "stock")]
        title = f"{'of mixed length' if chained else 'as shipped'}, {'packed' if packs else 'not packed'}"
        _row(title, f"{found['ours'][0]['tokens']:.0f}", *_compared(ours, stock), *peaks)


def memory(options: argparse.Namespace) -> None:
    """What a step and an evaluation need above model and data, with a vocabulary of 128,256."""
    print("\n### Peak memory at a vocabulary of 128,256, batches of 4 rows\n")
    titles = {"ours": "ours", "stock": "stock SFTTrainer", "full logits": "transformers.Trainer"}
    columns = [f"{title}: {what}, MB" for title in titles.values() for what in ("step", "evaluation")]
    _head("tokens a row", "logits in float32, MB", *columns)
    for length in (512, 1024, 2048):
        found = [in_new_process(peak_of_step, name, length) for name in titles]
        peaks = [f"{each[what]:,.0f}" for each in found for what in ("train", "eval")]
        _row(length, f"{4 * length * 128_256 * 4 / 2**20:,.0f}", *peaks)


def _compared(one: list[float], other: list[float]) -> tuple[str, str, str]:
    return f"{median(one):,.0f}", f"{median(other):,.0f}", "{:.2f} [{:.2f}, {:.2f}]".format(*ratios(one, other))


def _head(*titles: str) -> None:
    _row(*titles)
    _row("---", *("--:" for _ in titles[1:]))


def _row(*cells: object) -> None:
    print(f"| {' | '.join(map(str, cells))} |", flush=True)


PARTS = {"step": step, "packing": packing, "prepare": preparation, "memory": memory}


if __name__ == "__main__":
    main()
