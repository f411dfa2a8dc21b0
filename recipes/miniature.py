"""Does it work? Train a small student from nothing, let it make mistakes, and compare ways to learn from them.

    make demo          one seed, SFT beside LEMMA, with one mistake that was caught
    make miniature     a fast run that fails unless LEMMA beats SFT
    python recipes/miniature.py                                               all arms, five seeds
    python recipes/miniature.py --seeds 0 --arms sft lemma lemma_e0           some of it
    python recipes/miniature.py --config recipes/configs/miniature_gpu.yaml   a larger student, on a GPU
    python recipes/miniature.py --figures docs/miniature/figures.json         the report again, nothing is trained

Stopped, the same command goes on. Everything lands in `output_dir`: a folder for each seed and arm with the model, its
answers and its figures, and the report miniature.md with its pictures.
"""

from lemma_hf.miniature import MiniatureSettings
from lemma_hf.miniature.arms import arms_named
from lemma_hf.miniature.schedule import run_all
from lemma_hf.settings import parse_settings, run_recipe


def main() -> int | None:
    """Run what is left, then report."""
    (settings,) = parse_settings((MiniatureSettings,), "miniature", __doc__)
    run_all(settings, arms_named(settings.arms))
    return None


if __name__ == "__main__":
    run_recipe(main)
