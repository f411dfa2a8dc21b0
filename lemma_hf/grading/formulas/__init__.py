"""Formulas: a parser, evaluation at points, second readings, and computer algebra where nothing else decides."""
