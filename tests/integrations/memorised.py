"""A model of two layers that has learned a few completions by heart, so that what a harness gets from it is known."""

from collections.abc import Sequence
from pathlib import Path

import torch

from lemma_hf.integrations.lm_eval.utils import doc_to_text
from lemma_hf.train.scratch import character_tokenizer, small_llama

SAID = {
    # question → (reference answer, what the model says)
    "1 + 1?": ("2", " The answer is: 2"),
    "2 + 2?": ("4", " The answer is: 5"),
    "3 + 3?": ("6", " The answer is: 5. Wait, that is wrong. The answer is: 6"),
    "4 + 4?": ("8", " It is \\boxed{8"),
}
"""Right, wrong, fixed, no answer (the box is not closed): accuracy 2 of 4."""
EXPECTED = {
    "accuracy": 0.5,
    "no_answer": 0.25,
    "timeout": 0.0,
    "unreadable_reference": 0.0,
    "reflected": 0.25,
    "fixed": 0.25,
    "broken": 0.0,
}


def save_model(folder: Path, said: Sequence[tuple[str, str]] | None = None) -> None:
    """Train until every completion is what is to be said, and save model and tokenizer."""
    said = said or [(question, text) for question, (_, text) in SAID.items()]
    prompts = [doc_to_text({"question": question}) for question, _ in said]
    texts = [text for _, text in said]
    tokenizer = character_tokenizer("".join(prompts + texts))
    model = small_llama(tokenizer, hidden_size=64, layers=2, heads=2, max_length=512)
    rows = [
        (tokenizer(prompt)["input_ids"], [*tokenizer(text)["input_ids"], tokenizer.eos_token_id])
        for prompt, text in zip(prompts, texts, strict=True)
    ]
    longest = max(len(prompt) + len(text) for prompt, text in rows)
    ids = torch.full((len(rows), longest), tokenizer.pad_token_id)
    labels = torch.full((len(rows), longest), -100)
    for i, (prompt, text) in enumerate(rows):
        ids[i, : len(prompt) + len(text)] = torch.tensor(prompt + text)
        labels[i, len(prompt) : len(prompt) + len(text)] = torch.tensor(text)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(600):
        loss = model(input_ids=ids, labels=labels).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        if loss.item() < 1e-3:
            break
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
