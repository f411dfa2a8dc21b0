"""Stories about a recipe for more people than it was written for."""

from lemma_hf.world.stories._template import (
    CONCEPT,
    COUNTING,
    FORMULA,
    MISREADING,
    MISSING,
    UNITS,
    Template,
    mistake,
    step,
)

RECIPE = Template(
    name="recipe",
    scenes=(
        (
            {"dish": "pancakes", "stuff": "flour", "price": ("1.20", "1.50", "1.60", "2.40")},
            {"dish": "porridge", "stuff": "oatmeal", "price": ("2.50", "2.80", "3.20", "3.50")},
            {"dish": "risotto", "stuff": "rice", "price": ("2.50", "3", "3.50", "4.20")},
            {"dish": "cheese fondue", "stuff": "cheese", "price": ("9", "10.50", "12", "14")},
        ),
    ),
    given={"serves": (3, 4, 5, 6, 8), "grams": range(180, 901, 10), "guests": range(12, 61)},
    questions=(
        "A recipe for {dish} needs {grams} grams of {stuff} for {serves} people. {A} follows it to cook for {guests} "
        "people. A kilogram of {stuff} costs {price}. How many dollars does the {stuff} for the meal cost?",
        "{A} makes {dish} for {guests} people. In the cookbook, the recipe is meant for {serves} people and takes "
        "{grams} grams of {stuff}. What does the {stuff} for the whole meal cost, in dollars, at {price} a kilogram?",
    ),
    routes=(
        (
            step(
                "share",
                "grams / serves",
                "One person needs {eq} grams of {stuff}.",
                "For each person the recipe takes {eq} grams.",
                "A single serving has {eq} grams of {stuff}.",
            ),
            step(
                "need",
                "share * guests",
                "{guests} people need {eq} grams.",
                "For {guests} people, that makes {eq} grams of {stuff}.",
                "So {A} needs {eq} grams.",
            ),
            step(
                "kilos",
                "need / 1000",
                "In kilograms, this is {eq}.",
                "A kilogram has 1000 grams, so {A} needs {eq} kilograms.",
                "That is {eq} kilograms of {stuff}.",
            ),
            step(
                "cost",
                "kilos * price",
                "At {price} a kilogram, the {stuff} costs {eq}.",
                "So {A} pays {eq}.",
                "The cost is {eq}.",
            ),
        ),
    ),
    mistakes=(
        mistake(
            UNITS,
            "kilos",
            "need / 100",
            "a kilogram has 1000 grams, not 100",
            "In kilograms, this is {eq}.",
            "That is {eq} kilograms of {stuff}.",
        ),
        mistake(
            FORMULA,
            "need",
            "grams + (guests - serves)",
            "the amount grows in proportion to the people, not by one gram for each further person",
            "{guests} people need {eq} grams.",
            "So {A} needs {eq} grams.",
            without="share",
        ),
        mistake(
            MISSING,
            "need",
            "grams * guests",
            "{grams} grams are for {serves} people, so the amount for one person has to be found first",
            "{guests} people need {eq} grams.",
            "For {guests} people, that makes {eq} grams of {stuff}.",
            without="share",
        ),
        mistake(
            MISREADING,
            "kilos",
            "grams / 1000",
            "{A} cooks for {guests} people, not for the {serves} of the recipe",
            "In kilograms, the {stuff} is {eq}.",
            without="share need",
        ),
        mistake(
            CONCEPT,
            "share",
            "grams * serves",
            "the {grams} grams are for all {serves} people together, so one person needs a part of them",
            "One person needs {eq} grams of {stuff}.",
            "For each person the recipe takes {eq} grams.",
        ),
        mistake(
            COUNTING,
            "need",
            "share * (guests + 1)",
            "{A} cooks for {guests} people in all, not for one more",
            "With {A}, there are more people to feed, so {eq} grams are needed.",
        ),
    ),
    money=frozenset({"price", "cost"}),
    decimals=frozenset({"price", "kilos", "cost"}),
    bounds={"share": (30, 160)},
)
