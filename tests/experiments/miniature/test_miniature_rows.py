"""What the arms learn from: same problems, and exactly the one difference that each arm is about."""

from collections.abc import Sequence

import pytest

from lemma_hf.data.rows import trajectory_to_row
from lemma_hf.errors import ConfigError, DataError
from lemma_hf.experiments.miniature import ARMS, MiniatureSettings
from lemma_hf.experiments.miniature._arms import arms_named
from lemma_hf.experiments.miniature._measure import example_of, figures_of
from lemma_hf.experiments.miniature._preferences import pairs_of
from lemma_hf.experiments.miniature._problems import draw_problems, problems_to_read
from lemma_hf.experiments.miniature._rows import (
    IN_THE_HEAD,
    Maker,
    counts_of,
    mixed,
    read_training_rows,
    write_training_rows,
)
from lemma_hf.inference import Completion, Sampling
from lemma_hf.pipeline import Funnel
from lemma_hf.records import Origin, SpanKind, Strategy
from lemma_hf.world.sums import read_chain, read_chain_step, solve


class SlipsOnProducts:
    """Does every sum right, and each product that is still to be done one too low; every third sample is right."""

    def complete(self, prompts: Sequence[str], sampling: Sampling) -> list[list[Completion]]:
        return [[self._answer(prompt, i) for i in range(sampling.n)] for prompt in prompts]

    @staticmethod
    def _answer(prompt: str, sample: int) -> Completion:
        question, _, written = prompt.partition(":")
        chain = read_chain(question)
        done, slip = written.count(";"), sample % 3 != 2
        value, steps = chain.values[done], []
        for operation in chain.operations[done:]:
            result = (operation(value) - (operation.sign == "*" and slip)) % 1000
            steps.append(f"{value:03}{operation}={result:03};")
            value = result
        return Completion("".join(steps) + f"####{value:03}", True, 10)


@pytest.fixture(scope="module")
def made():
    settings = MiniatureSettings(problems=60, held_out=10, elsewhere=5, samples=3, reading_updates=2)
    problems = draw_problems(settings)
    maker = Maker(SlipsOnProducts(), settings, 0, Funnel(progress=False))
    return problems.training, maker.make(problems.training)


def test_every_arm_has_its_rows(made):
    _, rows = made
    assert {arm.rows for arm in ARMS.values() if arm.trained} == rows.keys()
    assert all(rows.values())


def test_all_arms_learn_from_the_same_problems_and_every_row_is_right_in_the_end(made):
    problems, rows = made
    # Some injected errors happen to keep the answer right, and are dropped.
    for name, trajectories in rows.items():
        names = {t.problem.id for t in trajectories}
        assert names == {p.id for p in problems} or (name == "injected" and names < {p.id for p in problems}), name
        assert all(t.text.endswith(f"####{t.problem.reference_answer}") for t in trajectories), name


def test_rounds_turn_once_for_each_product_and_never_elsewhere(made):
    _, rows = made
    for trajectory in rows["rounds"]:
        assert len(trajectory.errors) == trajectory.problem.question.count("*")
        assert trajectory.text.count("!") >= len(trajectory.errors)


def test_one_turn_arms_turn_at_the_first_product_and_only_there(made):
    _, rows = made
    for name in ("both", "fix", "restart", "uncut"):
        for trajectory in rows[name]:
            assert len(trajectory.errors) == min(1, trajectory.problem.question.count("*")), name
    ways = {name: {e.strategy for t in rows[name] for e in t.errors} for name in ("fix", "restart", "both")}
    assert ways == {"fix": {Strategy.FIX_AND_CONTINUE}, "restart": {Strategy.FRESH_AND_RESTART}, "both": set(Strategy)}
    assert {e.origin for t in rows["injected"] for e in t.errors} == {Origin.INJECTED}


def test_an_uncut_row_has_the_whole_wrong_solution_before_its_turn(made):
    _, rows = made
    cut = {t.problem.id: t for t in rows["both"] if t.errors}
    uncut = {t.problem.id: t for t in rows["uncut"] if t.errors}
    assert cut.keys() == uncut.keys()
    for name, whole in uncut.items():
        (wrong,), (first) = whole.of_kind(SpanKind.ERROR), next(cut[name].of_kind(SpanKind.ERROR))
        assert wrong.text.startswith(first.text) and wrong.text[-7:-3] == "####"
        assert wrong.text[-3:] != whole.problem.reference_answer
        corrections = [next(t.of_kind(SpanKind.CORRECTION)).text for t in (whole, cut[name])]
        assert corrections[0] == corrections[1]


