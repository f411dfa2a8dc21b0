"""Publishing a trained model: its repository is made before the first step, the model is pushed after the last."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lemma_hf.errors import ConfigError, HubError, LemmaError
from lemma_hf.hub.failures import hub_errors
from lemma_hf.hub.model import model_artifact
from lemma_hf.hub.push import Options, hub_api, push

if TYPE_CHECKING:
    from transformers import TrainingArguments


def create_model_repo(config: TrainingArguments) -> None:
    """Make the repository before training, so that a token without the right to write is found before hours of work.

    Only the first process makes it; an existing repository is not changed.

    Raises:
        ConfigError: if the token is among the settings, which are stored with the run.
        HubError: if the repository cannot be made.
    """
    if config.hub_token:
        raise ConfigError(
            "hub_token would be stored with the settings of the run: put the token into HF_TOKEN, or `hf auth login`"
        )
    name = config.hub_model_id or Path(config.output_dir).absolute().name
    if config.process_index == 0:
        with hub_errors("making the repository", name):
            hub_api().create_repo(name, private=config.hub_private_repo, exist_ok=True)


def push_trained(config: TrainingArguments, repo_id: str) -> str:
    """Push the model that was saved in `output_dir`, in one commit.

    Returns:
        The address of the commit.

    Raises:
        HubError: if it cannot be pushed; the message names the folder and the command that publishes it later.
    """
    options = Options(bool(config.hub_private_repo), config.hub_revision or "main", message="End of training")
    try:
        return push(model_artifact(config.output_dir, repo_id), options, tell=lambda plan: None).url
    except LemmaError as error:
        raise HubError(
            f"{error}\nThe model is trained and saved, in {config.output_dir}. To publish it later: "
            f"python recipes/publish.py model --model {config.output_dir} --model_repo {repo_id} --push"
        ) from error
