"""Means over seeds, paired differences and the page that is made of them, held against sums done by hand."""

import json
import math
import re

import pytest

from lemma_hf.errors import DataError
from lemma_hf.evaluation import Share
from lemma_hf.experiments.miniature import ARMS
from lemma_hf.experiments.miniature._document import command_of, example, summary, write_document
from lemma_hf.experiments.miniature._over_seeds import Over, read_file, read_folder, write_file
from lemma_hf.experiments.miniature._pictures import draw_pictures
from lemma_hf.experiments.miniature._settings import MiniatureSettings
from lemma_hf.experiments.miniature._tables import share
from lemma_hf.world.sums import Fates


def measured(right: str, steps: str = "1", **turns: int):
    counts = dict.fromkeys(
        ("wrong_to_right", "wrong_to_wrong", "right_to_right", "right_to_wrong", "missed", "kept"), 0
    )
    found = Share(right.count("1"), len(right)).as_dict()
    return {
        "accuracy": found,
        "reflected": Share(1, 4).as_dict(),
        "tokens": 100.0,
        "cut_off": 0,
        "by_steps": {steps: found},
        "turns": counts | turns,
        "fates": {"stayed_right": 8, "broken": 0, "repaired": 3, "stayed_wrong": 2},
        "left_out": Share(1, 4).as_dict(),
        "right": right,
    }


def figures(arm: str, seed: int, right: str, **turns: int):
    trained = ARMS[arm].trained
    return {
        "arm": arm,
        "seed": seed,
        "rows": {"rows": 10, "problems": 10, "with_error": 5, "errors": 6, "tokens": 1000} if trained else None,
        "training": {"updates": 2, "tokens": 4096, "seconds": 1.5} if trained else None,
        "nll": {"reasoning": 0.5, "error": 1.0, "reflection": 2.0, "correction": 0.25},
        "vote": {"samples": 5, "accuracy": Share(3, 4).as_dict(), "tokens": 150.0} if arm == "sft" else None,
        "example": {"question": "100+11", "answer": "111", "output": "100+11=112;!100+11=111;####111"},
        "settings": MiniatureSettings(problems=10).of_a_result(),
        "made_with": {"Versions": "torch 2", "Device": "cpu", "Threads": "1"},
        "held_out": measured(right, **turns),
        "longer": measured("01", "4"),
        "larger": measured("0011"),
    }


@pytest.fixture
def folder(tmp_path):
    """LEMMA is right on 3, 4, 3 of 4 problems, SFT on 1, 2, 0."""
    rights = {"sft": ("0001", "0011", "0000"), "lemma": ("0111", "1111", "1110"), "lemma_e0": ("0111", "0000", "0001")}
    for arm, each in rights.items():
        for seed, right in enumerate(each):
            path = tmp_path / f"seed-{seed}" / arm / "figures.json"
            path.parent.mkdir(parents=True)
            found = figures(arm, seed, right, wrong_to_right=3, right_to_right=1, missed=2, kept=7)
            path.write_text(json.dumps(found), "utf-8")
    return tmp_path


def test_the_interval_of_a_mean_is_students():
    """1, 2, 3: mean 2, standard deviation 1, t of 2 degrees of freedom 4.303; 4.303 / sqrt 3 = 2.484."""
    over = Over.from_values([1.0, 2.0, 3.0])
    assert over.mean == 2.0
    assert (round(over.low, 3), round(over.high, 3)) == (-0.484, 4.484)


def test_every_quantile_is_the_one_that_scipy_has():
    stats = pytest.importorskip("scipy.stats")
    for n in range(2, 32):
        values = [float(value) for value in range(n)]
        low, high = stats.t.interval(0.95, n - 1, loc=sum(values) / n, scale=stats.sem(values))
        over = Over.from_values(values)
        assert over.high - over.low == pytest.approx(high - low, rel=1e-3)


def test_one_seed_alone_has_the_interval_that_it_is_given_or_none():
    assert Over.from_values([0.5], (0.4, 0.6)).low == 0.4
    assert math.isinf(Over.from_values([0.5]).high)
    assert share(Over.from_values([0.5])) == "50.0 %"


def test_arms_are_averaged_over_seeds_and_turns_are_added_up(folder):
    results = read_folder(folder)
    assert results.arms == ["sft", "lemma", "lemma_e0"] and results.seeds == [0, 1, 2]
    assert results.accuracy("sft").values == (0.25, 0.5, 0.0)
    assert results.accuracy("lemma").mean == pytest.approx(10 / 12)
    assert results.accuracy("lemma").high == 1.0  # an interval of shares ends where shares do
    assert results.accuracy("lemma", "longer", "4").mean == 0.5
    turns = results.turns("lemma")
    assert (turns.reflections, turns.caught, turns.missed, turns.kept) == (12, 9, 6, 21)
    assert results.fates("lemma") == Fates(stayed_right=24, broken=0, repaired=9, stayed_wrong=6)


