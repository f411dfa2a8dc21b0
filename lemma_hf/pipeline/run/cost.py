"""Cost of a run before it starts: requests → tokens → price, each figure a range.

    stage    requests        to send  prompt tokens  completion tokens        USD
    analyse    40–80           40–80      12k–32k              4k–16k  0.07–0.24

Below the table stands what each figure rests on: a measurement, the replies in the store, or an assumption about what
only the run can find out. The requests come from `lemma_hf.pipeline.run.dry_run`.
"""

import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from lemma_hf.errors import ConfigError
from lemma_hf.inference.endpoint import ChatRequest, Endpoint, Totals
from lemma_hf.pipeline.stage import StageCount
from lemma_hf.utils.intervals import Share


@dataclass(frozen=True, slots=True)
class Range:
    """A figure from `low` to `high`, neither below zero.

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


_NONE = Range(0, 0)
AGAIN = ", again"
"""Suffix of a stage's name in the store for replies that were asked for a second time."""
_CHARACTERS_A_TOKEN = Range(2.2, 4.2)
"""Characters a token of mathematics. Measured on questions, solutions and outputs of GSM8K, MATH and CollegeMath with
the tokenizers of GPT-4, GPT-4o, Claude 2, Qwen and DeepSeek: 2.2 (solutions full of figures) to 4.2 (word problems)."""
_IN_LONG_PROMPTS = Range(3.0, 3.8)
"""The same for prompts with instructions and examples: 3.1 to 3.7 for ours, filled with GSM8K."""
_UNKNOWN_WRONG = Range(0.2, 0.8)
"""Share of wrong attempts where none is graded: a wide guess."""
_UNKNOWN_YIELD = Range(0.5, 1.0)
"""Share of a stage's items that it keeps where no earlier run was counted: a guess."""
_LIKE_EXAMPLES = Range(0.5, 2.0)
"""Length of replies, in lengths of the examples in the prompt, which they imitate: a guess."""
_LIKE_SOLUTIONS = Range(1.0, 4.0)
"""Length of a student's attempts, in lengths of the reference solutions. Measured in characters on published outputs:
1.0 to 3.7 on GSM8K (OpenAI 2021, Rho-1, ZeroEval, ToRA, Abel), 1.5 to 3.0 on MATH (Rho-1, Qwen, MathCoder)."""
_UNKNOWN_AGAIN = Range(1.0, 1.1)
"""Calls an item where few replies are stored: a guess, up to one unreadable reply in ten."""
_A_MESSAGE = Range(3, 8)
"""Tokens that a chat template puts around each message: 3 by OpenAI's count for GPT-4, 5 with the templates of Qwen 2.5
and Llama 3, and room for longer ones."""
_MEASURED = Range(0.9, 1.1)
"""Tokens of the calls to come, in mean tokens of the stored ones."""
_UNKNOWN_FURTHER = Range(0.5, 1.0)
"""How often a student makes a mistake behind a corrected step, as a share of how often it does in a whole solution:
part of the solution is done by then. A guess."""
_ASKED_ONCE = ("sample", "verify", "go on")
"""Stages of the student: what it writes is never unreadable, so it is not asked for again."""
_ENOUGH_REPLIES = 8
"""Replies in the store from which on their mean is worth more than a guess."""


@dataclass(frozen=True, slots=True)
class Workload:
    """The amount of work of a run."""

    attempts: int
    """In all: problems times samples each, or the attempts of the files."""
    wrong: int = 0
    """Wrong ones among the graded attempts."""
    graded: int = 0
    """Attempts graded for this estimate; 0 where there are none yet. They are a random sample of all attempts: several
    at one problem would be less representative."""
    injections: int = 0
    injection_share: float = 0.0
    """In the place of a number: the share of all errors that injected ones are to make."""
    both_strategies: bool = False
    votes: int = 1
    """Verdicts that `analyse` asks for about each attempt."""
    verify_prefix: int = 0
    """Roll-outs that `verify` asks for about each attempt; 0 where there is no such stage."""
    turns: int = 0
    """Most turns of a row where the student writes on behind each corrected step; 0 where each row has one turn."""
    earlier: Sequence[StageCount] = ()
    """The funnel of an earlier run with such data: which share of its items each stage kept."""


