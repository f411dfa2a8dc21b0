"""Watch a model learn to catch its own mistakes, on a laptop, from nothing, in one command.

    make demo          or          python recipes/demo.py

A small language model reads right solutions of made-up sums. Asked to answer in its head it guesses the hard products;
asked to show its work it does them long-hand. Its own mistakes become trajectories (a wrong product, `!`, the work, the
right product), and two copies of it are trained on the same problems for the same number of tokens: one on plain right
solutions (SFT), one on the trajectories (LEMMA). Both then answer problems that neither has seen.

2 cores, no GPU, no downloads. Everything lands in outputs/demo: report.json, comparison.png, items and both models.
"""

import json
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from datasets import Dataset
from transformers import AutoModelForCausalLM

import lemma_hf
from lemma_hf.data.rows import features, trajectory_to_row
from lemma_hf.evaluation import Scored, Share, score, summarise
from lemma_hf.generate import LocalStudent, Sampling
from lemma_hf.pipeline.on_policy import OnPolicy
from lemma_hf.prompts import PromptStyle, prompt_style
from lemma_hf.records import Problem, Span, SpanKind, Trajectory
from lemma_hf.settings import parse_settings, run_recipe
from lemma_hf.teacher import WorldTeacher
from lemma_hf.train.scratch import character_tokenizer, small_llama
from lemma_hf.world.sums import ALPHABET, SUMS, Turns, count_turns, make_documents, read_chain, without_work

IN_THE_HEAD = prompt_style("sums")
SHOWING_WORK = prompt_style("sums_work")
LONGEST = 320
"""Tokens: three products, each tried, reflected on and worked out, take about 300."""

UPDATE = {"packing": True, "max_length": 512, "per_device_train_batch_size": 1, "gradient_accumulation_steps": 8}
"""4,096 tokens an update, whether solutions are short or long: the same budget for both copies."""


@dataclass
class DemoSettings:
    """What the demo does; the defaults are what README reports."""

    seed: int = field(default=0, metadata={"help": "Seed of the student, its sampling and all data."})
    reading: int = field(default=1000, metadata={"help": "Updates in which the student reads right solutions."})
    training: int = field(default=400, metadata={"help": "Updates for each of the two copies."})
    problems: int = field(default=8000, metadata={"help": "Training problems that both copies learn from."})
    held_out: int = field(default=1000, metadata={"help": "Problems that nobody trains on."})
    error_weight: float = field(
        default=1.0, metadata={"help": "Weight of wrong steps in LEMMA's training: 1 as in the paper, 0 masks them."}
    )
    output_dir: str = field(default="outputs/demo", metadata={"help": "Where everything is written."})


def main() -> None:
    """The whole story."""
    (settings,) = parse_settings((DemoSettings,), "demo", __doc__)
    started = time.monotonic()
    out = Path(settings.output_dir)
    out.mkdir(parents=True, exist_ok=True)

    say("1. A small student reads right solutions")
    tokenizer = character_tokenizer(ALPHABET)
    student = small_llama(tokenizer, seed=settings.seed)
    documents = Dataset.from_list(make_documents(problems_to_read(settings), seed=settings.seed))
    train(student, tokenizer, documents, out / "student", updates=settings.reading, settings=settings)

    say("2. It makes mistakes, and the oracle of the world turns them into trajectories")
    problems, held_out = unseen_problems(settings)
    trajectories = on_policy_trajectories(student, tokenizer, problems, settings)
    references = [Trajectory(p, (Span(SpanKind.REASONING, p.reference_solution),), id=p.id) for p in problems]

    say("3. Two copies learn from the same problems, for the same number of tokens")
    arms = {"student": student}
    for name, data in {"SFT": references, "LEMMA": trajectories}.items():
        # Read from the folder again: a copy of a trained model in memory still runs the forward of the first one.
        arms[name] = AutoModelForCausalLM.from_pretrained(out / "student")
        rows = Dataset.from_list([trajectory_to_row(item, IN_THE_HEAD) for item in data], features=features())
        train(arms[name], tokenizer, rows, out / name, updates=settings.training, settings=settings)

    say(f"4. Each answers {settings.held_out:,} problems that nobody trained on")
    results = {name: answer(model, tokenizer, held_out, IN_THE_HEAD) for name, model in arms.items()}
    results["student, showing its work"] = answer(student, tokenizer, held_out, SHOWING_WORK)
    report = describe(results, settings, time.monotonic() - started)
    write(report, results, out)
    show(report, results, out)


def say(line: str) -> None:
    """A heading between progress bars."""
    print(f"\n\033[1m{line}\033[0m", flush=True)


def problems_to_read(settings: DemoSettings) -> list[Problem]:
    """As many as one reading takes: an update holds about 33 solutions."""
    return SUMS.problems(36 * settings.reading, seed=settings.seed + 1)


def unseen_problems(settings: DemoSettings) -> tuple[list[Problem], list[Problem]]:
    """Training and held-out problems: no question is in both, and none was read in step 1."""
    read = {problem.question for problem in problems_to_read(settings)}
    wanted = settings.problems + settings.held_out
    fresh = [p for p in SUMS.problems(2 * wanted, seed=settings.seed + 2) if p.question not in read][:wanted]
    return fresh[settings.held_out :], fresh[: settings.held_out]


