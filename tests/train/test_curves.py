"""The picture of the curves: what is in it, where it is saved, and that nothing else is touched."""

import struct
import sys
from math import nan

import pytest

pytest.importorskip("matplotlib")

from matplotlib.figure import Figure

from lemma_hf.train.curves import CurvesCallback, draw_curves

KINDS = ("reasoning", "error", "reflection", "correction")


def log(step: int, prefix: str = "", kinds=KINDS, value: float = 1.0) -> dict:
    figures = {f"{prefix}{kind}_{figure}": value for kind in kinds for figure in ("loss", "accuracy", "entropy")}
    return {"step": step, "epoch": 0.1, **figures}


@pytest.fixture
def drawn(tmp_path, monkeypatch):
    """Draw a history; gives the axes of the figure, by the name of their vertical axis."""
    made = []
    save = Figure.savefig
    monkeypatch.setattr(
        Figure, "savefig", lambda self, *args, **options: (made.append(self), save(self, *args, **options))
    )

    def draw(history) -> dict:
        path = draw_curves(history, tmp_path / "new" / "curves.png")
        width, height = struct.unpack(">II", path.read_bytes()[16:24])  # of the PNG's header
        assert width > 500 and height > 400
        assert all(axes.get_xlabel() == "optimizer steps" for axes in made[-1].axes)
        return {axes.get_ylabel(): axes for axes in made[-1].axes}

    draw.figures = made
    return draw


@pytest.fixture
def trainer_with_curves(make_trainer):
    """A trainer with one such callback, whether or not it brings its own."""

    def make(**options):
        trainer = make_trainer(**options)
        trainer.remove_callback(CurvesCallback)
        trainer.add_callback(CurvesCallback())
        return trainer

    return make


def points(axes) -> list[tuple[list, list, str]]:
    return [(list(line.get_xdata()), list(line.get_ydata()), line.get_linestyle()) for line in axes.get_lines()]


def test_training_is_solid_and_evaluation_dashed_in_the_colour_of_the_kind(drawn):
    panels = drawn([log(10, value=2.0), log(20, value=1.0), log(20, "eval_", value=1.5), {"step": 20, "train_loss": 9}])
    assert list(panels) == ["loss (nats per token)", "share of tokens predicted right", "entropy (nats per token)"]
    train, evaluation = panels["loss (nats per token)"].get_lines()[:2]
    assert points(panels["loss (nats per token)"])[:2] == [([10, 20], [2.0, 1.0], "-"), ([20], [1.5], "--")]
    assert train.get_color() == evaluation.get_color()
    (legend,) = drawn.figures[-1].legends
    assert [text.get_text() for text in legend.get_texts()] == [*KINDS, "training", "evaluation"]


def test_what_the_model_solved_has_a_panel_of_its_own(drawn):
    solved = {"solve_accuracy": 0.25, "solve_reflected": 0.5, "solve_fixed": 0.1, "solve_broken": 0.0}
    panels = drawn([log(10), {"step": 10, **solved}, {"step": 20, **solved, "solve_right_when_reflected": 0.4}])
    axes = panels["share of held-out problems"]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        *("right answers", "outputs that reflect", "right when reflected", "fixed by reflecting"),
        "broken by reflecting",
    ]
    assert points(axes)[0][:2] == ([10, 20], [0.25, 0.25]) and points(axes)[2][:2] == ([20], [0.4])
    assert axes.get_xlim() == panels["loss (nats per token)"].get_xlim()


def test_one_point_is_a_dot(drawn):
    for axes in drawn([log(7)]).values():
        assert [line.get_marker() for line in axes.get_lines()] == ["."] * 4
        assert axes.get_xlim() == (6.5, 7.5)


def test_missing_kinds_are_left_out_and_values_that_are_no_numbers_leave_a_gap(drawn):
    history = [log(1, kinds=("correction",)), log(2, kinds=("correction",), value=nan), log(3, kinds=("correction",))]
    history += [log(4, kinds=("correction",), value=float("inf")), {"step": 5, "correction_loss": "none"}]
    panels = drawn(history)
    ((steps, values, _),) = points(panels["loss (nats per token)"])
    assert steps == [1, 2, 3, 4, 5] and [str(value) for value in values] == ["1.0", "nan", "1.0", "nan", "nan"]
    (legend,) = drawn.figures[-1].legends
    assert [text.get_text() for text in legend.get_texts()] == ["correction"]


@pytest.mark.parametrize("history", [[], [{"step": 1, "loss": 2.0}], [{"reasoning_loss": 1.0}]], ids=str)
def test_a_history_without_spans_gives_no_picture(tmp_path, history):
    assert draw_curves(history, tmp_path / "curves.png") is None
    assert not list(tmp_path.iterdir())


def test_a_run_saves_it_beside_each_checkpoint_and_at_the_end(trainer_with_curves, tmp_path):
    trainer = trainer_with_curves(max_steps=3, save_strategy="steps", save_steps=2)
    trainer.train()
    saved = sorted(str(path.relative_to(tmp_path / "out")) for path in tmp_path.rglob("curves.png"))
    assert saved == ["checkpoint-2/curves.png", "checkpoint-3/curves.png", "curves.png"]
    assert (tmp_path / "out" / "checkpoint-2" / "curves.png").read_bytes() != (
        tmp_path / "out" / "curves.png"
    ).read_bytes()


def test_only_the_first_process_draws(make_trainer, tmp_path):
    trainer = make_trainer(save_strategy="steps")
    trainer.state.log_history = [log(1)]
    for is_first in (False, True):
        trainer.state.is_world_process_zero = is_first
        CurvesCallback().on_train_end(trainer.args, trainer.state, trainer.control)
        assert bool(list(tmp_path.rglob("*.png"))) is is_first


def test_who_saves_nothing_gets_no_picture_either(trainer_with_curves, tmp_path):
    trainer_with_curves(save_strategy="no").train()
    assert not list(tmp_path.rglob("*.png"))


def test_pyplot_and_the_users_backend_are_left_alone(tmp_path):
    import matplotlib
    from matplotlib import pyplot

    mine = pyplot.figure()
    before = (matplotlib.get_backend(), pyplot.get_fignums(), dict(matplotlib.rcParams))
    draw_curves([log(1)], tmp_path / "curves.png")
    assert (matplotlib.get_backend(), pyplot.get_fignums(), dict(matplotlib.rcParams)) == before
    assert pyplot.gcf() is mine
    pyplot.close(mine)


def test_without_matplotlib_one_line_says_so_and_training_goes_on(trainer_with_curves, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)  # as if it could not be imported
    trainer = trainer_with_curves(max_steps=3, save_strategy="steps", save_steps=1)
    trainer.train()
    assert capsys.readouterr().out.count("pip install 'lemma-hf[plot]'") == 1
    assert not list(tmp_path.rglob("*.png")) and (tmp_path / "out" / "checkpoint-3").is_dir()
