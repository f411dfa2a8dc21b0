"""Stories about two kinds of things in a given ratio."""

from lemma_hf.world.stories._template import CONCEPT, FORMULA, MISREADING, MISSING, Template, mistake, step

_RATIOS = ((5, 3), (7, 4), (7, 2), (7, 5), (5, 2), (8, 5), (8, 3), (9, 4), (9, 5), (9, 7), (9, 2), (7, 3))

RATIO = Template(
    name="ratio",
    scenes=(
        (
            {"items": "beads", "one": "red", "two": "blue", "place": "a jar"},
            {"items": "tulips", "one": "yellow", "two": "white", "place": "a park"},
            {"items": "tiles", "one": "gray", "two": "green", "place": "a hallway"},
            {"items": "fish", "one": "orange", "two": "silver", "place": "a pond"},
            {"items": "buttons", "one": "wooden", "two": "metal", "place": "a sewing box"},
        ),
        tuple({"a": (one,), "b": (two,)} for one, two in _RATIOS),
    ),
    given={"all": range(48, 361)},
    questions=(
        "In {place} there are {all} {items}, each of them {one} or {two}. The ratio of {one} to {two} {items} is {a} "
        "to {b}. How many more {one} {items} than {two} {items} are there?",
        "The {all} {items} in {place} are all either {one} or {two}, in the ratio {a}:{b} ({one} to {two}). By how "
        "many do the {one} {items} outnumber the {two} ones?",
        "{A} counts {all} {items} in {place}. For every {a:w} {one} {items} there are {b:w} {two} ones, and there are "
        "no others. How many more {one} than {two} {items} does {A} count?",
    ),
    routes=(
        (
            step(
                "parts",
                "a + b",
                "There are {eq} equal parts.",
                "The ratio has {eq} parts in all.",
                "Together, the {items} make up {eq} parts.",
            ),
            step(
                "each",
                "all / parts",
                "One part is {eq} {items}.",
                "So each part has {eq} {items}.",
                "Each of the {parts} parts stands for {eq} {items}.",
            ),
            step(
                "ones",
                "each * a",
                "The number of {one} {items} is {eq}.",
                "{a:W} of the parts are {one}, so there are {eq} {one} {items}.",
                "That gives {eq} {one} {items}.",
            ),
            step(
                "twos",
                "each * b",
                "The number of {two} {items} is {eq}.",
                "{b:W} of the parts are {two}, so there are {eq} {two} {items}.",
                "And there are {eq} {two} {items}.",
            ),
            step(
                "more",
                "ones - twos",
                "So there are {eq} more {one} {items} than {two} ones.",
                "The difference is {eq} {items}.",
                "The {one} {items} are ahead by {eq}.",
            ),
        ),
        (
            step("parts", "a + b", "All {items} together are {eq} parts.", "In total there are {eq} parts."),
            step("each", "all / parts", "A part therefore has {eq} {items}.", "Dividing, one part is {eq} {items}."),
            step(
                "ahead",
                "a - b",
                "The {one} {items} have {eq} parts more than the {two} ones.",
                "The difference between {one} and {two} is {eq} parts.",
            ),
            step(
                "more",
                "each * ahead",
                "In {items}, this is a difference of {eq}.",
                "{ahead:W} parts are {eq} {items}.",
            ),
        ),
    ),
    mistakes=(
        mistake(
            CONCEPT,
            "each",
            "all / a",
            "{a} is the share of the {one} {items}, and all {all} {items} are {a} + {b} parts",
            "One part is {eq} {items}.",
            "So each part has {eq} {items}.",
        ),
        mistake(
            MISSING,
            "more",
            "ones - b",
            "the number of {two} {items} has to be found first; {b} is only their part of the ratio",
            "So there are {eq} more {one} {items}.",
            "The difference is {eq} {items}.",
            without="twos",
        ),
        mistake(
            FORMULA,
            "parts",
            "a * b",
            "the parts of a ratio are added, not multiplied",
            "There are {eq} equal parts.",
            "The ratio has {eq} parts in all.",
        ),
        mistake(
            MISREADING,
            "twos",
            "ones / b",
            "the ratio does not say that there are {b:w} {one} {items} for each {two} one",
            "The number of {two} {items} is {eq}.",
        ),
    ),
    bounds={"each": (4, 60), "more": (6, 200), "ahead": (2, 7)},
)
