"""Compare ways to learn from a pretrained model's own mistakes: arms that differ in one thing each, over seeds.

    python benchmarks/study.py --model Qwen/Qwen2.5-Coder-0.5B-Instruct --problems gsm8k_train.jsonl \\
      --tests gsm8k=gsm8k_test.jsonl svamp=svamp.jsonl --output_dir outputs/study

`problems` is a file as GSM8K has it: `question`, and `answer` with the solution in it. The model solves them, its
mistakes are traced and corrected by the references, and each arm trains the same model for the same number of updates
of packed tokens. All steps are commands of the recipes; their logs lie beside what they make. Stopped, the same command
goes on; after `--minutes` nothing new is begun. Prints Markdown, and writes it to `study.md`.
"""

import argparse
import json
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from study_rows import read_study_problems, write_attempts, write_rows

from lemma_hf.experiments.commands import last_words, run_command
from lemma_hf.prompts import prompt_style
from lemma_hf.utils.intervals import Over

ROOT = Path(__file__).resolve().parents[1]
UNTRAINED = "untrained"


@dataclass(frozen=True, slots=True)
class Arm:
    """What is trained on, and with which weights."""

    about: str
    rows: str
    options: tuple[str, ...] = ()


ARMS = {
    "sft": Arm("the reference solutions", "references"),
    "rft": Arm("own right solutions, else the reference", "right"),
    "spot": Arm("own mistakes put right in place, without a turn", "spot"),
    "lemma": Arm("own mistakes with a turn", "trajectories", ("--error_weight", "1")),
    "lemma_mistake_e0": Arm("the same, masked from the mistake on", "trajectories", ("--error_weight", "0")),
    "lemma_e0": Arm("the same, wrong steps masked", "trajectories", ("--error_weight", "0", "--error_scope", "step")),
}


def main() -> None:
    options = _options()
    study = Study(options)
    study.prepare()
    study.train_and_score()
    text = study.table()
    (study.folder / "study.md").write_text(text, "utf-8")
    print(text)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    say = parser.add_argument
    say("--model", required=True)
    say("--problems", required=True, type=Path)
    say("--tests", required=True, nargs="+", help="NAME=FILE, as `score.py --data` takes them")
    say("--output_dir", required=True, type=Path)
    say("--arms", nargs="+", choices=ARMS, default=list(ARMS))
    say("--seeds", nargs="+", type=int, default=[0, 1, 2])
    say("--samples", type=int, default=2, help="attempts at each problem")
    say("--student_style", default="show_steps", help="how the model is asked while it makes mistakes")
    say("--prompt_style", default="instruction", help="how it is asked in the rows, and when it is scored")
    say("--updates", type=int, default=150)
    say("--block", type=int, default=1024, help="tokens of a packed block")
    say("--blocks", type=int, default=8, help="blocks of an update")
    say("--learning_rate", default="1e-5")
    say("--test_problems", type=int, default=0, help="of each test set; 0: all")
    say("--batch_size", type=int, default=64)
    say("--workers", type=int, default=1, help="trainings side by side")
    say("--minutes", type=float, default=float("inf"))
    say("--cpu", action="store_true")
    return parser.parse_args()


