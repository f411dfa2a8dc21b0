"""What will a run ask for, and what will it cost? Worked out from a sample of its requests, before one is sent.

    stage    requests        to send  prompt tokens  completion tokens        USD
    analyse    40–80           40–80      12k–32k              4k–16k  0.07–0.24

Every figure is a range, and below the table stands in words where each comes from: what was measured, what is in the
store already, and what nobody can know yet. Which requests those are, `lemma_hf.pipeline.run.dry_run` finds out.
"""

import math
import random
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from lemma_hf.errors import ConfigError
from lemma_hf.inference.endpoint.chat import ChatRequest
from lemma_hf.inference.endpoint.endpoint import Endpoint
from lemma_hf.inference.endpoint.reply_store import Totals
from lemma_hf.pipeline.stage import StageCount
from lemma_hf.utils.intervals import Share

_Item = TypeVar("_Item")
_CountTokens = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Range:
    """From `low` to `high`, neither below zero.

    Example:
        >>> Range(2, 3) * Range(10, 20) + Range(1, 1)
        Range(low=21, high=61)
    """

    low: float
    high: float

    def __add__(self, other: "Range") -> "Range":
        return Range(self.low + other.low, self.high + other.high)

    def __mul__(self, other: "Range | float") -> "Range":
        by = other if isinstance(other, Range) else Range(other, other)
        return Range(self.low * by.low, self.high * by.high)

    def up_to(self, most: float) -> "Range":
        """The same, but never more than `most`."""
        return Range(min(self.low, most), min(self.high, most))


_NONE = Range(0, 0)
_STAGES = ("sample", "analyse", "inject", "correct: fix", "correct: restart", "smooth")
"""Those that may ask a model, by the titles of their calls. Second tries have the same title with `AGAIN` behind it."""
AGAIN = ", again"
_CHARACTERS_A_TOKEN = Range(2.2, 4.2)
"""Characters a token of mathematics. Measured on questions, solutions and outputs of GSM8K, MATH and CollegeMath with
the tokenizers of GPT-4, GPT-4o, Claude 2, Qwen and DeepSeek: 2.2 (solutions full of figures) to 4.2 (word problems)."""
_IN_LONG_PROMPTS = Range(3.0, 3.8)
"""The same for prompts with instructions and examples: 3.1 to 3.7 for ours, filled with GSM8K."""
_UNKNOWN_WRONG = Range(0.2, 0.8)
"""Share of attempts that are wrong, where none is graded."""
_UNKNOWN_YIELD = Range(0.5, 1.0)
"""Share of a stage's items that go on, where no earlier run says it."""
_LIKE_EXAMPLES = Range(0.5, 2.0)
"""How long replies are beside those of the examples in the prompt."""
_LIKE_SOLUTIONS = Range(1.0, 4.0)
"""How long a student's attempts are beside the reference solutions. Measured in characters on published outputs: 1.0 to
3.7 times on GSM8K (OpenAI 2021, Rho-1, ZeroEval, ToRA, Abel), 1.5 to 3.0 times on MATH (Rho-1, Qwen, MathCoder)."""
_UNKNOWN_AGAIN = Range(1.0, 1.1)
"""Calls an item, where a reply that cannot be read is asked for again."""
_A_MESSAGE = Range(3, 8)
"""Tokens that a chat template puts around each message."""
_ENOUGH_REPLIES = 8
"""Replies in the store from which on their mean is worth more than a guess."""


@dataclass(frozen=True, slots=True)
class Workload:
    """How much there is to do."""

    attempts: int
    """In all: problems times samples each, or the attempts of the files."""
    wrong: int = 0
    """How many of those that were graded are wrong."""
    graded: int = 0
    """How many attempts were graded for this plan; 0 where there are none yet. Draw them one by one: several at one
    problem say less than as many at different ones."""
    injections: int = 0
    injection_share: float = 0.0
    """In the place of a number: the share of all errors that injected ones are to make."""
    both_strategies: bool = False
    earlier: Sequence[StageCount] = ()
    """The funnel of an earlier run with such data: it says how much of each stage goes on."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What one stage would ask of a model, for a sample of its items."""

    stage: str
    """One of `_STAGES`."""
    endpoint: Endpoint
    requests: Sequence[ChatRequest]
    answered: int = 0
    """How many of them the store has an answer to."""
    stand_ins: bool = False
    """Whether they are about made-up items of the usual length, since the real ones come from the stage before."""
    title: str = ""
    """What its calls are called in the store, where that is not the name of the stage."""
    solutions: Sequence[str] = ()
    """Texts that its replies are like, such as reference solutions; used where the prompt has no examples."""


