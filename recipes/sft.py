"""Train a model on trajectories that contain a mistake, its reflection and its correction.

    accelerate launch recipes/sft.py --config recipes/configs/world.yaml
    accelerate launch recipes/sft.py --config recipes/configs/world.yaml --error_weight 1 --output_dir outputs/unmasked

The configuration above makes a tokenizer and a small Llama from scratch and trains it on the dataset that ships with
lemma-hf: no download, about two minutes on 2 cores. The other files in recipes/configs train published models with the
paper's values; each says its hardware and its command. Every option of TRL's SFTConfig can be given, in the `sft:`
section of the file or behind the command.

    accelerate launch recipes/sft.py --config recipes/configs/world.yaml --push_to_hub --hub_model_id YOUR_NAME/small

publishes the model when it is trained, in one commit: weights, tokenizer, card and curves, and nothing else. The token
comes from HF_TOKEN or from `hf auth login`; whether it may write is found out before anything is trained.

In --output_dir lie afterwards: the model, its tokenizer and its card, the checkpoints, the logged figures
(trainer_state.json), the last ones (all_results.json), and the rows in which no spans were found (*.rejects.jsonl).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lemma_hf.data.loading import load_any, load_rows
from lemma_hf.data.mixtures import mix, read_columns
from lemma_hf.data.sources import read_problems
from lemma_hf.errors import ConfigError, HubError, LemmaError
from lemma_hf.prompts import prompt_style
from lemma_hf.records import Dropped, Problem
from lemma_hf.settings import parse_settings, run_recipe


@dataclass
class ScriptSettings:
    """Which model learns from which rows."""

    dataset: str = field(
        default="lemma",
        metadata={
            "help": "A dataset's name, a folder, or a JSONL or Parquet file of rows. In rows of the published LEMMA "
            "format (instruction, input, output) the spans are found."
        },
    )
    dataset_config: str = field(default="", metadata={"help": "Such as fix_and_continue; by default all rows."})
    train_split: str = field(default="train", metadata={"help": "A split or a slice of one, such as train[:95%%]."})
    eval_split: str = field(default="", metadata={"help": "Likewise, for evaluation; by default there is none."})

    mix_dataset: str = field(default="", metadata={"help": "Right solutions to mix into the training rows."})
    mix_config: str = field(default="", metadata={"help": "Its config."})
    mix_split: str = field(default="train", metadata={"help": "Its split, or a slice of it."})
    mix_columns: list[str] = field(
        default_factory=list,
        metadata={"help": "question=COLUMN solution=COLUMN, where it has no prompt and completion."},
    )
    mix_style: str = field(default="instruction", metadata={"help": "How those questions are put, as in the rows."})
    mix_share: float = field(
        default=1 / 3,
        metadata={"help": "Share of right rows among all. 1/3: the best mix of RLERR (arXiv 2601.12720)."},
    )

    model: str = field(default="", metadata={"help": "A folder with a model, or its name on the Hub."})
    scratch: bool = field(default=False, metadata={"help": "Make a tokenizer and a small Llama instead."})
    hidden_size: int = field(default=128, metadata={"help": "Width of the model from scratch."})
    layers: int = field(default=3, metadata={"help": "Layers of the model from scratch."})
    heads: int = field(default=4, metadata={"help": "Attention heads of the model from scratch."})
    vocabulary_size: int = field(default=1024, metadata={"help": "Tokens of the tokenizer from scratch."})
    lora_r: int = field(default=0, metadata={"help": "Rank of LoRA adapters on all linear layers; 0 trains all."})
    lora_alpha: int = field(default=0, metadata={"help": "Their scale; by default twice the rank."})

    solve_every: int = field(default=0, metadata={"help": "Steps between two tries at held-out problems; 0: none."})
    solve_file: str = field(default="", metadata={"help": "The problems: JSONL or Parquet with question and answer."})
    solve_world: str = field(default="", metadata={"help": "Or fresh problems of this dialect: stories or sums."})
    solve_problems: int = field(default=50, metadata={"help": "How many at most."})
    solve_benchmark: str = field(default="gsm8k", metadata={"help": "Whose answer policy the grader follows."})
    solve_max_new_tokens: int = field(default=1024, metadata={"help": "The paper's limit."})


def main() -> None:
    """Rows, model, training, and a table of what was learned."""
    from lemma_hf.train import LemmaSFTConfig, LemmaSFTTrainer

    settings, config = parse_settings((ScriptSettings, LemmaSFTConfig), section="sft", description=__doc__)
    if config.push_to_hub:
        make_repository(config)
    problems = solve_problems(settings) if settings.solve_every else []
    rows = training_rows(settings, config)
    held_out = load(settings, config, settings.eval_split, "eval") if settings.eval_split else None
    model, tokenizer = make_model(settings, config, rows)
    trainer = LemmaSFTTrainer(
        model,
        config,
        train_dataset=rows,
        eval_dataset=held_out,
        processing_class=tokenizer,
        peft_config=lora(settings.lora_r, settings.lora_alpha),
    )
    if problems:
        trainer.add_callback(solver(settings, trainer, problems))

    trained = trainer.train(resume_from_checkpoint=config.resume_from_checkpoint)
    # As a call from outside it would push too, without the last figures.
    trainer.save_model(config.output_dir, _internal_call=True)
    trainer.save_metrics("train", trained.metrics | last_figures(trainer.state.log_history, "solve_"))
    if held_out is not None:
        trainer.save_metrics("eval", trainer.evaluate())
    trainer.save_state()
    sources = [name for name in (settings.dataset, settings.mix_dataset) if name]
    trainer.create_model_card(dataset_name=sources)  # once more, with the last figures
    if trainer.is_world_process_zero():
        print(table(trainer.state.log_history), f"\nmodel and tokenizer: {config.output_dir}")
        if config.push_to_hub:
            publish(config, trainer.hub_model_id)


def make_repository(config: Any) -> None:
    """Make the repository before anything is trained, so that a token which may not write costs no training."""
    from lemma_hf.hub import hub_api
    from lemma_hf.hub.failures import hub_errors

    if config.hub_token:
        raise ConfigError(
            "hub_token would be stored with the settings of the run: put the token into HF_TOKEN, or `hf auth login`"
        )
    name = config.hub_model_id or Path(config.output_dir).absolute().name
    if config.process_index == 0:
        with hub_errors("making the repository", name):
            hub_api().create_repo(name, private=config.hub_private_repo, exist_ok=True)


def publish(config: Any, repo_id: str) -> None:
    """Push what was saved; should that fail, say where it is and how to do it later."""
    from lemma_hf.hub import Options, push
    from lemma_hf.hub.model import model_artifact

    options = Options(bool(config.hub_private_repo), config.hub_revision or "main", message="End of training")
    try:
        done = push(model_artifact(config.output_dir, repo_id), options, tell=lambda plan: None)
    except LemmaError as error:
        raise HubError(
            f"{error}\nThe model is trained and saved, in {config.output_dir}. To publish it later: "
            f"python recipes/publish.py model --model {config.output_dir} --model_repo {repo_id} --push"
        ) from error
    print(f"published: {done.url}")


def load(settings: ScriptSettings, config: Any, split: str, role: str) -> Any:
    """The rows of a split, with spans; the first process reads, counts aloud and writes rejects, the others wait."""
    rejects = Path(config.output_dir, f"{role}.rejects.jsonl") if config.process_index == 0 else ""
    with config.main_process_first(desc=f"loading {settings.dataset}"):
        return load_rows(
            settings.dataset, settings.dataset_config, split, rejects=rejects, tell=teller(config.process_index)
        )


def training_rows(settings: ScriptSettings, config: Any) -> Any:
    """The trajectories, and right solutions among them if any are to be."""
    rows = load(settings, config, settings.train_split, "train")
    if not settings.mix_dataset:
        return rows
    with config.main_process_first(desc=f"loading {settings.mix_dataset}"):
        right = load_any(settings.mix_dataset, settings.mix_config, settings.mix_split)
    columns, style = read_columns(settings.mix_columns), prompt_style(settings.mix_style)
    mixture = mix(rows, right, share=settings.mix_share, columns=columns, style=style, seed=config.seed)
    teller(config.process_index)(str(mixture))
    return mixture.rows


def teller(rank: int) -> Any:
    """`print` for the first process, silence for the others."""
    return print if rank == 0 else lambda text: None


def make_model(settings: ScriptSettings, config: Any, rows: Any) -> tuple[Any, Any]:
    """A model, or the name of one that the trainer loads, and its tokenizer."""
    if settings.scratch == bool(settings.model):
        raise ConfigError("which model? Say either `model: NAME_OR_FOLDER` or `scratch: true`")
    if settings.scratch:
        from lemma_hf.train.scratch import bpe_tokenizer, small_llama

        texts = (row["prompt"] + row["completion"] for row in rows.select_columns(["prompt", "completion"]))
        tokenizer = bpe_tokenizer(texts, settings.vocabulary_size)
        size = {"hidden_size": settings.hidden_size, "layers": settings.layers, "heads": settings.heads}
        return small_llama(tokenizer, **size, max_length=config.max_length or 1024, seed=config.seed), tokenizer
    from transformers import AutoTokenizer

    options = {"revision": (config.model_init_kwargs or {}).get("revision", "main")}
    try:
        return settings.model, AutoTokenizer.from_pretrained(
            settings.model, trust_remote_code=config.trust_remote_code, **options
        )
    except (OSError, ValueError) as error:
        raise ConfigError(f"model {settings.model!r} cannot be loaded: {error}") from error


def lora(rank: int, alpha: int = 0) -> Any:
    """LoRA on every linear layer but the head; `alpha` 0 is twice the rank. None for rank 0."""
    if not rank:
        return None
    from peft import LoraConfig

    return LoraConfig(r=rank, lora_alpha=alpha or 2 * rank, target_modules="all-linear", task_type="CAUSAL_LM")


def solver(settings: ScriptSettings, trainer: Any, problems: Sequence[Problem]) -> Any:
    """The callback that lets the model try held-out problems now and then."""
    from lemma_hf.train.solve import SolveCallback
    from lemma_hf.world import get_world

    return SolveCallback(
        trainer,
        problems,
        every=settings.solve_every,
        benchmark=settings.solve_benchmark,
        max_new_tokens=settings.solve_max_new_tokens,
        reflects=get_world(settings.solve_world).has_turn if settings.solve_world else None,
    )


def solve_problems(settings: ScriptSettings) -> list[Problem]:
    """Held-out problems from a file, or from the world with a seed that no dataset of ours was made with."""
    from lemma_hf.world import get_world

    if bool(settings.solve_file) == bool(settings.solve_world):
        raise ConfigError("solve_every needs problems: say either `solve_file: FILE` or `solve_world: stories`")
    if settings.solve_world:
        return get_world(settings.solve_world).problems(settings.solve_problems, seed=2503)
    found = list(read_problems(settings.solve_file, identity=""))
    usable = [item for item in found if not isinstance(item, Dropped)]
    if not usable:
        raise ConfigError(f"{settings.solve_file}: none of its {len(found):,} rows is a problem with an answer")
    print(f"{settings.solve_file}: {len(usable):,} problems, {len(found) - len(usable):,} rows without an answer")
    return usable[: settings.solve_problems]


def last_figures(history: Sequence[Mapping[str, float]], prefix: str) -> dict[str, float]:
    """The figures with this prefix as they were logged last."""
    return {name: value for log in history for name, value in log.items() if name.startswith(prefix)}


def table(history: Sequence[Mapping[str, float]]) -> str:
    """Loss and accuracy of each kind of span, in the first log and in the last."""
    kinds = ("reasoning", "error", "reflection", "correction")
    logs = [log for log in history if any(f"{kind}_loss" in log for kind in kinds)]
    if not logs:
        return "no training steps were logged: lower logging_steps to see how each kind of span is learned"
    lines = [f"{'span':<12}{'loss':>18}{'accuracy':>20}"]
    for kind in kinds:
        seen = [log for log in logs if f"{kind}_loss" in log]
        if seen:
            loss, accuracy = ((seen[0][f"{kind}_{name}"], seen[-1][f"{kind}_{name}"]) for name in ("loss", "accuracy"))
            lines.append(f"{kind:<12}{loss[0]:>8.3f} → {loss[1]:>7.3f}{accuracy[0]:>9.1%} → {accuracy[1]:>7.1%}")
    return "\n".join(lines)


if __name__ == "__main__":
    run_recipe(main)
