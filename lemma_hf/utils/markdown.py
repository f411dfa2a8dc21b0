"""Markdown: tables, and text escaped for a cell."""

from collections.abc import Iterable, Sequence


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]], rules: Sequence[str] = ("---", "--:")) -> str:
    """A table as Markdown, without a line break at its end.

    Args:
        head: what stands above the columns.
        rows: cells as they are; pass what others wrote through `markdown_cell` first.
        rules: what stands between the bars below the head: `---` for text, `--:` or `---:` for numbers, which stand to
            the right. The last one goes on for all columns that are left.

    Example:
        >>> print(markdown_table(["arm", "rows", "mistakes"], [["lemma", "120", "37"]]))
        | arm | rows | mistakes |
        |---|--:|--:|
        | lemma | 120 | 37 |
    """
    whole = [*rules, *[rules[-1]] * (len(head) - len(rules))][: len(head)]
    lines = [f"| {' | '.join(row)} |" for row in (head, *rows)]
    return "\n".join([lines[0], f"|{'|'.join(whole)}|", *lines[1:]])


def markdown_cell(text: str) -> str:
    r"""A text escaped for a cell, which a bar or a line break would end.

    Example:
        >>> markdown_cell("a|b\n c")
        'a\\|b c'
    """
    return " ".join(text.replace("\\", "\\\\").replace("|", "\\|").split())
