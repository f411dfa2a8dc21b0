"""The setting `turns`: whether it fits the other settings, and what the turns of a run are made with."""

from lemma_hf.errors import ConfigError
from lemma_hf.pipeline.go_on import GoOn, StudentGoesOn, WorldGoesOn
from lemma_hf.pipeline.run.participants import Participants, sampling_of, student_style, teacher_name
from lemma_hf.pipeline.run.settings import InputSettings, ParticipantSettings, TrajectorySettings
from lemma_hf.pipeline.turns import Turns
from lemma_hf.world import get_world

FIRST, EACH = "first", "each"
"""The values of `turns`: one turn at the first mistake, or a turn at each."""


def check_turns(inputs: InputSettings, actors: ParticipantSettings, made: TrajectorySettings) -> None:
    """Refuse settings of turns that cannot be followed, before anything is loaded or paid for.

    Raises:
        ConfigError: if `turns` has no such value, or `turns: each` has nothing that writes on behind a
            corrected step, or stands next to a setting of another method.
    """
    if made.turns not in (FIRST, EACH):
        raise ConfigError(f"`turns`: need `first` or `each`, found {made.turns!r}")
    if made.turns == FIRST:
        return
    teacher = teacher_name(inputs, actors)
    if not actors.student and teacher != "world":
        raise ConfigError(
            f"`turns: each` with the teacher {teacher!r} needs a `student` (a folder, a Hub name, or MODEL@URL): "
            "nothing else writes on behind a corrected step; a file of attempts holds only the first part of a row. "
            "Name one, or set `turns: first`; only the teacher `world` makes further mistakes by itself"
        )
    for setting, other in (
        ("both_strategies", made.both_strategies),
        ("cut_at_first_error", not made.cut_at_first_error),
    ):
        if other:
            raise ConfigError(
                f"`turns: each` puts one step right at a time, so `{setting}: {str(getattr(made, setting)).lower()}` "
                "has no meaning with it: leave it out, or set `turns: first`"
            )


def turns_of(
    inputs: InputSettings, actors: ParticipantSettings, made: TrajectorySettings, found: Participants
) -> Turns:
    """What the turns of a run are made with."""
    go_on: GoOn
    if found.writer_on is not None:
        sampling = sampling_of(actors, made.seed)
        go_on = StudentGoesOn(found.writer_on, student_style(actors, made), found.split, sampling)
    else:
        go_on = WorldGoesOn(found.teacher, found.types, made.seed)
    clean = get_world(inputs.world).bare_step if inputs.world else str
    return Turns(found.teacher, found.split, go_on, clean, made.max_turns, made.benchmark)
