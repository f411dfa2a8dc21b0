"""Student whose completions are stored, so that a run that was killed goes on without generating them again."""

import hashlib
import json
import time
from collections.abc import Sequence
from pathlib import Path

from tqdm.auto import tqdm

from lemma_hf.inference.completions import Completion, Sampling, Student
from lemma_hf.inference.endpoint import ChatResult, Refusal, Reply, ReplyLookup, StoredReply
from lemma_hf.records import DropReason

_CHUNK_BYTES = 2**20
"""Bytes of a file that are hashed at a time, which bounds the memory."""
_BATCH = 128
"""Prompts a call, for a student that has no `batch` of its own; a call that is interrupted is generated again."""
_MODEL_FILES = ("*.safetensors", "*.bin", "*.json", "*.model", "*.jinja")
"""Files that decide what a model writes: weights, configuration, tokenizer, chat template."""
_NOT_THE_MODEL = ("training_args.bin", "optimizer.bin", "scheduler.bin", "trainer_state.json", "*_results.json")
"""Files that a trainer leaves in the folder, which hold names of folders and times."""


class CachedStudent:
    """A [`Student`][lemma_hf.inference.completions.Student] whose completions are stored, call by call.

    Stored completions are not generated again. One call of `complete` is stored whole or not at all, since what a
    model draws depends on the batch: so a run that is killed and started again ends as if it had not been killed.

    Args:
        student: writes the completions.
        store: keeps them.
        name: identifies the student in the store, such as `fingerprint(folder)`; a model trained further needs another
            one.
        progress: the name of a progress bar, or None for none.
    """

    def __init__(self, student: Student, store: ReplyLookup, name: str, progress: str | None = None) -> None:
        self.student = student
        self.store = store
        self.name = name
        self.progress = progress

    @property
    def batch(self) -> int:
        """Prompts a call: so many are generated again at most, after a run was killed."""
        return int(getattr(self.student, "batch", _BATCH))

    @property
    def gpus(self) -> int:
        """GPUs that each worker on a cluster needs."""
        return int(getattr(self.student, "gpus", 0))

    def complete(self, prompts: Sequence[str], sampling: Sampling) -> list[list[Completion]]:
        """`sampling.n` completions for each prompt, in the order of the prompts.

        Longer lists are cut into calls of `batch` prompts, each of which is stored when it is done.
        """
        found: list[list[Completion]] = []
        tokens, start = 0, time.monotonic()
        with tqdm(total=len(prompts), desc=self.progress, unit="prompt", disable=self.progress is None) as bar:
            for first in range(0, len(prompts), self.batch):
                some = prompts[first : first + self.batch]
                found += self._complete(some, sampling)
                tokens += sum(completion.tokens for several in found[first:] for completion in several)
                bar.update(len(some))
                bar.set_postfix_str(f"{tokens / max(1e-9, time.monotonic() - start):,.0f} tokens/s", refresh=False)
        return found

    def _complete(self, prompts: Sequence[str], sampling: Sampling) -> list[list[Completion]]:
        keys = [[self._key(prompt, sampling, number) for number in range(sampling.n)] for prompt in prompts]
        missing = self._missing(keys)
        if missing:
            written = self.student.complete([prompts[index] for index in missing], sampling)
            rows = [
                StoredReply(key, self.name, "sample", _to_result(completion))
                for index, completions in zip(missing, written, strict=True)
                for key, completion in zip(keys[index], completions, strict=True)
            ]
            self.store.put_many(rows)
        found = self.store.get_many([key for row in keys for key in row])
        return [[_to_completion(found[key]) for key in row] for row in keys]

    def _missing(self, keys: Sequence[Sequence[bytes]]) -> list[int]:
        found = self.store.get_many([key for row in keys for key in row])
        return [index for index, row in enumerate(keys) if any(key not in found for key in row)]

    def _key(self, prompt: str, sampling: Sampling, number: int) -> bytes:
        drawn = [sampling.temperature, sampling.top_p, sampling.max_new_tokens, sampling.seed, number]
        return hashlib.sha256(json.dumps([self.name, prompt, drawn]).encode()).digest()[:16]


def fingerprint(name_or_path: str) -> str:
    """A name for a model that changes with its weights: a hash of the files of a folder; a Hub name stays as it is.

    A copy of a folder, or the same training done again, has the same name: neither the folder's name nor other files of
    the trainer count. A gigabyte takes about a second.
    """
    folder = Path(name_or_path)
    if not folder.is_dir():
        return name_or_path
    digest = hashlib.sha256()
    for path in sorted({path for pattern in _MODEL_FILES for path in folder.glob(pattern)}):
        if any(path.match(pattern) for pattern in _NOT_THE_MODEL):
            continue
        digest.update(path.name.encode() + b"\0")
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
    return f"folder-{digest.hexdigest()[:12]}"


def _to_result(completion: Completion) -> ChatResult:
    if completion.refused is not None:
        return Refusal(completion.refused, completion.detail, 0, completion.tokens)
    if not completion.finished:
        return Refusal(DropReason.TRUNCATED, f"{completion.tokens} tokens", 0, completion.tokens, completion.text)
    if not completion.text:
        return Refusal(DropReason.EMPTY, "", 0, completion.tokens)
    return Reply(completion.text, 0, completion.tokens)


def _to_completion(result: ChatResult) -> Completion:
    if isinstance(result, Reply):
        return Completion(result.text, True, result.completion_tokens)
    if result.reason in (DropReason.TRUNCATED, DropReason.EMPTY):
        return Completion(result.text, result.reason is DropReason.EMPTY, result.completion_tokens)
    return Completion("", False, result.completion_tokens, result.reason, result.detail)
