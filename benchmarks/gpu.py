"""All that is worth measuring on a GPU, in one command, in parts that do not depend on each other.

    python benchmarks/gpu.py --model FOLDER --problems gsm8k_train.jsonl --tests gsm8k=test.jsonl svamp=svamp.jsonl
    python benchmarks/gpu.py --toy                   the same parts in small, on a CPU, with files of its own
    python benchmarks/gpu.py --only trainer study …

Each part writes its table into `--output_dir` when it is done, and a log beside it; one that fails or takes too long is
named at the end, and the others go on. The same command again does what is not done; the study goes on where it was.
No network is needed. On an H100 about 25 minutes.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
RECIPES = HERE.parent / "recipes"


@dataclass(frozen=True, slots=True)
class Part:
    """A measurement: a program that prints its table."""

    name: str
    title: str
    words: tuple[str, ...]
    minutes: float
    """It is ended after so many."""


def main() -> int:
    options = _options()
    folder: Path = options.output_dir
    folder.mkdir(parents=True, exist_ok=True)
    if options.toy:
        make_toy(folder, options)
    failed = [part.name for part in parts(options) if not run(part, folder)]
    print(f"# On a GPU\n\n{device()}\n")
    for part in parts(options):
        table = folder / f"{part.name}.md"
        print(f"## {part.title}\n\n{table.read_text('utf-8') if table.is_file() else 'Not done.'}\n")
    if failed:
        print(f"not done: {', '.join(failed)} (see their logs in {folder}); the same command goes on", file=sys.stderr)
    return bool(failed)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    say = parser.add_argument
    say("--model", help="a folder, or a name on the Hub")
    say("--problems", help="a file as GSM8K has it")
    say("--tests", nargs="+", default=[], help="NAME=FILE, as `score.py --data` takes them")
    say("--output_dir", type=Path, default=Path("outputs/gpu"))
    say("--only", nargs="+", choices=["trainer", "preparation", "generation", "miniature", "study"])
    say("--toy", action="store_true")
    options = parser.parse_args()
    if not options.toy and not (options.model and options.problems and options.tests):
        parser.error("need --model, --problems and --tests, or --toy")
    return options


def parts(options: argparse.Namespace) -> list[Part]:
    """The parts that are wanted, the shortest first."""
    toy, folder = options.toy, options.output_dir
    train = str(HERE / "train.py")
    rounds = ("--rounds", "1" if toy else "3")
    model = ("--model", str(options.model), "--problems", str(options.problems), "--tests", *map(str, options.tests))
    generation = (str(HERE / "generation.py"), "--model", str(options.model), "--problems", str(options.problems))
    tiny = ("--count", "4", "--batch_sizes", "2", "--max_new_tokens", "8", "--prompt_style", "instruction")
    small = tiny if toy else ()
    found = [
        Part("preparation", "Preparation of rows", (train, "--only", "prepare", *rounds, *_rows(toy)), 4),
        Part("trainer", "A step, and packing, beside TRL's", (train, "--only", "step", "packing", *rounds), 8),
        Part("generation", "Tokens a second of a student", (*generation, *small), 4),
        Part("miniature", "The miniature, a larger student", _miniature(folder, toy), 15),
        Part("study", "Arms on a pretrained model", (str(HERE / "study.py"), *model, *_study(folder, toy)), 25),
    ]
    return [part for part in found if not options.only or part.name in options.only]


def _rows(toy: bool) -> tuple[str, ...]:
    return ("--rows", "200") if toy else ()


def _miniature(folder: Path, toy: bool) -> tuple[str, ...]:
    """Two arms of one seed."""
    words = [str(RECIPES / "miniature.py"), "--seeds", "0", "--arms", "student", "sft", "lemma"]
    words += ["--output_dir", str(folder / "miniature")]
    if not toy:
        return (*words, "--config", str(RECIPES / "configs" / "miniature_gpu.yaml"))
    small = {"problems": 40, "held_out": 20, "elsewhere": 10, "samples": 1, "layers": 1, "width": 32, "heads": 2}
    small |= {"reading_updates": 3, "training_updates": 2, "reading_blocks": 1, "training_blocks": 1, "batch_size": 20}
    return (*words, *(word for name, value in small.items() for word in (f"--{name}", str(value))))


def _study(folder: Path, toy: bool) -> tuple[str, ...]:
    place = ("--output_dir", str(folder / "study"))
    if not toy:
        return (*place, "--workers", "3", "--minutes", "24", "--batch_size", "256")
    small = ("--seeds", "0", "--updates", "2", "--blocks", "1", "--block", "1024", "--test_problems", "2", "--cpu")
    attempts = ("--outputs", str(folder / "attempts.jsonl"), "--student_style", "instruction")
    return (*place, *small, "--arms", "sft", "lemma", *attempts)


def run(part: Part, folder: Path) -> bool:
    """Run a part unless it is done; returns whether it is done now."""
    table, log = folder / f"{part.name}.md", folder / f"{part.name}.log"
    if table.is_file():
        return True
    started = time.monotonic()
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "PYTHONPATH": f"{HERE.parent}{os.pathsep}{HERE}"}
    draft = table.with_suffix(".draft")
    with draft.open("w", encoding="utf-8") as out, log.open("a", encoding="utf-8") as err:
        try:
            command = [sys.executable, *part.words]
            code = subprocess.run(
                command, stdout=out, stderr=err, env=environment, timeout=60 * part.minutes, check=False
            ).returncode
        except subprocess.TimeoutExpired:
            code = -1
            print(f"ended after {part.minutes:g} minutes", file=err)
    print(f"{part.name}: {time.monotonic() - started:.0f} s, status {code}", file=sys.stderr, flush=True)
    if code:
        return False
    draft.replace(table)
    return True


def device() -> str:
    """The GPU, or the CPU, in a process of its own, which leaves its memory free."""
    code = "from trainers import device_here; print(device_here())"
    environment = os.environ | {"PYTHONPATH": f"{HERE.parent}{os.pathsep}{HERE}"}
    return subprocess.check_output([sys.executable, "-c", code], text=True, env=environment).strip()


def make_toy(folder: Path, options: argparse.Namespace) -> None:
    """A small random model, and made-up problems as GSM8K has them, in place of those that were not given."""
    import json

    from lemma_hf.train.scratch import bpe_tokenizer, small_llama
    from lemma_hf.world import get_world

    problems = get_world("stories").problems(24, seed=0)
    for name, chosen in (("train", problems[:16]), ("gsm8k", problems[16:])):
        lines = (
            _as_gsm8k(problem.question, problem.reference_solution, problem.reference_answer) for problem in chosen
        )
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    model = folder / "model"
    if not model.is_dir():
        tokenizer = bpe_tokenizer([problem.question + problem.reference_solution for problem in problems], 400)
        small_llama(tokenizer, hidden_size=32, layers=1, heads=2, max_length=2048).save_pretrained(model)
        tokenizer.save_pretrained(model)
    # What a random model writes has no mistake to trace, so the attempts are made here: the first result is off by one.
    lines = ({"question": each.question, "output": _off_by_one(each.reference_solution)} for each in problems[:16])
    (folder / "attempts.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    options.model, options.problems = model, folder / "train.jsonl"
    options.tests = [f"gsm8k={folder / 'gsm8k.jsonl'}"]


def _off_by_one(solution: str) -> str:
    wrong = re.sub(r"= (\$?)(\d+)", lambda found: f"= {found[1]}{int(found[2]) + 1}", solution, count=1)
    return re.sub(r"The answer is: (\d+)", lambda found: f"The answer is: {int(found[1]) + 1}", wrong)


def _as_gsm8k(question: str, solution: str, answer: str) -> dict[str, str]:
    return {"question": question, "answer": f"{solution}\n#### {answer}"}


if __name__ == "__main__":
    sys.exit(main())