def test_own_right_solutions_are_each_taken_once(made):
    problems, rows = made
    assert len(rows["own_right"]) == len(problems)  # the third sample is right; of sums alone all three, and alike
    for trajectory in rows["own_right"]:
        assert trajectory.text == "".join(solve(read_chain(trajectory.problem.question)))


def test_a_share_has_so_many_rows_with_a_mistake_and_references_else(made):
    problems, rows = made
    for share in (10, 30, 60):
        flawed = [t for t in rows[f"share_{share}"] if t.errors]
        assert len(flawed) == round(share / 100 * len(problems))
        assert all(t.text == t.problem.reference_solution for t in rows[f"share_{share}"] if not t.errors)
    few = {t.problem.id for t in rows["share_10"] if t.errors}
    assert few < {t.problem.id for t in rows["share_30"] if t.errors}


def test_a_share_beyond_what_there_is_takes_all_there_is(made):
    _, rows = made
    flawed = sum(bool(t.errors) for t in rows["rounds"])
    assert sum(bool(t.errors) for t in mixed(rows["rounds"], rows["references"], 1.0)) == flawed


def test_a_row_put_right_is_lemmas_row_without_its_wrong_steps_and_turns(made):
    _, rows = made
    for flawed, right in zip(rows["rounds"], rows["spot"], strict=True):
        kept = (SpanKind.REASONING, SpanKind.CORRECTION)
        assert right.text == "".join(span.text for span in flawed.spans if span.kind in kept)
        assert not right.errors and right.text.count("|") == 7 * right.problem.question.count("*")


def test_each_mistake_gives_one_pair_of_steps_behind_right_steps_alone(made):
    _, rows = made
    flawed = [row for row in rows["rounds"] if row.errors]
    pairs = pairs_of([trajectory_to_row(trajectory, IN_THE_HEAD) for trajectory in flawed])
    assert len(pairs) == sum(len(trajectory.errors) for trajectory in flawed)
    for pair in pairs:
        question, _, before = pair["prompt"].partition(":")
        right, wrong = read_chain_step(pair["chosen"]), read_chain_step(pair["rejected"])
        assert wrong.operation == right.operation and wrong.result == (right.result - 1) % 1000
        assert right.result == read_chain(question).values[before.count(";") + 1]
        assert "!" not in pair["prompt"] + pair["chosen"]


def test_rows_come_back_from_their_file_and_their_tokens_are_counted(made, tmp_path):
    _, rows = made
    write_training_rows(rows["rounds"], tmp_path / "rows.jsonl")
    found = read_training_rows(tmp_path / "rows.jsonl")
    counts = counts_of(rows["rounds"])
    assert counts["rows"] == len(found) == 60
    assert counts["tokens"] == sum(len(row["prompt"]) + len(row["completion"]) + 1 for row in found)
    (tmp_path / "none.jsonl").write_text("", "utf-8")
    with pytest.raises(DataError, match="no rows to learn from"):
        read_training_rows(tmp_path / "none.jsonl")


def test_no_question_is_in_two_sets_and_those_elsewhere_are_elsewhere():
    settings = MiniatureSettings(problems=300, held_out=100, elsewhere=40, reading_updates=20)
    problems = draw_problems(settings)
    read = problems_to_read(settings)
    sets = [read, problems.training, problems.held_out, problems.longer]
    questions = [p.question for each in sets for p in each]
    assert len(questions) == len(set(questions))
    steps = {n: {len(read_chain(p.question).operations) for p in getattr(problems, n)} for n in ("training", "longer")}
    assert steps == {"training": {1, 2, 3}, "longer": {4}}
    numbers = [[o.number for o in read_chain(p.question).operations] for each in sets for p in each]
    assert max(map(max, numbers)) == 79
    assert {len(read_chain(p.question).operations) for p in read} == {1, 2, 3, 4}
    everywhere = [p.id for each in (*sets[1:], problems.larger) for p in each]
    assert len(everywhere) == len(set(everywhere))
    assert all(max(o.number for o in read_chain(p.question).operations) > 79 for p in problems.larger)


def test_small_numbers_make_a_world_of_its_own_and_are_written_with_two_digits():
    settings = MiniatureSettings(problems=50, held_out=10, elsewhere=10, reading_updates=2, smallest=2, largest=9)
    problems = draw_problems(settings)
    numbers = [o.number for p in problems.training for o in read_chain(p.question).operations]
    assert set(numbers) == set(range(2, 10))
    assert all(p.question[4] == "0" for p in problems.training)
    assert all(max(o.number for o in read_chain(p.question).operations) > 9 for p in problems.larger)


