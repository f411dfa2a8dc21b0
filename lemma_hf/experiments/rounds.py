"""Steps of on-policy rounds, and whether they are finished; the recipe runs them.

    round 0   train a first model on right solutions (or take one that is there), and score it
    round k   make_dataset --student <model of round k - 1>, sft on what came out, score

Each step is a command of one of the other recipes; next to the folder that it makes lies `<folder>.step.json`, which
says with which settings it began, what it was built on, and how long it took if it came to its end. Nothing heavy is
imported.

A model that is named may have to be asked in a way of its own (`student_prompt_style`): so it is sampled and scored,
and each later one as it was trained: in the `prompt_style` of the rows or, with `chat` under `sft:`, in a chat.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lemma_hf.errors import ConfigError
from lemma_hf.experiments.step import Step
from lemma_hf.prompts import prompt_style
from lemma_hf.train.old_names import with_new_names
from lemma_hf.utils.files import write_text
from lemma_hf.utils.ranges import FROM_ZERO, SHARE, refuse_out_of_range
from lemma_hf.world import get_world
from lemma_hf.world.sums import SUMS, make_documents

_Sections = Mapping[str, Mapping[str, Any]]
"""The sections of the config file: `make_dataset`, `sft`, `score`, and `start` where a first model is trained."""


@dataclass
class RoundSettings:
    """Settings of on-policy rounds: their number, their first model, and the right solutions mixed in."""

    output_dir: str = field(default="outputs/rounds", metadata={"help": "Where everything is written."})
    rounds: int = field(default=2, metadata={"help": "How many; more of them later go on behind these."})
    model: str = field(
        default="", metadata={"help": "The first student: a folder or a Hub name; empty: trained as `start:` says."}
    )
    train_from: str = field(
        default="last",
        metadata={
            "help": "What each training begins with: the `last` round's model, or the `first` one (as in STaR, "
            "arXiv 2203.14465). The last is the default: a round's rows hold only the mistakes that are left, so the "
            "first model would not learn from them what earlier rounds taught."
        },
    )
    right: int = field(
        default=0, metadata={"help": "Right solutions of the world to write: what a first model reads, and to mix in."}
    )
    mix_share: float = field(default=0.0, metadata={"help": "Share of them among the rows of a round; 0: none."})
    seed: int = field(default=0, metadata={"help": "Of the right solutions; round k samples with this seed + k."})
    launch: str = field(
        default="", metadata={"help": "What runs sft.py, such as `accelerate launch --config_file F`; empty: Python."}
    )


@dataclass(frozen=True)
class RoundStep(Step):
    """One command of another recipe; its mark and its log are next to the folder that it makes."""

    title: str
    recipe: str
    """`make_dataset`, `sft` or `score`."""
    options: tuple[str, ...]
    """Behind `--config FILE`."""
    after: "RoundStep | None" = None
    """The step whose result it reads. Where that was done anew, this one has to be as well."""

    @property
    def mark_path(self) -> Path:
        """The mark next to the folder, for the command may replace the folder as a whole."""
        return self.folder.with_name(f"{self.folder.name}.step.json")

    @property
    def log(self) -> Path:
        """The file for the command's output."""
        return self.folder.with_name(f"{self.folder.name}.log.txt")

    @property
    def finished(self) -> bool:
        """Whether the step came to its end, and the steps before it have not changed since."""
        if self.after and not self.after.finished:
            return False
        return super().finished and self.mark().get("after") == self._basis()["after"] and self.folder.is_dir()

    @property
    def resume(self) -> tuple[str, ...]:
        """The options with which an interrupted training goes on."""
        checkpoint = self.checkpoint if self.recipe == "sft" and not self.finished else None
        return ("--resume_from_checkpoint", str(checkpoint)) if checkpoint else ()

    def begin(self) -> None:
        """Record the start of the step; checkpoints of a training on other data are removed."""
        mark = self.mark()
        if mark and mark.get("after") != self._basis()["after"]:
            for checkpoint in self.folder.glob("checkpoint-*"):
                shutil.rmtree(checkpoint)
        super().begin()

    def _compared(self, settings: Mapping[str, str]) -> Mapping[str, str]:
        """The settings under their new names, for a training may have begun under the old ones."""
        return with_new_names(settings) if self.recipe == "sft" else settings

    def _basis(self) -> Mapping[str, Any]:
        """A hash of the mark of the step before, which changes whenever that step is done again."""
        if not self.after or not self.after.mark_path.is_file():
            return {"after": ""}
        return {"after": hashlib.sha256(self.after.mark_path.read_bytes()).hexdigest()[:16]}


