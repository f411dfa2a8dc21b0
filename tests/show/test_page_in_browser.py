"""Is the page what it is meant to be? In a real Chromium, from a file, with keys and eyes."""

import base64
import gzip
import json
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from show_browser import wait_for
from show_samples import HOSTILE, OUTPUTS, write

import lemma_hf
from lemma_hf.records import Dropped, DropReason, SpanKind
from lemma_hf.show import Item, html_page, read_items

Open = Callable[..., Any]


@pytest.fixture(scope="session")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> list[Item]:
    return list(read_items(write(tmp_path_factory.mktemp("rows") / "out.jsonl", OUTPUTS)).items)


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> list[Item]:
    return list(read_items(write(tmp_path_factory.mktemp("rows") / "out.jsonl", HOSTILE)).items)


@pytest.fixture(scope="session")
def trajectories() -> list[Item]:
    return list(read_items(lemma_hf.DATASET_DIR, limit=300).items)


def count(page: Any) -> str:
    return str(page.find_element("id", "count").text)


def title(page: Any) -> str:
    """Of the row that is shown."""
    return str(page.find_element("id", "row-title").text)


def listed(page: Any) -> list[str]:
    return [str(node.get_attribute("textContent")) for node in page.find_elements("css selector", "#list .id")]


def search(page: Any, text: str, then: str) -> None:
    field = page.find_element("id", "query")
    field.clear()
    field.send_keys(text)
    wait_for(page, f"return document.getElementById('count').textContent === {json.dumps(then)}")


def choose(page: Any, label: str, value: str) -> None:
    """Set a filter as a person does: by its label, and by the text of an option, whose count may be anything."""
    from selenium.webdriver.support.ui import Select

    name = page.find_element("xpath", f"//label[starts-with(., '{label}')]").get_attribute("for")
    select = Select(page.find_element("id", name))
    select.select_by_visible_text(
        next(each.text for each in select.options if re.sub(r" \([\d,]+\)$", "", each.text) == value)
    )


def options(page: Any, label: str) -> list[str]:
    name = page.find_element("xpath", f"//label[starts-with(., '{label}')]").get_attribute("for")
    return [each.text for each in page.find_elements("css selector", f"#{name} option")]


def press(page: Any, *keys: str) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    for key in keys:
        ActionChains(page).send_keys(key).perform()


def complaints(page: Any) -> list[str]:
    """What the browser says was wrong, such as a script that the policy stopped."""
    return [entry["message"] for entry in page.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]


def test_spans_stand_in_order_with_their_names_and_weights(open_page: Open, outputs: list[Item]) -> None:
    page = open_page(outputs, "#a/1", weights=dict.fromkeys(SpanKind, 1.0) | {SpanKind.ERROR: 0.25})
    spans = [node.text.split("\n") for node in page.find_elements("css selector", ".spans li")]
    assert [(span[0], span[-1].strip()) for span in spans] == [
        ("Error", "9 * 7 = 62."),
        ("Reflection", "Wait, that is wrong."),
        ("Correction", "9 * 7 = 63. The answer is: 63"),
    ]
    assert spans[0][1] == "weight 0.25" and spans[1][1] == "weight 1"
    assert "Error · weight 0.25" in page.find_element("id", "legend").text
    assert not complaints(page)


def test_filters_leave_the_rows_that_match_and_count_the_others(open_page: Open, outputs: list[Item]) -> None:
    page = open_page(outputs)
    assert count(page) == "8 rows"
    assert options(page, "Verdict") == ["any (8)", "no answer (1)", "right (4)", "wrong (3)"]
    choose(page, "Verdict", "wrong")
    assert (count(page), listed(page)) == ("3 of 8 rows", ["a/2", "c/2", "d/2"])
    # Counts of another filter are of what is left; of this one, of what it would leave if it were set otherwise.
    assert options(page, "Subject") == ["any (3)", "Counting (0)", "Other (2)", "Products (1)"]
    assert options(page, "Verdict") == ["any (8)", "no answer (1)", "right (4)", "wrong (3)"]
    choose(page, "Subject", "Products")
    assert (count(page), listed(page), title(page)) == ("1 of 8 rows", ["a/2"], "a/2")
    choose(page, "Verdict", "no answer")
    assert count(page) == "0 of 8 rows"
    assert page.find_element("id", "nothing").is_displayed()
    page.find_element("id", "clear").click()
    assert count(page) == "8 rows"
    assert page.switch_to.active_element.get_attribute("id") == "query"


