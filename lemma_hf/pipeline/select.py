"""Stage `select`: keeps the trajectories that end right, with a turn that can be found, no duplicates, not too long."""

from collections import Counter
from collections.abc import Iterator, Sequence

from lemma_hf.grading import grade_many
from lemma_hf.pipeline.false_steps import announcement, said_again
from lemma_hf.pipeline.source_mentions import mention_of_source
from lemma_hf.pipeline.stage import Stage
from lemma_hf.records import Dropped, DropReason, Grade, Outcome, Span, SpanKind, Trajectory, question_key
from lemma_hf.solutions.cues import opens_turn
from lemma_hf.solutions.spans import segment
from lemma_hf.taxonomy import ErrorType

_Reason = tuple[DropReason, str]
_SHOWN = 80
"""Characters of a text that a record shows."""


def select_stage(
    *,
    benchmark: str = "math",
    max_characters: int = 4000,
    max_per_problem: int | None = None,
    max_rows: int | None = None,
    find_spans: bool = True,
) -> Stage[Trajectory, Trajectory]:
    """Keep the trajectories that are worth training on; of too many the first ones.

    Args:
        benchmark: how answers are read, see `lemma_hf.grade`.
        max_characters: of the whole solution.
        max_per_problem: trajectories of one question, whatever the id of its problem.
        max_rows: trajectories in all.
        find_spans: whether `lemma_hf.solutions.spans` has to find a turn where the first reflection begins, from the
            text alone: what it finds, a reader of the published text finds too. A further reflection has to open like
            one: of these `spans` finds only those that also say that something is wrong, and 832 of 2,130 rows of
            the world `stories` with a turn at each mistake would be lost. Switch it off for turns that are no words,
            as in the world's `sums`.
    """

    def work(trajectories: Sequence[Trajectory]) -> list[Trajectory | Dropped]:
        texts, references = [t.text for t in trajectories], [t.problem.reference_answer for t in trajectories]
        grades = grade_many(texts, references, benchmark=benchmark)
        seen: set[tuple[str, str]] = set()
        taken: Counter[str] = Counter()
        results: list[Trajectory | Dropped] = []
        for trajectory, grade in zip(trajectories, grades, strict=True):
            question = trajectory.problem.key
            said = question, question_key(trajectory.text.lower())
            reason = _flaw(trajectory, grade, max_characters, find_spans)
            if not reason and said in seen:
                reason = DropReason.DUPLICATE, "the same up to white space and case"
            if not reason and max_per_problem is not None and taken[question] >= max_per_problem:
                reason = DropReason.OVER_CAP, f"more than {max_per_problem} of one problem"
            if not reason and max_rows is not None and taken.total() >= max_rows:
                reason = DropReason.OVER_CAP, f"more than {max_rows} in all"
            if reason:
                results.append(Dropped(trajectory.id, "select", *reason))
                continue
            seen.add(said)
            taken[question] += 1
            results.append(trajectory)
        return results

    return Stage("select", work, batch=None)


def _flaw(trajectory: Trajectory, grade: Grade, max_characters: int, find_spans: bool) -> _Reason | None:
    """The reason for which a trajectory is dropped, whatever the others are; None where it is kept."""
    if grade.outcome is not Outcome.RIGHT:
        return DropReason.ANSWER_WRONG, f"{grade.outcome}: claims {grade.extracted!r}, should be {grade.reference!r}"
    if trajectory.errors and not any(span.text.strip() for span in trajectory.of_kind(SpanKind.REFLECTION)):
        return DropReason.NO_REFLECTION, ""
    if len(trajectory.text) > max_characters:
        return DropReason.TOO_LONG, f"{len(trajectory.text)} characters"
    if false := _false_error(trajectory):
        return false
    if mention := _mention(trajectory):
        return DropReason.MENTIONS_SOURCE, mention
    if find_spans and (unseen := _unseen_turn(trajectory)):
        return DropReason.SPANS_LOST, f"no turn is seen at {unseen!r}"
    return None


def _false_error(trajectory: Trajectory) -> _Reason | None:
    """The reason for which one of the errors is none; what a weak teacher names often states nothing, or is true.

    A step that only leaves something out may well come again, behind what was left out.
    """
    spans, numbered = trajectory.spans, iter(trajectory.errors)
    for place, span in enumerate(spans):
        if span.kind is not SpanKind.ERROR:
            continue
        error, text = next(numbered), span.text.strip()
        if why := announcement(text, trajectory.problem.question):
            return DropReason.STATES_NOTHING, f"{why}: {text[:_SHOWN]!r}"
        correction = next((later.text for later in spans[place:] if later.kind is SpanKind.CORRECTION), "")
        if error.type is not ErrorType.MISSING_STEP and said_again(text, correction):
            return DropReason.SAME_STEP, f"the correction says it again: {text[:_SHOWN]!r}"
    return None


def _mention(trajectory: Trajectory) -> str | None:
    """The words in a reflection or correction that mention a source; None where none do."""
    written = (span.text for span in trajectory.spans if span.kind in (SpanKind.REFLECTION, SpanKind.CORRECTION))
    return next(filter(None, map(mention_of_source, written)), None)


def _unseen_turn(trajectory: Trajectory) -> str | None:
    """The beginning of a reflection that cannot be told from the text alone; None where all can."""
    found = segment(trajectory.text)
    seen = {begin for begin, _ in _reflections(() if isinstance(found, Dropped) else found)}
    return next(
        (
            text[:_SHOWN]
            for number, (begin, text) in enumerate(_reflections(trajectory.spans))
            if begin not in seen and not (number and opens_turn(text))
        ),
        None,
    )


def _reflections(spans: Sequence[Span]) -> Iterator[tuple[int, str]]:
    """Each reflection with its offset, in characters, without the white space in front of it."""
    begin = 0
    for span in spans:
        text = span.text.lstrip()
        if span.kind is SpanKind.REFLECTION:
            yield begin + len(span.text) - len(text), text
        begin += len(span.text)