@dataclass(frozen=True, slots=True)
class StagePlan:
    """The estimate for one stage."""

    stage: str
    model: str
    requests: Range
    to_send: Range
    """Without those that the store answers; tokens and USD are of these."""
    prompt_tokens: Range
    completion_tokens: Range
    usd: Range
    least_minutes: float
    """What the endpoint's limits on requests and tokens allow at best; 0 where it has none."""


@dataclass(frozen=True, slots=True)
class CostEstimate:
    """The estimate for a run, and what it rests on."""

    stages: tuple[StagePlan, ...]
    assumptions: tuple[str, ...]

    @property
    def usd(self) -> Range:
        """For the whole run."""
        return sum((stage.usd for stage in self.stages), _NONE)


def estimate_stages(
    work: Workload, asked: Sequence[Asked], totals: Sequence[Totals] = (), count_tokens: _CountTokens | None = None
) -> CostEstimate:
    """Estimate a run.

    Args:
        asked: the stages that ask a model, in order; what a stage without a model does costs nothing.
        totals: what the store holds, see `ReplyStore.totals`.
        count_tokens: the model's own tokenizer, where it is at hand; else tokens are estimated from characters.

    Raises:
        ConfigError: if a stage is not known, or its sample is empty.
    """
    assumptions: list[str] = []
    needs_all = any(one.stage != "sample" for one in asked)
    items = requests_due(work, assumptions if needs_all else None)
    stages = []
    for one in asked:
        if one.stage not in items or not one.requests:
            known = ", ".join(_STAGES)
            raise ConfigError(f"cannot plan stage `{one.stage}` from {len(one.requests)} requests; known are {known}")
        if items[one.stage].high:
            due = items[one.stage] * _calls_an_item(one, totals, assumptions)
            stages.append(_plan_stage(one, due, _stored(one, totals), count_tokens, assumptions))
    return CostEstimate(tuple(stages), tuple(dict.fromkeys(assumptions)))


def draw(items: Sequence[_Item], count: int = 64, seed: int = 0) -> list[_Item]:
    """A sample, in the order of the items; the same one for the same seed."""
    places = random.Random(f"plan/{seed}").sample(range(len(items)), min(count, len(items)))
    return [items[place] for place in sorted(places)]


def requests_due(work: Workload, assumptions: list[str] | None = None) -> dict[str, Range]:
    """Items that each stage asks about, the store and second tries left out of account.

    Args:
        assumptions: gets what the figures rest on, in words.
    """
    notes = [] if assumptions is None else assumptions
    wrong = _wrong_share(work, notes) * work.attempts
    found = wrong * _yield("analyse", work, notes)
    inject = Range(work.injections, work.injections)
    if work.injection_share:
        inject = found * (work.injection_share / (1 - work.injection_share))
    flawed = found
    if inject.high:
        flawed = found + inject * _yield("inject", work, notes)
    each_way = flawed if work.both_strategies else flawed * 0.5
    corrected = (each_way + each_way) * _yield("correct", work, notes)
    return {
        "sample": Range(work.attempts, work.attempts),
        "analyse": wrong,
        "inject": inject,
        "correct: fix": each_way,
        "correct: restart": each_way,
        "smooth": corrected,
    }


