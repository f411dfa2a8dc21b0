"""Space of a metric: paste an output and a reference answer, and see the verdict with its reasons.

Each metric's folder has an `app.py` that calls `run_space`. Needs gradio, which a Space brings; elsewhere
the extra `space`. No network is used, and no text of a visitor is trusted.
"""

from lemma_hf.metrics.space.page import build_space, run_space

__all__ = ["build_space", "run_space"]