def test_differences_are_paired_by_problem_and_seed(folder):
    """Seeds differ by 2/4, 2/4 and 3/4: mean 7/12; with 4 problems a seed no exact test comes below 0.05."""
    found = read_folder(folder).difference("sft", "lemma")
    assert found.accuracy.values == (0.5, 0.5, 0.75)
    assert found.accuracy.mean == pytest.approx(7 / 12)
    assert (found.better, found.worse) == (0, 0)


def test_a_clear_difference_is_counted_on_its_side(tmp_path):
    for arm, right in {"sft": "0" * 10, "lemma": "1" * 10}.items():
        path = tmp_path / "seed-0" / arm / "figures.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(figures(arm, 0, right)), "utf-8")
    results = read_folder(tmp_path)
    assert (results.difference("sft", "lemma").better, results.difference("sft", "lemma").worse) == (1, 0)
    assert (results.difference("lemma", "sft").better, results.difference("lemma", "sft").worse) == (0, 1)
    assert results.difference("sft", "rft") is None


def test_votes_are_compared_seed_by_seed(folder):
    """LEMMA has 3/4, 4/4 and 3/4, the votes 3/4 each: 0, 1/4, 0."""
    results = read_folder(folder)
    assert results.beyond_vote("sft", "lemma").values == (0.0, 0.25, 0.0)
    assert results.beyond_vote("lemma", "sft") is None  # nobody voted


def test_all_figures_come_back_from_their_one_file(folder, tmp_path):
    results = read_folder(folder)
    write_file(results, tmp_path / "figures.json")
    again = read_file(tmp_path / "figures.json")
    assert again == results
    assert '"right":"11"' in (tmp_path / "figures.json").read_text("utf-8")  # 1 in front of 0001


def change(folder, **fields):
    """Fields of SFT's figures of seed 0, those of a set as `held_out__right`; None takes the field away."""
    path = folder / "seed-0" / "sft" / "figures.json"
    found = json.loads(path.read_text("utf-8"))
    for name, value in fields.items():
        *outer, last = name.split("__")
        place = found[outer[0]] if outer else found
        if value is None:
            del place[last]
        else:
            place[last] = value
    path.write_text(json.dumps(found), "utf-8")


@pytest.mark.parametrize("field", ["held_out__turns", "larger__by_steps", "longer__right"])
def test_a_missing_figure_of_a_set_is_named(folder, field):
    change(folder, **{field: None})
    with pytest.raises(DataError, match=re.escape(f"sft/figures.json: lacks {field.replace('__', '.')}")):
        read_folder(folder)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"arm": "gone"}, "gone of seed 0: no arm is called so"),
        ({"settings": MiniatureSettings(problems=11).of_a_result()}, r"other settings .*\(problems\)"),
        ({"held_out__right": "000"}, "another number of problems"),
    ],
)
def test_runs_that_do_not_go_together_are_no_report(folder, fields, said):
    change(folder, **fields)
    with pytest.raises(DataError, match=said):
        read_folder(folder)


@pytest.mark.parametrize("right", ["zz", 7, None])
def test_broken_verdicts_in_the_one_file_are_named(folder, tmp_path, right):
    path = tmp_path / "figures.json"
    write_file(read_folder(folder), path)
    found = json.loads(path.read_text("utf-8"))
    found["runs"][0]["held_out"]["right"] = right
    path.write_text(json.dumps(found), "utf-8")
    with pytest.raises(DataError, match="holds no figures of this experiment"):
        read_file(path)


@pytest.mark.parametrize("broken", ["{", "[]", '{"arm": "sft"}', '{"held_out": 1}'])
def test_broken_figures_are_named(folder, broken):
    (folder / "seed-0" / "sft" / "figures.json").write_text(broken, "utf-8")
    with pytest.raises(DataError, match=re.escape("sft/figures.json")):
        read_folder(folder)


def test_a_folder_without_figures_is_named(tmp_path):
    with pytest.raises(DataError, match="no arm has figures yet"):
        read_folder(tmp_path)


