"""Stories about a journey at two speeds."""

from lemma_hf.world.stories._template import CONCEPT, FORMULA, MISREADING, MISSING, Template, mistake, step

TRIP = Template(
    name="trip",
    scenes=(
        (
            {
                "goes": "drives",
                "way": "on the highway",
                "other": "on country roads",
                "fast": range(50, 76, 5),
                "slow": range(20, 46, 5),
            },
            {
                "goes": "rides a motorcycle",
                "way": "along the coast",
                "other": "in the hills",
                "fast": range(40, 66, 5),
                "slow": range(15, 36, 5),
            },
            {"goes": "cycles", "way": "on flat ground", "other": "uphill", "fast": range(12, 21), "slow": range(5, 11)},
        ),
    ),
    given={"one": range(2, 7), "two": range(2, 6)},
    questions=(
        "{A} {goes} for {one:w} hours {way} at {fast} miles an hour and then for {two:w} hours {other} at {slow} "
        "miles an hour. What is {hers} average speed over the whole trip, in miles an hour?",
        "For the first {one:w} hours of a tour, {A} {goes} {way} and covers {fast} miles an hour. In the {two:w} "
        "hours after that, {other}, {she} covers only {slow} miles an hour. How many miles an hour is {hers} average?",
        "On a long day, {A} {goes} {way} at {fast} miles an hour, which takes {one:w} hours, and {other} at {slow} "
        "miles an hour, which takes another {two:w} hours. Find the average speed of the whole trip in miles an hour.",
    ),
    routes=(
        (
            step(
                "leg",
                "fast * one",
                "The first part is {eq} miles long.",
                "In the first {one:w} hours, {A} covers {eq} miles.",
                "{one:W} hours at {fast} miles an hour are {eq} miles.",
            ),
            step(
                "other_leg",
                "slow * two",
                "The second part is {eq} miles long.",
                "In the next {two:w} hours, {she} covers {eq} miles.",
                "{two:W} hours at {slow} miles an hour are {eq} miles.",
            ),
            step(
                "distance",
                "leg + other_leg",
                "The whole trip is {eq} miles long.",
                "Together these are {eq} miles.",
                "In all, {A} travels {eq} miles.",
            ),
            step(
                "time",
                "one + two",
                "It takes {eq} hours.",
                "The trip lasts {eq} hours.",
                "The time for both parts is {eq} hours.",
            ),
            step(
                "average",
                "distance / time",
                "So the average speed is {eq} miles an hour.",
                "{distance} miles in {time} hours are {eq} miles an hour.",
                "On average, {she} covers {eq} miles an hour.",
            ),
        ),
        (
            step("time", "one + two", "{A} travels for {eq} hours.", "Both parts together last {eq} hours."),
            step(
                "leg",
                "fast * one",
                "At the higher speed, {she} covers {eq} miles.",
                "The faster part covers {eq} miles.",
            ),
            step(
                "other_leg",
                "slow * two",
                "At the lower speed, {she} adds {eq} miles.",
                "The slower part covers {eq} miles.",
            ),
            step(
                "distance", "leg + other_leg", "That is a distance of {eq} miles.", "The total distance is {eq} miles."
            ),
            step(
                "average",
                "distance / time",
                "Divided by the time, this gives {eq} miles an hour.",
                "The average is {eq} miles an hour.",
            ),
        ),
    ),
    mistakes=(
        mistake(
            FORMULA,
            "average",
            "(fast + slow) / 2",
            "the two speeds last for different times, so the average speed is the distance divided by the time",
            "So the average speed is {eq} miles an hour.",
            "On average, {she} covers {eq} miles an hour.",
            without="time",
        ),
        mistake(
            FORMULA,
            "leg",
            "fast / one",
            "a distance is the speed times the time, not divided by it",
            "The first part is {eq} miles long.",
        ),
        mistake(
            MISSING,
            "average",
            "distance / two",
            "the {one:w} hours of the first part belong to the time as well",
            "So the average speed is {eq} miles an hour.",
            without="time",
        ),
        mistake(
            MISSING,
            "distance",
            "leg + slow",
            "the length of the second part has to be found first; {slow} is only the speed there",
            "The whole trip is {eq} miles long.",
            "Together these are {eq} miles.",
            without="other_leg",
        ),
        mistake(
            CONCEPT,
            "average",
            "distance / 2",
            "an average speed is the distance for each hour, not for each part of the trip",
            "The trip has two parts, so the average is {eq} miles an hour.",
            without="time",
        ),
        mistake(
            MISREADING,
            "other_leg",
            "slow * (one + two)",
            "the slow part takes only {two:w} hours, not the whole time",
            "The second part is {eq} miles long.",
        ),
    ),
    decimals=frozenset({"average"}),
)
