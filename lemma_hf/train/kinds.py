"""Which kinds of tokens are there? The prompt and the kinds of spans, as numbers small enough for a column."""

from lemma_hf.records import SpanKind

TOKEN_KINDS: tuple[str, ...] = ("prompt", *SpanKind)
"""The name of each number in a `token_kinds` column: 0 is the prompt, then the kinds in the order of `SpanKind`."""
IGNORED = -100
"""The label of a token that is not trained on."""

PROMPT, REASONING, ERROR, REFLECTION, CORRECTION = range(len(TOKEN_KINDS))
