"""Making of trajectories in stages, each a function on lists, run by a `Funnel` that counts every item.

    sample → grade → analyse → verify ┐
                               inject ─┴→ correct → smooth → select → store     `turns: first`
                                      └→ turn 1 → turn 2 → … ↗                  `turns: each`

Each stage is a file of its name; of the turns, `turns` has the stages, `draft` their record, `go_on` and `continuation`
what comes behind a corrected step. `run` surrounds them with settings, participants and a report; `ray` runs them on
many machines.
"""

from lemma_hf.pipeline.analyse import analyse_stage
from lemma_hf.pipeline.correct import correct_stage
from lemma_hf.pipeline.draft import Draft
from lemma_hf.pipeline.engine import Engine, LocalEngine
from lemma_hf.pipeline.error_distribution import ErrorDistribution, error_distribution
from lemma_hf.pipeline.go_on import GoOn, StudentGoesOn, WorldGoesOn
from lemma_hf.pipeline.grade import grade_stage, is_right, wrong_stage
from lemma_hf.pipeline.inject import inject_stage, injection_count, plan_injections
from lemma_hf.pipeline.inputs import Files, Inputs, file_inputs, world_inputs
from lemma_hf.pipeline.restart_targets import with_targets
from lemma_hf.pipeline.sample import sample_stage
from lemma_hf.pipeline.select import select_stage
from lemma_hf.pipeline.smooth import smooth_stage
from lemma_hf.pipeline.stage import Funnel, Stage, StageCount
from lemma_hf.pipeline.store import split_by_problem, store
from lemma_hf.pipeline.turns import Turns, finish_drafts, first_turn_stage, next_turn_stage, right_stage, take_turns
from lemma_hf.pipeline.verify import rollouts, verify_stage

__all__ = [
    "Draft",
    "Engine",
    "ErrorDistribution",
    "Files",
    "Funnel",
    "GoOn",
    "Inputs",
    "LocalEngine",
    "Stage",
    "StageCount",
    "StudentGoesOn",
    "Turns",
    "WorldGoesOn",
    "analyse_stage",
    "correct_stage",
    "error_distribution",
    "file_inputs",
    "finish_drafts",
    "first_turn_stage",
    "grade_stage",
    "inject_stage",
    "injection_count",
    "is_right",
    "next_turn_stage",
    "plan_injections",
    "right_stage",
    "rollouts",
    "sample_stage",
    "select_stage",
    "smooth_stage",
    "split_by_problem",
    "store",
    "take_turns",
    "verify_stage",
    "with_targets",
    "world_inputs",
    "wrong_stage",
]
