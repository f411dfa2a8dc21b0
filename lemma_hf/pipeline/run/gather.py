"""Which problems and attempts do a run's settings name? The world's or files', without what is in a test set."""

from pathlib import Path

from lemma_hf.errors import ConfigError
from lemma_hf.pipeline.decontaminate import decontaminate_attempts_stage, decontaminate_stage, read_test_sets
from lemma_hf.pipeline.inputs import NO_FILES, Files, Inputs, file_inputs, world_inputs
from lemma_hf.pipeline.run.settings import InputSettings
from lemma_hf.pipeline.stage import Funnel


def gather(
    funnel: Funnel, settings: InputSettings, seed: int, *, need_solutions: bool = True, need_attempts: bool = True
) -> Inputs:
    """The beginning of a run.

    Args:
        seed: which problems the world makes.
        need_solutions: whether a problem without a reference solution is dropped.
        need_attempts: whether files of attempts are read; a student that writes some takes their place.

    Raises:
        ConfigError: if there is nothing to begin with.
        DataError: naming a file that is missing, or file, line and field of a broken row.
    """
    inputs = world_inputs(settings.world, settings.problems, seed) if settings.world else Inputs()
    attempts = Files(settings.attempts, settings.attempt_columns) if need_attempts else NO_FILES
    outputs = Files(settings.outputs, settings.output_columns) if need_attempts else NO_FILES
    problems = Files(settings.problem_files, settings.problem_columns)
    if attempts.paths or outputs.paths or problems.paths:
        inputs = file_inputs(
            funnel,
            Path(settings.data_dir),
            attempts=attempts,
            outputs=outputs,
            problems=problems,
            known=inputs.problems,
            need_solutions=need_solutions,
            where_from=settings.where_from,
        )
    elif not settings.world:
        raise ConfigError("nothing to begin with: set `world`, or `problem_files`, or `attempts`")
    return _keep_apart(funnel, inputs, settings) if settings.test_sets else inputs


def _keep_apart(funnel: Funnel, inputs: Inputs, settings: InputSettings) -> Inputs:
    """Without problems of the test sets, before anything is paid for them."""
    index = read_test_sets(settings.test_sets, Path(settings.data_dir), settings.overlap_words)
    return Inputs(
        funnel.run(decontaminate_stage(index), inputs.problems),
        funnel.run(decontaminate_attempts_stage(index), inputs.attempts),
    )
