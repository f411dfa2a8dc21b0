"""Stories about covering a floor but for a part of it."""

from lemma_hf.world.stories._template import CONCEPT, FORMULA, MISREADING, MISSING, Template, mistake, step

FLOOR = Template(
    name="floor",
    scenes=(
        (
            {"room": "living room", "thing": "fireplace", "cover": "wooden boards", "packs": "packs", "pack": "pack"},
            {"room": "classroom", "thing": "stage", "cover": "carpet tiles", "packs": "boxes", "pack": "box"},
            {"room": "workshop", "thing": "workbench", "cover": "rubber mats", "packs": "bundles", "pack": "bundle"},
            {"room": "kitchen", "thing": "pantry", "cover": "floor tiles", "packs": "boxes", "pack": "box"},
        ),
    ),
    given={
        "length": range(6, 15),
        "width": range(5, 12),
        "long": range(2, 5),
        "wide": range(2, 4),
        "area": (2, 3, 4, 5, 6),
        "price": range(18, 61),
    },
    questions=(
        "The floor of a {room} is {length} meters long and {width} meters wide. {A} covers it with {cover}, except "
        "for a rectangle of {long} meters by {wide} meters where the {thing} stands. One {pack} of {cover} is enough "
        "for {area} square meters and costs {price}. How much do the {cover} cost?",
        "{A} lays {cover} in a rectangular {room} of {length} by {width} meters. A {thing}, {long} meters long and "
        "{wide} meters wide, stays uncovered. Each {pack} covers {area} square meters and has a price of {price}. "
        "What does {A} pay for the {cover}?",
    ),
    routes=(
        (
            step(
                "whole",
                "length * width",
                "The {room} has an area of {eq} square meters.",
                "The whole floor measures {eq} square meters.",
                "The area of the floor is {eq} square meters.",
            ),
            step(
                "blocked",
                "long * wide",
                "The {thing} takes up {eq} square meters.",
                "The part that stays uncovered is {eq} square meters.",
                "Under the {thing} there are {eq} square meters.",
            ),
            step(
                "open",
                "whole - blocked",
                "So {eq} square meters are covered.",
                "That leaves {eq} square meters to cover.",
                "{A} has to cover {eq} square meters.",
            ),
            step(
                "packs_needed",
                "open / area",
                "This takes {eq} {packs}.",
                "With {area} square meters in a {pack}, {A} needs {eq} {packs}.",
                "The number of {packs} is {eq}.",
            ),
            step(
                "cost",
                "packs_needed * price",
                "At {price} each, they cost {eq}.",
                "So the {cover} cost {eq}.",
                "{A} pays {eq} for {packs_needed} {packs}.",
            ),
        ),
    ),
    mistakes=(
        mistake(
            FORMULA,
            "whole",
            "2 * (length + width)",
            "covering a floor takes its area, and this is the perimeter",
            "The {room} has an area of {eq} square meters.",
            "The area of the floor is {eq} square meters.",
        ),
        mistake(
            FORMULA,
            "blocked",
            "long + wide",
            "the area under the {thing} is the length times the width, not their sum",
            "The {thing} takes up {eq} square meters.",
        ),
        mistake(
            MISSING,
            "packs_needed",
            "whole / area",
            "the {blocked} square meters under the {thing} have to be taken off first",
            "This takes {eq} {packs}.",
            "The number of {packs} is {eq}.",
            without="blocked open",
        ),
        mistake(
            MISREADING,
            "cost",
            "open * price",
            "{price} is the price of a {pack} for {area} square meters, not of one square meter",
            "At {price} each, the {open} square meters cost {eq}.",
            without="packs_needed",
        ),
        mistake(
            CONCEPT,
            "open",
            "whole + blocked",
            "the place of the {thing} lies inside the {room} and stays uncovered, so it is subtracted",
            "So {eq} square meters are covered.",
            "{A} has to cover {eq} square meters.",
        ),
        mistake(
            MISREADING,
            "open",
            "whole - long - wide",
            "{long} and {wide} are the sides of a rectangle, and it is its area that stays uncovered",
            "That leaves {eq} square meters to cover.",
            without="blocked",
        ),
    ),
    money=frozenset({"price", "cost"}),
    bounds={"open": (20, 150), "packs_needed": (6, 50)},
)