def test_trajectories_filter_by_error_type_and_strategy(open_page: Open, trajectories: list[Item]) -> None:
    page = open_page(trajectories)
    choose(page, "Error type", "calculation")
    choose(page, "Strategy", "fresh and restart")
    wanted = [
        item.id
        for item in trajectories
        if (str(item.errors[0].type), str(item.errors[0].strategy)) == ("calculation", "fresh_and_restart")
    ]
    assert wanted and count(page) == f"{len(wanted)} of 300 rows"
    assert listed(page)[:5] == wanted[:5]


def test_search_needs_all_words_in_any_case_or_a_phrase_in_quotes(open_page: Open, outputs: list[Item]) -> None:
    page = open_page(outputs)
    search(page, "EGGS idea", "1 of 8 rows")
    assert listed(page) == ["b/2"]
    assert [node.text for node in page.find_elements("css selector", "#detail mark")] == ["eggs", "idea"]
    search(page, '"what is 9"', "2 of 8 rows")
    search(page, '"is what"', "0 of 8 rows")
    search(page, "\\boxed{", "2 of 8 rows")  # no pattern, just text
    search(page, ".*", "0 of 8 rows")
    search(page, "c/2", "1 of 8 rows")  # an id is found too


def test_keys_move_search_and_help(open_page: Open, outputs: list[Item]) -> None:
    from selenium.webdriver.common.keys import Keys

    page = open_page(outputs)
    assert title(page) == "a/1"
    press(page, "j", "j", Keys.ARROW_DOWN)
    assert title(page) == "b/2"
    press(page, "k", Keys.ARROW_UP)
    assert title(page) == "a/2"
    focus = page.switch_to.active_element
    assert focus.get_attribute("aria-current") == "true" and "a/2" in focus.text
    assert page.execute_script("return getComputedStyle(document.activeElement).outlineStyle") != "none"
    press(page, "G")
    assert title(page) == "d/2"
    press(page, "j")  # there is no more
    assert title(page) == "d/2"
    press(page, Keys.ENTER)
    wait_for(page, "return document.activeElement.id === 'row-title'")
    press(page, Keys.ESCAPE, "/")
    assert page.switch_to.active_element.get_attribute("id") == "query"
    press(page, "j", "?")  # in the search field these are letters
    wait_for(page, "return document.getElementById('count').textContent === '0 of 8 rows'")
    press(page, Keys.ESCAPE)
    assert count(page) == "8 rows"
    press(page, Keys.ESCAPE, "?")
    assert page.find_element("id", "help").is_displayed()
    press(page, Keys.ESCAPE)
    assert not page.find_element("id", "help").is_displayed()


def test_single_keys_can_be_switched_off(open_page: Open, outputs: list[Item]) -> None:
    page = open_page(outputs)
    page.find_element("id", "ask").click()
    page.find_element("id", "keys").click()
    page.find_element("css selector", "#help button").click()
    press(page, "j", "?")
    assert title(page) == "a/1" and not page.find_element("id", "help").is_displayed()


def test_a_link_opens_its_row_and_its_filters(open_page: Open, outputs: list[Item]) -> None:
    page = open_page(outputs, "#c/2?Verdict=wrong&q=zebra")
    assert (title(page), count(page), listed(page)) == ("c/2", "1 of 8 rows", ["c/2"])
    page.find_element("id", "clear").click()
    page.find_element("css selector", "#list li:nth-child(2) a").click()
    assert page.execute_script("return location.hash") == "#a/2"
    page.back()
    wait_for(page, "return document.getElementById('row-title').textContent === 'c/2'")
    assert title(open_page(outputs, "#no/such")) == "No row is called no/such."


@pytest.mark.parametrize("at", range(len(HOSTILE)))
def test_hostile_rows_are_only_text(open_page: Open, hostile: list[Item], at: int) -> None:
    from urllib.parse import quote

    page = open_page(
        hostile, f"#{quote(hostile[at].id)}", dropped=[Dropped(HOSTILE[0]["id"], "show", DropReason.BAD_ROW, "<b>")]
    )
    assert count(page) == "6 rows"
    assert page.find_element("id", "row-title").get_attribute("textContent") == hostile[at].id
    choose(page, "Verdict", "right")
    search(page, "<img", "0 of 6 rows")
    assert page.execute_script(
        "return window.pwned === undefined && document.querySelectorAll('img, #detail script').length === 0"
    )
    assert page.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    assert not complaints(page)


def test_signs_that_cannot_be_seen_are_named(open_page: Open, hostile: list[Item]) -> None:
    page = open_page(hostile, "#javascript%3Awindow.pwned%3D1")
    assert page.find_element("css selector", ".spans .text").text == (
        "⟨U+202E⟩gnorw⟨U+2028⟩⟨U+2029⟩⟨U+0000⟩⟨U+001B⟩[31m⟨U+D800⟩"
    )


