"""A run of the pipeline's stages: settings, participants and inputs; before it a dry run, after it a report.

settings, participants, gather    what the settings say: options, student and teacher, problems and attempts
turns                             the setting `turns`: whether it fits, and what turns are made with
dry_run, cost/                    what would be asked, and its price
run                               the store, the engine and the funnel around the stages; resuming
report_facts, report_page, report the report: its figures, how they are shown, the files
weaknesses                        what keeps the data from teaching, in one line
provenance                        settings.json: settings and versions, without secrets and paths
"""

from lemma_hf.pipeline.run.cost import CostEstimate
from lemma_hf.pipeline.run.dry_run import estimate_cost, estimate_run
from lemma_hf.pipeline.run.gather import gather_inputs
from lemma_hf.pipeline.run.participants import sampling_of, student_style
from lemma_hf.pipeline.run.provenance import package_versions
from lemma_hf.pipeline.run.report import RunReport, write_report
from lemma_hf.pipeline.run.run import Run, Settings, open_run, read_settings
from lemma_hf.pipeline.run.turns import EACH, FIRST, turns_of

__all__ = [
    "EACH",
    "FIRST",
    "CostEstimate",
    "Run",
    "RunReport",
    "Settings",
    "estimate_cost",
    "estimate_run",
    "gather_inputs",
    "open_run",
    "package_versions",
    "read_settings",
    "sampling_of",
    "student_style",
    "turns_of",
    "write_report",
]
