"""Metrics for `evaluate.load`: each folder here loads by its path, offline, and is published as a Space.

Example:
    >>> from pathlib import Path
    >>> Path(metric_path("lemma_math")).name
    'lemma_math'
"""

from pathlib import Path

from lemma_hf.errors import ConfigError

__all__ = ["METRICS", "metric_path"]

_HERE = Path(__file__).parent
METRICS = ("lemma_gsm8k", "lemma_math", "lemma_reflection")
"""Names of the metrics, each a folder of this package."""


def metric_path(name: str) -> str:
    """Folder of a metric, for `evaluate.load(metric_path(name))`.

    A path needs no network. Elsewhere `evaluate` is offline only with `HF_EVALUATE_OFFLINE=1`: it ignores the Hub's
    own `HF_HUB_OFFLINE`.

    Raises:
        ConfigError: if there is no metric of that name.
    """
    if name not in METRICS:
        raise ConfigError(f"no metric is called {name!r}; there are {', '.join(METRICS)}")
    return str(_HERE / name)