def train(
    model: Any,
    tokenizer: Any,
    rows: Dataset,
    folder: Path,
    *,
    updates: int,
    settings: DemoSettings,
) -> None:
    """So many updates of 4,096 tokens, then save."""
    config = lemma_hf.LemmaSFTConfig(
        output_dir=str(folder),
        error_weight=settings.error_weight,
        max_steps=updates,
        learning_rate=3e-3,
        lr_scheduler_type="cosine",
        warmup_steps=min(50, updates // 5),
        adam_beta2=0.98,
        weight_decay=0.01,
        gradient_checkpointing=False,
        bf16=False,
        use_cpu=True,
        seed=settings.seed,
        logging_steps=max(1, updates // 10),
        save_strategy="no",
        report_to="none",
        **UPDATE,
    )
    trainer = lemma_hf.LemmaSFTTrainer(model=model, args=config, train_dataset=rows, processing_class=tokenizer)
    trainer.train()
    trainer.save_model()


def on_policy_trajectories(
    model: Any, tokenizer: Any, problems: list[Problem], settings: DemoSettings
) -> list[Trajectory]:
    """The student's own mistakes, each put right where it was made."""
    maker = OnPolicy(
        student=LocalStudent(model, tokenizer, batch_size=1000),
        teacher=WorldTeacher(SUMS),
        style=IN_THE_HEAD,
        split=SUMS.split,
        clean=without_work,
        sampling=Sampling(temperature=0.7, max_new_tokens=64, seed=settings.seed),
    )
    trajectories, dropped = maker.make(problems)
    types = Counter(error.type for trajectory in trajectories for error in trajectory.errors)
    print(f"{len(trajectories):,} trajectories with {types.total():,} errors: {named(types)}")
    print(f"{len(dropped):,} problems dropped: {named(Counter(item.reason for item in dropped)) or 'none'}")
    return trajectories


def named(counts: Counter[Any]) -> str:
    """`calculation 9,120, operator 12`, most frequent first."""
    return ", ".join(f"{name} {count:,}" for name, count in counts.most_common())


def answer(model: Any, tokenizer: Any, problems: list[Problem], style: PromptStyle) -> list[Scored]:
    """Greedy answers, graded."""
    student = LocalStudent(model, tokenizer, batch_size=500)
    return score(student, problems, style, Sampling(max_new_tokens=LONGEST))


def turns_of(items: list[Scored]) -> Turns:
    """What the second thoughts of all answers came to."""
    return sum((count_turns(read_chain(item.problem.question), item.completion.text) for item in items), Turns())


def describe(results: dict[str, list[Scored]], settings: DemoSettings, seconds: float) -> dict[str, Any]:
    """All figures, ready for JSON."""
    arms = {
        name: summarise(items, SUMS.reflects).as_dict() | {"turns": asdict(turns_of(items))}
        for name, items in results.items()
    }
    return {"arms": arms, "settings": asdict(settings), "seconds": round(seconds)}


def write(report: dict[str, Any], results: dict[str, list[Scored]], out: Path) -> None:
    """The figures, every answer, and the picture."""
    (out / "report.json").write_text(json.dumps(report, indent=2) + "\n", "utf-8")
    for name, items in results.items():
        lines = "".join(json.dumps(item.as_row()) + "\n" for item in items)
        (out / f"items-{name.replace(', ', '-').replace(' ', '-')}.jsonl").write_text(lines, "utf-8")
    draw(report["arms"], out / "comparison.png")


def draw(arms: dict[str, Any], path: Path) -> None:
    """Accuracy with its interval, and the tokens that were spent on it."""
    try:
        import matplotlib
    except ImportError:
        print("no picture: `pip install 'lemma-hf[plot]'` brings matplotlib")
        return
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 4), layout="constrained")
    for name, arm in arms.items():
        share, (low, high) = arm["accuracy"]["value"], arm["accuracy"]["ci95"]
        error = [[100 * (share - low)], [100 * (high - share)]]
        label = f"{name}: {100 * share:.1f} %"
        axes.errorbar(arm["tokens"], 100 * share, error, fmt="o", capsize=4, label=label)
    axes.set(
        xlabel="tokens an answer", ylabel="right answers, %", ylim=(0, 105), title="Held-out sums, greedy decoding"
    )
    axes.margins(x=0.15)
    axes.grid(alpha=0.3)
    axes.legend(loc="upper left")
    figure.savefig(path, dpi=150)
    pyplot.close(figure)


def show(report: dict[str, Any], results: dict[str, list[Scored]], out: Path) -> None:
    """The table, and one mistake that was caught."""
    print(
        f"\n{'':28}{'accuracy [95 % interval]':>28}{'tokens':>8}{'turns':>7}{'repaired':>10}{'broken':>8}{'missed':>8}"
    )
    for name, arm in report["arms"].items():
        turns = Turns(**arm["turns"])
        share = Share(arm["accuracy"]["count"], arm["accuracy"]["total"])
        print(
            f"{name:28}{share!s:>28}{arm['tokens']:8.0f}{turns.reflections:7,}"
            f"{turns.wrong_to_right:10,}{turns.right_to_wrong:8,}{turns.missed:8,}"
        )
    print("\nturns: reflections in all answers; repaired: wrong step, then right; broken: right step, then wrong;")
    print("missed: wrong steps that were not noticed.")
    print_one_repair(results["LEMMA"])
    print(f"\nseed {report['settings']['seed']}, {report['seconds'] / 60:.1f} minutes; everything is in {out}/")


def print_one_repair(items: list[Scored]) -> None:
    """The first right answer in which a mistake was put right, a line each step."""
    for item in items:
        if item.right and turns_of([item]).wrong_to_right:
            print(f"\nOne answer, greedy and unseen:  {item.prompt}")
            for step in SUMS.split(item.completion.text):
                print(f"    {step}")
            return
    print("\nNo answer repaired a mistake in this run.")


if __name__ == "__main__":
    run_recipe(main)
