"""Files of a trained model for its repository: weights, configuration, tokenizer, card, curves, and its scores.

No pickle, no log, no checkpoint, and no path of this machine: those that libraries write into their JSON files are
taken out, and an adapter's base is called by its name on the Hub.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.hub import results as scored
from lemma_hf.hub.artifact import CARD, Artifact, File, RepoKind
from lemma_hf.hub.front_matter import join_value, read_head, split_head, write_head
from lemma_hf.hub.results import Results, read_results, results_head
from lemma_hf.hub.weights import ADAPTER, CONFIG, MODEL_FILES, TOKENIZER, ModelFolder, read_json, read_model
from lemma_hf.prompts import PROMPT_STYLES
from lemma_hf.train import CHAT, WEIGHT_FILES, Source, quick_start, with_model_name

_PLACES = ("_name_or_path", "name_or_path", "is_local", "local_files_only")
"""Keys under which transformers records where something was loaded from; no library reads them."""
_FILES = ("tokenizer_file", "special_tokens_map_file", "vocab_file", "merges_file")
"""Keys under which its earlier versions recorded that in a tokenizer's configuration."""
_CLEANED = {CONFIG: _PLACES, "generation_config.json": _PLACES, TOKENIZER: (*_PLACES, *_FILES)}
# '![loss](curves.png "Loss")'
_PICTURE = re.compile(r"!\[[^\]\n]*\]\(([\w.-]+\.(?:png|svg|jpe?g|gif|webp))(?: +\"[^\"\n]*\")?\)")
# "This model is a fine-tuned version of `outputs/base` (local)"
_LOCAL_BASE = re.compile(r"(?<=^This model is a fine-tuned version of )`[^`\n]+` \(local\)", re.MULTILINE)
_UNFILLED = "[More Information Needed]"
# "- PEFT 0.21.2", "### Framework versions"
_FORM = re.compile(r"(?:- PEFT .*|### Framework versions|This is the model card of a 🤗 transformers model .*)?")
"""Lines that peft and transformers add to the form."""
# "## Evaluation\n\nScored as `me/small`: …", up to the next heading
_SECTION = re.compile(rf"^{re.escape(scored.BEGINNING)}.*?(?=^##? |^<!-- |\Z)", re.DOTALL | re.MULTILINE)
# "## Training procedure"
_BEHIND = re.compile(r"^(?:## (?:Training procedure|Citations)$|<!-- lemma-hf wrote )", re.MULTILINE)
"""The evaluation is placed before the first of these sections of TRL's card, and before the last line of a card that
lemma-hf published and that was downloaded again."""
_ON_HUB = "https://huggingface.co/"
_SECONDS = 10
"""Timeout for one card of the Hub: it is a few kB, and the license that it names can also be given by hand."""


def model_artifact(
    folder: str | Path | None, repo_id: str, *, results: str | Path | None = None, base_model: str = ""
) -> Artifact:
    """Make the artifact of a model, of its scores, or of both.

    Args:
        folder: with a full model or a peft adapter, as `recipes/sft.py` or `save_pretrained` write them; None: the
            scores alone, for a model that is on the Hub already.
        repo_id: OWNER/NAME.
        results: a folder that `recipes/score.py` wrote.
        base_model: the base's name on the Hub, where it was a folder of this machine; written into an adapter's
            configuration and into the card.

    Raises:
        DataError: if the model cannot be loaded from what is in the folder, or the results cannot be read.
        ConfigError: if there is neither a model nor results, or an adapter's base is known only on this machine.
    """
    found = read_results(results) if results is not None else None
    if folder is None:
        if found is None:
            raise ConfigError(f"{repo_id}: there is nothing to publish: give a model's folder, or results, or both")
        return _scores_alone(found, repo_id)
    model = read_model(folder)
    base = _base(model, base_model)
    text = _card_of(model.place)
    card = _written(text, repo_id, base) if text else _sound_card(model, repo_id, base, found)
    pictures = [File(name, model.place / name) for name in _pictures(card, model.place)]
    more = () if found is None else found.files
    left_out = {**model.left_out, **({} if found is None else found.left_out)}
    return Artifact(
        kind=RepoKind.MODEL,
        repo_id=repo_id,
        files=(*(_file(model, name, base) for name in model.files), *pictures, *more),
        card=_finished(card, model, repo_id, base, found),
        owned=(*MODEL_FILES, *scored.RESULT_FILES),
        renews=WEIGHT_FILES if found is None else None,
        left_out={name: why for name, why in left_out.items() if name not in {file.path for file in pictures}},
    )


