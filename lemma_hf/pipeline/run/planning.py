"""What would a run with these settings ask, and for how much? The plan of its endpoints; nothing is sent."""

from pathlib import Path

from lemma_hf.inference import LLMStudent, Student
from lemma_hf.inference.endpoint import Endpoint
from lemma_hf.inference.endpoint.endpoint import read_options
from lemma_hf.inference.loading import is_endpoint
from lemma_hf.pipeline.inputs import Inputs
from lemma_hf.pipeline.run.cost import cost_table
from lemma_hf.pipeline.run.dry_run import Who, estimate_cost, read_funnel
from lemma_hf.pipeline.run.participants import sampling_of
from lemma_hf.pipeline.run.run import Run
from lemma_hf.pipeline.run.settings import ActorSettings
from lemma_hf.pipeline.store import FUNNEL_FILE
from lemma_hf.prompts import prompt_style
from lemma_hf.teachers import LLMTeacher, Teacher


def plan_run(run: Run, inputs: Inputs) -> str:
    """A table of requests, tokens and prices by stage, with its assumptions below.

    Args:
        inputs: all problems and attempts; a sample of them is looked at.
    """
    who, made = run.settings.actors, run.settings.made
    found = estimate_cost(
        inputs.problems,
        inputs.attempts,
        teacher=_teacher(who),
        student=_student(who) if run.actors.writes else None,
        sampling=sampling_of(who, made.seed) if run.actors.writes else None,
        style=prompt_style(who.student_prompt_style or made.prompt_style),
        benchmark=made.benchmark,
        injections=made.injections,
        injection_share=made.injection_share,
        both_strategies=made.both_strategies,
        earlier=read_funnel(Path(run.settings.run.place) / FUNNEL_FILE),
        store=run.store,
        seed=made.seed,
    )
    if not found.stages:
        return "nothing is asked of an endpoint, so nothing is paid: neither student nor teacher is MODEL@URL"
    budget = run.settings.run.budget_usd
    return cost_table(found, budget - sum(total.usd for total in run.paid_before) if budget else None)


def _teacher(who: ActorSettings) -> Who[Teacher] | None:
    if not is_endpoint(who.teacher):
        return None
    endpoint = Endpoint.from_text(who.teacher, **read_options(who.teacher_options))
    prompts, most = who.prompts_dir or None, who.teacher_max_tokens
    return Who(endpoint, lambda client: LLMTeacher(client, prompts, max_tokens=most))


def _student(who: ActorSettings) -> Who[Student] | None:
    if not is_endpoint(who.student):
        return None
    return Who(Endpoint.from_text(who.student, **read_options(who.student_options)), LLMStudent)
