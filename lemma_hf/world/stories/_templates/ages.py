"""Stories about the ages of three people, now and later."""

from lemma_hf.world.stories._template import CONCEPT, COUNTING, FORMULA, MISREADING, MISSING, Template, mistake, step

AGES = Template(
    name="ages",
    scenes=(
        (
            {"old": "grandmother", "mid": "uncle"},
            {"old": "father", "mid": "aunt"},
            {"old": "neighbor", "mid": "music teacher"},
            {"old": "grandfather", "mid": "mother"},
        ),
    ),
    given={"age": range(7, 17), "k": (3, 4, 5), "younger": range(6, 25), "later": range(3, 13)},
    questions=(
        "{A} is {age} years old. {Hers} {old} is {k:times} as old as {A}, and {hers} {mid} is {younger} years younger "
        "than the {old}. What will be the sum of the three ages in {later} years?",
        "{A}'s {old} is {k:times} as old as {A}, who is {age}. {A}'s {mid} is {younger} years younger than the {old}. "
        "If all three ages are added up {later} years from now, what is the result?",
        "At {age}, {A} is the youngest of three people. {Hers} {old} is {k:times} as old as {she} is, while {hers} "
        "{mid} is {younger} years younger than the {old}. How old will the three be altogether in {later} years?",
    ),
    routes=(
        (
            step(
                "old_age",
                "age * k",
                "The {old} is {eq} years old.",
                "{Hers} {old} is {eq} years old.",
                "{k:W} times {A}'s age is {eq}, so this is how old the {old} is.",
            ),
            step(
                "mid_age",
                "old_age - younger",
                "The {mid} is {eq} years old.",
                "{A}'s {mid} is {eq} years old.",
                "The {mid} is {younger} years younger, so {eq} years old.",
            ),
            step(
                "sum",
                "age + old_age + mid_age",
                "Today the three ages add up to {eq}.",
                "Together they are now {eq} years old.",
                "The sum of the ages is {eq} at the moment.",
            ),
            step(
                "gain",
                "3 * later",
                "In {later} years each of the three is {later} years older, which adds {eq} years.",
                "Three people each gain {later} years, so together they gain {eq} years.",
                "The sum grows by {eq} years.",
            ),
            step(
                "then",
                "sum + gain",
                "Then the sum of the ages is {eq}.",
                "So the three will be {eq} years old altogether.",
                "In {later} years the ages add up to {eq}.",
            ),
        ),
    ),
    mistakes=(
        mistake(
            CONCEPT,
            "old_age",
            "age + k",
            "{k:times} as old means multiplying the age by {k}, not adding {k} years",
            "The {old} is {eq} years old.",
            "{Hers} {old} is {eq} years old.",
        ),
        mistake(
            CONCEPT,
            "mid_age",
            "old_age + younger",
            "the {mid} is younger than the {old}, so the years are subtracted",
            "The {mid} is {eq} years old.",
            "{A}'s {mid} is {eq} years old.",
        ),
        mistake(
            COUNTING,
            "gain",
            "2 * later",
            "there are three people who get older: {A}, the {old} and the {mid}",
            "Together they gain {eq} years.",
            "The sum grows by {eq} years.",
        ),
        mistake(
            MISREADING,
            "then",
            "sum + later",
            "all three people get {later} years older, not just one of them",
            "Then the sum of the ages is {eq}.",
            "In {later} years the ages add up to {eq}.",
            without="gain",
        ),
        mistake(
            MISREADING,
            "mid_age",
            "age + younger",
            "the {mid} is compared with the {old}, not with {A}",
            "The {mid} is {eq} years old.",
        ),
        mistake(
            MISSING,
            "sum",
            "age + old_age",
            "the age of the {mid} is missing from the sum",
            "Today the ages add up to {eq}.",
            "Together they are now {eq} years old.",
            without="mid_age",
        ),
        mistake(
            FORMULA,
            "then",
            "sum * later",
            "growing older adds years, it does not multiply them",
            "Then the sum of the ages is {eq}.",
            "In {later} years the ages add up to {eq}.",
            without="gain",
        ),
    ),
    bounds={"old_age": (30, 80), "mid_age": (22, 70)},
)
