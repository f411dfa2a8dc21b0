"""Publishing of datasets, metrics and models on the Hub: checked, shown, then sent in one commit each.

from lemma_hf.hub import Options, dataset_artifact, push, dry_run

artifact = dataset_artifact("outputs/gsm8k", "your-name/lemma")
print(dry_run(artifact, Options()))  # files, sizes, card, difference; nothing is sent
push(artifact, Options(private=True))

`checks` is what is refused before a push, `plan` the difference from what is there, `push` the one commit; `dataset`,
`metric`, `model` and `results` gather the files, `card` and `front_matter` merge cards.
"""

from lemma_hf.hub.artifact import Artifact, File, RepoKind
from lemma_hf.hub.dataset import dataset_artifact
from lemma_hf.hub.metric import metric_artifact
from lemma_hf.hub.model import model_artifact
from lemma_hf.hub.push import Options, Pushed, dry_run, hub_api, push, whoami
from lemma_hf.hub.trained import create_model_repo, push_trained

__all__ = [
    "Artifact",
    "File",
    "Options",
    "Pushed",
    "RepoKind",
    "create_model_repo",
    "dataset_artifact",
    "dry_run",
    "hub_api",
    "metric_artifact",
    "model_artifact",
    "push",
    "push_trained",
    "whoami",
]