def test_the_policy_stops_a_script_that_is_not_the_pages_own(browser: Any, outputs: list[Item], tmp_path: Path) -> None:
    # As if something had not been escaped: the page's policy is the second wall.
    smuggled = "<script>window.pwned = 1</script><img src=x onerror='window.pwned = 1'></header>"
    path = tmp_path / "page.html"
    path.write_text(html_page(outputs, "made up").replace("</header>", smuggled), encoding="utf-8")
    browser.get(path.as_uri())
    wait_for(browser, "return document.getElementById('count').textContent === '8 rows'")
    assert browser.execute_script("return [window.pwned, document.images.length]") == [None, 1]
    stopped = complaints(browser)
    assert sum("Content Security Policy" in each for each in stopped) == 3, stopped  # script, image and its handler
    refused = "try { document.body.innerHTML = '<b>'; return false; } catch (error) { return /Trusted/.test(error); }"
    assert browser.execute_script(refused)
    # Nor can a script make itself a policy that lets HTML through.
    refused = "try { trustedTypes.createPolicy('own', {}); return false; } catch (error) { return true; }"
    assert browser.execute_script(refused)


def test_the_data_can_close_no_tag_and_holds_the_rows(hostile: list[Item]) -> None:
    page = html_page(hostile, "</title><script>", note="<b>")
    (data,) = re.findall(r'<script type="application/octet-stream" id="data">([^<]*)</script>', page)
    assert re.fullmatch(r"[A-Za-z0-9+/=]+", data)
    rows = json.loads(gzip.decompress(base64.b64decode(data)))["rows"]
    assert [row[0] for row in rows] == [item.id for item in hostile]
    assert page.count("<script") == 2 and "<title>&lt;/title&gt;" in page
    assert not re.search(r"""(src|href)\s*=\s*["']?(https?:)?//|@import|url\(""", page)


def test_ten_thousand_rows_do_not_lag(open_page: Open, trajectories: list[Item], record_property: Any) -> None:
    items = [replace(trajectories[n % 300], id=f"row/{n}") for n in range(10_000)]
    page = open_page(items)
    assert count(page) == "10,000 rows"
    assert len(listed(page)) < 60  # only those near the window are in the page
    timed = """
        const done = arguments[0], field = document.getElementById('query'), start = performance.now();
        const before = document.getElementById('count').textContent;
        field.value = 'the answer 9999'; field.dispatchEvent(new Event('input'));
        const look = () => document.getElementById('count').textContent === before
            ? setTimeout(look) : done(performance.now() - start);
        look();
    """
    took = page.execute_async_script(timed)
    record_property("search_ms", took)
    assert took < 1_000  # a tenth of that on a machine that does nothing else
    assert (count(page), listed(page)) == ("1 of 10,000 rows", ["row/9999"])
    page.find_element("id", "clear").click()
    press(page, "\ue00c", "G")  # Escape leaves the field
    assert title(page) == "row/9999"
    link = page.switch_to.active_element
    assert "row/9999" in link.text and page.execute_script(
        "const box = document.activeElement.getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight"
    )
    assert link.find_element("xpath", "..").get_attribute("aria-posinset") == "10000"
    page.execute_script("scrollTo(0, 400000)")
    wait_for(
        page,
        "return [...document.querySelectorAll('#list li')].some((li) => {"
        "const top = li.getBoundingClientRect().top; return top > 0 && top < innerHeight; })",
    )
    assert len(listed(page)) < 60


