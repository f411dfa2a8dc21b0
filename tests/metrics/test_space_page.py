"""The pages of the metrics, opened as a Space opens them (`python app.py` in a copy of the folder) and then used."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lemma_hf.metrics import METRICS, metric_path
from lemma_hf.metrics.space._limits import LARGEST_BODY

pytestmark = pytest.mark.slow
REPOSITORY = Path(__file__).resolve().parents[2]
CORRECTS = "It is \\boxed{62}. Wait, that is wrong: \\boxed{72}"
HANGS = r"\boxed{\int_0^\infty \frac{\sin^{7} x}{x^{5}+1} dx}"

# Every process of the page notes whom it wants to reach besides this machine, and does not get there.
GUARD = """
import os, socket
resolve, connect = socket.getaddrinfo, socket.socket.connect
def check(host):
    if host not in (None, "", "127.0.0.1", "localhost", "::1", "0.0.0.0", b"127.0.0.1", b"localhost"):
        with open(os.environ["GUARD_LOG"], "a") as log:
            log.write(f"{host}\\n")
        raise OSError(f"no network in a test: {host}")
def getaddrinfo(host, *rest, **more):
    check(host)
    return resolve(host, *rest, **more)
def connected(self, address):
    if self.family in (socket.AF_INET, socket.AF_INET6):
        check(address[0])
    return connect(self, address)
