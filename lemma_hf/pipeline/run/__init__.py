"""What makes a run of the pipeline's stages? Settings, actors, inputs; before it a plan, after it a report."""

from lemma_hf.pipeline.run.dry_run import estimate_run
from lemma_hf.pipeline.run.gather import gather
from lemma_hf.pipeline.run.participants import sampling_of
from lemma_hf.pipeline.run.provenance import package_versions
from lemma_hf.pipeline.run.run import Run, Settings, open_run, read_settings

__all__ = ["Run", "Settings", "estimate_run", "gather", "open_run", "package_versions", "read_settings", "sampling_of"]