def _scores_alone(results: Results, repo_id: str) -> Artifact:
    head = {"tags": ["lemma"]} | results_head(results, repo_id.partition("/")[2])
    return Artifact(
        kind=RepoKind.MODEL,
        repo_id=repo_id,
        files=results.files,
        card=f"---\n{write_head(head)}---\n\n{results.section}\n",
        owned=scored.RESULT_FILES,
        renews=(),
        left_out=results.left_out,
    )


def _base(model: ModelFolder, given: str) -> str:
    """Find the base model's name on the Hub; empty where a full model names none.

    Raises:
        ConfigError: if it is a path of this machine, or an adapter has none.
    """
    if given and not _is_on_hub(given):
        raise ConfigError(
            f"base_model is {given[:200]!r}, a path of this machine or no name: give its name on the Hub, as OWNER/NAME"
        )
    if given or model.adapter is None:
        return given
    said = model.adapter.get("base_model_name_or_path")
    name = said if isinstance(said, str) else ""
    if not _is_on_hub(name):
        raise ConfigError(
            f"{model.place}: the adapter's base model {f'is a folder ({name[:200]})' if name else 'has no name'}, so "
            "the adapter could not be loaded: publish the base, or give its name on the Hub with "
            "`--base_model OWNER/NAME`"
        )
    return name


def _is_on_hub(name: str) -> bool:
    """Whether a name has the form of one on the Hub and is no local folder; the Hub is not asked."""
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(name)
    except HFValidationError:
        return False
    return not Source.from_name(name).is_local


def _file(model: ModelFolder, name: str, base: str) -> File:
    """Make a file of the artifact, without the paths of this machine in it."""
    path = model.place / name
    if name == ADAPTER:
        before = read_json(path)
        after = before | {"base_model_name_or_path": base}
        if after != before:
            after["revision"] = None  # that of another place
    elif name in _CLEANED:
        before = read_json(path)
        after = read_json(path, without=_CLEANED[name])
    else:
        return File(name, path)
    return File(name, path if after == before else (json.dumps(after, indent=2, ensure_ascii=False) + "\n").encode())


def _card_of(place: Path) -> str:
    """Read the card in the folder; empty where there is none, or only the form that peft writes."""
    path = place / CARD
    if not path.is_file():
        return ""
    try:
        text = path.read_text("utf-8")
    except ValueError:
        raise DataError(f"{path}: is no text; write it anew, or take it away and a card is made") from None
    return "" if _is_form(text) else text


def _is_form(card: str) -> bool:
    """Whether a card is an empty form; one with a person's text between its lines is none."""
    if _UNFILLED not in card:
        return False
    from huggingface_hub import ModelCard, ModelCardData

    form = {line.strip() for line in ModelCard.from_template(ModelCardData()).text.splitlines()}
    lines = (line.strip() for line in split_head(card)[1].splitlines())
    return all(line in form or _FORM.fullmatch(line) for line in lines)


def _written(card: str, repo_id: str, base: str) -> str:
    """Adapt the folder's own card to this repository."""
    if base:
        card = _LOCAL_BASE.sub(lambda _: Source(base).linked(), card)
    return with_model_name(card, repo_id)


def _sound_card(model: ModelFolder, repo_id: str, base: str, results: Results | None) -> str:
    """Write a card from the facts in the folder, for a model without one."""
    kind = "An adapter for" if model.adapter is not None else "Fine-tuned from"
    origin = f"{kind} {Source(base).linked()}." if base else "A causal language model."
    style = PROMPT_STYLES.get(results.style) if results else None
    chat = CHAT if _has_template(model) else None
    asked = quick_start(style or chat, repo_id, known="it was scored" if style else "")
    return f"# {repo_id.partition('/')[2]}\n\n{origin} Published with lemma-hf.\n\n{asked}\n"


