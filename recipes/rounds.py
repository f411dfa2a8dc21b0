"""Sample the newest model, train it on its own mistakes, score it, and repeat.

    python recipes/rounds.py --config recipes/configs/rounds_world.yaml
    lemma-hf rounds --config rounds_world       # the same, wherever lemma-hf is installed

Invented mistakes are not those that a model makes; and once it is trained, it makes others than before. So each round
samples anew: `make_dataset.py --student <newest model>`, then `sft.py` on that dataset, then `score.py` on problems
that are not in it. The file's sections `make_dataset`, `sft` and `score` are those recipes' own; `rounds:`
says how often, and `start:` how a first model is trained from scratch, where none is named. The configuration above
does two rounds on made-up sums with a model of half a million parameters: no download, and it says what to expect.
`turns: each` in the section `make_dataset` lets the model go on behind each mistake that is put right.

Each step is a command of another recipe. It is printed, and can be run by hand; its output is in a log. Stopped,
killed or failed, the same command continues: finished steps are not run again, a local student's replies are kept, and
training resumes from its last checkpoint. At the end it writes `rounds.md` and `rounds.json`.
"""

import argparse
import shlex
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from time import monotonic
from typing import Any

from lemma_hf.errors import ConfigError, LemmaError
from lemma_hf.experiments.commands import (
    last_words,
    recipe_words,
    refuse_without_deepspeed,
    run_command,
    stoppable,
    typed_command,
)
from lemma_hf.experiments.rounds import Round, RoundSettings, RoundStep, plan_rounds, write_right
from lemma_hf.experiments.rounds_report import outcome_of, rounds_table, write_rounds_report
from lemma_hf.settings import EXIT_UNANSWERED, parse_settings, read_section, run_recipe
from lemma_hf.train.setting_names import sft_names
from lemma_hf.utils.class_fields import field_names
from lemma_hf.utils.extras import need
from lemma_hf.utils.lock import folder_lock
from lemma_hf.utils.names import refuse_unknown_settings


def main(argv: Sequence[str] | None = None) -> None:
    """Plan the rounds, run the steps that are not finished, and compare."""
    settings, config = read_settings(argv)
    sections = read_sections(config)
    refuse_misspelled(sections, config)
    refuse_without_deepspeed(shlex.split(settings.launch))
    rounds = plan_rounds(settings, sections)
    steps = [step for each in rounds for step in each.steps]
    for step in steps:
        step.refuse_other_settings()
    need("torch", "trl", "accelerate", "peft")
    with folder_lock(settings.output_dir):
        if settings.right:
            print(f"right solutions: {write_right(settings, sections['make_dataset'])}")
        try:
            with stoppable():
                for number, step in enumerate(steps, start=1):
                    do(step, command(step, settings, config), f"[{number}/{len(steps)}] {step.title}")
        finally:
            report(rounds, sections, Path(settings.output_dir), typed_command("rounds", argv, __package__))


def read_settings(argv: Sequence[str] | None = None) -> tuple[RoundSettings, str]:
    """Read the section `rounds:`, and the name of the config that holds it and the others."""
    first = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    first.add_argument("--config", default="")
    (settings,) = parse_settings((RoundSettings,), "rounds", __doc__, argv)
    config = first.parse_known_args(argv)[0].config
    if not config:
        raise ConfigError("give `--config FILE`, a file with sections `rounds:`, `make_dataset:`, `sft:` and `score:`")
    return settings, config


def read_sections(config: str) -> dict[str, dict[str, Any]]:
    """Read the sections of the recipes that are run; `start` may be missing."""
    sections = {name: read_section(config, name) for name in ("make_dataset", "sft", "score")}
    try:
        return sections | {"start": read_section(config, "start")}
    except ConfigError:
        return sections


def refuse_misspelled(sections: dict[str, dict[str, Any]], config: str) -> None:
    """Refuse an unknown name in any section before the first step: the last of them is read hours later."""
    from lemma_hf.pipeline.run.settings import SETTINGS

    made = {item.name for kind in SETTINGS for item in fields(kind)}
    score = field_names(Path(__file__).with_name("score.py"), "ScoreSettings")
    for name, found in sections.items():
        known = {"make_dataset": made, "score": score}.get(name, sft_names())
        if known:  # else the step itself finds out
            refuse_unknown_settings(found, known, config, name)


def command(step: RoundStep, settings: RoundSettings, config: str) -> list[str]:
    """Command line of a step, as it could be typed."""
    launch = shlex.split(settings.launch) if step.recipe == "sft" else []
    recipe = recipe_words(step.recipe, __file__, __package__)
    return [*(launch or [sys.executable]), *recipe, "--config", config, *step.options, *step.resume]


def do(step: RoundStep, words: Sequence[str], title: str) -> None:
    """Run a step to its end, unless it is finished."""
    if step.finished:
        print(f"{title}: finished earlier", flush=True)
        return
    print(f"{title}; tail -f {step.log}\n    $ {shlex.join(words)}", flush=True)
    start = monotonic()
    step.begin()
    code = run_command(words, step.log)
    if code not in (0, EXIT_UNANSWERED):
        raise LemmaError(
            "\n    | ".join([f"{title} failed; run the same command again to go on", *last_words(step.log)])
        )
    step.end(monotonic() - start)
    print(f"    finished after {(monotonic() - start) / 60:.1f} min", flush=True)
    if code == EXIT_UNANSWERED:
        print("    some calls got no reply; the dataset was made without them", flush=True)


def report(rounds: Sequence[Round], sections: dict[str, dict[str, Any]], folder: Path, typed: str) -> None:
    """Write and print the results so far."""
    found = [outcome_of(each, str(sections["score"].get("world", ""))) for each in rounds]
    write_rounds_report(found, folder, typed)
    print(f"\n{rounds_table(found)}\n\nwritten: {folder / 'rounds.md'} and {folder / 'rounds.json'}")


if __name__ == "__main__":
    run_recipe(main)
