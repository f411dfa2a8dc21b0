"""Student that looks up outputs that exist already, so that they can be scored."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lemma_hf.errors import DataError
from lemma_hf.inference.completions import Completion, Sampling
from lemma_hf.records import DropReason, Problem, question_key

_MISSING = Completion("", False, 0, DropReason.EMPTY, "the file has no output for this problem")


class FileStudent:
    """A [`Student`][lemma_hf.inference.completions.Student] that returns earlier outputs.

    Args:
        outputs: for each prompt the outputs, in order. A prompt without any gets a completion that is refused.

    Example:
        >>> student = FileStudent({"2+2?": ["The answer is: 4"]})
        >>> student.complete(["2+2?", "2+3?"], Sampling())[0][0].text
        'The answer is: 4'
    """

    def __init__(self, outputs: Mapping[str, Sequence[str]]) -> None:
        self.outputs = outputs

    def complete(self, prompts: Sequence[str], sampling: Sampling) -> list[list[Completion]]:
        """The first `sampling.n` outputs for each prompt; in the place of a missing one a refused completion."""
        return [self._outputs(prompt, sampling.n) for prompt in prompts]

    def _outputs(self, prompt: str, n: int) -> list[Completion]:
        found = [Completion(text, True, 0) for text in self.outputs.get(prompt, ())[:n]]
        return found + [_MISSING] * (n - len(found))


def match_outputs(
    rows: Sequence[Mapping[str, object]],
    problems: Sequence[Problem],
    prompts: Sequence[str],
    *,
    output: str = "output",
    question: str = "question",
    identity: str = "id",
    path: str | Path = "outputs",
) -> tuple[dict[str, list[str]], int]:
    """Match outputs with prompts, by the question and, where a row has none, by the problem's id.

    Ids of another file may count otherwise. So an id counts beside a question only where the row's question holds the
    problem's (as a whole prompt does), or where several problems have that question; an id that several problems have
    says nothing.

    Args:
        rows: rows of a file of outputs; several of one problem are several samples.
        problems: the problems.
        prompts: their prompts, in the same order.
        output: the column of the text.
        question: the column of the question; a row needs it or `identity`.
        identity: the column of the problem's id.
        path: the file, for messages.

    Returns:
        The outputs by prompt, and the number of rows that belong to no problem.

    Raises:
        DataError: if a row has no output, or neither an id nor a question.
    """
    index = _Index.of(problems, prompts)
    found: dict[str, list[str]] = {}
    unmatched = 0
    for number, row in enumerate(rows, 1):
        text = row.get(output)
        if not isinstance(text, str):
            raise DataError(f"{path}, row {number}, field `{output}`: need text, found {type(text).__name__}")
        if identity not in row and question not in row:
            raise DataError(f"{path}, row {number}: need `{identity}` or `{question}`, found {', '.join(row)}")
        asked = row.get(question)
        prompt = index.prompt(str(row[identity]) if identity in row else None, None if asked is None else str(asked))
        if prompt is None:
            unmatched += 1
        else:
            found.setdefault(prompt, []).append(text)
    return found, unmatched


@dataclass(frozen=True, slots=True)
class _Index:
    """Problems with their prompts, by id and by question."""

    by_id: Mapping[str, tuple[Problem, str]]
    """Without the ids that several problems have."""
    by_question: Mapping[str, str]
    repeated: frozenset[str]
    """The questions that several problems have."""

    @classmethod
    def of(cls, problems: Sequence[Problem], prompts: Sequence[str]) -> "_Index":
        ids, keys = (Counter(names) for names in ([p.id for p in problems], [p.key for p in problems]))
        pairs = list(zip(problems, prompts, strict=True))
        return cls(
            {problem.id: (problem, prompt) for problem, prompt in pairs if ids[problem.id] == 1},
            {problem.key: prompt for problem, prompt in pairs},
            frozenset(key for key, count in keys.items() if count > 1),
        )

    def prompt(self, identity: str | None, question: str | None) -> str | None:
        """The prompt of the problem that a row belongs to; None where there is none."""
        problem, prompt = self.by_id.get(identity or "", (None, None))
        if question is None:
            return prompt
        key = question_key(question)
        if problem is not None and (key in self.repeated or key not in self.by_question) and problem.key in key:
            return prompt
        return self.by_question.get(key)
