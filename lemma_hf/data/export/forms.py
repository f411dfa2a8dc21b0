r"""The rows that trainers take, made of one trajectory.

| form       | trainer       | columns                      | rows of a trajectory                                 |
|------------|---------------|------------------------------|------------------------------------------------------|
| `sft`      | `SFTTrainer`  | our own                      | the trajectory                                       |
| `messages` | `SFTTrainer`  | messages                     | the trajectory as a chat                             |
| `spot`     | `SFTTrainer`  | prompt, completion, rejected | the minimally corrected solution, and the wrong one  |
| `dpo`      | `DPOTrainer`  | prompt, chosen, rejected     | right solution against wrong one                     |
| `step_dpo` | `DPOTrainer`  | prompt, chosen, rejected     | for each mistake right step against wrong step       |
| `kto`      | `KTOTrainer`  | prompt, completion, label    | the right solution, and the wrong one                |
| `prm`      | token classes | prompt, completions, labels  | for each mistake the steps up to it; the right steps |

Columns are those of TRL 1.16. `prm` has the columns of TRL's stepwise supervision (prompt, list of steps, list of
labels); TRL took its `PRMTrainer` out before 1.16 (https://github.com/huggingface/trl/pull/7133). Every row has an `id`
too, the trajectory's; where a trajectory gives several rows, `#2` and so on is added to those behind the first.

The wrong solution is always the attempt up to its first wrong step: a trajectory keeps no more of it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lemma_hf.data.export.pairs import (
    SolutionPair,
    SplitSteps,
    StepPair,
    clean_solution,
    minimally_corrected,
    step_pairs,
    whole_pair,
)
from lemma_hf.data.export.repairs import read_repairs
from lemma_hf.data.rows import trajectory_to_row
from lemma_hf.errors import ConfigError
from lemma_hf.prompts import PromptStyle
from lemma_hf.records import Dropped, Strategy, Trajectory
from lemma_hf.solutions.steps import split_steps

ExportRow = dict[str, Any]
"""A row of plain values: texts, labels, and lists of these or of messages."""

CHOSEN = ("clean", "trajectory")
"""What stands on the right side of whole pairs: the solution without its mistake, or the mistake and its correction."""


class ExportForm(StrEnum):
    """A form of rows, by the name of what is trained with it."""

    SFT = "sft"
    MESSAGES = "messages"
    DPO = "dpo"
    STEP_DPO = "step_dpo"
    KTO = "kto"
    PRM = "prm"
    SPOT = "spot"


TRAINERS: Mapping[ExportForm, str] = {
    ExportForm.SFT: "SFTTrainer",
    ExportForm.MESSAGES: "SFTTrainer",
    ExportForm.DPO: "DPOTrainer",
    ExportForm.STEP_DPO: "DPOTrainer",
    ExportForm.KTO: "KTOTrainer",
    ExportForm.PRM: "token classification",
    ExportForm.SPOT: "SFTTrainer",
}
"""What trains on each form: a trainer of TRL, or for `prm` a model that classifies tokens."""


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """Choices of an export.

    Raises:
        ConfigError: if `chosen` is neither `clean` nor `trajectory`.
    """

    chat: bool = False
    """Whether prompts and answers are messages, around which the trainer puts the tokenizer's chat template."""
    chosen: str = "clean"
    """Which of `CHOSEN` is the right side in `dpo` and `kto`."""
    reasoning: bool = False
    """Whether `messages` puts all that stands before the final answer into `reasoning_content`."""
    assume: Strategy | None = None
    """The strategy of errors of which it is not known, see `read_repairs`."""
    split: SplitSteps = split_steps
    """Cuts a text into steps."""

    def __post_init__(self) -> None:
        if self.chosen not in CHOSEN:
            raise ConfigError(f"chosen is {self.chosen!r}, but it has to be one of {', '.join(CHOSEN)}")


def export_rows(
    trajectory: Trajectory, form: ExportForm, style: PromptStyle, options: ExportOptions | None = None
) -> list[ExportRow | Dropped]:
    """The rows of one form that a trajectory gives, and for what it cannot give the reasons.

    Example:
        >>> from lemma_hf.prompts import prompt_style
        >>> from lemma_hf.records import Problem, Span, SpanKind
        >>> right = Trajectory(Problem("p", "2 + 2?", "4"), (Span(SpanKind.REASONING, "2 + 2 = 4"),), (), "p/right")
        >>> export_rows(right, ExportForm.KTO, prompt_style("question"))
        [{'id': 'p/right', 'prompt': 'Question: 2 + 2?\\nSolution:', 'completion': ' 2 + 2 = 4', 'label': True}]
        >>> [str(found.reason) for found in export_rows(right, ExportForm.DPO, prompt_style("question"))]
        ['already_right']
    """
    return _MAKERS[form](trajectory, style, options or ExportOptions())


