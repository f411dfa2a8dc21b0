"""Train a model on trajectories that contain a mistake, its reflection and its correction.

    accelerate launch recipes/sft.py --config recipes/configs/world.yaml
    accelerate launch recipes/sft.py --config recipes/configs/world.yaml --error_weight 1 --output_dir outputs/unmasked

The configuration above makes a tokenizer and a small Llama from scratch and trains it on the dataset that ships with
lemma-hf: no download, about two minutes on 2 cores. The other files in recipes/configs train published models with the
paper's values; each says its hardware and its command.

Settings come from the `sft:` section of the file and the command line, with TRL's names: every option of `trl sft`
(ScriptArguments, SFTConfig, ModelConfig) can be given, so that a command for it works with this script in its place:

    accelerate launch recipes/sft.py --model_name_or_path Qwen/Qwen2.5-0.5B --dataset_name panzs19/LEMMA \\
      --dtype bfloat16 --use_peft --lora_r 32 --lora_alpha 32 --lora_target_modules all-linear --output_dir outputs/lora

What differs from TRL is listed at the top of lemma_hf/train/script/settings.py. Earlier names (dataset, train_split,
eval_split, model) still work, with a warning that names the new ones. `lora_r: 8` without use_peft still means LoRA on
all linear layers with lora_alpha 16 and no dropout; with use_peft, all lora_* settings and their defaults are TRL's.

`--load_in_4bit` (with --use_peft: QLoRA) needs bitsandbytes. Tried: on a CPU, with bitsandbytes 0.50, a Llama of one
layer was loaded in 4 and in 8 bits and its adapters were trained and saved. Not tried, for want of a GPU: a model of
real size, its speed and its memory, and several processes.

    accelerate launch recipes/sft.py --config recipes/configs/world.yaml --push_to_hub --hub_model_id YOUR_NAME/small

publishes the model when it is trained, in one commit: weights, tokenizer, card and curves, and nothing else. The token
comes from HF_TOKEN or from `hf auth login`; its right to write is checked before anything is trained.

Afterwards --output_dir holds the model, its tokenizer and its card, the checkpoints, the logged figures
(trainer_state.json), the last ones (all_results.json), and the rows in which no spans were found (*.rejects.jsonl).
"""

import sys
from collections.abc import Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING

from lemma_hf.settings import parse_settings, run_recipe
from lemma_hf.train.setting_names import refuse_unknown
from lemma_hf.utils.lock import folder_lock
from lemma_hf.utils.threads import calm_threads

if TYPE_CHECKING:
    from lemma_hf.train import LemmaSFTConfig
    from lemma_hf.train.script import LemmaModelConfig, LemmaScriptArguments


def main(argv: Sequence[str] | None = None) -> None:
    """Train the model: rows, model, training, and a table of the last figures."""
    calm_threads()
    refuse_unknown(sys.argv[1:] if argv is None else argv)
    from lemma_hf.train import script

    rows_of, config, model_of = parse_settings(script.SETTINGS, "sft", __doc__, argv, script.RENAMED)
    script.check_reporters(config.report_to)
    # One process holds the lock for all that train together.
    with folder_lock(config.output_dir) if config.process_index == 0 else nullcontext():
        train(rows_of, config, model_of)


def train(rows_of: "LemmaScriptArguments", config: "LemmaSFTConfig", model_of: "LemmaModelConfig") -> None:
    """Train, save and publish."""
    from trl import get_peft_config

    from lemma_hf.hub import create_model_repo, push_trained
    from lemma_hf.train import LemmaSFTTrainer, script

    if config.push_to_hub:
        create_model_repo(config)
    problems = script.solve_problems(rows_of) if rows_of.solve_every else []
    rows = script.training_rows(rows_of, config)
    held_out = script.held_out_rows(rows_of, config)
    model, tokenizer = script.make_model(model_of, config, rows)
    trainer = LemmaSFTTrainer(
        model,
        config,
        train_dataset=rows,
        eval_dataset=held_out,
        processing_class=tokenizer,
        quantization_config=script.quantization(model_of),
        peft_config=get_peft_config(model_of),
    )
    script.refuse_diverged(model_of, trainer.model)
    if problems:
        trainer.add_callback(script.solve_callback(rows_of, trainer, problems))

    trained = trainer.train(resume_from_checkpoint=config.resume_from_checkpoint)
    # As a call from outside it would push too, without the last figures.
    trainer.save_model(config.output_dir, _internal_call=True)
    trainer.save_metrics("train", trained.metrics | script.last_figures(trainer.state.log_history, "solve_"))
    if held_out is not None:
        trainer.save_metrics("eval", trainer.evaluate())
    trainer.save_state()
    trainer.create_model_card(dataset_name=rows_of.sources)  # once more, with the last figures
    if trainer.is_world_process_zero():
        print(script.span_table(trainer.state.log_history), f"\nmodel and tokenizer: {config.output_dir}")
        if config.push_to_hub:
            print(f"published: {push_trained(config, trainer.hub_model_id)}")


if __name__ == "__main__":
    run_recipe(main)
