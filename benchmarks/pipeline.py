"""Speed of calls to a model, compared with the usual clients, and the cost of storing every reply.

    python benchmarks/pipeline.py                    all of it, about six minutes on two cores, 3 GB of memory and disk
    python benchmarks/pipeline.py --only calls       one part: calls or store
    python benchmarks/pipeline.py --json FIGURES     the figures to a file too

Against a server on this machine, in a process of its own, that takes 50 ms for each of 64 requests at a time: so it can
answer 1,280 a second. Prints Markdown. What is compared runs in turn, each in a process of its own; figures are medians
over the rounds.
"""

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

from callers import Timing, fill_and_be_killed, reopen, store_alone, store_behind_writer, timed

TITLES = {
    "ours": "`ChatClient`, every reply stored",
    "ours_without_store": "`ChatClient`, nothing stored",
    "stock": "`huggingface_hub.AsyncInferenceClient`, plain workers",
    "openai_async": "`openai.AsyncOpenAI`, plain workers",
    "openai_loop": "`openai.OpenAI`, one call after the other",
    "sockets": "bare sockets, no client",
}
Figures = dict[str, Any]


def main() -> None:
    options = _options()
    names = [name for name in ("lemma-hf", "huggingface_hub", "httpx2", "openai") if _is_here(name)]
    print(f"{', '.join(f'{name} {version(name)}' for name in names)}; Python {sys.version.split()[0]}")
    print(f"{os.cpu_count()} cores; {options.rounds} rounds")
    _let_clients_call_this_machine()
    figures = {name: PARTS[name](options) for name in options.only}
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=tuple(PARTS))
    parser.add_argument("--rounds", type=int, default=3, help="how often each side is measured")
    parser.add_argument("--calls", type=int, default=12800, help="calls of a round; the slow loop makes 1 in 100")
    parser.add_argument("--latency", type=float, default=0.05, help="seconds that the server takes for a request")
    parser.add_argument("--slots", type=int, default=64, help="requests that it works on at once, and calls at a time")
    parser.add_argument("--rows", type=int, default=1_000_000, help="replies in the store that is reopened")
    parser.add_argument("--characters", type=int, default=1000, help="of a stored reply")
    parser.add_argument("--folder", type=Path, help="where stores are made; by default where temporary files go")
    parser.add_argument("--json", type=Path, help="a file for the figures")
    return parser.parse_args()


def _is_here(name: str) -> bool:
    return find_spec(name.replace("-", "_")) is not None


def _let_clients_call_this_machine() -> None:
    """Let the stock client call this machine: where the Hub is off, it calls no address at all."""
    os.environ.pop("HF_HUB_OFFLINE", None)
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1"


def in_new_process(function: Callable[..., Any], *args: Any) -> Any:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as one:
        return one.submit(function, *args).result()


