"""How sure is a share? Its confidence interval."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Share:
    """`count` of `total`, with the Wilson score interval at 95 %.

    The interval stays within 0 and 1 and is honest for small counts, which the usual ± 1.96 standard errors is not
    (Wilson 1927; Brown, Cai and DasGupta 2001, doi:10.1214/ss/1009213286). An empty share may be anything.

    Example:
        >>> str(Share(90, 100))
        '90.0 % [82.6, 94.5]'
    """

    count: int
    total: int

    @property
    def value(self) -> float:
        """The share itself, 0 where there is nothing to share."""
        return self.count / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The lower and the upper end."""
        if not self.total:
            return 0.0, 1.0
        z, n, p = 1.959964, self.total, self.value
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        # At the ends rounding would put a hair between the share and its own interval.
        low = middle - half if self.count else 0.0
        high = middle + half if self.count < self.total else 1.0
        return low, high

    def __str__(self) -> str:
        if not self.total:
            return "–"
        low, high = self.interval
        return f"{100 * self.value:.1f} % [{100 * low:.1f}, {100 * high:.1f}]"
