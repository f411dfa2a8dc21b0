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
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from study_rows import read_study_problems, write_attempts, write_rows

from lemma_hf.cli import main as lemma_hf_command
from lemma_hf.errors import LemmaError
from lemma_hf.experiments.rounds import RoundStep
from lemma_hf.prompts import prompt_style
from lemma_hf.recipes.rounds import do
from lemma_hf.settings import exit_status
from lemma_hf.utils.intervals import Over

UNTRAINED = "untrained"


@dataclass(frozen=True, slots=True)
class Arm:
    """What is trained on, and with which weights."""

    about: str
    rows: str
    options: Mapping[str, Any] = field(default_factory=dict)


ARMS = {
    "sft": Arm("the reference solutions", "references"),
    "rft": Arm("own right solutions, else the reference", "right"),
    "spot": Arm("own mistakes put right in place, without a turn", "spot"),
    "lemma": Arm("own mistakes with a turn", "trajectories", {"error_weight": 1}),
    "lemma_mistake_e0": Arm("the same, masked from the mistake on", "trajectories", {"error_weight": 0}),
    "lemma_e0": Arm("the same, wrong steps masked", "trajectories", {"error_weight": 0, "error_scope": "step"}),
}


def main() -> None:
    study = Study(_options())
    try:
        with redirect_stdout(sys.stderr):  # what steps say is no part of the table
            study.prepare()
            study.train_and_score()
    finally:
        if text := study.table():
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
    say("--outputs", help="a file of attempts that exist already, in place of sampling: `question` and `output`")
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
    """The steps, in folders of one place; each is done again where its settings, or a step before it, have changed."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.folder: Path = options.output_dir
        self.end = time.monotonic() + 60 * options.minutes
        # The model with its chat template is asked as an instruct model is; what is trained, as the rows have it.
        words = {"prompt_style": options.student_style, "max_new_tokens": 400, "batch_size": options.batch_size}
        asked = {"outputs": options.outputs} if options.outputs else {"model": options.model, "temperature": 0.7}
        asked |= {} if options.outputs else {"samples": options.samples}
        words |= {"file": options.problems, "benchmark": "gsm8k"} | asked
        self.sample = self.step("sample", "score", words)
        words = {"problem_files": options.problems, "problem_columns": ["solution=answer", "answer=none"]}
        words |= {"sample": "from_file", "outputs": self.folder / "attempts.jsonl", "benchmark": "gsm8k"}
        words |= {"teacher": "reference", "prompt_style": options.prompt_style, "test_share": 0}
        self.made = self.step("made/dataset", "make_dataset", words, self.sample)

    def prepare(self) -> None:
        """Sample the model, make its trajectories, and write the rows of the arms."""
        items, made = self.sample.folder / "items.parquet", self.made.folder
        self.do(self.sample)
        write_attempts(items, self.folder / "attempts.jsonl")
        self.do(self.made)
        for form in ("sft", "spot"):
            target = made.with_name(f"{form}.jsonl")
            if code := lemma_hf_command(["export", str(made), "--to", form, "-o", str(target)]):
                raise SystemExit(code)
        problems = read_study_problems(self.options.problems)
        write_rows(self.folder / "rows", problems, items, made.parent, prompt_style(self.options.prompt_style))

    def train_and_score(self) -> None:
        """Train and score the arms, several at a time: first all arms of the first seed."""
        self.do(self.score(UNTRAINED, self.options.model, self.options.student_style))
        with ThreadPoolExecutor(self.options.workers) as pool:
            for done in [
                pool.submit(self.chain, arm, seed) for seed in self.options.seeds for arm in self.options.arms
            ]:
                done.result()

    def chain(self, arm: str, seed: int) -> None:
        """Train one arm of one seed, and score it; its weights are removed when it is scored."""
        options, name = self.options, f"{arm}-{seed}"
        words = {"model_name_or_path": options.model, "dataset_name": self.folder / "rows" / f"{ARMS[arm].rows}.jsonl"}
        words |= {"max_steps": options.updates, "packing": True, "max_length": options.block, "seed": seed}
        words |= {"per_device_train_batch_size": 1, "gradient_accumulation_steps": options.blocks, "data_seed": seed}
        words |= {"learning_rate": options.learning_rate, "lr_scheduler_type": "cosine", "warmup_steps": 0.05}
        words |= {"eval_strategy": "no", "save_strategy": "no", "logging_steps": 10, "report_to": "none"}
        words |= ARMS[arm].options | ({"use_cpu": True} if options.cpu else {"bf16": True})
        training = self.step(f"models/{name}", "sft", words, self.made)
        score = self.score(name, training.folder, options.prompt_style, training)
        self.do(training)
        self.do(score)
        for weights in training.folder.glob("*.safetensors"):
            weights.unlink()

    def score(self, name: str, model: Any, style: str, after: RoundStep | None = None) -> RoundStep:
        """The step that scores a model on all test sets."""
        options = self.options
        names = [test.partition("=")[0] for test in options.tests]
        words = {"model": model, "benchmarks": names, "data": options.tests, "shots": 0, "prompt_style": style}
        words |= {"problems": options.test_problems, "max_new_tokens": 512, "batch_size": options.batch_size}
        return self.step(f"scores/{name}", "score", words, after)

    def step(self, place: str, recipe: str, words: Mapping[str, Any], after: RoundStep | None = None) -> RoundStep:
        """A command of a recipe, which makes the folder `place`."""
        texts = {
            name: [str(each) for each in (value if isinstance(value, list) else [value])]
            for name, value in words.items()
        }
        folder = self.folder / place
        options = [word for name, values in texts.items() for word in (f"--{name}", *values)]
        settings = {name: " ".join(values) for name, values in texts.items()}
        return RoundStep(folder, settings, place, recipe, (*options, "--output_dir", str(folder)), after)

    def do(self, step: RoundStep) -> None:
        """Do a step that is not done; refuse to begin one when the time is over."""
        step.refuse_other_settings()
        if not step.finished and time.monotonic() > self.end:
            raise LemmaError(f"the time is over before {step.title}: the same command goes on")
        do(step, [sys.executable, "-m", f"lemma_hf.recipes.{step.recipe}", *step.options, *step.resume], step.title)

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
        return "\n".join(lines) + "\n" if len(lines) > 2 else ""

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
    sys.exit(exit_status(main))
