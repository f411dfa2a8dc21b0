"""lemma-hf: teach a language model to catch its own mistakes.

Importing this package registers the `lemma` dataset, so that `datasets.load_dataset("lemma")` works, and loads nothing
heavy: torch, datasets and sympy come in when something needs them.

Example:
    >>> import lemma_hf
    >>> lemma_hf.grade(r"So it is \\boxed{62}. Wait, that is wrong: \\boxed{72}", "72").outcome
    <Outcome.RIGHT: 'right'>
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lemma_hf.data.register import register_when_imported

if TYPE_CHECKING:
    from lemma_hf.data import DATASET_DIR as DATASET_DIR
    from lemma_hf.errors import LemmaError as LemmaError
    from lemma_hf.grading import answers_equal as answers_equal
    from lemma_hf.grading import extract_answer as extract_answer
    from lemma_hf.grading import grade as grade
    from lemma_hf.grading import grade_many as grade_many
    from lemma_hf.metrics import metric_path as metric_path
    from lemma_hf.records import Extraction as Extraction
    from lemma_hf.records import Grade as Grade
    from lemma_hf.records import Outcome as Outcome
    from lemma_hf.records import Problem as Problem
    from lemma_hf.records import Span as Span
    from lemma_hf.records import SpanKind as SpanKind
    from lemma_hf.records import Trajectory as Trajectory
    from lemma_hf.taxonomy import ErrorType as ErrorType
    from lemma_hf.train import LemmaSFTConfig as LemmaSFTConfig
    from lemma_hf.train import LemmaSFTTrainer as LemmaSFTTrainer

__version__ = "0.1.0"

_HOME_OF = {
    "DATASET_DIR": "lemma_hf.data",
    "ErrorType": "lemma_hf.taxonomy",
    "Extraction": "lemma_hf.records",
    "Grade": "lemma_hf.records",
    "LemmaError": "lemma_hf.errors",
    "LemmaSFTConfig": "lemma_hf.train",
    "LemmaSFTTrainer": "lemma_hf.train",
    "Outcome": "lemma_hf.records",
    "Problem": "lemma_hf.records",
    "Span": "lemma_hf.records",
    "SpanKind": "lemma_hf.records",
    "Trajectory": "lemma_hf.records",
    "answers_equal": "lemma_hf.grading",
    "extract_answer": "lemma_hf.grading",
    "grade": "lemma_hf.grading",
    "grade_many": "lemma_hf.grading",
    "metric_path": "lemma_hf.metrics",
}

__all__ = ["__version__", *_HOME_OF]  # noqa: PLE0604 - the names are all strings


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'lemma_hf' has no attribute {name!r}")
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


register_when_imported()
