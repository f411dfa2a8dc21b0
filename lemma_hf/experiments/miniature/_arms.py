"""Arms of the experiment: each differs from another one in its rows, in one weight, or in how it is trained.

All arms of a seed go back to the same student and are made from the same problems. Those that are trained on rows take
the same number of updates of the same number of tokens; those that begin with another arm's model train on from there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from lemma_hf.errors import ConfigError

STUDENT, STUDENT_WORK = "student", "student_work"
"""The student before any of it: answering in its head, and asked to show its work."""


@dataclass(frozen=True, slots=True)
class Arm:
    """An arm: one training, or a student that is measured without further training."""

    name: str
    title: str
    """Short, for tables and pictures."""
    about: str
    """What it learns from, as a sentence."""
    group: str = "base"
    """The question that it belongs to: base, mask, reflection, share, strategy or trainer."""
    rows: str = ""
    """Its rows, see `lemma_hf.experiments.miniature._rows`; empty: it is not trained."""
    error_weight: float = 1.0
    """1 as in the paper."""
    reflection_weight: float = 1.0
    error_scope: Literal["step", "mistake"] = "step"
    """What `error_weight` weighs: the whole wrong step, or its end from the mistake on."""
    method: Literal["sft", "dpo", "grpo"] = "sft"
    """How it is trained: on rows, on pairs of steps, or by the reward of its own answers."""
    start: str = STUDENT
    """The arm whose model it begins with."""
    votes: int = 0
    """So many samples at temperature 0.7 vote as well; 0: none."""

    @property
    def trained(self) -> bool:
        """Whether there is anything to train."""
        return bool(self.rows)


_ARMS = (
    Arm(STUDENT, "student", "Before fine-tuning, answering in its head."),
    Arm(STUDENT_WORK, "student, showing work", "Before fine-tuning, asked to show its work."),
    Arm("sft", "SFT", "The reference solutions, done in the head.", rows="references", votes=5),
    Arm("lemma", "LEMMA", "Own mistakes, each put right where it was made, as many as were made.", rows="rounds"),
    Arm("lemma_e0", "step masked", "LEMMA; wrong steps weigh 0.", "mask", "rounds", error_weight=0.0),
    Arm(
        "lemma_mistake_e0",
        "mistake masked",
        "LEMMA; wrong steps weigh 0 from the mistake on.",
        "mask",
        "rounds",
        error_weight=0.0,
        error_scope="mistake",
    ),
    Arm("careful", "careful only", "Solutions that show all work at once, without any mistake.", rows="careful"),
    Arm("both", "one turn, both ways", "Own first mistake; Fix & Continue or Fresh & Restart.", "strategy", "both"),
    Arm("spot", "put right, no turn", "LEMMA's rows, each wrong step replaced by the right one (SPoT).", rows="spot"),
    Arm(
        "step_dpo",
        "SFT, step-DPO",
        "SFT; then at each own mistake the right step against the wrong one.",
        "trainer",
        "rounds",
        method="dpo",
        start="sft",
    ),
    Arm(
        "lemma_grpo",
        "LEMMA, GRPO",
        "LEMMA; then its own answers, rewarded where they are right.",
        "trainer",
        "references",
        method="grpo",
        start="lemma",
    ),
    Arm(
        "sft_grpo",
        "SFT, GRPO",
        "SFT; then its own answers, rewarded where they are right.",
        "trainer",
        "references",
        method="grpo",
        start="sft",
    ),
    Arm(
        "lemma_more",
        "LEMMA, twice as long",
        "LEMMA; then as many updates again on its rows.",
        "trainer",
        "rounds",
        start="lemma",
    ),
    Arm("rft", "RFT", "The student's own right solutions, where it found any.", rows="own_right"),
    Arm("uncut", "one turn, not cut", "The same, the whole wrong solution before the turn.", "strategy", "uncut"),
    Arm("injected", "one turn, injected", "The same, with mistakes made on purpose.", "strategy", "injected"),
    Arm("fix", "one turn, Fix & Continue", "Own first mistake, that step put right.", "strategy", "fix"),
    Arm("restart", "one turn, Fresh & Restart", "Own first mistake, then all anew.", "strategy", "restart"),
    Arm("lemma_e03", "error x0.3", "LEMMA; wrong steps weigh 0.3.", "mask", "rounds", error_weight=0.3),
    Arm("lemma_r2", "reflection x2", "LEMMA; reflections weigh 2.", "reflection", "rounds", reflection_weight=2.0),
    Arm("lemma_r4", "reflection x4", "LEMMA; reflections weigh 4.", "reflection", "rounds", reflection_weight=4.0),
    Arm("share_30", "errors in 30 %", "LEMMA for 30 % of the problems, references else.", "share", "share_30"),
    Arm("share_10", "errors in 10 %", "LEMMA for 10 % of the problems, references else.", "share", "share_10"),
    Arm("share_60", "errors in 60 %", "LEMMA for 60 % of the problems, references else.", "share", "share_60"),
)

ARMS: Mapping[str, Arm] = {arm.name: arm for arm in _ARMS}
"""By name, the most telling ones first: that is the order in which they are run."""


def arms_named(names: Sequence[str]) -> list[Arm]:
    """The arms of these names in the order of `ARMS`; all of them where no name is given.

    Raises:
        ConfigError: for a name that no arm has.
    """
    for name in names:
        if name not in ARMS:
            near = get_close_matches(name, ARMS, n=1)
            hint = f": did you mean {near[0]!r}?" if near else ""
            raise ConfigError(f"no arm is called {name!r}{hint or '.'} Known are {', '.join(ARMS)}")
    return [arm for arm in ARMS.values() if not names or arm.name in names]
