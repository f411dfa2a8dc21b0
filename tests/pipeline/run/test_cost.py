"""The estimate of a run: small numbers worked out by hand, and the requests of the real teacher, which are not sent."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.inference import Sampling
from lemma_hf.inference.endpoint.chat import ChatRequest, ChatResult, Refusal, Reply
from lemma_hf.inference.endpoint.endpoint import Endpoint
from lemma_hf.inference.endpoint.reply_store import ReplyStore, StoredReply, Totals
from lemma_hf.inference.llm import LLMStudent
from lemma_hf.pipeline import StageCount
from lemma_hf.pipeline.inputs import Inputs
from lemma_hf.pipeline.run.cost import (
    CostEstimate,
    Range,
    StageSample,
    Workload,
    cost_table,
    estimate_stages,
    requests_due,
)
from lemma_hf.pipeline.run.dry_run import Recorder, ask_teacher, draw, estimate_cost, read_funnel, stage_samples
from lemma_hf.pipeline.run.run import Settings, open_run
from lemma_hf.pipeline.run.settings import (
    CardSettings,
    InputSettings,
    ParticipantSettings,
    RunSettings,
    TrajectorySettings,
)
from lemma_hf.records import Attempt, DropReason, Problem
from lemma_hf.teachers.llm import LLMTeacher
from lemma_hf.utils.intervals import Share

# One dollar a million prompt tokens, two dollars a million completion tokens.
MODEL = Endpoint("m", "http://localhost:1/v1", usd_per_million_in=1, usd_per_million_out=2)
PROBLEMS = [Problem(f"p{n}", f"What is {n} + 1?", str(n + 1), f"{n} + 1 = {n + 1}\n#### {n + 1}") for n in range(20)]


LENGTH = 231
"""Characters of 55 to 105 tokens, at 4.2 to 2.2 characters each."""


def ends(values: Range) -> tuple[float, float]:
    return values.low, values.high


def question(text: str = "two plus two", max_tokens: int = 100) -> ChatRequest:
    return ChatRequest(({"role": "user", "content": text},), max_tokens=max_tokens)


def test_requests_follow_from_what_goes_on() -> None:
    # 100 attempts, all graded, 40 wrong; half to all are traced (20-40); as many injected, half to all usable (10-40);
    # so 30-80 to correct, half of them each way, and half to all of those to smooth.
    due = requests_due(Workload(attempts=100, wrong=40, graded=100, injection_share=0.5), [])
    assert due == {
        "sample": Range(100, 100),
        "analyse": Range(40, 40),
        "verify": Range(0, 0),
        "inject": Range(20, 40),
        "correct: fix": Range(15, 40),
        "correct: restart": Range(15, 40),
        "smooth": Range(15, 80),
        "go on": Range(0, 0),
    }
    both = requests_due(Workload(attempts=100, wrong=40, graded=100, injections=10, both_strategies=True), [])
    assert both["correct: fix"] == Range(20 + 5, 40 + 10)
    assert both["smooth"] == Range(25, 100)


def test_the_calls_of_each_turn_follow_from_the_mistakes_of_the_turn_before() -> None:
    # 40 of 100 are wrong, half to all are traced: 20-40 first turns. Half to all of these go on: 10-40 times the
    # student writes on. It is wrong in 40 % of whole solutions, so in 20-40 % of these: 2-16 second turns. Behind
    # these it writes on too, with 0.4-6.4 third turns, which run to the end.
    notes: list[str] = []
    due = requests_due(Workload(attempts=100, wrong=40, graded=100, turns=3), notes)
    assert [ends(due[stage]) for stage in ("analyse", "correct: fix", "correct: restart", "smooth", "go on")] == [
        pytest.approx((40 + 2.4, 40 + 22.4)),
        pytest.approx((20 + 2.4, 40 + 22.4)),
        (0, 0),
        pytest.approx((22.4 / 2, 62.4)),
        pytest.approx((12, 56)),
    ]
    assert "turns: behind a corrected step a further mistake is made in 20–40 % of the solutions" in notes
    said = (
        "turn 2: the student writes on behind 10–40 steps put right; 2–16 of these solutions are analysed and corrected"
    )
    assert said in notes


def test_an_earlier_run_says_how_many_drafts_come_to_the_next_turn() -> None:
    earlier = [StageCount("turn 1", 80, 80), StageCount("turn 2", 60, 60), StageCount("turn 3", 6, 6)]
    notes: list[str] = []
    due = requests_due(Workload(attempts=100, wrong=100, graded=100, turns=3, earlier=earlier), notes)
    again, further = Share(60, 80).interval, Share(6, 60).interval
    assert due["go on"].high == pytest.approx(100 * again[1] * (1 + further[1]))
    assert "turn 2: 10 % of 60 in an earlier run went on: " in " ".join(notes)


def test_what_is_not_known_is_said_to_be_taken() -> None:
    notes: list[str] = []
    assert requests_due(Workload(attempts=100), notes)["analyse"] == Range(20, 80)
    assert notes[0] == "share of wrong attempts: unknown, taken as 20–80 %"
    notes.clear()
    requests_due(Workload(attempts=1000, wrong=26, graded=64), notes)
    assert notes[0] == "share of wrong attempts with steps: 41 % of 64 graded: 29–53 %"


def test_an_earlier_run_says_how_much_goes_on() -> None:
    earlier = [StageCount("analyse", 100, 90, dropped={"unreadable_reply": 10})]
    found = requests_due(Workload(attempts=100, wrong=100, graded=100, earlier=earlier), [])["correct: fix"]
    low, high = Share(90, 100).interval
    assert (found.low, found.high) == pytest.approx((100 * low / 2, 100 * high / 2))


def test_where_every_attempt_was_graded_the_share_is_no_range() -> None:
    some = requests_due(Workload(attempts=1000, wrong=26, graded=64), [])["analyse"]
    low, high = Share(26, 64).interval
    assert (some.low, some.high) == pytest.approx((1000 * low, 1000 * high))
    assert requests_due(Workload(attempts=64, wrong=26, graded=64), [])["analyse"] == Range(26, 26)


def test_a_cost_is_worked_out_by_hand() -> None:
    # 10 prompts of 55-105 tokens and 3-8 around each: 580-1,130. Replies 1-4 times as long as 55-105: 550-4,200.
    asked = StageSample("sample", MODEL, [question("x" * LENGTH, max_tokens=1000)] * 10, solutions=["y" * LENGTH])
    (stage,) = estimate_stages(Workload(attempts=10), [asked]).stages
    assert stage.requests == stage.to_send == Range(10, 10)
    assert ends(stage.prompt_tokens) == pytest.approx((580, 1130))
    assert ends(stage.completion_tokens) == pytest.approx((550, 4200))
    assert ends(stage.usd) == pytest.approx(((580 + 2 * 550) / 1e6, (1130 + 2 * 4200) / 1e6))


def test_replies_are_never_longer_than_they_may_be() -> None:
    asked = StageSample("sample", MODEL, [question(max_tokens=3)], solutions=["one two three four"])
    (stage,) = estimate_stages(Workload(attempts=1), [asked]).stages
    assert stage.completion_tokens == Range(3, 3)


def test_examples_in_the_prompt_say_how_long_replies_are() -> None:
    said = ("user", "2+2?"), ("assistant", "x" * LENGTH), ("user", "3+3?")
    request = ChatRequest(tuple({"role": role, "content": text} for role, text in said))
    work = Workload(attempts=10, wrong=10, graded=10)
    stage = estimate_stages(work, [StageSample("analyse", MODEL, [request] * 10)]).stages[0]
    assert stage.requests == Range(10, 11)  # up to one in ten is asked for again
    assert ends(stage.completion_tokens) == pytest.approx((10 * 55 / 2, 11 * 105 * 2))


def test_a_few_prompts_say_the_mean_of_many_only_roughly() -> None:
    requests = [question("x" * LENGTH * times) for times in (1, 2, 3)]
    (stage,) = estimate_stages(Workload(attempts=300), [StageSample("sample", MODEL, requests)]).stages
    assert stage.prompt_tokens.low < 300 * (2 * 55 + 3) < 300 * (2 * 105 + 8) < stage.prompt_tokens.high


def test_the_store_says_what_replies_cost_and_which_are_there() -> None:
    requests = [question(f"question {n}") for n in range(10)]
    asked = StageSample("sample", MODEL, requests, answered=4)
    totals = [Totals("m", "sample", replies=8, refusals=2, prompt_tokens=1000, completion_tokens=500, usd=0.1)]
    plan = estimate_stages(Workload(attempts=10), [asked], totals)
    (stage,) = plan.stages
    # All ten were looked up and four are there: six are to be sent, of 100 + 50 tokens on average, give or take 10 %.
    assert (stage.requests, stage.to_send) == (Range(10, 10), Range(6, 6))
    assert (stage.prompt_tokens.low, stage.prompt_tokens.high) == pytest.approx((540, 660))
    assert (stage.completion_tokens.low, stage.completion_tokens.high) == pytest.approx((270, 330))
    assert "the store answers 4 of 10 requests" in cost_table(plan)


def test_of_stand_ins_nobody_knows_which_are_there() -> None:
    asked = StageSample("inject", MODEL, [question()] * 4, stand_ins=True)
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
    plan = estimate_stages(Workload(attempts=250), [StageSample("sample", slow, [question()], solutions=["x"])])
    assert plan.stages[0].least_minutes == 62.5
    assert "At least 1 h 03 min" in cost_table(plan)
    narrow = Endpoint("m", "http://localhost:1/v1", tokens_per_minute=10)
    asked = StageSample("sample", narrow, [question("x" * LENGTH)], solutions=["y" * 42])
    (stage,) = estimate_stages(Workload(attempts=1), [asked]).stages
    assert stage.least_minutes == pytest.approx((55 + 3 + 10) / 10)


def test_the_table_has_a_line_a_stage_a_sum_and_every_assumption() -> None:
    other = Endpoint("n", "http://localhost:1/v1")
    work = Workload(attempts=2000, wrong=10, graded=2000)
    asked = [
        StageSample("sample", MODEL, [question("x" * LENGTH)] * 2000, solutions=["y" * 42]),
        StageSample("analyse", other, [question()], stand_ins=True, solutions=["step two"]),
        StageSample("inject", other, [question()], stand_ins=True),
    ]
    plan = estimate_stages(work, asked)
    lines = cost_table(plan).splitlines()
    assert [line.split("  ")[0] for line in lines[:4]] == ["stage", "sample (m)", "analyse (n)", "sum"]
    assert lines[1].split()[2:] == ["2,000", "2,000", "116k–226k", "20k–153k", "0.16–0.53"]
    assert {f"- {assumption}" for assumption in plan.assumptions} <= set(lines)
    assert "- n: no prices are set, so it counts as free" in lines
    read = json.loads(json.dumps(asdict(plan)))  # plain values, for programs
    assert sum(stage["usd"]["high"] for stage in read["stages"]) == plan.usd.high
    assert read["assumptions"] == list(plan.assumptions)
    assert len({len(line) for line in lines[:4]}) == 1


def test_a_stage_that_nobody_knows_or_that_asks_nothing_is_refused() -> None:
    for asked in (StageSample("dream", MODEL, [question()]), StageSample("smooth", MODEL, [])):
        with pytest.raises(ConfigError, match="cannot plan stage"):
            estimate_stages(Workload(attempts=1), [asked])


def test_characters_are_counted_so_that_other_scripts_fit_too() -> None:
    asked = StageSample("sample", MODEL, [question("小明有三个苹果" * 10)])
    (stage,) = estimate_stages(Workload(attempts=1), [asked]).stages
    assert stage.prompt_tokens.low < 3 + 70 < stage.prompt_tokens.high  # a token a character, more or less


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
            StoredReply(MODEL.key_of(request), "m", "analyse", Reply("<step>1</step>", 900, 20))
            for request in real.requests["analyse"]
        ]
        store.put_many(kept[:15])
        recorder = Recorder()
        ask_teacher(LLMTeacher(recorder), PROBLEMS, wrong)
        asked = stage_samples(recorder, MODEL, store)
        totals = store.totals()
    assert [one.stage for one in asked] == ["analyse", "inject", "correct: fix", "correct: restart", "smooth"]
    assert list(asked[0].requests) == real.requests["analyse"]
    assert [one.answered for one in asked] == [15, 0, 0, 0, 0]
    plan = estimate_stages(Workload(attempts=20, wrong=20, graded=20, injections=7), asked, totals)
    assert [stage.stage for stage in plan.stages] == [one.stage for one in asked]
    assert all(0 < stage.usd.low < stage.usd.high for stage in plan.stages)


def test_without_attempts_stand_ins_are_asked_about() -> None:
    for problems in (PROBLEMS, [Problem("bare", "What is it?", "1")]):
        recorder = Recorder()
        ask_teacher(LLMTeacher(recorder), problems)
        asked = stage_samples(recorder, MODEL, made_up=recorder.requests)
        assert len(asked) == 5
        assert all(one.stand_ins and len(one.requests) == len(problems) for one in asked)


def estimate(folder: Path, inputs: Inputs, injections: int = 0, **actors: Any) -> CostEstimate:
    """The estimate for a run with these settings, opened as the recipe opens it."""
    run = RunSettings(str(folder / "out"), dry_run=True)
    made = TrajectorySettings(benchmark="math", injections=injections)
    with open_run(Settings(InputSettings(), ParticipantSettings(**actors), made, run, CardSettings())) as opened:
        return estimate_cost(opened, inputs)


ENDPOINT = "m@http://localhost:1/v1"


def test_a_whole_run_is_estimated_from_its_inputs(tmp_path: Path) -> None:
    # Every other attempt is wrong; the four stages of the teacher follow from them.
    attempts = [
        Attempt(problem, (f"1 + {place} = {place + 1 if place % 2 else 99}",), id=problem.id)
        for place, problem in enumerate(PROBLEMS)
    ]
    plan = estimate(tmp_path, Inputs(PROBLEMS, attempts), teacher=ENDPOINT, injections=3)
    assert "share of wrong attempts with steps: 50 % of all 20" in plan.assumptions
    assert [(stage.stage, stage.requests.low) for stage in plan.stages][:2] == [("analyse", 10), ("inject", 3)]
    assert {stage.stage for stage in plan.stages} >= {"correct: fix", "correct: restart", "smooth"}
    # Only the items of `analyse` are there; those of the other stages are made up.
    assert "`analyse`: length of the prompts from 10 of its requests" in plan.assumptions
    assert not any("`inject`: length" in one or "`smooth`: length" in one for one in plan.assumptions)


def test_a_student_s_own_attempts_are_not_there_to_be_graded(tmp_path: Path) -> None:
    inputs = Inputs(PROBLEMS)
    plan = estimate(tmp_path, inputs, student=ENDPOINT, samples=4)
    assert [(stage.stage, stage.requests) for stage in plan.stages] == [("sample", Range(80, 80))]
    here = estimate(tmp_path, inputs, student="a-model-to-run-here", samples=4, teacher=ENDPOINT)
    assert here.stages[0].requests == Range(80 * 0.2, pytest.approx(80 * 0.8 * 1.1))


@pytest.mark.parametrize("student", ["a-model-to-run-here", "m@http://localhost:1/v1"])
def test_a_dry_run_says_how_often_the_student_writes_on_in_each_turn(tmp_path: Path, student: str) -> None:
    run = RunSettings(str(tmp_path / "out"), dry_run=True)
    made = TrajectorySettings(benchmark="math", turns="each", max_turns=2)
    actors = ParticipantSettings(student=student, teacher="reference", student_prompt_style="step_by_step")
    with open_run(Settings(InputSettings(), actors, made, run, CardSettings())) as opened:
        plan = estimate_cost(opened, Inputs(PROBLEMS))
    # 80 attempts, 20-80 % of them wrong, half to all of these traced, half to all of these drafts open.
    said = (
        "turn 2: the student writes on behind 4–64 steps put right; 0–51 of these solutions are analysed and corrected"
    )
    assert said in cost_table(plan)
    assert [stage.stage for stage in plan.stages] == (["sample", "go on"] if "@" in student else [])


def test_a_run_without_a_model_costs_nothing(tmp_path: Path) -> None:
    assert "costs nothing" in cost_table(estimate(tmp_path, Inputs(PROBLEMS)))
    assert estimate(tmp_path, Inputs(), teacher=ENDPOINT).stages == ()


def test_the_budget_is_held_against_the_range() -> None:
    plan = estimate_stages(Workload(attempts=10**6), [StageSample("sample", MODEL, [question()], solutions=["x"])])
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
    recorder = Recorder()
    LLMStudent(recorder).complete(["2+2?", "3+3?"], Sampling(n=3, temperature=0.7))
    asked = stage_samples(recorder, MODEL, solutions=["four"])
    assert [(one.stage, len(one.requests), one.stand_ins) for one in asked] == [("sample", 6, False)]
    assert Recorder().ask([question()], "x") == [Refusal(DropReason.CALL_FAILED, "not sent: this is a dry run")]


def test_votes_are_asked_for_each_attempt_and_roll_outs_for_each_that_goes_on() -> None:
    notes: list[str] = []
    earlier = [StageCount("analyse", 10, 8, dropped={"unsure": 2}), StageCount("verify", 8, 4, dropped={"x": 4})]
    work = Workload(attempts=100, wrong=100, graded=100, votes=3, verify_prefix=2, earlier=earlier)
    due = requests_due(work, notes)
    assert due["analyse"] == Range(300, 300)
    low, high = Share(8, 10).interval
    assert due["verify"] == Range(100 * low * 2, 100 * high * 2)
    kept_low, kept_high = Share(4, 8).interval
    assert due["correct: fix"] == Range(pytest.approx(50 * low * kept_low), pytest.approx(50 * high * kept_high))
    assert any(note.startswith("`verify`: 50 % of 8 items") for note in notes)
    without = requests_due(Workload(attempts=100, wrong=100, graded=100, earlier=earlier), [])
    assert (without["analyse"], without["verify"]) == (Range(100, 100), Range(0, 0))


def test_a_dry_run_says_what_votes_and_roll_outs_cost(tmp_path: Path) -> None:
    attempts = [
        Attempt(problem, ("So it is 98.\n", "98 + 1 = 99\n", "The answer is: 99"), id=problem.id)
        for problem in PROBLEMS
    ]
    checks = {"votes": 3, "hold_against_reference": True, "verify_prefix": 2, "student": ENDPOINT}
    run = RunSettings(str(tmp_path / "out"), dry_run=True)
    made = TrajectorySettings(benchmark="math")
    actors = ParticipantSettings(teacher=ENDPOINT, **checks)
    inputs = InputSettings(sample="from_file", outputs=["o.jsonl"])
    with open_run(Settings(inputs, actors, made, run, CardSettings())) as opened:
        plan = estimate_cost(opened, Inputs(PROBLEMS, attempts))
    requests = {stage.stage: stage.requests for stage in plan.stages}
    assert requests["analyse"].low == 3 * 20 and "sample" not in requests
    assert requests["verify"].high == 2 * 20
    assert {"`analyse`: 3 votes about each attempt"} < set(plan.assumptions)
    assert any(note.startswith("`verify`: 2 roll-outs for each attempt") for note in plan.assumptions)
