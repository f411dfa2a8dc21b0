"""Places that the training's figures are reported to (`report_to`): whether each can be, before anything is loaded."""

from collections.abc import Sequence

from transformers.integrations import INTEGRATION_TO_CALLBACK, get_available_reporting_integrations

from lemma_hf.errors import ConfigError, MissingDependencyError
from lemma_hf.utils.extras import how_to_install
from lemma_hf.utils.names import nearest

_NEVER_SEEN = "flyte"
"""Of this one `transformers` never says that it is available."""


def check_reporters(names: Sequence[str]) -> None:
    """Refuse what figures cannot be reported to; the trainer would find it out when the model is loaded.

    Args:
        names: `report_to` as `TrainingArguments` leaves it: without "all" and "none".

    Raises:
        ConfigError: for a name that `transformers` does not know.
        MissingDependencyError: where its package is not installed.

    Example:
        >>> check_reporters([])
    """
    for name in names:
        if name not in INTEGRATION_TO_CALLBACK:
            raise ConfigError(f"`report_to`: {name!r} is not known; {nearest(name, INTEGRATION_TO_CALLBACK)}")
        if name != _NEVER_SEEN and name not in get_available_reporting_integrations():
            how = how_to_install(name) if name == "tensorboard" else f"pip install {name}"
            raise MissingDependencyError(
                f"`report_to: {name}` needs {name}, which is not installed: {how}; or set `report_to: none`"
            )
