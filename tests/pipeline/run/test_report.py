"""The report of a run: what it says, that it is one sound page, and that nothing in it can be more than text."""

import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest

from lemma_hf.errors import DataError
from lemma_hf.inference.endpoint import Usage
from lemma_hf.pipeline import StageCount
from lemma_hf.pipeline.run.report import RunReport, write_report
from lemma_hf.pipeline.run.report_facts import MAX_DETAIL, MAX_TEXT, choose, merge_costs, read_rejects
from lemma_hf.records import Error, Origin, Problem, Span, SpanKind, Strategy, Trajectory
from lemma_hf.taxonomy import ErrorType

VOID = {"meta", "link", "br", "hr", "img", "input", "wbr"}
HOSTILE = (
    "</pre></style></article><script>alert(1)</script><img src=x onerror=alert(1)>\" onload='x' "
    "$title ${x} &amp; &#x3c; ]]><!-- \x00\x07\x1b[31m \u202egnirts\u2066 \u200f\ufeff \u2028 \ud800 \uffff {question}"
)


class Page(HTMLParser):
    """Reads a page strictly: every element is closed in order, and has no attribute twice."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), tag
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert "svg" in self.open, tag
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text.append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def trajectory(
    name: str = "gsm8k/1/fix",
    type_: ErrorType | None = ErrorType.CALCULATION,
    strategy: Strategy | None = Strategy.FIX_AND_CONTINUE,
    origin: Origin | None = Origin.STUDENT,
    text: str = "24 - 9 = 16.\n",
    source: str = "gsm8k",
) -> Trajectory:
    spans = (
        Span(SpanKind.REASONING, "4 * 6 = 24.\n"),
        Span(SpanKind.ERROR, text),
        Span(SpanKind.REFLECTION, "Wait. "),
        Span(SpanKind.CORRECTION, "24 - 9 = 15.\nThe answer is: 15"),
    )
    problem = Problem("1", f"How many pens? {text}", "15", source=source)
    return Trajectory(problem, spans, (Error(type_, 2, origin, strategy),), name)


def right() -> Trajectory:
    return Trajectory(Problem("2", "1 + 1?", "2"), (Span(SpanKind.REASONING, "The answer is: 2"),), id="right")


FUNNEL = [
    StageCount("analyse", 100, 80, dropped={"error_not_found": 15, "call_failed": 5}),
    StageCount("correct", 80, 120, fan_out=2, dropped={"answer_wrong": 40}),
]
COSTS = [
    Usage("analyse", "a-model", 60, 10, Counter({"call_failed": 2}), 1000, 500, 1.25, 0.5, calls=55, new=48),
    Usage("analyse", "a-model", 40, 40, {"call_failed": 3}, 0, 0, 0.0, 2.0),
    Usage("correct", "a-model", 160, 0, Counter(empty=1), 3000, 2500, 4.0, calls=170, new=160),
]


def report(**changes: object) -> RunReport:
    whole = RunReport(
        "Round 1",
        FUNNEL,
        [
            trajectory(),
            trajectory("b", ErrorType.COUNTING, Strategy.FRESH_AND_RESTART, Origin.INJECTED, source="math"),
            right(),
        ],
        student_errors={"calculation": 3, "counting": 1},
        injected_errors={"counting": 20},
        costs=COSTS,
        command="python recipes/make_dataset.py --seed 7",
        began="2026-01-02 03:04 UTC",
        seconds=3723,
        settings={"seed": 7, "outputs": ["a.jsonl"], "limit": float("inf"), "about": ""},
        versions={"prompt fix": "1"},
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def written(tmp_path: Path, what: RunReport) -> tuple[str, Page, dict[str, object]]:
    write_report(what, tmp_path / "report.html", tmp_path / "report.json")
    text = (tmp_path / "report.html").read_text("utf-8")
    return text, Page(text), json.loads((tmp_path / "report.json").read_text("utf-8"))


def said(page: Page) -> str:
    return " ".join(" ".join(page.text).split())


def test_the_page_says_what_happened(tmp_path: Path) -> None:
    _, page, _ = written(tmp_path, report())
    text = said(page)
    assert "Round 1" in text and "2026-01-02 03:04 UTC, took 1 h 02 min" in text and "--seed 7" in text
    assert "100 → 80 (80.0%)" in text and "80 × 2 → 120 (75.0%)" in text
    assert "error not found 15, call failed 5" in text
    assert "$5.25" in text and "$2.50" in text
    # Of 100 requests 50 were stored; of the others 48 replies came, in 55 calls.
    assert "analyse a-model 100 50 48 55 call failed 5" in text and "new replies 208" in text
    # The student's: 3 of 4 were calculation. All that was injected was counting. Kept: one of three each.
    assert "75.0% (3)" in text and "100.0% (20)" in text and "33.3% (1)" in text
    assert "24 - 9 = 16." in text and "error in step 2" in text and "calculation, fix and continue, student" in text
    assert "a.jsonl" in text and "inf" in text


def test_the_bars_are_as_long_as_the_counts(tmp_path: Path) -> None:
    _, page, _ = written(tmp_path, report())
    bars = [(rect["class"], rect["x"], rect["width"]) for rect in page.named("rect")][:4]
    # The widest stage has 160 results due. Analyse: 80 + 20 of 160; correct: 120 + 40 of 160.
    assert bars == [
        ("kept", "0.000%", "50.000%"),
        ("lost", "50.000%", "12.500%"),
        ("kept", "0.000%", "75.000%"),
        ("lost", "75.000%", "25.000%"),
    ]


def test_the_json_has_the_same_facts(tmp_path: Path) -> None:
    _, page, facts = written(tmp_path, report())
    assert (facts["kept"], facts["usd"], facts["usd_saved"], facts["seconds"]) == (3, 5.25, 2.5, 3723)
    assert facts["error_types"] == {
        "student": {"calculation": 3, "counting": 1},
        "injected": {"counting": 20},
        "kept": {"calculation": 1, "counting": 1, "no error": 1},
    }
    assert facts["by_source"] == {"gsm8k": {"calculation": 1}, "math": {"counting": 1}, "not given": {"no error": 1}}
    assert facts["by_strategy"]["fresh_and_restart"] == {"counting": 1}  # type: ignore[index]
    assert facts["settings"] == {"seed": 7, "outputs": ["a.jsonl"], "limit": "inf", "about": ""}
    assert facts["costs"][0] == {  # type: ignore[index]
        "stage": "analyse",
        "model": "a-model",
        "requests": 100,
        "from_store": 50,
        "refused": {"call_failed": 5},
        "prompt_tokens": 1000,
        "completion_tokens": 500,
        "usd": 1.25,
        "usd_saved": 2.5,
        "calls": 55,
        "new": 48,
    }
    assert facts["costs"][1]["refused"] == {"empty": 1}  # type: ignore[index]
    assert [stage["left"] for stage in facts["funnel"]] == [80, 120]  # type: ignore[attr-defined]
    text = said(page)
    for example in facts["examples"]:  # type: ignore[attr-defined]
        assert all(" ".join(span.split()) in text for _, span in example["spans"])


def test_it_is_one_page_that_needs_nothing_else(tmp_path: Path) -> None:
    text, page, _ = written(tmp_path, report())
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    names = {name for _, attributes in page.elements for name in attributes}
    assert not {name for name in names if name.startswith("on")} and not names & {"src", "srcset", "style"}
    assert not re.search(r"url\(|@import|https?://", text)
    policy = [meta["content"] for meta in page.named("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]


def test_it_can_be_found_one_s_way_through_without_seeing_it(tmp_path: Path) -> None:
    text, page, _ = written(tmp_path, report())
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(set(ids)) == len(ids)
    assert [link["href"] for link in page.named("a")] == [f"#{name}" for name in ids]
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert len(page.named("table")) == len(page.named("caption")) > 5
    assert all(cell.get("scope") in ("col", "row") for cell in page.named("th"))
    assert all(bar.get("aria-hidden") == "true" for bar in page.named("svg"))
    assert page.named("html") == [{"lang": "en"}]
    assert "width=device-width" in text and "prefers-color-scheme: dark" in text
    # Each colour of a span stands beside its name.
    kinds = [attributes["class"] for _, attributes in page.elements if attributes.get("class") == "kind"]
    assert len(kinds) == 4 + 4 + 1


def colours() -> Iterator[dict[str, str]]:
    style = files("lemma_hf.pipeline.run").joinpath("report.html").read_text("utf-8")
    for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL):
        yield dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_every_ink_can_be_read_on_its_ground_by_day_and_by_night() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    themes = list(colours())
    assert len(themes) == 2
    used = set(
        re.findall(r"var\(--([\w-]+)\)", files("lemma_hf.pipeline.run").joinpath("report.html").read_text("utf-8"))
    )
    assert used == themes[0].keys() == themes[1].keys()
    for theme in themes:
        pairs = [(ink, ground) for ink in ("ink", "quiet", "link") for ground in ("ground", "panel")]
        for kind in SpanKind:
            pairs += [("ink", str(kind)), (f"{kind}-ink", str(kind))]
        for ink, ground in pairs:
            assert contrast(theme[ink], theme[ground]) >= 4.5, (ink, ground, theme)
        for bar in ("kept", "student", "injected", "in-rows"):
            assert contrast(theme[bar], theme["ground"]) >= 3, (bar, theme)


def test_hostile_text_is_text_and_nothing_more(tmp_path: Path) -> None:
    def everywhere(text: str) -> RunReport:
        rejects = tmp_path / "rejects.jsonl"
        row = {"id": text, "stage": f"s{text}", "reason": "empty", "detail": text}
        rejects.write_text(json.dumps(row) + "\n", "utf-8")
        return report(
            title=f"t{text}",
            funnel=[StageCount(f"s{text}", 2, 1, dropped={"empty": 1})],
            trajectories=[trajectory(f"id{text}", text=f"e{text}", source=f"g{text}")],
            student_errors={f"x{text}": 1},
            injected_errors={f"x{text}": 1},
            costs=[Usage(f"s{text}", f"m{text}", 1, 0, {f"r{text}": 1})],
            rejects=rejects,
            outcome=f"o{text}",
            command=f"c{text}",
            began=f"b{text}",
            settings={f"n{text}": f"v{text}", "list": [text]},
            versions={f"n{text}": f"v{text}"},
        )

    harmless, tame, _ = written(tmp_path, everywhere("word"))
    text, wild, facts = written(tmp_path, everywhere(HOSTILE))
    assert [(tag, sorted(attributes)) for tag, attributes in wild.elements] == [
        (tag, sorted(attributes)) for tag, attributes in tame.elements
    ]
    assert "U+202E" not in harmless and "⟨U+202E⟩gnirts⟨U+2066⟩" in text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\uffff]", text)
    assert facts["title"] == f"t{HOSTILE}"
    assert facts["losses"][0]["examples"] == [{"id": HOSTILE, "detail": HOSTILE}]  # type: ignore[index]


def test_a_text_of_a_megabyte_is_shortened_in_both_files(tmp_path: Path) -> None:
    huge = "<" * 1_000_000
    rejects = tmp_path / "rejects.jsonl"
    rejects.write_text(
        json.dumps({"id": huge[:900], "stage": "analyse", "reason": "call_failed", "detail": huge[:99_000]})
    )
    text, page, _ = written(
        tmp_path,
        report(
            trajectories=[trajectory(huge, text=huge, source=huge)], rejects=rejects, outcome=huge, settings={"x": huge}
        ),
    )
    assert "1,000,000 characters in all" in said(page)
    assert f"{'<' * MAX_DETAIL} … (900 characters in all)" in said(page)
    assert len(text) < 4 * 5 * (MAX_TEXT + 1000) + 60_000
    assert (tmp_path / "report.json").stat().st_size < 60_000


def test_examples_of_the_losses_come_from_the_rejects(tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.jsonl"
    rows = [{"id": f"i{n}", "stage": "analyse", "reason": "call_failed", "detail": f"d{n}"} for n in range(5)]
    lines = [json.dumps(row) for row in rows]
    rejects.write_text("\n".join([*lines, "[1]", "[" * 100_000, "x" * 2_500_000, '{"id": "torn', ""]), "utf-8")
    found, unreadable = read_rejects(rejects, 3)
    assert [item.id for item in found["analyse", "call_failed"]] == ["i0", "i1", "i2"]
    assert unreadable == 4
    _, page, facts = written(tmp_path, report(rejects=rejects))
    assert "analyse: call failed 5" in said(page) and "i2 d2" in said(page)
    assert "4 lines of the file of rejects cannot be read" in said(page)
    assert [(loss["reason"], loss["count"], len(loss["examples"])) for loss in facts["losses"]] == [  # type: ignore[attr-defined]
        ("error_not_found", 15, 0),
        ("call_failed", 5, 3),
        ("answer_wrong", 40, 0),
    ]
    assert read_rejects(tmp_path / "nowhere.jsonl", 3) == ({}, 0)


def test_examples_are_of_all_kinds_and_the_same_each_time() -> None:
    many = [trajectory(f"many-{n}") for n in range(200)]
    few = [
        trajectory("restart", strategy=Strategy.FRESH_AND_RESTART),
        trajectory("injected", origin=Origin.INJECTED),
        trajectory("untold", type_=None, strategy=None, origin=None),
        right(),
    ]
    chosen = choose([*many, *few], 12)
    assert len({item.id for item in chosen}) == 12
    assert {item.id for item in few} <= {item.id for item in chosen}
    shuffled = random.Random(0).sample([*many, *few], 204)
    assert [item.id for item in choose(shuffled, 12)] == [item.id for item in chosen]
    assert choose(few, 2) != [] == choose([], 12)


def test_costs_of_a_stage_are_added_up() -> None:
    first, second = merge_costs(COSTS)
    assert (first.requests, first.from_store, first.refused, first.usd_saved) == (100, 50, {"call_failed": 5}, 2.5)
    assert second == COSTS[2]


def test_a_run_of_which_nothing_is_known_has_a_page_too(tmp_path: Path) -> None:
    _, page, facts = written(tmp_path, RunReport("Nothing", outcome="stopped: the budget is spent"))
    assert "stopped: the budget is spent" in said(page)
    assert page.named("section") == [] and facts["kept"] == 0


def test_many_sources_are_cut_to_the_largest(tmp_path: Path) -> None:
    rows = [trajectory(f"{n}", source=f"source {n:02}") for n in range(60)]
    _, page, facts = written(tmp_path, report(trajectories=[*rows, trajectory("more", source="source 59")]))
    assert "the 40 largest; 20 more are in the JSON file" in said(page)
    sources = list(facts["by_source"])  # type: ignore[call-overload]
    assert sources[:2] == ["source 59", "source 00"] and len(sources) == 60


def test_a_place_that_cannot_be_written_is_a_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(DataError, match="the report cannot be written"):
        write_report(report(), tmp_path / "file" / "report.html", tmp_path / "report.json")
    (tmp_path / "report.html").mkdir()
    with pytest.raises(DataError, match="the report cannot be written"):
        write_report(report(), tmp_path / "report.html", tmp_path / "report.json")
