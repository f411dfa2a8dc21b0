"""Stories about filling a tank that leaks."""

from lemma_hf.world.stories._template import CONCEPT, FORMULA, MISREADING, MISSING, Template, mistake, step

TANK = Template(
    name="tank",
    scenes=(
        (
            {"tank": "water tank", "flow": "hose", "full": range(300, 1201, 10), "leak": "a crack in the wall"},
            {"tank": "rain barrel", "flow": "pipe", "full": range(120, 401, 10), "leak": "a loose tap"},
            {"tank": "garden pool", "flow": "pump", "full": range(800, 3001, 20), "leak": "a hole in the liner"},
            {"tank": "horse trough", "flow": "tap", "full": range(200, 601, 10), "leak": "a worn seal"},
        ),
    ),
    given={"have": range(40, 301, 5), "inflow": range(8, 41), "outflow": range(2, 12)},
    questions=(
        "A {tank} holds {full} liters and has {have} liters of water in it. A {flow} adds {inflow} liters a minute, "
        "but {leak} lets {outflow} liters a minute run out. After how many minutes is the {tank} full?",
        "{A} fills a {tank} with a {flow} that brings {inflow} liters every minute. At the same time, {outflow} "
        "liters a minute are lost through {leak}. There are {have} liters in the {tank} at first, and it can hold "
        "{full} liters. How many minutes does it take to fill it?",
    ),
    routes=(
        (
            step(
                "missing",
                "full - have",
                "The {tank} still needs {eq} liters.",
                "At first, {eq} liters are missing.",
                "There is room for {eq} more liters.",
            ),
            step(
                "gain",
                "inflow - outflow",
                "Each minute, the amount of water grows by {eq} liters.",
                "The inflow minus the loss is {eq} liters a minute.",
                "The {tank} gains {eq} liters a minute.",
            ),
            step(
                "minutes",
                "missing / gain",
                "So it takes {eq} minutes.",
                "At {gain} liters a minute, filling {missing} liters takes {eq} minutes.",
                "The {tank} is full after {eq} minutes.",
            ),
        ),
        (
            step(
                "gain",
                "inflow - outflow",
                "Of the {inflow} liters, only {eq} liters stay in the {tank} each minute.",
                "In one minute the {tank} gets {eq} liters fuller.",
            ),
            step(
                "missing",
                "full - have",
                "To be full it needs {eq} liters more.",
                "The empty part holds {eq} liters.",
            ),
            step(
                "minutes",
                "missing / gain",
                "This part is filled in {eq} minutes.",
                "Dividing the two gives {eq} minutes.",
            ),
        ),
    ),
    mistakes=(
        mistake(
            CONCEPT,
            "gain",
            "inflow + outflow",
            "the water that runs out is lost, so it has to be subtracted",
            "Each minute, the amount of water changes by {eq} liters.",
            "The {tank} gains {eq} liters a minute.",
        ),
        mistake(
            MISREADING,
            "minutes",
            "missing / inflow",
            "{outflow} liters are lost every minute, which cannot be left out",
            "At {inflow} liters a minute, it takes {eq} minutes.",
            "So it takes {eq} minutes.",
            without="gain",
        ),
        mistake(
            MISSING,
            "minutes",
            "full / gain",
            "the {have} liters that are in the {tank} already have to be subtracted first",
            "So it takes {eq} minutes.",
            "The {tank} is full after {eq} minutes.",
            without="missing",
        ),
        mistake(
            FORMULA,
            "minutes",
            "missing * gain",
            "the time is the missing amount divided by the gain per minute, not multiplied by it",
            "So it takes {eq} minutes.",
            "The {tank} is full after {eq} minutes.",
        ),
        mistake(
            CONCEPT,
            "minutes",
            "have / gain",
            "{have} liters is what the {tank} has already, not what it still needs",
            "Filling {have} liters takes {eq} minutes.",
            without="missing",
        ),
        mistake(
            CONCEPT,
            "missing",
            "full + have",
            "the water that is in the {tank} already is a part of the {full} liters",
            "That makes {eq} liters.",
        ),
    ),
    bounds={"gain": (4, 30), "minutes": (8, 150)},
)
