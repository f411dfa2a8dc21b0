"""Helpers without knowledge of mathematics or training: files, Markdown, redaction, intervals, versions, citation."""

__all__ = ["citation", "files", "intervals", "markdown", "redaction", "versions"]
