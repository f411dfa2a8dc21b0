"""How is a model lent out in the middle of its training, and given back as it was?"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from transformers.integrations.fsdp import is_fsdp_managed_module

from lemma_hf.errors import ConfigError


@dataclass(frozen=True)
class NormalTensors:
    """Stands in for the model in `LocalStudent`: what it keeps from generating can be used in training.

    Buffers that a model fills in inference mode would be tensors that autograd refuses ever after.
    """

    model: Any
    training: bool = False

    @property
    def device(self) -> Any:
        """Where the model is."""
        return self.model.device

    def eval(self) -> None:
        """Nothing: `evaluating` has done it."""

    def train(self, mode: bool) -> None:
        """Nothing: `evaluating` will do it."""

    def generate(self, input_ids: Any, attention_mask: Any, **options: Any) -> Any:
        """As the model's, outside inference mode, and with a cache whatever `config.use_cache` says in training."""
        with torch.inference_mode(False), torch.no_grad():
            return self.model.generate(
                input_ids=input_ids.clone(), attention_mask=attention_mask.clone(), use_cache=True, **options
            )


@contextmanager
def evaluating(model: Any) -> Iterator[None]:
    """The model in evaluation mode; afterwards every module is in the mode in which it was."""
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        yield
    finally:
        for module, mode in modes.items():
            module.training = mode


def refuse_sharded(trainer: Any) -> None:
    """Refuse a trainer on whose processes the model does not lie whole.

    Such processes would all have to generate in step, token by token, with the parameters gathered again for each one.

    Raises:
        ConfigError: if so.
    """
    plugin = trainer.accelerator.state.deepspeed_plugin
    kinds = {
        "DeepSpeed ZeRO-3": plugin is not None and plugin.zero_stage == 3,
        # Wrapped by accelerate when training begins, or sharded already when it was loaded.
        "FSDP": trainer.is_fsdp_enabled or is_fsdp_managed_module(trainer.model),
        "tensor parallelism": trainer.get_tp_size() > 1,
    }
    for kind, is_on in kinds.items():
        if is_on:
            raise ConfigError(
                f"SolveCallback needs the whole model on each process, but {kind} spreads its parameters over them: "
                "train with DeepSpeed ZeRO-2 or plain data parallelism, or leave the callback out and score the saved "
                "checkpoints with recipes/score.py"
            )