socket.getaddrinfo, socket.socket.connect = getaddrinfo, connected
"""


@dataclass(frozen=True)
class Page:
    """A page that is open."""

    url: str
    folder: Path
    log: Path

    def contacts(self) -> str:
        """Hosts it wanted to reach."""
        return self.log.read_text() if self.log.exists() else ""


def start(name: str, folder: Path) -> Iterator[Page]:
    space, guard = folder / "space", folder / "guard"
    shutil.copytree(metric_path(name), space, ignore=shutil.ignore_patterns("__pycache__"))
    guard.mkdir()
    (guard / "sitecustomize.py").write_text(GUARD)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GRADIO_")}
    environment |= {
        "PYTHONPATH": f"{guard}{os.pathsep}{REPOSITORY}",
        "GUARD_LOG": str(folder / "contacts.txt"),
        "GRADIO_SERVER_PORT": str(port),
        "GRADIO_TEMP_DIR": str(folder / "gradio"),
        "HOME": str(folder),
    }
    page = Page(f"http://127.0.0.1:{port}", space, folder / "contacts.txt")
    with (folder / "app.log").open("wb") as log:
        app = subprocess.Popen([sys.executable, "app.py"], cwd=space, env=environment, stdout=log, stderr=log)
    try:
        for _ in range(600):
            assert app.poll() is None, (folder / "app.log").read_text()
            try:
                urllib.request.urlopen(page.url, timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        yield page
    finally:
        app.terminate()
        app.wait(20)


@pytest.fixture(scope="module")
def maths(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    pytest.importorskip("gradio")
    yield from start("lemma_math", tmp_path_factory.mktemp("lemma_math"))


@pytest.fixture(scope="module")
def reflection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    pytest.importorskip("gradio")
    yield from start("lemma_reflection", tmp_path_factory.mktemp("lemma_reflection"))


def client(page: Page) -> Any:
    from gradio_client import Client

    return Client(page.url, verbose=False, analytics_enabled=False)


@pytest.mark.parametrize(
    ("output", "reference", "outcome", "extracted", "rule"),
    [
        (CORRECTS, "72", "right", "72", "boxed>number"),
        (r"\boxed{\int_0^1 x^2 dx}", r"\frac{1}{3}", "right", r"\int_0^1 x^2 dx", "boxed>symbolic"),
        ("The answer is 17.", "72", "wrong", "17", "answer_is>number"),
        (r"First 18, then \boxed{20", "18", "no_answer", None, "boxed>cut_off"),
        (r"\boxed{7}", "None", "unreadable_reference", "7", "reference"),
    ],
)
def test_a_program_gets_the_verdict_as_plain_values(maths, output, reference, outcome, extracted, rule):
    found = client(maths).predict(output, reference, api_name="/grade")
    assert (found["outcome"], found["extracted"], found["rule"]) == (outcome, extracted, rule)


def test_a_program_gets_what_second_thoughts_did(reflection):
    found = client(reflection).predict(CORRECTS, "72", "math", api_name="/grade")
    assert (found["change"], found["first"], found["final"], found["turns"]) == ("fixed", "62", "72", [18])


def test_the_page_of_gsm8k_opens_and_grades_too(tmp_path):
    pytest.importorskip("gradio")
    for page in start("lemma_gsm8k", tmp_path):
        found = client(page).predict("8 * 9 = 72\n#### 72", "72", api_name="/grade")
        assert (found["outcome"], found["rule"]) == ("right", "####>number")


def test_multiple_choice_is_read_as_letters(maths):
    found = client(maths).predict("Of these B", "B", "aqua", api_name="/grade")
    assert (found["outcome"], found["rule"]) == ("right", "last_letter>choice")


def test_several_at_once_wait_for_none_that_hangs(maths):
    asker = client(maths)
    with ThreadPoolExecutor(7) as threads:
        hanging = threads.submit(asker.predict, HANGS, "3", api_name="/grade")
        time.sleep(0.3)
        others = [threads.submit(asker.predict, rf"\boxed{{{n}}}", "3", api_name="/grade") for n in range(6)]
        found = [each.result()["outcome"] for each in others]
        assert not hanging.done()
        assert found == ["right" if n == 3 else "wrong" for n in range(6)]
        assert hanging.result()["outcome"] == "timeout"


def test_what_is_too_long_or_no_text_is_refused_with_a_message(maths):
    from gradio_client.exceptions import AppError

    asker = client(maths)
    with pytest.raises(AppError, match="20,001 characters; this page takes at most 20,000"):
        asker.predict("1" * 20_001, "1", api_name="/grade")
    with pytest.raises(AppError, match="must be text, but it is NoneType"):
        asker.predict(None, "1", api_name="/grade")
    assert asker.predict("1", "1", api_name="/grade")["outcome"] == "right"


@pytest.mark.parametrize("route", ["queue/join", "upload"])
@pytest.mark.parametrize("says_its_size", [True, False])
def test_a_request_of_any_size_is_not_read(maths, route, says_its_size):
    def status(size: int) -> int:
        body = b"x" * size if says_its_size else iter([b"x" * 1000] * (size // 1000 + 1))  # an iterator goes in chunks
        request = urllib.request.Request(f"{maths.url}/gradio_api/{route}", body, method="POST")
        request.add_header("Content-Type", "application/json")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=20)
        return refused.value.code

    assert status(LARGEST_BODY + 1) == 413
    assert status(1000) in (400, 422, 500)  # read, and then of no use


def test_the_files_of_the_space_are_not_served(maths):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{maths.url}/gradio_api/file={maths.folder / 'requirements.txt'}", timeout=20)
    assert refused.value.code in (403, 404)


@pytest.fixture(scope="module")
def browser(open_browser: Callable[[], Any]) -> Iterator[Any]:
    """One for all tests of the pages."""
    found = open_browser()
    yield found
    found.quit()


def wait_for(browser: Any, script: str, seconds: float = 40) -> None:
    from selenium.webdriver.support.ui import WebDriverWait

    WebDriverWait(browser, seconds, poll_frequency=0.05).until(lambda found: found.execute_script(script), script)


def visit(browser: Any, page: Page, width: int, height: int = 900) -> None:
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(page.url)
    wait_for(browser, "return document.querySelector('#verdict section') && document.querySelector('#output textarea')")


def write(browser: Any, output: str, reference: str) -> None:
    """Paste into both texts; the page hears of it as of a person's pasting."""
    for box, text in (("output", output), ("reference", reference)):
        browser.execute_script(
            "const box = document.querySelector(`#${arguments[0]} :is(textarea, input)`);"
            "box.value = arguments[1]; box.dispatchEvent(new Event('input', {bubbles: true}))",
            box,
            text,
        )


def verdict_of(browser: Any, ask: Any) -> str:
    """What the page says after `ask`."""
    browser.execute_script("document.querySelector('#verdict section').id = 'earlier'")
    ask()
    wait_for(browser, "return document.querySelector('#verdict section:not(#earlier)')")
    return str(browser.execute_script("return document.querySelector('#verdict section').innerText"))


PLACE = "const place = document.querySelector('#verdict h2').getBoundingClientRect(); "


def press_grade(browser: Any) -> None:
    browser.find_element("css selector", "#grade").click()