def estimate_tokens(
    texts: Iterable[str], count_tokens: _CountTokens | None = None, rate: Range = _CHARACTERS_A_TOKEN
) -> list[Range]:
    """How many tokens each text has.

    Without a tokenizer the upper ends count UTF-8 bytes, so that they hold where every character is a token.

    Args:
        rate: characters a token, used without a tokenizer.

    Example:
        >>> estimate_tokens(["What is 2 + 3?"], count_tokens=lambda text: len(text.split()))
        [Range(low=5, high=5)]
        >>> estimate_tokens(["x" * 12], rate=Range(2, 4))
        [Range(low=3.0, high=6.0)]
    """
    if count_tokens is not None:
        return [Range(count, count) for count in map(count_tokens, texts)]
    return [Range(len(text) / rate.high, len(text.encode(errors="replace")) / rate.low) for text in texts]


def cost_table(plan: CostEstimate, budget_left: float | None = None) -> str:
    """The plan for people: a line for each stage, the sum, and below it every assumption.

    Args:
        budget_left: what may be paid yet, in USD.
    """
    if not plan.stages:
        return "Nothing would be asked of a model behind an endpoint, so this costs nothing."
    head = ("stage", "requests", "to send", "prompt tokens", "completion tokens", "USD")
    several = len({stage.model for stage in plan.stages}) > 1
    rows = [head, *(_cells(stage, several) for stage in plan.stages)]
    if len(plan.stages) > 1:
        rows.append(_cells(_sum(plan.stages), several))
    wide = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = [
        "  ".join(cell.ljust(wide[0]) if not place else cell.rjust(wide[place]) for place, cell in enumerate(row))
        for row in rows
    ]
    least = sum(stage.least_minutes for stage in plan.stages)
    if least:
        lines.append(f"\nAt least {_minutes(least)}: the limits on requests and tokens a minute allow no more.")
    if budget_left is not None:
        reach = "covers" if plan.usd.high <= budget_left else "may not cover"
        reach = reach if plan.usd.low <= budget_left else "does not cover"
        lines.append(f"\nThe budget, of which ${budget_left:,.2f} is left, {reach} this.")
    return "\n".join([*lines, "\nThis rests on:", *(f"- {assumption}" for assumption in plan.assumptions)])


def to_json(plan: CostEstimate) -> dict[str, Any]:
    """The plan for programs: plain values."""
    return {**asdict(plan), "assumptions": list(plan.assumptions), "usd": asdict(plan.usd)}


def _wrong_share(work: Workload, notes: list[str]) -> Range:
    if not work.graded:
        notes.append(f"share of wrong attempts: unknown, taken as {_percent(_UNKNOWN_WRONG)}")
        return _UNKNOWN_WRONG
    share = _share(work.wrong, work.graded, everything=work.graded >= work.attempts)
    of = f"all {work.graded:,}" if work.graded >= work.attempts else f"{work.graded:,} graded: {_percent(share)}"
    notes.append(f"share of wrong attempts: {100 * work.wrong / work.graded:.0f} % of {of}")
    return share


def _yield(stage: str, work: Workload, notes: list[str]) -> Range:
    """Which share of a stage's items goes on."""
    done = [count for count in work.earlier if count.stage == stage and count.entered]
    if not done:
        notes.append(f"`{stage}`: how many items go on is unknown, taken as {_percent(_UNKNOWN_YIELD)}")
        return _UNKNOWN_YIELD
    left, due = sum(count.left for count in done), sum(count.entered * count.fan_out for count in done)
    # What is to come is a population without end.
    share = _share(left, due)
    notes.append(f"`{stage}`: {100 * left / due:.0f} % of {due:,} items of an earlier run went on: {_percent(share)}")
    return share


def _stored(one: Asked, totals: Sequence[Totals], suffix: str = "") -> Totals | None:
    wanted = (one.title or one.stage) + suffix, one.endpoint.model
    return next((total for total in totals if (total.stage, total.model) == wanted), None)


def _calls_an_item(one: Asked, totals: Sequence[Totals], notes: list[str]) -> Range:
    if one.stage == "sample":
        return Range(1, 1)
    stored, again = _stored(one, totals), _stored(one, totals, AGAIN)
    if stored is None or stored.replies < _ENOUGH_REPLIES:
        notes.append("replies that cannot be read and are asked for again: unknown, taken as up to 10 %")
        return _UNKNOWN_AGAIN
    count, repeated = stored.replies + stored.refusals, again.replies + again.refusals if again else 0
    share = _share(min(repeated, count), count)
    notes.append(f"`{one.stage}`: {repeated:,} of {count:,} requests in the store were asked for again")
    return Range(1 + share.low, 1 + share.high)


