"""Loss: weighted over an accumulation window, and its figures by kind of span.

`SFTTrainer` computes Σ −log_probs / n, where n counts the labels of an accumulation window on all ranks. With every
log-probability scaled by wᵢ · n / Σw, Σw over the same labels, that becomes Σ wᵢ·nllᵢ / Σ wᵢ, and every other part of
of the trainer (ranks, accumulation, auxiliary losses) stays as it is. With weights of one the scale is exactly 1.

A weight below 0 asks to unlearn a token. Σ wᵢ·nllᵢ itself has no minimum then: with p the probability of the token,
−log p grows without bound as p falls to 0. So its loss is that of unlikelihood training, −log(1 − p), which is 0 there
(Welleck et al. 2019, arXiv 1908.04319), and the whole is

    Σ |wᵢ|·ℓᵢ / Σ |wᵢ|     ℓ = −log p where w ≥ 0,  −log(1 − p) where w < 0

With `loss_type="dft"` (arXiv 2508.05629) ℓ = −sg(p)·log p, where sg takes p as a number without a gradient.
"""

from collections.abc import Callable, Mapping
from math import expm1, log
from typing import TYPE_CHECKING, Any

import torch
from torch.nn import functional

from lemma_hf.errors import ConfigError
from lemma_hf.train.kinds import IGNORED, KIND_FIGURES, TOKEN_KINDS

if TYPE_CHECKING:
    from transformers.utils import ModelOutput

_SUMS = (*KIND_FIGURES, "labels", "weighted", "weight")
"""Nats, hits and nats; how many labels; |w|·ℓ and |w|."""
_NEAREST = 1e-5
"""The 1 − p below which the slope of log(1 − p) stays as it is: float32 knows a probability near 1 up to some 1e-6."""
_MOST_WAITING = 256
"""Batches whose sums stay on the device: a transfer this seldom costs nothing, and 256 × 30 numbers are 30 kB."""