def test_a_person_sees_the_verdict_and_why(browser, maths):
    visit(browser, maths, 1200)
    write(browser, CORRECTS, "72")
    said = verdict_of(browser, lambda: press_grade(browser))
    assert said.startswith("✓ Right") and "read from the last \\boxed{…}" in said and "exact numbers" in said
    assert browser.execute_script("return document.querySelector('#verdict mark').textContent") == r"\boxed{72}"
    write(browser, "The answer is 17.", "72")
    assert verdict_of(browser, lambda: press_grade(browser)).startswith("✗ Wrong")
    write(browser, r"\boxed{", "72")
    assert verdict_of(browser, lambda: press_grade(browser)).startswith("– No answer")
    write(browser, r"\boxed{7}", "nan")
    assert verdict_of(browser, lambda: press_grade(browser)).startswith("? Unreadable reference")
    write(browser, "7" * 20_001, "72")
    assert "at most 20,000" in verdict_of(browser, lambda: press_grade(browser))
    wide = browser.execute_script("return [scrollX, document.documentElement.scrollWidth, innerWidth]")
    assert wide == [0, 1200, 1200]


@pytest.mark.parametrize("page", ["maths", "reflection"])
def test_script_tags_in_a_text_are_shown_as_text(browser, page, request):
    visit(browser, request.getfixturevalue(page), 1200)
    browser.execute_script("window.ran = 0")
    text = "<script>ran = 1</script><img src=x onerror='ran = 1'> ${ran = 1} {{ran}} <b>7</b> The answer is 7."
    write(browser, f"1 + 1 = 3. Wait, that is wrong. {text}", f"7{text}")
    said = verdict_of(browser, lambda: press_grade(browser))
    assert text in " ".join(said.split())
    assert browser.execute_script("return document.querySelectorAll('#verdict :is(script, img)').length") == 0
    assert browser.execute_script("return ran") == 0


def test_the_page_is_used_with_the_keyboard_alone(browser, maths):
    from selenium.webdriver.common.keys import Keys

    visit(browser, maths, 1200)
    box = browser.find_element("css selector", "#output textarea")
    box.send_keys(Keys.CONTROL, "a")
    box.send_keys(Keys.NULL, "The answer is 5")
    said = verdict_of(browser, lambda: box.send_keys(Keys.SHIFT, Keys.ENTER))
    assert "answer_is" in said and "5" in said
    # From the first text to the last example with the tabulator, and an example with the space bar.
    reached = []
    for _ in range(20):
        browser.switch_to.active_element.send_keys(Keys.TAB)
        reached.append(browser.switch_to.active_element.text)
        if reached[-1] == "Cut off":
            break
    assert "Grade" in reached and reached[-1] == "Cut off"
    assert verdict_of(browser, lambda: browser.switch_to.active_element.send_keys(Keys.SPACE)).startswith("– No answer")


def test_on_a_phone_nothing_is_wider_than_the_screen_and_the_verdict_comes_into_view(browser, reflection):
    visit(browser, reflection, 420, 640)
    tries = {each.text: each for each in browser.find_elements("css selector", ".lemma-examples button")}
    said = verdict_of(browser, tries["Breaks a right answer"].click)
    assert "Broken" in said and "over-correction" in said
    kinds = browser.execute_script(
        "return [...document.querySelectorAll('#verdict pre b')].map(each => each.textContent)"
    )
    assert kinds == ["reasoning", "error", "reflection", "correction"]
    assert browser.execute_script(PLACE + "return scrollY + place.top") > 640
    wait_for(browser, PLACE + "return place.top >= -1 && place.bottom <= innerHeight", 5)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 420
    write(browser, "9 * 7 = 62. Wait, no. It is " + "7" * 2000, "72")
    verdict_of(browser, lambda: press_grade(browser))
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 420


def test_neither_the_page_nor_its_server_asks_the_network(browser, maths):
    client(maths).predict(r"\boxed{\int_0^1 x^2 dx}", r"\frac{1}{3}", api_name="/grade")
    visit(browser, maths, 1200)
    hosts = browser.execute_script(
        "return performance.getEntriesByType('resource').map(each => new URL(each.name))"
        ".filter(each => !['data:', 'blob:'].includes(each.protocol)).map(each => each.host)"
    )
    assert len(hosts) > 5 and set(hosts) == {maths.url.removeprefix("http://")}
    assert maths.contacts() == ""


@pytest.mark.parametrize("name", METRICS)
def test_a_space_is_started_by_one_small_file(name):
    source = (Path(metric_path(name)) / "app.py").read_text()
    assert f'run_space("{name}")' in source and len(source.splitlines()) < 10