def _plan_stage(
    one: Asked, due: Range, stored: Totals | None, count_tokens: _CountTokens | None, notes: list[str]
) -> StagePlan:
    send = _to_send(one, due, stored, notes)
    if stored is not None and stored.replies >= _ENOUGH_REPLIES:
        prompt, completion = _measured_tokens(one, stored, notes)
    else:
        prompt = _prompt_tokens(one, due, count_tokens, notes)
        completion = _completion_tokens(one, count_tokens, notes)
    endpoint = one.endpoint
    in_all = send * prompt, send * completion
    usd = in_all[0] * (endpoint.usd_per_million_in / 1e6) + in_all[1] * (endpoint.usd_per_million_out / 1e6)
    if not (endpoint.usd_per_million_in or endpoint.usd_per_million_out):
        notes.append(f"{endpoint.model}: no prices are set, so it counts as free")
    return StagePlan(one.stage, endpoint.model, due, send, *in_all, usd, _least_minutes(endpoint, send, *in_all))


def _to_send(one: Asked, due: Range, stored: Totals | None, notes: list[str]) -> Range:
    there = stored.replies + stored.refusals if stored is not None else 0
    if not one.stand_ins:
        if not (there or one.answered):
            return due
        notes.append(f"`{one.stage}`: the store answers {one.answered:,} of {len(one.requests):,} requests looked up")
        share = _answered(one, due)
        return Range(due.low * (1 - share.high), due.high * (1 - share.low))
    if there:
        notes.append(f"`{one.stage}`: {there:,} answers are in the store; which of them this run needs is unknown")
    return Range(max(0.0, due.low - there), due.high)


def _answered(one: Asked, due: Range) -> Range:
    """The share that the store answers. Draws of one prompt are mostly there all or not at all, so they count once."""
    share = one.answered / len(one.requests)
    if len(one.requests) >= due.high:
        return Range(share, share)
    prompts = len({request.messages[-1]["content"] for request in one.requests})
    return _share(round(share * prompts), prompts)


def _measured_tokens(one: Asked, stored: Totals, notes: list[str]) -> tuple[Range, Range]:
    """Tokens a request, as they were billed so far."""
    count = stored.replies + stored.refusals
    prompt, completion = stored.prompt_tokens / count, stored.completion_tokens / count
    notes.append(
        f"`{one.stage}`: {prompt:,.0f} prompt and {completion:,.0f} completion tokens a request, the mean of {count:,} "
        "in the store, ± 10 %"
    )
    around = Range(0.9, 1.1)
    return around * prompt, around * completion


def _prompt_tokens(one: Asked, due: Range, count_tokens: _CountTokens | None, notes: list[str]) -> Range:
    """Tokens of one prompt, on average."""
    is_long = any(message["role"] == "assistant" for message in one.requests[0].messages)
    rate = _IN_LONG_PROMPTS if is_long else _CHARACTERS_A_TOKEN
    known: dict[str, Range] = {}
    for message in (message for request in one.requests for message in request.messages):
        text = message["content"]
        if text not in known:
            known[text] = estimate_tokens([text], count_tokens, rate)[0] + _A_MESSAGE
    prompts = [sum((known[message["content"]] for message in request.messages), _NONE) for request in one.requests]
    if count_tokens is None:
        kind = "prompts with examples" if is_long else "prompts without examples"
        notes.append(f"{kind}: tokens estimated at {rate.low:g}–{rate.high:g} characters each")
    whole = len(prompts) >= due.high
    low, high = _mean([p.low for p in prompts], whole), _mean([p.high for p in prompts], whole)
    if one.stand_ins:
        notes.append("items that only the run can make: taken to be about as long as the reference solutions")
    else:
        notes.append(f"`{one.stage}`: length of the prompts from {len(prompts):,} of its requests")
    return Range(low.low, high.high)