def sft_rows(trajectory: Trajectory, style: PromptStyle, options: ExportOptions) -> list[ExportRow | Dropped]:
    """Our own row, which `SFTTrainer` takes as prompt and completion, and `LemmaSFTTrainer` with its spans.

    In the form of a chat, `span_ends` count characters of the answer's content, which has no `lead`.
    """
    row = trajectory_to_row(trajectory, style)
    if options.chat:
        row |= {
            "prompt": _asked(trajectory, style, options),
            "completion": _answer(trajectory.text, style, options),
            "span_ends": list(trajectory.ends),
        }
    return [row]


def messages_rows(trajectory: Trajectory, style: PromptStyle, options: ExportOptions) -> list[ExportRow | Dropped]:
    """The trajectory as a chat of two messages, the user's and the assistant's.

    With `reasoning`, the content is the last step alone, which states the answer, and `reasoning_content` all before
    it: the key by which chat templates of thinking models, such as Qwen3's, find the thoughts of a turn. A text of a
    single step has empty thoughts.
    """
    answer: ExportRow = {"role": "assistant", "content": trajectory.text}
    if options.reasoning:
        last = options.split(trajectory.spans[-1].text)[-1]
        thoughts = trajectory.text[: len(trajectory.text) - len(last)]
        answer = {"role": "assistant", "reasoning_content": thoughts.strip(), "content": last.strip()}
    return [{"id": trajectory.id, "messages": [*_question(trajectory, style), answer]}]


def dpo_rows(trajectory: Trajectory, style: PromptStyle, options: ExportOptions) -> list[ExportRow | Dropped]:
    """A right solution against the wrong one, which is the attempt up to its first wrong step.

    With `chosen="clean"` the right one is `clean_solution`: right steps and correction (Fix & Continue) or the new
    solution alone (Fresh & Restart), without a reflection. With `chosen="trajectory"` it is the whole trajectory, so
    that the wrong solution is its beginning: what is preferred is to go on and notice.
    """
    pair = whole_pair(trajectory, assume=options.assume)
    if isinstance(pair, Dropped):
        return [pair]
    right = trajectory.text if options.chosen == "trajectory" else pair.right
    return [_preference(trajectory, style, options, right, pair.wrong)]


def step_dpo_rows(trajectory: Trajectory, style: PromptStyle, options: ExportOptions) -> list[ExportRow | Dropped]:
    """For each mistake the step put right against the wrong step, see `step_pairs`.

    As text, the prompt is the question and the right steps so far, and the two sides are one step each. As a chat, a
    prompt cannot end within an answer, so both sides begin with the right steps: the loss of DPO is the same, since the
    log-probabilities of equal beginnings cancel out.

    TRL ends each side with the tokenizer's end token (as text) or the template's end of turn (as a chat), though a
    solution goes on behind a step. Step-DPO's own trainer leaves it off; docs/export.md shows how to.
    """
    found = step_pairs(trajectory, assume=options.assume, split=options.split)
    return _numbered(
        pair if isinstance(pair, Dropped) else _step_preference(trajectory, style, options, pair) for pair in found
    )


def kto_rows(trajectory: Trajectory, style: PromptStyle, options: ExportOptions) -> list[ExportRow | Dropped]:
    """The right solution with the label True, and the wrong one, up to its first wrong step, with the label False.

    Which right one it is, `chosen` says, as in `dpo_rows`. A right solution gives one row. Where the clean solution is
    not known, the wrong one is still a row.
    """
    right = trajectory.text if options.chosen == "trajectory" else clean_solution(trajectory, assume=options.assume)
    sides = [(right, True)]
    if repairs := read_repairs(trajectory, options.assume):
        sides.append(((repairs[0].prefix + repairs[0].wrong).rstrip(), False))
    return _numbered(
        text
        if isinstance(text, Dropped)
        else {
            "id": trajectory.id,
            "prompt": _asked(trajectory, style, options),
            "completion": _answer(text, style, options),
            "label": label,
        }
        for text, label in sides
    )


