"""Stories about what a machine makes, packed in boxes."""

from lemma_hf.world.stories._template import (
    CONCEPT,
    FORMULA,
    MISREADING,
    MISSING,
    UNITS,
    Template,
    mistake,
    step,
)

MACHINE = Template(
    name="machine",
    scenes=(
        (
            {"machine": "A machine", "items": "bottles", "item": "bottle", "box": "crates", "per": (12, 20, 24)},
            {
                "machine": "A robot arm",
                "items": "circuit boards",
                "item": "circuit board",
                "box": "cartons",
                "per": (10, 15, 20, 25),
            },
            {
                "machine": "A press",
                "items": "door handles",
                "item": "door handle",
                "box": "boxes",
                "per": (20, 25, 30, 40),
            },
            {"machine": "An oven", "items": "bread rolls", "item": "roll", "box": "baskets", "per": (24, 30, 36, 40)},
        ),
    ),
    given={
        "batch": range(8, 41),
        "gap": (5, 6, 10, 12, 15, 20),
        "hours": range(3, 10),
        "rejects": range(12, 121, 4),
    },
    questions=(
        "{machine} turns out {batch} {items} every {gap} minutes. It runs for {hours} hours. {rejects} of the {items} "
        "are faulty and thrown away; the good ones are packed in {box} of {per}. How many {box} are filled?",
        "Every {gap} minutes, {batch} new {items} come off a production line. The line works {hours} hours a day. On "
        "one day, {rejects} {items} do not pass the check, and all the others are packed in {box} of {per}. How many "
        "{box} does that take?",
    ),
    routes=(
        (
            step(
                "times",
                "60 / gap",
                "An hour has {eq} periods of {gap} minutes.",
                "In an hour, this happens {eq} times.",
                "There are 60 minutes in an hour, so {eq} rounds an hour.",
            ),
            step(
                "hourly",
                "batch * times",
                "That gives {eq} {items} an hour.",
                "In one hour, {eq} {items} are made.",
                "So {eq} {items} are produced each hour.",
            ),
            step(
                "made",
                "hourly * hours",
                "In {hours} hours, this makes {eq} {items}.",
                "Over {hours} hours, that is {eq} {items}.",
                "The {hours} hours together give {eq} {items}.",
            ),
            step(
                "good",
                "made - rejects",
                "Without the faulty ones, {eq} {items} are left.",
                "Of these, {eq} {items} are good.",
                "{rejects} are thrown away, so {eq} {items} are packed.",
            ),
            step(
                "filled",
                "good / per",
                "They fill {eq} {box}.",
                "With {per} in each, that takes {eq} {box}.",
                "Packed {per} at a time, they need {eq} {box}.",
            ),
        ),
        (
            step(
                "time",
                "hours * 60",
                "The work lasts {eq} minutes.",
                "{hours:W} hours are {eq} minutes.",
            ),
            step(
                "rounds",
                "time / gap",
                "In this time there are {eq} rounds.",
                "At one round every {gap} minutes, that makes {eq} rounds.",
            ),
            step(
                "made",
                "batch * rounds",
                "All rounds together give {eq} {items}.",
                "So {eq} {items} are produced.",
            ),
            step(
                "good",
                "made - rejects",
                "Taking off the faulty ones leaves {eq} {items}.",
                "The good {items} number {eq}.",
            ),
            step(
                "filled",
                "good / per",
                "These go into {eq} {box}.",
                "The number of {box} is {eq}.",
            ),
        ),
    ),
    mistakes=(
        mistake(
            UNITS,
            "times",
            "100 / gap",
            "an hour has 60 minutes, not 100",
            "An hour has {eq} periods of {gap} minutes.",
            "In an hour, this happens {eq} times.",
        ),
        mistake(
            MISREADING,
            "hourly",
            "batch * 60",
            "{batch} {items} are made every {gap} minutes, not every minute",
            "In one hour, {eq} {items} are made.",
            "That gives {eq} {items} an hour.",
            without="times",
        ),
        mistake(
            MISSING,
            "good",
            "hourly - rejects",
            "{hourly} {items} are made in a single hour, and there are {hours} hours",
            "Without the faulty ones, {eq} {items} are left.",
            without="made",
        ),
        mistake(
            MISSING,
            "filled",
            "made / per",
            "the {rejects} faulty {items} have to be taken off before packing",
            "They fill {eq} {box}.",
            "With {per} in each, that takes {eq} {box}.",
            without="good",
        ),
        mistake(
            CONCEPT,
            "hourly",
            "batch * gap",
            "{gap} is the number of minutes a round takes, not the number of rounds in an hour",
            "In one hour, {eq} {items} are made.",
            without="times",
        ),
        mistake(
            FORMULA,
            "filled",
            "good * per",
            "the number of {box} is found by dividing the {items} by {per}, not by multiplying",
            "They fill {eq} {box}.",
        ),
    ),
    bounds={"filled": (5, 150)},
)
