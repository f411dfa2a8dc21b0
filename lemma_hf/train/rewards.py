"""What is a completion worth in RL? `accuracy_reward`, with the signature of the function of that name in TRL.

    from trl.rewards import accuracy_reward            becomes
    from lemma_hf.train.rewards import accuracy_reward

Needs neither torch nor trl. Unlike TRL's it keeps its time limits in every thread, and it grades an output that
corrects itself by its correction.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lemma_hf.errors import DataError
from lemma_hf.grading import grade_many
from lemma_hf.records import Grade, Outcome

Completion = str | Sequence[Mapping[str, Any]]
"""Plain text, or messages in the conversational format; of those, the last one counts."""


def accuracy_reward(
    completions: Sequence[Completion],
    solution: Sequence[str],
    log_extra: Callable[[str, list[Any]], None] | None = None,
    **kwargs: Any,
) -> list[float | None]:
    r"""1.0 for a right answer, None (the trainer skips the row) where the reference cannot be read, else 0.0.

    A comparison that does not end in time is worth 0.0: skipped, an answer that nobody can check would cost nothing.

    Args:
        solution: the reference answer of each completion; a worked solution whose answer stands in a box will do.
        log_extra: takes a name and a list of values, one each row, for the trainer's table of completions: `solution`,
            `extracted`, `verdict`, `rule`.
        **kwargs: the other columns of the dataset. A column `benchmark` says how answers are read, as in
            `lemma_hf.grade`; the others are not looked at.

    Raises:
        ConfigError: if there are not as many solutions as completions.
        DataError: if a completion is neither text nor messages.

    Example:
        >>> completions = [[{"role": "assistant", "content": r"\boxed{62}. Wait, no: \boxed{72}"}], "I do not know."]
        >>> accuracy_reward(completions, ["72", "5"])
        [1.0, 0.0]
    """
    texts = [_text(completion) for completion in completions]
    references = ["" if item is None else str(item) for item in solution]
    grades = grade_many(texts, references, benchmark=_benchmarks(kwargs.get("benchmark"), len(texts)))
    if log_extra is not None:
        log_extra("solution", list(solution))
        log_extra("extracted", [grade.extracted or "" for grade in grades])
        log_extra("verdict", [str(grade.outcome) for grade in grades])
        log_extra("rule", [grade.rule for grade in grades])
    return [_reward(grade) for grade in grades]


def _reward(grade: Grade) -> float | None:
    return None if grade.outcome is Outcome.UNREADABLE_REFERENCE else float(grade.outcome is Outcome.RIGHT)


def _benchmarks(column: Any, count: int) -> list[str]:
    names = [column] * count if column is None or isinstance(column, str) else list(column)
    return [str(name) if name else "math" for name in names]


def _text(completion: Completion) -> str:
    if isinstance(completion, str):
        return completion
    if not completion or not isinstance(completion[-1], Mapping):
        raise DataError(f"a completion is text, or a list of messages with `content`; found {completion!r:.80}")
    content = completion[-1].get("content") or ""  # None: the message holds tool calls only
    if isinstance(content, str):
        return content
    return "".join(str(part.get("text") or "") for part in content)  # the parts of a message with pictures
