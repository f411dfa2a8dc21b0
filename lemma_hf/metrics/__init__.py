"""Metrics that `evaluate.load` can load. Each folder here loads by its path, offline, and is a Space.

Example:
    >>> from pathlib import Path
    >>> Path(metric_path("lemma_math")).name
    'lemma_math'
"""

from pathlib import Path

from lemma_hf.errors import ConfigError

_HERE = Path(__file__).parent
METRICS = ("lemma_gsm8k", "lemma_math", "lemma_reflection")


def metric_path(name: str) -> str:
    """The folder of a metric, for `evaluate.load(metric_path(name))`.

    A path needs no network. Elsewhere `evaluate` is offline only with `HF_EVALUATE_OFFLINE=1`: it ignores the Hub's
    own `HF_HUB_OFFLINE`.

    Raises:
        ConfigError: if there is no metric of that name.
    """
    if name not in METRICS:
        raise ConfigError(f"no metric is called {name!r}; there are {', '.join(METRICS)}")
    return str(_HERE / name)
