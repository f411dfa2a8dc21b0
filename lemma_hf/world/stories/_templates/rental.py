"""Stories about renting a car by the day and the mile."""

from lemma_hf.world.stories._template import CONCEPT, COUNTING, FORMULA, MISREADING, MISSING, Template, mistake, step

RENTAL = Template(
    name="rental",
    scenes=(
        (
            {"thing": "a car", "thing_short": "car", "fee": range(25, 61)},
            {"thing": "a small van", "thing_short": "van", "fee": range(35, 76)},
            {"thing": "a camper", "thing_short": "camper", "fee": range(60, 121, 5)},
        ),
        (
            {"month": "May"},
            {"month": "June"},
            {"month": "September"},
            {"month": "October"},
        ),
    ),
    given={
        "first": range(2, 15),
        "last": range(5, 24),
        "free": range(100, 401, 50),
        "driven": range(180, 901, 10),
        "rate": ("0.10", "0.20", "0.25", "0.30", "0.40", "0.50"),
    },
    questions=(
        "{A} rents {thing} from {month} {first} to {month} {last}, and both of these days are charged. The rent is "
        "{fee} a day and includes {free} miles in all; every mile beyond that costs {rate}. {A} drives {driven} "
        "miles. How much does {she} have to pay?",
        "A rental company asks {fee} a day for {thing}, plus {rate} for each mile over {free} miles. {A} has the "
        "{thing_short} from {month} {first} through {month} {last} (the first and the last day both count) and drives "
        "it {driven} miles. What is {hers} bill?",
        "{A} picks up {thing} on {month} {first} and gives it back on {month} {last}. Each day, the first and last "
        "included, costs {fee}. The first {free} miles are free, and further miles cost {rate} each. What does the "
        "rental cost if {she} drives {driven} miles?",
    ),
    routes=(
        (
            step(
                "days",
                "last - first + 1",
                "From {month} {first} to {month} {last}, both days included, there are {eq} days.",
                "{A} has the {thing_short} for {eq} days.",
                "Counting the first day and the last, the rental lasts {eq} days.",
            ),
            step(
                "rent",
                "days * fee",
                "The rent for {days} days is {eq}.",
                "At {fee} a day, this costs {eq}.",
                "{days:W} days at {fee} each come to {eq}.",
            ),
            step(
                "extra",
                "driven - free",
                "{She} drives {eq} miles more than the free miles.",
                "Of the {driven} miles, {eq} miles have to be paid for.",
                "Beyond the {free} free miles, {she} drives {eq} miles.",
            ),
            step(
                "charge",
                "extra * rate",
                "These extra miles cost {eq}.",
                "At {rate} a mile, that adds {eq}.",
                "The charge for {extra} extra miles is {eq}.",
            ),
            step(
                "total",
                "rent + charge",
                "Altogether {A} pays {eq}.",
                "So the whole bill is {eq}.",
                "Rent and extra miles together make {eq}.",
            ),
        ),
        (
            step(
                "extra",
                "driven - free",
                "Start with the miles: {eq} of them are not free.",
                "The miles over the limit are {eq}.",
            ),
            step(
                "charge",
                "extra * rate",
                "For these {she} pays {eq}.",
                "At {rate} each, they cost {eq}.",
            ),
            step(
                "days",
                "last - first + 1",
                "Now the days: with both ends counted, there are {eq} of them.",
                "The {thing_short} is rented for {eq} days, since the first and the last day count.",
            ),
            step(
                "rent",
                "days * fee",
                "The daily fees add up to {eq}.",
                "{days:W} days cost {eq}.",
            ),
            step(
                "total",
                "charge + rent",
                "The two parts together are {eq}.",
                "In total that is {eq}.",
            ),
        ),
    ),
    mistakes=(
        mistake(
            COUNTING,
            "days",
            "last - first",
            "both the first and the last day count, so one more day has to be added",
            "From {month} {first} to {month} {last} there are {eq} days.",
            "{A} has the {thing_short} for {eq} days.",
        ),
        mistake(
            MISREADING,
            "charge",
            "driven * rate",
            "only the miles beyond the first {free} have to be paid for",
            "The {driven} miles cost {eq}.",
            "At {rate} a mile, that adds {eq}.",
            without="extra",
        ),
        mistake(
            MISREADING,
            "total",
            "fee + charge",
            "{fee} is the rent for one day, and {A} has the {thing_short} for {days} days",
            "Altogether {A} pays {eq}.",
            "The daily fee and the extra miles together make {eq}.",
            without="rent",
        ),
        mistake(
            CONCEPT,
            "charge",
            "free * rate",
            "the {free} miles are the free ones; the charge is for the miles beyond them",
            "At {rate} a mile, the {free} miles add {eq}.",
        ),
        mistake(
            FORMULA,
            "rent",
            "fee + days",
            "the rent is the daily fee times the number of days, not their sum",
            "The rent for {days} days is {eq}.",
        ),
        mistake(
            MISSING,
            "total",
            "rent + extra",
            "{extra} is a number of miles, and what they cost has to be worked out first",
            "Altogether {A} pays {eq}.",
            "Rent and extra miles together make {eq}.",
            without="charge",
        ),
    ),
    money=frozenset(["fee", "rate", "rent", "charge", "total"]),
    decimals=frozenset(["rate", "charge", "total"]),
    bounds={"days": (3, 12), "extra": (30, 500)},
)
