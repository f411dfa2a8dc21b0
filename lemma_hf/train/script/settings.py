"""Settings of the training script: TRL's `ScriptArguments`, `DatasetMixtureConfig` and `ModelConfig`, and ours.

A command for `trl sft` works with `recipes/sft.py` in its place. What differs from TRL:

- `dataset_name` is "lemma", the shipped dataset, if neither it nor `datasets` is given, where TRL needs one of them.
- `dataset_train_split` and `dataset_test_split` may be slices, such as `train[:95%]`.
- `dataset_test_split` is read if `eval_strategy` is not "no", as in TRL, or if it is given at all. There is one more
  evaluation after training.
- `test_split_size` draws by `seed`, where TRL draws by the state of numpy.
- `lora_r` without `use_peft` is LoRA as in earlier versions of this script, with a warning, where TRL trains all
  weights. With `use_peft`, true or false, everything is as in TRL.
- `dataset_streaming`, `streaming` and `ignore_bias_buffers` are refused, and so are options of `SFTConfig` that would
  distort the span weights (see `LemmaSFTConfig`).
"""

from dataclasses import dataclass, field

from trl import DatasetMixtureConfig, ModelConfig, ScriptArguments

from lemma_hf.errors import ConfigError
from lemma_hf.grading.policy import check_benchmark
from lemma_hf.settings import deprecation_notice
from lemma_hf.train.config import LemmaSFTConfig
from lemma_hf.utils.ranges import FROM_ONE, FROM_ZERO, SHARE, refuse_out_of_range

_RANGES = {
    "mix_share": SHARE,
    "solve_every": FROM_ZERO,
    "solve_problems": FROM_ONE,
    "solve_max_new_tokens": FROM_ONE,
}


@dataclass
class LemmaScriptArguments(ScriptArguments, DatasetMixtureConfig):
    """The rows to train on, right solutions to mix in, and problems to solve during training.

    Raises:
        ConfigError: for options of TRL that cannot be honored: streamed rows, `ignore_bias_buffers`, and `datasets`
            together with `dataset_name`; for a number out of its range; for a benchmark that is not known.

    Example:
        >>> LemmaScriptArguments().dataset_name
        'lemma'
        >>> LemmaScriptArguments().test_split("epoch"), LemmaScriptArguments().test_split("no")
        ('test', '')
        >>> LemmaScriptArguments(dataset_test_split="test[:50]").test_split("no")
        'test[:50]'
    """

    dataset_name: str | None = field(
        default=None,
        metadata={
            "help": "A dataset's name, a folder, or a JSONL, CSV or Parquet file; `lemma`, the shipped dataset, "
            "if neither this nor `datasets` is given. In rows of the published LEMMA format (instruction, input, "
            "output) the spans are found."
        },
    )
    dataset_test_split: str | None = field(
        default=None,
        metadata={
            "help": "A split or a slice of one for evaluation. If given, it is evaluated after training in any case; "
            "if not, it is `test`, and read only if eval_strategy is not `no`, as in TRL."
        },
    )

    chat: bool = field(
        default=False,
        metadata={
            "help": "Put question and answer of each row into the tokenizer's chat template, for a model that chats; "
            "else rows are trained on as they are written."
        },
    )

    mix_dataset: str = field(default="", metadata={"help": "Right solutions to mix into the training rows."})
    mix_config: str = field(default="", metadata={"help": "Its config."})
    mix_split: str = field(default="train", metadata={"help": "Its split, or a slice of it."})
    mix_columns: list[str] = field(
        default_factory=list,
        metadata={"help": "question=COLUMN solution=COLUMN, where it has no prompt and completion."},
    )
    mix_style: str = field(default="instruction", metadata={"help": "How those questions are put, as in the rows."})
    mix_share: float = field(
        default=1 / 3,
        metadata={"help": "Share of right rows among all. 1/3: the best mix of RLERR (arXiv 2601.12720)."},
    )

    solve_every: int = field(default=0, metadata={"help": "Steps between two tries at held-out problems; 0: none."})
    solve_file: str = field(
        default="", metadata={"help": "The problems: JSONL, CSV or Parquet with question and answer."}
    )
    solve_world: str = field(default="", metadata={"help": "Or fresh problems of this world: stories or sums."})
    solve_problems: int = field(default=50, metadata={"help": "How many at most."})
    solve_benchmark: str = field(default="gsm8k", metadata={"help": "Whose answer policy the grader follows."})
    solve_max_new_tokens: int = field(default=1024, metadata={"help": "The paper's limit."})

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.dataset_streaming or self.streaming:
            name = "dataset_streaming" if self.dataset_streaming else "streaming"
            raise ConfigError(
                f"{name} is true, but rows are counted, dropped where they are too long, and packed before the first "
                "step, which needs all of them: leave it out (rows are read from disk, not held in memory)"
            )
        if self.ignore_bias_buffers:
            raise ConfigError("ignore_bias_buffers has no effect on SFT, in TRL's own script neither: leave it out")
        if self.datasets and self.dataset_name:
            raise ConfigError(
                f"`dataset_name` ({self.dataset_name}) and `datasets` are both given, and TRL would ignore the first: "
                "leave one of them out"
            )
        if self.chat and self.mix_dataset:
            raise ConfigError(
                "`chat` puts trajectories into a chat template, and the rows of `mix_dataset` are plain text: leave "
                "one of them out, or mix rows of `messages` by `datasets`"
            )
        if self.solve_every:
            check_benchmark(self.solve_benchmark, "solve_benchmark")
        refuse_out_of_range(self, _RANGES)
        if not self.datasets:
            self.dataset_name = self.dataset_name or "lemma"

    def test_split(self, eval_strategy: str) -> str:
        """The split to evaluate on; empty if there is none."""
        if self.dataset_test_split is None:
            return "" if eval_strategy == "no" else "test"
        return self.dataset_test_split

    @property
    def sources(self) -> list[str]:
        """The names of all datasets that rows come from, for the model's card."""
        names = [item.path for item in self.datasets] or [self.dataset_name]
        return [name for name in (*names, self.mix_dataset) if name]