@dataclass(frozen=True)
class Round:
    """The steps of one round, and the model that it ends with."""

    number: int
    """0 is the first model, before anything was sampled."""
    model: str
    data: RoundStep | None
    training: RoundStep | None
    score: RoundStep

    @property
    def steps(self) -> list[RoundStep]:
        """The steps of the round, in order."""
        return [step for step in (self.data, self.training, self.score) if step]


def plan_rounds(settings: RoundSettings, sections: _Sections) -> list[Round]:
    """All rounds; round 0 makes or scores the first model.

    Raises:
        ConfigError: if it is not clear with which model to begin, or a setting makes no sense.

    Example:
        >>> sections = {"make_dataset": {"world": "stories"}, "sft": {}, "score": {"world": "stories"}}
        >>> one, two = plan_rounds(RoundSettings("out", rounds=1, model="a-model"), sections)
        >>> two.data.options[:2], two.training.options[:2]
        (('--student', 'a-model'), ('--model_name_or_path', 'a-model'))
    """
    _check(settings, sections)
    rounds = [_first(settings, sections)]
    for number in range(1, settings.rounds + 1):
        rounds.append(_next(settings, sections, number, rounds[0], rounds[-1]))
    return rounds


def right_solutions(settings: RoundSettings, made: Mapping[str, Any]) -> list[dict[str, str]]:
    """Prompts and completions for the first training; some of those of `sums` show their work.

    Args:
        made: the section `make_dataset`, which says of which world, and how questions are put.
    """
    world, style = get_world(str(made["world"])), prompt_style(str(made.get("prompt_style", "instruction")))
    problems = world.problems(settings.right, settings.seed)
    if world.name == SUMS.name:
        return make_documents(problems, seed=settings.seed)
    return [
        {"prompt": style.prompt(problem.question), "completion": style.completion(problem.reference_solution)}
        for problem in problems
    ]


def _right_file(settings: RoundSettings) -> Path:
    """The path of the right solutions."""
    return Path(settings.output_dir) / "right.jsonl"