def _completion_tokens(one: Asked, count_tokens: _CountTokens | None, notes: list[str]) -> Range:
    """Tokens of one reply, on average."""
    most = statistics.fmean(request.max_tokens for request in one.requests)
    examples = {m["content"] for request in one.requests for m in request.messages if m["role"] == "assistant"}
    factor, texts, like = _LIKE_EXAMPLES, sorted(examples), "the examples in its prompt"
    if not texts:
        factor, texts, like = (
            _LIKE_SOLUTIONS,
            [text for text in one.solutions if text.strip()],
            "the reference solutions",
        )
    if not texts:
        notes.append(
            f"`{one.stage}`: length of the replies is unknown, taken as up to {most:,.0f} tokens (`max_tokens`)"
        )
        return Range(1, most)
    lengths = estimate_tokens(texts, count_tokens)
    mean = Range(statistics.fmean(r.low for r in lengths), statistics.fmean(r.high for r in lengths))
    notes.append(
        f"`{one.stage}`: replies taken as {factor.low:g} to {factor.high:g} times as long as {like} (about "
        f"{(mean.low + mean.high) / 2:,.0f} tokens)"
    )
    notes.append(f"a model that thinks before it answers writes more than that, up to {most:,.0f} tokens a reply")
    return (mean * factor).up_to(most)


def _mean(values: Sequence[float], whole: bool) -> Range:
    """The mean, and how far that of all items may be from it: two standard errors."""
    mean = statistics.fmean(values)
    if whole or len(values) < 2:
        return Range(mean, mean)
    error = 1.96 * statistics.stdev(values) / math.sqrt(len(values))
    return Range(max(0.0, mean - error), mean + error)


def _least_minutes(endpoint: Endpoint, send: Range, prompt: Range, completion: Range) -> float:
    by_requests = send.low / endpoint.requests_per_minute if endpoint.requests_per_minute else 0.0
    by_tokens = (prompt.low + completion.low) / endpoint.tokens_per_minute if endpoint.tokens_per_minute else 0.0
    return max(by_requests, by_tokens)


def _sum(stages: Sequence[StagePlan]) -> StagePlan:
    def over(values: Iterable[Range]) -> Range:
        return sum(values, _NONE)

    return StagePlan(
        "sum",
        "",
        over(s.requests for s in stages),
        over(s.to_send for s in stages),
        over(s.prompt_tokens for s in stages),
        over(s.completion_tokens for s in stages),
        over(s.usd for s in stages),
        sum(s.least_minutes for s in stages),
    )


def _cells(stage: StagePlan, with_model: bool) -> tuple[str, ...]:
    name = f"{stage.stage} ({stage.model})" if with_model and stage.model else stage.stage
    return (
        name,
        _span(stage.requests, _whole),
        _span(stage.to_send, _whole),
        _span(stage.prompt_tokens, _short),
        _span(stage.completion_tokens, _short),
        _span(stage.usd, lambda usd: f"{usd:,.2f}"),
    )


def _span(values: Range, show: Callable[[float], str]) -> str:
    low, high = show(values.low), show(values.high)
    return low if low == high else f"{low}–{high}"


def _whole(value: float) -> str:
    return f"{round(value):,}"


def _short(value: float) -> str:
    """Three figures of a large number, such as 12.3M."""
    for bound, sign in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= bound:
            return f"{value / bound:.3g}{sign}" if value < 999.5 * bound else f"{value / bound:,.0f}{sign}"
    return f"{value:.0f}"


def _percent(share: Range) -> str:
    return f"{100 * share.low:.0f}–{100 * share.high:.0f} %"


def _minutes(minutes: float) -> str:
    hours, rest = divmod(math.ceil(minutes), 60)
    return f"{hours} h {rest:02} min" if hours else f"{rest} min"


def _share(count: int, of: int, everything: bool = False) -> Range:
    """The share in all, from a sample: its interval at 95 %; where everything was looked at, the share itself."""
    found = Share(count, of)
    return Range(found.value, found.value) if everything and of else Range(*found.interval)
