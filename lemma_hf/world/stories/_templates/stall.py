"""Stories about goods made over some days, packed in boxes and sold."""

from lemma_hf.world.stories._names import DAY_LISTS
from lemma_hf.world.stories._template import CONCEPT, FORMULA, MISREADING, MISSING, Template, miscount, mistake, step

STALL = Template(
    name="stall",
    scenes=(
        (
            {"items": "muffins", "item": "muffin", "makes": "bakes", "place": "the school fair"},
            {"items": "cookies", "item": "cookie", "makes": "bakes", "place": "a bake sale"},
            {"items": "candles", "item": "candle", "makes": "makes", "place": "the winter market"},
            {"items": "soap bars", "item": "soap bar", "makes": "makes", "place": "a craft fair"},
            {"items": "granola bars", "item": "granola bar", "makes": "makes", "place": "the sports day"},
        ),
        DAY_LISTS,
    ),
    given={"size": range(14, 49, 2), "kept": range(4, 21), "box": (4, 5, 6, 8, 10), "price": range(3, 15)},
    questions=(
        "{A} {makes} {size} {items} on each of these days: {day_list}. {She} keeps {kept} of them for {hers} family "
        "and packs the rest in boxes of {box}. Each box sells for {price}. How much money does {A} make if all the "
        "boxes are sold?",
        "For {place}, {A} {makes} {size} {items} a day on {day_list}. After setting {kept} {items} aside for {hers} "
        "neighbors, {she} puts the others into boxes of {box:w} and sells each box for {price}. How many dollars does "
        "{she} take in when every box is sold?",
        "{A} wants to sell {items} at {place}, so {she} {makes} {size} of them on each of the following days: "
        "{day_list}. {She} holds {kept:w} back as gifts. The rest go into boxes of {box}, and a box costs {price}. If "
        "{A} sells all the boxes, how much does {she} earn?",
    ),
    routes=(
        (
            step(
                "made",
                "days * size",
                "{A} {makes} {size} {items} on each of {days:w} days, which gives {eq} {items}.",
                "In {days:w} days, {A} {makes} {eq} {items}.",
                "Over the {days:w} days there are {eq} {items} in all.",
            ),
            step(
                "left",
                "made - kept",
                "{She} keeps {kept}, so {eq} {items} are left to sell.",
                "After {kept} are set aside, {eq} {items} remain.",
                "Without the {kept} that {she} keeps, there are {eq} {items} to pack.",
            ),
            step(
                "boxes",
                "left / box",
                "With {box} in each box, the {left} {items} fill {eq} boxes.",
                "Packed {box} to a box, they fill {eq} boxes.",
                "{left} {items} in boxes of {box} make {eq} boxes.",
            ),
            step(
                "money",
                "boxes * price",
                "At {price} a box, {A} makes {eq}.",
                "Each box brings in {price}, so {boxes} boxes bring in {eq}.",
                "Selling {boxes} boxes for {price} each gives {eq}.",
            ),
        ),
    ),
    mistakes=(
        miscount("made", "days", "{day_list} are {meant} days, not {misread}"),
        miscount("made", "days", "the list {day_list} has {meant} days in it, not {misread}", by="+ 1"),
        mistake(
            MISSING,
            "boxes",
            "made / box",
            "the {kept} {items} that {A} keeps have to be taken off before packing",
            "With {box} in each box, the {made} {items} fill {eq} boxes.",
            "{made} {items} in boxes of {box} make {eq} boxes.",
            without="left",
        ),
        mistake(
            MISREADING,
            "money",
            "left * price",
            "{price} is the price of a whole box, not of one {item}",
            "At {price} each, the {left} {items} bring in {eq}.",
            "Selling {left} {items} for {price} each gives {eq}.",
            without="boxes",
        ),
        mistake(
            CONCEPT,
            "left",
            "made + kept",
            "keeping {kept} {items} leaves fewer of them to sell, not more",
            "With the {kept} that {she} keeps, there are {eq} {items} to sell.",
            "{She} keeps {kept}, which makes {eq} {items} to pack.",
        ),
        mistake(
            FORMULA,
            "boxes",
            "left * box",
            "the number of boxes is the number of {items} divided by the {box} in a box, not multiplied",
            "With {box} in each box, the {left} {items} need {eq} boxes.",
        ),
    ),
    money=frozenset({"price", "money"}),
    bounds={"left": (20, 260), "boxes": (4, 60), "money": (20, 600)},
)