def _has_template(model: ModelFolder) -> bool:
    """Whether there is a chat template, as a file or (in earlier versions) in the tokenizer's configuration."""
    if any(name.startswith("chat_template") for name in model.files):
        return True
    return TOKENIZER in model.files and bool(read_json(model.place / TOKENIZER).get("chat_template"))


def _pictures(card: str, place: Path) -> list[str]:
    """Names of the pictures in the folder that the card shows."""
    return [name for name in dict.fromkeys(_PICTURE.findall(card)) if (place / name).is_file()]


def _finished(card: str, model: ModelFolder, repo_id: str, base: str, results: Results | None) -> str:
    """Complete the card's front matter, and add the evaluation where there is one."""
    old_head, body = split_head(card)
    head = read_head(old_head, f"{model.place / CARD}")
    head.pop("licence", None)  # a placeholder of TRL's
    if base:
        head["base_model"] = base
    base_models = head.get("base_model")
    if isinstance(base_models, str) and not _is_on_hub(base_models):
        del head["base_model"]
        base_models = None
    head = {"library_name": "transformers", "pipeline_tag": "text-generation"} | head
    if model.adapter is not None:
        head["library_name"] = "peft"
    head["tags"] = _tags(head.get("tags"), base if model.adapter is not None else "")
    if isinstance(base_models, str) and "license" not in head:
        head |= license_of(base_models)
    if results is not None:
        ours = results_head(results, repo_id.partition("/")[2])
        head |= {key: join_value(key, value, head[key])[0] if key in head else value for key, value in ours.items()}
        body = _with_section(body, results.section)
    return f"---\n{write_head(head)}---\n\n{body.strip()}\n"


def _tags(tags: Any, adapter_base: str) -> list[str]:
    """Tags of the card, without those that name a path; an adapter's tag names its base model."""
    found = [str(tag) for tag in (tags if isinstance(tags, list) else [tags] if tags else [])]
    kept = [tag for tag in found if not tag.startswith("base_model:")]
    more = ["lemma", *([f"base_model:adapter:{adapter_base}"] if adapter_base else [])]
    return [*kept, *(tag for tag in more if tag not in kept)]


def _with_section(body: str, section: str) -> str:
    """Insert the evaluation before the technical sections, and remove an earlier one of ours."""
    body = _SECTION.sub("", body)
    found = _BEHIND.search(body)
    place = found.start() if found else len(body)
    return f"{body[:place].rstrip()}\n\n{section}\n\n{body[place:]}"


def license_of(base: str) -> Mapping[str, str]:
    """License in the base model's card on the Hub, which holds for a model made from it too.

    Nothing where it says nothing, or where the Hub cannot be asked; a dry run needs no network.
    """
    from huggingface_hub import errors

    from lemma_hf.hub.push import hub_api
    from lemma_hf.utils.http_library import httpx

    if not _is_on_hub(base):
        return {}
    try:
        data = hub_api().model_info(base, timeout=_SECONDS).card_data
    except (errors.HfHubHTTPError, errors.OfflineModeIsEnabled, errors.HFValidationError, httpx.HTTPError, OSError):
        return {}
    said = data.to_dict() if data is not None else {}
    names = ("license", "license_name", "license_link")
    found = {name: said[name] for name in names if isinstance(said.get(name), str)}
    if link := found.pop("license_link", ""):
        found |= _license_link(link, base)
    return found


def _license_link(link: str, base: str) -> dict[str, str]:
    """Address of a license's text; a file of the base's repository becomes an address in that repository."""
    if re.fullmatch(r"[\w./-]+", link):  # "LICENSE.txt"
        link = f"{_ON_HUB}{base}/blob/main/{link}"
    return {"license_link": link} if link.startswith("https://") else {}
