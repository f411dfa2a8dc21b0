"""Stories about paying back a loan with simple interest."""

from lemma_hf.world.stories._template import CONCEPT, FORMULA, MISREADING, MISSING, Template, mistake, step

INTEREST = Template(
    name="interest",
    scenes=(
        (
            {"lender": "a credit union", "purpose": "a motorbike"},
            {"lender": "an aunt", "purpose": "a kitchen"},
            {"lender": "a bank", "purpose": "a small workshop"},
            {"lender": "a bank", "purpose": "a training course"},
        ),
    ),
    given={
        "loan": range(800, 6001, 100),
        "rate": (3, 4, 5, 6, 8),
        "years": range(2, 7),
        "parts": (12, 20, 24, 30, 36, 40, 48),
    },
    questions=(
        "{A} borrows {loan} from {lender} to pay for {purpose}. Each year simple interest of {rate}% of the borrowed "
        "amount is added, for {years:w} years. {She} pays back the loan and all of the interest in {parts} equal "
        "payments. How much is one payment?",
        "For {purpose}, {A} takes out a loan of {loan} at {rate}% simple interest a year over {years:w} years. Loan "
        "and interest together are paid back in {parts} equal installments. What does {A} pay in each installment?",
        "To buy what {she} needs for {purpose}, {A} borrows {loan} from {lender}. The yearly interest is {rate}% of "
        "the {loan} (simple interest), and the loan runs for {years:w} years. If {A} returns the whole debt in "
        "{parts} equal payments, how large is every payment?",
    ),
    routes=(
        (
            step(
                "yearly",
                "loan * rate / 100",
                "The interest for one year is {eq}.",
                "{rate}% of {loan} is {eq}, which is the interest of a year.",
                "Every year, {eq} of interest is added.",
            ),
            step(
                "interest",
                "yearly * years",
                "Over {years:w} years, the interest comes to {eq}.",
                "In {years:w} years this makes {eq}.",
                "{years:W} years of interest come to {eq}.",
            ),
            step(
                "debt",
                "loan + interest",
                "Loan and interest together are {eq}.",
                "So {A} has to pay back {eq}.",
                "With the interest, the debt is {eq}.",
            ),
            step(
                "payment",
                "debt / parts",
                "Each of the {parts} payments is {eq}.",
                "Split into {parts} equal payments, this is {eq} each.",
                "One payment is {eq}.",
            ),
        ),
        (
            step(
                "percent",
                "rate * years",
                "In {years:w} years the simple interest adds up to {eq} percent of the loan.",
                "{years:W} years at {rate}% a year make {eq} percent.",
            ),
            step(
                "interest",
                "loan * percent / 100",
                "That is {eq} of interest.",
                "{percent}% of {loan} is {eq}.",
            ),
            step(
                "debt",
                "loan + interest",
                "{A} owes {eq} in all.",
                "Added to the loan, that makes {eq}.",
            ),
            step(
                "payment",
                "debt / parts",
                "Divided into {parts} payments, each one is {eq}.",
                "So every payment is {eq}.",
            ),
        ),
    ),
    mistakes=(
        mistake(
            FORMULA,
            "yearly",
            "loan * rate",
            "a percentage is a part of a hundred, so the product has to be divided by 100",
            "The interest for one year is {eq}.",
        ),
        mistake(
            FORMULA,
            "yearly",
            "loan / rate",
            "{rate}% of an amount is {rate} hundredths of it, not the amount divided by {rate}",
            "The interest for one year is {eq}.",
            "Every year, {eq} of interest is added.",
        ),
        mistake(
            MISSING,
            "debt",
            "loan + yearly",
            "{yearly} is the interest of one year only, and the loan runs for {years:w} years",
            "Loan and interest together are {eq}.",
            "So {A} has to pay back {eq}.",
            without="interest",
        ),
        mistake(
            MISREADING,
            "payment",
            "interest / parts",
            "the loan has to be paid back too, not only the interest",
            "Each of the {parts} payments is {eq}.",
            "One payment is {eq}.",
            without="debt",
        ),
        mistake(
            CONCEPT,
            "debt",
            "loan - interest",
            "interest is paid on top of a loan, so it makes the debt larger",
            "Without the interest, {A} has to pay back {eq}.",
            "So {A} has to pay back {eq}.",
        ),
        mistake(
            MISREADING,
            "payment",
            "debt / years",
            "there are {parts} payments, not one for each year",
            "One payment is {eq}.",
            "Split over {years:w} years, this is {eq} each.",
        ),
    ),
    money=frozenset(["loan", "yearly", "interest", "debt", "payment"]),
    decimals=frozenset(["payment"]),
    bounds={"payment": (20, 600)},
)