@dataclass(frozen=True, slots=True)
class StageSample:
    """The requests of one stage for a sample of its items."""

    stage: str
    """`sample`, `analyse`, `verify`, `inject`, `correct: fix`, `correct: restart`, `smooth` or `go on`, as its calls
    are named."""
    endpoint: Endpoint
    requests: Sequence[ChatRequest]
    answered: int = 0
    """Requests whose reply is in the store."""
    stand_ins: bool = False
    """Whether the items are made up, of the usual length, since the real ones come from the stage before."""
    solutions: Sequence[str] = ()
    """Texts of about the length of the replies, such as reference solutions; used where the prompt has no examples."""


@dataclass(frozen=True, slots=True)
class _StageCost:
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

    stages: tuple[_StageCost, ...]
    assumptions: tuple[str, ...]

    @property
    def usd(self) -> Range:
        """Price of the whole run."""
        return _total(stage.usd for stage in self.stages)


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


def requests_due(work: Workload, notes: list[str]) -> dict[str, Range]:
    """Items that each stage asks about, before second tries and before what the store answers.

    Args:
        notes: gets the assumptions behind the figures, in words.
    """
    share = _wrong_share(work, notes)
    wrong = share * work.attempts
    flawed = wrong * _yield("analyse", work, notes)
    verified = flawed * work.verify_prefix
    if work.verify_prefix:
        flawed *= _yield("verify", work, notes)
    inject = Range(work.injections, work.injections)
    if work.injection_share:
        inject = flawed * (work.injection_share / (1 - work.injection_share))
    if inject.high:
        flawed += inject * _yield("inject", work, notes)
    before = {
        "sample": Range(work.attempts, work.attempts),
        "analyse": wrong * work.votes,
        "verify": verified,
        "inject": inject,
    }
    if work.turns:
        return before | _due_in_turns(work, before["analyse"], flawed, share, notes)
    each_way = flawed if work.both_strategies else flawed * 0.5
    return before | {
        "correct: fix": each_way,
        "correct: restart": each_way,
        "smooth": (each_way + each_way) * _yield("correct", work, notes),
        "go on": _NONE,
    }


def _due_in_turns(work: Workload, analysed: Range, flawed: Range, wrong: Range, notes: list[str]) -> dict[str, Range]:
    """Items of the stages that turns ask for, and a note on each turn.

    Args:
        analysed: what the first mistakes take, votes included.
        flawed: first mistakes.
        wrong: share of wrong attempts.
    """
    further = wrong * _UNKNOWN_FURTHER
    notes.append(f"turns: behind a corrected step a further mistake is made in {_percent(further)} of the solutions")
    notes.append(f"turn 1: the teacher corrects {_amount(flawed)} first mistakes")
    fixed, written, still_open = flawed, _NONE, flawed * (_goes_on(1, work, notes) or _UNKNOWN_YIELD)
    for number in range(2, work.turns + 1):
        wrong_again = still_open * (_goes_on(number, work, notes) or further)
        notes.append(
            f"turn {number}: the student writes on behind {_amount(still_open)} steps put right; "
            f"{_amount(wrong_again)} of these solutions are analysed and corrected"
        )
        analysed += wrong_again * work.votes
        written, fixed, still_open = written + still_open, fixed + wrong_again, wrong_again
    smoothed = fixed * _yield("turn 1", work, notes)
    return {
        "analyse": analysed,
        "correct: fix": fixed,
        "correct: restart": _NONE,
        "smooth": smoothed,
        "go on": written,
    }


def _goes_on(number: int, work: Workload, notes: list[str]) -> Range | None:
    """The share of the drafts of a turn that came to the next one in an earlier run; None where that is not known."""
    entered = {count.stage: count.entered for count in work.earlier}
    here, there = entered.get(f"turn {number}", 0), entered.get(f"turn {number + 1}", 0)
    if not here or number >= work.turns:
        return None
    share = _share(there, here)
    notes.append(f"turn {number}: {100 * there / here:.0f} % of {here:,} in an earlier run went on: {_percent(share)}")
    return share


def _amount(items: Range) -> str:
    return "–".join(dict.fromkeys(f"{end:,.0f}" for end in (items.low, items.high)))


