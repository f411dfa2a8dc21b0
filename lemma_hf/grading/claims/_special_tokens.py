"""Special tokens that a tokenizer left in a text, and the turns that a model wrote for the other side."""

import re

_SIGNS = (
    "<|",
    "</s>",
    "<s>",
    "<end_of",
    "<eo",
    "<start_of",
    "<｜",
    "|>",
    "<pad>",
    "<bos>",
    "[EOS]",
    "[/INST]",
    "[INST]",
)
"""One of these stands in every special token: a text without any of them is not searched."""
# "<|im_start|>user"  "<start_of_turn>user"  "<|start_header_id|>user<|end_header_id|>"  "[INST]"  "<｜User｜>"
_OTHER_SIDE = re.compile(
    r"(?:<\|im_start\|>|<start_of_turn>|<\|start_header_id\|>|<\|turn>|<\|start\|>)\s{0,4}(?:user|human|system)\b"
    r"|<\|(?:user|human)\|>|<｜User｜>|\[INST\]"
)
# "<|endoftext|>"  "<eos>"  "[EOS]"  "<｜end▁of▁sentence｜>"
_END_OF_TEXT = re.compile(
    r"<\|(?:endoftext|end_of_text|EOT|eos)\|>|<eos>|<eod>|\[EOS\]|<｜end▁of▁sentence｜>", re.IGNORECASE
)
"""Without `</s>`: programs that run a model's code write their output behind it, and let the model go on."""
# "<|im_end|>"  "<|eot_id|>"  "<end_of_turn>"  "<|start_header_id|>assistant<|end_header_id|>"  "<s>"  "<pad>"
_TOKEN = re.compile(
    r"(?:<\|(?:im_start|start_header_id|start)\|>|<start_of_turn>|<\|turn>)(?:\s{0,4}(?:assistant|model)\b)?"
    r"|<\|(?!begin_of_box|end_of_box|begin_of_solution|end_of_solution)[A-Za-z_][\w ]{0,40}\|>|<｜[^｜<>]{1,40}｜>"
    r"|</?s>|<(?:eos|bos|pad|eod|end_of_turn|end_of_utterance|turn\|)>|\[/?INST\]|\[EOS\]",
    re.IGNORECASE,
)


def without_special_tokens(text: str) -> str:
    """`text` up to its end token, or to where it goes on as the other side; further special tokens are line breaks.

    Example:
        >>> without_special_tokens("It is 6.<|im_end|>"), without_special_tokens("6<|endoftext|>Q: What is 3 + 4?")
        ('It is 6.', '6')
    """
    if not any(sign in text for sign in _SIGNS):
        return text
    for pattern in (_OTHER_SIDE, _END_OF_TEXT):
        for found in pattern.finditer(text):
            if text[: found.start()].strip():  # a token that begins a text ends none
                text = text[: found.start()]
                break
    return _TOKEN.sub("\n", text).strip()
