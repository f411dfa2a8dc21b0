"""For all tests: no network, one thread since the models are tiny, and the same random cases in every run."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_EVALUATE_OFFLINE", "1")

from hypothesis import settings

# A machine under load is no failure, and a red run can be run again. `--hypothesis-profile default` looks further.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")
