"""How is a text of strangers shown to people? With everything that cannot be seen named, so that it does nothing."""

import re

# What a reader cannot see: controls, marks that turn the direction of what follows, characters without width, halves of
# surrogate pairs, tags, and code points that are no characters.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e0fff]"
)


def visible(text: str) -> str:
    """The text with everything that cannot be seen named, line breaks and tabs apart.

    Example:
        >>> visible("a\\x1b[31m\\u202eb")
        'a⟨U+001B⟩[31m⟨U+202E⟩b'
    """
    return _UNSEEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text.replace("\r\n", "\n"))
