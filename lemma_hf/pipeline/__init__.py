"""How are trajectories made? In stages, each a function on lists, run by a `Funnel` that counts and loses nothing.

sample → grade → analyse ┐
                 inject ─┴→ correct → smooth → select → store
"""

from lemma_hf.pipeline.analyse import analyse_stage
from lemma_hf.pipeline.correct import correct_stage
from lemma_hf.pipeline.error_distribution import ErrorDistribution, error_distribution
from lemma_hf.pipeline.grade import grade_stage, wrong_stage
from lemma_hf.pipeline.inject import inject_stage, injection_count, plan_injections
from lemma_hf.pipeline.restart_targets import with_targets
from lemma_hf.pipeline.sample import sample_stage
from lemma_hf.pipeline.select import select_stage
from lemma_hf.pipeline.smooth import smooth_stage
from lemma_hf.pipeline.stage import Funnel, Stage, StageCount
from lemma_hf.pipeline.store import split_by_problem, store

__all__ = [
    "ErrorDistribution",
    "Funnel",
    "Stage",
    "StageCount",
    "analyse_stage",
    "correct_stage",
    "error_distribution",
    "grade_stage",
    "inject_stage",
    "injection_count",
    "plan_injections",
    "sample_stage",
    "select_stage",
    "smooth_stage",
    "split_by_problem",
    "store",
    "with_targets",
    "wrong_stage",
]
