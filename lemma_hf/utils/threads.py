"""Threads of torch on a CPU, which are to leave the machine to others while they wait."""

import os

_SPINS = "2000"
"""Turns of the waiting loop, some microseconds; of itself GNU's library takes 300,000, about a millisecond."""


def calm_threads() -> None:
    """Have OpenMP's threads sleep while they wait, unless the user has set how they wait.

    It has to be called before torch is loaded; later it has no effect. Torch's threads wait for each other many
    thousand times a second, and by default they spin: on a machine that does other things as well, they take the
    processor from those that they wait for. Scoring 10 problems with a small model on 2 busy cores took 17 to 83
    seconds, and 13 with this.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", _SPINS)
