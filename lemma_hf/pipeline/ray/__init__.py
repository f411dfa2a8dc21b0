"""The stages of the pipeline as Ray Data map stages, on this machine or on a cluster; `RayEngine` runs them.

Nothing here imports Ray before it is needed.
"""

from lemma_hf.pipeline.ray._engine import RayEngine
from lemma_hf.pipeline.ray._store import RayReplyStore

__all__ = ["RayEngine", "RayReplyStore"]
