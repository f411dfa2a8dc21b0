"""Size and speed of the page of `lemma-hf show` for 10,000 rows, in a real Chromium, from a file.

    python benchmarks/show.py

The shipped rows five times, each in five fresh browsers; medians. Needs `chromium`, `chromedriver` and selenium.
"""

import shutil
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from lemma_hf.show import html_page, read_items

ROUNDS = 5
_FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --window-size=1280,900"
)
# Notes when the count of rows first stands in the page.
_WATCH = """new MutationObserver(() => {
  const count = document.getElementById('count');
  if (count && /row/.test(count.textContent) && !window.stood) window.stood = performance.now();
}).observe(document, {subtree: true, childList: true, characterData: true})"""
_PAINT = "return performance.getEntriesByType('paint').find(e => e.name == 'first-contentful-paint').startTime"
_FILTER = """const choice = document.querySelectorAll('#facets select')[0];
choice.value = choice.options[1].value;
const start = performance.now();
choice.dispatchEvent(new Event('change'));
document.body.offsetHeight;
return performance.now() - start"""
_SEARCH = """const done = arguments[0], query = document.getElementById('query');
document.getElementById('clear').click();
const before = document.getElementById('count').textContent, start = performance.now();
query.value = 'answer 12';
query.dispatchEvent(new Event('input'));
const look = () => document.getElementById('count').textContent != before
  ? done(performance.now() - start) : setTimeout(look, 0);
look()"""


def browser(profile: str) -> Any:
    options = Options()
    options.binary_location = shutil.which("chromium") or "chromium"
    for flag in _FLAGS.split():
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={profile}")
    return webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))


def measure(page: Path, profile: str) -> dict[str, float]:
    """Milliseconds, in one fresh browser."""
    driver = browser(profile)
    try:
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _WATCH})
        driver.get(page.as_uri())
        while not (stood := driver.execute_script("return window.stood")):
            time.sleep(0.05)
        time.sleep(0.3)
        return {
            "first paint": driver.execute_script(_PAINT),
            "rows stand": stood,
            "a filter": driver.execute_script(_FILTER),
            "a search": driver.execute_async_script(_SEARCH),
        }
    finally:
        driver.quit()


def main() -> None:
    shipped = read_items("lemma").items
    many = [replace(item, id=f"{item.id}#{copy}") for copy in range(5) for item in shipped]
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        start = time.monotonic()
        page.write_text(html_page(many, "10,000 rows"), "utf-8")
        print(f"{len(many):,} rows: {page.stat().st_size / 1e6:.1f} MB, written in {time.monotonic() - start:.1f} s\n")
        rounds = [measure(page, f"{folder}/profile-{number}") for number in range(ROUNDS)]
    print("| what | ms [least, most] |\n| --- | --: |")
    for name in rounds[0]:
        times = [each[name] for each in rounds]
        print(f"| {name} | {statistics.median(times):.0f} [{min(times):.0f}, {max(times):.0f}] |")


if __name__ == "__main__":
    main()