def prm_rows(trajectory: Trajectory, style: PromptStyle, options: ExportOptions) -> list[ExportRow | Dropped]:
    r"""Steps with labels: for each mistake the right steps before it (True) and the wrong step (False); then all steps
    of the clean solution (True).

    A row ends with its first wrong step: what a solution writes behind it is neither right nor wrong by itself, and is
    not in a trajectory. Steps have no white space at their end, since the trainer puts a separator of its own there
    (`step_separator`, by default a line break). Always text: the form has no chat.

    Example:
        >>> from lemma_hf.prompts import prompt_style
        >>> from lemma_hf.records import Error, Problem, Span, SpanKind
        >>> spans = Span(SpanKind.REASONING, "4 * 6 = 24\n"), Span(SpanKind.ERROR, "24 - 9 = 16\n")
        >>> spans += Span(SpanKind.REFLECTION, "Wait. "), Span(SpanKind.CORRECTION, "24 - 9 = 15")
        >>> error = Error(None, 2, strategy=Strategy.FIX_AND_CONTINUE)
        >>> wrong = Trajectory(Problem("p", "?", "15"), spans, (error,))
        >>> for row in prm_rows(wrong, prompt_style("chat"), ExportOptions()):
        ...     print(row["completions"], row["labels"])
        ['4 * 6 = 24', '24 - 9 = 16'] [True, False]
        ['4 * 6 = 24', '24 - 9 = 15'] [True, True]
    """
    clean = clean_solution(trajectory, assume=options.assume)
    rows: list[ExportRow | Dropped] = []
    for repair in read_repairs(trajectory, options.assume):
        steps = _steps(repair.prefix, options)
        rows.append(_labeled(trajectory, style, [*steps, repair.wrong.rstrip()], [True] * len(steps) + [False]))
    if isinstance(clean, Dropped):
        rows.append(clean)
    else:
        steps = _steps(clean, options)
        rows.append(_labeled(trajectory, style, steps, [True] * len(steps)))
    return _numbered(rows)


def spot_rows(trajectory: Trajectory, style: PromptStyle, options: ExportOptions) -> list[ExportRow | Dropped]:
    """The minimally corrected solution as the completion, and the wrong one as `rejected`; see `minimally_corrected`.

    `SFTTrainer` learns the completion and leaves `rejected` alone. For a loss on pairs, which is SPoT's own, name the
    completion `chosen`.
    """
    pair = minimally_corrected(trajectory, assume=options.assume)
    if isinstance(pair, Dropped):
        return [pair]
    row = _preference(trajectory, style, options, pair.right, pair.wrong)
    return [{"id": row["id"], "prompt": row["prompt"], "completion": row["chosen"], "rejected": row["rejected"]}]


_MAKERS: Mapping[ExportForm, Callable[[Trajectory, PromptStyle, ExportOptions], list[ExportRow | Dropped]]] = {
    ExportForm.SFT: sft_rows,
    ExportForm.MESSAGES: messages_rows,
    ExportForm.DPO: dpo_rows,
    ExportForm.STEP_DPO: step_dpo_rows,
    ExportForm.KTO: kto_rows,
    ExportForm.PRM: prm_rows,
    ExportForm.SPOT: spot_rows,
}


def _preference(
    trajectory: Trajectory, style: PromptStyle, options: ExportOptions, right: str, wrong: str
) -> ExportRow:
    return {
        "id": trajectory.id,
        "prompt": _asked(trajectory, style, options),
        "chosen": _answer(right, style, options),
        "rejected": _answer(wrong, style, options),
    }


def _step_preference(trajectory: Trajectory, style: PromptStyle, options: ExportOptions, pair: StepPair) -> ExportRow:
    whole = SolutionPair(pair.prefix + pair.right, pair.prefix + pair.wrong)
    if options.chat or not pair.prefix:
        return _preference(trajectory, style, options, whole.right, whole.wrong)
    # A prompt ends in no white space, see `lemma_hf.prompts.styles`: that before a step opens both sides.
    before = style.completion(pair.prefix)
    prompt = style.prompt(trajectory.problem.question) + before.rstrip()
    space = before[len(before.rstrip()) :]
    return {"id": trajectory.id, "prompt": prompt, "chosen": space + pair.right, "rejected": space + pair.wrong}


def _labeled(trajectory: Trajectory, style: PromptStyle, steps: list[str], labels: list[bool]) -> ExportRow:
    return {
        "id": trajectory.id,
        "prompt": style.prompt(trajectory.problem.question),
        "completions": [style.completion(steps[0]), *steps[1:]],
        "labels": labels,
    }


def _steps(text: str, options: ExportOptions) -> list[str]:
    return [step.rstrip() for step in options.split(text) if step.strip()] if text else []


def _asked(trajectory: Trajectory, style: PromptStyle, options: ExportOptions) -> Any:
    return _question(trajectory, style) if options.chat else style.prompt(trajectory.problem.question)


def _question(trajectory: Trajectory, style: PromptStyle) -> list[ExportRow]:
    """The user's message: the question, in the words of a style that is made for chats."""
    question = trajectory.problem.question
    return [{"role": "user", "content": style.prompt(question) if style.chat else question}]


def _answer(text: str, style: PromptStyle, options: ExportOptions) -> Any:
    return [{"role": "assistant", "content": text}] if options.chat else style.completion(text)


def _numbered(rows: Iterable[ExportRow | Dropped]) -> list[ExportRow | Dropped]:
    """The rows with ids of their own: `#2` is added to the second row of a trajectory."""
    return list(_with_numbers(rows))


def _with_numbers(rows: Iterable[ExportRow | Dropped]) -> Iterator[ExportRow | Dropped]:
    count = 0
    for row in rows:
        count += not isinstance(row, Dropped)
        yield row if isinstance(row, Dropped) or count == 1 else row | {"id": f"{row['id']}#{count}"}