def cost_table(estimate: CostEstimate, budget_left: float | None = None) -> str:
    """The estimate for people: a line for each stage, the sum, and below it every assumption.

    Args:
        budget_left: the rest of the budget, in USD.
    """
    stages = estimate.stages
    if not stages:
        nothing = "Nothing would be asked of a model behind an endpoint (MODEL@URL), so this costs nothing."
        expected = [f"- {assumption}" for assumption in estimate.assumptions]
        return "\n".join([nothing, "\nWhat is done on this machine:", *expected] if expected else [nothing])
    several = len({stage.model for stage in stages}) > 1
    rows = [["stage", *_COLUMNS]]
    rows += [_cells(f"{stage.stage} ({stage.model})" if several else stage.stage, [stage]) for stage in stages]
    if len(stages) > 1:
        rows.append(_cells("sum", stages))
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join([row[0].ljust(wide[0]), *map(str.rjust, row[1:], wide[1:])]) for row in rows]
    if least := math.ceil(sum(stage.least_minutes for stage in stages)):
        time = f"{least // 60} h {least % 60:02} min" if least >= 60 else f"{least} min"
        lines.append(f"\nAt least {time}: the limits on requests and tokens a minute allow no more.")
    if budget_left is not None:
        reach = "covers" if estimate.usd.high <= budget_left else "may not cover"
        reach = reach if estimate.usd.low <= budget_left else "does not cover"
        lines.append(f"\nThe budget, of which ${budget_left:,.2f} is left, {reach} this.")
    return "\n".join([*lines, "\nThis rests on:", *(f"- {assumption}" for assumption in estimate.assumptions)])


def _wrong_share(work: Workload, notes: list[str]) -> Range:
    if not work.graded:
        notes.append(f"share of wrong attempts: unknown, taken as {_percent(_UNKNOWN_WRONG)}")
        return _UNKNOWN_WRONG
    everything = work.graded >= work.attempts
    share = _share(work.wrong, work.graded, everything)
    of = f"all {work.graded:,}" if everything else f"{work.graded:,} graded: {_percent(share)}"
    notes.append(f"share of wrong attempts with steps: {100 * work.wrong / work.graded:.0f} % of {of}")
    return share


def _yield(stage: str, work: Workload, notes: list[str]) -> Range:
    """The share of a stage's items that it keeps."""
    counts = [count for count in work.earlier if count.stage == stage and count.entered]
    if not counts:
        notes.append(f"`{stage}`: how many items go on is unknown, taken as {_percent(_UNKNOWN_YIELD)}")
        return _UNKNOWN_YIELD
    left, due = sum(count.left for count in counts), sum(count.entered * count.fan_out for count in counts)
    share = _share(left, due)
    notes.append(f"`{stage}`: {100 * left / due:.0f} % of {due:,} items of an earlier run went on: {_percent(share)}")
    return share


def _stage_cost(
    sample: StageSample, items: Range, stored: Mapping[tuple[str, str], Totals], notes: list[str]
) -> _StageCost:
    endpoint, name = sample.endpoint, f"`{sample.stage}`"
    had = stored.get((sample.stage, endpoint.model))
    count, again = _count(had), _count(stored.get((sample.stage + AGAIN, endpoint.model)))
    measured = had is not None and had.replies >= _ENOUGH_REPLIES
    requests = items
    if sample.stage not in _ASKED_ONCE and measured:
        requests = items * (Range(1, 1) + _share(min(again, count), count))
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
        tokens = send * _prompt_tokens(sample, requests, notes), send * _completion_tokens(sample, notes)
    usd = tokens[0] * (endpoint.usd_per_million_in / 1e6) + tokens[1] * (endpoint.usd_per_million_out / 1e6)
    if not (endpoint.usd_per_million_in or endpoint.usd_per_million_out):
        notes.append(f"{endpoint.model}: no prices are set, so it counts as free")
    least_minutes = max(
        send.low / (endpoint.requests_per_minute or math.inf),
        (tokens[0].low + tokens[1].low) / (endpoint.tokens_per_minute or math.inf),
    )
    return _StageCost(sample.stage, endpoint.model, requests, send, *tokens, usd, least_minutes)


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
    share = _share(round(sample.answered / looked_up * prompts), prompts)
    if looked_up >= requests.high:
        share = _share(sample.answered, looked_up, everything=True)
    return Range(requests.low * (1 - share.high), requests.high * (1 - share.low))


