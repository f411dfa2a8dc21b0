"""Task files for lm-evaluation-harness: three YAML files, and in `utils` the functions that they name.

The tasks read the Hub. A file of your own is a task of four lines in a second folder that you name after this one:

    include: PATH/lemma_gsm8k.yaml        # PATH is what `python -m lemma_hf.integrations lm_eval` prints
    task: my_gsm8k
    dataset_path: json
    dataset_kwargs: {data_files: {train: my_train.jsonl, test: my.jsonl}}

An instruct model takes the question in words of its own, inside its chat template (`--apply_chat_template`):

    doc_to_text: !function lemma_hf.integrations.lm_eval.utils.step_by_step
"""
