"""Stories about saving up for something."""

from lemma_hf.world.stories._template import CONCEPT, FORMULA, MISREADING, MISSING, Template, mistake, step

SAVING = Template(
    name="saving",
    scenes=(
        (
            {"goal": "a used bicycle", "cost": range(120, 301, 4), "job": "walking dogs"},
            {"goal": "a guitar", "cost": range(140, 361, 4), "job": "tutoring"},
            {"goal": "a telescope", "cost": range(150, 401, 5), "job": "mowing lawns"},
            {"goal": "a new phone", "cost": range(200, 601, 5), "job": "delivering newspapers"},
            {"goal": "a tablet", "cost": range(180, 451, 5), "job": "washing cars"},
        ),
    ),
    given={"wage": range(24, 71, 2), "spent": range(6, 31), "have": range(15, 91)},
    questions=(
        "{A} wants to buy {goal} that costs {cost}. {She} has already saved {have}. {She} earns {wage} a week by "
        "{job} and spends {spent} of that every week. How many weeks does {she} need to save the rest of the money?",
        "Every week {A} earns {wage} from {job} and spends {spent} on bus tickets and snacks; the rest {she} saves. "
        "{She} already has {have} and is saving for {goal} with a price of {cost}. After how many weeks can {she} "
        "afford it?",
        "{A} is saving up for {goal}, which costs {cost}, and there is {have} in {hers} savings jar so far. From "
        "{job} {she} gets {wage} each week, but {spent} of it goes on lunches. If {she} puts all the rest into the "
        "jar, how many weeks will it take until {she} has enough?",
    ),
    routes=(
        (
            step(
                "saved",
                "wage - spent",
                "Each week {A} can save {eq}.",
                "{A} earns {wage} and spends {spent}, so {she} saves {eq} a week.",
                "What is left of {hers} weekly pay is {eq}.",
            ),
            step(
                "need",
                "cost - have",
                "{She} still needs {eq}.",
                "With {have} already saved, {eq} is missing.",
                "The amount that is still missing is {eq}.",
            ),
            step(
                "weeks",
                "need / saved",
                "At {saved} a week, this takes {eq} weeks.",
                "Saving {need} at {saved} a week takes {eq} weeks.",
                "So {she} needs {eq} weeks.",
            ),
        ),
        (
            step("need", "cost - have", "First, {A} still has to save {eq}.", "{A} lacks {eq} for {goal}."),
            step(
                "saved",
                "wage - spent",
                "Every week {she} puts aside {eq}.",
                "Of {hers} {wage} a week, {she} keeps {eq}.",
            ),
            step(
                "weeks",
                "need / saved",
                "To get {need} together, {she} needs {eq} weeks.",
                "The number of weeks is {eq}.",
            ),
        ),
    ),
    mistakes=(
        mistake(
            MISSING,
            "weeks",
            "cost / saved",
            "the {have} that {A} already has must be subtracted first",
            "At {saved} a week, this takes {eq} weeks.",
            "So {she} needs {eq} weeks.",
            without="need",
        ),
        mistake(
            MISREADING,
            "weeks",
            "need / wage",
            "{A} does not save all of the {wage}, because {spent} is spent every week",
            "At {wage} a week, this takes {eq} weeks.",
            "Earning {wage} a week, {she} needs {eq} weeks.",
            without="saved",
        ),
        mistake(
            CONCEPT,
            "weeks",
            "need / spent",
            "{spent} is what {A} spends each week, not what {she} saves",
            "At {spent} a week, this takes {eq} weeks.",
        ),
        mistake(
            CONCEPT,
            "saved",
            "wage + spent",
            "money that is spent lowers what can be saved",
            "Each week {A} can save {eq}.",
            "With {wage} and {spent}, {she} saves {eq} a week.",
        ),
        mistake(
            CONCEPT,
            "need",
            "cost + have",
            "the money {A} already has lowers what is missing",
            "Together with the {have}, {she} needs {eq}.",
        ),
        mistake(
            MISREADING,
            "weeks",
            "(cost - have - spent) / wage",
            "the {spent} is spent every week, not just once",
            "After {hers} spending, {she} needs {eq} weeks.",
            without="saved",
        ),
        mistake(
            FORMULA,
            "weeks",
            "need - saved",
            "the number of weeks is the amount divided by the savings of a week, not a difference",
            "At {saved} a week, this takes {eq} weeks.",
            "So {she} needs {eq} weeks.",
        ),
    ),
    money=frozenset(["wage", "spent", "have", "cost", "saved", "need"]),
    bounds={"saved": (8, 50), "weeks": (3, 40)},
)
