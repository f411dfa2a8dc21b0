"""The metric `lemma_reflection`, as a package folder and as a Space."""
