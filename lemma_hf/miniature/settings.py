"""What can be set? The world, the student, how long it learns, and which arms and seeds are run."""

from dataclasses import asdict, dataclass, field
from typing import Any

from lemma_hf.errors import ConfigError
from lemma_hf.world.sums import NUMBERS, Sums

SMALLEST = NUMBERS.start
_NOT_OF_A_RESULT = ("output_dir", "seeds", "arms", "workers", "device")
"""Settings that change nothing about what one arm of one seed comes to, but for rounding."""


@dataclass
class MiniatureSettings:
    """The experiment; the defaults are those of the report."""

    output_dir: str = field(default="outputs/miniature", metadata={"help": "Where everything is written."})
    seeds: list[int] = field(
        default_factory=lambda: [0, 1, 2, 3, 4],
        metadata={"help": "A student of its own for each, with its own sampling and training; problems stay the same."},
    )
    arms: list[str] = field(default_factory=list, metadata={"help": "Names of arms; all where none is given."})
    workers: int = field(
        default=0, metadata={"help": "Processes side by side; 0: one a CPU core, or one where there is a GPU."}
    )

    steps: list[int] = field(default_factory=lambda: [1, 2, 3], metadata={"help": "Steps of problems, evenly mixed."})
    longer: list[int] = field(
        default_factory=lambda: [4],
        metadata={"help": "Steps that the student has read about, but that no arm is trained on."},
    )
    largest: int = field(
        default=79, metadata={"help": "Numbers go from 12 to this one; those above, to 99, nobody has ever read."}
    )
    problems: int = field(default=5000, metadata={"help": "Training problems; every arm learns from the same."})
    held_out: int = field(default=2000, metadata={"help": "Problems that nobody trains on."})
    elsewhere: int = field(default=300, metadata={"help": "Problems of each set out of distribution."})
    samples: int = field(default=4, metadata={"help": "Own solutions of each training problem, temperature 0.7."})

    layers: int = field(default=3, metadata={"help": "Of the student, a Llama."})
    width: int = field(default=128, metadata={"help": "Hidden size; the feed-forward has three times as much."})
    heads: int = field(default=4, metadata={"help": "Attention heads."})
    work_share: float = field(
        default=0.75, metadata={"help": "Of what the student reads first: the share of solutions that show their work."}
    )
    reading_updates: int = field(default=800, metadata={"help": "Updates in which the student reads right solutions."})
    reading_rate: float = field(default=4e-3, metadata={"help": "The learning rate of these."})
    reading_blocks: int = field(default=8, metadata={"help": "Blocks of such an update."})
    training_updates: int = field(default=200, metadata={"help": "Updates of each arm."})
    training_rate: float = field(default=2e-3, metadata={"help": "The learning rate of these."})
    block: int = field(default=512, metadata={"help": "Tokens of a packed block; longer rows are dropped and counted."})
    training_blocks: int = field(default=4, metadata={"help": "Blocks of such an update."})
    blocks_at_once: int = field(default=1, metadata={"help": "Blocks of a forward pass; raise it on a GPU."})
    batch_size: int = field(default=64, metadata={"help": "Solutions written side by side."})
    device: str = field(default="cpu", metadata={"help": "`cpu`, or `cuda` for bfloat16 on a GPU."})

    def __post_init__(self) -> None:
        """Refuse what makes no experiment.

        Raises:
            ConfigError: naming the setting.
        """
        if not SMALLEST < self.largest < NUMBERS.stop - 1:
            raise ConfigError(f"`largest`: need more than {SMALLEST} and less than 99, found {self.largest}")
        for name in ("steps", "longer", "seeds"):
            if not getattr(self, name):
                raise ConfigError(f"`{name}`: need at least one, found none")
        if min(self.steps + self.longer) < 1 or set(self.steps) & set(self.longer):
            raise ConfigError(f"`steps` and `longer` need numbers from 1 up, none in both: {self.steps}, {self.longer}")
        for name in ("reading_blocks", "training_blocks"):
            if getattr(self, name) % self.blocks_at_once:
                found = f"{self.blocks_at_once}, found {getattr(self, name)}"
                raise ConfigError(f"`{name}`: need a multiple of blocks_at_once, {found}")
        if self.device not in ("cpu", "cuda"):
            raise ConfigError(f"`device`: need cpu or cuda, found {self.device!r}")

    @property
    def world(self) -> Sums:
        """What is trained on."""
        return Sums(tuple(self.steps), range(SMALLEST, self.largest + 1))

    @property
    def longest(self) -> int:
        """Tokens that a solution may take: every product tried, turned on and worked out needs some 100."""
        return 110 * max(self.steps + self.longer) + 60

    def of_a_result(self) -> dict[str, Any]:
        """What one arm of one seed depends on."""
        return {name: value for name, value in asdict(self).items() if name not in _NOT_OF_A_RESULT}
