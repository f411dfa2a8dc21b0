"""How are trajectories made? In stages, each a function on lists, run by a `Funnel` that counts and loses nothing.

sample → grade → analyse ┐
                 inject ─┴→ correct → smooth → select → store
"""

from lemma_hf.pipeline.analyse import analyse_stage
from lemma_hf.pipeline.correct import correct_stage
from lemma_hf.pipeline.grade import grade_stage
from lemma_hf.pipeline.inject import error_distribution, inject_stage, plan_injections
from lemma_hf.pipeline.sample import sample_stage
from lemma_hf.pipeline.select import select_stage
from lemma_hf.pipeline.smooth import smooth_stage
from lemma_hf.pipeline.stage import Funnel, Stage, StageCount
from lemma_hf.pipeline.store import split_by_problem, store

__all__ = [
    "Funnel",
    "Stage",
    "StageCount",
    "analyse_stage",
    "correct_stage",
    "error_distribution",
    "grade_stage",
    "inject_stage",
    "plan_injections",
    "sample_stage",
    "select_stage",
    "smooth_stage",
    "split_by_problem",
    "store",
]
