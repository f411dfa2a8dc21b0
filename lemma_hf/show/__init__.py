"""Display of trajectories and outputs: colored by span and weight, in the terminal or as one static page.

- `read_items`: a dataset's folder, or a file of trajectories or outputs → items
- `html_page`: items → one HTML page that needs nothing else, no network either
- `terminal_text`: items → text for a terminal
- `colored`: rows → what a notebook shows below a cell
"""

from lemma_hf.show.items import WEIGHTS, Item, Part
from lemma_hf.show.notebook import Colored, colored
from lemma_hf.show.page import html_page
from lemma_hf.show.reading import OutputColumns, Shown, read_items
from lemma_hf.show.terminal import terminal_text
from lemma_hf.show.verdicts import grade_missing

__all__ = [
    "WEIGHTS",
    "Colored",
    "Item",
    "OutputColumns",
    "Part",
    "Shown",
    "colored",
    "grade_missing",
    "html_page",
    "read_items",
    "terminal_text",
]