def _prompt_tokens(sample: StageSample, requests: Range, notes: list[str]) -> Range:
    """Tokens of one prompt, on average."""
    few_shot = any(message["role"] == "assistant" for message in sample.requests[0].messages)
    rate, kind = (_IN_LONG_PROMPTS, "with") if few_shot else (_CHARACTERS_A_TOKEN, "without")
    notes.append(f"prompts {kind} examples: tokens estimated at {rate.low:g}–{rate.high:g} characters each")
    prompts = [
        _total(_tokens(message["content"], rate) + _A_MESSAGE for message in request.messages)
        for request in sample.requests
    ]
    if sample.stand_ins:
        notes.append("items that only the run can make: taken to be about as long as the reference solutions")
    else:
        notes.append(f"`{sample.stage}`: length of the prompts from {len(prompts):,} of its requests")
    everything = len(prompts) >= requests.high
    return Range(
        _mean([one.low for one in prompts], everything).low, _mean([one.high for one in prompts], everything).high
    )


def _completion_tokens(sample: StageSample, notes: list[str]) -> Range:
    """Tokens of one reply, on average."""
    most = statistics.fmean(request.max_tokens for request in sample.requests)
    messages = [message for request in sample.requests for message in request.messages]
    factor, like = _LIKE_EXAMPLES, "the examples in its prompt"
    texts = sorted({message["content"] for message in messages if message["role"] == "assistant"})
    if not texts:
        factor, like = _LIKE_SOLUTIONS, "the reference solutions"
        texts = [text for text in sample.solutions if text.strip()]
    if not texts:
        notes.append(
            f"`{sample.stage}`: length of the replies is unknown, taken as up to {most:,.0f} tokens (`max_tokens`)"
        )
        return Range(1, most)
    mean = _total(_tokens(text, _CHARACTERS_A_TOKEN) for text in texts) * (1 / len(texts))
    notes.append(
        f"`{sample.stage}`: replies taken as {factor.low:g} to {factor.high:g} times as long as {like} (about "
        f"{(mean.low + mean.high) / 2:,.0f} tokens)"
    )
    notes.append(f"a model that thinks before it answers writes more than that, up to {most:,.0f} tokens a reply")
    return Range(min(mean.low * factor.low, most), min(mean.high * factor.high, most))


def _tokens(text: str, rate: Range) -> Range:
    """Tokens of a text. The upper end counts UTF-8 bytes, so that it holds where every character is a token."""
    return Range(len(text) / rate.high, len(text.encode(errors="replace")) / rate.low)


def _mean(values: Sequence[float], everything: bool) -> Range:
    """The mean of all items from that of a sample, at 95 %: 1.96 standard errors around it."""
    mean = statistics.fmean(values)
    error = 0.0 if everything or len(values) < 2 else 1.96 * statistics.stdev(values) / math.sqrt(len(values))
    return Range(max(0.0, mean - error), mean + error)


def _share(count: int, of: int, everything: bool = False) -> Range:
    """The share in all, from a sample: its interval at 95 %; where everything was looked at, the share itself."""
    share = Share(count, of)
    return Range(share.value, share.value) if everything and of else Range(*share.interval)


def _total(ranges: Iterable[Range]) -> Range:
    return sum(ranges, Range(0, 0))


def _count(total: Totals | None) -> int:
    return total.replies + total.refusals if total else 0


def _short(value: float) -> str:
    """Three figures of a large number, such as 12.3M."""
    for bound, sign in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= 0.9995 * bound:  # below that, three figures do not round up to the bound
            return f"{value / bound:.3g}{sign}"
    return f"{value:.0f}"


_COLUMNS: dict[str, tuple[str, Callable[[float], str]]] = {
    "requests": ("requests", "{:,.0f}".format),
    "to send": ("to_send", "{:,.0f}".format),
    "prompt tokens": ("prompt_tokens", _short),
    "completion tokens": ("completion_tokens", _short),
    "USD": ("usd", "{:,.2f}".format),
}
"""The columns of the table, each with the figure of a stage that it shows, and how."""


def _cells(name: str, stages: Sequence[_StageCost]) -> list[str]:
    """The line of one stage, or of the sum of several."""
    cells = [name]
    for figure, show in _COLUMNS.values():
        total = _total(getattr(stage, figure) for stage in stages)
        cells.append("–".join(dict.fromkeys((show(total.low), show(total.high)))))
    return cells


def _percent(share: Range) -> str:
    return f"{100 * share.low:.0f}–{100 * share.high:.0f} %"
