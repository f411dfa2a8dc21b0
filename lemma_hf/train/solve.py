"""Solving during training: a callback that lets the model answer held-out problems and logs how well it does.

    callback = SolveCallback(trainer, problems, every=200)
    trainer.add_callback(callback)

Every 200 optimizer steps, and at the last one, the model answers the problems greedily, and the trainer logs `solve_…`
figures along with its losses. Training goes on exactly as it would without.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

from accelerate.utils import broadcast_object_list, gather_object
from transformers import TrainerCallback
from transformers.integrations.fsdp import is_fsdp_managed_module

from lemma_hf.errors import ConfigError
from lemma_hf.grading import grade_if_cut_off, grade_many
from lemma_hf.inference import Completion, LocalStudent, Sampling, evaluating, own_completion
from lemma_hf.prompts import PromptStyle
from lemma_hf.records import Outcome, Problem
from lemma_hf.solutions.reflection import Change, Reflected, reflect_many
from lemma_hf.train.prompting import AsTrained, named_style, prompt_of, style_of_rows, tokenizer_of

if TYPE_CHECKING:
    from transformers import TrainerControl, TrainerState, TrainingArguments
    from trl import SFTTrainer


@dataclass(frozen=True, slots=True)
class Solved:
    """One problem, with the model's answer and its verdict."""

    problem: Problem
    prompt: str
    completion: Completion
    verdict: Reflected

    @property
    def right(self) -> bool:
        """Whether the final answer is right."""
        return self.verdict.final.outcome is Outcome.RIGHT


