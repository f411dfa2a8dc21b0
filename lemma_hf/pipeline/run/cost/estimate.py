"""The estimate of a run: requests → tokens → price, stage by stage, and in words what each figure rests on."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lemma_hf.errors import ConfigError
from lemma_hf.inference.endpoint import Totals
from lemma_hf.pipeline.run.cost.ranges import Range, share_of, total
from lemma_hf.pipeline.run.cost.tokens import StageSample, completion_tokens, prompt_tokens
from lemma_hf.pipeline.run.cost.workload import Workload, requests_due

AGAIN = ", again"
"""Suffix of a stage's name in the store for replies that were asked for a second time."""
_UNKNOWN_AGAIN = Range(1.0, 1.1)
"""Calls an item where few replies are stored: a guess, up to one unreadable reply in ten."""
_MEASURED = Range(0.9, 1.1)
"""Tokens of the calls to come, in mean tokens of the stored ones."""
_ASKED_ONCE = ("sample", "verify", "go on")
"""Stages of the student: what it writes is never unreadable, so it is not asked for again."""
_ENOUGH_REPLIES = 8
"""Replies in the store from which on their mean is worth more than a guess."""


@dataclass(frozen=True, slots=True)
class StageCost:
    """The estimate for one stage."""

    stage: str
    model: str
    requests: Range
    to_send: Range
    """Without those that the store answers; tokens and USD are of these."""
    prompt_tokens: Range
    completion_tokens: Range
    usd: Range
    least_minutes: float = 0.0
    """Shortest time that the endpoint's limits on requests and tokens allow; 0 where it has none."""


@dataclass(frozen=True, slots=True)
class CostEstimate:
    """The estimate for a run, and what it rests on."""

    stages: tuple[StageCost, ...]
    assumptions: tuple[str, ...]

    @property
    def usd(self) -> Range:
        """Price of the whole run."""
        return total(stage.usd for stage in self.stages)


def estimate_stages(work: Workload, samples: Sequence[StageSample], totals: Sequence[Totals] = ()) -> CostEstimate:
    """Estimate the cost of the stages that ask a model; the others cost nothing.

    Args:
        samples: one for each such stage, in order.
        totals: content of the store, see `ReplyStore.totals`.

    Raises:
        ConfigError: if a stage is not known, or its sample is empty.
    """
    notes: list[str] = []
    counted = work.turns or any(sample.stage != "sample" for sample in samples)
    due = requests_due(work, notes if counted else [])
    if work.votes > 1:
        notes.append(f"`analyse`: {work.votes} votes about each attempt")
    if work.verify_prefix:
        notes.append(f"`verify`: {work.verify_prefix} roll-outs for each attempt, also where its first step is wrong")
    stored = {(total.stage, total.model): total for total in totals}
    stages = []
    for sample in samples:
        if sample.stage not in due or not sample.requests:
            raise ConfigError(
                f"cannot plan stage `{sample.stage}` from {len(sample.requests)} requests; known are {', '.join(due)}"
            )
        if due[sample.stage].high:
            stages.append(_stage_cost(sample, due[sample.stage], stored, notes))
    return CostEstimate(tuple(stages), tuple(dict.fromkeys(notes)))


def _stage_cost(
    sample: StageSample, items: Range, stored: Mapping[tuple[str, str], Totals], notes: list[str]
) -> StageCost:
    endpoint, name = sample.endpoint, f"`{sample.stage}`"
    had = stored.get((sample.stage, endpoint.model))
    count, again = _count(had), _count(stored.get((sample.stage + AGAIN, endpoint.model)))
    measured = had is not None and had.replies >= _ENOUGH_REPLIES
    requests = items
    if sample.stage not in _ASKED_ONCE and measured:
        requests = items * (Range(1, 1) + share_of(min(again, count), count))
        notes.append(f"{name}: {again:,} of {count:,} requests in the store were asked for again")
    elif sample.stage not in _ASKED_ONCE:
        requests = items * _UNKNOWN_AGAIN
        notes.append("replies that cannot be read and are asked for again: unknown, taken as up to 10 %")
    send = _to_send(sample, requests, count, notes)
    if had is not None and measured:
        prompt, completion = had.prompt_tokens / count, had.completion_tokens / count
        notes.append(
            f"{name}: {prompt:,.0f} prompt and {completion:,.0f} completion tokens a request, the mean of {count:,} "
            "in the store, ± 10 %"
        )
        tokens = send * (_MEASURED * prompt), send * (_MEASURED * completion)
    else:
        tokens = send * prompt_tokens(sample, requests, notes), send * completion_tokens(sample, notes)
    usd = tokens[0] * (endpoint.usd_per_million_in / 1e6) + tokens[1] * (endpoint.usd_per_million_out / 1e6)
    if not (endpoint.usd_per_million_in or endpoint.usd_per_million_out):
        notes.append(f"{endpoint.model}: no prices are set, so it counts as free")
    least_minutes = max(
        send.low / (endpoint.requests_per_minute or math.inf),
        (tokens[0].low + tokens[1].low) / (endpoint.tokens_per_minute or math.inf),
    )
    return StageCost(sample.stage, endpoint.model, requests, send, *tokens, usd, least_minutes)


def _to_send(sample: StageSample, requests: Range, stored: int, notes: list[str]) -> Range:
    """Requests that the store does not answer."""
    if sample.stand_ins:
        if stored:
            notes.append(
                f"`{sample.stage}`: {stored:,} answers are in the store; which of them this run needs is unknown"
            )
        return Range(max(0.0, requests.low - stored), requests.high)
    if not (stored or sample.answered):
        return requests
    looked_up = len(sample.requests)
    notes.append(f"`{sample.stage}`: the store answers {sample.answered:,} of {looked_up:,} requests looked up")
    # Draws of one prompt are mostly there all or not at all, so they count once.
    prompts = len({request.messages[-1]["content"] for request in sample.requests})
    share = share_of(round(sample.answered / looked_up * prompts), prompts)
    if looked_up >= requests.high:
        share = share_of(sample.answered, looked_up, everything=True)
    return Range(requests.low * (1 - share.high), requests.high * (1 - share.low))


def _count(total: Totals | None) -> int:
    return total.replies + total.refusals if total else 0
