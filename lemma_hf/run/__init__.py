"""What makes a run of the pipeline's stages? Settings, actors, inputs; before it a plan, after it a report."""

from lemma_hf.run.actors import sampling_of
from lemma_hf.run.gather import gather
from lemma_hf.run.lifecycle import Run, Settings, open_run, read_settings
from lemma_hf.run.planning import plan_run
from lemma_hf.run.settings_file import package_versions

__all__ = ["Run", "Settings", "gather", "open_run", "package_versions", "plan_run", "read_settings", "sampling_of"]
