"""Cues: the words that open a turn, and those that go on to speak of a mistake.

Each cue is a pattern for the beginning of a sentence, in lower case and with straight apostrophes. A cue has to be
more than a word that solutions use anyway: "wait 10 minutes", "actually 5 apples", "let's fix a point" and "this is
impossible, so" open no turn; "Wait," and "Actually," do.
"""

import re

# "," of "Wait, …"; " -" of "Oops - …"
_PAUSE = r"(?:\s*[,.!?:;…—–]|\s+-|\s*$)"
# "But oh, " before a cue
_FILLERS = r"(?:(?:but|oh|ah|no|okay|ok|well|so|now|and|however|hm+|um+|uh)\b[,.!…—– ]*){0,3}"
# "mistake" of "I made a mistake"
_MISTAKE = r"(?:mistake|error|slip|problem|issue|mix-up|oversight|misunderstanding|miscalculation|inconsistency)\b"
# "wrong", "not quite right"
_WRONG = r"(?:wrong|incorrect|inaccurate|mistaken|not (?:\w+ )?(?:right|correct|true))\b"
# "recheck", "take another look", "start over"
_AGAIN = (
    r"(?:re-?(?:check|examine|consider|think|evaluate|visit|read|calculate|compute|do|assess|count|start|work)"
    r"|double[- ]check|correct|fix (?:this|that|it|the (?:mistake|error))|backtrack|pause|step back"
    r"|(?:go|look) (?:back|over|again)|take (?:a|another) (?:step back|(?:\w+ )?look|(?:different|fresh|new)\b)"
    r"|(?:start|begin|try) (?:over|again|afresh|anew|from scratch|another|a (?:different|new|fresh)))\b"
)
# "made a small mistake", "misread", "used the wrong"
_ERRED = (
    rf"(?:made (?:an?|some|my|the same) (?:\w+ )?{_MISTAKE}|misread|miscount|miscalculat|misinterpret|misunderst"
    r"|mistook|mistaken|overlook|forgot|mixed|confused|went wrong"
    r"|(?:used|took|copied|read|wrote|picked) (?:an?|the) wrong)"
)
# "I realize", "I think I misread", "we forgot"
_I_ERRED = (
    rf"(?:we(?:'ve| have)? {_ERRED}|i apologi[sz]e|i(?:'ve| have| think i(?:'ve)?| see(?: that| now that)? i(?:'ve)?"
    rf"| may have| must have| just)? ?(?:{_ERRED}|reali[sz]ed?\b|skipped|slipped|missed|left (?:something|out)"
    rf"|was (?:wrong|mistaken)|(?:see|found|find|spot(?:ted)?) (?:an?|the|my) (?:\w+ )?{_MISTAKE}"
    r"|got (?:that|this|it) wrong|need to (?:correct|fix|redo|re-?check|go back)|should(?: not|n't)? have))"
)
# "doesn't add up", "can't be right"
_NOT_SO = (
    r"(?:doesn't|does not|can't|cannot|isn't|didn't|don't|won't) "
    r"(?:(?:\w+ )?(?:right|correct)|add up|make sense|check out|match)\b"
)
# "that", "the last step"
_THAT = r"(?:that|this|it|something|(?:the|that|this|my) (?:last |first |previous )?\w+)"

_CUES = (
    rf"wait(?:{_PAUSE}| (?:an? (?:minute|moment|second|sec){_PAUSE}|(?:no|i|that|that's|this|it|let|let's|but|is|"
    r"actually|maybe|there|something)\b))",
    r"(?:hm+|oops|whoops|uh-oh|hold on|hang on|sorry|scratch that|not so fast|my mistake|my apologies)"
    rf"(?:{_PAUSE}| (?:i|that|that's|this|let)\b)",
    r"actually\s*[,:…—–]",
    r"(?:on|upon) (?:a )?(?:second thought|(?:closer |further )?(?:reflection|inspection|review|re-?(?:exam|check|read"
    r"|consider|evaluat|calculat)))",
    r"(?:looking|going|checking|thinking) (?:[\w ]{0,40} )?(?:again|back|over)\b",
    r"correction:",
    r"no, (?!since|because|as|the answer)",
    rf"let(?: me|'s| us) (?:just |quickly |carefully )?{_AGAIN}",
    r"let(?: me|'s| us) [^.=]{0,60}\bagain\b",
    r"let me (?:check|verify|think|make sure|see (?:if|whether))\b",
    _I_ERRED,
    rf"(?:there|here)(?:'s| is| was| seems to be| appears to be| must be) (?:an?|some|my) (?:\w+ )?{_MISTAKE}",
    rf"it (?:seems|looks|appears)(?: like| that)? (?:i\b|[^.=]{{0,40}}\b{_MISTAKE})",
    r"something(?:'s| is| seems| looks| feels) off\b",
    rf"{_THAT}(?:'s| is| was| seems| looks| feels| must be| sounds) (?:an? {_MISTAKE}|(?:\w+ )?{_WRONG})",
    rf"{_THAT} {_NOT_SO}",
    r"is (?:that|this|it) (?:really )?(?:right|correct|true)\?",
)
# "But wait, that is wrong.", "Let me check again."
_OPENS_TURN = re.compile(rf"[\s\"'(*_]*{_FILLERS}(?:{'|'.join(_CUES)})")
# "It should be 15 instead of 16.", "That is not 16."
_NAMES_MISTAKE = re.compile(
    rf"\b(?:{_MISTAKE}|{_WRONG}|mistakenly|incorrectly|wrongly|{_I_ERRED}|{_NOT_SO}|instead of|rather than"
    r"|(?:is|are|was|were|does|do|did|has|have)(?: not|n't)|not (?:\$ ?)?\d)"
)
# "I will redo this step.", "Here's the correct solution."
_PLANS = re.compile(
    rf"[\s\"'(*_]*{_FILLERS}(?:once more\b|here(?:'s| is) the correct"
    r"|(?:let(?: me|'s| us)|i(?:'ll| will| need to| should| must| have to| had better|'d better)) .*"
    r"\b(?:again|correct|fix|re-?(?:do|start|calculate|compute|check|examine|consider|think|work)|properly|differently"
    r"|afresh|fresh|over|back|instead|carefully|another|different|scratch)\b)",
    re.DOTALL,
)
# "So the answer is 15", "#### 15"
_ANSWER = re.compile(r"\s*(?:(?:so|thus|therefore|hence),? )?(?:the (?:final |correct )?answer is\b|####\s)")


def opens_turn(sentence: str) -> bool:
    """Whether the sentence begins with a reflection cue.

    Example:
        >>> opens_turn("Wait, that can't be right."), opens_turn("Wait 10 minutes for the bus.")
        (True, False)
    """
    return bool(_OPENS_TURN.match(_plain(sentence)))


def names_mistake(sentence: str) -> bool:
    """Whether the sentence says that something went wrong."""
    return bool(_NAMES_MISTAKE.search(_plain(sentence)))


def still_reflects(sentence: str) -> bool:
    """Whether a sentence behind a cue is about the mistake, or about what to do now."""
    return opens_turn(sentence) or names_mistake(sentence) or bool(_PLANS.match(_plain(sentence)))


def reasons(sentence: str) -> bool:
    """Whether the sentence takes a step of the solution: holds an equation, or gives the answer."""
    return any(sign in sentence for sign in ("=", "≈", "\\approx")) or bool(_ANSWER.match(_plain(sentence)))


def _plain(sentence: str) -> str:
    # A cue stands in the first words and a mistake is named early; the bound keeps hostile texts cheap.
    return sentence[:400].lower().replace("’", "'")
