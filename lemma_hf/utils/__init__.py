"""Helpers without knowledge of the field: files, Markdown, redaction, intervals, the citation."""
