"""Verdict on one output in a Space, as HTML for the page and as plain values for programs."""

from collections.abc import Callable, Mapping
from typing import Any

from lemma_hf.errors import LemmaError
from lemma_hf.grading import grade_many
from lemma_hf.metrics.space._claim import claim_span
from lemma_hf.metrics.space._limits import LONGEST_BENCHMARK, LONGEST_OUTPUT, LONGEST_REFERENCE, SECONDS, check_text
from lemma_hf.metrics.space._parts import OUTCOMES, grade_facts, marked, panel, text_box, value
from lemma_hf.records import Dropped, Grade, SpanKind
from lemma_hf.solutions.reflection import Change, Reflected, reflect_many
from lemma_hf.solutions.spans import segment
from lemma_hf.utils.redaction import escape_html

Judge = Callable[[str, str, str], tuple[str, dict[str, Any]]]
"""Output, reference and benchmark to HTML and plain values; raises a `LemmaError` where they cannot be graded."""

_CHANGES: Mapping[Change, tuple[str, str]] = {
    Change.NONE: ("Never turns", "The output does not turn on anything that it wrote."),
    Change.FIXED: ("Fixed", "The first answer is wrong, the final one right."),
    Change.BROKEN: ("Broken", "The first answer is right, the final one is not: over-correction."),
    Change.KEPT_RIGHT: ("Kept right", "The first and the final answer are both right."),
    Change.KEPT_WRONG: ("Kept wrong", "Neither the first nor the final answer is right."),
    Change.UNCLEAR: ("Unclear", "The output turns, but claimed no answer before, or one of the two was not checked."),
}
_LOOKS = {Change.FIXED: "right", Change.KEPT_RIGHT: "right", Change.BROKEN: "wrong", Change.KEPT_WRONG: "wrong"}
"""Classes of the style sheet; the others are neutral."""


def graded(output: str, reference: str, benchmark: str) -> tuple[str, dict[str, Any]]:
    """Verdict of the metrics that grade.

    Raises:
        ConfigError: if a text is too long.
        WorkerFailedError: if no worker process can be started.
    """
    output, reference, benchmark = _checked(output, reference, benchmark)
    grade = grade_many([output], [reference], benchmark=benchmark, workers=1, timeout=SECONDS)[0]
    span = claim_span(output, grade.extracted, grade.rule)
    looked = text_box("What the extraction looked at", marked(output, span)) if output.strip() else ""
    sign, title = OUTCOMES[grade.outcome]
    return panel(str(grade.outcome), sign, title, f"{grade_facts(grade)}{looked}"), _as_dict(grade)


def reflected(output: str, reference: str, benchmark: str) -> tuple[str, dict[str, Any]]:
    """Verdict of the metric of self-correction; raises as `graded` does."""
    output, reference, benchmark = _checked(output, reference, benchmark)
    found = reflect_many([output], [reference], benchmark=benchmark, workers=1, timeout=SECONDS)[0]
    title, meaning = _CHANGES[found.change]
    looked = text_box("The output, part by part", _colored(output, found))
    inside = f"<p>{escape_html(meaning)}</p>{_both_answers(found)}{looked}"
    rules = {"first_rule": None if found.first is None else found.first.rule, "final_rule": found.final.rule}
    sign = "↻" if found.reflects else "→"
    return panel(_LOOKS.get(found.change, "neutral"), sign, title, inside), found.as_dict() | rules


def refused(error: LemmaError) -> str:
    """Panel for an output that cannot be graded, with the error's message."""
    return panel("refused", "!", "Not graded", f"<p>{escape_html(str(error))}</p>")


def _checked(output: object, reference: object, benchmark: object) -> tuple[str, str, str]:
    return (
        check_text("output", output, LONGEST_OUTPUT),
        check_text("reference answer", reference, LONGEST_REFERENCE),
        check_text("benchmark", benchmark, LONGEST_BENCHMARK),
    )


def _as_dict(grade: Grade) -> dict[str, Any]:
    return {
        "outcome": str(grade.outcome),
        "extracted": grade.extracted,
        "reference": grade.reference,
        "rule": grade.rule,
        "detail": grade.detail,
        "seconds": grade.seconds,
    }


def _both_answers(found: Reflected) -> str:
    first = _answer("First answer", found.first) if found.reflects else ""
    return f'<div class="answers">{first}{_answer("Final answer", found.final)}</div>'


def _answer(title: str, grade: Grade | None) -> str:
    if grade is None:
        return f'<article><h3>{title}</h3><p class="quiet">None was claimed before the turn.</p></article>'
    sign, name = OUTCOMES[grade.outcome]
    said = f'<span aria-hidden="true">{sign}</span> <b>{name}</b> {value(grade.extracted)}'
    why = f"<details><summary>Why</summary>{grade_facts(grade)}</details>"
    return f'<article><h3>{title}</h3><p class="{grade.outcome}">{said}</p>{why}</article>'


def _colored(output: str, found: Reflected) -> str:
    parts = "".join(
        f'<span class="{kind}"><b>{kind}</b>{escape_html(text)}</span>' for kind, text in _parts(output, found)
    )
    return parts or '<span class="quiet">empty</span>'


def _parts(output: str, found: Reflected) -> list[tuple[str, str]]:
    """Cut the output into spans or, where its words show none, at its turns."""
    spans = segment(output)
    if not isinstance(spans, Dropped):
        return [(str(span.kind), span.text) for span in spans]
    cuts = [0, *found.turns, len(output)]
    kinds = [SpanKind.REASONING if found.reflects else "output", *[SpanKind.REFLECTION] * len(found.turns)]
    pieces = zip(kinds, cuts, cuts[1:], strict=False)
    return [(str(kind), output[start:end]) for kind, start, end in pieces if start < end]
