"""How is a trained model asked? As in its training rows, up to its end token: a piece of code for its card."""

import re

from lemma_hf.prompts import PromptStyle
from lemma_hf.train.prompting import CHAT

_HEADING = "## Quick start"
_NAME = re.compile(r"^model = \".*\"$", re.MULTILINE)
_SECTION = re.compile(rf"^{_HEADING}\n.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
_QUESTION = "A box holds 24 pens. How many pens are in 7 boxes, after 9 of them were given away?"
_ALONE = "prompt = question"
_SUM = "825*23+7"
"""What can be asked in the styles of `lemma_hf.world.sums`."""


def quick_start(style: PromptStyle | str | None, model: str = "", end: str = "", known: str = "in training") -> str:
    """The section of the card.

    Greedy, as it was scored. The tokenizer is named since `pipeline` else takes an adapter's from its base; so is the
    end token, since an adapter brings no generation config and its base's may end on another.

    Args:
        style: how questions are put; "chat" for the chat template, None where it is not known.
        model: its name on the Hub.
        end: the token that ends an answer, where it is not the tokenizer's `eos_token`.
        known: from where the style is known; empty: from nowhere.
    """
    note, question, prompt = _asked(style, f", as {known}" if known else "")
    end_id = f"convert_tokens_to_ids({end!r})" if end else "eos_token_id"
    return f"""{_HEADING}

{note}

```python
from transformers import pipeline

model = "{model or "PATH_OR_HUB_NAME"}"
question = "{question}"
{prompt}
generator = pipeline("text-generation", model=model, tokenizer=model)
end = generator.tokenizer.{end_id}
output = generator(prompt, max_new_tokens=512, do_sample=False, eos_token_id=end, return_full_text=False)[0]
print(output["generated_text"])
```"""


def with_model_name(card: str, model: str) -> str:
    """A card whose quick start loads `model`, whatever it loaded before."""
    return _SECTION.sub(lambda section: _NAME.sub(lambda _: f'model = "{model}"', section[0], count=1), card, count=1)


def _asked(style: PromptStyle | str | None, known: str) -> tuple[str, str, str]:
    if isinstance(style, PromptStyle):
        question = _SUM if style.name.startswith("sums") else _QUESTION
        asked = f'{style.template!r}.replace("{{question}}", question)'
        prompt = f'prompt = [{{"role": "user", "content": {asked}}}]' if style.chat else f"prompt = {asked}"
        return f"Questions are put in the prompt style `{style.name}`{known}.", question, prompt
    if style == CHAT:
        note = f"Questions are put through the tokenizer's chat template{known}."
        return note, _QUESTION, 'prompt = [{"role": "user", "content": question}]'
    if not known:
        return "How the model was asked in training is not known here; this is the question alone.", _QUESTION, _ALONE
    return "Questions are put as in the `prompt` of the training rows.", _QUESTION, _ALONE
