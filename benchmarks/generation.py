"""Tokens a second of a student on this machine: batches of several sizes, and transformers' continuous batching.

    python benchmarks/generation.py --model FOLDER --problems gsm8k_train.jsonl

Every completion is written to its end or to `--max_new_tokens`, at temperature 0.7. Prints Markdown.
"""

import argparse
import time
from pathlib import Path

from study_rows import read_study_problems
from trainers import device_here

from lemma_hf.inference import Sampling
from lemma_hf.inference.continuous import ContinuousStudent
from lemma_hf.inference.local import LocalStudent, load_model
from lemma_hf.prompts import prompt_style

CONTINUOUS = "continuous"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--problems", required=True, type=Path)
    parser.add_argument("--count", type=int, default=1024)
    parser.add_argument("--batch_sizes", type=int, nargs="+", default=[64, 256])
    parser.add_argument("--max_new_tokens", type=int, default=300)
    parser.add_argument("--prompt_style", default="show_steps")
    options = parser.parse_args()
    style = prompt_style(options.prompt_style)
    prompts = [style.prompt(problem.question) for problem in read_study_problems(options.problems)[: options.count]]
    sampling = Sampling(temperature=0.7, max_new_tokens=options.max_new_tokens)
    print(f"{device_here()}; {len(prompts):,} prompts, {options.max_new_tokens} tokens each at most\n")
    print("| batches | tokens | tokens/s | problems/s |\n|---|--:|--:|--:|")
    model = load_model(options.model)
    for size in (*options.batch_sizes, CONTINUOUS):
        student = (
            ContinuousStudent(*model, chat=style.chat, progress=False)
            if size == CONTINUOUS
            else LocalStudent(*model, batch_size=size, chat=style.chat, progress=None)
        )
        started = time.monotonic()
        tokens = sum(each.tokens for completions in student.complete(prompts, sampling) for each in completions)
        seconds = time.monotonic() - started
        print(f"| {size} | {tokens:,} | {tokens / seconds:,.0f} | {len(prompts) / seconds:.1f} |", flush=True)


if __name__ == "__main__":
    main()
