"""Helpers without knowledge of mathematics or training: files, Markdown, redaction, intervals, versions, citation."""
