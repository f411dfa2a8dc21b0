"""Small worlds for the trainer: eight rows, tokenizers of every make learned from them, a reference for gradients."""

import json
import random

import torch
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast, TrainerCallback

from lemma_hf.train.scratch import bpe_tokenizer

ONES = {"reasoning_weight": 1.0, "error_weight": 1.0, "reflection_weight": 1.0, "correction_weight": 1.0}


def trajectory(number: int) -> list[tuple[str, str]]:
    """Rows of different lengths; every fourth is a right solution."""
    four = 4 * number
    if number % 4 == 0:
        return [("reasoning", f"\n4 * {number} = {four} and {four} - 9 = {four - 9}.\nThe answer is: {four - 9}")]
    return [
        ("reasoning", f"\nEach box holds {number} pens, so 4 boxes hold {four}." + " Good." * (number % 3) + "\n"),
        ("error", f"She gives away 9 of them, so {four} - 9 = {four + 1} pens are left.\n"),
        ("reflection", "Wait, that does not check out."),
        ("correction", f" {four} - 9 = {four - 9}, so {four - 9} pens are left.\nThe answer is: {four - 9}"),
    ]


def as_row(number: int, spans: list[tuple[str, str]]) -> dict:
    text, ends = "", []
    for _, part in spans:
        text += part
        ends.append(len(text))
    prompt = f"Question: Each of 4 boxes holds {number} pens; 9 are given away. How many are left?\nSolution:"
    return {"prompt": prompt, "completion": text, "span_kinds": [kind for kind, _ in spans], "span_ends": ends}


ROWS = [as_row(number, trajectory(number)) for number in range(1, 9)]


TEXTS = [row["prompt"] + row["completion"] for row in ROWS] * 3


def _fast(tokenizer: Tokenizer) -> PreTrainedTokenizerFast:
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>", unk_token="<unk>"
    )


SPECIAL = ["<pad>", "<s>", "</s>", "<unk>"]


def _words_of_bytes(words: str) -> pre_tokenizers.Sequence:
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    return pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(words), "isolated"), byte_level])


def _learn_bytes(tokenizer: Tokenizer, special: list[str]) -> None:
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    options = {"special_tokens": special, "initial_alphabet": alphabet, "show_progress": False}
    tokenizer.train_from_iterator(TEXTS, trainers.BpeTrainer(vocab_size=500, **options))


def llama3_like() -> PreTrainedTokenizerFast:
    """Llama-3's make-up: a regex, byte level, `ignore_merges`, a BOS from the post-processor, and trimmed offsets."""
    tokenizer = Tokenizer(models.BPE(ignore_merges=True))
    words = r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    tokenizer.pre_tokenizer = _words_of_bytes(words)
    _learn_bytes(tokenizer, SPECIAL)
    bos = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    tokenizer.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=True), bos])
    return _fast(tokenizer)


def sentencepiece_like() -> PreTrainedTokenizerFast:
    """Unigram with a metaspace, as SentencePiece models are converted; an end token added by the tokenizer itself."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=300,
        special_tokens=SPECIAL,
        unk_token="<unk>",
        initial_alphabet=[chr(code) for code in range(32, 127)] + ["\n"],
        show_progress=False,
    )
    tokenizer.train_from_iterator(TEXTS, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    return _fast(tokenizer)


def qwen_like() -> PreTrainedTokenizerFast:
    """Qwen's make-up: texts are brought into NFC, digits stand alone, turns have special tokens of their own."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    words = r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    tokenizer.pre_tokenizer = _words_of_bytes(words)
    _learn_bytes(tokenizer, [*SPECIAL, "<|im_start|>", "<|im_end|>"])
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    return _fast(tokenizer)


def gpt2_like() -> PreTrainedTokenizerFast:
    """Byte level with a space put in front of every text, as RoBERTa and some GPT-2s have it."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    _learn_bytes(tokenizer, SPECIAL)
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=True)
    return _fast(tokenizer)


def llama2_like() -> PreTrainedTokenizerFast:
    """Llama-2's and Mistral's make-up: spaces as "▁", one put in front, bytes for unknown signs, words not split."""
    normaliser = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    learned = Tokenizer(models.BPE())
    learned.normalizer = normaliser
    learned.pre_tokenizer = pre_tokenizers.Split(
        "▁", "merged_with_next"
    )  # SentencePiece learns words, with their space
    trainer = trainers.BpeTrainer(vocab_size=300, special_tokens=SPECIAL, show_progress=False)
    learned.train_from_iterator(TEXTS, trainer)
    model = json.loads(learned.to_str())["model"]
    vocabulary = {token: number for token, number in model["vocab"].items() if token != "\n"}
    for byte in range(256):
        vocabulary[f"<0x{byte:02X}>"] = max(vocabulary.values()) + 1
    merges = [tuple(pair) for pair in model["merges"] if not any("\n" in part for part in pair)]
    merges = [pair for pair in merges if "".join(pair) in vocabulary]
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.add_special_tokens(SPECIAL)
    tokenizer.normalizer = normaliser
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return _fast(tokenizer)


def wordpiece_like() -> PreTrainedTokenizerFast:
    """BERT's make-up: spaces are in no token, accents and capitals are lost."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(vocab_size=300, special_tokens=SPECIAL, show_progress=False)
    tokenizer.train_from_iterator(TEXTS, trainer)
    return _fast(tokenizer)


