"""Stories about reading a book a bit at a time."""

from lemma_hf.world.stories._names import DAY_LISTS
from lemma_hf.world.stories._template import CONCEPT, MISREADING, MISSING, Template, miscount, mistake, step

READING = Template(
    name="reading",
    scenes=(
        DAY_LISTS,
        (
            {"book": "a fantasy novel", "rest": "one Sunday afternoon"},
            {"book": "a book about whales", "rest": "the holidays"},
            {"book": "a thick detective story", "rest": "a long train ride"},
            {"book": "a history of the city", "rest": "a rainy weekend"},
        ),
    ),
    given={
        "pages": range(240, 701, 5),
        "morning": range(6, 21),
        "evening": range(10, 31),
        "weeks": range(2, 5),
        "sittings": (2, 3, 4, 5),
    },
    questions=(
        "{A} is reading {book} that has {pages} pages. On {day_list} {she} reads {morning} pages in the morning and "
        "{evening} pages in the evening; on other days {she} does not read. After {weeks:w} weeks like this, {she} "
        "wants to finish the book in {sittings:w} equal sittings. How many pages does {she} have to read in each "
        "sitting?",
        "Every week on {day_list}, {A} reads {morning} pages of {book} before breakfast and another {evening} pages "
        "at night. The book has {pages} pages. {A} does this for {weeks:w} weeks and splits the pages that are then "
        "left evenly over {sittings:w} sittings. How many pages is that for each sitting?",
    ),
    routes=(
        (
            step(
                "daily",
                "morning + evening",
                "On a reading day, {A} reads {eq} pages.",
                "Morning and evening together are {eq} pages a day.",
                "Each of these days {A} manages {eq} pages.",
            ),
            step(
                "weekly",
                "daily * days",
                "With {days:w} such days, that makes {eq} pages a week.",
                "{days:W} days a week give {eq} pages.",
                "In a week, {she} reads {eq} pages.",
            ),
            step(
                "read",
                "weekly * weeks",
                "After {weeks:w} weeks, {she} has read {eq} pages.",
                "In {weeks:w} weeks this adds up to {eq} pages.",
                "{weeks:W} weeks make {eq} pages.",
            ),
            step(
                "left",
                "pages - read",
                "So {eq} pages of the book are left.",
                "Of {pages} pages, {eq} pages remain.",
                "{She} still has {eq} pages to go.",
            ),
            step(
                "sitting",
                "left / sittings",
                "Each sitting takes {eq} pages.",
                "Over {sittings:w} sittings, this is {eq} pages each.",
                "In every sitting {she} has to read {eq} pages.",
            ),
        ),
    ),
    mistakes=(
        miscount("weekly", "days", "{day_list} are {meant} days, not {misread}"),
        miscount("weekly", "days", "{A} reads on {meant} days of the week, not on {misread}", by="+ 1"),
        mistake(
            MISREADING,
            "weekly",
            "daily * 7",
            "{A} does not read every day of the week, only on {days:w} days",
            "In a week of seven days, {she} reads {eq} pages.",
            "Seven days give {eq} pages.",
        ),
        mistake(
            MISSING,
            "left",
            "pages - weekly",
            "{weekly} pages are read in one week, and {A} reads for {weeks:w} weeks",
            "So {eq} pages of the book are left.",
            "{She} still has {eq} pages to go.",
            without="read",
        ),
        mistake(
            MISSING,
            "weekly",
            "evening * days",
            "the {morning} pages in the morning have to be added to those in the evening",
            "{A} reads on {days:w} days, which makes {eq} pages a week.",
            without="daily",
        ),
        mistake(
            CONCEPT,
            "sitting",
            "read / sittings",
            "{read} pages have been read already, and the sittings are for the pages that are left",
            "Each sitting takes {eq} pages.",
            "Over {sittings:w} sittings, this is {eq} pages each.",
            without="left",
        ),
        mistake(
            MISREADING,
            "sitting",
            "pages / sittings",
            "only the pages that are left are split over the sittings, not the whole book",
            "Each sitting takes {eq} pages.",
            without="left",
        ),
    ),
    bounds={"left": (20, 250), "sitting": (15, 80)},
)
