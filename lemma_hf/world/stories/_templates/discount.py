"""Stories about an order at a reduced price."""

from lemma_hf.world.stories._template import CONCEPT, FORMULA, MISREADING, MISSING, Template, mistake, step

DISCOUNT = Template(
    name="discount",
    scenes=(
        (
            {"items": "jackets", "item": "jacket", "price": (40, 50, 60, 75, 80, 90, 100, 120), "shop": "outdoor shop"},
            {
                "items": "desk lamps",
                "item": "desk lamp",
                "price": (20, 24, 25, 30, 32, 36, 40, 45),
                "shop": "furniture store",
            },
            {"items": "board games", "item": "board game", "price": (20, 25, 28, 30, 35, 40, 44), "shop": "toy store"},
            {
                "items": "backpacks",
                "item": "backpack",
                "price": (30, 35, 40, 45, 48, 50, 55, 60),
                "shop": "sports store",
            },
        ),
    ),
    given={"rate": (10, 15, 20, 25, 30, 40), "count": range(2, 9), "shipping": range(4, 16)},
    questions=(
        "A {item} at the {shop} normally costs {price}, but this week it is {rate}% off. {A} orders {count:w} of "
        "these {items} at the reduced price and also pays {shipping} for the delivery of the whole order. How much "
        "does {A} pay altogether?",
        "{A} buys {count:w} {items} from an online {shop}. One {item} has a list price of {price}, and every {item} "
        "is sold with a {rate}% discount. Shipping adds {shipping} to the order. What is the total cost of {hers} "
        "order?",
        "During a sale, the {shop} takes {rate}% off the price of its {items}, which usually cost {price} each. What "
        "does {A} have to pay for {count:w} {items} if the shipping fee for the order is {shipping}?",
    ),
    routes=(
        (
            step(
                "discount",
                "price * rate / 100",
                "The discount on one {item} is {rate}% of {price}, which is {eq}.",
                "{rate}% of {price} is {eq}, so that much is taken off each {item}.",
                "Each {item} becomes cheaper by {eq}.",
            ),
            step(
                "sale",
                "price - discount",
                "So one {item} costs {eq}.",
                "The reduced price of a {item} is {eq}.",
                "After the discount, {A} pays {eq} for each {item}.",
            ),
            step(
                "goods",
                "sale * count",
                "The {count:w} {items} cost {eq}.",
                "For {count:w} {items} that makes {eq}.",
                "{count:W} {items} at {sale} each come to {eq}.",
            ),
            step(
                "total",
                "goods + shipping",
                "With {shipping} for shipping, {A} pays {eq} in total.",
                "Adding the shipping fee gives {eq}.",
                "The whole order, delivery included, costs {eq}.",
            ),
        ),
        (
            step(
                "full",
                "price * count",
                "Without the discount, {count:w} {items} would cost {eq}.",
                "At the normal price, the {count:w} {items} come to {eq}.",
            ),
            step(
                "off",
                "full * rate / 100",
                "The discount on all of them together is {eq}.",
                "{rate}% of {full} is {eq}, and this is the discount on the whole order.",
            ),
            step(
                "goods",
                "full - off",
                "That leaves {eq} for the {items}.",
                "So the {items} cost {eq} together.",
            ),
            step(
                "total",
                "goods + shipping",
                "Together with the shipping fee, the order costs {eq}.",
                "Shipping brings this to {eq}.",
            ),
        ),
    ),
    mistakes=(
        mistake(
            CONCEPT,
            "total",
            "discount * count + shipping",
            "{discount} is what each {item} becomes cheaper by, not what it costs",
            "The {count:w} {items} and the shipping cost {eq}.",
            without="sale goods",
        ),
        mistake(
            MISSING,
            "total",
            "sale + shipping",
            "{sale} is the price of one {item} only, and {A} orders {count:w}",
            "With {shipping} for shipping, {A} pays {eq} in total.",
            "Adding the shipping fee gives {eq}.",
            without="goods",
        ),
        mistake(
            MISREADING,
            "total",
            "price * count + shipping",
            "the {rate}% discount has to be taken off first",
            "{count:W} {items} at {price} each and the shipping come to {eq}.",
            without="discount sale goods",
        ),
        mistake(
            FORMULA,
            "sale",
            "price - rate",
            "{rate}% off is a part of the price, not {rate} dollars",
            "With {rate} off, one {item} costs {eq}.",
            "The reduced price of a {item} is {eq}.",
            without="discount",
        ),
        mistake(
            MISREADING,
            "total",
            "goods + shipping * count",
            "the {shipping} for shipping is paid once for the whole order, not for every {item}",
            "With {shipping} for shipping each {item}, {A} pays {eq} in total.",
            "Adding the shipping fee for {count:w} {items} gives {eq}.",
        ),
        mistake(
            CONCEPT,
            "sale",
            "price + discount",
            "a discount makes the price lower, not higher",
            "So one {item} costs {eq}.",
            "The new price of a {item} is {eq}.",
        ),
    ),
    money=frozenset(["price", "shipping", "discount", "sale", "goods", "total", "full", "off"]),
    decimals=frozenset(["discount", "sale", "goods", "total", "off"]),
)