def batch_weight(batch: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """Σ |w| of a batch over its labels; the first label of a row predicts nothing and is left out."""
    counted = batch["labels"][:, 1:] != IGNORED
    return (batch["loss_weights"][:, 1:].abs() * counted).sum()


def window_scale(labels: torch.Tensor | int, weight: torch.Tensor) -> torch.Tensor:
    """n / Σ|w|, or 0 where nothing has weight, so that such a window has the loss 0 rather than NaN."""
    return torch.where(weight > 0, torch.as_tensor(labels, device=weight.device) / weight, 0.0)


def beside_log_probs(values: torch.Tensor, width: int) -> torch.Tensor:
    """Line up per-token values (B, T) with log-probabilities (B, `width`).

    `width` is T − 1, each position holding the token that follows; prompt learning (peft) puts virtual tokens in front,
    which makes it wider, and these get 0.
    """
    if width < values.size(1):
        return values[:, values.size(1) - width :]
    return functional.pad(values, (width - values.size(1), 0))


def log_unlikelihood(log_probs: torch.Tensor) -> torch.Tensor:
    """log(1 − p) of log p ≤ 0, with finite values and gradients up to p = 1.

    Its slope, −p / (1 − p), has no bound at p = 1. From 1 − p = 1e-5 on it stays what it is there, and the function
    goes on as a straight line: the token is still unlearned, where a clamp would leave it without a gradient.

    Example:
        >>> log_unlikelihood(torch.tensor([0.25, 0.5]).log()).exp()
        tensor([0.7500, 0.5000])
    """
    # Chosen here and not by `clamp` and `relu`, whose slope at the edge itself changed with torch 2.14.
    near = log_probs > -_NEAREST
    inner = torch.where(near, -_NEAREST, log_probs)
    # Two forms of the same, each precise where the other is not (Mächler 2012, on log(1 - exp(-|a|))).
    found = torch.where(inner > -log(2), torch.log(-torch.expm1(inner)), torch.log1p(-torch.exp(inner)))
    return found - torch.where(near, log_probs + _NEAREST, 0.0) / expm1(_NEAREST)


def log_terms(log_probs: torch.Tensor, weights: torch.Tensor, loss_type: str) -> torch.Tensor:
    """−ℓ of each token, ℓ as at the top of this file; `weights` in the shape of `log_probs`.

    Example:
        >>> log_terms(torch.tensor([0.25, 0.25]).log(), torch.tensor([1.0, -1.0]), "nll").exp()
        tensor([0.2500, 0.7500])
    """
    if loss_type == "dft":
        return log_probs * log_probs.exp().detach()
    return torch.where(weights < 0, log_unlikelihood(log_probs), log_probs)


class WeightedModel:
    """A model for one call of `compute_loss`: the same outputs, with −|w|·ℓ·scale in place of log-probabilities."""

    def __init__(
        self, model: torch.nn.Module, weights: torch.Tensor, scale: torch.Tensor, loss_type: str = "nll"
    ) -> None:
        self.model = model
        self.weights = weights
        self.scale = scale
        self.loss_type = loss_type
        self.log_probs: torch.Tensor | None = None
        """The log-probabilities as the model gave them, detached."""
        self.losses: torch.Tensor | None = None
        """ℓ of each token, detached."""
        self.outputs: Any = None
        self.calls = 0
        """How often the log-probabilities were asked for."""

    def __call__(self, *args: Any, **kwargs: Any) -> "ModelOutput":
        """Run the model; where it gives log-probabilities, weigh them."""
        outputs = self.model(*args, **kwargs)
        if kwargs.get("fused_lm_head"):
            self.calls += 1
            self.log_probs, self.outputs = outputs.log_probs.detach(), outputs
            # The model's own loss knows no weights: taken for the loss, it is to fail.
            outputs["loss"] = None
            # Without a label the log-probability is 0, which a weight below 0 would take for a token of p = 1.
            weights = beside_log_probs(self.weights, outputs.log_probs.size(1)) * outputs.label_mask
            terms = log_terms(outputs.log_probs, weights, self.loss_type)
            self.losses = -terms.detach()
            outputs.log_probs = terms * (weights.abs() * self.scale)
        return outputs

    def require_one_call(self) -> None:
        """Refuse a loss that was not made of the weighted log-probabilities.

        Raises:
            ConfigError: unless they were asked for exactly once.
        """
        if self.calls != 1:
            raise ConfigError(
                f"this release of trl asked for the weighted log-probabilities {self.calls} times to make one loss, "
                "but the weights are right only where it does so once, so they would have been dropped or distorted: "
                "install the trl that setup.cfg names, or use trl's SFTTrainer without weights"
            )


def kind_sums(
    log_probs: torch.Tensor,
    outputs: "ModelOutput",
    counted: torch.Tensor,
    *,
    losses: torch.Tensor,
    kinds: torch.Tensor,
    weights: torch.Tensor,
) -> torch.Tensor:
    """The logged figures, summed over the labels of each token kind: shape (6, kinds), in the order of `_SUMS`.

    Args:
        log_probs: as the model gave them, (B, T − 1), or wider under prompt learning.
        outputs: of the fused head.
        counted: which places count, bool, in the shape of `log_probs`.
        losses: ℓ of each token, in the same shape; `log_probs` give its nll, which is logged by kind.
        kinds: of the tokens, (B, T); `weights` have the same shape.
    """
    width = log_probs.size(1)
    nll, labels, sizes = -log_probs, torch.ones_like(log_probs), beside_log_probs(weights, width).abs()
    values = [nll, outputs.is_top1, outputs.entropy.detach(), labels, losses * sizes, sizes]
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
        """Add the sums of one batch on this rank.

        They stay on their device, which may still be busy with them, until there are `_MOST_WAITING` of them, or until
        `take` is called.
        """
        self._waiting.append(sums)
        if len(self._waiting) >= _MOST_WAITING:
            self._fold()

    def take(self, over_ranks: Callable[[torch.Tensor], torch.Tensor] | None = None) -> dict[str, float]:
        """The means per token since the last call, for every kind that occurred, and `loss`; then start again.

        `loss` is Σ |w|·ℓ / Σ |w| of everything added, whatever the batches; it is left out where nothing has weight.

        Args:
            over_ranks: adds up a tensor over the ranks, all of which call it; without it this rank alone counts.
        """
        self._fold()
        whole = self._sums if over_ranks is None else over_ranks(self._sums)
        sums = dict(zip(_SUMS, whole.tolist(), strict=True))
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
