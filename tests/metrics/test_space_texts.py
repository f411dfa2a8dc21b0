import re
import sys
from pathlib import Path

import pytest
from seen_html import Seen

import lemma_hf.grading
from lemma_hf import extract_answer
from lemma_hf.errors import ConfigError, MissingDependencyError
from lemma_hf.grading._structure import AnswerKind
from lemma_hf.metrics import METRICS, metric_path
from lemma_hf.metrics.space import build_space
from lemma_hf.metrics.space._claim import claim_span
from lemma_hf.metrics.space._examples import EXAMPLES
from lemma_hf.metrics.space._limits import LONGEST_OUTPUT, LONGEST_REFERENCE
from lemma_hf.metrics.space._parts import marked
from lemma_hf.metrics.space._rules import RULES, rule_parts
from lemma_hf.metrics.space._verdict import graded, reflected
from lemma_hf.utils.redaction import escape_html

HOSTILE = "<script>alert(1)</script><img src=x onerror='alert(1)'> \"' &lt; \\boxed{<b>7</b>}"


@pytest.mark.parametrize("judge", [graded, reflected])
def test_hostile_text_comes_out_as_text(judge):
    html, _ = judge(f"7. Wait, that is wrong. {HOSTILE}", HOSTILE, "math")
    seen = Seen(html)
    assert not {"script", "img"} & set(seen.tags) and "<b>7" not in html
    assert seen.attributes <= {"class", "role", "aria-hidden", "aria-label", "tabindex"}
    assert "<script>alert(1)</script><img src=x onerror='alert(1)'> \"' &lt; \\boxed{<b>7</b>}" in seen.text


def test_what_cannot_be_seen_is_shown_by_its_number():
    assert escape_html("7\u202e\u200b\x00\ud800\n\t") == "7⟨U+202E⟩⟨U+200B⟩⟨U+0000⟩⟨U+D800⟩\n\t"


def test_a_long_text_is_shown_around_its_claim_only():
    text = "a" * 5000 + "\\boxed{7}" + "b" * 5000
    seen = Seen(marked(text, claim_span(text, "7", "boxed>number")))
    # 2,000 characters before the claim and 800 behind it.
    assert seen.text == f"… 3,000 characters …{'a' * 2000}\\boxed{{7}}{'b' * 800}… 4,200 characters …"


@pytest.mark.parametrize(
    ("output", "claim"),
    [
        (r"\boxed{7} took 7 minutes", r"\boxed{7}"),
        (r"\boxed{62}. Wait, no: \boxed{72}", r"\boxed{72}"),
        (r"\boxed{\frac{1}{2}}", r"\boxed{\frac{1}{2}}"),
        ("8 * 9 = 72\n#### 72", "#### 72"),
        ("The answer is 72, which took 72 minutes.\nAnswer me", "answer is 72"),
        ("Answer: 5", "Answer: 5"),
        ('{"answer": "5"}', '"answer": "5'),
        ("So there are 5 pens and 6 boxes.", "6"),
        ("72", "72"),
        (r"It is 18. No, \boxed{20", r"\boxed{20"),
    ],
)
def test_the_claim_is_marked_where_it_was_read(output, claim):
    found = extract_answer(output)
    start, end = claim_span(output, found.text, found.rule)
    assert output[start:end].lower().startswith(claim.lower())


def test_nothing_is_marked_where_nothing_is_claimed():
    found = extract_answer("I do not know what to do here.")
    assert claim_span("I do not know what to do here.", found.text, found.rule) is None


def test_every_rule_that_the_grader_knows_is_explained():
    """The names as they stand in the sources, so that a new rule is missed here."""
    sources = "".join(path.read_text() for path in Path(lemma_hf.grading.__file__).parent.rglob("*.py"))
    verdicts = re.findall(r'(?:_verdict|Verdict)\(.*?, "(\w+)"\)', sources)
    claims = re.findall(r'(?:Claim|Extraction)\(.*?, "([\w#]+)"\)', sources)
    assert {"probing", "symbolic", "percent"} <= set(verdicts) and {"boxed", "json", "whole"} <= set(claims)
    inner = {"memory", "warm"}  # of the worker, and never in a verdict
    assert {*verdicts, *claims, *map(str, AnswerKind)} - inner <= RULES.keys()
    assert rule_parts("boxed>tuple_shape")[1] == ("tuple_shape", "their shapes differ")


@pytest.mark.parametrize("judge", [graded, reflected])
def test_what_is_too_long_is_refused_and_not_cut(judge):
    assert judge("1" * LONGEST_OUTPUT, "1", "math")
    with pytest.raises(ConfigError, match=r"output has 20,001 characters.*at most 20,000"):
        judge("1" * (LONGEST_OUTPUT + 1), "1", "math")
    with pytest.raises(ConfigError, match=r"reference answer has 3,001 characters"):
        judge("1", "1" * (LONGEST_REFERENCE + 1), "math")
    with pytest.raises(ConfigError, match="benchmark has 41"):
        judge("1", "1", "m" * 41)
    with pytest.raises(ConfigError, match="must be text, but it is NoneType"):
        judge(None, "1", "math")


def test_the_examples_of_the_graders_show_each_outcome_once_at_least():
    outcomes = {
        graded(each.output, each.reference, "aqua" if each.choices else "math")[1]["outcome"]
        for each in (*EXAMPLES["lemma_math"], *EXAMPLES["lemma_gsm8k"])
    }
    assert outcomes == {"right", "wrong", "no_answer", "unreadable_reference"}


def test_the_examples_of_self_correction_show_what_their_buttons_say():
    changes = {
        each.label: reflected(each.output, each.reference, "math")[1]["change"] for each in EXAMPLES["lemma_reflection"]
    }
    assert changes["Corrects itself"] == "fixed" and changes["Breaks a right answer"] == "broken"
    assert changes["Turns before it answers"] == "unclear" and changes["Never turns"] == "none"


def test_a_page_without_gradio_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "gradio", None)  # as where it is not installed
    with pytest.raises(MissingDependencyError, match=r"lemma-hf\[space\]"):
        build_space("lemma_math")
    with pytest.raises(ConfigError, match="lemma_gsm8k"):
        build_space("lemma_chess")


@pytest.mark.parametrize("name", METRICS)
def test_the_card_names_an_app_that_is_there_and_the_gradio_it_was_tested_with(name):
    gradio = pytest.importorskip("gradio")
    yaml = pytest.importorskip("yaml")
    folder = Path(metric_path(name))
    card = yaml.safe_load((folder / "README.md").read_text(encoding="utf-8").split("---")[1])
    assert card["sdk"] == "gradio" and (folder / card["app_file"]).is_file()
    assert card["sdk_version"] == gradio.__version__
    assert len(card["short_description"]) <= 60  # what the Hub allows
    assert {"evaluate", "metric"} <= set(card["tags"]) and card["python_version"] == "3.11"
