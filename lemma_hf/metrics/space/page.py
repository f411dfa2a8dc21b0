"""Page of a metric, put together and opened with gradio: texts on one side, the verdict on the other."""

import os
import threading
from functools import partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from lemma_hf.errors import ConfigError, LemmaError, MissingDependencyError
from lemma_hf.grading import grade_many
from lemma_hf.metrics import METRICS
from lemma_hf.metrics.space._examples import EXAMPLES, Example
from lemma_hf.metrics.space._limits import AT_ONCE, LARGEST_BODY, WAITING, BodyLimit
from lemma_hf.metrics.space._verdict import Judge, graded, reflected, refused
from lemma_hf.utils.extras import how_to_install

if TYPE_CHECKING:
    import gradio as gr

_CHOICES = "aqua"
"""A benchmark whose policy is multiple choice."""
_BENCHMARKS = {"lemma_gsm8k": "gsm8k", "lemma_math": "math", "lemma_reflection": "math"}
_TITLES = {
    "lemma_gsm8k": ("LEMMA grader for GSM8K", "Is the answer of this word problem right, and why?"),
    "lemma_math": ("LEMMA grader for MATH", "Is this answer right, and why?"),
    "lemma_reflection": ("LEMMA self-correction", "What did second thoughts do to the answer?"),
}
_SHOW_VERDICT = "() => document.getElementById('verdict').scrollIntoView({block: 'nearest', behavior: 'smooth'})"
"""On a phone the verdict stands below the texts."""


class _Controls(NamedTuple):
    """Controls of a page, as gradio's components."""

    texts: list[Any]
    """Output, reference and benchmark."""
    button: Any
    tries: list[tuple[Any, Example]]
    verdict: Any


def build_space(name: str) -> "gr.Blocks":
    """Build the page of a metric, for `launch`; `run_space` does both.

    Raises:
        ConfigError: if there is no metric of that name.
        MissingDependencyError: if gradio is not installed.
    """
    if name not in METRICS:
        raise ConfigError(f"no metric is called {name!r}; there are {', '.join(METRICS)}")
    gr = _gradio()
    judge: Judge = reflected if name == "lemma_reflection" else graded
    title, question = _TITLES[name]
    first = EXAMPLES[name][0]
    with gr.Blocks(title=title, analytics_enabled=False) as page:
        gr.HTML(f'<header class="lemma-head"><h1>{title}</h1><p>{question}</p></header>')
        with gr.Row(equal_height=False):
            with gr.Column(min_width=300):
                texts = _texts(gr, name, first)
                button = gr.Button("Grade", variant="primary", elem_id="grade")
                gr.HTML('<h2 class="lemma-try">Try one</h2>')
                with gr.Row(elem_classes="lemma-examples"):
                    tries = [(gr.Button(each.label, size="sm", min_width=90), each) for each in EXAMPLES[name]]
            with gr.Column(min_width=300):
                verdict = gr.HTML(_page_of(judge, *_values(name, first)), elem_id="verdict")
        _wire(gr, judge, name, _Controls(texts, button, tries, verdict))
    page.queue(max_size=WAITING, default_concurrency_limit=AT_ONCE)
    return page


def run_space(name: str) -> None:
    """Open the page of a metric and serve it until the process ends; raises as `build_space` does.

    The address and the port are gradio's: `GRADIO_SERVER_NAME` and `GRADIO_SERVER_PORT`.
    """
    page = build_space(name)
    gr = _gradio()
    from starlette.middleware import Middleware

    threading.Thread(target=_warm_up, name="lemma-hf warming up", daemon=True).start()
    page.launch(
        theme=_theme(gr),
        css=(files("lemma_hf.metrics.space") / "space.css").read_text(encoding="utf-8"),
        footer_links=["api", "gradio"],
        share=False,
        run_history=False,  # otherwise the browser would keep the pasted texts
        ssr_mode=False,  # it needs Node.js, and a page this small gains nothing
        enable_monitoring=False,
        max_file_size=LARGEST_BODY,
        app_kwargs={"middleware": [Middleware(BodyLimit)]},
    )


def _gradio() -> Any:
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # importing it would ask the network
    try:
        import gradio
    except ImportError:
        raise MissingDependencyError(f"this page needs gradio: {how_to_install('gradio')}") from None
    return gradio


def _theme(gr: Any) -> Any:
    """Make a theme with the fonts of the reader's machine, and a button dark enough for white letters."""
    fonts = {"font": ["system-ui", "sans-serif"], "font_mono": ["ui-monospace", "monospace"]}
    blue = {f"button_primary_background_fill{each}": "*primary_700" for each in ("", "_dark")}
    hovered = {f"button_primary_background_fill_hover{each}": "*primary_800" for each in ("", "_dark")}
    return gr.themes.Default(primary_hue="blue", **fonts).set(**blue, **hovered)


def _texts(gr: Any, name: str, first: Example) -> list[Any]:
    output, reference, benchmark = _values(name, first)
    return [
        # No maximal length here: the browser would cut off the end of a pasted text, where the answer is.
        gr.Textbox(output, label="Output of the model", lines=8, max_lines=16, elem_id="output"),
        gr.Textbox(reference, label="Reference answer", lines=1, max_lines=4, elem_id="reference"),
        gr.Radio(
            [("Mathematics", _BENCHMARKS[name]), ("Multiple choice", _CHOICES)],
            value=benchmark,
            label="Answers are read as",
            elem_id="benchmark",
        ),
    ]


def _wire(gr: Any, judge: Judge, name: str, there: _Controls) -> None:
    """Connect the controls: clicks, Shift+Enter, and the API for programs."""
    hidden = {"api_visibility": "private", "concurrency_id": "grading", "concurrency_limit": AT_ONCE}
    asking = [there.button.click, *(box.submit for box in there.texts[:2])]
    asked = gr.on(asking, partial(_page_of, judge), there.texts, there.verdict, **hidden)
    asked.then(None, js=_SHOW_VERDICT)
    for tried, example in there.tries:
        shown = tried.click(partial(_try, judge, _values(name, example)), None, [*there.texts, there.verdict], **hidden)
        shown.then(None, js=_SHOW_VERDICT)

    def grade(output: str, reference: str, benchmark: str = _BENCHMARKS[name]) -> dict[str, Any]:
        """Return the verdict on an output, as plain values."""
        try:
            return judge(output, reference, benchmark)[1]
        except LemmaError as error:
            raise gr.Error(str(error), print_exception=False) from None

    gr.api(grade, api_name="grade", concurrency_id="grading", concurrency_limit=AT_ONCE)


def _values(name: str, example: Example) -> tuple[str, str, str]:
    return example.output, example.reference, _CHOICES if example.choices else _BENCHMARKS[name]


def _page_of(judge: Judge, output: Any, reference: Any, benchmark: Any) -> str:
    """Return the verdict as HTML, or the reason why there is none."""
    try:
        return judge(output, reference, benchmark)[0]
    except LemmaError as error:
        return refused(error)


def _try(judge: Judge, values: tuple[str, str, str]) -> tuple[str, str, str, str]:
    return (*values, _page_of(judge, *values))


def _warm_up() -> None:
    """Start a worker process before the first visitor has to wait for it."""
    grade_many([r"\boxed{\int_0^1 x^2 dx}"], [r"\frac{1}{3}"], workers=1)
