"""Stories about a fence around a rectangle."""

from lemma_hf.world.stories._template import CONCEPT, COUNTING, FORMULA, MISREADING, MISSING, Template, mistake, step

FENCE = Template(
    name="fence",
    scenes=(
        (
            {"plot": "vegetable garden"},
            {"plot": "goat pasture"},
            {"plot": "playground"},
            {"plot": "dog park"},
        ),
    ),
    given={"length": range(14, 61), "width": range(8, 41), "gate": range(2, 6), "price": range(6, 25)},
    questions=(
        "A rectangular {plot} is {length} meters long and {width} meters wide. {A} puts a fence around it, but leaves "
        "an opening of {gate} meters for a gate. The fence costs {price} a meter. How much does {A} pay for the fence?",
        "{A} wants to fence in a {plot}. It is a rectangle with sides of {length} meters and {width} meters, and "
        "{gate} meters of its boundary stay open for the gate. What does the fence cost if one meter of it costs "
        "{price}?",
        "The {plot} that {A} looks after is a rectangle, {length} meters by {width} meters. A new fence at {price} a "
        "meter will go all the way around, except for a gate {gate} meters wide. What will the fence cost?",
    ),
    routes=(
        (
            step(
                "edge",
                "2 * (length + width)",
                "The boundary of the {plot} is {eq} meters long.",
                "All the way around it is {eq} meters.",
                "The perimeter of the rectangle is {eq} meters.",
            ),
            step(
                "fence",
                "edge - gate",
                "Without the gate, {eq} meters of fence are needed.",
                "{gate} meters stay open, so the fence is {eq} meters long.",
                "Leaving out the gate, this is {eq} meters of fence.",
            ),
            step(
                "cost",
                "fence * price",
                "At {price} a meter, the fence costs {eq}.",
                "So the cost is {eq}.",
                "{A} pays {eq}.",
            ),
        ),
        (
            step(
                "half",
                "length + width",
                "One long side and one short side are {eq} meters together.",
                "Two sides that meet at a corner have {eq} meters.",
            ),
            step(
                "edge",
                "half * 2",
                "All four sides are {eq} meters.",
                "Doubled, this gives {eq} meters.",
            ),
            step(
                "fence",
                "edge - gate",
                "The gate takes some of this, so {eq} meters remain for the fence.",
                "The fence itself is {eq} meters long.",
            ),
            step("cost", "fence * price", "This much fence costs {eq}.", "Its price is {eq}."),
        ),
    ),
    mistakes=(
        mistake(
            FORMULA,
            "edge",
            "length * width",
            "a fence goes around the {plot}, so the perimeter is needed, not the area",
            "All the way around it is {eq} meters.",
            "The perimeter of the rectangle is {eq} meters.",
        ),
        mistake(
            MISSING,
            "fence",
            "length + width - gate",
            "{length} and {width} are only two of the four sides of the {plot}",
            "Without the gate, {eq} meters of fence are needed.",
            "Leaving out the gate, this is {eq} meters of fence.",
            without="edge",
        ),
        mistake(
            COUNTING,
            "edge",
            "2 * length + width",
            "there are two sides of {width} meters, and only one of them has been counted",
            "The sides of the rectangle add up to {eq} meters.",
            "All the way around it is {eq} meters.",
        ),
        mistake(
            MISREADING,
            "cost",
            "edge * price",
            "no fence is needed for the {gate} meters of the gate",
            "At {price} a meter, the fence costs {eq}.",
            "{A} pays {eq}.",
            without="fence",
        ),
        mistake(
            CONCEPT,
            "fence",
            "edge + gate",
            "the gate is an opening, so it makes the fence shorter",
            "With the gate, {eq} meters of fence are needed.",
        ),
        mistake(
            CONCEPT,
            "edge",
            "4 * length",
            "a rectangle is no square: two of its sides are {width} meters long",
            "All four sides together are {eq} meters.",
        ),
    ),
    money=frozenset({"price", "cost"}),
    bounds={"cost": (200, 4000)},
)
