"""Loss: weighted over an accumulation window, and its figures by kind of span.

`SFTTrainer` computes Σ −log_probs / n, where n counts the labels of an accumulation window on all ranks. With every
log-probability scaled by wᵢ · n / Σw, Σw over the same labels, that becomes Σ wᵢ·nllᵢ / Σ wᵢ, and every other part of
the trainer (ranks, accumulation, auxiliary losses) stays as it is. With weights of one the scale is exactly 1.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch.nn import functional

from lemma_hf.train.kinds import IGNORED, KIND_FIGURES, TOKEN_KINDS

if TYPE_CHECKING:
    from transformers.utils import ModelOutput

_SUMS = (*KIND_FIGURES, "labels", "weighted", "weight")
"""Nats, hits and nats; how many labels; w·nll and w."""
_MOST_WAITING = 256
"""Batches whose sums stay on the device: a transfer this seldom costs nothing, and 256 × 30 numbers are 30 kB."""


def batch_weight(batch: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """Sum of the weights of a batch over its labels; the first label of a row predicts nothing and is left out."""
    counted = batch["labels"][:, 1:] != IGNORED
    return (batch["loss_weights"][:, 1:] * counted).sum()


def window_scale(labels: torch.Tensor | int, weight: torch.Tensor) -> torch.Tensor:
    """n / Σw, or 0 where nothing has weight, so that such a window has the loss 0 rather than NaN."""
    return torch.where(weight > 0, torch.as_tensor(labels, device=weight.device) / weight, 0.0)


def beside_log_probs(values: torch.Tensor, width: int) -> torch.Tensor:
    """Line up per-token values (B, T) with log-probabilities (B, `width`).

    `width` is T − 1, each position holding the token that follows; prompt learning (peft) puts virtual tokens in front,
    which makes it wider, and these get 0.
    """
    if width < values.size(1):
        return values[:, values.size(1) - width :]
    return functional.pad(values, (width - values.size(1), 0))


class WeightedModel:
    """A model for one call of `compute_loss`: the same outputs, with weighted log-probabilities."""

    def __init__(self, model: torch.nn.Module, weights: torch.Tensor, scale: torch.Tensor) -> None:
        self.model = model
        self.weights = weights
        self.scale = scale
        self.log_probs: torch.Tensor | None = None
        """The log-probabilities as the model gave them, detached."""
        self.outputs: Any = None

    def __call__(self, *args: Any, **kwargs: Any) -> "ModelOutput":
        """Run the model; where it gives log-probabilities, weigh them."""
        outputs = self.model(*args, **kwargs)
        if kwargs.get("fused_lm_head"):
            self.log_probs, self.outputs = outputs.log_probs.detach(), outputs
            factors = beside_log_probs(self.weights, outputs.log_probs.size(1)) * self.scale
            outputs.log_probs = outputs.log_probs * factors
        return outputs


def kind_sums(
    log_probs: torch.Tensor,
    outputs: "ModelOutput",
    counted: torch.Tensor,
    *,
    kinds: torch.Tensor,
    weights: torch.Tensor,
) -> torch.Tensor:
    """The logged figures, summed over the labels of each token kind: shape (6, kinds), in the order of `_SUMS`.

    Args:
        log_probs: as the model gave them, (B, T − 1), or wider under prompt learning.
        outputs: of the fused head.
        counted: which places count, bool, in the shape of `log_probs`.
        kinds: of the tokens, (B, T); `weights` have the same shape.
    """
    width = log_probs.size(1)
    nll, labels, factors = -log_probs, torch.ones_like(log_probs), beside_log_probs(weights, width)
    values = [nll, outputs.is_top1, outputs.entropy.detach(), labels, nll * factors, factors]
    marked = torch.stack([value.float() for value in values]) * counted
    sums = torch.zeros(len(values), len(TOKEN_KINDS), device=marked.device)
    # Added by index, not picked by a mask, which would make the GPU wait for the number of tokens.
    return sums.index_add_(1, beside_log_probs(kinds, width).flatten(), marked.flatten(1))


class KindFigures:
    """Sums of `kind_sums` from one log to the next."""

    def __init__(self) -> None:
        self._waiting: list[torch.Tensor] = []
        self._sums = torch.zeros(len(_SUMS), len(TOKEN_KINDS), dtype=torch.float64)

    def add(self, sums: torch.Tensor) -> None:
        """Add the sums of one batch, already summed over the ranks.

        They stay on their device, which may still be busy with them, until there are `_MOST_WAITING` of them, or until
        `take` is called.
        """
        self._waiting.append(sums)
        if len(self._waiting) >= _MOST_WAITING:
            self._fold()

    def take(self) -> dict[str, float]:
        """The means per token since the last call, for every kind that occurred, and `loss`; then start again.

        `loss` is Σ w·nll / Σ w of everything added, whatever the batches; it is left out where nothing has weight.
        """
        self._fold()
        sums = dict(zip(_SUMS, self._sums.tolist(), strict=True))
        self._sums.zero_()
        found = {
            f"{kind}_{figure}": sums[figure][index] / sums["labels"][index]
            for index, kind in enumerate(TOKEN_KINDS)
            for figure in KIND_FIGURES
            if kind != "prompt" and sums["labels"][index]
        }
        weight = sum(sums["weight"])
        return found | ({"loss": sum(sums["weighted"]) / weight} if weight else {})

    def _fold(self) -> None:
        if self._waiting:
            self._sums += torch.stack(self._waiting).cpu().double().sum(0)
            self._waiting.clear()
