"""Trajectories one can check by eye, and a row in each of the forms of other programs."""

from lemma_hf.records import Error, Origin, Problem, Span, SpanKind, Strategy, Trajectory
from lemma_hf.taxonomy import ErrorType


def pens(number, strategy=None):
    """`number` boxes of 6 pens, 9 given away; with an error in the second step, or (no strategy) without one."""
    right = f"{number} * 6 = {number * 6}\n", f"{number * 6} - 9 = {number * 6 - 9}\nThe answer is: {number * 6 - 9}"
    problem = Problem(f"pens-{number}", f"{number} boxes of 6 pens, 9 given away?", str(number * 6 - 9), source="hand")
    if strategy is None:
        return Trajectory(problem, (Span(SpanKind.REASONING, "".join(right)),), (), f"{problem.id}/right")
    again = right[1] if strategy is Strategy.FIX_AND_CONTINUE else "".join(right)
    spans = (
        Span(SpanKind.REASONING, right[0]),
        Span(SpanKind.ERROR, f"{number * 6} - 9 = {number * 6}\n"),
        Span(SpanKind.REFLECTION, "Wait, that is not right. "),
        Span(SpanKind.CORRECTION, again),
    )
    error = Error(ErrorType.CALCULATION, 2, Origin.INJECTED, strategy)
    return Trajectory(problem, spans, (error,), f"{problem.id}/{strategy}")


def in_every_form(question, output):
    """The same question and answer as a row of each form."""
    human, gpt = {"from": "human", "value": question}, {"from": "gpt", "value": output}
    user, model = {"role": "user", "content": question}, {"role": "assistant", "content": output}
    parts = [turn | {"content": [{"type": "text", "text": turn["content"]}]} for turn in (user, model)]
    return {
        "alpaca": {"instruction": question, "input": "", "output": output},
        "sharegpt": {"conversations": [human, gpt]},
        "role_and_content": {"conversations": [user, model]},
        "messages": {"messages": [user, model]},
        "parts": {"messages": parts},
        "prompt": {"prompt": question, "completion": f" {output}"},
        "prompt_messages": {"prompt": [user], "completion": [model]},
    }
