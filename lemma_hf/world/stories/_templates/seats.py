"""Stories about seats in a hall, some free and the others sold."""

from lemma_hf.world.stories._template import CONCEPT, COUNTING, FORMULA, MISREADING, MISSING, Template, mistake, step

SEATS = Template(
    name="seats",
    scenes=(
        (
            {"event": "a concert", "hall": "concert hall", "holders": "club members"},
            {"event": "a play", "hall": "theater", "holders": "sponsors"},
            {"event": "a film night", "hall": "cinema", "holders": "students"},
            {"event": "a handball match", "hall": "sports hall", "holders": "the guest team's fans"},
        ),
    ),
    given={
        "first": range(3, 13),
        "last": range(10, 32),
        "width": range(12, 41, 2),
        "rate": (10, 15, 20, 25, 30, 40),
        "price": range(8, 36),
    },
    questions=(
        "For {event}, the {hall} sells the seats in rows {first} through {last}. Each row has {width} seats. {rate}% "
        "of these seats are given free to {holders}, and all the others are sold for {price} each. How much money do "
        "the sold seats bring in?",
        "{A} manages the ticket office for {event}. The block {she} looks after begins with row {first} and ends with "
        "row {last}, with {width} seats in every row. {She} gives {rate}% of the seats to {holders} at no charge and "
        "sells the rest at {price} a seat. What is the income?",
        "At {event}, rows {first} to {last} of the {hall} (both of these rows included) are open, and a row has "
        "{width} seats. If {rate}% of the seats go to {holders} for free and the remaining ones are sold at {price} a "
        "ticket, how many dollars do the tickets bring?",
    ),
    routes=(
        (
            step(
                "rows",
                "last - first + 1",
                "From row {first} to row {last} there are {eq} rows.",
                "Counting both end rows, there are {eq} rows.",
                "The number of rows is {eq}.",
            ),
            step(
                "seats",
                "rows * width",
                "They have {eq} seats.",
                "{rows:W} rows of {width} seats are {eq} seats.",
                "With {width} seats a row, that makes {eq} seats.",
            ),
            step(
                "free",
                "seats * rate / 100",
                "Of these, {eq} seats are free.",
                "{rate}% of {seats} is {eq}, so this many seats go to {holders}.",
                "The free seats number {eq}.",
            ),
            step(
                "sold",
                "seats - free",
                "That leaves {eq} seats to sell.",
                "So {eq} seats are sold.",
                "The others, {eq} seats, are sold.",
            ),
            step(
                "income",
                "sold * price",
                "At {price} each, they bring in {eq}.",
                "The income is {eq}.",
                "Selling {sold} seats at {price} gives {eq}.",
            ),
        ),
        (
            step(
                "rows",
                "last - first + 1",
                "First count the rows: {eq}.",
                "There are {eq} rows to begin with.",
            ),
            step(
                "seats",
                "rows * width",
                "In these rows there are {eq} seats.",
                "That gives {eq} seats altogether.",
            ),
            step(
                "sold_rate",
                "100 - rate",
                "The part that is sold is {eq} percent.",
                "{eq} percent of the seats are sold.",
            ),
            step(
                "sold",
                "seats * sold_rate / 100",
                "{sold_rate}% of {seats} seats is {eq} seats.",
                "So the number of seats sold is {eq}.",
            ),
            step(
                "income",
                "sold * price",
                "For {price} each, these seats earn {eq}.",
                "So the money from the seats is {eq}.",
            ),
        ),
    ),
    mistakes=(
        mistake(
            COUNTING,
            "rows",
            "last - first",
            "row {first} and row {last} both count, so there is one row more",
            "From row {first} to row {last} there are {eq} rows.",
            "The number of rows is {eq}.",
        ),
        mistake(
            CONCEPT,
            "income",
            "free * price",
            "{free} is the number of free seats, and only the others are sold",
            "At {price} each, the {free} seats bring in {eq}.",
            "The income is {eq}.",
            without="sold",
        ),
        mistake(
            MISSING,
            "income",
            "seats * price",
            "the free seats have to be taken off first, because they bring in no money",
            "At {price} each, the {seats} seats bring in {eq}.",
            "The income is {eq}.",
            without="free sold",
        ),
        mistake(
            FORMULA,
            "sold",
            "seats - rate",
            "{rate}% of the seats is a share of them and not {rate} seats",
            "With {rate} seats given away, {eq} seats are sold.",
            "That leaves {eq} seats to sell.",
            without="free",
        ),
        mistake(
            FORMULA,
            "seats",
            "rows + width",
            "the seats are the rows times the seats in a row, not the sum of the two",
            "They have {eq} seats.",
        ),
        mistake(
            MISREADING,
            "sold",
            "seats + free",
            "the free seats are some of the {seats} seats, not further ones",
            "Together with the free ones, there are {eq} seats.",
        ),
        mistake(
            MISREADING,
            "seats",
            "last * width",
            "the seats in question begin with row {first}, not with the first row",
            "{last} rows of {width} seats are {eq} seats.",
            without="rows",
        ),
    ),
    money=frozenset({"price", "income"}),
    bounds={"rows": (4, 25)},
)