TOKENIZERS = {
    "byte_level": lambda: bpe_tokenizer(TEXTS, 400),
    "llama3_like": llama3_like,
    "qwen_like": qwen_like,
    "gpt2_like": gpt2_like,
    "llama2_like": llama2_like,
    "sentencepiece_like": sentencepiece_like,
    "wordpiece_like": wordpiece_like,
}


class KeepGradients(TrainerCallback):
    """Keeps the gradients of the last optimizer step, and the loss logged for it."""

    def __init__(self) -> None:
        self.gradients: dict[str, torch.Tensor] = {}

    def on_pre_optimizer_step(self, args, state, control, model=None, **kwargs):
        named = model.named_parameters()
        self.gradients = {name: p.grad.detach().clone() for name, p in named if p.grad is not None}


BARE = {
    "use_cpu": True,
    "bf16": False,
    "gradient_checkpointing": False,
    "max_grad_norm": 0.0,
    "max_steps": 1,
    "logging_steps": 1,
    "save_strategy": "no",
    "report_to": [],
    "disable_tqdm": True,
    "per_device_train_batch_size": 8,
    "max_length": 256,
}


def difference(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> float:
    """The largest difference of two sets of gradients."""
    assert one.keys() == other.keys() and one
    return max((one[name].double() - other[name].double()).abs().max().item() for name in one)


def with_random_weights(token_rows: list[dict], seed: int = 0) -> list[dict]:
    """The same rows with a weight between 0 and 2 on every token; the prompt keeps its labels of -100."""
    dice = random.Random(seed)
    return [
        {**row, "loss_weights": [dice.choice([0.0, 0.25, 1.0, 2 * dice.random()]) for _ in row["input_ids"]]}
        for row in token_rows
    ]


def with_random_signs(token_rows: list[dict], seed: int = 0) -> list[dict]:
    """The same rows with about every third weight below 0."""
    dice = random.Random(seed)
    return [
        {**row, "loss_weights": [dice.choice([1, 1, -1]) * weight for weight in row["loss_weights"]]}
        for row in token_rows
    ]


def reference(
    model, token_rows: list[dict], shift: int = 1, dft: bool = False
) -> tuple[float, dict[str, torch.Tensor]]:
    """Σ |w|·loss / Σ |w| and its gradients the plain way: float64, full logits, one document at a time.

    The loss of a token is −log p, −log(1 − p) where its weight is below 0, and −p·log p with p a number for `dft`.
    `shift` 0 takes each weight from the token before its label: the mistake the tests must be able to see.
    """
    model = model.double().eval()
    total, weight = torch.zeros((), dtype=torch.float64), 0.0
    for row in token_rows:
        logits = model(input_ids=torch.tensor([row["input_ids"]])).logits[0]
        # Prompt tuning puts virtual tokens in front, which have logits too.
        log_probs = logits[len(logits) - len(row["input_ids"]) :].log_softmax(-1)
        assert log_probs.dtype == torch.float64
        places = [place for place, label in enumerate(row["labels"]) if place and label != -100]
        labels = torch.tensor([row["labels"][place] for place in places])
        weights = torch.tensor([row["loss_weights"][place - 1 + shift] for place in places], dtype=torch.float64)
        found = log_probs[[place - 1 for place in places], labels]
        factors = found.exp().detach() if dft else torch.ones_like(found)
        terms = [(1 - lp.exp()).log() if w < 0 else lp for lp, w in zip(found, weights.tolist(), strict=True)]
        total = total - (weights.abs() * factors * torch.stack(terms)).sum() if terms else total
        weight += weights.abs().sum().item()
    loss = total / weight
    loss.backward()
    return loss.item(), {name: p.grad for name, p in model.named_parameters() if p.grad is not None}
