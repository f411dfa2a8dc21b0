"""Cost of a run before it starts: requests → tokens → price, each figure a range.

    stage    requests        to send  prompt tokens  completion tokens        USD
    analyse    40–80           40–80      12k–32k              4k–16k  0.07–0.24

Below the table stands what each figure rests on: a measurement, the replies in the store, or an assumption about what
only the run can find out. The requests come from `lemma_hf.pipeline.run.dry_run`.

    workload    how many requests each stage sends
    tokens      tokens of one request
    estimate    both together, with the price
    table       what people see
    ranges      figures with two ends
"""

from lemma_hf.pipeline.run.cost.estimate import AGAIN, CostEstimate, estimate_stages
from lemma_hf.pipeline.run.cost.ranges import Range
from lemma_hf.pipeline.run.cost.table import cost_table
from lemma_hf.pipeline.run.cost.tokens import StageSample
from lemma_hf.pipeline.run.cost.workload import Workload, requests_due

__all__ = [
    "AGAIN",
    "CostEstimate",
    "Range",
    "StageSample",
    "Workload",
    "cost_table",
    "estimate_stages",
    "requests_due",
]
