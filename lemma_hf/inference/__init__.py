"""Inference: prompts to completions, by a student.

    local, continuous, vllm   a model on this machine
    llm                       a model behind an endpoint; `endpoint` is the one client
    from_file                 outputs that exist already
    cached                    any of them, with its completions stored
    loading                   a setting's name → the student

What all students are asked, and what they return, is in `completions`.
"""

from lemma_hf.inference.cached import CachedStudent, fingerprint
from lemma_hf.inference.completions import Completion, Sampling, Student, own_completion
from lemma_hf.inference.continuous import ContinuousStudent
from lemma_hf.inference.from_file import FileStudent, match_outputs
from lemma_hf.inference.llm import LLMStudent
from lemma_hf.inference.loading import endpoint_client, is_endpoint, load_student, public_name
from lemma_hf.inference.local import LocalStudent, evaluating
from lemma_hf.inference.vllm import VLLMStudent

__all__ = [
    "CachedStudent",
    "Completion",
    "ContinuousStudent",
    "FileStudent",
    "LLMStudent",
    "LocalStudent",
    "Sampling",
    "Student",
    "VLLMStudent",
    "endpoint_client",
    "evaluating",
    "fingerprint",
    "is_endpoint",
    "load_student",
    "match_outputs",
    "own_completion",
    "public_name",
]
