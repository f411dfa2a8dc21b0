"""Stories about giving away a share, and then a share of the rest."""

from lemma_hf.world.stories._template import CONCEPT, FORMULA, MISREADING, MISSING, Template, mistake, step

SHARING = Template(
    name="sharing",
    scenes=(
        (
            {"items": "stickers", "owns": "collects"},
            {"items": "trading cards", "owns": "collects"},
            {"items": "marbles", "owns": "has"},
            {"items": "seashells", "owns": "collects"},
            {"items": "glass beads", "owns": "has"},
        ),
    ),
    given={
        "all": range(36, 241, 4),
        "p": (2, 3, 4, 5, 6),
        "q": (2, 3, 4, 5, 6),
        "bought": range(8, 41),
    },
    questions=(
        "{A} has {all} {items}. {She} gives {p:part} of them to {B} and then {q:part} of what is left to {C}. Later, "
        "{she} buys {bought} more {items}. How many {items} does {A} have in the end?",
        "Out of {all} {items}, {A} hands {p:part} to {hers} cousin {B}. After that, {q:part} of the remaining {items} "
        "go to {C}. If {A} then gets {bought} new {items} for {hers} birthday, how many {items} does {she} have now?",
        "{A} owns {all} {items}. First {B} receives {p:part} of all the {items}, and then {C} receives {q:part} of "
        "the rest. A week later {A} finds {bought} {items} at a flea market and buys them. How many {items} does {A} "
        "own after that?",
    ),
    routes=(
        (
            step(
                "first",
                "all / p",
                "{B} gets {eq} {items}.",
                "{A} gives {eq} {items} to {B}.",
                "The part for {B} is {eq} {items}.",
            ),
            step(
                "rest",
                "all - first",
                "Then {A} has {eq} {items} left.",
                "That leaves {eq} {items}.",
                "After this gift, {eq} {items} remain.",
            ),
            step(
                "second",
                "rest / q",
                "Of these, {C} gets {eq} {items}.",
                "{C} receives {q:part} of the {rest} remaining {items}, that is {eq}.",
                "The part for {C} is {eq} {items}.",
            ),
            step(
                "left",
                "rest - second",
                "Now {A} has {eq} {items}.",
                "After both gifts, {eq} {items} are left.",
                "So {she} keeps {eq} {items}.",
            ),
            step(
                "end",
                "left + bought",
                "With the {bought} new ones, {A} has {eq} {items}.",
                "The {bought} new {items} bring this to {eq}.",
                "In the end {she} has {eq} {items}.",
            ),
        ),
    ),
    mistakes=(
        mistake(
            CONCEPT,
            "second",
            "all / q",
            "{C} gets {q:part} of the {rest} {items} that are left, not of all {all}",
            "Of these, {C} gets {eq} {items}.",
            "The part for {C} is {eq} {items}.",
        ),
        mistake(
            CONCEPT,
            "rest",
            "all + first",
            "giving {items} away leaves fewer of them, not more",
            "Then there are {eq} {items}.",
        ),
        mistake(
            MISSING,
            "left",
            "all - second",
            "the {first} {items} for {B} have to be taken off as well",
            "After this, {A} has {eq} {items}.",
            "So {she} keeps {eq} {items}.",
        ),
        mistake(
            MISSING,
            "end",
            "rest + bought",
            "the {items} that go to {C} have not been taken off",
            "With the {bought} new ones, {A} has {eq} {items}.",
            "In the end {she} has {eq} {items}.",
            without="second left",
        ),
        mistake(
            MISREADING,
            "end",
            "left - bought",
            "the {bought} {items} at the end are new ones, so they are added",
            "Without the {bought} {items}, {A} has {eq} {items}.",
            "In the end {she} has {eq} {items}.",
        ),
        mistake(
            FORMULA,
            "second",
            "rest - q",
            "{q:part} of a number is found by dividing it by {q}, not by subtracting {q}",
            "Of these, {C} gets {eq} {items}.",
            "The part for {C} is {eq} {items}.",
        ),
        mistake(
            MISREADING,
            "left",
            "second + bought",
            "{second} is what {C} receives, not what {A} keeps",
            "With the {bought} new ones, {A} has {eq} {items}.",
            without="end",
        ),
    ),
    bounds={"second": (3, 100), "left": (8, 150)},
)
