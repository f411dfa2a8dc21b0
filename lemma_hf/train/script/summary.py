"""Closing table of the training script, and the last figures of a trainer's log."""

from collections.abc import Mapping, Sequence

from lemma_hf.records import SpanKind


def last_figures(history: Sequence[Mapping[str, float]], prefix: str) -> dict[str, float]:
    """The figures with this prefix as they were logged last.

    Example:
        >>> last_figures([{"solve_accuracy": 0.1}, {"solve_accuracy": 0.4, "loss": 2.0}], "solve_")
        {'solve_accuracy': 0.4}
    """
    return {name: value for log in history for name, value in log.items() if name.startswith(prefix)}


def span_table(history: Sequence[Mapping[str, float]]) -> str:
    """Loss and accuracy of each kind of span, in the first log and in the last.

    Example:
        >>> logs = [{"error_loss": 2.5, "error_accuracy": 0.2}, {"error_loss": 1.25, "error_accuracy": 0.75}]
        >>> print(span_table(logs))
        span                      loss            accuracy
        error          2.500 →   1.250    20.0% →   75.0%
    """
    logs = [log for log in history if any(f"{kind}_loss" in log for kind in SpanKind)]
    if not logs:
        return "no training steps were logged: lower logging_steps to see how each kind of span is learned"
    lines = [f"{'span':<12}{'loss':>18}{'accuracy':>20}"]
    for kind in SpanKind:
        seen = [log for log in logs if f"{kind}_loss" in log]
        if seen:
            loss, accuracy = ((seen[0][f"{kind}_{name}"], seen[-1][f"{kind}_{name}"]) for name in ("loss", "accuracy"))
            lines.append(f"{kind:<12}{loss[0]:>8.3f} → {loss[1]:>7.3f}{accuracy[0]:>9.1%} → {accuracy[1]:>7.1%}")
    return "\n".join(lines)
