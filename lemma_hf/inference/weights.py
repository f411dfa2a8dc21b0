"""Weights of a model: all of them are loaded, and all of them are numbers; else a message says what is wrong.

transformers fills what a checkpoint lacks with random numbers, and says so in its log only.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from lemma_hf.errors import ConfigError

if TYPE_CHECKING:
    from torch.nn import Module

_NAMED = 3
"""Missing tensors that a message names: enough to see which part of the model they are of."""


@contextmanager
def explained_loading(name: str) -> Iterator[None]:
    """Turn whatever stops a model from being loaded into a message.

    Raises:
        ConfigError: with the reason. A torn file is a `SafetensorError`, a `RuntimeError` or an `UnpicklingError`, and
            the tokenizers library raises bare exceptions: so all are treated alike.
    """
    try:
        yield
    except ConfigError:
        raise
    except Exception as error:
        raise ConfigError(f"{name!r} is no model that can be loaded: {str(error) or type(error).__name__}") from error


def refuse_missing(name: str, info: Mapping[str, Any]) -> None:
    """Refuse a model for which a checkpoint has not all the weights.

    Args:
        name: the model's, for the message.
        info: the second result of `from_pretrained(…, output_loading_info=True)`.

    Raises:
        ConfigError: naming what is missing.

    Example:
        >>> refuse_missing("outputs/sft", {"missing_keys": set(), "unexpected_keys": {"mtp.weight"}})
    """
    missing, strange = sorted(info["missing_keys"]), sorted(info["unexpected_keys"])
    if missing:
        more = f" and {len(missing) - _NAMED:,} more" if len(missing) > _NAMED else ""
        found = f"; {len(strange):,} others fit nowhere, such as {strange[0]}" if strange else ""
        raise ConfigError(
            f"{name!r} lacks weights that the model needs, which would be random numbers: "
            f"{', '.join(missing[:_NAMED])}{more}{found}. Save the whole model again, or look whether config.json and "
            "the weights are of the same model"
        )


def refuse_not_finite(name: str, model: "Module") -> None:
    """Refuse a model with weights that are no numbers, as a training leaves it whose loss became NaN.

    Weights without a place yet (on the device `meta`) are passed over.

    Raises:
        ConfigError: naming the first such tensor.
    """
    for key, values in model.named_parameters():
        if values.is_floating_point() and not values.is_meta and not values.isfinite().all():
            raise ConfigError(
                f"{name!r} can neither write nor learn: {key} holds NaN or infinity. Take a checkpoint from before its "
                "loss became NaN"
            )
