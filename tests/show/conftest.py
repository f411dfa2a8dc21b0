"""For the tests of the page: one headless Chromium for all of them, driven by the system's own chromedriver."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from show_browser import wait_for

from lemma_hf.show import Item, html_page


@pytest.fixture(scope="session")
def browser(open_browser: Callable[[], Any]) -> Iterator[Any]:
    """One for all tests of the page."""
    found = open_browser()
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
