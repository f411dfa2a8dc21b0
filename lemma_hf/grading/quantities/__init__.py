"""Numbers and what stands around them: units, labels, words for numbers, bases, commas, clock times."""
