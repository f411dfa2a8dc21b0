"""Merge with the card on the Hub: parts that a person wrote are kept, parts that lemma-hf wrote are renewed.

A comment at the end of a card that lemma-hf published holds a digest of each part as it was written. A part with the
same digest is ours and is renewed; one that was changed, added or removed since then is a person's.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from lemma_hf.hub.front_matter import join_value, read_head, split_head, write_head

_BEGIN = "<!-- lemma-hf wrote "
_END = " -->"
_HEADING = re.compile(r"#{1,2} +\S")  # "## Known limits"
_FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})")  # "```python"


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged card, and the parts in which a person's text was kept in place of ours."""

    text: str
    kept: tuple[str, ...] = ()
    """The parts where the person's text was kept, such as `license` or "## Known limits"."""


@dataclass(frozen=True, slots=True)
class _Written:
    """Digests of the parts as lemma-hf wrote them, by key of the front matter and by heading of the text."""

    head: Mapping[str, str]
    text: Mapping[str, str]

    def only(self, other: "_Written") -> "_Written":
        """Keep the digests of those parts that `other` has too."""
        return _Written(
            {key: value for key, value in self.head.items() if key in other.head},
            {name: value for name, value in self.text.items() if name in other.text},
        )


@dataclass(frozen=True, slots=True)
class _Section:
    """A heading of the first or second level, with the text up to the next one."""

    name: str
    """The heading as a slug: it tells sections apart."""
    heading: str
    text: str


def merge_cards(ours: str, theirs: str | None, *, whole: bool = True) -> Merged:
    """Merge our card with the one on the Hub.

    Args:
        ours: as made from facts.
        theirs: the card on the Hub; None: there is none.
        whole: whether our earlier parts that are missing in `ours` are deleted; if not, they stay.

    Raises:
        DataError: if the front matter of one of them cannot be read.

    Example:
        >>> merged = merge_cards("---\\nlicense: mit\\n---\\n# A\\n\\nours\\n", "# A\\n\\na person's\\n")
        >>> print(merged.text.partition("<!--")[0].rstrip(), merged.kept, sep="\\n")
        ---
        license: mit
        ---
        <BLANKLINE>
        # A
        <BLANKLINE>
        a person's
        ('# A',)
    """
    our_head, our_body = split_head(_unmarked(ours)[0])
    mine = read_head(our_head, "the new card")
    sections = _sections(our_body)
    now = _written(mine, sections)
    if theirs is None or not theirs.strip():
        return Merged(_card(write_head(mine, our_head), (each.text for each in sections), now))
    text, before = _unmarked(theirs)
    their_head, their_body = split_head(text)
    # Parts that stay although `ours` lacks them are treated as a person's parts are: nothing is compared.
    known = before if whole else before.only(now)
    head, kept_keys = _merge_heads(mine, read_head(their_head, "the card on the Hub"), known)
    body, kept_sections = _merge_sections(sections, _sections(their_body), known)
    mark = now if whole else _Written({**before.head, **now.head}, {**before.text, **now.text})
    return Merged(_card(write_head(head, their_head), (each.text for each in body), mark), (*kept_keys, *kept_sections))


def _merge_heads(
    ours: Mapping[str, Any], theirs: Mapping[str, Any], written: _Written
) -> tuple[dict[str, Any], list[str]]:
    head, kept = {}, []
    for key, value in theirs.items():
        is_ours = written.head.get(key) == _digest(value)
        if key not in ours:
            if not is_ours:
                head[key] = value
        elif is_ours or value == ours[key]:
            head[key] = ours[key]
        else:
            # Where our value is the same as when it was written, any difference was made by a person.
            is_new = written.head.get(key) != _digest(ours[key])
            head[key], stood_back = join_value(key, ours[key], value, is_new=is_new)
            kept += [f"`{key}`"] if stood_back else []
    missing = {key: value for key, value in ours.items() if key not in theirs}
    kept += [f"`{key}` (taken out)" for key in missing if key in written.head]
    return head | {key: value for key, value in missing.items() if key not in written.head}, kept


def _merge_sections(
    ours: list[_Section], theirs: list[_Section], written: _Written
) -> tuple[list[_Section], list[str]]:
    mine = {each.name: each for each in ours}
    body, kept = [], []
    for section in theirs:
        new = mine.get(section.name)
        if written.text.get(section.name) == _digest(section.text) or (new and new.text == section.text):
            body += [new] if new else []
        else:
            body.append(section)
            kept += [section.heading] if new else []
    there = {each.name for each in theirs}
    for position, section in enumerate(ours):
        if section.name in there:
            continue
        if section.name in written.text:
            kept.append(f"{section.heading} (taken out)")
            continue
        before = {each.name for each in ours[:position]}
        place = max((index + 1 for index, each in enumerate(body) if each.name in before), default=len(body))
        body.insert(place, section)
    return body, kept


def _card(head: str, sections: Iterable[str], written: _Written) -> str:
    body = "\n\n".join(text.strip("\n") for text in sections if text.strip())
    said = json.dumps({"head": written.head, "text": written.text}, separators=(",", ":"))
    end = f"{body}\n\n{_BEGIN}{said}{_END}\n"
    return f"---\n{head}---\n\n{end}" if head else end


def _written(head: Mapping[str, Any], sections: Iterable[_Section]) -> _Written:
    return _Written(
        {key: _digest(value) for key, value in head.items()}, {each.name: _digest(each.text) for each in sections}
    )


def _unmarked(card: str) -> tuple[str, _Written]:
    """Split a card into its text and the digests in its mark; a mark that cannot be read counts as no digests."""
    card = card.removeprefix("\ufeff").replace("\r\n", "\n")
    written = _Written({}, {})
    lines = card.split("\n")
    for line in lines:
        if _is_mark(line):
            with suppress(ValueError, KeyError, TypeError, RecursionError):
                said = json.loads(line.strip()[len(_BEGIN) : -len(_END)])
                written = _Written(dict(said["head"]), dict(said["text"]))
    # A person may have written text after the mark: that is kept.
    return "\n".join(line for line in lines if not _is_mark(line)), written


def _is_mark(line: str) -> bool:
    return line.strip().startswith(_BEGIN) and line.strip().endswith(_END)


def _sections(body: str) -> list[_Section]:
    """Cut the text at its headings, but not in fenced code; text before the first heading is a section too."""
    pieces: list[tuple[str, list[str]]] = [("", [])]
    fence, in_comment = "", False
    for line in body.split("\n"):
        mark = None if in_comment else _FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
            fence = ""
        if not fence and not in_comment and _HEADING.match(line):
            pieces.append((line.strip(), []))
        if not fence:
            in_comment = _ends_in_comment(line, in_comment)
        pieces[-1][1].append(line)
    found: list[_Section] = []
    times: Counter[str] = Counter()
    for heading, lines in pieces:
        text = "\n".join(lines).strip("\n")
        if text.strip():
            name = re.sub(r"[\W_]+", "-", heading.lower()).strip("-")  # "## Known limits" gives known-limits
            again = f"~{times[name]}" if times[name] else ""
            times[name] += 1
            found.append(_Section(name + again, heading or "the text before the title", text))
    return found


def _ends_in_comment(line: str, begins_in_one: bool) -> bool:
    if begins_in_one and "-->" not in line:
        return True
    return "<!--" in line.rpartition("-->")[2]


def _digest(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    # 4 bytes keep the mark short; they have to tell apart only the versions of one part.
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
