"""Rows of the training script: the splits that its settings name, with spans, and right solutions mixed in."""

from collections.abc import Callable
from pathlib import Path

from datasets import Dataset, DatasetDict
from datasets.exceptions import DatasetsError
from transformers.trainer_utils import IntervalStrategy
from trl import DatasetMixtureConfig, get_dataset

from lemma_hf.data.export.chats import as_chats
from lemma_hf.data.loading import find_spans, load_any, load_rows, load_solutions
from lemma_hf.data.mixtures import mix, read_columns
from lemma_hf.errors import DataError
from lemma_hf.prompts import prompt_style
from lemma_hf.train.config import LemmaSFTConfig
from lemma_hf.train.script.settings import LemmaScriptArguments


def training_rows(script: LemmaScriptArguments, config: LemmaSFTConfig) -> Dataset:
    """The trajectories, and right solutions among them if `mix_dataset` names any.

    Raises:
        DataError: if a dataset, config or split is missing, or its rows cannot be used.
        ConfigError: if the mixture's settings make no sense.
    """
    rows = _load(script, config, script.dataset_train_split, "train")
    if not script.mix_dataset:
        return rows
    with config.main_process_first(desc=f"loading {script.mix_dataset}"):
        load = load_any if script.mix_columns else load_solutions
        right = load(script.mix_dataset, script.mix_config, script.mix_split)
    columns, style = read_columns(script.mix_columns), prompt_style(script.mix_style)
    mixture = mix(rows, right, share=script.mix_share, columns=columns, style=style, seed=config.seed)
    printer(config.process_index)(str(mixture))
    return mixture.rows


def held_out_rows(script: LemmaScriptArguments, config: LemmaSFTConfig) -> Dataset | None:
    """The rows to evaluate on; None if there are to be none.

    A single file has no split to hold out: then evaluation is turned off, with a line that says so.
    """
    split = script.test_split(config.eval_strategy)
    named = split.partition("[")[0]  # "train" in "train[:100]"
    if split and named != "train" and Path(script.dataset_name or "").is_file():
        printer(config.process_index)(
            f"{script.dataset_name}: a single file has no split {split!r}, so nothing is held out; give a dataset's "
            "folder to evaluate on its test split"
        )
        config.eval_strategy = IntervalStrategy.NO
        return None
    return _load(script, config, split, "eval") if split else None


def printer(rank: int) -> Callable[[str], None]:
    """`print` for the first process, silence for the others."""
    return print if rank == 0 else lambda text: None


def _load(script: LemmaScriptArguments, config: LemmaSFTConfig, split: str, role: str) -> Dataset:
    """The rows of a split, with spans; the first process reads, counts aloud and writes rejects, the others wait."""
    rejects = Path(config.output_dir, f"{role}.rejects.jsonl") if config.process_index == 0 else ""
    tell = printer(config.process_index)
    with config.main_process_first(desc=f"loading the {role} rows"):
        if script.dataset_name is None:  # then there are `datasets`
            rows = _mixture_of_trl(script, split, config.seed)
            rows = find_spans(rows, "datasets", split, rejects=rejects, tell=tell)
        else:
            rows = load_rows(script.dataset_name, script.dataset_config or "", split, rejects=rejects, tell=tell)
        return as_chats(rows) if script.chat else rows


def _mixture_of_trl(script: LemmaScriptArguments, split: str, seed: int) -> Dataset:
    """A split of TRL's `datasets`: the datasets one behind the other, `test_split_size` of them drawn by the seed.

    TRL draws without a seed of its own; with one, all processes draw the same rows.
    """
    try:
        found = get_dataset(DatasetMixtureConfig(script.datasets))
        if script.test_split_size is not None:
            found = found["train"].train_test_split(script.test_split_size, seed=seed)
    except (OSError, ValueError, DatasetsError) as error:
        raise DataError(f"datasets {', '.join(script.sources)}: {error}") from error
    return _split_of(found, split)


def _split_of(found: DatasetDict, split: str) -> Dataset:
    if split not in found:
        raise DataError(
            f"`datasets` have no split {split!r}, only {', '.join(found)}: name a split or a slice for each of them, "
            "and set `test_split_size` to evaluate on a part"
        )
    return found[split]
