"""Stories about things in a row, with one at each end."""

from lemma_hf.world.stories._template import CONCEPT, COUNTING, FORMULA, MISREADING, MISSING, Template, mistake, step

LAMPS = Template(
    name="lamps",
    scenes=(
        (
            {"way": "park path", "items": "lamps", "item": "lamp", "price": range(60, 181, 5)},
            {"way": "village street", "items": "linden trees", "item": "tree", "price": range(35, 96)},
            {"way": "canal walk", "items": "benches", "item": "bench", "price": range(80, 201, 5)},
            {"way": "school driveway", "items": "flags", "item": "flag", "price": range(15, 46)},
        ),
    ),
    given={"length": range(60, 601, 10), "gap": (5, 6, 8, 10, 12, 15, 20), "old": range(4, 16)},
    questions=(
        "A {way} is {length} meters long. On each of its two sides, {items} will stand {gap} meters apart, from the "
        "very beginning to the very end. {old:W} of the {items} are there already. Each new {item} costs {price}. How "
        "much will the new {items} cost?",
        "The town puts {items} along both sides of a {way} of {length} meters, one at the start, one at the end, and "
        "one every {gap} meters in between. It has {old} {items} in store and buys the others for {price} each. What "
        "does the town pay?",
    ),
    routes=(
        (
            step(
                "gaps",
                "length / gap",
                "There are {eq} gaps on one side.",
                "{length} meters have room for {eq} gaps of {gap} meters.",
                "One side is divided into {eq} gaps.",
            ),
            step(
                "side",
                "gaps + 1",
                "With one at each end, a side has {eq} {items}.",
                "There is one {item} more than there are gaps, so {eq} {items} on a side.",
                "Each side therefore needs {eq} {items}.",
            ),
            step(
                "both",
                "side * 2",
                "The two sides need {eq} {items}.",
                "For both sides, that is {eq} {items}.",
                "Both sides together have {eq} {items}.",
            ),
            step(
                "new",
                "both - old",
                "Of these, {eq} {items} have to be bought.",
                "{old:W} are there already, so {eq} {items} are new.",
                "That means {eq} new {items}.",
            ),
            step(
                "cost",
                "new * price",
                "At {price} each, they cost {eq}.",
                "The new {items} cost {eq}.",
                "{new} {items} at {price} each come to {eq}.",
            ),
        ),
    ),
    mistakes=(
        mistake(
            COUNTING,
            "both",
            "gaps * 2",
            "with {gaps} gaps there are {side} {items} on a side, because one stands at each end",
            "The two sides need {eq} {items}.",
            "For both sides, that is {eq} {items}.",
            without="side",
        ),
        mistake(
            COUNTING,
            "side",
            "gaps - 1",
            "{items} stand at both ends, so there is one more than there are gaps",
            "Each side therefore needs {eq} {items}.",
        ),
        mistake(
            MISREADING,
            "new",
            "side - old",
            "the {items} stand on both sides of the {way}",
            "Of these, {eq} {items} have to be bought.",
            "That means {eq} new {items}.",
            without="both",
        ),
        mistake(
            MISSING,
            "cost",
            "both * price",
            "the {old} {items} that are there already need not be bought",
            "At {price} each, they cost {eq}.",
            "{both} {items} at {price} each come to {eq}.",
            without="new",
        ),
        mistake(
            CONCEPT,
            "new",
            "both + old",
            "the {old} {items} that are there already lower the number to be bought",
            "With the {old} others, {eq} {items} have to be bought.",
        ),
        mistake(
            FORMULA,
            "gaps",
            "length - gap",
            "the number of gaps is the length divided by the gap",
            "There are {eq} gaps on one side.",
        ),
    ),
    money=frozenset({"price", "cost"}),
    bounds={"gaps": (6, 42), "new": (6, 110)},
)
