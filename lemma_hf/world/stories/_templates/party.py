"""Stories about food for a party."""

from lemma_hf.world.stories._template import CONCEPT, COUNTING, FORMULA, MISREADING, MISSING, Template, mistake, step

PARTY = Template(
    name="party",
    scenes=(
        (
            {
                "food": "pizza",
                "dish": "pizza",
                "dishes": "pizzas",
                "pieces": "slices",
                "each": (6, 8, 10, 12),
                "price": range(9, 20),
            },
            {
                "food": "cake",
                "dish": "cake",
                "dishes": "cakes",
                "pieces": "slices",
                "each": (8, 10, 12),
                "price": range(12, 29),
            },
            {
                "food": "sushi",
                "dish": "tray",
                "dishes": "trays",
                "pieces": "pieces",
                "each": (12, 16, 20, 24),
                "price": range(11, 27),
            },
        ),
        ({"guests": "friends"}, {"guests": "classmates"}, {"guests": "teammates"}, {"guests": "coworkers"}),
    ),
    given={"friends": range(5, 32), "eat": range(2, 6), "voucher": range(5, 26, 5)},
    questions=(
        "{A} invites {friends} {guests} to a party. {A} and every guest will eat {eat:w} {pieces} of {food}. Each "
        "{dish} has {each} {pieces} and costs {price}. {A} has a voucher for {voucher} off the whole order. How much "
        "does {she} pay for exactly as many {dishes} as are needed?",
        "For a party with {friends} {guests}, {A} orders {food}. Everyone, {A} included, is to get {eat:w} {pieces}, "
        "and one {dish} gives {each} {pieces} and costs {price}. With a voucher, {voucher} is taken off the bill. "
        "What does {A} pay if nothing is left over?",
        "{A} has a party for {herself} and {friends} {guests}. All of them will have {eat:w} {pieces} of {food} each. "
        "A {dish} with {each} {pieces} costs {price}, and with a voucher {A} can take {voucher} off the total. How "
        "much money does {A} spend if the {food} is just enough?",
    ),
    routes=(
        (
            step(
                "people",
                "friends + 1",
                "With {A}, there are {eq} people.",
                "Counting {A} too, {eq} people eat.",
                "The {friends} {guests} and {A} are {eq} people.",
            ),
            step(
                "wanted",
                "people * eat",
                "They need {eq} {pieces}.",
                "At {eat:w} {pieces} each, that is {eq} {pieces}.",
                "{people} people eat {eq} {pieces}.",
            ),
            step(
                "number",
                "wanted / each",
                "So {A} orders {eq} {dishes}.",
                "With {each} {pieces} in a {dish}, {eq} {dishes} are needed.",
                "That is {eq} {dishes}.",
            ),
            step(
                "bill",
                "number * price",
                "At {price} each, the {dishes} cost {eq}.",
                "The {number} {dishes} cost {eq}.",
                "Before the voucher, the bill is {eq}.",
            ),
            step(
                "paid",
                "bill - voucher",
                "With the voucher, {A} pays {eq}.",
                "The voucher lowers the bill to {eq}.",
                "After {voucher} is taken off, {she} pays {eq}.",
            ),
        ),
    ),
    mistakes=(
        mistake(
            COUNTING,
            "wanted",
            "friends * eat",
            "{A} eats too, so there are {people} people and not {friends}",
            "The {friends} people need {eq} {pieces}.",
            "For {friends} people, that is {eq} {pieces}.",
            without="people",
        ),
        mistake(
            COUNTING,
            "people",
            "friends + 2",
            "{A} is only one more person, so there are {people} people",
            "Together with {A}, {eq} people eat.",
        ),
        mistake(
            MISSING,
            "bill",
            "people * price",
            "it has to be found first how many {pieces} and {dishes} the {people} people need",
            "At {price} each, the food costs {eq}.",
            without="wanted number",
        ),
        mistake(
            MISREADING,
            "bill",
            "wanted * price",
            "{price} is the price of a whole {dish} with {each} {pieces}",
            "At {price} each, the {pieces} cost {eq}.",
            "Before the voucher, the bill is {eq}.",
            without="number",
        ),
        mistake(
            CONCEPT,
            "paid",
            "bill + voucher",
            "a voucher lowers the bill",
            "With the voucher, {A} pays {eq}.",
        ),
        mistake(
            MISREADING,
            "paid",
            "bill - voucher * number",
            "the voucher takes {voucher} off the whole order, not off each {dish}",
            "With {voucher} off each {dish}, {A} pays {eq}.",
        ),
        mistake(
            FORMULA,
            "wanted",
            "people + eat",
            "the {pieces} for all are the people times the {pieces} of each, not their sum",
            "They need {eq} {pieces}.",
        ),
    ),
    money=frozenset(["price", "voucher", "bill", "paid"]),
    bounds={"number": (2, 16), "paid": (12, 300)},
)
