"""How a model answers each prompt style: does it show its work, is it right, and how many mistakes can be learned from?

    python benchmarks/prompts.py --model FOLDER --problems gsm8k_train.jsonl
    python benchmarks/prompts.py --model MODEL@http://127.0.0.1:8080/v1 --problems gsm8k_train.jsonl --count 40

One answer to each problem, drawn at temperature 0.7 and taken through the stages of `make_dataset.py`, with the
reference solution as the teacher. Prints Markdown.
"""

import argparse
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from study_rows import read_study_problems

from lemma_hf.inference import Sampling, Student
from lemma_hf.inference.endpoint import ReplyStore
from lemma_hf.inference.loading import endpoint_client, is_endpoint, load_student
from lemma_hf.pipeline.analyse import analyse_stage
from lemma_hf.pipeline.grade import grade_stage, is_right, wrong_stage
from lemma_hf.pipeline.sample import sample_stage
from lemma_hf.prompts import PROMPT_STYLES, PromptStyle
from lemma_hf.records import Attempt, Dropped, DropReason, Flawed, Problem
from lemma_hf.teachers.loading import load_teacher

STYLES = tuple(name for name in PROMPT_STYLES if not name.startswith("sums"))
SHOWN = 3
"""Answers of each style that `--show` prints."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, help="a folder, a name on the Hub, or MODEL@URL")
    parser.add_argument("--model_options", nargs="*", default=[], help="of an endpoint: concurrency=4, …")
    parser.add_argument("--problems", required=True, type=Path)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--styles", nargs="+", choices=STYLES, default=STYLES)
    parser.add_argument("--max_new_tokens", type=int, default=320)
    parser.add_argument("--show", action="store_true", help=f"print {SHOWN} answers of each style")
    options = parser.parse_args()
    problems = read_study_problems(options.problems)[: options.count]
    sampling = Sampling(temperature=0.7, max_new_tokens=options.max_new_tokens)
    print("| style | whole | right | wrong, with steps | wrong, without steps | first wrong step named | not sure |")
    print("|---|" + "--:|" * 6, flush=True)
    with tempfile.TemporaryDirectory() as folder, ReplyStore(Path(folder) / "replies.sqlite") as store:
        for name in options.styles:
            style = PROMPT_STYLES[name]
            client = None
            if is_endpoint(options.model):
                client = endpoint_client(options.model, options.model_options, store)
            student = load_student(options.model, store, client=client, chat=style.chat, progress=name, watch=True)
            print(row(student, sampling, style, problems, show=options.show), flush=True)


def row(student: Student, sampling: Sampling, style: PromptStyle, problems: Sequence[Problem], *, show: bool) -> str:
    """The row of a style: counts of one answer to each problem."""
    reference = load_teacher("reference")
    sampled = sample_stage(student, sampling, style, reference.split).work(problems)
    whole = [item for item in sampled if isinstance(item, Attempt)]
    if show:
        for attempt in whole[:SHOWN]:
            print(f"\n--- {style.name}: {attempt.problem.question}\n{attempt.text}\n")
    graded = [item for item in grade_stage("gsm8k").work(whole) if isinstance(item, Attempt)]
    wrong = [item for item in wrong_stage().work(graded) if isinstance(item, Attempt)]
    judged = analyse_stage(reference.teacher).work(wrong)
    named = sum(isinstance(item, Flawed) for item in judged)
    dropped = Counter(item.reason for item in judged if isinstance(item, Dropped))
    bare, unsure = dropped[DropReason.NO_STEPS], dropped[DropReason.UNSURE]
    counts = (len(whole), sum(map(is_right, graded)), len(wrong) - bare, bare, named, unsure)
    return f"| `{style.name}` | " + " | ".join(map(str, counts)) + " |"


if __name__ == "__main__":
    main()
