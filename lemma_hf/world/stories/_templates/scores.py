"""Stories about the score that an average calls for."""

from lemma_hf.world.stories._template import CONCEPT, COUNTING, FORMULA, MISREADING, MISSING, Template, mistake, step

SCORES = Template(
    name="scores",
    scenes=(
        (
            {"test": "spelling test", "tests": "spelling tests"},
            {"test": "math quiz", "tests": "math quizzes"},
            {"test": "diving round", "tests": "diving rounds"},
            {"test": "geography test", "tests": "geography tests"},
        ),
    ),
    given={
        "one": range(61, 96),
        "two": range(61, 96),
        "three": range(61, 96),
        "four": range(61, 96),
        "goal": range(70, 94),
        "top": (100,),
    },
    questions=(
        "In {hers} {tests} so far, {A} has scored {one}, {two}, {three} and {four} points. There is one more {test} "
        "to come, with at most {top} points. How many of those points may {A} lose if {she} wants an average of "
        "exactly {goal} over all {tests}?",
        "{A}'s scores are {one}, {two}, {three} and {four}. After one further {test}, in which {top} is the best "
        "possible score, {she} wants the average of all {hers} {tests} to be {goal}. By how many points may {hers} "
        "last score stay below {top}?",
    ),
    routes=(
        (
            step(
                "have",
                "one + two + three + four",
                "So far, {A} has {eq} points.",
                "The scores until now add up to {eq} points.",
                "{A} has collected {eq} points.",
            ),
            step(
                "wanted",
                "goal * 5",
                "For an average of {goal} over five {tests}, {she} needs {eq} points in all.",
                "With the last one there are five {tests}, which calls for {eq} points.",
                "The five scores have to add up to {eq} points.",
            ),
            step(
                "need",
                "wanted - have",
                "So the last score has to be {eq} points.",
                "In the last {test}, {she} needs {eq} points.",
                "That leaves {eq} points for the last {test}.",
            ),
            step(
                "lose",
                "top - need",
                "{She} may lose {eq} points.",
                "This is {eq} points below {top}.",
                "Out of {top}, {eq} points may be lost.",
            ),
        ),
    ),
    mistakes=(
        mistake(
            COUNTING,
            "wanted",
            "goal * 4",
            "with the one to come there are five {tests}, not four",
            "For an average of {goal} over four {tests}, {she} needs {eq} points in all.",
            "The scores have to add up to {eq} points.",
        ),
        mistake(
            FORMULA,
            "need",
            "(have + goal) / 5",
            "the last score is the sum that is wanted less the points so far, not an average",
            "So the last score has to be {eq} points.",
            without="wanted",
        ),
        mistake(
            CONCEPT,
            "need",
            "2 * goal - have / 4",
            "the goal is an average of five scores, so the average so far counts four times and not once",
            "The average so far and the last score have to balance, so the last score is {eq} points.",
            without="wanted",
        ),
        mistake(
            MISREADING,
            "lose",
            "top - goal",
            "{goal} is the average {A} wants over all {tests}, not the score of the last one",
            "{She} may lose {eq} points.",
            "This is {eq} points below {top}.",
            without="wanted need",
        ),
        mistake(
            MISSING,
            "need",
            "have / 4",
            "this is only the average so far, and the points that the goal calls for have not been found yet",
            "So the last score has to be {eq} points.",
            "In the last {test}, {she} needs {eq} points.",
            without="wanted",
        ),
    ),
    bounds={"need": (60, 98), "lose": (2, 40)},
)
