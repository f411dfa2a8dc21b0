"""The Space of the metric `lemma_math`: paste an output and a reference answer, see the verdict."""

from lemma_hf.metrics.space import run_space

if __name__ == "__main__":
    run_space("lemma_math")
