"""Settings of the experiment: the world, the student, the length of training, the arms and the seeds."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import chain
from typing import Any

from lemma_hf.errors import ConfigError
from lemma_hf.world.sums import MAX_OPERATIONS, NUMBERS, Sums

GROUP = 8
"""Answers to one problem that GRPO compares: TRL's default."""
_NOT_OF_A_RESULT = ("output_dir", "seeds", "arms", "workers", "device")
"""Settings that do not change the result of one arm of one seed. The device is recorded with the figures."""
_FROM_ONE = (
    *("problems", "held_out", "elsewhere", "samples", "layers", "width", "heads", "reading_updates", "reading_blocks"),
    *("training_updates", "training_blocks", "block", "blocks_at_once", "batch_size", "smallest"),
    *("pairs_updates", "pairs", "reward_updates", "reward_samples"),
)
_LEAST = {"workers": 0} | dict.fromkeys(_FROM_ONE, 1)
"""Whole numbers, and how small they may be."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """Length of a training: its updates, their size and the learning rate."""

    updates: int
    size: int
    """Packed blocks of an update; in a training on pairs the pairs, in one by reward the answers."""
    rate: float
    """The learning rate at its height."""


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
    smallest: int = field(
        default=NUMBERS.start,
        metadata={"help": "The smallest number to add or multiply by; products by one digit are easy in the head."},
    )
    largest: int = field(
        default=79,
        metadata={"help": "Numbers go from `smallest` to this one; those above, to 99, are in no training text."},
    )
    problems: int = field(default=5000, metadata={"help": "Training problems, the same for every arm."})
    held_out: int = field(default=2000, metadata={"help": "Problems that no training sees."})
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
    block: int = field(
        default=512, metadata={"help": "Tokens of a packed block; longer rows are dropped, and counted in the log."}
    )
    training_blocks: int = field(default=4, metadata={"help": "Blocks of such an update."})
    blocks_at_once: int = field(default=1, metadata={"help": "Blocks of a forward pass; raise it on a GPU."})
    batch_size: int = field(default=64, metadata={"help": "Solutions written side by side."})
    pairs_updates: int = field(default=100, metadata={"help": "Updates of DPO."})
    pairs: int = field(default=16, metadata={"help": "Pairs of steps of an update of DPO."})
    pairs_rate: float = field(default=5e-5, metadata={"help": "The learning rate of DPO; at 5e-4 answers do not end."})
    pairs_beta: float = field(default=0.1, metadata={"help": "DPO's beta: how closely it keeps to where it began."})
    reward_updates: int = field(default=40, metadata={"help": "Updates of GRPO."})
    reward_samples: int = field(
        default=64, metadata={"help": "Own answers of an update of GRPO, eight to a problem: a multiple of 8."}
    )
    reward_rate: float = field(default=5e-5, metadata={"help": "The learning rate of GRPO."})
    device: str = field(default="cpu", metadata={"help": "`cpu`, or `cuda` for bfloat16 on a GPU."})

    def __post_init__(self) -> None:
        """Refuse settings with which there is no experiment.

        Raises:
            ConfigError: naming the setting.
        """
        for refusal in chain(self._bad_numbers(), self._bad_lists(), self._bad_world(), self._bad_model()):
            raise ConfigError(refusal)

    def _bad_numbers(self) -> Iterator[str]:
        for name, least in _LEAST.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                yield f"`{name}`: need a whole number from {least} up, found {value!r}"

    def _bad_lists(self) -> Iterator[str]:
        for name, kind in (("steps", int), ("longer", int), ("seeds", int), ("arms", str)):
            value = getattr(self, name)
            if not isinstance(value, list) or not all(isinstance(each, kind) for each in value):
                yield f"`{name}`: need a list, such as [0, 1] or [sft, lemma], found {value!r}"
            elif not value and kind is int:
                yield f"`{name}`: need at least one, found none"
            elif len(set(value)) < len(value):
                yield f"`{name}`: need each of them once, found {value}"

    def _bad_world(self) -> Iterator[str]:
        lengths = self.steps + self.longer
        if min(lengths) < 1 or max(lengths) > MAX_OPERATIONS or len(set(lengths)) < len(lengths):
            found = f"{self.steps} and {self.longer}"
            yield f"`steps` and `longer`: need numbers from 1 to {MAX_OPERATIONS}, none in both, found {found}"
        if not self.smallest < self.largest < NUMBERS.stop - 1:
            yield f"`largest`: need more than {self.smallest} and less than 99, found {self.largest}"
        if min(self.seeds) < 0:
            yield f"`seeds`: need numbers from 0 up, found {self.seeds}"
        if not 0 <= self.work_share <= 1:
            yield f"`work_share`: need a share from 0 to 1, found {self.work_share}"

    def _bad_model(self) -> Iterator[str]:
        if self.width % (2 * self.heads):
            yield f"`width`: need an even multiple of `heads` ({self.heads}), found {self.width}"
        for name in ("reading_blocks", "training_blocks"):
            if getattr(self, name) % self.blocks_at_once:
                found = f"{self.blocks_at_once}, found {getattr(self, name)}"
                yield f"`{name}`: need a multiple of blocks_at_once, {found}"
        if self.reward_samples % GROUP:
            yield f"`reward_samples`: need a multiple of {GROUP}, found {self.reward_samples}"
        if self.device not in ("cpu", "cuda"):
            yield f"`device`: need cpu or cuda, found {self.device!r}"

    @property
    def world(self) -> Sums:
        """The world whose problems the arms are trained on."""
        return Sums(tuple(self.steps), range(self.smallest, self.largest + 1))

    @property
    def reading(self) -> Lesson:
        """The first training, which makes a student."""
        return Lesson(self.reading_updates, self.reading_blocks, self.reading_rate)

    @property
    def training(self) -> Lesson:
        """The training of every arm."""
        return Lesson(self.training_updates, self.training_blocks, self.training_rate)

    @property
    def on_pairs(self) -> Lesson:
        """The training on pairs of steps."""
        return Lesson(self.pairs_updates, self.pairs, self.pairs_rate)

    @property
    def by_reward(self) -> Lesson:
        """The training by reward."""
        return Lesson(self.reward_updates, self.reward_samples, self.reward_rate)

    @property
    def longest(self) -> int:
        """Most tokens of a solution: a product that is tried, corrected and worked out takes about 100."""
        return 110 * max(self.steps + self.longer) + 60

    @property
    def longest_trained(self) -> int:
        """Most tokens of a solution of a problem that arms are trained on."""
        return 110 * max(self.steps)

    def of_a_result(self) -> dict[str, Any]:
        """The settings that the result of one arm of one seed depends on."""
        return {name: value for name, value in asdict(self).items() if name not in _NOT_OF_A_RESULT}
