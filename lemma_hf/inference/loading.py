"""Which student does a setting name? A folder or a Hub model run here, one in vLLM, or one behind an endpoint."""

from collections.abc import Sequence
from pathlib import Path

from lemma_hf.inference import LocalStudent, Student
from lemma_hf.inference.cached import RememberedStudent, fingerprint
from lemma_hf.inference.continuous import ContinuousStudent
from lemma_hf.inference.endpoint import ChatClient, Endpoint, ReplyLookup
from lemma_hf.inference.endpoint.endpoint import read_options
from lemma_hf.inference.local import load_model
from lemma_hf.inference.vllm import VLLMStudent

_VLLM = "vllm:"
"""In front of a student's name: run here by vLLM, in place of transformers."""


def is_endpoint(name: str) -> bool:
    """Whether a setting names a model behind an endpoint, not a folder or a model to run here.

    Example:
        >>> is_endpoint("gpt-4o-mini@https://api.openai.com/v1"), is_endpoint("outputs/sft")
        (True, False)
    """
    return "@http" in name or "@hf" in name


def public_name(name: str) -> str:
    """The model without the place where it runs: no address, no folder of this machine; a Hub name stays whole."""
    if is_endpoint(name):
        return name.partition("@")[0]
    bare = name.removeprefix(_VLLM)
    return Path(bare).name if Path(bare).exists() else bare


def endpoint_client(
    name: str,
    options: Sequence[str],
    store: ReplyLookup,
    budget_usd: float = 0.0,
    *,
    retry_failed: bool = False,
    parts: int = 1,
) -> ChatClient:
    """The client for `MODEL@URL`.

    Args:
        options: `name=value` pairs, see `read_options`.
        budget_usd: 0 for none.
        parts: clients that share the endpoint's limits.
    """
    endpoint = Endpoint.from_text(name, **read_options(options)).share(parts)
    return ChatClient(endpoint, store, budget_usd or None, retry_failed=retry_failed)


def student_here(
    name: str,
    store: ReplyLookup,
    *,
    batch_size: int = 64,
    gpus: int = 1,
    chat: bool = False,
    continuous: bool = False,
    progress: str | None = None,
) -> Student:
    """A model on this machine, whose completions are stored.

    Args:
        chat: put prompts into the tokenizer's chat template.
        continuous: use transformers' continuous batching.
        progress: the name of a progress bar, or None for none.

    Raises:
        ConfigError: if it cannot be loaded.
    """
    # Drawn in another way, or asked in another way, the same model writes something else.
    manner = "".join(f"+{word}" for word, on in (("chat", chat), ("continuous", continuous)) if on)
    if name.startswith(_VLLM):
        bare = name.removeprefix(_VLLM)
        return RememberedStudent(VLLMStudent(bare, tensor_parallel=gpus), store, fingerprint(bare) + manner, progress)
    student: Student
    if continuous:
        student = ContinuousStudent(*load_model(name), chat=chat, progress=False)
    else:
        student = LocalStudent.from_pretrained(name, batch_size, progress=None, chat=chat)
    return RememberedStudent(student, store, fingerprint(name) + manner, progress)
