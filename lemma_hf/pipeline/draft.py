"""Record of a trajectory in the making, to which turns are added one after the other; see `lemma_hf.pipeline.turns`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lemma_hf.records import Error, Problem, Span, SpanKind, Strategy, Trajectory


@dataclass(frozen=True, slots=True)
class Draft:
    """A trajectory up to its last corrected step.

    Example:
        >>> draft = Draft("d", Problem("p", "What is 1 + 1 + 1?", "3")).with_right(["1 + 1 = 2\\n"])
        >>> draft = draft.with_turn(
        ...     Error(None, 2),
        ...     [Span(SpanKind.ERROR, "2 + 1 = 4\\n"), Span(SpanKind.REFLECTION, "No. ")],
        ...     ["2 + 1 = 3\\n"],
        ...     clean=["2 + 1 = 3\\n"],
        ...     rest=["The answer is: 3"],
        ... )
        >>> draft.steps
        ('1 + 1 = 2\\n', '2 + 1 = 3\\n')
        >>> draft.with_right(draft.rest, done=True).finished().text
        '1 + 1 = 2\\n2 + 1 = 4\\nNo. 2 + 1 = 3\\nThe answer is: 3'
    """

    id: str
    problem: Problem
    spans: tuple[Span, ...] = ()
    steps: tuple[str, ...] = ()
    """The clean solution so far: right steps, the corrected ones in place of the wrong ones."""
    errors: tuple[Error, ...] = ()
    rest: tuple[str, ...] = ()
    """The teacher's own way from here to the end, clean: what its last correction held behind the corrected step."""
    done: bool = False

    def with_right(self, steps: Sequence[str], done: bool = False) -> "Draft":
        """Add right steps: reasoning before the first error, part of the last correction after it."""
        spans, text = self.spans, "".join(steps)
        if spans and text:
            spans = (*spans[:-1], replace(spans[-1], text=spans[-1].text + text))
        elif text:
            spans = (Span(SpanKind.REASONING, text),)
        return replace(self, spans=spans, steps=(*self.steps, *steps), done=done)

    def with_turn(
        self,
        error: Error,
        turn: Sequence[Span],
        correction: Sequence[str],
        *,
        clean: Sequence[str],
        rest: Sequence[str] = (),
        done: bool = False,
    ) -> "Draft":
        """Add a wrong step, the reflection on it, and its correction.

        Args:
            turn: the ERROR and the REFLECTION.
            correction: the steps of the correction as the row holds them.
            clean: the same as they would stand in a solution without mistakes.
        """
        spans = (*self.spans, *turn, Span(SpanKind.CORRECTION, "".join(correction)))
        errors = (*self.errors, replace(error, strategy=Strategy.FIX_AND_CONTINUE))
        return replace(self, spans=spans, steps=(*self.steps, *clean), errors=errors, rest=tuple(rest), done=done)

    def finished(self) -> Trajectory:
        """The trajectory, once its last step is written."""
        # MERGE: with_start (branch `masks`) is called on what is returned here.
        return Trajectory(self.problem, self.spans, self.errors, self.id)
