"""Confidence intervals of a share, of a mean over problems, and of a mean over a few runs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_RESAMPLES = 10_000
"""Resamples of a bootstrap: its own noise on an end is then some hundredth of the interval's width."""
_CELLS = 10_000_000
"""Numbers drawn at a time, which bounds the memory of a bootstrap over many different values."""
_T = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
    *(2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)
"""Two-sided 95 % quantiles of Student's t for 1 to 30 degrees of freedom; beyond, the normal one does."""


def wilson(value: float, total: int) -> tuple[float, float]:
    """The Wilson score interval at 95 % of a share `value` of `total`.

    It stays within 0 and 1 and is honest for small counts, which the usual ± 1.96 standard errors is not (Wilson 1927;
    Brown, Cai and DasGupta 2001, doi:10.1214/ss/1009213286). Of nothing, the share may be anything.
    """
    if not total:
        return 0.0, 1.0
    z, n, p = 1.959964, total, value
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    # At the ends rounding would put a hair between the share and its own interval.
    low = middle - half if value > 0 else 0.0
    high = middle + half if value < 1 else 1.0
    return low, high


def bootstrap(values: Sequence[float], seed: int = 0) -> tuple[float, float]:
    """The percentile bootstrap interval at 95 % of the mean of `values`, one for each problem.

    Problems are drawn with replacement, `_RESAMPLES` times. The mean of a draw depends only on how often each different
    value comes up in it, and that is drawn as one multinomial: the same distribution, with a few numbers in place of as
    many as there are problems.

    Args:
        values: at least one.
        seed: the same seed and values give the same interval.

    Example:
        >>> low, high = bootstrap([0.0, 1.0] * 50)
        >>> 0.39 < low < 0.42 and 0.58 < high < 0.61
        True
    """
    import numpy

    distinct, counts = numpy.unique(numpy.asarray(values, dtype=float), return_counts=True)
    random, shares = numpy.random.default_rng(seed), counts / counts.sum()
    at_a_time = max(1, min(_RESAMPLES, _CELLS // len(distinct)))
    means: list[float] = []
    while len(means) < _RESAMPLES:
        drawn = random.multinomial(len(values), shares, size=min(at_a_time, _RESAMPLES - len(means)))
        means.extend((drawn @ distinct / len(values)).tolist())
    ends: list[float] = numpy.quantile(means, (0.025, 0.975)).tolist()
    return ends[0], ends[1]


@dataclass(frozen=True, slots=True)
class Share:
    """`count` of `total`, with the Wilson score interval at 95 % (see `wilson`). An empty share may be anything.

    Example:
        >>> str(Share(90, 100))
        '90.0 % [82.6, 94.5]'
    """

    count: int
    total: int

    @property
    def value(self) -> float:
        """The share itself; 0 where `total` is 0."""
        return self.count / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The lower and the upper end."""
        return wilson(self.value, self.total)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {"count": self.count, "total": self.total, "value": self.value, "ci95": list(self.interval)}

    def __str__(self) -> str:
        return share_text(self.value, self.interval) if self.total else "–"


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over `total` problems of values in [0, 1], with its interval at 95 %: make it with `Mean.from_values`.

    Example:
        >>> mean = Mean.from_values([0.25, 0.5, 1.0, 0.25])
        >>> mean.value, mean.low < mean.value < mean.high
        (0.5, True)
    """

    value: float
    low: float
    high: float
    total: int
    """Problems, not samples: these are what is drawn independently."""

    @classmethod
    def from_values(cls, values: Sequence[float], seed: int = 0) -> "Mean":
        """The mean of one value for each problem, with its percentile bootstrap over problems.

        Where all problems have the same value, resampling shows no spread and the interval would be a point; there it
        is the Wilson interval of that share of so many problems.
        """
        if not values:
            return cls(0.0, 0.0, 1.0, 0)
        value = math.fsum(values) / len(values)
        spread = min(values) < max(values)
        return cls(value, *(bootstrap(values, seed) if spread else wilson(value, len(values))), len(values))

    @property
    def interval(self) -> tuple[float, float]:
        """The lower and the upper end."""
        return self.low, self.high

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {"total": self.total, "value": self.value, "ci95": [self.low, self.high]}

    def __str__(self) -> str:
        return share_text(self.value, self.interval) if self.total else "–"


Estimate = Share | Mean
"""Either has `value`, `interval`, `total` (problems) and `as_dict()`."""


def estimate(groups: Sequence[Sequence[float]], seed: int = 0) -> Estimate:
    """The mean over problems of each problem's mean over its samples: a `Share` where each has one yes or no.

    Args:
        groups: for each problem its samples' values (0 or 1, or a bool); a problem without samples is left out.
    """
    groups = [group for group in groups if group]
    if all(len(group) == 1 and group[0] in (0, 1) for group in groups):
        return Share(sum(int(value) for (value,) in groups), len(groups))
    return Mean.from_values([math.fsum(group) / len(group) for group in groups], seed)


def share_text(value: float, interval: tuple[float, float]) -> str:
    """A share with its interval, such as `90.0 % [82.6, 94.5]`."""
    low, high = interval
    return f"{100 * value:.1f} % [{100 * low:.1f}, {100 * high:.1f}]"


@dataclass(frozen=True, slots=True)
class Over:
    """A mean over a few runs, such as seeds, with its interval at 95 %."""

    values: tuple[float, ...]
    """One a run."""
    low: float
    high: float

    @property
    def mean(self) -> float:
        """The mean over runs."""
        return math.fsum(self.values) / len(self.values)

    @classmethod
    def from_values(cls, values: Sequence[float], of_one: tuple[float, float] | None = None) -> "Over":
        """Student's interval of the mean.

        Args:
            values: at least one.
            of_one: the interval where there is one run alone, which shows no spread: by default none at all.

        Example:
            >>> over = Over.from_values([0.5, 0.7])
            >>> f"{over.mean:.2f} [{over.low:.2f}, {over.high:.2f}]"
            '0.60 [-0.67, 1.87]'
        """
        n = len(values)
        if n == 1:
            return cls(tuple(values), *(of_one or (-math.inf, math.inf)))
        mean = math.fsum(values) / n
        spread = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (n - 1))
        half = (_T[n - 2] if n - 2 < len(_T) else 1.96) * spread / math.sqrt(n)
        return cls(tuple(values), mean - half, mean + half)
