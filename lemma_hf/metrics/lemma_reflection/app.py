"""The Space of the metric `lemma_reflection`: paste an output and a reference answer, see the effect of its turns."""

from lemma_hf.metrics.space import run_space

if __name__ == "__main__":
    run_space("lemma_reflection")
