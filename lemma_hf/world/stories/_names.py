"""Names of the people in the stories, and lists of words that several templates use."""

from lemma_hf.world.stories._template import Scene

_SHE = "Mia Priya Nora Amara Elena Zoe Hana Leila Ruth Carmen Ingrid Fatima Grace Yuki Tessa Olga Naomi Paula Salma"
_HE = "Omar Leo Mateo Kofi Ravi Ben Tomas Jamal Ivan Hugo Kenji Felix Andre Samir Oscar Dmitri Pedro Caleb Nils Victor"

PEOPLE = tuple((name, "she") for name in _SHE.split()) + tuple((name, "he") for name in _HE.split())
"""Names with their pronoun."""

_PRONOUNS = {"she": ("she", "her", "her", "herself"), "he": ("he", "him", "his", "himself")}
"""Subject, object, possessive, reflexive."""

DAY_LISTS: tuple[Scene, ...] = (
    {"day_list": "Monday, Wednesday and Friday", "days": (3,)},
    {"day_list": "Tuesday, Thursday and Saturday", "days": (3,)},
    {"day_list": "Monday, Tuesday, Thursday and Friday", "days": (4,)},
    {"day_list": "Wednesday, Thursday, Saturday and Sunday", "days": (4,)},
    {"day_list": "Monday, Tuesday, Wednesday, Friday and Sunday", "days": (5,)},
    {"day_list": "Monday, Wednesday, Thursday, Saturday and Sunday", "days": (5,)},
    {"day_list": "Monday, Tuesday, Wednesday, Thursday, Friday and Saturday", "days": (6,)},
)
"""Days that a reader has to count."""


def person_words(name: str, pronoun: str, letter: str) -> dict[str, str]:
    """The words of one person: the name as `{A}`, and `{she}`, `{her}` (object), `{hers}` (possessive), `{herself}`.

    For A these are also there capitalised; for the others they go by `{b_she}` and so on.
    """
    subject, obj, possessive, reflexive = _PRONOUNS[pronoun]
    words = {"she": subject, "her": obj, "hers": possessive, "herself": reflexive}
    prefix = "" if letter == "A" else letter.lower() + "_"
    named = {prefix + key: word for key, word in words.items()}
    capital = {} if prefix else {key.capitalize(): word.capitalize() for key, word in words.items()}
    return {letter: name} | named | capital