def write_right(settings: RoundSettings, made: Mapping[str, Any]) -> Path:
    """Write `right.jsonl`; a file with the same content is left alone, because caches depend on its time."""
    path = _right_file(settings)
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in right_solutions(settings, made))
    if not path.is_file() or path.read_text("utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, text)
    return path


def _first(settings: RoundSettings, sections: _Sections) -> Round:
    folder = Path(settings.output_dir) / "round-0"
    if settings.model:
        style = _style_of_its_own(sections)
        return Round(0, settings.model, None, None, _score(sections, 0, settings.model, folder, None, style=style))
    options = {"dataset_name": _right_file(settings), **sections["start"], "output_dir": folder / "model"}
    training = _step("round 0: train a first model", "sft", options, sections, more=_right(settings, sections))
    return Round(0, str(training.folder), None, training, _score(sections, 0, training.folder, folder, training))


def _next(settings: RoundSettings, sections: _Sections, number: int, first: Round, last: Round) -> Round:
    folder, title = Path(settings.output_dir) / f"round-{number}", f"round {number}"
    sampling = {"student": last.model, "seed": settings.seed + number, "output_dir": folder / "data"}
    if last.training and (_chat(sections) or _style_of_its_own(sections)):
        style = _chat(sections) or sections["make_dataset"].get("prompt_style", "instruction")
        sampling["student_prompt_style"] = style
    data = _step(f"{title}: sample the newest model", "make_dataset", sampling, sections, after=last.training)
    begin = last.model if settings.train_from == "last" else first.model
    options: dict[str, Any] = {"model_name_or_path": begin, "dataset_name": data.folder}
    right: Mapping[str, str] = {}
    if settings.mix_share:
        options |= {"mix_dataset": _right_file(settings), "mix_share": settings.mix_share}
        right = _right(settings, sections)
    options["output_dir"] = folder / "model"
    training = _step(f"{title}: train on its mistakes", "sft", options, sections, more=right, after=data)
    score = _score(sections, number, training.folder, folder, training, style=_chat(sections))
    return Round(number, str(training.folder), data, training, score)


def _score(
    sections: _Sections, number: int, model: str | Path, folder: Path, after: RoundStep | None, *, style: str = ""
) -> RoundStep:
    options = {"model": model, **({"prompt_style": style} if style else {}), "output_dir": folder / "score"}
    return _step(f"round {number}: score", "score", options, sections, after=after)


def _style_of_its_own(sections: _Sections) -> str:
    """How the first model has to be asked, where it is not as the rows say; else empty."""
    return str(sections["make_dataset"].get("student_prompt_style", ""))


def _chat(sections: _Sections) -> str:
    """The prompt style of models that are trained in a chat template; else empty."""
    return "chat" if sections["sft"].get("chat") else ""


def _step(
    title: str,
    recipe: str,
    options: Mapping[str, Any],
    sections: _Sections,
    *,
    more: Mapping[str, str] | None = None,
    after: RoundStep | None = None,
) -> RoundStep:
    """A step whose options override its recipe's section; `more` are other settings that its result depends on."""
    given = tuple(part for name, value in options.items() for part in (f"--{name}", *_texts(value)))
    merged = {**sections[recipe], **options}
    texts = {name: " ".join(_texts(value)) for name, value in merged.items() if name != "output_dir"}
    return RoundStep(Path(options["output_dir"]), texts | dict(more or {}), title, recipe, given, after)


def _right(settings: RoundSettings, sections: _Sections) -> dict[str, str]:
    """The settings that the right solutions depend on."""
    made = sections["make_dataset"]
    return {
        "right": str(settings.right),
        "right seed": str(settings.seed),
        "right world": str(made.get("world", "")),
        "right style": str(made.get("prompt_style", "")),
    }


def _check(settings: RoundSettings, sections: _Sections) -> None:
    if bool(settings.model) == ("start" in sections):
        raise ConfigError(
            "which model does the first round sample? Say either `model: FOLDER_OR_NAME` under `rounds:`, or how to "
            "train one from scratch in a section `start:` (what differs there from `sft:`)"
        )
    if settings.train_from not in ("last", "first"):
        raise ConfigError(f"`train_from`: need `last` or `first`, found {settings.train_from!r}")
    if settings.rounds < 1:
        raise ConfigError(f"`rounds` is {settings.rounds}: need 1 or more")
    refuse_out_of_range(settings, {"mix_share": SHARE, "right": FROM_ZERO}, ("mix_share",))
    if "start" in sections or settings.mix_share:
        if _chat(sections):
            raise ConfigError(
                "`chat` under `sft:` needs a model with a chat template, named by `model`, and no `mix_share`: first "
                "models from scratch have no template, and right solutions that are mixed in are plain text"
            )
        if not sections["make_dataset"].get("world"):
            raise ConfigError(
                "right solutions are written for a `world` only: for problems from files set `model`, and mix right "
                "solutions in by `mix_dataset` under `sft:`"
            )
        if settings.right < 1:
            raise ConfigError("`right` is 0: say how many right solutions there are to be to read or to mix in")


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, list | tuple):
        return tuple(map(str, value))
    return (str(value).lower() if isinstance(value, bool) else str(value),)
