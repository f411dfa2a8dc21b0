"""Training configuration: TRL's `SFTConfig`, and what each kind of span counts in the loss."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from math import isfinite
from numbers import Real

from transformers.utils import is_torch_bf16_gpu_available
from trl import SFTConfig

from lemma_hf.errors import ConfigError
from lemma_hf.records import SpanKind
from lemma_hf.train.kinds import DEFAULT_WEIGHTS, WEIGHTS_FROM, WEIGHTS_TO
from lemma_hf.train.row_weights import NO_NEGATIVE_DFT
from lemma_hf.train.scope import DEFAULT_ERROR_SCOPE, ErrorScope


@dataclass
class LemmaSFTConfig(SFTConfig):
    """All of TRL's `SFTConfig`, and a weight for each kind of span.

    The loss of an optimizer step is Σ wᵢ·nllᵢ / Σ wᵢ over the supervised tokens of the whole accumulation window on all
    ranks, so doubling every weight changes nothing. With all weights one it is the stock trainer's loss. A prompt is
    trained on, as reasoning, under `completion_only_loss=False` only.

    `error_weight` may be below 0, as may the weights that rows bring (`loss_weight` of a row, `loss_weights` of
    tokens). Σ w·nll has no minimum then: −log p of a wrong token grows without bound. Such a token has the loss of
    unlikelihood training instead, −log(1 − p), with p its probability (arXiv 1908.04319), and the mean is
    Σ |w|·loss / Σ |w|. Use it with `error_scope="mistake"`: over a whole step it unlearns the right beginning too.

    `loss_type="dft"` is Σ w·sg(p)·nll / Σ w (arXiv 2508.05629), with all weights one TRL's own; weights below 0 are
    refused with it, since p takes the factor 1/p out of the gradient of −log p, and the gradient of −log(1 − p) has the
    factor 1/(1 − p).

    What counts as the error is `error_scope`: with `mistake`, the default, the wrong step from the place on at which
    the mistake begins, with `step` the whole of it. That place comes from the rows (`error_starts`) or else from the
    texts of error and correction, see `lemma_hf.train.scope`; where it is not known, the whole step counts, and the
    table before the first step says for how many.

    LEMMA trains on everything after the prompt (arXiv 2503.17439, section 4.1), which is `error_weight=1`. The default
    here masks the mistake, as S3c-Math (arXiv 2409.01524) and ISC (arXiv 2401.07301) mask the wrong step. In the
    miniature (docs/results/miniature.md) masking whole steps does much harm, and masking from the mistake on none.
    Where the table says that few places are known, and the student fails a kind of step nearly always, set it to 1.

    Where there is no GPU with bfloat16, `bf16` is False unless it is set; TRL's own default would be an error there.

    Raises:
        ConfigError: if a weight other than `error_weight` is negative, if one is infinite or not a number, if all are
            zero, or if another option would drop or distort the weights.

    Example:
        >>> LemmaSFTConfig(output_dir="out", bf16=False, use_cpu=True, reflection_weight=2.0).reflection_weight
        2.0
    """

    reasoning_weight: float = field(
        default=DEFAULT_WEIGHTS[SpanKind.REASONING],
        metadata={"help": "Weight of right steps before an error, and of whole solutions without one."},
    )
    error_weight: float = field(
        default=DEFAULT_WEIGHTS[SpanKind.ERROR],
        metadata={
            "help": "Weight of wrong steps: 0 masks them, 1 is the LEMMA paper's setting, below 0 they are unlearned."
        },
    )
    reflection_weight: float = field(
        default=DEFAULT_WEIGHTS[SpanKind.REFLECTION],
        metadata={"help": "Weight of the turn, where the mistake is noticed."},
    )
    correction_weight: float = field(
        default=DEFAULT_WEIGHTS[SpanKind.CORRECTION],
        metadata={"help": "Weight of the right way after the turn, the end token included."},
    )
    error_scope: str = field(
        default=DEFAULT_ERROR_SCOPE,
        metadata={
            "help": "What counts as the error: `step`, the whole wrong step, or `mistake`, the step from the place on "
            "at which the mistake begins (the beginning that is right counts as reasoning)."
        },
    )

    def __post_init__(self) -> None:
        unset = getattr(self, "bf16", None) is None and not self.fp16
        if unset and not is_torch_bf16_gpu_available():
            self.bf16 = False  # TRL's default, bfloat16, is an error on a machine without a GPU for it
        super().__post_init__()
        for refusal in chain(
            self._bad_weights(), self._bad_scope(), self._bad_losses(), self._bad_data_options(), self._bad_ranks()
        ):
            raise ConfigError(refusal)

    @property
    def kind_weights(self) -> dict[SpanKind, float]:
        """The weight of each kind of span; the prompt has none.

        Example:
            >>> LemmaSFTConfig(output_dir="out", bf16=False, use_cpu=True, error_weight=0.3).kind_weights["error"]
            0.3
        """
        return {
            SpanKind.REASONING: self.reasoning_weight,
            SpanKind.ERROR: self.error_weight,
            SpanKind.REFLECTION: self.reflection_weight,
            SpanKind.CORRECTION: self.correction_weight,
        }

    def _bad_weights(self) -> Iterator[str]:
        for kind, value in self.kind_weights.items():
            is_number = isinstance(value, Real) and not isinstance(value, bool) and isfinite(value)
            if not is_number or (value < 0 and kind is not SpanKind.ERROR):
                yield (
                    f"{kind}_weight is {value!r:.60}, but a weight is a finite number, and only error_weight may be "
                    "below 0: set it to 0 to mask these spans, or to a positive number to train on them"
                )
            elif value and not WEIGHTS_FROM <= abs(value) <= WEIGHTS_TO:
                yield (
                    f"{kind}_weight is {value}, but a weight other than 0 lies from {WEIGHTS_FROM:g} to "
                    f"{WEIGHTS_TO:g}: only the ratio of weights counts, so divide all of them by the same number, "
                    "or set it to 0"
                )
        if not any(self.kind_weights.values()):
            yield (
                "all four span weights are 0, so nothing would be trained: raise correction_weight, "
                "or take the defaults by leaving the weights out"
            )

    def _bad_scope(self) -> Iterator[str]:
        if self.error_scope not in list(ErrorScope):
            yield (
                f"error_scope is {self.error_scope!r}, but it is one of {', '.join(ErrorScope)}: take `mistake` for "
                "spans that begin where the mistake does, or `step` for the whole wrong step"
            )

    def _bad_losses(self) -> Iterator[str]:
        if self.loss_type not in ("nll", "dft"):
            yield f"loss_type is {self.loss_type!r}, but it is 'nll', or 'dft'"
        if self.loss_type == "dft" and self.error_weight < 0:
            yield f"error_weight is {self.error_weight}, and {NO_NEGATIVE_DFT}: use loss_type='nll', or set it to 0"
        if self.label_smoothing_factor > 0:
            yield (
                "label_smoothing_factor takes another path through the trainer, which ignores the span weights: "
                "set it to 0, or use trl's SFTTrainer"
            )

    def _bad_data_options(self) -> Iterator[str]:
        if self.eval_packing and not (self.packing or self.padding_free):
            yield (
                "eval_packing=True without packing=True packs the eval rows, but TRL then takes each block for one "
                "document, so that rows are read with others before them: set packing=True too, or leave eval_packing "
                "unset"
            )

    def _bad_ranks(self) -> Iterator[str]:
        parallelism = self.parallelism_config
        if parallelism is not None and (parallelism.cp_enabled or parallelism.sp_enabled):
            yield NO_SPLIT_SEQUENCES
        if not self.average_tokens_across_devices and self.world_size > 1:
            yield (
                "average_tokens_across_devices=False gives each rank its own denominator, so that a weight would mean "
                "something else on each: leave it at True, or train on one process"
            )


NO_SPLIT_SEQUENCES = (
    "context and sequence parallelism cut sequences apart after the weights are lined up with them: use FSDP or ZeRO-3 "
    "for memory (with packing or gradient checkpointing for long rows), or use trl's SFTTrainer"
)
