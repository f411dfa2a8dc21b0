"""Checks of a run's numbers and places, before anything is loaded or paid for."""

from pathlib import Path

from lemma_hf.data.folder import refuse_foreign
from lemma_hf.errors import ConfigError
from lemma_hf.grading.policy import check_benchmark
from lemma_hf.pipeline.run.settings import InputSettings, ParticipantSettings, RunSettings, TrajectorySettings
from lemma_hf.utils.ranges import FROM_ONE, FROM_ZERO, SHARE, Range, refuse_out_of_range
from lemma_hf.utils.storage import refuse_unwritable

_RANGES: dict[str, Range] = {
    **dict.fromkeys(("problems", "overlap_words", "samples", "max_new_tokens", "batch_size", "gpus"), FROM_ONE),
    **dict.fromkeys(("teacher_max_tokens", "votes", "max_characters", "max_per_problem", "max_rows"), FROM_ONE),
    **dict.fromkeys(("max_turns", "ray_clients"), FROM_ONE),
    **dict.fromkeys(("temperature", "verify_prefix", "injections", "budget_usd", "max_problems"), FROM_ZERO),
    **dict.fromkeys(("top_p", "min_sureness", "injection_share", "min_hardness", "test_share"), SHARE),
}
"""The least and the greatest value of each setting that is a number."""
_LESS_THAN_ONE = ("injection_share", "test_share")


def check_limits(
    inputs: InputSettings, actors: ParticipantSettings, made: TrajectorySettings, run: RunSettings
) -> None:
    """Refuse numbers that are out of range, an unknown benchmark, and a place that holds something else.

    Raises:
        ConfigError: naming the setting.
        DataError: if `output_dir` holds something that was not written here.
    """
    for group in (inputs, actors, made, run):
        refuse_out_of_range(group, _RANGES, _LESS_THAN_ONE)
    check_benchmark(made.benchmark)
    place = Path(run.place)
    if place.is_symlink():
        raise ConfigError(f"`output_dir`: {place} is a link, which would be replaced: name the folder that it leads to")
    refuse_unwritable(place.parent)
    refuse_foreign(place)
