"""For the tests of the page: one headless Chromium for all of them, driven by the system's own chromedriver."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from show_browser import wait_for

from lemma_hf.show import Item, html_page

_ARGUMENTS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage"
)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Skips where there is no Chromium with its driver."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.skip("chromium and chromedriver are not installed (Debian: apt-get install chromium chromium-driver)")
    webdriver = pytest.importorskip("selenium.webdriver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in _ARGUMENTS.split():
        options.add_argument(argument)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('chromium')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    found = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    found.set_script_timeout(30)
    yield found
    found.quit()


@pytest.fixture
def open_page(browser: Any, tmp_path: Path) -> Callable[..., Any]:
    """Write a page of these items and open it from the disk, in a window of this size; waits until its rows stand."""

    def opened(items: list[Item], address: str = "", *, width: int = 1280, height: int = 900, **more: Any) -> Any:
        path = tmp_path / "page.html"
        path.write_text(html_page(items, "made up", **more), encoding="utf-8")
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        browser.get("about:blank")  # or an address that differs by its # only would load nothing
        browser.get(f"{path.as_uri()}{address}")
        wait_for(browser, "return !/Opening/.test(document.getElementById('count').textContent)")
        return browser

    return opened
