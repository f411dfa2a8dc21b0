"""Does every process hold the whole model? Where it does not, generating during training is refused."""

from typing import Any

from transformers.integrations.fsdp import is_fsdp_managed_module

from lemma_hf.errors import ConfigError


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
