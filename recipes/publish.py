"""Publish a dataset, the metrics, a model or its scores on the Hugging Face Hub.

`lemma-hf publish` is this recipe, wherever lemma-hf is installed.

Without --push nothing is sent: the files with their sizes, the card, and the differences from the Hub are shown.

    python recipes/publish.py dataset --dataset outputs/world --owner YOUR_NAME
    python recipes/publish.py dataset --dataset outputs/world --owner YOUR_NAME --push --private
    python recipes/publish.py metric  --owner YOUR_NAME --metrics lemma_math --push
    python recipes/publish.py model   --model outputs/sft --results outputs/score --owner YOUR_NAME --push
    python recipes/publish.py model   --model_repo YOUR_NAME/sft --results outputs/score --push      # scores alone
    python recipes/publish.py all     --config recipes/configs/world.yaml --push --tag v1

Each repository gets one commit, or none where nothing differs; interrupted, the same command finishes it. An existing
card is merged: a person's text in it is kept. Nothing that holds a key or a path of this machine is sent. The token
comes from HF_TOKEN or from `hf auth login`, never from the command line.

Exit status 0: everything is published (or was shown); 1: a part could not be published, with the reason; the other
parts were.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lemma_hf.errors import ConfigError, LemmaError
from lemma_hf.hub import (
    Artifact,
    Options,
    dataset_artifact,
    dry_run,
    hub_api,
    metric_artifact,
    model_artifact,
    push,
    whoami,
)
from lemma_hf.metrics import METRICS
from lemma_hf.settings import parse_settings, run_recipe

KINDS = ("dataset", "metric", "model", "all")


@dataclass
class PublishSettings:
    """Settings of what to publish, where, and how."""

    owner: str = field(default="", metadata={"help": "Your name or organization; by default the token's owner."})

    dataset: str = field(default="", metadata={"help": "A dataset's folder; `lemma` is the shipped one."})
    dataset_repo: str = field(default="", metadata={"help": "NAME or OWNER/NAME; by default the folder's name."})
    metrics: list[str] = field(
        default_factory=lambda: list(METRICS), metadata={"help": "Names of the metrics; by default all."}
    )
    requirement: str = field(
        default="lemma-hf",
        metadata={"help": "How a Space installs this package, such as `lemma-hf @ git+https://…`."},
    )
    model: str = field(default="", metadata={"help": "A folder that sft.py wrote."})
    model_repo: str = field(default="", metadata={"help": "NAME or OWNER/NAME; by default the folder's name."})
    results: str = field(default="", metadata={"help": "A folder that score.py wrote; its figures go to the model."})
    base_model: str = field(default="", metadata={"help": "An adapter's base on the Hub, where it was a folder here."})

    push: bool = field(default=False, metadata={"help": "Publish; by default the plan is only shown."})
    private: bool = field(default=False, metadata={"help": "Make new repositories private."})
    revision: str = field(default="main", metadata={"help": "The branch; made from main where it is missing."})
    tag: str = field(default="", metadata={"help": "A tag for the commit, such as v1."})
    create_pr: bool = field(default=False, metadata={"help": "Propose the commit as a pull request."})
    message: str = field(default="", metadata={"help": "The commit's message; by default its kind and version."})


def main(argv: Sequence[str] | None = None) -> int:
    """Show what would be published, or publish it."""
    what, arguments = split_command(sys.argv[1:] if argv is None else argv)
    (settings,) = parse_settings((PublishSettings,), section="publish", description=__doc__, argv=arguments)
    options = Options(settings.private, settings.revision, settings.tag, settings.create_pr, settings.message)
    settings.owner = settings.owner or (whoami() if needs_owner(what, settings) else "")
    failed = 0
    for make in makers(what, settings):
        try:
            publish(make(), settings, options)
        except LemmaError as error:
            failed += 1
            print(f"error: {error}\n", file=sys.stderr)
    if not settings.push:
        print("nothing was sent: the same command with --push does it")
    return 1 if failed else 0


def split_command(arguments: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Split the command line into what to publish and its options."""
    if arguments and arguments[0] in KINDS:
        return arguments[0], arguments[1:]
    if {"-h", "--help"} & set(arguments):
        return "all", arguments
    raise ConfigError(f"what to publish is missing: lemma-hf publish {{{','.join(KINDS)}}} …")


def needs_owner(what: str, settings: PublishSettings) -> bool:
    """Whether a repository is named without an owner."""
    dataset = bool(settings.dataset) and "/" not in settings.dataset_repo
    model = bool(settings.model or settings.model_repo) and "/" not in settings.model_repo
    return {"dataset": dataset, "metric": True, "model": model, "all": True}[what]


def makers(what: str, settings: PublishSettings) -> Iterator[Callable[[], Artifact]]:
    """Makers of the requested artifacts, each called in its turn, so that one failure stops no other artifact."""
    has_model = bool(settings.model or (settings.results and settings.model_repo))
    if what == "dataset" and not settings.dataset:
        raise ConfigError("no dataset is named: give --dataset FOLDER, as make_dataset.py wrote it, or --dataset lemma")
    if what == "model" and not has_model:
        raise ConfigError(
            "no model is named: give --model FOLDER, or --results FOLDER and the --model_repo it belongs to"
        )
    if what in ("dataset", "all") and settings.dataset:
        yield lambda: dataset(settings)
    if what in ("metric", "all"):
        for name in settings.metrics:
            yield lambda name=name: metric_artifact(  # type: ignore[misc]
                name, repo_id("", name, settings), requirement=settings.requirement
            )
    if what in ("model", "all") and has_model:
        yield lambda: model(settings)


def dataset(settings: PublishSettings) -> Artifact:
    """Make the dataset's artifact."""
    from lemma_hf import DATASET_DIR

    folder = Path(DATASET_DIR if settings.dataset == "lemma" else settings.dataset)
    return dataset_artifact(folder, repo_id(settings.dataset_repo, folder.absolute().name, settings))


def model(settings: PublishSettings) -> Artifact:
    """Make the artifact of the model, its scores, or both."""
    return model_artifact(
        settings.model or None,
        repo_id(settings.model_repo, Path(settings.model).absolute().name, settings),
        results=settings.results or None,
        base_model=settings.base_model,
    )


def repo_id(given: str, name: str, settings: PublishSettings) -> str:
    """Complete a repository's name to OWNER/NAME."""
    wanted = given or name
    return wanted if "/" in wanted else f"{settings.owner}/{wanted}"


def publish(artifact: Artifact, settings: PublishSettings, options: Options) -> None:
    """Show one artifact's plan or, with --push, publish it."""
    if not settings.push:
        print(dry_run(artifact, options), end="\n\n")
        return
    done = push(artifact, options, hub_api())
    tagged = f", tagged {options.tag}" if options.tag else ""
    print(f"{'pushed' if done.changed else 'nothing to do'}{tagged}: {done.url}\n")


if __name__ == "__main__":
    run_recipe(main)