def test_the_page_has_every_number_says_what_is_missing_and_keeps_what_a_person_wrote(folder, tmp_path):
    results = read_folder(folder)
    page = write_document(results, tmp_path / "docs")
    text = page.read_text("utf-8")
    assert "| SFT | LEMMA | +58.3 [+22.5, +94.2] | +0 | 3 | 0 | 0 |" in text
    assert "| LEMMA | 61.5 % | 12 | 75.0 % | 60.0 % | 9 | 0 | 3 | 0 | 6 | 25.0 % |" in text
    assert "| SFT, votes | Majority of 5 samples at temperature 0.7. | 75.0 % [75.0, 75.0] | 150 | |" in text
    assert "| LEMMA | 10 | 10 | 5 | 6 | 1,000 | 4.1 | 2 |" in text
    assert "RFT (all seeds)" in text and "- **Versions**: torch 2" in text
    page.write_text(text.replace("<!-- discussion -->\n", "<!-- discussion -->\nIt does.\n"), "utf-8")
    assert "\nIt does.\n" in write_document(results, tmp_path / "docs").read_text("utf-8")


def test_arms_that_begin_with_another_one_have_a_table_of_their_own(tmp_path):
    for arm, right in {"sft": "0011", "sft_grpo": "0111"}.items():
        path = tmp_path / "seed-0" / arm / "figures.json"
        path.parent.mkdir(parents=True)
        found = figures(arm, 0, right)
        found["training"] |= {"samples": 3200}
        path.write_text(json.dumps(found), "utf-8")
    text = write_document(read_folder(tmp_path), tmp_path / "docs").read_text("utf-8")
    assert "| SFT, GRPO | SFT | GRPO | 2 | 3,200 | 4,096 | 2 |" in text
    assert text.count("| SFT, GRPO | 10 |") == 0  # rows are what SFT learns from
    assert "40 updates of 64 own answers with TRL's `GRPOTrainer`" in text


def test_a_page_of_another_name_has_its_own_folder_heading_and_command(folder, tmp_path):
    page = write_document(read_folder(folder), tmp_path, "care", "Does it pay?")
    text = page.read_text("utf-8")
    assert page.name == "care.md" and text.startswith("# Does it pay?\n")
    assert "](care/tokens.png)" in text and (tmp_path / "care" / "figures.json").is_file()
    assert (
        '--figures docs/results/care/figures.json --report_dir docs/results --report_name care --report_title "Do'
        in text
    )


@pytest.mark.parametrize("arms", [("student", "student_work"), ("sft",), ("lemma",), ("careful", "spot")])
def test_a_report_of_some_of_the_arms_is_a_report(tmp_path, arms):
    for arm in arms:
        path = tmp_path / "seed-0" / arm / "figures.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(figures(arm, 0, "0011")), "utf-8")
    results = read_folder(tmp_path)
    text = write_document(results, tmp_path / "docs").read_text("utf-8")
    for arm in arms:
        assert f"| {ARMS[arm].title} | {ARMS[arm].about} | 50.0 %" in text and ARMS[arm].title in summary(results)


@pytest.mark.parametrize("marker", ["<!-- discussion -->", "<!-- /discussion -->"])
def test_a_page_whose_part_by_hand_cannot_be_told_is_left_alone(folder, tmp_path, marker):
    results = read_folder(folder)
    page = write_document(results, tmp_path / "docs")
    page.write_text(page.read_text("utf-8").replace(marker, "By hand."), "utf-8")
    before = page.read_bytes()
    with pytest.raises(DataError, match="found 0 such pairs"):
        write_document(results, tmp_path / "docs")
    assert page.read_bytes() == before


def test_the_page_says_which_arm_has_one_seed_alone(folder, tmp_path):
    for seed in (1, 2):
        (folder / f"seed-{seed}" / "lemma_e0" / "figures.json").unlink()
    text = write_document(read_folder(folder), tmp_path / "docs").read_text("utf-8")
    assert "Wilson's over problems where there is one seed: step masked." in text
    assert "step masked 1, step masked 2" in text


def test_the_command_of_the_page_names_what_differs_from_the_defaults_and_no_place(folder):
    command = command_of(read_folder(folder))
    assert command == "python recipes/miniature.py --seeds 0 1 2 --problems 10 --arms sft lemma lemma_e0"


def test_the_terminal_gets_a_table_and_one_example(folder):
    results = read_folder(folder)
    assert re.search(r"LEMMA +83.3 % \[47.5, 100.0\] +100 +12 +9 +0 +6", summary(results))
    assert example(results).splitlines() == [
        "LEMMA, seed 0:  100+11:",
        "    100+11=112;   <- wrong",
        "    !100+11=111;   <- done again: right",
        "    ####111",
    ]


def test_pictures_are_drawn_for_what_there_is(folder, tmp_path):
    assert draw_pictures(read_folder(folder), tmp_path) == ["tokens.png", "weights.png", "confusion.png", "steps.png"]
    assert all((tmp_path / name).read_bytes().startswith(b"\x89PNG") for name in ("tokens.png", "weights.png"))