@dataclass
class LemmaModelConfig(ModelConfig):
    """The model to train: a published one, in full or with adapters, or a small Llama from scratch.

    With `use_peft` given, true or false, everything is as in TRL. In earlier versions of this script `lora_r: 8` alone
    asked for LoRA; without `use_peft` it still does, for the same adapters as then, and a warning says TRL's way.

    Raises:
        ConfigError: for a rank or an alpha below 1, and for 4 or 8 bits without adapters.

    Example:
        >>> LemmaModelConfig("a-model", use_peft=True).lora_r
        16
        >>> import warnings
        >>> with warnings.catch_warnings(action="ignore"):
        ...     old = LemmaModelConfig("a-model", lora_r=8)
        >>> old.use_peft, old.lora_r, old.lora_alpha, old.lora_dropout, old.lora_target_modules
        (True, 8, 16, 0.0, 'all-linear')
    """

    # None is "not given": for these four it decides whether the old or TRL's form is meant. `nargs` and `const` let
    # `--use_peft` stand alone, which the parser allows by itself only where the default is true or false.
    use_peft: bool | None = field(
        default=None,
        metadata={"help": "Train LoRA adapters instead of all weights; by default false.", "nargs": "?", "const": True},
    )
    lora_r: int | None = field(default=None, metadata={"help": "Rank of the adapters; by default 16."})
    lora_alpha: int | None = field(default=None, metadata={"help": "Their scale; by default 32."})
    lora_dropout: float | None = field(default=None, metadata={"help": "Their dropout; by default 0.05."})

    scratch: bool = field(default=False, metadata={"help": "Make a tokenizer and a small Llama instead."})
    hidden_size: int = field(default=128, metadata={"help": "Width of the model from scratch."})
    layers: int = field(default=3, metadata={"help": "Layers of the model from scratch."})
    heads: int = field(default=4, metadata={"help": "Attention heads of the model from scratch."})
    vocabulary_size: int = field(default=1024, metadata={"help": "Tokens of the tokenizer from scratch."})

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.use_peft is None and self.lora_r is not None:
            self._read_old_lora(self.lora_r)
        for name in ("use_peft", "lora_r", "lora_alpha", "lora_dropout"):
            if getattr(self, name) is None:
                setattr(self, name, getattr(ModelConfig, name))
        self._refuse_bad_adapters()

    def _read_old_lora(self, rank: int) -> None:
        """LoRA as before `use_peft`: rank 0 is none, alpha is twice the rank, on all linear layers, no dropout."""
        self.use_peft = rank > 0
        same = "use_peft: false, or neither of them"
        if rank > 0:
            defaults = {"lora_alpha": 2 * rank, "lora_dropout": 0.0, "lora_target_modules": "all-linear"}
            for name, default in defaults.items():
                setattr(self, name, getattr(self, name) or default)
            rest = ", ".join(f"{name}: {getattr(self, name)}" for name in defaults)
            same = f"use_peft: true, lora_r: {rank}, {rest}"
        deprecation_notice(
            f"`lora_r: {rank}` without `use_peft` has the meaning that it had before this script took TRL's names; "
            f"for the same training write {same}"
        )

    def _refuse_bad_adapters(self) -> None:
        if self.use_peft and min(self.lora_r or 0, self.lora_alpha or 0) < 1:
            raise ConfigError(
                f"use_peft with lora_r {self.lora_r} and lora_alpha {self.lora_alpha}: need 1 or more of both, or "
                "`use_peft: false` to train all weights"
            )
        if (self.load_in_4bit or self.load_in_8bit) and not self.use_peft:
            bits = "load_in_4bit" if self.load_in_4bit else "load_in_8bit"
            raise ConfigError(
                f"{bits} without use_peft: quantized weights cannot be trained, only adapters on them; add "
                "`use_peft: true`, or leave it out"
            )


SETTINGS = (LemmaScriptArguments, LemmaSFTConfig, LemmaModelConfig)
"""The dataclasses whose fields are the script's options."""
