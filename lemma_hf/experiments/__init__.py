"""Experiments of several runs: sweeps over settings, on-policy rounds, and the miniature of the whole method."""
