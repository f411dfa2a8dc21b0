"""Train a small student from scratch, let it make mistakes, and compare ways to learn from them.

    make demo          one seed, SFT and LEMMA, with one mistake that was caught
    lemma-hf demo      the same, wherever lemma-hf is installed
    make miniature     a fast run that fails unless LEMMA beats SFT
    python recipes/miniature.py                                               all arms, five seeds
    python recipes/miniature.py --seeds 0 --arms sft lemma lemma_e0           some of it
    python recipes/miniature.py --config recipes/configs/miniature_gpu.yaml   a larger student, on a GPU
    python recipes/miniature.py --figures docs/results/miniature/figures.json   the report again, nothing is trained

Stopped, the same command continues. Everything is written into `output_dir`: a folder for each seed and arm with
the model, its answers and its figures, and the report miniature.md with its pictures.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lemma_hf.errors import LemmaError
from lemma_hf.experiments.miniature import (
    MiniatureSettings,
    SeedResults,
    arms_named,
    example,
    points,
    read_file,
    read_folder,
    run_all,
    summary,
    write_document,
)
from lemma_hf.settings import parse_settings, run_recipe
from lemma_hf.utils.storage import refuse_unwritable
from lemma_hf.utils.threads import calm_threads


@dataclass
class ReportSettings:
    """Settings of the report, and the lead that the run must reach."""

    figures: str = field(
        default="", metadata={"help": "Figures of an earlier run: only the report is written, nothing is trained."}
    )
    report_dir: str = field(default="", metadata={"help": "Folder of the page and its pictures; empty: output_dir."})
    report_name: str = field(default="miniature", metadata={"help": "Name of the page and of the folder next to it."})
    report_title: str = field(default="Does it work? The miniature", metadata={"help": "Heading of the page."})
    must_beat: float | None = field(
        default=None,
        metadata={
            "help": "Fail unless LEMMA beats SFT by more than so many points, the interval's lower end counting."
        },
    )


def main(argv: Sequence[str] | None = None) -> int | None:
    """Train what is not finished yet, then report."""
    calm_threads()
    settings, report = parse_settings((MiniatureSettings, ReportSettings), "miniature", __doc__, argv)
    if report.figures:
        results = read_file(Path(report.figures))
    else:
        refuse_unwritable(settings.output_dir)
        run_all(settings, arms_named(settings.arms))
        results = read_folder(Path(settings.output_dir))
    folder = Path(report.report_dir or settings.output_dir)
    page = write_document(results, folder, report.report_name, report.report_title)
    print(f"\n{summary(results)}\n")
    print("turns: reflections in all answers; repaired: wrong, then right; broken: right, then wrong;")
    print("missed: wrong steps that were not noticed.\n")
    print(example(results) or "No answer repaired a mistake in this run.")
    print(f"\nthe whole report: {page}")
    if report.must_beat is not None:
        require_lead(results, report.must_beat)
    return None


def require_lead(results: SeedResults, margin: float) -> None:
    """Fail unless the lower end of LEMMA's lead over SFT is above a margin.

    Raises:
        LemmaError: with the difference that was found.
    """
    found = results.difference("sft", "lemma")
    if found is None:
        raise LemmaError("`must_beat` needs the arms sft and lemma of one seed at least: add them to `arms`")
    if not 100 * found.accuracy.low > margin:
        raise LemmaError(
            f"LEMMA against SFT: {points(found.accuracy)} points, and the lower end has to be above {margin:+.1f}. "
            "Trainer, pipeline or grading may be broken: compare with docs/results/miniature.md"
        )
    print(f"LEMMA against SFT: {points(found.accuracy)} points, as it should be")


if __name__ == "__main__":
    run_recipe(main)