def test_seeds_and_more_reading_leave_the_held_out_problems_as_they_are():
    few, many = (
        draw_problems(MiniatureSettings(problems=30, held_out=20, reading_updates=n, seeds=[n])) for n in (1, 30)
    )
    assert few.held_out == many.held_out and few.training == many.training


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"largest": 99}, "`largest`: need more than 12 and less than 99, found 99"),
        ({"steps": []}, "`steps`: need at least one"),
        ({"longer": [3, 4]}, "none in both"),
        ({"longer": [17]}, "need numbers from 1 to 16"),
        ({"seeds": 3}, "`seeds`: need a list, such as .* found 3"),
        ({"seeds": [0, 0]}, "`seeds`: need each of them once"),
        ({"seeds": [-1]}, "`seeds`: need numbers from 0 up"),
        ({"arms": "lemma"}, "`arms`: need a list, such as .* found 'lemma'"),
        ({"held_out": 0}, "`held_out`: need a whole number from 1 up, found 0"),
        ({"workers": -1}, "`workers`: need a whole number from 0 up, found -1"),
        ({"heads": 3}, "`width`: need an even multiple of `heads`"),
        ({"work_share": 2.0}, "`work_share`: need a share from 0 to 1"),
        ({"training_blocks": 3, "blocks_at_once": 2}, "`training_blocks`: need a multiple of blocks_at_once, 2"),
        ({"blocks_at_once": 0}, "`blocks_at_once`: need a whole number from 1 up"),
        ({"device": "tpu"}, "need cpu or cuda, found 'tpu'"),
        ({"smallest": 0}, "`smallest`: need a whole number from 1 up, found 0"),
        ({"smallest": 80}, "`largest`: need more than 80"),
        ({"reward_samples": 12}, "`reward_samples`: need a multiple of 8, found 12"),
    ],
)
def test_settings_that_make_no_experiment_are_refused(changed, message):
    with pytest.raises(ConfigError, match=message):
        MiniatureSettings(**changed)


def test_too_few_larger_problems_are_said_and_not_made_up_for():
    with pytest.raises(ConfigError, match=r"`largest`: only .* have a number above 97"):
        draw_problems(MiniatureSettings(problems=5, held_out=5, elsewhere=300, largest=97, steps=[1]))


def test_arms_come_in_their_own_order_and_an_unknown_one_is_named():
    assert [arm.name for arm in arms_named(["lemma", "sft"])] == ["sft", "lemma"]
    assert len(arms_named([])) == len(ARMS)
    with pytest.raises(ConfigError, match="no arm is called 'lema': did you mean 'lemma'"):
        arms_named(["lema"])


def test_figures_count_answers_turns_and_steps(made):
    from lemma_hf.evaluation import score

    problems, _ = made
    figures = figures_of(score(SlipsOnProducts(), problems, IN_THE_HEAD, Sampling()))
    plain = ["*" not in p.question for p in problems]
    assert figures["right"] == "".join("01"[each] for each in plain)
    assert figures["accuracy"]["count"] == sum(plain)
    assert figures["turns"]["missed"] == sum(p.question.count("*") for p in problems)
    assert figures["turns"]["kept"] == sum(p.question.count("+") for p in problems)
    assert sum(share["total"] for share in figures["by_steps"].values()) == len(problems)
    assert figures["left_out"]["count"] == 0


def test_an_answer_that_skips_an_operation_is_counted_and_one_that_does_it_wrongly_is_not():
    from lemma_hf.evaluation import score
    from lemma_hf.records import Problem

    class Skips:
        def complete(self, prompts, sampling):
            texts = ("100*11=100;!100*11=101;101+12=113;####113", "100+12=112;!100+12=112;####112")
            return [[Completion(text, True, 1)] for text in texts]

    problems = [Problem(name, "100*11+12", "112") for name in "ab"]
    assert figures_of(score(Skips(), problems, IN_THE_HEAD, Sampling()))["left_out"]["count"] == 1


def test_the_example_is_a_right_answer_with_a_repair():
    from lemma_hf.evaluation import score
    from lemma_hf.records import Problem

    class Repairs:
        def complete(self, prompts, sampling):
            return [[Completion(text, True, 1)] for text in ("####111", "100+11=112;!100+11=111;####111")]

    problems = [Problem("a", "100+11", "111"), Problem("b", "100+11", "111")]
    items = score(Repairs(), problems, IN_THE_HEAD, Sampling())
    assert example_of(items)["output"] == "100+11=112;!100+11=111;####111"
    assert example_of(items[:1]) is None
