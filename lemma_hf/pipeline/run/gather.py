"""Inputs of a run: the problems and attempts that its settings name, or the first ones, without those of test sets."""

from pathlib import Path

from lemma_hf.errors import ConfigError
from lemma_hf.pipeline.decontaminate import decontaminate_attempts_stage, decontaminate_stage, read_test_sets
from lemma_hf.pipeline.first_problems import keep_first_problems
from lemma_hf.pipeline.inputs import NO_FILES, Files, Inputs, file_inputs, world_inputs
from lemma_hf.pipeline.run.run import Run


def gather_inputs(run: Run) -> Inputs:
    """The problems and attempts that a run begins with.

    Files of attempts are read only where no student writes new ones, and a problem without a reference solution is
    dropped only where the teacher needs one.

    Raises:
        ConfigError: if the settings name neither a world nor a file.
        DataError: naming a file that is missing, or file, line and field of a broken row.
    """
    settings, participants = run.settings.inputs, run.participants
    inputs = Inputs()
    if settings.world:
        inputs = world_inputs(settings.world, settings.problems, run.settings.made.seed)
    problems = Files(settings.problem_files, settings.problem_columns)
    attempts, outputs = NO_FILES, NO_FILES
    if not participants.writes:
        attempts = Files(settings.attempts, settings.attempt_columns)
        outputs = Files(settings.outputs, settings.output_columns)
    if attempts.paths or outputs.paths or problems.paths:
        inputs = file_inputs(
            run.funnel,
            Path(settings.data_dir),
            attempts=attempts,
            outputs=outputs,
            problems=problems,
            known=inputs.problems,
            need_solutions=participants.needs_solutions,
            where_from=settings.where_from,
        )
    elif not settings.world:
        raise ConfigError("nothing to begin with: set `world`, or `problem_files`, or `attempts`")
    if settings.test_sets:
        inputs = _decontaminated(run, inputs)
    return keep_first_problems(run.funnel, inputs, settings.max_problems) if settings.max_problems else inputs


def _decontaminated(run: Run, inputs: Inputs) -> Inputs:
    """The inputs without problems of the test sets, before anything is paid for them."""
    settings = run.settings.inputs
    index = read_test_sets(settings.test_sets, Path(settings.data_dir), settings.overlap_words)
    return Inputs(
        run.funnel.run(decontaminate_stage(index), inputs.problems),
        run.funnel.run(decontaminate_attempts_stage(index), inputs.attempts),
    )
