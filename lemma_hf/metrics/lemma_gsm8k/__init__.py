"""The metric `lemma_gsm8k`, as a package folder and as a Space."""
