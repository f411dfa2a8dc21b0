"""All templates of stories, in a fixed order: new ones go to the end, or old seeds change."""

from lemma_hf.world.stories._template import Template
from lemma_hf.world.stories._templates.ages import AGES
from lemma_hf.world.stories._templates.discount import DISCOUNT
from lemma_hf.world.stories._templates.eggs import EGGS
from lemma_hf.world.stories._templates.fence import FENCE
from lemma_hf.world.stories._templates.floor import FLOOR
from lemma_hf.world.stories._templates.interest import INTEREST
from lemma_hf.world.stories._templates.lamps import LAMPS
from lemma_hf.world.stories._templates.machine import MACHINE
from lemma_hf.world.stories._templates.party import PARTY
from lemma_hf.world.stories._templates.ratio import RATIO
from lemma_hf.world.stories._templates.reading import READING
from lemma_hf.world.stories._templates.recipe import RECIPE
from lemma_hf.world.stories._templates.rental import RENTAL
from lemma_hf.world.stories._templates.saving import SAVING
from lemma_hf.world.stories._templates.scores import SCORES
from lemma_hf.world.stories._templates.seats import SEATS
from lemma_hf.world.stories._templates.sharing import SHARING
from lemma_hf.world.stories._templates.stall import STALL
from lemma_hf.world.stories._templates.tank import TANK
from lemma_hf.world.stories._templates.trip import TRIP
from lemma_hf.world.stories._templates.walkers import WALKERS

TEMPLATES: tuple[Template, ...] = (
    STALL,
    DISCOUNT,
    SAVING,
    RENTAL,
    INTEREST,
    SHARING,
    RATIO,
    AGES,
    PARTY,
    SEATS,
    READING,
    FENCE,
    FLOOR,
    LAMPS,
    TRIP,
    WALKERS,
    TANK,
    MACHINE,
    EGGS,
    RECIPE,
    SCORES,
)
