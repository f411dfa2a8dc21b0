"""All templates of stories, in a fixed order: new ones go to the end, or old seeds change."""

from lemma_hf.world.stories.template import Template
from lemma_hf.world.stories.templates.ages import AGES
from lemma_hf.world.stories.templates.discount import DISCOUNT
from lemma_hf.world.stories.templates.eggs import EGGS
from lemma_hf.world.stories.templates.fence import FENCE
from lemma_hf.world.stories.templates.floor import FLOOR
from lemma_hf.world.stories.templates.interest import INTEREST
from lemma_hf.world.stories.templates.lamps import LAMPS
from lemma_hf.world.stories.templates.machine import MACHINE
from lemma_hf.world.stories.templates.party import PARTY
from lemma_hf.world.stories.templates.ratio import RATIO
from lemma_hf.world.stories.templates.reading import READING
from lemma_hf.world.stories.templates.recipe import RECIPE
from lemma_hf.world.stories.templates.rental import RENTAL
from lemma_hf.world.stories.templates.saving import SAVING
from lemma_hf.world.stories.templates.scores import SCORES
from lemma_hf.world.stories.templates.seats import SEATS
from lemma_hf.world.stories.templates.sharing import SHARING
from lemma_hf.world.stories.templates.stall import STALL
from lemma_hf.world.stories.templates.tank import TANK
from lemma_hf.world.stories.templates.trip import TRIP
from lemma_hf.world.stories.templates.walkers import WALKERS

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
