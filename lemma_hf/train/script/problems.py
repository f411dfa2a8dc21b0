"""Problems of the training script: those that the model tries to solve while it trains."""

from collections.abc import Sequence

from lemma_hf.data.sources import read_problems
from lemma_hf.errors import ConfigError
from lemma_hf.records import Dropped, Problem
from lemma_hf.train.script.settings import LemmaScriptArguments
from lemma_hf.train.solve import SolveCallback
from lemma_hf.train.trainer import LemmaSFTTrainer
from lemma_hf.world import get_world


def solve_problems(script: LemmaScriptArguments) -> list[Problem]:
    """Held-out problems from a file, or from a world with a seed that no dataset of ours was made with.

    Raises:
        ConfigError: if not exactly one of `solve_file` and `solve_world` is given, or nothing in the file can be used.
    """
    if bool(script.solve_file) == bool(script.solve_world):
        raise ConfigError("solve_every needs problems: say either `solve_file: FILE` or `solve_world: stories`")
    if script.solve_world:
        return get_world(script.solve_world).problems(script.solve_problems, seed=2503)
    found = list(read_problems(script.solve_file, identity=""))
    usable = [item for item in found if not isinstance(item, Dropped)]
    if not usable:
        raise ConfigError(f"{script.solve_file}: none of its {len(found):,} rows is a problem with an answer")
    print(f"{script.solve_file}: {len(usable):,} problems, {len(found) - len(usable):,} rows without an answer")
    return usable[: script.solve_problems]


def solve_callback(
    script: LemmaScriptArguments, trainer: LemmaSFTTrainer, problems: Sequence[Problem]
) -> SolveCallback:
    """The callback that lets the model try the problems every `solve_every` steps."""
    return SolveCallback(
        trainer,
        problems,
        every=script.solve_every,
        benchmark=script.solve_benchmark,
        max_new_tokens=script.solve_max_new_tokens,
        reflects=get_world(script.solve_world).has_turn if script.solve_world else None,
    )
