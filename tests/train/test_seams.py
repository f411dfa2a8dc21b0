"""The private parts of TRL and transformers that the trainer leans on, as they were in trl 1.16.

When one of these fails after an upgrade, read that part of the new release before anything else: weights may be dropped
or shifted on the way, and losses would still look healthy.
"""

import inspect
from dataclasses import fields
from importlib.metadata import version

import pytest
from transformers import Trainer
from trl import SFTTrainer, pack_dataset
from trl.data_utils import get_dataset_column_names
from trl.trainer import utils
from trl.trainer.sft_trainer import DataCollatorForLanguageModeling


def parameters(function) -> list[str]:
    return list(inspect.signature(function).parameters)


@pytest.mark.parametrize(
    ("function", "names"),
    [
        (
            SFTTrainer._prepare_dataset,
            "self dataset processing_class args packing formatting_func dataset_name",
        ),
        (SFTTrainer._set_signature_columns_if_needed, "self"),
        (SFTTrainer.compute_loss, "self model inputs return_outputs num_items_in_batch"),
        (SFTTrainer.log, "self logs start_time"),
        (SFTTrainer.create_model_card, "self model_name dataset_name tags"),
        (Trainer._save, "self output_dir state_dict"),
        (
            Trainer.evaluation_loop,
            "self dataloader description prediction_loss_only ignore_keys metric_key_prefix",
        ),
        (Trainer._get_num_items_in_batch, "self batch_samples device"),
        (Trainer.get_tp_size, "self"),
        (DataCollatorForLanguageModeling.torch_call, "self examples"),
        (utils.global_then_local_main_first, ""),
        (utils.pad, "tensors padding_value padding_side pad_to_multiple_of"),
        (pack_dataset, "dataset seq_length strategy map_kwargs"),
        (get_dataset_column_names, "dataset"),
    ],
    ids=lambda value: getattr(value, "__qualname__", ""),
)
def test_what_is_overridden_or_called_still_takes_the_same_arguments(function, names):
    assert parameters(function) == names.split()


def test_the_fused_head_still_gives_what_the_loss_and_the_figures_are_made_of():
    assert {"log_probs", "entropy", "is_top1", "label_mask"} <= {
        item.name for item in fields(utils.FusedCausalLMOutput)
    }


def test_the_collator_still_has_the_fields_that_shape_a_batch():
    assert {"padding_free", "pad_to_multiple_of", "pad_token_id"} <= {
        item.name for item in fields(DataCollatorForLanguageModeling)
    }


@pytest.mark.parametrize(
    ("function", "line"),
    [
        # The loss is a sum of the log-probabilities over a count, so scaling the one scales the other.
        (SFTTrainer.compute_loss, "outputs = model(**inputs, fused_lm_head=True)"),
        (SFTTrainer.compute_loss, "per_token_loss = -outputs.log_probs"),
        (SFTTrainer.compute_loss, "loss = per_token_loss.sum() / torch.as_tensor(num_tokens).clamp(min=1)"),
        # There DFT's factor would come from weighted log-probabilities, so it is made here, and switched off there.
        (SFTTrainer.compute_loss, 'if self.args.loss_type == "dft":'),
        (SFTTrainer.compute_loss, "per_token_loss * outputs.log_probs.exp().detach()"),
        (SFTTrainer.compute_loss, "num_tokens = outputs.label_mask.sum() if num_items_in_batch is None else"),
        # The weights are summed over the same labels and ranks as these are counted.
        (Trainer._get_num_items_in_batch, 'batch["labels"][..., 1:]'),
        (Trainer._get_num_items_in_batch, "self.accelerator.gather(num_items_in_batch.to(device)).sum()"),
        (Trainer._get_num_items_in_batch, "self.get_tp_size() * self.get_cp_size() * self.get_sp_size()"),
        (SFTTrainer._set_signature_columns_if_needed, '["input_ids", "labels", "seq_lengths"]'),
        # The template that TRL puts in the tokenizer's place for assistant_only_loss.
        (SFTTrainer.__init__, "self.chat_template = get_training_chat_template(processing_class)"),
        # One collator for training and evaluation, of which packing alone decides whether it knows documents.
        (SFTTrainer.__init__, "self.padding_free = args.padding_free or (args.packing and args.packing_strategy in"),
        # `wrapped` cuts batches of rows, each on its own.
        (pack_dataset, "dataset.map(_pack_wrapped, batched=True, fn_kwargs="),
        # Rows of up to max_length pass both overflow rules uncut.
        (pack_dataset, '"on_seq_length_overflow": "truncate"'),
        (SFTTrainer.evaluate, "self._prepare_dataset("),
    ],
)
def test_the_lines_that_the_weights_rely_on_still_stand(function, line):
    assert line in inspect.getsource(function)


def test_the_release_is_one_that_these_tests_were_written_for():
    assert version("trl").startswith("1.16.")
