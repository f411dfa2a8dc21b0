"""Rewards for TRL's `GRPOTrainer`: `accuracy_reward` and `self_correction_reward`.

    from trl.rewards import accuracy_reward            becomes
    from lemma_hf.train.rewards import accuracy_reward

Needs neither torch nor trl. Unlike TRL's they keep their time limits in every thread, and they grade an output that
corrects itself by its correction.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.grading import grade_many
from lemma_hf.grading.values import list_of, text_of
from lemma_hf.records import Grade, Outcome
from lemma_hf.solutions.reflection import Change, Reflected, reflect_many

__all__ = ["MAX_BONUS", "SelfCorrectionReward", "accuracy_reward", "self_correction_reward"]

_Completion = str | Sequence[Mapping[str, Any]]
"""Plain text, or messages in the conversational format; of those, the last one counts."""

_LogExtra = Callable[[str, Sequence[str | None]], None]

MAX_BONUS = 1 / 6
"""1 / (n - 2) for groups of n = 8 completions, TRL's default. Up to there, one wrong completion in a group is enough to
keep every answer that was right at once at or above the group's mean: k mended ones raise the mean by k · bonus / n,
the wrong one lowers it by 1 / n, and k is at most n - 2."""


def accuracy_reward(
    completions: Sequence[_Completion],
    solution: Sequence[str],
    log_extra: _LogExtra | None = None,
    **kwargs: Any,
) -> list[float | None]:
    r"""1.0 for a right answer, None (the trainer skips the row) where the reference cannot be read, else 0.0.

    A comparison that does not end in time is worth 0.0: if it were skipped, an answer that cannot be checked would cost
    nothing.

    Args:
        solution: the reference answer of each completion; a worked solution whose answer stands in a box will do.
        log_extra: takes a name and a list of values, one each row, for the trainer's table of completions: `solution`,
            `extracted`, `verdict`, `rule`.
        **kwargs: the other columns of the dataset. A column `benchmark` says how answers are read, as in
            `lemma_hf.grade`; the others are not read.

    Raises:
        ConfigError: if there are not as many solutions as completions, or one text stands in the place of a list.
        DataError: if a completion is neither text nor messages.

    Example:
        >>> completions = [[{"role": "assistant", "content": r"\boxed{62}. Wait, no: \boxed{72}"}], "I do not know."]
        >>> accuracy_reward(completions, ["72", "5"])
        [1.0, 0.0]
    """
    grades = grade_many(*_texts(completions, solution), benchmark=_benchmarks(kwargs, len(completions)))
    if log_extra is not None:
        log_extra("solution", list(solution))
        log_extra("extracted", [grade.extracted or "" for grade in grades])
        log_extra("verdict", [str(grade.outcome) for grade in grades])
        log_extra("rule", [grade.rule for grade in grades])
    return [_accuracy(grade) for grade in grades]


@dataclass(frozen=True, slots=True)
class SelfCorrectionReward:
    r"""`accuracy_reward` that also looks at the answer claimed before a turn: giving up a right one costs.

    | answer before the turn → at the end | reward |
    |---|---|
    | right → not right (`Change.BROKEN`) | `-penalty` |
    | wrong → right (`Change.FIXED`) | `1 + bonus` |
    | otherwise right | 1 |
    | otherwise not right, or not checked in time | 0 |
    | the reference cannot be read | None |

    So a mended answer always ranks above a wrong one, and by default level with one that was right at once. LEMMA's
    data gives no ground for more: each of its trajectories goes from wrong to right and was kept for its final answer
    alone, so mended and faultless solutions were never compared ([LEMMA](https://arxiv.org/abs/2503.17439)), and the
    best mix of [RLERR](https://arxiv.org/abs/2601.12720) holds one right → right for two wrong → right.

    A bonus also has no small size in GRPO. `scale_rewards="group"`, TRL's default, divides by the standard deviation of
    the group. Where seven of eight answers are right at once and one is mended, a bonus of 0.01 gives the mended one an
    advantage of 2.41 and the others -0.34; a bonus of 0.1 gives 2.47 and -0.35. On problems that it can solve, that
    rewards the model for erring first. If you set a bonus, set `scale_rewards="none"`, which leaves it its size, and
    watch the column `change`.

    The penalty is there because a model trained on LEMMA's data, in which each first attempt is wrong, was seen to
    over-correct: SFS-DPO reports 48.5 on MATH for Llama-3.1-8B-Instruct trained so, and 50.4 before. Its size is a
    choice and no finding: with 0.5, second thoughts pay where they mend more than three answers for two that they
    break. It is scaled as the bonus is: in a group of eight without a right answer, one that is broken gets -2.47 and
    the plainly wrong ones 0.35; without scaling, -0.44 and 0.06.

    It takes the place of `accuracy_reward`. With both, and `reward_weights=[a, b]`, right is worth a + b and broken
    -b · penalty. `lemma_hf.solutions.reflection.reflect_many` says what counts as claimed; a text that turns before it
    has claimed an answer, as most of LEMMA's do, is worth its accuracy.

    Args:
        bonus: from 0 to `MAX_BONUS`; for groups of n > 8 completions, at most 1 / (n - 2).
        penalty: from 0 to 1; at 1 a broken answer costs what a right one earns.

    Raises:
        ConfigError: if one of them is out of its range.

    Example:
        >>> mended = "The answer is 62. Wait, that is wrong. The answer is 72."
        >>> broken = "The answer is 72. Wait, that is wrong. The answer is 62."
        >>> self_correction_reward([mended, broken, "The answer is 72.", "No idea."], ["72"] * 4)
        [1.0, -0.5, 1.0, 0.0]
    """

    bonus: float = 0.0
    penalty: float = 0.5

    __name__: ClassVar[str] = "self_correction_reward"  # the trainer logs rewards under this name

    def __post_init__(self) -> None:
        if not 0 <= self.bonus <= MAX_BONUS:
            raise ConfigError(
                f"bonus must be from 0 to {MAX_BONUS:.3f} (1/6), but is {self.bonus}: with more, an answer that is "
                "right at once can count as a bad one even among wrong ones; 0 rewards it like a mended one"
            )
        if not 0 <= self.penalty <= 1:
            raise ConfigError(
                f"penalty must be from 0 to 1, but is {self.penalty}: above 1, to give up a right answer would cost "
                "more than a right answer earns, and the model would learn never to look back"
            )

    def __call__(
        self,
        completions: Sequence[_Completion],
        solution: Sequence[str],
        log_extra: _LogExtra | None = None,
        **kwargs: Any,
    ) -> list[float | None]:
        """The reward of each completion; arguments and errors as in `accuracy_reward`.

        Args:
            log_extra: gets `change`, `first_answer` and `final_answer`. `accuracy_reward` uses none of these names: of
                two columns of one name, the trainer would append one to the other.
        """
        items = reflect_many(*_texts(completions, solution), benchmark=_benchmarks(kwargs, len(completions)))
        if log_extra is not None:
            log_extra("change", [str(item.change) for item in items])
            log_extra("first_answer", [item.first.extracted if item.first is not None else "" for item in items])
            log_extra("final_answer", [item.final.extracted or "" for item in items])
        return [self._worth(item) for item in items]

    def _worth(self, item: Reflected) -> float | None:
        if item.change is Change.FIXED:
            return 1.0 + self.bonus
        return -self.penalty if item.change is Change.BROKEN else _accuracy(item.final)


self_correction_reward = SelfCorrectionReward()
"""The reward with no bonus and a penalty of 0.5."""


def _accuracy(grade: Grade) -> float | None:
    return None if grade.outcome is Outcome.UNREADABLE_REFERENCE else float(grade.outcome is Outcome.RIGHT)


def _texts(completions: Sequence[_Completion], solution: Sequence[str]) -> tuple[list[str], list[str]]:
    """Outputs and references, as the grader takes them."""
    outputs = [_text(completion) for completion in list_of(completions, "completions")]
    return outputs, [text_of(item, "solution") for item in list_of(solution, "solutions")]


def _benchmarks(columns: Mapping[str, Any], count: int) -> list[str]:
    column = columns.get("benchmark")
    names = [column] * count if column is None or isinstance(column, str) else list(column)
    return [str(name) if name else "math" for name in names]


def _text(completion: _Completion) -> str:
    if isinstance(completion, str):
        return completion
    if not completion or not isinstance(completion[-1], Mapping):
        raise DataError(f"a completion is text, or a list of messages with `content`; found {completion!r:.80}")
    content = completion[-1].get("content") or ""  # None: the message holds tool calls only
    if isinstance(content, str):
        return content
    return "".join(str(part.get("text") or "") for part in content)  # the parts of a message with pictures