@pytest.mark.parametrize("address", ["", "#a/1", "#row-of-a-name-that-is-long"])
def test_a_phone_shows_the_list_or_a_row_and_nothing_sideways(
    open_page: Open, outputs: list[Item], address: str
) -> None:
    page = open_page(
        [*outputs, replace(outputs[0], id="row-of-a-name-that-is-long" * 9)], address, width=360, height=740
    )
    assert page.execute_script("return document.documentElement.scrollWidth <= 360")
    if address == "#a/1":
        assert not page.find_element("id", "list").is_displayed()
        page.find_element("link text", "← All rows").click()
        wait_for(page, "return document.getElementById('list').checkVisibility()")
        assert not page.find_element("id", "detail").is_displayed()
        assert "a/1" in page.switch_to.active_element.text  # back where one was
        page.switch_to.active_element.click()
        wait_for(page, "return document.activeElement.id === 'row-title'")  # read on from there
    if address == "":
        page.find_element("css selector", "#filters summary").click()
        choose(page, "Verdict", "wrong")
        assert listed(page)[0] == "a/2"
        assert page.execute_script("return document.documentElement.scrollWidth <= 360")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_a_contrast_of_at_least_four_and_a_half(
    open_page: Open, outputs: list[Item], scheme: str
) -> None:
    page = open_page(outputs, "#a/1?q=wrong")
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    try:
        found = page.execute_script("""
            const solid = (node) => {
                for (; node; node = node.parentElement) {
                    const ground = getComputedStyle(node).backgroundColor;
                    if (!/, 0\\)$/.test(ground)) return ground;
                }
            };
            return [...document.querySelectorAll('body *')].filter((node) => node.checkVisibility()
                && [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim()))
                .map((node) => [node.className || node.tagName, getComputedStyle(node).color, solid(node)]);
        """)
        ground = page.execute_script("return getComputedStyle(document.body).backgroundColor")
    finally:
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert (luminance(ground) > 0.5) is (scheme == "light")
    assert len(found) > 40
    poor = [(name, ink, paper) for name, ink, paper in found if contrast(ink, paper) < 4.5]
    assert not poor


def luminance(colour: str) -> float:
    """WCAG 2.2's relative luminance of `rgb(r, g, b)`."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(ink: str, ground: str) -> float:
    bright, dark = sorted((luminance(ink), luminance(ground)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def told(page: Any) -> list[tuple[str, str, dict[str, Any]]]:
    """What a screen reader is told: role, name, and all of the node."""
    tree = page.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    return [
        (node["role"]["value"], node.get("name", {}).get("value", ""), node)
        for node in tree
        if not node["ignored"] and "role" in node
    ]


def test_all_controls_have_names_and_places(open_page: Open, outputs: list[Item]) -> None:
    page = open_page(outputs, "#a/1")
    nodes = told(page)
    controls = {
        "button",
        "link",
        "combobox",
        "searchbox",
        "textbox",
        "checkbox",
        "option",
        "DisclosureTriangle",
        "dialog",
    }
    named = [(role, name) for role, name, _ in nodes if role in controls]
    assert len(named) > 15 and all(name.strip() for _, name in named), named
    assert {"main", "navigation", "search", "banner", "contentinfo"} <= {role for role, *_ in nodes}
    items = page.find_elements("css selector", "#list li")
    assert [(item.get_attribute("aria-posinset"), item.get_attribute("aria-setsize")) for item in items[:2]] == [
        ("1", "8"),
        ("2", "8"),
    ]
    assert page.find_element("id", "count").get_attribute("role") == "status"
    assert page.execute_script("return document.documentElement.lang") == "en"


@pytest.mark.parametrize(("width", "address"), [(1280, "#a/1"), (360, ""), (360, "#a/1")])
def test_there_is_one_title_and_no_level_of_headings_is_skipped(
    open_page: Open, outputs: list[Item], width: int, address: str
) -> None:
    levels = [
        next(each["value"]["value"] for each in node["properties"] if each["name"] == "level")
        for role, _, node in told(open_page(outputs, address, width=width))
        if role == "heading"
    ]
    assert levels[0] == 1 and levels.count(1) == 1 and len(levels) > 1, levels
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels


def test_rows_left_out_are_counted_on_the_page(open_page: Open, outputs: list[Item]) -> None:
    gone = [Dropped(f"out.jsonl:{n}", "show", DropReason.BAD_ROW, "is no JSON object") for n in range(1, 61)]
    page = open_page(outputs, dropped=gone)
    summary = page.find_element("css selector", "#left-out summary")
    assert summary.text == "60 rows could not be shown, the first 50 of them"
    summary.click()
    assert "out.jsonl:1: is no JSON object" in page.find_element("id", "left-out").text


def test_a_filter_of_very_many_values_offers_the_frequent_ones(open_page: Open, outputs: list[Item]) -> None:
    items = [replace(outputs[0], id=str(n), groups={"source": f"s{n:03}"}) for n in range(150)]
    page = open_page([*items, replace(items[149], id="again")], "#?Source=s120")
    assert len(options(page, "Source (100 most frequent)")) == 1 + 100 + 1  # any, the hundred, and the one that is set
    assert count(page) == "1 of 151 rows"
    assert "s149 (2)" in options(page, "Source")


def test_the_page_needs_a_file_and_nothing_else(open_page: Open, outputs: list[Item], tmp_path: Path) -> None:
    page = open_page(outputs)
    loaded = page.execute_script("return performance.getEntriesByType('resource').map((entry) => entry.name)")
    assert [each for each in loaded if not each.startswith("data:")] == []
