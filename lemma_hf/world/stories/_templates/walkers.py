"""Stories about two people who move apart."""

from lemma_hf.world.stories._template import CONCEPT, FORMULA, MISREADING, MISSING, Template, mistake, step

WALKERS = Template(
    name="walkers",
    scenes=(
        (
            {
                "move": "walk",
                "moves": "walks",
                "start": "the same bus stop",
                "fast": range(70, 101),
                "slow": range(45, 70),
            },
            {
                "move": "jog",
                "moves": "jogs",
                "start": "the same fountain",
                "fast": range(140, 191, 2),
                "slow": range(100, 140, 2),
            },
            {
                "move": "cycle",
                "moves": "cycles",
                "start": "the same crossroads",
                "fast": range(240, 331, 5),
                "slow": range(160, 240, 5),
            },
        ),
    ),
    given={"minutes": range(8, 46)},
    questions=(
        "{A} and {B} start at {start} and {move} in opposite directions on a straight road. {A} {moves} {fast} meters "
        "a minute and {B} {moves} {slow} meters a minute. How many meters apart are they after {minutes} minutes?",
        "From {start}, {A} {moves} east at {fast} meters a minute while {B} {moves} west at {slow} meters a minute. "
        "What is the distance between them, in meters, after {minutes} minutes?",
        "{A} and {B} say goodbye at {start}. Then {A} {moves} one way along the road, {fast} meters every minute, and "
        "{B} {moves} the other way, {slow} meters every minute. How far apart are the two after {minutes} minutes, in "
        "meters?",
    ),
    routes=(
        (
            step(
                "far",
                "fast * minutes",
                "In {minutes} minutes, {A} {moves} {eq} meters.",
                "{A} covers {eq} meters.",
                "{A}'s distance from the start is {eq} meters.",
            ),
            step(
                "near",
                "slow * minutes",
                "In the same time, {B} {moves} {eq} meters.",
                "{B} covers {eq} meters.",
                "{B}'s distance from the start is {eq} meters.",
            ),
            step(
                "apart",
                "far + near",
                "So the distance between them is {eq} meters.",
                "Since they go in opposite directions, they are {eq} meters apart.",
                "Both distances together are {eq} meters.",
            ),
        ),
        (
            step(
                "speed",
                "fast + slow",
                "Every minute, the distance between them grows by {eq} meters.",
                "They move apart by {eq} meters a minute.",
            ),
            step(
                "apart",
                "speed * minutes",
                "After {minutes} minutes, that makes {eq} meters.",
                "In {minutes} minutes, the distance becomes {eq} meters.",
            ),
        ),
    ),
    mistakes=(
        mistake(
            CONCEPT,
            "apart",
            "far - near",
            "they go in opposite directions, so the two distances are added",
            "So the distance between them is {eq} meters.",
            "They are {eq} meters apart.",
        ),
        mistake(
            MISREADING,
            "near",
            "slow * 60",
            "both of them go for {minutes} minutes, not for an hour",
            "In an hour, {B} {moves} {eq} meters.",
        ),
        mistake(
            MISSING,
            "apart",
            "far + slow",
            "{slow} meters is only what {B} covers in one minute, so the whole distance of {B} has to be found first",
            "So the distance between them is {eq} meters.",
            without="near",
        ),
        mistake(
            FORMULA,
            "far",
            "fast + minutes",
            "a distance is the speed times the time, not their sum",
            "In {minutes} minutes, {A} {moves} {eq} meters.",
            "{A}'s distance from the start is {eq} meters.",
        ),
        mistake(
            FORMULA,
            "apart",
            "(far + near) / 2",
            "the distance between them is the sum of both distances, not their average",
            "So the distance between them is {eq} meters.",
        ),
    ),
)
