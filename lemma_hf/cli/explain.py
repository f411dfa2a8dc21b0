"""`lemma-hf grade --explain`: one row's grading, step by step.

line 3, id x17, benchmark math
  output       212 characters; its end: … so it is \\boxed{62}. Wait, that is wrong: \\boxed{72}
  extracted    72
  found by     boxed
  in the text  … Wait, that is wrong: \\boxed{[72]}
  compared to  72
  decided by   number
  verdict      right
  seconds      0.000081
"""

from lemma_hf.records import Grade
from lemma_hf.utils.redaction import one_line

_AROUND = 60
"""Characters of text before and after the claim, so that its place fits into two lines of a terminal."""
_END = 400
"""Characters of the output's end, where the claim usually is: about five lines of a terminal."""


def print_story(name: str, output: str, reference: str, grade: Grade) -> None:
    """Print the extracted answer and its rule, the reference, the deciding rule, the verdict and the time.

    Args:
        name: the row's name, such as `line 3, id x17`.
        reference: as it was given; the grade holds it as it was compared.
    """
    print(one_line(name))
    for label, text in _facts(output, reference, grade):
        print(f"  {label:<13}{text}")


def _facts(output: str, reference: str, grade: Grade) -> list[tuple[str, str]]:
    found_by, _, decided_by = grade.rule.partition(">")
    size = f"{len(output):,} characters; its end: …" if len(output) > _END else f"{len(output):,} characters: "
    facts = [("output", size + one_line(output[-_END:]))]
    if grade.extracted is None:
        facts.append(("extracted", "nothing"))
    else:
        facts.append(("extracted", one_line(grade.extracted, _END)))
    facts.append(("found by", found_by))
    if place := _in_the_text(output, grade.extracted):
        facts.append(("in the text", place))
    given = "" if grade.reference == reference else f"   (given: {one_line(reference, _END)})"
    facts.append(("compared to", one_line(grade.reference, _END) + given))
    if decided_by:
        facts.append(("decided by", decided_by))
    facts.append(("verdict", str(grade.outcome)))
    if grade.detail:
        facts.append(("detail", one_line(grade.detail)))
    return [*facts, ("seconds", f"{grade.seconds:.6f}")]


def _in_the_text(output: str, extracted: str | None) -> str:
    """Show the claim in its text, in brackets; empty where the text does not hold it word for word."""
    at = output.rfind(extracted) if extracted else -1
    if extracted is None or at < 0:
        return ""
    end = at + len(extracted)
    before, after = output[max(0, at - _AROUND) : at], output[end : end + _AROUND]
    return f"…{one_line(before)}[{one_line(extracted, _END)}]{one_line(after)}…"
