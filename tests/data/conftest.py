"""A few trajectories one can check by eye, and the folder they make."""

import gzip
import json

import pytest
from small_rows import in_every_form, pens

from lemma_hf.data.card import Card
from lemma_hf.data.folder import write_folder
from lemma_hf.prompts import prompt_style
from lemma_hf.records import Strategy


@pytest.fixture(scope="session")
def splits():
    """Train: 5 fixes, 4 restarts, 2 right ones. Test: 1 fix, 1 restart."""
    fix, restart = Strategy
    train = [*(pens(n, fix) for n in range(2, 7)), *(pens(n, restart) for n in range(2, 6)), pens(2), pens(3)]
    return {"train": train, "test": [pens(9, fix), pens(9, restart)]}


@pytest.fixture(scope="session")
def other_splits(splits):
    """Another test split, in which every text is as long as it was."""
    return splits | {"test": [pens(7, strategy) for strategy in Strategy]}


@pytest.fixture
def make_folder(splits):
    """Writes the folder of `splits` where it is told to."""

    def make(path, **changes):
        funnel = [{"stage": "select", "entered": 14, "left": 13, "fan_out": 1, "dropped": {"duplicate": 1}}]
        card = Card(title="Pens", about="Boxes of pens.", funnel=funnel)
        return write_folder(
            **{"splits": splits, "out_dir": path, "style": prompt_style("question"), "card": card} | changes
        )

    return make


@pytest.fixture(scope="session")
def published():
    """A row in the manner of the published ones."""
    return {
        "instruction": "4 boxes of 6 pens, 9 given away. How many are left?",
        "input": "",
        "output": "There are 4 * 6 = 24 pens.\n24 - 9 = 16 are left.\nWait, I made a mistake. Let me subtract again. "
        "24 - 9 = 15.\nThe answer is: 15",
    }


@pytest.fixture
def as_form(published):
    """Makes the published row, or one with another output, a row of the named form."""

    def make(form, output=published["output"]):
        return in_every_form(published["instruction"], output)[form]

    return make


@pytest.fixture
def write_rows(tmp_path):
    """Writes rows to a file: an array on many lines if its name ends in `.json` or `.json.gz`, else one a line."""

    def write(name, rows):
        is_array = name.removesuffix(".gz").endswith(".json")
        text = json.dumps(rows, indent=2) if is_array else "".join(json.dumps(row) + "\n" for row in rows)
        path = tmp_path / name
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
        return path

    return write
