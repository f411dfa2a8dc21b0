"""Each exported form is taken by the real trainer of its name as it comes from the file: two steps on a tiny Llama."""

import math

import pytest
import torch
from datasets import Features, List, Value, load_dataset
from transformers import DataCollatorForTokenClassification, LlamaForTokenClassification, Trainer, TrainingArguments
from trl import DPOConfig, DPOTrainer, KTOConfig, KTOTrainer, SFTConfig, SFTTrainer

from lemma_hf.data.export import ExportForm, ExportOptions, export_rows
from lemma_hf.data.export.writing import export_features, write_file
from lemma_hf.prompts import prompt_style
from lemma_hf.records import Error, Problem, Span, SpanKind, Strategy, Trajectory
from lemma_hf.train import LemmaSFTConfig, LemmaSFTTrainer
from lemma_hf.train.scratch import character_tokenizer, small_llama

STYLE = prompt_style("question")
TEMPLATE = (
    "{% for m in messages %}{{ m['role'] }}: "
    "{% if m['reasoning_content'] %}<think>{{ m['reasoning_content'] }}</think>{% endif %}"
    "{{ m['content'] }}</s>{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}"
)
TRAINERS = {
    ExportForm.SFT: (SFTTrainer, SFTConfig),
    ExportForm.MESSAGES: (SFTTrainer, SFTConfig),
    ExportForm.SPOT: (SFTTrainer, SFTConfig),
    ExportForm.DPO: (DPOTrainer, DPOConfig),
    ExportForm.STEP_DPO: (DPOTrainer, DPOConfig),
    ExportForm.KTO: (KTOTrainer, KTOConfig),
}


def pens(number):
    """`number` boxes of 6 pens, 9 given away: the subtraction is wrong, and put right."""
    all_of, left = number * 6, number * 6 - 9
    spans = (
        Span(SpanKind.REASONING, f"{number} * 6 = {all_of}\n"),
        Span(SpanKind.ERROR, f"{all_of} - 9 = {left + 1}\n"),
        Span(SpanKind.REFLECTION, "Wait, no. "),
        Span(SpanKind.CORRECTION, f"{all_of} - 9 = {left}\nThe answer is: {left}"),
    )
    error = Error(None, 2, strategy=Strategy.FIX_AND_CONTINUE)
    return Trajectory(Problem(f"p{number}", f"{number} * 6 - 9?", str(left)), spans, (error,), f"p{number}")


def rows_of(form, path, options=None, ending=".parquet"):
    options = options or ExportOptions()
    rows = [row for number in range(2, 10) for row in export_rows(pens(number), form, STYLE, options)]
    file = path / f"{form}{ending}"
    write_file(file, rows, export_features(form, options))
    kind = "parquet" if ending == ".parquet" else "json"
    return load_dataset(kind, data_files=str(file), split="train", cache_dir=str(path / "cache"))


@pytest.fixture(scope="module")
def tokenizer():
    found = character_tokenizer(map(chr, range(10, 127)))
    found.chat_template = TEMPLATE
    return found


def settings(config, path, **more):
    return config(
        str(path / "out"),
        max_steps=2,
        per_device_train_batch_size=2,
        learning_rate=1e-2,
        use_cpu=True,
        bf16=False,
        report_to=[],
        save_strategy="no",
        logging_steps=1,
        **more,
    )


def trained(trainer):
    """Trains, checks that the loss is finite and that parameters have moved, and returns the trainer."""
    assert learns(trainer)
    return trainer


def learns(trainer):
    """Whether training gives a finite loss and moves parameters."""
    before = [parameter.detach().clone() for parameter in trainer.model.parameters()]
    loss = trainer.train().training_loss
    moved = any(not torch.equal(old, new) for old, new in zip(before, trainer.model.parameters(), strict=True))
    return math.isfinite(loss) and moved


def tiny(tokenizer):
    return small_llama(tokenizer, hidden_size=16, layers=1, heads=2)


def train(form, rows, tokenizer, path, **more):
    return trained(made(form, rows, tokenizer, path, **more))


def made(form, rows, tokenizer, path, **more):
    trainer, config = TRAINERS[form]
    # A model from scratch has no folder from which a trainer could load its reference model once more.
    reference = {} if trainer is SFTTrainer else {"ref_model": tiny(tokenizer)}
    args = settings(config, path, **more)
    return trainer(tiny(tokenizer), args=args, train_dataset=rows, processing_class=tokenizer, **reference)


@pytest.mark.parametrize(("chat", "ending"), [(False, ".jsonl"), (True, ".parquet")], ids=["text", "chat"])
@pytest.mark.parametrize("form", TRAINERS)
def test_the_trainer_of_its_name_takes_the_form(form, chat, ending, tokenizer, tmp_path):
    assert learns(made(form, rows_of(form, tmp_path, ExportOptions(chat=chat), ending), tokenizer, tmp_path))


@pytest.mark.parametrize("form", [ExportForm.DPO, ExportForm.KTO])
def test_whole_trajectories_are_taken_as_the_right_side_too(form, tokenizer, tmp_path):
    assert learns(made(form, rows_of(form, tmp_path, ExportOptions(chosen="trajectory")), tokenizer, tmp_path))


def test_thoughts_of_messages_reach_the_chat_template(tokenizer, tmp_path):
    rows = rows_of(ExportForm.MESSAGES, tmp_path, ExportOptions(reasoning=True))
    trainer = train(ExportForm.MESSAGES, rows, tokenizer, tmp_path)
    assert tokenizer.decode(trainer.train_dataset[0]["input_ids"]) == (
        "user: 2 * 6 - 9?</s>assistant: <think>2 * 6 = 12\n12 - 9 = 4\nWait, no. 12 - 9 = 3</think>The answer is: 3</s>"
    )


