"""The metric `lemma_math`, as a package folder and as a Space."""
