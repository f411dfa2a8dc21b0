"""Cues: the words that open a turn, and those that go on to speak of a mistake.

Each cue is a pattern for the beginning of a sentence, in lower case and with straight apostrophes. A cue has to be
more than a word that solutions use anyway: "wait 10 minutes", "actually 5 apples", "let's fix a point" and "this is
impossible, so" open no turn; "Wait," and "Actually," do. To pause over the problem is no turn, to pause over one's
own work is: "let's pause and consider the triangle" and "let's pause and consider what we know so far".
"""

import re

# "," of "Wait, …"; " -" of "Oops - …"
_PAUSE = r"(?:\s*[,.!?:;…—–]|\s+-|\s*$)"
# "But oh, " before a cue
_FILLERS = r"(?:(?:but|oh|ah|no|okay|ok|well|so|now|and|however|hm+|um+|uh)\b[,.!…—– ]*){0,3}"
# "mistake" of "I made a mistake"
_MISTAKE = r"(?:mistake|error|slip|typo|problem|issue|mix-up|oversight|misunderstanding|miscalculation|inconsistency)\b"
# "wrong", "not quite right"
_WRONG = r"(?:wrong|incorrect|inaccurate|mistaken|not (?:\w+ )?(?:right|correct|true))\b"
# "this" of "let's ensure this is right", "what we know so far", "if we've set up everything": what was written so far
_OWN_WORK = (
    r"(?:(?:this|it)\b(?! means)|that\b(?= again|[.:?]|$)|everything\b|what (?:we|i)\b"
    r"|(?:if|whether|where|how) (?:we|i)\b|(?:our|my)\b|again\b|over\b|back\b"
    r"|(?:the|each|every) (?:\w+ )?(?:steps?|calculations?|results?|work|arithmetic)\b)"
)
# "pause." "pause and consider if we …"; not "pause and consider the triangle"
_PAUSE_OVER_WORK = (
    r"pause(?: for a (?:moment|second)| here)?(?:\s*(?:[,.:!…—–]|$)| and (?:carefully )?"
    rf"(?:re-?\w+|double[- ]check|(?:examine|consider|check|verify|ensure|review|think about|look at|go) {_OWN_WORK}))"
)
# "recheck", "take another look", "start over"
_AGAIN = (
    r"(?:re-?(?:check|examine|consider|think|evaluate|visit|read|calculate|compute|do|assess|count|start|work)"
    r"|double[- ]check|correct|fix (?:this|that|it|the (?:mistake|error))|backtrack|step back"
    rf"|{_PAUSE_OVER_WORK}|(?:ensure|verify) (?:this|that|it) is (?:right|correct)"
    rf"|(?:go|look) (?:back|over|again)|take another (?:step back|(?:\w+ )?look)"
    rf"|take a (?:step back|(?:\w+ )?look (?:at )?{_OWN_WORK}|(?:second|fresh|new) look|(?:different|fresh|new)\b)"
    r"|(?:start|begin|try) (?:over|again|afresh|anew|from scratch|another|a (?:different|new|fresh)))(?!\w)"
)
# "made a small mistake", "misread", "used the wrong"
_ERRED = (
    rf"(?:made (?:an?|another|some|my|the same) (?:\w+ )?{_MISTAKE}|misread|miscount|miscalculat|misinterpret"
    r"|misunderst|mistook|mistaken|overlook|forgot|mixed|confused|went wrong"
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
# "consider the triangle" of "Hmm, let's consider the triangle": the beginning of work, not a look back at it
_SETS_OUT = (
    r"(?:so |now |okay )?let(?:'s| us| me) (?:pause (?:for a moment )?and |carefully |first )?"
    rf"(?:consider|think about|look at|tackle|explore|start|begin|break|delve|see|examine)\b(?! {_OWN_WORK})"
)
# "Does this make sense?", "Is everything correct?", "Could I have missed something?"
_DOUBTS_ASKING = (
    r"(?:(?:does|did) (?:this|that|it|everything|(?:the|my|our) \w+) (?:really |even |actually |all )?"
    r"(?:make sense|add up|(?:look|seem|sound) (?:right|correct|reasonable|plausible)|check out|work out)"
    r"|is (?:this|that|it|everything|all of this|(?:the|my|our) \w+) (?:really |actually |all )?"
    r"(?:right|correct|true|consistent|reasonable)"
    r"|(?:could|did|have|might|may) (?:i|we) (?:have )?(?:\w+ )?"
    r"(?:miss\w*|ma[dk]e an?|forg\w+|overlook\w*|mis\w+|go(?:ne)? wrong)"
    r"|(?:am|are) (?:i|we) (?:missing|overlooking|sure)|did something go wrong)\b[^.!]*\?"
)
# "the result looks strange"
_LOOKS_ODD = (
    r"(?:the|this|that|my|our) (?:\w+ )?(?:result|answer|value|number|total|outcome) (?:looks|seems|is|feels|sounds) "
    r"(?:a bit |quite |very |rather )?(?:strange|odd|weird|suspicious|implausible|unreasonable|off)\b"
)
# "that", "the last step"
_THAT = r"(?:that|this|it|something|(?:the|that|this|my) (?:last |first |previous )?\w+)"

_CUES = (
    rf"wait(?:{_PAUSE}| (?:an? (?:minute|moment|second|sec){_PAUSE}|(?:no|i|that|that's|this|it|let|let's|but|is|"
    r"actually|maybe|there|something)\b))",
    rf"hm+(?:{_PAUSE}(?!\s*{_SETS_OUT})| (?:i|that|that's|this)\b)",
    _DOUBTS_ASKING,
    _LOOKS_ODD,
    r"(?:oops|whoops|uh-oh|hold on|hang on|sorry|scratch that|not so fast|my mistake|my apologies)"
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
    rf"[\s\"'(*_]*{_FILLERS}(?:once more\b|here(?:'s| is) the correct|(?:re)?calculating (?:carefully|again|this)"
    r"|let(?:'s| us| me) (?:go|walk|work) through (?:this|it|that)\b"
    r"|(?:let(?: me|'s| us)|i(?:'ll| will| need to| should| must| have to| had better|'d better)) .*"
    r"\b(?:again|correct|fix|re-?(?:do|start|calculate|compute|check|examine|consider|think|work)|properly|differently"
    r"|afresh|fresh|over|back|instead|carefully|another|different|scratch)\b)",
    re.DOTALL,
)
# "maybe" of "maybe I made a mistake"
_HEDGES = re.compile(
    r"\b(?:maybe|perhaps|possibly|might|may|could|if|whether|unless|suppose|assum\w+|in case|make sure"
    r"|check (?:for|that)|verify|ensure)\b"
)
# "I mistakenly wrote 3600", "that can't be", "Wait, no", "15, not 16", "the correct answer should be 15"
_REFUTES = re.compile(
    rf"\bi apologi[sz]e|\b(?!i (?:need|reali[sz]ed?)\b){_I_ERRED}"
    r"|\b(?:i|we)(?:'ve| have)? (?:mistakenly|incorrectly|wrongly)\b"
    rf"|\b{_THAT}(?:'s| is| was| seems| looks| must be| must have been) (?:clearly |obviously )?"
    r"(?:an? (?:\w+ )?(?:mistake|error|slip|typo|oversight|contradiction)"
    r"|(?:\w+ )?(?:wrong|incorrect|inaccurate|mistaken|impossible|inconsistent)\b"
    r"|not (?:quite |really )?(?:right|correct|true)\b)"
    rf"|\b{_THAT} (?:can't|cannot|can not) be\b(?! (?:zero|negative|larger|smaller|more|less|greater))"
    rf"|\b{_THAT} {_NOT_SO}"
    r"|\b(?:don't|doesn't|do not|does not|didn't|did not) (?:seem to )?account for\b"
    r"|\b(?:there|here)(?:'s| is| was| seems to be| appears to be| must be| must have been) (?:an?|some|my) (?:\w+ )?"
    r"(?:mistake|error|slip|oversight|misunderstanding|miscalculation|inconsistency)\b"
    r"|\b(?:a|my|the|previous|earlier) (?:\w+ )?(?:mistake|error|miscalculation|oversight|typo) (?:in|here|was|of|by)\b"
    r"|, not (?:\$ ?|\\\(\s*)?\d|\b(?:should be|should have been|is|was) [^.=]{1,40}(?:instead of|rather than)\b"
    r"|\bi should have\b|\bmy mistake\b|\b(?:previous|earlier|initial|original) (?:\w+ ){1,2}"
    r"(?:is|was|were) (?:\w+ )?(?:wrong|incorrect|mistaken|inaccurate|not correct|not right)\b"
)
# "Wait, no", which takes something back unless it answers a question: "So two runs? Wait, no, three."
_TAKES_BACK = re.compile(
    r"\b(?:wait|oops|hold on|sorry)[,.!]? no\b(?!,? (?:that|it|this)(?:'s| is) (?:right|correct|fine|ok))"
    r"(?!.*\bcorrect\W*$)"
)
# "Okay, so I need to find …", "Alright, I have this problem …", "Hmm, where do I start?"
_MUSES = re.compile(
    r"\s*(?:okay|ok|alright|all right)\b[\s\S]{0,40}?"
    r"\b(?:i|we|let me|let's (?:see|think|try|break|tackle)|the (?:problem|question))\b"
    r"|[\s\S]{0,80}\b(?:where (?:do|should) (?:i|we) (?:start|begin)|let me (?:try to understand|figure)"
    r"|i'm trying to|i have this (?:problem|question))"
)
# "The problem says that …", "I need to find …", "We are given …"
_RESTATES = re.compile(
    rf"[\s\"'(*_]*{_FILLERS}(?:(?:alright|all right|first|then|but|basically|in this problem)\b[, ]*){{0,2}}"
    r"(?:the (?:\w+ )?(?:problem|question|task|goal)\b"
    r"|(?:we|i|you)(?:'re| are|'m| am) (?:given|asked|told|trying|supposed)"
    r"|(?:we|i)(?:'ve| have)? (?:got |just )?(?:need|have|want) to\b|(?:we|i) have (?:this|a) (?:problem|question)"
    r"|it (?:says|asks|states)\b|given\b|find\b|imagine\b"
    r"|let me (?:re-?read|read|restate|re-?state|understand|think|see)\b"
    r"|(?:where|how) (?:do|should|can) (?:i|we)\b)"
)
# "Actually, 25 % of 28 = 7."
_SETS_RIGHT = re.compile(rf"[\s\"'(*_]*{_FILLERS}actually\b")
# "So it is 62?"
_CONCLUDES = re.compile(r"\s*(?:so|then|thus|hence|therefore)\b")
# "Let's rethink this.", "Let's correct that."
_STARTS_ANEW = re.compile(
    rf"[\s\"'(*_]*{_FILLERS}let(?: me|'s| us) (?:just |pause and |now )?"
    r"(?:re-?(?:consider|think|do|work|start|evaluate|visit)|(?:correct|fix) (?:this|that|it)"
    r"|start (?:over|again|afresh|anew)|try (?:this |that )?again)\b"
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


def refutes(sentence: str, before: str = "") -> bool:
    """Whether the sentence says of something written before that it is wrong: neither asks nor supposes it.

    Args:
        before: the sentence before it; "Wait, no" behind a question answers it, and takes nothing back.

    Example:
        >>> refutes("Wait, I made a mistake."), refutes("Did I make a mistake?"), refutes("Maybe I made a mistake.")
        (True, False, False)
        >>> refutes("Wait, no.", "So there are 2."), refutes("Wait, no.", "Are there 2?")
        (True, False)
    """
    plain = _plain(sentence)
    if _TAKES_BACK.search(plain) and not before.rstrip().endswith("?"):
        return True
    found = _REFUTES.search(plain)
    return found is not None and not sentence.rstrip().endswith("?") and not _HEDGES.search(plain[: found.start()])


def denies_what_it_quotes(sentence: str) -> bool:
    """Whether the sentence repeats an equation and then says that it is wrong.

    Example:
        >>> denies_what_it_quotes("The equation 15 + 7x = 110 doesn't account for the $60.")
        True
        >>> denies_what_it_quotes("That is wrong, since 24 - 9 = 15.")
        False
    """
    plain = _plain(sentence)
    found = None if ", not " in plain else _REFUTES.search(plain, plain.rfind("=") + 1)
    return found is not None and "=" in plain


def starts_anew(sentence: str) -> bool:
    """Whether the sentence says that the work begins again: "Let's rethink this."."""
    return bool(_STARTS_ANEW.match(_plain(sentence)))


def sets_right(sentence: str) -> bool:
    """Whether the sentence gives the right step at once: "Actually, 25% of 28 = 7."."""
    return bool(_SETS_RIGHT.match(_plain(sentence))) and reasons(sentence)


def restates(sentence: str) -> bool:
    """Whether the sentence repeats the problem or the task, and takes no step: "I need to find the price."."""
    return bool(_RESTATES.match(_plain(sentence))) and not reasons(sentence)


def muses(sentence: str) -> bool:
    """Whether a text that begins so is a thinking trace: "Okay, so I need to find …", "Hmm, where do I start?"."""
    return bool(_MUSES.match(_plain(sentence)))


def asks(sentence: str) -> bool:
    """Whether the sentence is a question, and no step that is put as one ("So it is 62?")."""
    return sentence.rstrip().endswith("?") and not reasons(sentence) and not _CONCLUDES.match(_plain(sentence))


def reasons(sentence: str) -> bool:
    """Whether the sentence takes a step of the solution: holds an equation, or gives the answer."""
    return any(sign in sentence for sign in ("=", "≈", "\\approx")) or bool(_ANSWER.match(_plain(sentence)))


def _plain(sentence: str) -> str:
    # A cue stands in the first words and a mistake is named early; the bound keeps hostile texts cheap.
    return sentence[:400].lower().replace("’", "'")
