"""Loading of students by name.

    outputs/sft, Qwen/Qwen2.5-7B        a folder or a model of the Hub, run on this machine
    vllm:Qwen/Qwen2.5-7B                the same, run by vLLM
    gpt-4o-mini@https://…/v1, …@hf      a model behind an endpoint

Settings called `student` and `model` take such names.
"""

from collections.abc import Sequence
from pathlib import Path

from lemma_hf.inference.cached import CachedStudent, fingerprint
from lemma_hf.inference.completions import Student
from lemma_hf.inference.continuous import ContinuousStudent
from lemma_hf.inference.endpoint import ChatClient, Endpoint, ReplyLookup
from lemma_hf.inference.endpoint.endpoint import read_options
from lemma_hf.inference.llm import LLMStudent
from lemma_hf.inference.local import LocalStudent, load_model
from lemma_hf.inference.vllm import VLLMStudent

_VLLM = "vllm:"
"""Prefix of a student's name: run on this machine by vLLM, in place of transformers."""


def is_endpoint(name: str) -> bool:
    """Whether a name is that of a model behind an endpoint, and not of one to run on this machine.

    Example:
        >>> is_endpoint("gpt-4o-mini@https://api.openai.com/v1"), is_endpoint("outputs/sft")
        (True, False)
    """
    return "@http" in name or "@hf" in name


def public_name(name: str) -> str:
    """The name of a model without its address or the path of its folder; a Hub name stays whole."""
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
        budget_usd: limit on the price of all replies in the store; 0 for none.
        retry_failed: ask again where an earlier run got no reply.
        parts: number of clients that share the endpoint's limits.

    Raises:
        ConfigError: if the name has another form, or an option makes no sense.
    """
    endpoint = Endpoint.from_text(name, **read_options(options)).share(parts)
    return ChatClient(endpoint, store, budget_usd or None, retry_failed=retry_failed)


def load_student(
    name: str,
    store: ReplyLookup,
    *,
    client: ChatClient | None = None,
    batch_size: int = 64,
    gpus: int = 1,
    chat: bool = False,
    continuous: bool = False,
    progress: str | None = None,
    watch: bool = False,
) -> Student:
    """Load the student that a name stands for; the completions of one on this machine are stored.

    Args:
        name: a folder, a name on the Hub, `vllm:NAME`, or `MODEL@URL` for which `is_endpoint` holds.
        store: where completions of a model on this machine are kept; a client has its own.
        client: asks the endpoint, where the name is one; see `endpoint_client`. All that follows is then not needed.
        batch_size: completions generated in one batch by transformers.
        gpus: GPUs that one vLLM model takes.
        chat: put prompts into the tokenizer's chat template.
        continuous: use transformers' continuous batching.
        progress: the name of a progress bar, or None for none.
        watch: show below it how far transformers is within a batch, which may take many minutes.

    Raises:
        ConfigError: if it cannot be loaded.
    """
    if client is not None:
        return LLMStudent(client)
    model = name.removeprefix(_VLLM)
    # With other prompts or another order of draws, the same model writes something else.
    variant = "".join(f"+{word}" for word, on in (("chat", chat), ("continuous", continuous)) if on)
    student: Student
    if name.startswith(_VLLM):
        student = VLLMStudent(model, tensor_parallel=gpus, chat=chat)
    elif continuous:
        student = ContinuousStudent(*load_model(model), chat=chat, progress=False)
    else:
        student = LocalStudent.from_pretrained(model, batch_size, progress="writing" if watch else None, chat=chat)
    return CachedStudent(student, store, fingerprint(model) + variant, progress)
