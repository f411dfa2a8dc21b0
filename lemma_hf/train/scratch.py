"""Small models from scratch: a tokenizer fitted to the texts at hand, and a Llama of the size you ask for.

For worlds that no published model knows, and for machines that reach no Hub. Importing this module loads no torch.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import LlamaForCausalLM, PreTrainedTokenizerBase, PreTrainedTokenizerFast

_BOS, _EOS, _PAD = "<s>", "</s>", "<pad>"


def character_tokenizer(alphabet: Iterable[str]) -> "PreTrainedTokenizerFast":
    """A fast tokenizer with one token a character of `alphabet`, and no token for any other character.

    Returns:
        A tokenizer of `len(set(alphabet)) + 3` tokens. It adds no special tokens by itself.
    """
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers

    vocabulary = {token: index for index, token in enumerate([_PAD, _BOS, _EOS, *sorted(set(alphabet))])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=_PAD))
    # any one character, a line break too: "a\n" → "a", "\n"
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    tokenizer.decoder = decoders.Fuse()
    return _fast(tokenizer)


def bpe_tokenizer(texts: Iterable[str], vocabulary_size: int = 2048) -> "PreTrainedTokenizerFast":
    """A byte-level BPE tokenizer learned from `texts`; it can write any text at all."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    # Digits one by one, as Llama-2 and DeepSeekMath do: numbers then cost their length and share their tokens.
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary_size,
        special_tokens=[_PAD, _BOS, _EOS],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return _fast(tokenizer)


def small_llama(
    tokenizer: "PreTrainedTokenizerBase",
    *,
    hidden_size: int = 128,
    layers: int = 3,
    heads: int = 4,
    max_length: int = 1024,
    initializer_range: float = 0.08,
    seed: int = 0,
) -> "LlamaForCausalLM":
    """A Llama with random weights: rotary positions, tied embeddings, a feed-forward three times the width.

    Args:
        initializer_range: standard deviation of the first weights. The usual 0.02 keeps models below a million
            parameters from learning at all; 0.06 to 0.1 frees them.
    """
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=hidden_size,
        intermediate_size=3 * hidden_size,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        max_position_embeddings=max_length,
        initializer_range=initializer_range,
        tie_word_embeddings=True,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return LlamaForCausalLM(config)


def _fast(tokenizer: "Tokenizer") -> "PreTrainedTokenizerFast":
    from transformers import PreTrainedTokenizerFast

    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=_BOS,
        eos_token=_EOS,
        pad_token=_PAD,
        padding_side="left",
        clean_up_tokenization_spaces=False,
    )
