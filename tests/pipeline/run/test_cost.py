"""The estimate of a run: small numbers worked out by hand, and the real teacher asked with nobody at the other end."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pytest

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.inference import Sampling
from lemma_hf.inference.endpoint.chat import ChatRequest, ChatResult, Refusal, Reply
from lemma_hf.inference.endpoint.endpoint import Endpoint
from lemma_hf.inference.endpoint.reply_store import ReplyStore, Stored, Totals
from lemma_hf.inference.llm import LLMStudent
from lemma_hf.pipeline import StageCount
from lemma_hf.pipeline.run.cost import (
    Asked,
    Range,
    Workload,
    cost_table,
    draw,
    estimate_stages,
    estimate_tokens,
    requests_due,
    to_json,
)
from lemma_hf.pipeline.run.dry_run import Recorder, Who, ask_student, ask_teacher, estimate_cost, read_funnel
from lemma_hf.prompts import prompt_style
from lemma_hf.records import Attempt, DropReason, Problem
from lemma_hf.teachers.llm import LLMTeacher
from lemma_hf.utils.intervals import Share

# One dollar a million prompt tokens, two dollars a million completion tokens.
MODEL = Endpoint("m", "http://localhost:1/v1", usd_per_million_in=1, usd_per_million_out=2)
PROBLEMS = [Problem(f"p{n}", f"What is {n} + 1?", str(n + 1), f"{n} + 1 = {n + 1}\n#### {n + 1}") for n in range(20)]


def words(text: str) -> int:
    return len(text.split())


def question(text: str = "two plus two", max_tokens: int = 100) -> ChatRequest:
    return ChatRequest(({"role": "user", "content": text},), max_tokens=max_tokens)


def test_requests_follow_from_what_goes_on() -> None:
    # 100 attempts, all graded, 40 wrong; half to all are traced (20-40); as many injected, half to all usable (10-40);
    # so 30-80 to correct, half of them each way, and half to all of those to smooth.
    due = requests_due(Workload(attempts=100, wrong=40, graded=100, injection_share=0.5))
    assert due == {
        "sample": Range(100, 100),
        "analyse": Range(40, 40),
        "inject": Range(20, 40),
        "correct: fix": Range(15, 40),
        "correct: restart": Range(15, 40),
        "smooth": Range(15, 80),
    }
    both = requests_due(Workload(attempts=100, wrong=40, graded=100, injections=10, both_strategies=True))
    assert both["correct: fix"] == Range(20 + 5, 40 + 10)
    assert both["smooth"] == Range(25, 100)


def test_what_is_not_known_is_said_to_be_taken() -> None:
    notes: list[str] = []
    assert requests_due(Workload(attempts=100), notes)["analyse"] == Range(20, 80)
    assert notes[0] == "share of wrong attempts: unknown, taken as 20–80 %"
    notes.clear()
    requests_due(Workload(attempts=1000, wrong=26, graded=64), notes)
    assert notes[0] == "share of wrong attempts: 41 % of 64 graded: 29–53 %"


def test_an_earlier_run_says_how_much_goes_on() -> None:
    earlier = [StageCount("analyse", 100, 90, dropped={"unreadable_reply": 10})]
    found = requests_due(Workload(attempts=100, wrong=100, graded=100, earlier=earlier))["correct: fix"]
    low, high = Share(90, 100).interval
    assert (found.low, found.high) == pytest.approx((100 * low / 2, 100 * high / 2))


def test_where_every_attempt_was_graded_the_share_is_no_range() -> None:
    some = requests_due(Workload(attempts=1000, wrong=26, graded=64))["analyse"]
    low, high = Share(26, 64).interval
    assert (some.low, some.high) == pytest.approx((1000 * low, 1000 * high))
    assert requests_due(Workload(attempts=64, wrong=26, graded=64))["analyse"] == Range(26, 26)


def test_a_cost_is_worked_out_by_hand() -> None:
    # 10 prompts of 3 words and 3-8 tokens around each: 60-110 tokens. Replies 1-4 times as long as 2 words: 20-80.
    asked = Asked("sample", MODEL, [question()] * 10, solutions=["is four"])
    (stage,) = estimate_stages(Workload(attempts=10), [asked], count_tokens=words).stages
    assert stage.requests == stage.to_send == Range(10, 10)
    assert (stage.prompt_tokens, stage.completion_tokens) == (Range(60, 110), Range(20, 80))
    assert (stage.usd.low, stage.usd.high) == pytest.approx(((60 + 40) / 1e6, (110 + 160) / 1e6))


def test_replies_are_never_longer_than_they_may_be() -> None:
    asked = Asked("sample", MODEL, [question(max_tokens=3)], solutions=["one two three four"])
    (stage,) = estimate_stages(Workload(attempts=1), [asked], count_tokens=words).stages
    assert stage.completion_tokens == Range(3, 3)


def test_examples_in_the_prompt_say_how_long_replies_are() -> None:
    said = ("user", "2+2?"), ("assistant", "it is clearly four"), ("user", "3+3?")
    request = ChatRequest(tuple({"role": role, "content": text} for role, text in said))
    work = Workload(attempts=10, wrong=10, graded=10)
    stage = estimate_stages(work, [Asked("analyse", MODEL, [request] * 10)], count_tokens=words).stages[0]
    assert stage.requests == Range(10, 11)  # up to one in ten is asked for again
    assert stage.completion_tokens == Range(10 * 2, 11 * 8)


def test_a_few_prompts_say_the_mean_of_many_only_roughly() -> None:
    requests = [question("word " * length) for length in (10, 20, 30)]
    (stage,) = estimate_stages(Workload(attempts=300), [Asked("sample", MODEL, requests)], count_tokens=words).stages
    assert stage.prompt_tokens.low < 300 * (20 + 3) < 300 * (20 + 8) < stage.prompt_tokens.high


def test_the_store_says_what_replies_cost_and_which_are_there() -> None:
    requests = [question(f"question {n}") for n in range(10)]
    asked = Asked("sample", MODEL, requests, answered=4)
    totals = [Totals("m", "sample", replies=8, refusals=2, prompt_tokens=1000, completion_tokens=500, usd=0.1)]
    plan = estimate_stages(Workload(attempts=10), [asked], totals)
    (stage,) = plan.stages
    # All ten were looked up and four are there: six are to be sent, of 100 + 50 tokens on average, give or take 10 %.
    assert (stage.requests, stage.to_send) == (Range(10, 10), Range(6, 6))
    assert (stage.prompt_tokens.low, stage.prompt_tokens.high) == pytest.approx((540, 660))
    assert (stage.completion_tokens.low, stage.completion_tokens.high) == pytest.approx((270, 330))
    assert "the store answers 4 of 10 requests" in cost_table(plan)


def test_of_stand_ins_nobody_knows_which_are_there() -> None:
    asked = Asked("inject", MODEL, [question()] * 4, stand_ins=True)
    totals = [Totals("m", "inject", 10, 0, 100, 100, 0.1)]
    plan = estimate_stages(Workload(attempts=100, injections=50), [asked], totals)
    (stage,) = plan.stages
    low, high = Share(0, 10).interval
    assert (stage.requests.low, stage.requests.high) == pytest.approx((50 * (1 + low), 50 * (1 + high)))
    assert stage.to_send == Range(stage.requests.low - 10, stage.requests.high)
    assert "`inject`: 0 of 10 requests in the store were asked for again" in plan.assumptions
    assert "`inject`: 10 answers are in the store; which of them this run needs is unknown" in plan.assumptions


def test_limits_say_how_long_it_takes_at_least() -> None:
    slow = Endpoint("m", "http://localhost:1/v1", requests_per_minute=4, tokens_per_minute=1e9)
    plan = estimate_stages(Workload(attempts=250), [Asked("sample", slow, [question()], solutions=["x"])])
    assert plan.stages[0].least_minutes == 62.5
    assert "At least 1 h 03 min" in cost_table(plan)
    narrow = Endpoint("m", "http://localhost:1/v1", tokens_per_minute=10)
    plan = estimate_stages(
        Workload(attempts=1), [Asked("sample", narrow, [question()], solutions=["x"])], count_tokens=words
    )
    assert plan.stages[0].least_minutes == (3 + 3 + 1) / 10


def test_the_table_has_a_line_a_stage_a_sum_and_every_assumption() -> None:
    other = Endpoint("n", "http://localhost:1/v1")
    work = Workload(attempts=2000, wrong=10, graded=2000)
    asked = [
        Asked("sample", MODEL, [question()] * 2000, solutions=["is four"]),
        Asked("analyse", other, [question()], stand_ins=True, solutions=["step two"]),
        Asked("inject", other, [question()], stand_ins=True),
    ]
    plan = estimate_stages(work, asked, count_tokens=words)
    lines = cost_table(plan).splitlines()
    assert [line.split("  ")[0] for line in lines[:4]] == ["stage", "sample (m)", "analyse (n)", "sum"]
    assert lines[1].split()[2:] == ["2,000", "2,000", "12k–22k", "4k–16k", "0.02–0.05"]
    assert {f"- {assumption}" for assumption in plan.assumptions} <= set(lines)
    assert "- n: no prices are set, so it counts as free" in lines
    read = json.loads(json.dumps(to_json(plan)))
    assert read["usd"] == {"low": plan.usd.low, "high": plan.usd.high}
    assert read["assumptions"] == list(plan.assumptions)
    assert len({len(line) for line in lines[:4]}) == 1


def test_a_stage_that_nobody_knows_or_that_asks_nothing_is_refused() -> None:
    for asked in (Asked("dream", MODEL, [question()]), Asked("smooth", MODEL, [])):
        with pytest.raises(ConfigError, match="cannot plan stage"):
            estimate_stages(Workload(attempts=1), [asked])


def test_characters_are_counted_so_that_other_scripts_fit_too() -> None:
    (chinese,) = estimate_tokens(["小明有三个苹果" * 10])
    assert chinese.low < 70 < chinese.high  # a token a character, more or less


def test_a_draw_is_the_same_for_the_same_seed() -> None:
    assert draw(range(100), 5, seed=3) == draw(range(100), 5, seed=3) == sorted(draw(range(100), 5, seed=3))
    assert draw(range(100), 5, seed=3) != draw(range(100), 5, seed=4)
    assert draw([1, 2], 5) == [1, 2]


class Answering(Recorder):
    """Writes down what it is asked, and answers."""

    def ask(self, requests: Sequence[ChatRequest], title: str) -> list[ChatResult]:
        super().ask(requests, title)
        return [Reply("Step 1 is wrong. <step>1</step><type>calculation</type>", 900, 20) for _ in requests]


def test_the_requests_are_the_very_ones_that_the_teacher_makes() -> None:
    wrong = [Attempt(problem, ("It is 7.\n", "The answer is: 7"), id=problem.id) for problem in PROBLEMS]
    real = Answering()
    LLMTeacher(real).analyse(wrong)
    with ReplyStore(":memory:") as store:
        kept = [
            Stored(request.key("m", {}), "m", "analyse", Reply("<step>1</step>", 900, 20))
            for request in real.requests["analyse"]
        ]
        store.put_many(kept[:15])
        asked = ask_teacher(LLMTeacher, MODEL, PROBLEMS, wrong, store)
        totals = store.totals()
    assert [one.stage for one in asked] == ["analyse", "inject", "correct: fix", "correct: restart", "smooth"]
    assert list(asked[0].requests) == real.requests["analyse"]
    assert [one.answered for one in asked] == [15, 0, 0, 0, 0]
    assert [one.stand_ins for one in asked] == [False, True, True, True, True]
    plan = estimate_stages(Workload(attempts=20, wrong=20, graded=20, injections=7), asked, totals)
    assert [stage.stage for stage in plan.stages] == [one.stage for one in asked]
    assert all(0 < stage.usd.low < stage.usd.high for stage in plan.stages)


def test_without_attempts_stand_ins_are_asked_about() -> None:
    for problems in (PROBLEMS, [Problem("bare", "What is it?", "1")]):
        asked = ask_teacher(LLMTeacher, MODEL, problems)
        assert len(asked) == 5
        assert all(one.stand_ins and len(one.requests) == len(problems) for one in asked)


def test_a_whole_run_is_estimated_from_its_inputs() -> None:
    # Every other attempt is wrong; the four stages of the teacher follow from them.
    attempts = [
        Attempt(problem, (f"The answer is: {place + 1 if place % 2 else 99}",), id=problem.id)
        for place, problem in enumerate(PROBLEMS)
    ]
    plan = estimate_cost(
        PROBLEMS, attempts, teacher=Who(MODEL, LLMTeacher), style=prompt_style("question"), injections=3
    )
    assert "share of wrong attempts: 50 % of all 20" in plan.assumptions
    assert [(stage.stage, stage.requests.low) for stage in plan.stages][:2] == [("analyse", 10), ("inject", 3)]
    assert {stage.stage for stage in plan.stages} >= {"correct: fix", "correct: restart", "smooth"}


def test_a_student_s_own_attempts_are_not_there_to_be_graded() -> None:
    sampling = Sampling(n=4, temperature=0.7)
    plan = estimate_cost(PROBLEMS, student=Who(MODEL, LLMStudent), sampling=sampling, style=prompt_style("question"))
    assert [(stage.stage, stage.requests) for stage in plan.stages] == [("sample", Range(80, 80))]
    here = estimate_cost(PROBLEMS, teacher=Who(MODEL, LLMTeacher), sampling=sampling, style=prompt_style("question"))
    assert here.stages[0].requests == Range(80 * 0.2, pytest.approx(80 * 0.8 * 1.1))


def test_a_run_without_a_model_costs_nothing() -> None:
    assert "costs nothing" in cost_table(estimate_cost(PROBLEMS, style=prompt_style("question")))
    assert estimate_cost([], teacher=Who(MODEL, LLMTeacher), style=prompt_style("question")).stages == ()


def test_the_budget_is_held_against_the_range() -> None:
    plan = estimate_stages(Workload(attempts=10**6), [Asked("sample", MODEL, [question()], solutions=["x"])])
    low, high = plan.usd.low, plan.usd.high
    said = [cost_table(plan, budget).split("is left, ")[1].split(" this")[0] for budget in (low / 2, low, high)]
    assert said == ["does not cover", "may not cover", "covers"]


def test_the_funnel_of_an_earlier_run_is_read_back(tmp_path: Path) -> None:
    counts = [StageCount("analyse", 10, 9, dropped={"unreadable_reply": 1})]
    path = tmp_path / "funnel.json"
    assert read_funnel(path) == []
    path.write_text(json.dumps([asdict(count) for count in counts]), "utf-8")
    assert read_funnel(path) == counts
    for broken in ("[", "[3]", '[{"stage": "x"}]', '[{"stage": "x", "entered": 3, "left": 1}]'):
        path.write_text(broken, "utf-8")
        with pytest.raises(DataError, match="is not the funnel"):
            read_funnel(path)


def test_a_student_is_asked_for_every_sample() -> None:
    asked = ask_student(LLMStudent, MODEL, ["2+2?", "3+3?"], Sampling(n=3, temperature=0.7), solutions=["four"])
    assert [(one.stage, len(one.requests)) for one in asked] == [("sample", 6)]
    assert Recorder().ask([question()], "x") == [Refusal(DropReason.CALL_FAILED, "not sent: this is a dry run")]