class Study:
    """The steps, in folders of one place."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.folder: Path = options.output_dir
        self.end = time.monotonic() + 60 * options.minutes

    def prepare(self) -> None:
        """Sample the model, make its trajectories, and write the rows of the arms."""
        options, style = self.options, prompt_style(self.options.prompt_style)
        sample, made, rows = self.folder / "sample", self.folder / "made", self.folder / "rows"
        words = ["--model", options.model, "--file", options.problems, "--samples", options.samples]
        words += ["--temperature", 0.7, "--prompt_style", options.student_style, "--benchmark", "gsm8k"]
        self.recipe("score", [*words, "--batch_size", options.batch_size, "--max_new_tokens", 400], sample)
        attempts = self.folder / "attempts.jsonl"
        self.step("attempts", attempts, lambda: write_attempts(sample / "items.parquet", attempts))
        words = ["--problem_files", options.problems, "--problem_columns", "solution=answer", "answer=none"]
        words += ["--sample", "from_file", "--outputs", attempts, "--output_columns", "question=question"]
        words += ["--teacher", "reference", "--prompt_style", options.prompt_style, "--test_share", 0]
        self.recipe("make_dataset", [*words, "--benchmark", "gsm8k"], made / "dataset")
        for name, form in (("lemma", "sft"), ("spot", "spot")):
            target = made / f"{name}.jsonl"
            command = ["-m", "lemma_hf", "export", made / "dataset", "--to", form, "-o", target]
            self.step(
                f"export {form}", target, lambda command=command, name=name: self.run(command, made / f"{name}.log")
            )
        problems = read_study_problems(options.problems)
        self.step("rows", rows, lambda: write_rows(rows, problems, sample / "items.parquet", made, style))

    def train_and_score(self) -> None:
        """Train and score the arms, several at a time, the seeds of the first arms first."""
        self.score(UNTRAINED, self.options.model)
        chains = [(arm, seed) for seed in self.options.seeds for arm in self.options.arms]
        with ThreadPoolExecutor(self.options.workers) as pool:
            for done in [pool.submit(self.chain, arm, seed) for arm, seed in chains]:
                done.result()

    def chain(self, arm: str, seed: int) -> None:
        """Train one arm of one seed, and score it; its weights are removed when it is scored."""
        name, options = f"{arm}-{seed}", self.options
        if (self.folder / "scores" / name / "scores.json").is_file():
            return
        words = [
            "--model_name_or_path",
            options.model,
            "--dataset_name",
            self.folder / "rows" / f"{ARMS[arm].rows}.jsonl",
        ]
        words += ["--max_steps", options.updates, "--packing", "--max_length", options.block, "--seed", seed]
        words += ["--per_device_train_batch_size", 1, "--gradient_accumulation_steps", options.blocks]
        words += ["--learning_rate", options.learning_rate, "--lr_scheduler_type", "cosine", "--warmup_steps", 0.05]
        words += ["--eval_strategy", "no", "--save_strategy", "no", "--logging_steps", 10, "--report_to", "none"]
        words += ["--data_seed", seed, *ARMS[arm].options, *(["--use_cpu"] if options.cpu else ["--bf16"])]
        model = self.folder / "models" / name
        self.recipe("sft", words, model)
        self.score(name, model)
        shutil.rmtree(model, ignore_errors=True)

    def score(self, name: str, model: Any) -> None:
        options = self.options
        names = [test.partition("=")[0] for test in options.tests]
        words = ["--model", model, "--benchmarks", *names, "--data", *options.tests, "--shots", 0]
        words += ["--prompt_style", options.student_style if name == UNTRAINED else options.prompt_style]
        words += ["--problems", options.test_problems, "--max_new_tokens", 512, "--batch_size", options.batch_size]
        self.recipe("score", words, self.folder / "scores" / name)

    def recipe(self, name: str, words: Sequence[Any], folder: Path) -> None:
        """Run a recipe that makes a folder, unless it is done."""
        command = [ROOT / "recipes" / f"{name}.py", *words, "--output_dir", folder]
        self.step(f"{name}: {folder.name}", folder, lambda: self.run(command, folder.with_name(f"{folder.name}.log")))

    def run(self, command: Sequence[Any], log: Path) -> None:
        code = run_command([sys.executable, *map(str, command)], log)
        if code:
            raise SystemExit("\n".join([f"{log}: exit status {code}", *last_words(log)]))

    def step(self, title: str, made: Path, work: Callable[[], Any]) -> None:
        """Do a step that is not done, and note its end; refuse to begin one when the time is over."""
        mark = made.with_name(f"{made.name}.done")
        if mark.is_file():
            return
        if time.monotonic() > self.end:
            raise SystemExit(f"the time is over before {title}: the same command goes on")
        started = time.monotonic()
        made.parent.mkdir(parents=True, exist_ok=True)
        work()
        mark.write_text(f"{time.monotonic() - started:.0f} s\n")
        print(f"{title}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)

    def table(self) -> str:
        """Accuracy of each arm on each test set, means over seeds with Student's intervals."""
        names = [test.partition("=")[0] for test in self.options.tests]
        lines = [f"| arm | what it learns from | seeds | {' | '.join(names)} |", f"|---|---|--:|{'--:|' * len(names)}"]
        for arm in (UNTRAINED, *self.options.arms):
            runs = [arm] if arm == UNTRAINED else [f"{arm}-{seed}" for seed in self.options.seeds]
            scores = [scores for run in runs if (scores := self.scores(run))]
            if scores:
                cells = [_shown([each[name] for each in scores]) for name in names]
                about = ARMS[arm].about if arm in ARMS else "nothing"
                lines.append(f"| {arm} | {about} | {len(scores)} | {' | '.join(cells)} |")
        return "\n".join(lines) + "\n"

    def scores(self, run: str) -> dict[str, dict[str, Any]]:
        path = self.folder / "scores" / run / "scores.json"
        if not path.is_file():
            return {}
        found = json.loads(path.read_text("utf-8"))["benchmarks"]
        return {name: each["scores"]["pass@1"] for name, each in found.items()}


def _shown(shares: Sequence[dict[str, Any]]) -> str:
    """The mean over seeds with its interval; of one seed alone the interval over problems."""
    over = Over.from_values([share["value"] for share in shares], tuple(shares[0]["ci95"]))
    return f"{100 * over.mean:.1f} % [{100 * over.low:.1f}, {100 * over.high:.1f}]"


if __name__ == "__main__":
    main()
