"""For all tests: no network, one thread since the models are tiny, and the same random cases in every run.

`--differences` prints what the numerical tests of the trainer measured, as the table in docs/results/trainer.md.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from math import inf
from typing import Any

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_EVALUATE_OFFLINE", "1")

from hypothesis import settings

# A machine under load is no failure, and a red run can be run again. `--hypothesis-profile default` looks further.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")

MEASURED = pytest.StashKey[list[tuple[str, str, float, str]]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--differences", action="store_true", help="print a table of the differences that were measured")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[MEASURED] = []


@pytest.fixture(scope="session")
def check_difference(pytestconfig: pytest.Config) -> Callable[..., None]:
    """Assert that a difference is at most a bound, or (a control, to be seen) above one, and keep it for the table."""

    def check(mode: str, against: str, difference: float, *, at_most: float = inf, above: float = -inf) -> None:
        bound = f"≤ {at_most:.0e}" if at_most < inf else f"> {above:.0e}"
        pytestconfig.stash[MEASURED].append((against, mode, difference, "0" if at_most == 0 else bound))
        assert above < difference <= at_most, f"{mode}: {difference} from {against}, but {bound} is asked"

    return check


_CHROMIUM = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage"
)


@pytest.fixture(scope="session")
def open_browser(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Any]:
    """Opens a Chromium without a window; skips where there is none with its driver. Whoever opens one quits it."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.skip("chromium and chromedriver are not installed (Debian: apt-get install chromium chromium-driver)")
    webdriver = pytest.importorskip("selenium.webdriver")

    def open_one() -> Any:
        options = webdriver.ChromeOptions()
        options.binary_location = chromium
        for argument in (*_CHROMIUM.split(), f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        found = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
        found.set_script_timeout(30)
        return found

    return open_one


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if not config.getoption("--differences"):
        return
    terminalreporter.section("differences")
    for line in _table(config.stash[MEASURED]):
        terminalreporter.write_line(line)


def _table(rows: list[tuple[str, str, float, str]]) -> Iterator[str]:
    yield "| held against | mode | largest difference | asked |"
    yield "| --- | --- | --: | --: |"
    first = list(dict.fromkeys(against for against, *_ in rows))
    for against, mode, difference, bound in sorted(rows, key=lambda row: first.index(row[0])):
        yield f"| {against} | {mode} | {f'{difference:.1e}' if difference else '0'} | {bound} |"
