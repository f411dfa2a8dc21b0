"""Checks of a run's numbers and places, before anything is loaded or paid for."""

from collections.abc import Iterator
from math import inf, isfinite
from pathlib import Path

from lemma_hf.data.folder import refuse_foreign
from lemma_hf.errors import ConfigError
from lemma_hf.pipeline.run.settings import InputSettings, ParticipantSettings, RunSettings, TrajectorySettings

_FROM_ONE = (1, inf)
_FROM_ZERO = (0, inf)
_SHARE = (0, 1)
_RANGES: dict[str, tuple[float, float]] = {
    **dict.fromkeys(("problems", "overlap_words", "samples", "max_new_tokens", "batch_size", "gpus"), _FROM_ONE),
    **dict.fromkeys(("teacher_max_tokens", "votes", "max_characters", "max_per_problem", "max_rows"), _FROM_ONE),
    **dict.fromkeys(("max_turns", "ray_clients"), _FROM_ONE),
    **dict.fromkeys(("temperature", "verify_prefix", "injections", "budget_usd"), _FROM_ZERO),
    **dict.fromkeys(("top_p", "min_sureness", "injection_share", "min_hardness", "test_share"), _SHARE),
}
"""The least and the greatest value of each setting that is a number."""
_LESS_THAN_ONE = ("injection_share", "test_share")


def check_limits(
    inputs: InputSettings, actors: ParticipantSettings, made: TrajectorySettings, run: RunSettings
) -> None:
    """Refuse numbers that are out of range, and a place that holds something else than a dataset.

    Raises:
        ConfigError: naming the setting.
        DataError: if `output_dir` holds something that was not written here.
    """
    for group in (inputs, actors, made, run):
        for refusal in _out_of_range(group):
            raise ConfigError(refusal)
    place = Path(run.place)
    if place.is_symlink():
        raise ConfigError(f"`output_dir`: {place} is a link, which would be replaced: name the folder that it leads to")
    refuse_foreign(place)


def _out_of_range(group: object) -> Iterator[str]:
    for name, (least, most) in _RANGES.items():
        value = getattr(group, name, None)
        if value is None:
            continue
        if not isfinite(value) or not least <= value <= most or (value == 1 and name in _LESS_THAN_ONE):
            ends = "less than 1" if name in _LESS_THAN_ONE else f"{most:g} at most"
            yield f"`{name}`: need {least:g} or more{'' if most == inf else f' and {ends}'}, found {value}"
