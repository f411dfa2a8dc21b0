"""Training on trajectories: TRL's `SFTTrainer`, with a weight for every token.

TRL 1.16 carries `input_ids` and `labels` from the rows to the loss and drops all else on the way. This class carries
two more columns through each of those places, and scales the log-probabilities where the loss is made. It leans on
private parts of TRL, each pinned by `tests/train/test_seams.py`.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from accelerate.utils import broadcast_object_list
from datasets import Dataset
from transformers import ProcessorMixin, TrainingArguments
from trl import SFTTrainer
from trl.trainer.utils import global_then_local_main_first

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.train.collate import CARRIED, ROW_OF_TOKEN, LemmaCollator
from lemma_hf.train.config import NO_SPLIT_SEQUENCES, LemmaSFTConfig
from lemma_hf.train.curves import CurvesCallback
from lemma_hf.train.kinds import IGNORED, weights_by_number
from lemma_hf.train.loss import (
    KindFigures,
    WeightedModel,
    batch_weight,
    beside_log_probs,
    kind_sums,
    window_scale,
)
from lemma_hf.train.model_card import complete_card, hide_local_base
from lemma_hf.train.packing import pack
from lemma_hf.train.preflight import Preflight, count_rows
from lemma_hf.train.prepare import AnyDataset, format_rows, is_streamed, keep, tokenize_rows
from lemma_hf.train.row_weights import ROW_WEIGHT
from lemma_hf.train.scope import ErrorScope
from lemma_hf.train.span_text import SPAN_FIELDS, Row
from lemma_hf.train.upload import only_what_belongs, refuse_to_push

if TYPE_CHECKING:
    from torch.utils.data import DataLoader
    from transformers import PreTrainedModel, PreTrainedTokenizerBase
    from transformers.trainer_utils import EvalLoopOutput


class LemmaSFTTrainer(SFTTrainer):
    """Trains on trajectories with a weight for each kind of span.

    Rows are those of TRL: `prompt` and `completion` (text, or messages), `messages`, `text`, or `input_ids`, with
    `span_kinds` and `span_ends` where spans are known; rows without them are right solutions and count as reasoning.
    Rows that hold `input_ids` and `labels` (and perhaps `loss_weights` and `token_kinds`) are taken as they are. In
    all, `loss_weight` multiplies the weights of a whole row; a token whose weight is below 0 is unlearned (see
    `lemma_hf.train.loss`).

    No error is trained on without its correction: a row with an error goes in whole, or it is dropped and counted. A
    row without an error that is longer than `max_length` is cut or split as in TRL (see `lemma_hf.train.truncation`).

    Logged for each kind of span, over the ranks and since the last log: `reasoning_loss`, `error_accuracy`,
    `reflection_entropy` and so on, with the prefix `eval_` in evaluation. They are means over tokens and do not depend
    on the weights, so a masked error has its curves too.

    Args:
        model: a model, or its name or folder.
        args: a `LemmaSFTConfig`; other `TrainingArguments` (an `SFTConfig` too) become one, with the default weights.
        train_dataset: rows as described, as are those of `eval_dataset`.
        kwargs: as for `SFTTrainer`, by keyword; `peft_config`, `processing_class` and `callbacks` among them.

    Raises:
        ConfigError: for an option that would drop or distort the weights.
        DataError: for rows that are malformed, or if nothing in a split would be trained on.
    """

    _tag_names = ["trl", "sft", "lemma"]  # noqa: RUF012 - TRL's own form
    _name = "LEMMA"
    _paper = {  # noqa: RUF012 - TRL's own form
        "title": "LEMMA: Learning from Errors for MatheMatical Advancement in LLMs",
        "id": "2503.17439",
    }

    def __init__(self, model: "str | PreTrainedModel", args: TrainingArguments | None = None, **kwargs: Any) -> None:
        args = _own_config(model, args)
        _refuse(kwargs)
        if (args.dataset_kwargs or {}).get("skip_prepare_dataset"):
            _refuse_unprepared(kwargs)
        _refuse_empty(kwargs.get("train_dataset"))
        self.preflight: dict[str, Preflight] = {}
        """The counts of each prepared split, by name."""
        super().__init__(model, args, **kwargs)
        self._refuse_what_is_known_late()
        self.data_collator: LemmaCollator = LemmaCollator.from_collator(
            self.data_collator, weights_by_number(args.kind_weights)
        )
        self._figures = {"train": KindFigures(), "eval": KindFigures()}
        self._scale: torch.Tensor | None = None
        # Departs from the stock trainer for models with `accepts_loss_kwargs = False` (Gemma 3, Qwen2.5-VL and others):
        # there each micro-batch and rank has a denominator of its own, so that a weight means something else in each.
        # Nothing is passed to such a model: the loss is made here, of log-probabilities.
        self.model_accepts_loss_kwargs = True
        # For `training_step` by hand; `train` sets it anew for each window.
        self.current_gradient_accumulation_steps = args.gradient_accumulation_steps
        self.add_callback(CurvesCallback())

    def _refuse_what_is_known_late(self) -> None:
        parallelism = self.accelerator.parallelism_config
        if parallelism is not None and (parallelism.cp_enabled or parallelism.sp_enabled):
            raise ConfigError(NO_SPLIT_SEQUENCES)
        if self._is_vision_dataset:
            raise ConfigError(
                "the rows hold images, which TRL turns into tokens inside the collator, past the weights: drop the "
                "image columns, or use trl's SFTTrainer"
            )

    def _prepare_dataset(  # noqa: PLR0917 - TRL calls it by position
        self,
        dataset: AnyDataset,
        processing_class: "PreTrainedTokenizerBase | ProcessorMixin",
        args: LemmaSFTConfig,
        packing: bool,
        formatting_func: Callable[[Row], str] | None,
        dataset_name: str,
    ) -> AnyDataset:
        """Rows to tokens with weights, dropped and counted where `truncation` says so; the rest is packed."""
        if "seq_lengths" in (dataset.column_names or ()):
            return dataset  # packed already: `evaluate` hands in its datasets a second time
        processor = processing_class if isinstance(processing_class, ProcessorMixin) else None
        with global_then_local_main_first():
            if formatting_func is not None:
                dataset = format_rows(dataset, formatting_func, args, dataset_name)
            tokens = tokenize_rows(
                dataset,
                processing_class if processor is None else processor.tokenizer,
                args,
                dataset_name,
                packing=packing,
                template=self.chat_template,
                processor=processor,
                completion_only=self.completion_only_loss,
            )
        # One rank counts for all: the others wait for it anyway.
        counted: list[Any] = [None]
        if args.process_index == 0:
            counted = [count_rows(tokens, dataset_name, args.max_length, ErrorScope(args.error_scope))]
        (counts,) = broadcast_object_list(counted)
        self.preflight[dataset_name] = counts
        counts.require_supervision()
        if args.process_index == 0:
            print(counts.table(), flush=True)
        with global_then_local_main_first():
            arranged = _arrange(keep(tokens), args, packing, dataset_name)
        if is_streamed(arranged) and dataset_name != "train" and args.world_size > 1:
            # Ranks fill up their last batches with the first rows again, and a stream does not say which these are.
            return Dataset.from_list(list(arranged), features=arranged.features)
        return arranged

    def _set_signature_columns_if_needed(self) -> None:
        super()._set_signature_columns_if_needed()
        self._signature_columns += [name for name in CARRIED if name not in self._signature_columns]

    def _get_num_items_in_batch(
        self, batch_samples: list[dict[str, torch.Tensor]], device: torch.device
    ) -> torch.Tensor | int | None:
        """The labels of the window, as counted by Trainer; their weight is taken over the same batches and ranks."""
        labels = super()._get_num_items_in_batch(batch_samples, device)
        self._scale = None
        if labels is not None:
            weight = torch.stack([batch_weight(batch) for batch in batch_samples]).sum().to(device)
            if self.args.average_tokens_across_devices and self.args.world_size > 1:
                weight = self.accelerator.gather(weight).sum()
            self._scale = window_scale(labels, weight / self.get_tp_size())
        return labels

    def compute_loss(
        self,
        model: torch.nn.Module,
        inputs: dict[str, torch.Tensor],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> Any:
        """Σ |w|·ℓ / Σ |w| over the accumulation window and all ranks; in evaluation over the batch, as TRL has it.

        ℓ is the loss of a token, −log p for most, see `lemma_hf.train.loss`.
        """
        rest = dict(inputs)
        weights, kinds, rows = (rest.pop(name) for name in (*CARRIED, ROW_OF_TOKEN))
        scale = self._scale
        if num_items_in_batch is None or scale is None:
            scale = window_scale((rest["labels"][:, 1:] != IGNORED).sum(), batch_weight(inputs))
        weighted = WeightedModel(model, weights, scale, self.args.loss_type)
        with _without_dft(self.args):
            result = super().compute_loss(weighted, rest, return_outputs, num_items_in_batch)
        weighted.require_one_call()
        counted = self._without_repeats(weighted.outputs.label_mask, rows)
        sums = kind_sums(
            weighted.log_probs, weighted.outputs, counted, losses=weighted.losses, kinds=kinds, weights=weights
        )
        self._figures[self._mode].add(sums)
        return result

    def evaluation_loop(
        self,
        dataloader: "DataLoader",
        description: str,
        prediction_loss_only: bool | None = None,
        ignore_keys: list[str] | None = None,
        metric_key_prefix: str = "eval",
    ) -> "EvalLoopOutput":
        """Evaluate; the loss is Σ |w|·ℓ / Σ |w| of the whole split, whatever the batches and the number of ranks.

        TRL's, a mean of the means of batches, depends on both.
        """
        self._figures["eval"].take()
        output = super().evaluation_loop(dataloader, description, prediction_loss_only, ignore_keys, metric_key_prefix)
        figures = self._figures["eval"].take(self._over_ranks)
        output.metrics.update({f"{metric_key_prefix}_{name}": value for name, value in figures.items()})
        return output

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Log; with the loss of training steps, the figures of each kind of span since the last time."""
        if "loss" in logs:
            logs.update(
                {name: value for name, value in self._figures["train"].take(self._over_ranks).items() if name != "loss"}
            )
        super().log(logs, start_time)

    def create_model_card(
        self,
        model_name: str | None = None,
        dataset_name: str | Sequence[str] | None = None,
        tags: str | list[str] | None = None,
    ) -> None:
        """Write TRL's card, and the weights, the rows, the losses of each kind of span, and how to ask.

        Args:
            dataset_name: the rows' name on the Hub, or one for each source that they come from.
        """
        name = model_name or Path(self.hub_model_id or self.args.output_dir).absolute().name
        super().create_model_card(name, dataset_name, tags)
        complete_card(self, dataset_name)

    def init_hf_repo(self, token: str | None = None, private: bool | None = None) -> None:
        """Make the repository before training; refuse a model that could not be pushed.

        Raises:
            ConfigError: for an adapter whose base is a folder here, and for a `hub_strategy` that pushes checkpoints.
        """
        refuse_to_push(self.model, self.args)
        super().init_hf_repo(token, private)

    def push_to_hub(self, commit_message: str | None = "End of training", *args: Any, **kwargs: Any) -> Any:
        """Push the model, its tokenizer, its card and its curves, as `Trainer.push_to_hub`; other files are left out.

        `training_args.bin` is a pickle that holds paths of this machine, and the token if it was given as `hub_token`.
        """
        with only_what_belongs():
            return super().push_to_hub(commit_message, *args, **kwargs)

    def _push_from_checkpoint(self, checkpoint_folder: str) -> None:
        # Without the card: it would write over one that stands there, and its figures are not the last.
        with only_what_belongs(but=("README.md",)):
            super()._push_from_checkpoint(checkpoint_folder)

    def _save(self, output_dir: str | None = None, state_dict: dict[str, torch.Tensor] | None = None) -> None:
        super()._save(output_dir, state_dict)
        hide_local_base(output_dir or self.args.output_dir, self)  # peft has just written the card of an adapter

    def _without_repeats(self, counted: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """`counted` without the rows that only fill up the last batches of an evaluation on several ranks."""
        state = self.accelerator.gradient_state
        if self._mode == "train" or not state.end_of_dataloader or state.remainder <= 0:
            return counted
        real = state.remainder - self.accelerator.process_index * (int(rows.max()) + 1)
        return counted & (beside_log_probs(rows, counted.size(1)) < real)

    def _over_ranks(self, sums: torch.Tensor) -> torch.Tensor:
        """A sum over the ranks. Once for each log: at every batch it would make the ranks wait for each other."""
        if self.accelerator.num_processes == 1:
            return sums
        summed: torch.Tensor = self.accelerator.reduce(sums.to(self.accelerator.device), reduction="sum").cpu()
        return summed

    @property
    def _mode(self) -> str:
        return "train" if self.model.training else "eval"


@contextmanager
def _without_dft(args: LemmaSFTConfig) -> Iterator[None]:
    """Keep TRL from multiplying by exp(log_probs): these are weighted already, so that it would be no probability."""
    given, args.loss_type = args.loss_type, "nll"
    try:
        yield
    finally:
        args.loss_type = given


def _own_config(model: "str | PreTrainedModel", args: TrainingArguments | None) -> LemmaSFTConfig:
    """The configuration, made of none or of one without weights as TRL makes an `SFTConfig` of it."""
    if isinstance(args, LemmaSFTConfig):
        return args
    if args is None:
        name = model if isinstance(model, str) else model.config.name_or_path or "model"
        return LemmaSFTConfig(f"{name.split('/')[-1]}-LEMMA")
    if not isinstance(args, TrainingArguments):
        raise ConfigError(f"args is a {type(args).__name__}: pass a LemmaSFTConfig, or leave it out for the defaults")
    settings = args.to_dict()
    hidden = [name for name in settings if name.endswith("_token")]  # to_dict takes eos_token for a secret too
    return LemmaSFTConfig(**settings | {name: getattr(args, name) for name in hidden})


def _refuse(options: dict[str, Any]) -> None:
    if options.get("compute_loss_func") is not None:
        raise ConfigError(
            "compute_loss_func replaces the loss, and the span weights with it: put the weights into the rows as "
            "loss_weights, or override compute_loss in a subclass of trl's SFTTrainer"
        )
    if options.get("data_collator") is not None:
        raise ConfigError(
            "a data_collator of your own would lose the span weights: leave it out, or override `data_collator` after "
            "the trainer is made with a subclass of lemma_hf.train.collate.LemmaCollator"
        )


def _refuse_empty(dataset: "AnyDataset | None") -> None:
    """Refuse rows that are none: TRL looks at the first one, and fails with a bare `StopIteration`."""
    if dataset is not None and next(iter(dataset), None) is None:
        raise DataError("the train split holds no rows: look at the file, the split and what was left out before")


def _refuse_unprepared(options: dict[str, Any]) -> None:
    """Refuse rows that `skip_prepare_dataset` would hand to the collator without their tokens or their weight."""
    given = options.get("eval_dataset")
    splits = given if isinstance(given, dict) else {"eval": given}
    for name, rows in ({"train": options.get("train_dataset")} | splits).items():
        if rows is None:
            continue
        columns: dict[str, Any] = next(iter(rows), {})
        if missing := [column for column in ("input_ids", "labels") if column not in columns]:
            raise ConfigError(
                f"skip_prepare_dataset=True takes rows as they are, but those of {name} lack {' and '.join(missing)}. "
                f"Add a {missing[-1]!r} column (-100 where nothing is trained on), or leave skip_prepare_dataset out"
            )
        if unread := [column for column in (ROW_WEIGHT, *SPAN_FIELDS[:2]) if column in columns]:
            raise ConfigError(
                f"skip_prepare_dataset=True takes rows as they are, and nothing would read {' and '.join(unread)} of "
                f"{name}: give loss_weights and token_kinds, or leave skip_prepare_dataset out"
            )


def _arrange(dataset: AnyDataset, args: LemmaSFTConfig, packing: bool, name: str) -> AnyDataset:
    """Pack and shuffle in the order of TRL, so that the same seed gives the same batches."""
    if packing:
        dataset = pack(dataset.shuffle(seed=args.seed) if args.shuffle_dataset else dataset, args, name)
    return dataset.shuffle(seed=args.seed) if args.shuffle_dataset else dataset
