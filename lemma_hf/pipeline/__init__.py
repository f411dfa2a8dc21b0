"""Making of trajectories in stages, each a function on lists, run by a `Funnel` that counts every item.

    sample → grade → analyse → verify ┐
                               inject ─┴→ correct → smooth → select → store

Each stage is a file of its name. `run` surrounds them with settings, participants and a report; `ray` runs them on many
machines.
"""

from lemma_hf.pipeline.analyse import analyse_stage
from lemma_hf.pipeline.correct import correct_stage
from lemma_hf.pipeline.engine import Engine, LocalEngine
from lemma_hf.pipeline.error_distribution import ErrorDistribution, error_distribution
from lemma_hf.pipeline.grade import grade_stage, is_right, wrong_stage
from lemma_hf.pipeline.inject import inject_stage, injection_count, plan_injections
from lemma_hf.pipeline.inputs import Files, Inputs, file_inputs, world_inputs
from lemma_hf.pipeline.on_policy import OnPolicy
from lemma_hf.pipeline.restart_targets import with_targets
from lemma_hf.pipeline.sample import sample_stage
from lemma_hf.pipeline.select import select_stage
from lemma_hf.pipeline.smooth import smooth_stage
from lemma_hf.pipeline.stage import Funnel, Stage, StageCount
from lemma_hf.pipeline.store import split_by_problem, store
from lemma_hf.pipeline.verify import rollouts, verify_stage

__all__ = [
    "Engine",
    "ErrorDistribution",
    "Files",
    "Funnel",
    "Inputs",
    "LocalEngine",
    "OnPolicy",
    "Stage",
    "StageCount",
    "analyse_stage",
    "correct_stage",
    "error_distribution",
    "file_inputs",
    "grade_stage",
    "inject_stage",
    "injection_count",
    "is_right",
    "plan_injections",
    "rollouts",
    "sample_stage",
    "select_stage",
    "smooth_stage",
    "split_by_problem",
    "store",
    "verify_stage",
    "with_targets",
    "world_inputs",
    "wrong_stage",
]