class SolveCallback(TrainerCallback):
    """Solves held-out problems during training with the model as it is, and logs how well it does.

    The figures go through the trainer's own `log`, and so to its history, Weights & Biases, TensorBoard and the like:

    | figure | meaning |
    |---|---|
    | `solve_accuracy` | share of problems whose final answer is right |
    | `solve_reflected` | share of outputs that turn on something they wrote |
    | `solve_right_when_reflected` | accuracy among those; left out where there are none |
    | `solve_fixed` | share of problems with a wrong answer before the turn and the right one after it |
    | `solve_broken` | the reverse |
    | `solve_unfinished` | share of outputs cut off at `max_new_tokens` |
    | `solve_tokens` | mean tokens an output |
    | `solve_seconds` | how long generating and grading took |

    Problems whose reference cannot be read count in none of the first five. On several processes each solves a part,
    and the first one grades. Model and random states are left as they were found, so the weights come out bit for bit
    as without the callback.

    Args:
        trainer: the trainer this is added to, as for TRL's own callbacks that generate.
        problems: a few dozen that are not trained on; with 100, one accuracy is known to about ±10 points.
        every: optimizer steps from one time to the next.
        style: how questions are put: a style, its name, or "chat" for the tokenizer's chat template. By default as in
            the training rows.
        benchmark: how answers are read, see `lemma_hf.grade`.
        max_new_tokens: where an output is cut off; what was trained on should fit.
        batch_size: sequences that one process generates at a time.
        examples: how many outputs are printed each time.
        reflects: whether an output turns, where its English words do not show it; counts in `solve_reflected` and
            `solve_right_when_reflected`.

    Raises:
        ConfigError: if there are no problems, a number makes no sense, the style is unknown or cannot be found out from
            the rows, or the parameters are sharded in a way in which they cannot generate (DeepSpeed ZeRO-3, FSDP,
            tensor parallelism).
    """

    def __init__(
        self,
        trainer: "SFTTrainer",
        problems: Sequence[Problem],
        *,
        every: int = 500,
        style: PromptStyle | str | None = None,
        benchmark: str = "gsm8k",
        max_new_tokens: int = 1024,
        batch_size: int = 16,
        examples: int = 1,
        reflects: Callable[[str], bool] | None = None,
    ) -> None:
        if not problems or every < 1 or examples < 0:
            raise ConfigError(
                f"need at least one problem, every ≥ 1 and examples ≥ 0, but got {len(problems)} problems, "
                f"every={every} and examples={examples}"
            )
        _refuse_sharded(trainer)
        self.trainer = trainer
        self.problems = tuple(problems)
        self.every = every
        self.style = style_of_rows(trainer) if style is None else named_style(style)
        self.benchmark = benchmark
        self.sampling = Sampling(max_new_tokens=max_new_tokens)
        self.examples = examples
        self.reflects = reflects
        self.items: tuple[Solved, ...] = ()
        """All outputs of the last time, in the order of the problems; empty on every process but the first."""
        tokenizer = tokenizer_of(trainer)
        self._prompts = [prompt_of(self.style, problem.question, tokenizer) for problem in self.problems]
        self._reader = AsTrained.from_style(tokenizer, self.style)
        self._batch_size = batch_size
        self._student()  # refuses what it cannot use now rather than at step `every`
        self._solved_at = -1

    def on_step_end(
        self, args: "TrainingArguments", state: "TrainerState", control: "TrainerControl", **kwargs: Any
    ) -> None:
        """Solve every `every` steps, and at the last one."""
        # The last step counts here, not in `on_train_end`: by then some integrations have closed their run.
        last = state.global_step >= state.max_steps or control.should_training_stop
        if last or state.global_step % self.every == 0:
            self._solve_and_log(state, control)

    def on_train_end(
        self, args: "TrainingArguments", state: "TrainerState", control: "TrainerControl", **kwargs: Any
    ) -> None:
        """Solve, if training was stopped on the way; the model is the one training ends with, maybe an earlier best."""
        if state.global_step != self._solved_at:
            self._solve_and_log(state, control)

    def _solve_and_log(self, state: "TrainerState", control: "TrainerControl") -> None:
        self._solved_at = state.global_step
        # Any log takes this flag down, and the step's own log, which comes next, would be left out.
        should_log = control.should_log
        with evaluating(self.trainer.model):
            # Logged while the model is not in training mode: in training mode the trainer would put the figures of the
            # steps since its last log into this entry, and have none for its own.
            self.trainer.log(self._solve())
        control.should_log = self.trainer.control.should_log = should_log

    def _solve(self) -> dict[str, float]:
        """The figures, the same on every process."""
        start = perf_counter()
        completions = self._complete()
        found: list[dict[str, float]] = [{}]
        if self.trainer.accelerator.is_main_process:
            # As `score` does: only what answers the question, and of what was cut off only what it says.
            style = self.style if isinstance(self.style, PromptStyle) else None
            own = [own_completion(completion, style) if style else completion for completion in completions]
            outputs = [completion.text for completion in own]
            references = [problem.reference_answer for problem in self.problems]
            grades = grade_many(outputs, references, benchmark=self.benchmark)
            finals = [
                grade if completion.finished else grade_if_cut_off(grade)
                for completion, grade in zip(own, grades, strict=True)
            ]
            verdicts = reflect_many(outputs, references, benchmark=self.benchmark, finals=finals)
            self.items = tuple(map(Solved, self.problems, self._prompts, completions, verdicts))
            found = [solve_figures(self.items, self.reflects) | {"solve_seconds": perf_counter() - start}]
            print(*map(_shown, self.items[: self.examples]), sep="\n", end="\n" * bool(self.examples), flush=True)
        return dict(broadcast_object_list(found)[0])

    def _complete(self) -> list[Completion]:
        """A completion for each problem; every process writes a part and gets them all."""
        rank, world = self.trainer.accelerator.process_index, self.trainer.accelerator.num_processes
        mine = self._student().complete(self._prompts[rank::world], self.sampling)
        parts = gather_object([[completion for (completion,) in mine]])
        return [parts[place % world][place // world] for place in range(len(self.problems))]

    def _student(self) -> LocalStudent:
        return LocalStudent(self.trainer.model, self._reader, self._batch_size, progress=None)


def _refuse_sharded(trainer: "SFTTrainer") -> None:
    """Refuse a trainer on whose processes the model does not lie whole.

    Such processes would all have to generate in step, token by token, with the parameters gathered again for each one.

    Raises:
        ConfigError: if so.
    """
    plugin = trainer.accelerator.state.deepspeed_plugin
    kinds = {
        "DeepSpeed ZeRO-3": plugin is not None and plugin.zero_stage == 3,
        # Wrapped by accelerate when training begins, or sharded already when it was loaded.
        "FSDP": trainer.is_fsdp_enabled or is_fsdp_managed_module(trainer.model),
        "tensor parallelism": trainer.get_tp_size() > 1,
    }
    for kind, is_on in kinds.items():
        if is_on:
            raise ConfigError(
                f"SolveCallback needs the whole model on each process, but {kind} spreads its parameters over them: "
                "train with DeepSpeed ZeRO-2 or plain data parallelism, or leave the callback out and score the saved "
                "checkpoints with recipes/score.py"
            )


def solve_figures(items: Sequence[Solved], reflects: Callable[[str], bool] | None = None) -> dict[str, float]:
    """The figures of solved items; see `SolveCallback`.

    Args:
        reflects: whether an output turns; by default as its verdict says.
    """
    readable = [item for item in items if item.verdict.final.outcome is not Outcome.UNREADABLE_REFERENCE]
    turned = [item for item in readable if (reflects(item.completion.text) if reflects else item.verdict.reflects)]
    shares = {
        "solve_accuracy": _share(item.right for item in readable),
        "solve_reflected": len(turned) / max(1, len(readable)),
        "solve_fixed": _share(item.verdict.change is Change.FIXED for item in readable),
        "solve_broken": _share(item.verdict.change is Change.BROKEN for item in readable),
        "solve_unfinished": _share(not item.completion.finished for item in items),
        "solve_tokens": sum(item.completion.tokens for item in items) / len(items),
    }
    return shares | ({"solve_right_when_reflected": _share(item.right for item in turned)} if turned else {})


def _share(hits: Iterator[bool]) -> float:
    values = list(hits)
    return sum(values) / max(1, len(values))


def _shown(item: Solved) -> str:
    answer, verdict = item.completion.text.strip(), item.verdict
    turn = "" if verdict.change is Change.NONE else f", {verdict.change}"
    return (
        f"--- {item.problem.id}: {verdict.final.outcome} (reference {item.problem.reference_answer}{turn})\n"
        f"{item.prompt}\n{answer}\n---"
    )
