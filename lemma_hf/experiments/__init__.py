"""Experiments of several runs: sweeps over settings, on-policy rounds, and the miniature of the whole method."""

__all__ = ["commands", "miniature", "rounds", "rounds_report", "step", "sweep"]
