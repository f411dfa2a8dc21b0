"""Student that looks up outputs that exist already, so that they can be scored."""

from collections.abc import Mapping, Sequence
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
    """Match outputs with prompts, by the problem's id, else by its question.

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
    by_id = {problem.id: prompt for problem, prompt in zip(problems, prompts, strict=True)}
    by_question = {problem.key: prompt for problem, prompt in zip(problems, prompts, strict=True)}
    found: dict[str, list[str]] = {}
    unmatched = 0
    for number, row in enumerate(rows, 1):
        text = row.get(output)
        if not isinstance(text, str):
            raise DataError(f"{path}, row {number}, field `{output}`: need text, found {type(text).__name__}")
        if identity not in row and question not in row:
            raise DataError(f"{path}, row {number}: need `{identity}` or `{question}`, found {', '.join(row)}")
        prompt = by_id.get(str(row.get(identity))) or by_question.get(question_key(str(row.get(question))))
        if prompt is None:
            unmatched += 1
        else:
            found.setdefault(prompt, []).append(text)
    return found, unmatched