@contextmanager
def serving(latency: float, slots: int) -> Iterator[str]:
    """The URL of an endpoint in a process of its own."""
    command = [sys.executable, "-m", "lemma_hf.testing.endpoint", "--latency", str(latency), "--slots", str(slots)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def calls(options: argparse.Namespace) -> Figures:
    """Calls a second, each caller in turn, the order reversed in every other round."""
    names = [name for name in TITLES if not name.startswith("openai") or _is_here("openai")]
    found: dict[str, list[Timing]] = {name: [] for name in names}
    with serving(options.latency, options.slots) as url:
        for number in range(options.rounds):
            for name in names[:: -1 if number % 2 else 1]:
                found[name].append(_one_pass(name, url, options))
    ideal = options.slots / options.latency
    shape = f"{options.slots} at a time, {1000 * options.latency:.0f} ms each"
    print(f"\n### Calls: {shape}, so at best {ideal:,.0f} a second\n")
    _print_calls(found, ideal)
    figures = {name: {"calls/s": [each.rate for each in found[name]], "CPU ms": _cpu(found[name])} for name in names}
    return {"ideal": ideal, "callers": figures, **_print_claims(found, ideal)}


def _one_pass(name: str, url: str, options: argparse.Namespace) -> Timing:
    count = max(1, options.calls // 100) if name == "openai_loop" else options.calls
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        return in_new_process(timed, name, url, count, options.slots, folder)


def _print_calls(found: dict[str, list[Timing]], ideal: float) -> None:
    _head("caller", "calls/s [least, most]", "of the ideal", "processor, ms a call")
    for name, passes in found.items():
        rates = sorted(each.rate for each in passes)
        spread = f"{median(rates):,.0f} [{rates[0]:,.0f}, {rates[-1]:,.0f}]"
        _row(TITLES[name], spread, f"{median(rates) / ideal:.1%}", f"{_cpu(passes):.2f}")


def _print_claims(found: dict[str, list[Timing]], ideal: float) -> Figures:
    """Print the targets, and what was measured."""
    share = median(each.rate for each in found["ours"]) / ideal
    both = list(zip(found["ours"], found["ours_without_store"], strict=True))
    wall = median(1000 * (one.seconds - other.seconds) / one.calls for one, other in both)
    cpu = median(one.cpu_ms - other.cpu_ms for one, other in both)
    print(f"\n- of the ideal: {share:.1%} (asked: at least 90 %)")
    print(f"- a reply that is stored costs {wall:+.3f} ms, {cpu:+.3f} ms of processor (asked: at most 1 ms)")
    figures = {"share of ideal": share, "store ms": wall, "store CPU ms": cpu}
    if "openai_loop" in found:
        times = median(one.rate / other.rate for one, other in zip(found["ours"], found["openai_loop"], strict=True))
        print(f"- times as fast as the loop over `openai.OpenAI`: {times:.1f} (asked: at least 10)")
        figures["times the loop"] = times
    return figures


def _cpu(passes: list[Timing]) -> float:
    return median(each.cpu_ms for each in passes)


def store(options: argparse.Namespace) -> Figures:
    """The time and space that the store takes for a reply, and for a million of them."""
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        alone = _print_alone(folder, options)
        context = multiprocessing.get_context("spawn")
        filler = context.Process(target=fill_and_be_killed, args=(folder, options.rows, options.characters))
        filler.start()
        filler.join()
        found = in_new_process(reopen, folder, options.rows)
    print(f"\n### {options.rows:,} replies of {options.characters:,} characters, left by a process that was killed\n")
    _head("what", "figure", "asked")
    _row("opened, and the first 64 replies read", f"{found['ready s']:.2f} s", "≤ 5 s")
    _row("all of them read", f"{found['read s']:.1f} s", "")
    _row("memory that all of them take", f"{found['peak MB']:,.0f} MB", "")
    _row("on the disk", f"{found['MB']:,.0f} MB, {1e6 * found['MB'] / options.rows:,.0f} bytes a reply", "")
    return {"ms a reply": alone, "reopened": found}


def _print_alone(folder: str, options: argparse.Namespace) -> Figures:
    count = min(20_000, options.rows)
    ways: dict[str, Callable[[str], float]] = {
        "one in a transaction": lambda at: in_new_process(store_alone, at, max(1, count // 20), 1, options.characters),
        "64 in a transaction": lambda at: in_new_process(store_alone, at, count, 64, options.characters),
        "behind the client's writer": lambda at: in_new_process(store_behind_writer, at, count, options.characters),
    }
    found: dict[str, list[float]] = {title: [] for title in ways}
    for _ in range(options.rounds):
        for title, way in ways.items():
            with tempfile.TemporaryDirectory(dir=folder) as at:
                found[title].append(way(at))
    print("\n### The store alone: until a reply is safe on the disk\n")
    _head("how", "ms a reply [least, most]", "asked")
    for title, each in found.items():
        _row(title, f"{median(each):.3f} [{min(each):.3f}, {max(each):.3f}]", "≤ 1 ms")
    return {title: median(each) for title, each in found.items()}


def _head(*titles: str) -> None:
    _row(*titles)
    _row("---", *("--:" for _ in titles[1:]))


def _row(*cells: object) -> None:
    print(f"| {' | '.join(map(str, cells))} |", flush=True)


PARTS = {"calls": calls, "store": store}


if __name__ == "__main__":
    main()