def test_our_trainer_knows_the_spans_of_the_sft_form_as_text_and_as_chat(tokenizer, tmp_path):
    for chat in (False, True):
        rows = rows_of(ExportForm.SFT, tmp_path, ExportOptions(chat=chat))
        args = settings(LemmaSFTConfig, tmp_path, error_weight=0.0, error_scope="step")
        trainer = trained(LemmaSFTTrainer(tiny(tokenizer), args=args, train_dataset=rows, processing_class=tokenizer))
        prepared = trainer.train_dataset[0]
        weighted = zip(prepared["input_ids"], prepared["labels"], prepared["loss_weights"], strict=True)
        masked = [token for token, label, weight in weighted if label != -100 and weight == 0]
        assert tokenizer.decode(masked) == "12 - 9 = 4\n"


def test_only_the_minimally_corrected_solution_is_learned_from_spot_rows(tokenizer, tmp_path):
    prepared = train(ExportForm.SPOT, rows_of(ExportForm.SPOT, tmp_path), tokenizer, tmp_path).train_dataset[0]
    mask = prepared.get("completion_mask") or [label != -100 for label in prepared["labels"]]
    learned = [token for token, on in zip(prepared["input_ids"], mask, strict=True) if on]
    assert tokenizer.decode(learned) == " 2 * 6 = 12\n12 - 9 = 3\nThe answer is: 3</s>"


def test_trl_ends_each_step_with_the_end_token_and_it_can_be_taken_off_before_training(tokenizer, tmp_path):
    """As docs/export.md says: a solution goes on behind a step, so its end is not to be learned there."""
    rows = rows_of(ExportForm.STEP_DPO, tmp_path)
    trainer = made(ExportForm.STEP_DPO, rows, tokenizer, tmp_path)
    sides = ("chosen_ids", "rejected_ids")
    assert [tokenizer.decode(trainer.train_dataset[0][side]) for side in sides] == [
        "\n12 - 9 = 3\n</s>",
        "\n12 - 9 = 4\n</s>",
    ]
    trainer.train_dataset = trainer.train_dataset.map(lambda row: {side: row[side][:-1] for side in sides})
    trained(trainer)
    assert tokenizer.decode(trainer.train_dataset[0]["chosen_ids"]) == "\n12 - 9 = 3\n"


def test_equal_beginnings_of_both_sides_cancel_out_in_the_loss_of_dpo(tokenizer, tmp_path):
    """So the right steps before a pair may stand in the prompt, or, as in a chat, on both sides."""
    rows = rows_of(ExportForm.STEP_DPO, tmp_path)

    def moved(row):
        at = row["prompt"].index("Solution:") + len("Solution:")
        before = row["prompt"][at:]
        return {"prompt": row["prompt"][:at], **{side: before + row[side] for side in ("chosen", "rejected")}}

    losses = []
    for each in (rows, rows.map(moved)):
        trainer = train(ExportForm.STEP_DPO, each, tokenizer, tmp_path, max_grad_norm=0.0, seed=1)
        losses.append([log["loss"] for log in trainer.state.log_history if "loss" in log])
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)
    assert losses[0][0] == pytest.approx(math.log(2), rel=1e-4)


def test_a_model_that_classifies_tokens_learns_the_labels_of_steps(tokenizer, tmp_path):
    """TRL has no trainer for step labels since 1.16; one label at the end of each step, as its last one had it."""
    rows = rows_of(ExportForm.PRM, tmp_path)
    assert not hasattr(__import__("trl"), "PRMTrainer")

    def tokenized(row):
        ids = tokenizer(row["prompt"])["input_ids"]
        labels = [-100] * len(ids)
        for step, label in zip(row["completions"], row["labels"], strict=True):
            step_ids = tokenizer(step + "\n")["input_ids"]
            ids, labels = ids + step_ids, labels + [-100] * (len(step_ids) - 1) + [int(label)]
        return {"input_ids": ids, "labels": labels}

    # Named, since `map` would make labels of the type that the column had: true and false.
    numbers = Features(dict.fromkeys(("input_ids", "labels"), List(Value("int64"))))
    rows = rows.map(tokenized, remove_columns=rows.column_names, features=numbers)
    assert tokenizer.decode(rows[0]["input_ids"]) == "Question: 2 * 6 - 9?\nSolution: 2 * 6 = 12\n12 - 9 = 4\n"
    assert [label for label in rows[0]["labels"] if label != -100] == [1, 0]
    config = tiny(tokenizer).config
    config.num_labels = 2
    trained(
        Trainer(
            LlamaForTokenClassification(config),
            args=settings(TrainingArguments, tmp_path),
            train_dataset=rows,
            processing_class=tokenizer,
            data_collator=DataCollatorForTokenClassification(tokenizer),
        )
    )


def test_pairs_of_several_turns_and_of_a_wrong_first_step_are_taken(tokenizer, tmp_path):
    first = Trajectory(pens(2).problem, pens(2).spans[1:], pens(2).errors, "first")
    again = Trajectory(first.problem, (*pens(3).spans, *pens(3).spans[1:]), pens(3).errors * 2, "twice")
    found = [row for each in (first, again) for row in export_rows(each, ExportForm.STEP_DPO, STYLE)]
    assert [row["id"] for row in found] == ["first", "twice", "twice#2"]
    file = tmp_path / "rows.parquet"
    write_file(file, found, export_features(ExportForm.STEP_DPO, ExportOptions()))
    rows = load_dataset("parquet", data_files=str(file), split="train", cache_dir=str(tmp_path / "cache"))
    train(ExportForm.STEP_DPO, rows, tokenizer, tmp_path)
