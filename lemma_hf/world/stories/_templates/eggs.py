"""Stories about eggs laid, used and sold."""

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

EGGS = Template(
    name="eggs",
    scenes=(
        (
            {"animals": "hens"},
            {"animals": "ducks"},
        ),
        ({"market": "farm shop"}, {"market": "Saturday market"}, {"market": "corner store"}),
    ),
    given={"hens": range(12, 49), "used": range(3, 15), "price": range(3, 8), "feed": range(15, 61)},
    questions=(
        "{A} has {hens} {animals}, and each of them lays one egg a day. Each day {she} uses {used} eggs in {hers} own "
        "kitchen. At the end of a week, {she} sells all the other eggs of that week at the {market} for {price} a "
        "dozen. The feed for a week costs {feed}. What is {A}'s profit for the week?",
        "On {A}'s farm, {hens} {animals} lay one egg each every day. {used:W} eggs a day are eaten at home; the rest "
        "are collected for a week and then sold by the dozen to the {market}, {price} for a dozen. If {A} spends "
        "{feed} a week on feed, how much does {she} earn in a week after paying for the feed?",
    ),
    routes=(
        (
            step(
                "daily",
                "hens - used",
                "Each day, {eq} eggs are put aside for sale.",
                "{A} saves {eq} eggs a day.",
                "After the home use, {eq} eggs a day are left.",
            ),
            step(
                "weekly",
                "daily * 7",
                "In a week, that is {eq} eggs.",
                "Seven days give {eq} eggs.",
                "A week brings {eq} eggs to sell.",
            ),
            step(
                "dozens",
                "weekly / 12",
                "They make {eq} dozen.",
                "A dozen is 12 eggs, so this is {eq} dozen.",
                "Counted by the dozen, that is {eq} dozen.",
            ),
            step(
                "income",
                "dozens * price",
                "At {price} a dozen, {A} takes in {eq}.",
                "The {market} pays {eq} for them.",
                "The eggs bring in {eq}.",
            ),
            step(
                "profit",
                "income - feed",
                "After paying for the feed, {A} has {eq}.",
                "The profit is {eq}.",
                "The feed has to be paid, which leaves {eq}.",
            ),
        ),
        (
            step(
                "laid",
                "hens * 7",
                "In a week, the {animals} lay {eq} eggs.",
                "A week has seven days, so there are {eq} eggs.",
            ),
            step(
                "eaten",
                "used * 7",
                "In the same week, {eq} eggs are used at home.",
                "Of these, {eq} eggs stay at home.",
            ),
            step("weekly", "laid - eaten", "That leaves {eq} eggs to sell.", "So {A} can sell {eq} eggs."),
            step("dozens", "weekly / 12", "This is {eq} dozen.", "That makes {eq} dozen eggs."),
            step("income", "dozens * price", "Sold at {price} a dozen, they give {eq}.", "For these {A} gets {eq}."),
            step(
                "profit",
                "income - feed",
                "Less the feed, {eq} is left.",
                "Without the cost of the feed, {she} keeps {eq}.",
            ),
        ),
    ),
    mistakes=(
        mistake(
            UNITS,
            "dozens",
            "weekly / 10",
            "a dozen is 12 eggs, not 10",
            "They make {eq} dozen.",
        ),
        mistake(
            COUNTING,
            "weekly",
            "daily * 6",
            "a week has seven days, not six",
            "In a week, that is {eq} eggs.",
            "A week brings {eq} eggs to sell.",
        ),
        mistake(
            COUNTING,
            "weekly",
            "daily * 5",
            "the {animals} lay on all seven days of the week, not on five",
            "A week brings {eq} eggs to sell.",
        ),
        mistake(
            MISREADING,
            "weekly",
            "hens * 7 - used",
            "{used} eggs are used every day, not once a week",
            "In a week, {eq} eggs are left for sale.",
            without="daily",
        ),
        mistake(
            MISREADING,
            "income",
            "weekly * price",
            "{price} is the price of a dozen eggs, not of a single egg",
            "At {price} each, the eggs bring in {eq}.",
            without="dozens",
        ),
        mistake(
            MISSING,
            "income",
            "daily * price",
            "the eggs of the whole week have to be put together and counted in dozens first",
            "At {price} a dozen, {A} takes in {eq}.",
            "The {market} pays {eq} for the eggs.",
            without="weekly dozens",
        ),
        mistake(
            FORMULA,
            "dozens",
            "weekly * 12",
            "the number of dozens is the number of eggs divided by 12, not multiplied",
            "They make {eq} dozen.",
        ),
        mistake(
            CONCEPT,
            "profit",
            "income + feed",
            "the feed is a cost, so it lowers the profit",
            "Together with the feed, {A} has {eq}.",
            "The profit is {eq}.",
        ),
    ),
    money=frozenset(["price", "feed", "income", "profit"]),
    bounds={"profit": (8, 100)},
)
